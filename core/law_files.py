"""Reading one law file, and refusing it with a sentence when it breaks the format."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from core.errors import LawFileInvalid
from core.findings import Citation
from core.law import Certainty, LegalValue, Parameter, Saving, Value
from core.nations import GREAT_BRITAIN, Nation

_FILE_KEYS = {"label", "unit", "keyed_on", "values"}
_FILE_OPTIONS = {"planned"}
_VALUE_KEYS = {"value", "citation", "certainty", "last_checked"}
_VALUE_OPTIONS = {"from", "to", "nations", "unless", "note"}
_PLANNED_KEYS = _VALUE_KEYS | {"change"}
_PLANNED_OPTIONS = {"nations", "unless", "note", "expected"}
_CITATION_KEYS = {"act", "provision", "url"}
_SAVING_KEYS = {"event", "before"}

_PARAMETER_NAME = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")
_EVENT_NAME = re.compile(r"[a-z][a-z_]*_on")
_CHANGE_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
_FRACTION = re.compile(r"[1-9][0-9]*/[1-9][0-9]*")

_COUNTS = {"calendar_days", "days", "weeks", "months", "hours", "minutes", "voters", "people", "pence"}


class _Loader(yaml.CSafeLoader):
    """YAML's safe loader in C, which refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.YAMLError(f"the key {twice[0]} stands twice{node.start_mark}")
        return super().construct_mapping(node, deep=deep)


def _construct_yaml_map(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    return loader.construct_mapping(node, deep=True)


def _construct_yaml_timestamp(loader: _Loader, node: yaml.ScalarNode) -> object:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        line = node.start_mark.line + 1
        raise yaml.YAMLError(f"line {line}: found {node.value}, wanted a day of the calendar") from None


_Loader.add_constructor("tag:yaml.org,2002:map", _construct_yaml_map)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _construct_yaml_timestamp)


def read_parameter(path: Path) -> Parameter:
    """Read and check one file. `LawFileInvalid` names the file, the key and what is wrong with it."""
    name = path.stem
    if not _PARAMETER_NAME.fullmatch(name):
        raise LawFileInvalid(path, "file name", f"{name!r} is not a parameter name such as pay.day_fraction")
    document = _mapping(path, "the file", _document(path), _FILE_KEYS, _FILE_OPTIONS)
    head = _Head(path, name, document)
    values = tuple(
        head.value(f"values[{index}]", entry, _VALUE_OPTIONS)
        for index, entry in enumerate(_list(path, "values", document["values"]))
    )
    planned = tuple(
        head.planned(f"planned[{index}]", entry)
        for index, entry in enumerate(_list(path, "planned", document.get("planned", ["none"])))
        if "planned" in document
    )
    return Parameter(name, head.label, head.unit, head.keyed_on, _in_order(path, values), _apart(path, planned))


def _document(path: Path) -> object:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError) as error:
        raise LawFileInvalid(path, "YAML", " ".join(str(error).split())) from None


