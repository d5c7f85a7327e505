"""
From the facts of an act to the fields of a form, and from what was typed back to the facts.

What was typed is never lost: a reading holds it beside its errors, and the page shows both. Messages name the field in
the words of its label; the pydantic model stays the only judge of what is good.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from app.patterns import wanted_by
from app.written_days import as_stored
from casework.acts import KEPT_BY_THE_FORM, SENT_AS_A_FILE, Facts
from casework.issues.catalogue import issues

Posted = Mapping[str, Sequence[str]]
"""Field names as posted, each with every value given for it."""

DATE_PARTS = ("day", "month", "year")
COLUMN = "|"
MONEY = re.compile(r"£?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{2}))?")
WHOLE = re.compile(r"[+-]?\d{1,12}")


class Kind(StrEnum):
    """What a field looks like."""

    DATE = "date"
    INT = "int"
    MONEY = "money"
    TEXT = "text"
    LONG_TEXT = "long_text"
    FLAG = "flag"
    CHOICE = "choice"
    CHOICES = "choices"
    LINES = "lines"
    ITEMS = "items"
    ROWS = "rows"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `columns` names the parts of a row, `example` is what a hint shows."""

    name: str
    label: str
    hint: str
    kind: Kind
    required: bool
    choices: tuple[Choice, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of its first control, where a link of the error summary leads; of one nobody sees, the form's."""
        if self.kind is Kind.HIDDEN:
            return "facts"
        return f"facts-{self.name}-day" if self.kind is Kind.DATE else f"facts-{self.name}"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `name` is empty for what concerns the form as a whole."""

    name: str
    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Facts, or the errors that kept them from being facts."""

    facts: Facts | None
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A field with what was typed in it and what is wrong with that."""

    field: Field
    text: str
    parts: Mapping[str, str]
    chosen: tuple[str, ...]
    error: str | None


class _Unreadable(ValueError):
    """What was typed is no value of the field's kind; the message completes its label."""


YES_OR_NO = (Choice("true", "Yes"), Choice("false", "No"))


def _catalogue() -> tuple[Choice, ...]:
    return tuple(Choice(each.code, each.title) for each in issues())


# Text fields whose answers stand in a table of the program.
NAMED_CHOICES: Mapping[str, Callable[[], tuple[Choice, ...]]] = {"issue": _catalogue}

Choices = Mapping[str, tuple[Choice, ...]]
"""Answers that depend on the case, by field: its claims, its notices."""
NO_CHOICES: Choices = types.MappingProxyType({})


def fields_of(model: type[BaseModel], choices: Choices = NO_CHOICES) -> tuple[Field, ...]:
    """The fields of a form for a model, in the model's order; not those whose file is sent instead."""
    asked = {name: told for name, told in model.model_fields.items() if told.json_schema_extra != SENT_AS_A_FILE}
    return tuple(_field(name, told, choices) for name, told in asked.items())


def read(model: type[Facts], posted: Posted, choices: Choices = NO_CHOICES) -> Reading:
    """The facts that were typed, or every error at once, in the words of a form with these choices."""
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    fields = {field.name: field for field in fields_of(model, choices)}
    for field in fields.values():
        try:
            value = _typed(field, posted)
        except _Unreadable as unreadable:
            errors.append(_error(field, str(unreadable)))
        else:
            if value is not None:
                values[field.name] = value
    unread = {error.name for error in errors}
    try:
        facts = model.model_validate(values)
    except ValidationError as invalid:
        for told in invalid.errors(include_url=False, include_context=True):
            error = _of_model(fields, told)
            if error.name not in unread:
                errors.append(error)
        return Reading(None, tuple(sorted(errors, key=lambda error: _place(fields, error))))
    return Reading(None if errors else facts, tuple(errors))


def filled(
    model: type[BaseModel], posted: Posted, errors: Sequence[FieldError] = (), choices: Choices = NO_CHOICES
) -> tuple[Filled, ...]:
    """The fields with what was typed kept, each beside its first error."""
    wrong = {error.name: error.text for error in reversed(errors)}
    return tuple(
        Filled(
            field,
            typed_text(field, posted),
            {part: typed_text(field, posted, part) for part in DATE_PARTS},
            tuple(posted.get(field.name, ())),
            wrong.get(field.name),
        )
        for field in fields_of(model, choices)
    )


def typed_text(field: Field, posted: Posted, part: str = "") -> str:
    """What was typed in a field, or in one part of its date."""
    given = posted.get(f"{field.name}-{part}" if part else field.name, ())
    return given[0] if given else ""


def initial(model: type[BaseModel]) -> Posted:
    """What a fresh form shows: the model's defaults, where they are single values."""
    shown = {}
    for name, told in model.model_fields.items():
        default = told.default
        if isinstance(default, bool):
            shown[name] = ["true" if default else "false"]
        elif isinstance(default, str | int):
            shown[name] = [str(default.value) if isinstance(default, Enum) else str(default)]
    return shown


def _field(name: str, told: FieldInfo, by_case: Choices) -> Field:
    kind, choices, columns = _shape(name, _without_none(told.annotation))
    if name in by_case:
        several = kind in {Kind.CHOICES, Kind.ITEMS, Kind.LINES}
        kind, choices = (Kind.CHOICES if several else Kind.CHOICE), by_case[name]
    label = told.title or name.replace("_", " ").capitalize()
    hint = told.description or ""
    if told.json_schema_extra == KEPT_BY_THE_FORM:
        kind = Kind.HIDDEN
    if kind is Kind.MONEY:
        # The command line and the API take pence; a person types pounds.
        label, hint = label.removesuffix(", in pence"), "In pounds and pence, such as 1,234.56"
    return Field(name, label, hint, kind, told.is_required(), choices, columns)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in {Union, types.UnionType}:
        rest = [each for each in get_args(annotation) if each is not types.NoneType]
        return _without_none(rest[0])
    return annotation


def _shape(name: str, wanted: Any) -> tuple[Kind, tuple[Choice, ...], tuple[str, ...]]:
    if get_origin(wanted) in {list, tuple, set, frozenset}:
        return _many(name, _without_none(get_args(wanted)[0]))
    if get_origin(wanted) is dict:
        return Kind.ROWS, (), ("name", "number")
    if choices := _choices(name, wanted):
        return Kind.CHOICE, choices, ()
    if wanted is bool:
        return Kind.FLAG, YES_OR_NO, ()
    if wanted is int:
        return Kind.MONEY if name.endswith("_pence") else Kind.INT, (), ()
    if wanted is date:
        return Kind.DATE, (), ()
    return Kind.LONG_TEXT if name in {"reason", "text", "notes"} else Kind.TEXT, (), ()


def _many(name: str, item: Any) -> tuple[Kind, tuple[Choice, ...], tuple[str, ...]]:
    if choices := _choices(name, item):
        return Kind.CHOICES, choices, ()
    if isinstance(item, type) and issubclass(item, BaseModel):
        return Kind.ROWS, (), tuple(item.model_fields)
    return (Kind.LINES if item is str else Kind.ITEMS), (), ()


def _choices(name: str, wanted: Any) -> tuple[Choice, ...]:
    if get_origin(wanted) is Literal:
        return tuple(Choice(str(value), _words(str(value))) for value in get_args(wanted))
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return tuple(Choice(str(each.value), _words(str(each.value))) for each in wanted)
    return NAMED_CHOICES[name]() if name in NAMED_CHOICES and wanted is str else ()


SPELLED_OUT = {
    "asos": "Action short of a strike",
    "strike": "A strike",
    "separate": "This school alone",
    "northern-ireland": "Northern Ireland",
    "aggregate": "Every school of the dispute that is ready, in one ballot",
}


def _words(value: str) -> str:
    if value in SPELLED_OUT:
        return SPELLED_OUT[value]
    words = value.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def _typed(field: Field, posted: Posted) -> Any:
    """The value typed in one field, None for an empty one; `_Unreadable` when it is of another kind."""
    if field.kind is Kind.DATE:
        return _date([typed_text(field, posted, part).strip() for part in DATE_PARTS])
    given = posted.get(field.name, ())
    if field.kind is Kind.CHOICES:
        return [each for each in given if each] or None
    # A list may come as one text or as the boxes that were ticked.
    several = field.kind in {Kind.ITEMS, Kind.LINES}
    text = ("\n".join(given) if several else typed_text(field, posted)).replace("\r\n", "\n").strip()
    if not text:
        return None
    reader = _READERS.get(field.kind)
    return reader(field, text) if reader else text


def _date(parts: Sequence[str]) -> date | None:
    if not any(parts):
        return None
    try:
        day, month, year = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        raise _Unreadable("enter a real date with day, month and year in figures") from None


def _whole(_field: Field, text: str) -> int:
    if not WHOLE.fullmatch(text):
        raise _Unreadable("enter a whole number in figures")
    return int(text)


def _pence(_field: Field, text: str) -> int:
    amount = MONEY.fullmatch(text)
    if amount is None:
        raise _Unreadable("enter pounds and pence, such as 1234.56")
    return int(amount[1].replace(",", "")) * 100 + int(amount[2] or 0)


def _lines(_field: Field, text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _items(_field: Field, text: str) -> list[str]:
    return [as_stored(part.strip()) for part in re.split(r"[\n,]", text) if part.strip()]


def rows_in(field: Field, text: str) -> Any:
    """Rows written a line each, their parts apart at a bar; `ValueError` when a line has too many."""
    rows = [[cell.strip() for cell in line.split(COLUMN)] for line in _lines(field, text)]
    for number, cells in enumerate(rows, start=1):
        if len(cells) > len(field.columns):
            raise _Unreadable(f"line {number} has {len(cells)} parts; wanted {', '.join(field.columns)}")
    if field.columns == ("name", "number"):
        return {cells[0]: cells[1] if len(cells) > 1 else "" for cells in rows}
    return [{name: cell for name, cell in zip(field.columns, cells, strict=False) if cell} for cells in rows]


def _flag(_field: Field, text: str) -> bool:
    if text not in {"true", "false"}:
        raise _Unreadable("choose yes or no")
    return text == "true"


_READERS: Mapping[Kind, Callable[[Field, str], Any]] = {
    Kind.INT: _whole,
    Kind.MONEY: _pence,
    Kind.LINES: _lines,
    Kind.ITEMS: _items,
    Kind.ROWS: rows_in,
    Kind.FLAG: _flag,
}


def _error(field: Field, text: str) -> FieldError:
    return FieldError(field.name, f"#{field.id}", f"{field.label}: {text}")


def _of_model(fields: Mapping[str, Field], told: Any) -> FieldError:
    text = _complaint(told)
    # A rule over several fields begins its message with the field to look at.
    named, _, rest = text.partition(": ")
    name = str(told["loc"][0]) if told["loc"] else named
    field = fields.get(name)
    if field is None:
        return FieldError("", "#facts", text[:1].upper() + text[1:])
    where = [f"line {part + 1}" for part in told["loc"][1:] if isinstance(part, int)]
    where += [str(part).replace("_", " ") for part in told["loc"][1:] if isinstance(part, str)]
    said = text if told["loc"] else rest
    if told["type"] == "missing" and not where:
        return _error(field, _WANTED[field.kind])
    return _error(field, ", ".join([*where, said]))


_WANTED: Mapping[Kind, str] = {
    Kind.DATE: "enter a date",
    Kind.INT: "enter a whole number",
    Kind.MONEY: "enter an amount in pounds and pence",
    Kind.TEXT: "enter an answer",
    Kind.LONG_TEXT: "enter an answer",
    Kind.HIDDEN: "open the form again",
    Kind.FLAG: "choose yes or no",
    Kind.CHOICE: "choose one",
    Kind.CHOICES: "choose at least one",
    Kind.LINES: "enter at least one line",
    Kind.ITEMS: "enter at least one",
    Kind.ROWS: "enter at least one line",
}

_COMPLAINTS: Mapping[str, str] = {
    "missing": "is missing",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "wanted at least {min_length}, found {actual_length}",
    "too_long": "wanted at most {max_length}, found {actual_length}",
    "literal_error": "choose one of the answers",
    "enum": "choose one of the answers",
    "int_parsing": "must be a whole number",
    "date_from_datetime_parsing": "must be a date such as 1 December 2026",
    "date_parsing": "must be a date such as 1 December 2026",
}


def _complaint(told: Any) -> str:
    wanted = wanted_by(told)
    words = f"must be {wanted}" if wanted else _COMPLAINTS.get(told["type"])
    if words is not None:
        return words.format(**told.get("ctx", {}))
    message = str(told["msg"]).removeprefix("Value error, ")
    return message if told["type"] == "value_error" else message[:1].lower() + message[1:]


def _place(fields: Mapping[str, Field], error: FieldError) -> int:
    return list(fields).index(error.name) if error.name in fields else len(fields)
