"""
What the page *Plan a ballot* and `/api/plan` are asked, read from the same query parameters.

Nothing typed is lost: every parameter that cannot be used has its error beside it, named in the words of its label.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from app.forms import FieldError, Posted
from app.plans import spans_in
from app.posted import one
from ballots.channels import Channel, Span
from ballots.mandate import ActionKind
from ballots.plan import Wish
from core.errors import BadInput
from core.nations import Nation

LABELS: Mapping[str, str] = {
    "first_action": "First day of action wanted",
    "today": "Today",
    "kind": "Kind of action",
    "channel": "How papers reach the employer",
    "nation": "Nation",
    "opens_for": "Days of voting",
    "offices_closed": "Days on which the employer’s offices are closed",
    "school_closed": "Days on which the school is closed",
    "earlier_action_notice": "Earlier notice of the same action",
    "employer_agrees_shorter_notice": "The employer has agreed to shorter notice",
}
"""The parameters, and what a person reads for each."""

CASE = "case"
"""The case that a plan is for: its reference, whose page and nation go with the plan."""

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
_YES = {"": False, "false": False, "true": True}
DAY_WANTED = "a day such as 2027-01-06"

Kind = TypeVar("Kind", bound=StrEnum)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Asked:
    """The wish that was asked for, or what kept it from being one."""

    wish: Wish | None
    errors: tuple[FieldError, ...]


def read_wish(asked: Posted, today: date | None, holidays: Callable[[Nation], frozenset[date]]) -> Asked:
    """
    The wish in a request's parameters; `today` counts where none is given.

    `holidays` gives the added bank holidays of a nation. Every parameter at fault has an error.
    """
    reading = _Reading(asked)
    given = {
        "first_action_on": reading.value("first_action", None, _day),
        "today": reading.value("today", today, _day),
        "nation": reading.value("nation", Nation.ENGLAND, _one_of(Nation)),
        "channel": reading.value("channel", Channel.EMAIL, _one_of(Channel)),
        "opens_for": reading.value("opens_for", None, _count),
        "agrees_shorter_notice": reading.value("employer_agrees_shorter_notice", False, _flag),
        "earlier_action_notice_on": reading.value("earlier_action_notice", None, _day),
        "kind": reading.value("kind", ActionKind.STRIKE, _one_of(ActionKind)),
        "offices_closed": reading.spans("offices_closed"),
        "school_closed": reading.spans("school_closed"),
    }
    reading.refuse_unknown()
    return reading.asked(given, holidays)


class _Reading:
    def __init__(self, asked: Posted) -> None:
        self._given = asked
        self._errors: list[FieldError] = []

    def value(self, name: str, absent: Value, reader: Callable[[str, str], Value]) -> Value:
        """A parameter's one value, `absent` for an empty one."""
        given = sorted({each.strip() for each in self._given.get(name, ())} - {""})
        if len(given) > 1:
            return self._refuse(BadInput(field=name, found=" and ".join(given), wanted="one value"), absent)
        try:
            return reader(name, given[0]) if given else absent
        except BadInput as error:
            return self._refuse(error, absent)

    def spans(self, name: str) -> tuple[Span, ...]:
        """Spans, one a line or one a parameter."""
        lines = [line for text in self._given.get(name, ()) for line in text.splitlines()]
        try:
            return spans_in(name, lines)
        except BadInput as error:
            return self._refuse(error, ())

    def refuse_unknown(self) -> None:
        """A name that is no parameter is refused, so that one spelt wrongly is not passed over."""
        for name in self._given:
            if name == "assume":
                wanted = "no assumption: no planned change bears on a day of a plan, and mandate plan --assume says so"
                self._errors.append(
                    FieldError(name, "#wish", f"assume: found {one(self._given, name)!r}, wanted {wanted}")
                )
            elif name not in LABELS and name != CASE:
                self._refuse(BadInput(field=name, found=one(self._given, name), wanted=", ".join(LABELS)), None)

    def asked(self, given: dict[str, Any], holidays: Callable[[Nation], frozenset[date]]) -> Asked:
        """The wish, where every value could be read and they go together."""
        if given["first_action_on"] is None and given["today"] is None and not self._errors:
            self._refuse(BadInput(field="first_action", found="nothing", wanted="first_action or today, or both"), None)
        if not self._errors:
            try:
                wish = Wish(**given, added_holidays=holidays(given["nation"]))
            except BadInput as error:
                # The planner names its fields as the command line does.
                name = error.field.replace("-", "_")
                self._refuse(BadInput(field=name, found=error.found, wanted=error.wanted), None)
            else:
                return Asked(wish, ())
        return Asked(None, tuple(self._errors))

    def _refuse(self, error: BadInput, instead: Value) -> Value:
        name = error.field
        if name in LABELS:
            told = f"{LABELS[name]}: found {error.found!r}, wanted {error.wanted}"
            self._errors.append(FieldError(name, f"#{name}", told))
        else:
            told = f"There is nothing to ask called {name}; wanted one of {error.wanted}"
            self._errors.append(FieldError(name, "#wish", told))
        return instead


def _day(name: str, text: str) -> date:
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadInput(field=name, found=text, wanted=DAY_WANTED)


def _count(name: str, text: str) -> int:
    if not _COUNT.fullmatch(text):
        raise BadInput(field=name, found=text, wanted="a whole number of days")
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text not in _YES:
        raise BadInput(field=name, found=text, wanted="true or false")
    return _YES[text]


def _one_of(kind: type[Kind]) -> Callable[[str, str], Kind]:
    def read(name: str, text: str) -> Kind:
        try:
            return kind(text)
        except ValueError:
            raise BadInput(field=name, found=text, wanted="one of " + ", ".join(kind)) from None

    return read