class _Head:
    """What holds for every value of one file."""

    def __init__(self, path: Path, name: str, document: Mapping[str, Any]) -> None:
        self.path = path
        self.name = name
        self.label = _text(path, "label", document["label"])
        self.unit = _text(path, "unit", document["unit"])
        if self.unit not in _READERS:
            raise LawFileInvalid(path, "unit", f"found {self.unit!r}, wanted one of {', '.join(sorted(_READERS))}")
        self.keyed_on = _event(path, "keyed_on", document["keyed_on"])

    def value(self, key: str, found: object, options: set[str]) -> LegalValue:
        """One dated value."""
        entry = _mapping(self.path, key, found, _VALUE_KEYS, options)
        if "from" not in entry:
            raise LawFileInvalid(self.path, f"{key}.from", "missing; a value without a day belongs in planned")
        return self._legal_value(key, entry)

    def planned(self, key: str, found: object) -> LegalValue:
        """One change that is announced and not in force: it has no dates, and is never looked up."""
        entry = _mapping(self.path, key, found, _PLANNED_KEYS, _PLANNED_OPTIONS)
        planned = self._legal_value(key, entry)
        if planned.certainty is not Certainty.UNCONFIRMED:
            raise LawFileInvalid(self.path, f"{key}.certainty", "a planned change is unconfirmed until it is law")
        return planned

    def _legal_value(self, key: str, entry: Mapping[str, Any]) -> LegalValue:
        path = self.path
        note = entry.get("note")
        value = self._value(f"{key}.value", entry["value"])
        if value is None and note is None:
            raise LawFileInvalid(path, f"{key}.note", "missing; null needs a note saying why the law asks nothing")
        return LegalValue(
            parameter=self.name,
            value=value,
            unit=self.unit,
            keyed_on=self.keyed_on,
            from_=_optional(_date, path, f"{key}.from", entry.get("from")),
            to=_optional(_date, path, f"{key}.to", entry.get("to")),
            citation=_citation(path, f"{key}.citation", entry["citation"]),
            certainty=_certainty(path, f"{key}.certainty", entry["certainty"]),
            last_checked=_date(path, f"{key}.last_checked", entry["last_checked"]),
            nations=_nations(path, f"{key}.nations", entry.get("nations")),
            saving=_optional(_saving, path, f"{key}.unless", entry.get("unless")),
            note=_optional(_text, path, f"{key}.note", note),
            expected=_optional(_text, path, f"{key}.expected", entry.get("expected")),
            change=_optional(_change, path, f"{key}.change", entry.get("change")),
        )

    def _value(self, key: str, found: object) -> Value:
        return None if found is None else _READERS[self.unit](self.path, key, found)


def _in_order(path: Path, values: tuple[LegalValue, ...]) -> tuple[LegalValue, ...]:
    """Close each value on the day before its nation's next one; refuse dates that descend or overlap."""
    closed = list(values)
    for nation in GREAT_BRITAIN:
        places = [place for place, value in enumerate(values) if nation in value.nations]
        if not places:
            raise LawFileInvalid(path, "values", f"none is for {nation}")
        if values[places[0]].saving is not None:
            raise LawFileInvalid(path, f"values[{places[0]}].unless", "there is no older value to go on instead")
        for place, after in pairwise(places):
            closed[place] = _closed_before(path, place, closed[place], values[after])
    return tuple(closed)


def _closed_before(path: Path, place: int, value: LegalValue, after: LegalValue) -> LegalValue:
    assert value.from_ is not None
    assert after.from_ is not None
    if after.from_ <= value.from_:
        raise LawFileInvalid(path, f"values[{place}].from", "dates must ascend: the next value starts no later")
    last = after.from_ - timedelta(days=1)
    if value.to is None:
        raise LawFileInvalid(path, f"values[{place}].to", "missing; only the newest value may stay open")
    if value.to != last:
        fault = "overlaps the next value" if value.to > last else "leaves days without a value"
        raise LawFileInvalid(path, f"values[{place}].to", f"found {value.to}, wanted {last}: it {fault}")
    return value


def _apart(path: Path, planned: tuple[LegalValue, ...]) -> tuple[LegalValue, ...]:
    """Refuse two planned values of one change for one nation: which of them would come into force?"""
    for place, value in enumerate(planned):
        for earlier in planned[:place]:
            if earlier.change == value.change and set(earlier.nations) & set(value.nations):
                raise LawFileInvalid(path, f"planned[{place}].change", f"{value.change!r} stands twice for a nation")
    return planned


def _mapping(path: Path, key: str, found: object, keys: set[str], options: set[str]) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise LawFileInvalid(path, key, f"found {found!r}, wanted keys and values")
    unknown = sorted(str(name) for name in found if name not in keys | options)
    if unknown:
        raise LawFileInvalid(path, f"{key}: {unknown[0]}", "unknown key")
    for name in sorted(keys):
        if name not in found:
            raise LawFileInvalid(path, f"{key}: {name}", "missing")
    return found


