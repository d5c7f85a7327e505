"""Two laws compared, key by key: what a proposed folder or a commencement changes, and by which word of the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from app.law_words import dated, shown
from core.calendar import in_words
from core.law import Law, LegalValue, Parameter, current_law
from core.nations import GREAT_BRITAIN

Document = dict[str, Any]
Keys = Mapping[str, Callable[[Any], str | None]]


def _day(day: date | None) -> str | None:
    return in_words(day) if day else None


def _saving(value: LegalValue) -> str | None:
    saving = value.saving
    return f"{saving.event} before {in_words(saving.before)}" if saving else None


HEAD: Keys = {
    "label": lambda parameter: parameter.label,
    "unit": lambda parameter: parameter.unit,
    "keyed_on": lambda parameter: parameter.keyed_on,
}
OF_A_VALUE: Keys = {
    "value": shown,
    "from": lambda value: _day(value.from_),
    "to": lambda value: _day(value.to),
    "nations": lambda value: ", ".join(value.nations),
    "unless": _saving,
    "citation": lambda value: str(value.citation),
    "url": lambda value: value.citation.url,
    "certainty": lambda value: value.certainty.value,
    "change": lambda value: value.change,
    "expected": lambda value: value.expected,
    "note": lambda value: value.note,
}
"""Every key of the files but `last_checked`, which says when somebody looked and not what the law is."""


def differences(before: Law, after: Law) -> list[Document]:
    """The parameters that differ between two laws: each value of both, and each key that differs, in words."""
    was, now = ({parameter.name: parameter for parameter in law.parameters()} for law in (before, after))
    found = []
    for name in sorted({*was, *now}):
        changes = _changes(was.get(name), now.get(name))
        if changes:
            found.append(
                {
                    "parameter": name,
                    "was": _values(was.get(name)),
                    "now": _values(now.get(name)),
                    "was_shown": _series(was.get(name)),
                    "now_shown": _series(now.get(name)),
                    "changes": changes,
                }
            )
    return found


def _changes(was: Parameter | None, now: Parameter | None) -> list[Document]:
    """Each key that differs, with what it is a key of; a whole value or file that is new or gone has the key None."""
    if was is None or now is None:
        return [_change("the file", None, *("there" if each else None for each in (was, now)))]
    return [
        *_keys_that_differ("the file", HEAD, was, now),
        *_values_that_differ(was.values, now.values),
        *_values_that_differ(was.planned, now.planned),
    ]


def _values_that_differ(was: Sequence[LegalValue], now: Sequence[LegalValue]) -> list[Document]:
    old, new = ({_place(value): value for value in values} for values in (was, now))
    found: list[Document] = []
    for place in [*old, *(place for place in new if place not in old)]:
        before, after = old.get(place), new.get(place)
        if before is not None and after is not None:
            found += _keys_that_differ(place, OF_A_VALUE, before, after)
        else:
            found.append(_change(place, None, *(shown(each) if each else None for each in (before, after))))
    return found


def _place(value: LegalValue) -> str:
    """Which value of a file this is; what it says may change and it is still this one."""
    first = f"the value from {in_words(value.from_)}" if value.from_ else f"planned {value.change}"
    return first + ("" if value.nations == GREAT_BRITAIN else f" ({', '.join(value.nations)})")


def _keys_that_differ(place: str, keys: Keys, was: object, now: object) -> list[Document]:
    pairs = ((key, told(was), told(now)) for key, told in keys.items())
    return [_change(place, key, before, after) for key, before, after in pairs if before != after]


def _change(place: str, key: str | None, was: str | None, now: str | None) -> Document:
    return {"of": place, "key": key, "from": was, "to": now}


def _values(parameter: Parameter | None) -> list[Document]:
    return list(map(dated, parameter.values)) if parameter else []


def _series(parameter: Parameter | None) -> str:
    """The dated values of a parameter on one line."""
    return "; ".join(map(_dated, parameter.values)) if parameter else "no such parameter"


def _dated(value: LegalValue) -> str:
    place = "" if value.nations == GREAT_BRITAIN else f" in {', '.join(value.nations)}"
    until = f" to {_day(value.to)}" if value.to else ""
    unless = f" unless {_saving(value)}" if value.saving else ""
    return f"{shown(value)} from {_day(value.from_)}{until}{place}{unless}"


def merged(files: Law | None, proposed: Law) -> Law:
    """The law in use with every parameter of a proposed folder in its place."""
    by_name = {parameter.name: parameter for parameter in (files or current_law()).parameters()}
    return Law(by_name | {parameter.name: parameter for parameter in proposed.parameters()})
