"""
From words on a command line to the facts of an act, and back: what an act takes, with an example of each.

The forms' own reading of a model says what kind a field is; the pydantic model stays the only judge of what is good.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import typer
from pydantic import ValidationError

from app.choices import TO_CHOOSE
from app.cli.options import iso_day, whole_number
from app.forms import Field, Kind, fields_of, rows_in
from app.patterns import PATTERNS, wanted_by
from casework.acts import Act, Facts
from core.errors import BadInput

Given = Mapping[str, Sequence[str]]
"""Field names, each with every value given for it."""

SEVERAL = frozenset({Kind.CHOICES, Kind.ITEMS, Kind.LINES, Kind.ROWS})
YES_NO = {"yes": True, "true": True, "no": False, "false": False}
SPELLINGS = re.compile(r"^\w+ should (be |have )?")
RULE_OF_SEVERAL_FIELDS = re.compile(r"(\w+): found (.*), wanted (.*)", re.DOTALL)
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Wrong:
    """One field that cannot be used."""

    field: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.field}: found {self.found}, wanted {self.wanted}."


class WrongFacts(BadInput):
    """Facts that an act cannot use: every field that is wrong, and the fields that the act takes."""

    def __init__(self, act: Act, wrong: Sequence[Wrong]) -> None:
        first = wrong[0]
        super().__init__(field=first.field, found=first.found, wanted=first.wanted)
        self.wrong = tuple(wrong)
        self.args = ("\n".join([*map(str, wrong), f"{act.name} takes:", *described(act)]),)


def fields_of_act(act: Act) -> tuple[Field, ...]:
    """The fields of an act. Which answers a case offers for them is not known here."""
    return fields_of(act.facts, TO_CHOOSE)


def from_words(act: Act, words: Sequence[str]) -> Facts:
    """The facts in words such as `present=22`; a list may be repeated. `WrongFacts` names everything that is wrong."""
    given: dict[str, list[str]] = {}
    wrong = []
    known = {field.name for field in fields_of_act(act)}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in known:
            wrong.append(Wrong(name, shown(value) if equals else "no value", f"FIELD=VALUE with a field of {act.name}"))
        given.setdefault(name, []).append(value)
    if wrong:
        raise WrongFacts(act, wrong)
    return from_given(act, given)


def from_given(act: Act, given: Given) -> Facts:
    """The facts in what was given for each field. `WrongFacts` names everything that is wrong."""
    values: dict[str, Any] = {}
    wrong: list[Wrong] = []
    for field in fields_of_act(act):
        texts = given.get(field.name, ())
        try:
            if texts:
                values[field.name] = _read(field, texts)
        except ValueError:
            wrong.append(Wrong(field.name, shown(" ".join(texts)), wanted(field)))
    return _judged(act, lambda: act.facts.model_validate(values), wrong)


def from_json(act: Act, text: str) -> Facts:
    """The facts in a JSON object, read as strictly as the API reads it."""
    return _judged(act, lambda: act.facts.model_validate_json(text, strict=True), [])


def _judged(act: Act, judge: Callable[[], Facts], wrong: list[Wrong]) -> Facts:
    try:
        facts = judge()
    except ValidationError as invalid:
        unread = {each.field for each in wrong}
        fields = {field.name: field for field in fields_of_act(act)}
        found = [_of_model(fields, told) for told in invalid.errors(include_url=False, include_context=True)]
        raise WrongFacts(act, [*wrong, *(each for each in found if each.field not in unread)]) from None
    if wrong:
        raise WrongFacts(act, wrong)
    return facts


def _of_model(fields: Mapping[str, Field], told: Any) -> Wrong:
    message = str(told["msg"]).removeprefix("Value error, ")
    if several := RULE_OF_SEVERAL_FIELDS.fullmatch(message):
        return Wrong(*several.groups())
    if not told["loc"]:
        return Wrong("facts", shown(told["input"]), f"a JSON object ({message[:1].lower() + message[1:]})")
    name = ".".join(str(part) for part in told["loc"])
    field = fields.get(name)
    if told["type"] == "missing":
        return Wrong(name, "nothing", wanted(field) if field else "a value")
    if told["type"] == "extra_forbidden":
        return Wrong(name, shown(told["input"]), "a field of the act")
    return Wrong(name, shown(told["input"]), wanted_by(told) or asked(message))


def asked(message: str) -> str:
    """
    What pydantic wants, as it follows the word wanted.

    >>> asked("String should have at least 3 characters")
    'at least 3 characters'
    """
    wants = SPELLINGS.sub("", message.removeprefix("Value error, "))
    return f"a number {wants}" if wants.startswith(("greater", "less")) else wants


def shown(value: object) -> str:
    """A value as a message repeats it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _read(field: Field, texts: Sequence[str]) -> Any:
    if field.kind is Kind.ROWS:
        return rows_in(field, "\n".join(texts))
    if field.kind in SEVERAL:
        # An address has commas within its lines, and a clause within its words.
        apart = r"[\n,]" if field.kind in {Kind.CHOICES, Kind.ITEMS} else r"\n"
        parts = [part.strip() for text in texts for part in re.split(apart, text) if part.strip()]
        return [_one(field, part) for part in parts]
    if len(texts) > 1:
        raise ValueError(field.name)
    return _one(field, texts[0].strip())


