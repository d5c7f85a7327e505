"""What a fact of a message may look like: its type in `message.yaml`, and the check of a value against it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.errors import BadInput, ConfigurationError

LINE_BREAK = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
"""What is no letter at all, the numbers that Unicode keeps from being one among them: no paper can hold it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact a message needs. `kind` is a key of `CHECKS`, or `choice` or `rows` with their details."""

    name: str
    kind: str
    what: str
    optional: bool = False
    choices: tuple[str, ...] = ()
    columns: tuple[Fact, ...] = ()

    @property
    def wanted(self) -> str:
        """The fact's type in words."""
        said = " or ".join(self.choices) if self.kind == "choice" else WORDS[self.kind]
        return f"{said} ({self.what})" + (", or null" if self.optional else "")


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not CONTROL.search(value)


def _line(value: object) -> bool:
    return _text(value) and not LINE_BREAK.search(str(value))


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _date(value: object) -> bool:
    if not isinstance(value, str):
        return type(value) is date
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _list_of(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list | tuple) and all(check(each) for each in value)


def _counts(value: object) -> bool:
    return isinstance(value, Mapping) and all(_line(str(key)) and _number(count) for key, count in value.items())


def _words(value: object) -> bool:
    return isinstance(value, Mapping) and all(_line(key) and _text(words) for key, words in value.items())


def _ref(value: object) -> bool:
    return _line(value) or _number(value)


CHECKS: Mapping[str, Callable[[object], bool]] = {
    "line": _line,
    "ref": _ref,
    "text": _text,
    "number": _number,
    "pence": _number,
    "flag": lambda value: isinstance(value, bool),
    "date": _date,
    "lines": _list_of(_line),
    "texts": _list_of(_text),
    "dates": _list_of(_date),
    "days": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "counts": _counts,
    "words": _words,
}
WORDS: Mapping[str, str] = {
    "line": "text on one line",
    "ref": "text on one line or a number",
    "text": "text",
    "number": "a whole number, 0 or more",
    "pence": "whole pence, 0 or more",
    "flag": "true or false",
    "date": "a date such as 2026-12-01",
    "lines": "a list of texts on one line each",
    "texts": "a list of texts",
    "dates": "a list of dates",
    "days": "a whole number of days, negative when past",
    "counts": "whole numbers by name",
    "words": "texts by name",
    "rows": "a list of rows",
    "record": "one row",
}


def checked(where: str, fact: Fact, facts: Mapping[str, Any]) -> Any:
    """The value of `fact` in `facts`, in JSON spelling; raises `BadInput` naming `where`, never the value."""
    if fact.name not in facts:
        raise BadInput(field=where, found="nothing", wanted=fact.wanted)
    value = facts[fact.name]
    if value is None and fact.optional:
        return None
    if fact.kind == "rows":
        return _checked_rows(where, fact, value)
    if fact.kind == "record":
        return _checked_rows(where, fact, [value])[0]
    good = value in fact.choices if fact.kind == "choice" else CHECKS[fact.kind](value)
    if not good:
        raise BadInput(field=where, found=_shown(value), wanted=fact.wanted)
    return str(value) if fact.kind == "ref" else _plain(value)


def _checked_rows(where: str, fact: Fact, value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list | tuple) or not all(isinstance(row, Mapping) for row in value):
        raise BadInput(field=where, found=_shown(value), wanted=fact.wanted)
    known = [column.name for column in fact.columns]
    for number, row in enumerate(value):
        for extra in [name for name in row if name not in known]:
            raise BadInput(field=f"{where}[{number}].{extra}", found="a key it does not know", wanted=", ".join(known))
    return [
        {
            column.name: checked(f"{where}[{number}].{column.name}", column, _with_nulls(row, fact.columns))
            for column in fact.columns
        }
        for number, row in enumerate(value)
    ]


def _with_nulls(row: Mapping[str, Any], columns: tuple[Fact, ...]) -> dict[str, Any]:
    # In a row, an optional column may be left out: a workplace without a number has no key for it.
    return {**{column.name: None for column in columns if column.optional}, **row}


def _shown(value: object) -> str:
    # A fact may be personal: an error shows its type, not its content.
    return f"a value of type {type(value).__name__}" if value is not None else "null"


def _plain(value: Any) -> Any:
    """The JSON spelling: dates as ISO text, keys as text."""
    if type(value) is date:
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def fact_of(where: str, name: str, told: Mapping[str, Any]) -> Fact:
    """One entry under `facts` of a `message.yaml`."""
    if not isinstance(name, str):
        raise ConfigurationError(f"{where}: facts: found the name {name!r}, wanted text; put it in quotes.")
    kind = str(told["type"])
    optional = kind.endswith("?")
    kind = kind.removesuffix("?")
    if kind not in {*WORDS, "choice"}:
        wanted = ", ".join([*WORDS, "choice"])
        raise ConfigurationError(f"{where}: facts.{name}.type: found {kind!r}, wanted one of {wanted}.")
    return Fact(
        name=name,
        kind=kind,
        what=str(told["what"]),
        optional=optional,
        choices=tuple(str(each) for each in told.get("choices", ())),
        columns=tuple(fact_of(where, column, details) for column, details in told.get("rows", {}).items()),
    )
