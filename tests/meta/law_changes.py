"""Every date and number of the law files changed by a little, one at a time, each in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from core.errors import LawFileInvalid
from core.law import LAW_FOLDERS, ROOT, Law, current_law
from core.law_files import read_parameter
from core.nations import GREAT_BRITAIN

A_DAY = timedelta(days=1)
FILES = sorted(path for folder in LAW_FOLDERS for path in (ROOT / folder).glob("*.yaml"))


@dataclass(frozen=True)
class Change:
    """One change of one file: the parameter, what was changed, and the file's document after it."""

    parameter: str
    what: str
    document: dict[str, Any]

    @property
    def is_reckoned_with(self) -> bool:
        """Whether it is of the law, and not of when we read it or when a change is expected."""
        return "last_checked" not in self.what and "expected" not in self.what and not self.what.startswith("planned")

    @property
    def is_of_the_value(self) -> bool:
        """Whether a number in force was changed."""
        return self.what.startswith("values") and ".value " in self.what

    def law(self, folder: Path) -> Law | None:
        """The law with this file in place of its own; None where the change breaks the file, which nobody can miss."""
        path = folder / f"{self.parameter}.yaml"
        path.write_text(yaml.safe_dump(self.document, sort_keys=False), encoding="utf-8")
        try:
            changed = read_parameter(path)
        except LawFileInvalid:
            return None
        return Law({each.name: each for each in current_law().parameters()} | {changed.name: changed})


def changes(path: Path) -> Iterator[Change]:
    """Every change of one file."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    for list_name in ("values", "planned"):
        for place in range(len(document.get(list_name, []))):
            for what, changed in _of_entry(document, list_name, place):
                yield Change(path.stem, f"{list_name}[{place}].{what}", changed)


def _of_entry(document: dict[str, Any], list_name: str, place: int) -> Iterator[tuple[str, dict[str, Any]]]:
    entry = document[list_name][place]
    for what, value in _other_values(entry["value"]):
        yield f"value {what}", _with(document, list_name, place, value=value)
    for days in (A_DAY, -A_DAY):
        checked = entry["last_checked"] + days
        yield f"last_checked {checked}", _with(document, list_name, place, last_checked=checked)
        if "unless" in entry:
            saving = {**entry["unless"], "before": entry["unless"]["before"] + days}
            yield f"unless.before {saving['before']}", _with(document, list_name, place, unless=saving)
        if "from" in entry:
            yield f"from {entry['from'] + days}", _moved(document, place, days)
            yield (
                f"from {entry['from'] + days} alone",
                _with(document, list_name, place, **{"from": entry["from"] + days}),
            )
        if "to" in entry:
            yield f"to {entry['to'] + days} alone", _with(document, list_name, place, to=entry["to"] + days)
    if "expected" in entry:
        later = f"{int(entry['expected'][:4]) + 1}{entry['expected'][4:]}"
        yield f"expected {later}", _with(document, list_name, place, expected=later)


def _other_values(value: Any) -> Iterator[tuple[str, Any]]:
    """The same value with each of its numbers changed by the least that can be."""
    if isinstance(value, bool):
        yield str(not value), not value
    elif isinstance(value, int):
        yield from ((str(other), other) for other in (value + 1, value - 1))
    elif isinstance(value, str):
        yield from _other_texts(value)
    elif isinstance(value, list) and isinstance(value[0], dict):
        yield from _other_bands(value)
    elif isinstance(value, list):
        yield "without its last word", value[:-1]


def _other_texts(value: str) -> Iterator[tuple[str, str]]:
    """A fraction a little smaller and larger; a statement with another word."""
    if value.replace("/", "").isdigit():
        share = Fraction(value)
        others = (Fraction(share.numerator, share.denominator + 1), share + Fraction(1, 100_000))
        yield from ((str(other), str(other)) for other in others)
    elif " " in value:
        yield "with another word", value.replace("dismissal", "dismissing", 1)


def _other_bands(value: list[dict[str, int | None]]) -> Iterator[tuple[str, list[dict[str, int | None]]]]:
    for place, band in enumerate(value):
        for key, number in band.items():
            if number is not None:
                yield f"[{place}].{key} + 1", [*value[:place], {**band, key: number + 1}, *value[place + 1 :]]


def _with(document: dict[str, Any], list_name: str, place: int, **keys: Any) -> dict[str, Any]:
    changed = deepcopy(document)
    changed[list_name][place] |= keys
    return changed


def _moved(document: dict[str, Any], place: int, days: timedelta) -> dict[str, Any]:
    """A value that begins sooner or later, the value before it ending the day before: a file that reads well."""
    changed = deepcopy(document)
    entry = changed["values"][place]
    begins: date = entry["from"]
    nations = set(entry.get("nations", GREAT_BRITAIN))
    for other in changed["values"]:
        if other.get("to") == begins - A_DAY and nations & set(other.get("nations", GREAT_BRITAIN)):
            other["to"] += days
    entry["from"] = begins + days
    return changed