def _one(field: Field, text: str) -> Any:
    if field.choices and field.kind in {Kind.CHOICE, Kind.CHOICES} and text not in _values(field):
        raise ValueError(text)
    if field.kind is Kind.FLAG:
        if text not in YES_NO:
            raise ValueError(text)
        return YES_NO[text]
    reader = _READERS.get(field.kind)
    try:
        return reader(text) if reader else text
    except typer.BadParameter:
        raise ValueError(text) from None


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.DATE: iso_day,
    Kind.INT: whole_number,
    Kind.MONEY: whole_number,
}


def _values(field: Field) -> tuple[str, ...]:
    return tuple(choice.value for choice in field.choices)


def wanted(field: Field) -> str:
    """What a field takes, in words."""
    if field.choices and field.kind is Kind.CHOICE:
        return f"one of {', '.join(_values(field))}"
    if field.choices and field.kind is Kind.CHOICES:
        return f"any of {', '.join(_values(field))}, separated by commas"
    if field.kind is Kind.ROWS:
        return f"{' | '.join(field.columns)}, given once for each"
    return _WANTED_OF.get(field.name) or _WANTED[field.kind]


_WANTED: Mapping[Kind, str] = {
    Kind.DATE: "a day such as 2026-12-01",
    Kind.INT: "a whole number",
    Kind.MONEY: "a whole number of pence",
    Kind.TEXT: "an answer",
    Kind.LONG_TEXT: "an answer in words",
    Kind.HIDDEN: "as it was shown",
    Kind.FLAG: "yes or no",
    Kind.CHOICE: "an id or a reference",
    Kind.CHOICES: "codes or numbers, separated by commas",
    Kind.LINES: "a line, given once for each",
    Kind.ITEMS: "values, separated by commas",
}
_WANTED_OF: Mapping[str, str] = {
    "served_at": "the address that the register gives, in full",
    "account_ends": PATTERNS["^[0-9]{4}$"],
    "evidence_sha256": PATTERNS["^[0-9a-f]{64}$"],
}
"""What the kind of a field says too little of, by its name."""


def described(act: Act) -> Iterator[str]:
    """A line for each field of an act."""
    fields = fields_of_act(act)
    width = max((len(field.name) for field in fields), default=0)
    for field in fields:
        optional = "" if field.required else " (may be left out)"
        yield f"  {field.name:<{width}}  {field.label}: {wanted(field)}{optional}"
    if not fields:
        yield "  no fields"


