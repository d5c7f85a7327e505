"""
The pages' Jinja2 environment: where templates lie, how dates and money read, what a missing name does.

A page writes dates as people say them and pounds from pence; it never works anything out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader
from jinja2.exceptions import UndefinedError

from app import charts, flow_drawing, gantt, stored_words, turnout_drawing
from casework.levels import Level
from core.calendar import LONDON, london_day, month_in_words
from core.errors import BadInput
from core.money import in_pounds
from core.why import LABELS, told

STATIC = Path(__file__).parent / "static"

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# A week's warning on the page; no rule of law hangs on it.
SOON_DAYS = 7

READ = (
    stored_words.stage_name,
    stored_words.ballot_stage,
    stored_words.action_stage,
    stored_words.claim_state,
    stored_words.notice_word,
    stored_words.shortfall,
    stored_words.kind_of_action,
    stored_words.plain_word,
)
"""Filters that put a stored code into words."""


class DeadlineState(StrEnum):
    """How a deadline stands on a date."""

    MET = "met"
    MET_LATE = "met_late"
    STOP = "stop"
    RED = "red"
    AMBER = "amber"
    LATE = "late"
    TODAY = "today"
    SOON = "soon"
    AHEAD = "ahead"


class PageUndefined(ChainableUndefined):
    """
    A name the page was not given. Asking whether it is there is allowed; printing or looping over it is an error.

    A missing key of a mapping stays empty, because the components of govuk-frontend-jinja read their optional
    parameters that way.
    """

    def _is_optional(self) -> bool:
        return isinstance(self._undefined_obj, Mapping)

    def __str__(self) -> str:
        if not self._is_optional():
            raise UndefinedError(self._undefined_message)
        return ""

    def __html__(self) -> str:
        return str(self)

    def __iter__(self):  # type: ignore[no-untyped-def]  # jinja2 leaves its own untyped here
        if not self._is_optional():
            raise UndefinedError(self._undefined_message)
        return iter(())


def _as_date(value: date) -> date:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise BadInput(field="a time on the page", found=value.isoformat(), wanted="a time with its zone")
    return london_day(value)


def long_date(value: date) -> str:
    """`3 December 2026`; an instant by its London date."""
    day = _as_date(value)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(value: date) -> str:
    """`3 Dec 2026`, where a table has no room for more; an instant by its London date."""
    day = _as_date(value)
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def weekday_date(value: date) -> str:
    """`Mon 12 October 2026`; an instant by its London date."""
    return f"{WEEKDAYS[_as_date(value).weekday()]} {long_date(value)}"


def date_time(value: datetime) -> str:
    """`3 December 2026, 14:05`, London time."""
    return f"{long_date(value)}, {value.astimezone(LONDON):%H:%M}"


def dates_in_words(text: str) -> str:
    """A text with its ISO dates as people write them."""
    return ISO_DATE.sub(_as_written, text)


def _as_written(found: re.Match[str]) -> str:
    try:
        return long_date(date.fromisoformat(found[0]))
    except ValueError:
        return found[0]


def pence(amount: int) -> str:
    """`£1,234.56`."""
    return in_pounds(amount)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"


def days_left(due_on: date, today: date) -> str:
    """`in 3 days`, `today`, `2 days late`."""
    days = (_as_date(due_on) - _as_date(today)).days
    if days == 0:
        return "today"
    return f"in {_days(days)}" if days > 0 else f"{_days(-days)} late"


def level_state(due_on: date, today: date, level: Level | None) -> DeadlineState:
    """An open deadline by its level; one that has passed without a hard stop is late, one that has time is ahead."""
    if level is not Level.STOP and due_on < today:
        return DeadlineState.LATE
    return DeadlineState(level.value) if level is not None else DeadlineState.AHEAD


def deadline_state(due_on: date, today: date, met_on: date | None = None) -> DeadlineState:
    """A deadline met on its day is met in time; on its day and not yet met it is due, not late."""
    if met_on is not None:
        return DeadlineState.MET if met_on <= due_on else DeadlineState.MET_LATE
    days = (due_on - today).days
    if days < 0:
        return DeadlineState.LATE
    if days == 0:
        return DeadlineState.TODAY
    return DeadlineState.SOON if days <= SOON_DAYS else DeadlineState.AHEAD


def environment() -> Environment:
    """The environment of every page; fit for `Jinja2Templates(env=environment())`."""
    pages = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("app", "templates"),
                # The components import one another by this prefix, so they are found under no other name.
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        undefined=PageUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for reading in (long_date, dates_in_words, short_date, weekday_date, date_time, month_in_words, pence, days_left):
        pages.filters[reading.__name__] = reading
    for in_words in READ:
        pages.filters[in_words.__name__] = in_words
    pages.globals.update(deadline_state=deadline_state, stage_names=stored_words.STAGE_NAMES, chart_sheet=charts)
    pages.globals.update(gantt_sheet=gantt, turnout_sheet=turnout_drawing, flow_sheet=flow_drawing)
    pages.globals.update(level_state=level_state, told_why=told, why_labels=LABELS)
    return pages
