"""
What a record of the law must say before it is kept: a named reader, a source, an instrument and a day that can be.

Pure: these look at what was typed, at the planned values and at today, and refuse with `BadInput`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from core.calendar import in_words
from core.errors import BadInput
from core.findings import Finding, Severity
from core.law import LegalValue
from core.nations import GREAT_BRITAIN, Nation

LEAST_LETTERS = 2
SATURDAY = 5
FURTHEST_YEARS = 10
"""A commencement further off than this is a slip of the hand: a rule of this program, not of law."""

_YEAR_AND_NUMBER = re.compile(r"(\d+)\s*/\s*\d+")
_YEAR_IN_A_TITLE = re.compile(r"\b(?:Act|Order|Regulations)\s+(\d+)")


def require_person(by: str) -> None:
    """A name and a role, each with letters that can be read."""
    name, _, role = by.partition(",")
    if not (_says(name) and _says(role)):
        wanted = 'a named person with a role, such as "Jo Example, head of legal", or officer:<id>'
        raise BadInput(field="by", found=by, wanted=wanted)


def require_source(source: str) -> None:
    """The address or the name of what was read."""
    if not _says(source):
        raise BadInput(field="read", found=source, wanted="the address or the name of what was read")


def require_name(name: str) -> None:
    """What a bank holiday is called."""
    if not _says(name):
        raise BadInput(field="name", found=name, wanted="what the day is called")


def _says(text: str) -> bool:
    return sum(unicodedata.category(letter).startswith("L") for letter in text) >= LEAST_LETTERS


def require_instrument(instrument: str, planned: Sequence[LegalValue], on: date, today: date) -> None:
    """An instrument by its year and number, no older than the Act whose change it commences and made by today."""
    wanted = "an instrument by its year and number, such as SI 2026/1234"
    years = [int(year) for form in (_YEAR_AND_NUMBER, _YEAR_IN_A_TITLE) for year in form.findall(instrument)]
    if not (years and _says(instrument)):
        raise BadInput(field="instrument", found=instrument, wanted=wanted)
    first, last = _year_of_the_act(planned), min(on, today).year
    if not all(first <= year <= last for year in years):
        between = f"of the year {first}" if first == last else f"of the years {first} to {last}"
        reason = "no older than the Act, and made before it commences anything"
        raise BadInput(field="instrument", found=instrument, wanted=f"{wanted}, {between}: {reason}")


def _year_of_the_act(planned: Sequence[LegalValue]) -> int:
    """The year in the title of the Act that plans the change; 1 where its title has none."""
    return max((int(year) for value in planned for year in re.findall(r"\b\d{4}\b", value.citation.act)), default=1)


def require_commencement_day(on: date, planned: Sequence[LegalValue], today: date) -> None:
    """
    Not before somebody last looked for any value of the change and found it not in force, and not generations away.

    A value that was looked for after `today` says nothing of the days between.
    """
    looked_on = min(max(value.last_checked for value in planned), today)
    if on < looked_on:
        wanted = f"a day from {looked_on} on, when it was not in force; if it was, change the law files instead"
        raise BadInput(field="from", found=on.isoformat(), wanted=wanted)
    if on.year > today.year + FURTHEST_YEARS:
        raise BadInput(field="from", found=on.isoformat(), wanted=f"a day within {FURTHEST_YEARS} years of today")


def commenced_in_the_past(on: date, today: date) -> tuple[Finding, ...]:
    """A warn where the law of days gone by changes; none for a day to come."""
    if on >= today:
        return ()
    return (
        Finding(
            code="commencement_in_the_past",
            severity=Severity.WARN,
            sentence=f"{in_words(on)} is in the past: what was done since was reckoned by the law before it.",
            cure="Check the day in the instrument. If it is right, have a lawyer look at what was done since then.",
            where="from",
        ),
    )


def require_holiday(day: date, nations: Sequence[Nation], today: date) -> None:
    """A day to come, in a nation whose law the files hold."""
    if nations and day < today:
        raise BadInput(field="day", found=day.isoformat(), wanted="a day from today on; what is past moves no more")
    for nation in nations:
        if nation not in GREAT_BRITAIN:
            raise BadInput(field="nations", found=nation.value, wanted=f"one of {', '.join(GREAT_BRITAIN)}")


def holiday_of_a_weekend(day: date) -> tuple[Finding, ...]:
    """A note on a Saturday or Sunday: nothing is set on such a day anyway."""
    if day.weekday() < SATURDAY:
        return ()
    return (
        Finding(
            code="holiday_at_a_weekend",
            severity=Severity.NOTE,
            sentence=f"{in_words(day)} is no working day anyway: this bank holiday moves nothing.",
            cure="Check whether another day was named in lieu of it.",
            where="day",
        ),
    )