def as_document(act: Act) -> dict[str, Any]:
    """An act for a program: its name, label, the roles it is for, and its fields."""
    return {
        "name": act.name,
        "label": act.label,
        "roles": sorted(act.roles),
        "fields": [
            {
                "name": field.name,
                "label": field.label,
                "wanted": wanted(field),
                "required": field.required,
                "several": field.kind in SEVERAL,
                "choices": _values(field),
            }
            for field in fields_of_act(act)
        ],
    }


AN_ID = "0b0e9d3c-5a43-4d0e-9a54-0c3c1a2f7d11"
EXAMPLES: Mapping[str, str] = {
    "happened_on": "2026-09-01",
    "meets_on": "2026-09-08",
    "wake_on": "2027-01-04",
    "asked_on": "2027-01-18",
    "opens_on": "2026-10-20",
    "closes_on": "2026-11-17",
    "scope": "separate",
    "received_on": "2026-10-08",
    "starts_on": "2026-12-07",
    "present": "22",
    "in_favour": "16",
    "ready_for_asos": "20",
    "ready_to_strike": "14",
    "questions": "strike,asos",
    "instructions": "2,6,7",
    "days": "2027-01-27,2027-01-28",
    "on": "2027-01-27",
    "took_part": "18",
    "entitled": "40",
    "cast": "32",
    "strike_yes": "26",
    "strike_no": "5",
    "strike_spoiled": "1",
    "clean": "yes",
    "issue": "meetings",
    "issues": "meetings",
    "broken": "meetings",
    "answer": "refused",
    "reason": "as the committee decided",
    "evidence": "six meetings in four weeks",
    "clauses": "meetings | One meeting a week | 2027-03-01",
    "email": "office@example.org",
    "postal_lines": "1 Broad Street",
    "membership_number": "1042",
    "deducted_pence": "20000",
    "evidence_sha256": "a" * 64,
    "claim": AN_ID,
    "account_ends": "1234",
    "paid": AN_ID,
    "returned_on": "2027-04-01",
    "notice": AN_ID,
    "proved": AN_ID,
    "held": AN_ID,
    "left_out": AN_ID,
    "served_at": "office@oakwood.example, Oakwood School, 1 Broad Street, Anytown AN1 1TN",
    "checked": "the clerk said so on the telephone",
    "how": "handed_over",
    "batch": "P-2027-0001",
    "dispute": "D-2026-0001",
    "officer": AN_ID,
    "note": "the High Court granted an injunction",
    "agreed_on": "2027-01-12",
    "agreement": "the employer's letter of that day",
    "suspends_on": "2027-01-18",
    "resumes_on": "2027-02-08",
    "cancelled": "2027-01-27",
    "caller": "the committee of the Anytown association",
    "call": "leave the school at noon on Friday",
    "known_on": "2027-01-12",
}
MORE_LINES = {"postal_lines": ("Anytown AN1 1TN",)}
ONLY_WHERE_REQUIRED = frozenset({"email", "reason", "resumes_on"})


def example_of(act: Act) -> dict[str, list[str]]:
    """Values that the act's model accepts, by field."""
    return {
        field.name: [_example(field), *MORE_LINES.get(field.name, ())]
        for field in fields_of_act(act)
        if field.required or (field.name in EXAMPLES and field.name not in ONLY_WHERE_REQUIRED)
    }


def _example(field: Field) -> str:
    """One value: where the answers are fixed and ours is none of them, the first of them."""
    named = [choice.value for choice in field.choices]
    given = EXAMPLES.get(field.name)
    return named[0] if named and given not in named else EXAMPLES[field.name]


def example_options(act: Act) -> str:
    """The example as options of a command."""
    pairs = [(option_of(name), value) for name, values in example_of(act).items() for value in values]
    return " ".join(f"{name} {shlex.quote(value)}" for name, value in pairs)


def option_of(name: str) -> str:
    """The option for a field."""
    return f"--{name.replace('_', '-')}"