def _list(path: Path, key: str, found: object) -> list[Any]:
    if not isinstance(found, list) or not found:
        raise LawFileInvalid(path, key, f"found {found!r}, wanted a list of at least one")
    return found


def _text(path: Path, key: str, found: object) -> str:
    if not isinstance(found, str) or not found.strip():
        raise LawFileInvalid(path, key, f"found {found!r}, wanted text")
    return " ".join(found.split())


def _date(path: Path, key: str, found: object) -> date:
    if not isinstance(found, date) or isinstance(found, datetime):
        raise LawFileInvalid(path, key, f"found {found!r}, wanted a date such as 2026-02-18")
    return found


def _event(path: Path, key: str, found: object) -> str:
    name = _text(path, key, found)
    if not _EVENT_NAME.fullmatch(name):
        raise LawFileInvalid(path, key, f"found {name!r}, wanted the name of a date, ending in _on")
    return name


def _change(path: Path, key: str, found: object) -> str:
    name = _text(path, key, found)
    if not _CHANGE_NAME.fullmatch(name):
        raise LawFileInvalid(path, key, f"found {name!r}, wanted a name in small letters such as end-of-turnout-test")
    return name


def _optional(reader: Callable[[Path, str, object], Any], path: Path, key: str, found: object) -> Any:
    return None if found is None else reader(path, key, found)


def _citation(path: Path, key: str, found: object) -> Citation:
    entry = _mapping(path, key, found, _CITATION_KEYS, set())
    act, provision, url = (_text(path, f"{key}.{name}", entry[name]) for name in ("act", "provision", "url"))
    if not url.startswith("https://"):
        raise LawFileInvalid(path, f"{key}.url", f"found {url!r}, wanted an address starting with https://")
    return Citation(act, provision, url)


def _certainty(path: Path, key: str, found: object) -> Certainty:
    try:
        return Certainty(str(found))
    except ValueError:
        wanted = ", ".join(Certainty)
        raise LawFileInvalid(path, key, f"found {found!r}, wanted one of {wanted}") from None


def _nations(path: Path, key: str, found: object) -> tuple[Nation, ...]:
    if found is None:
        return GREAT_BRITAIN
    names = _list(path, key, found)
    for name in names:
        if name not in GREAT_BRITAIN:
            raise LawFileInvalid(path, key, f"found {name!r}, wanted one of {', '.join(GREAT_BRITAIN)}")
    return tuple(nation for nation in GREAT_BRITAIN if nation in names)


def _saving(path: Path, key: str, found: object) -> Saving:
    entry = _mapping(path, key, found, _SAVING_KEYS, set())
    return Saving(_event(path, f"{key}.event", entry["event"]), _date(path, f"{key}.before", entry["before"]))


def _count(path: Path, key: str, found: object) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise LawFileInvalid(path, key, f"found {found!r}, wanted a whole number")
    return found


def _fraction(path: Path, key: str, found: object) -> Fraction:
    if not isinstance(found, str) or not _FRACTION.fullmatch(found):
        raise LawFileInvalid(path, key, f'found {found!r}, wanted a fraction in quotes such as "1/2"')
    return Fraction(found)


def _flag(path: Path, key: str, found: object) -> bool:
    if not isinstance(found, bool):
        raise LawFileInvalid(path, key, f"found {found!r}, wanted true or false")
    return found


def _words(path: Path, key: str, found: object) -> tuple[str, ...]:
    return tuple(_text(path, key, word) for word in _list(path, key, found))


def _bands(path: Path, key: str, found: object) -> tuple[tuple[int | None, int], ...]:
    bands = []
    for entry in _list(path, key, found):
        band = _mapping(path, key, entry, {"below", "pence"}, set())
        bands.append((_optional(_count, path, key, band["below"]), _count(path, key, band["pence"])))
    return tuple(bands)


_READERS: Mapping[str, Callable[[Path, str, object], Value]] = {
    **dict.fromkeys(_COUNTS, _count),
    "fraction": _fraction,
    "flag": _flag,
    "word": _text,
    "words": _words,
    "statement": _text,
    "pence_by_membership": _bands,
}
