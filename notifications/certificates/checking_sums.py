"""
Whether the dates of a certificate follow from the sums it gives for them, reckoned again.

A sum reads `Tuesday 20 October 2026 − 7 days = Tuesday 13 October 2026`, as `core.why` and the letters have it. A day
that people fixed has no sum.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from core.calendar import DAYS_IN_A_WEEK, corresponding_day, in_words, shift
from core.errors import BadInput
from core.findings import Finding
from notifications.certificates.faults import fault
from notifications.certificates.shape import Certificate
from notifications.language import ENGLISH, language

MONTHS = language(ENGLISH).months
A_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d{1,2} (?:" + "|".join(MONTHS) + r") \d{4}"
DAY = re.compile(A_DAY)
SUM = re.compile(rf"({A_DAY}),? ([+−]) (\d{{1,4}}) (day|week|month)s?(?: \([^()]*\))?( − 1 day)? = ({A_DAY})")
LESS_ONE = re.compile(rf"({A_DAY}); − 1 day = ({A_DAY})")
"""How a sum goes on, where months are counted from their first day."""
MINUS = "−"
LENGTH = re.compile(r"(\d{1,4}) (?:day|week|month)s?")

STEPS: Mapping[str, Callable[[date, int], date]] = MappingProxyType(
    {
        "day": shift,
        "week": lambda day, weeks: shift(day, weeks * DAYS_IN_A_WEEK),
        "month": corresponding_day,
    }
)


def findings(certificate: Certificate) -> Iterator[Finding]:
    """Everything about the dates that does not fit."""
    latest, why = certificate.latest_receipt_on, certificate.why
    if why is not None:
        yield from sums(why.arithmetic, "why")
        if latest is None or in_words(latest) not in why.arithmetic:
            yield fault("last_day_unfit", "The last day of receipt is not the day that its reason gives.", "why")
        yield from _length(why.arithmetic, why.inputs.get("notice"))
    for copy in certificate.copies:
        for row in _reckoned(copy.facts):
            yield from _row(row, copy.id)


def _reckoned(facts: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    rows = facts.get("reckoned")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            yield row


def _row(row: Mapping[str, Any], where: str) -> Iterator[Finding]:
    arithmetic, told = row.get("arithmetic"), row.get("day")
    try:
        day = date.fromisoformat(str(told))
    except ValueError:
        yield fault("sum_wrong", "A date that it reckons is no date.", where)
        return
    if not isinstance(arithmetic, str) or in_words(day) not in arithmetic:
        yield fault("sum_wrong", f"The sum for {day.isoformat()} gives another day.", where)
        return
    yield from sums(arithmetic, where)


def sums(arithmetic: str, where: str) -> Iterator[Finding]:
    """Every sum in the words that does not come out, and every day in them that there is not."""
    if any(_day(each) is None for each in DAY.findall(arithmetic)):
        yield fault("sum_wrong", "A sum names a day that there is not, or gives it the wrong weekday.", where)
        return
    for begins, sign, number, unit, less_one, ends in SUM.findall(arithmetic):
        if _day(ends) != _end(begins, sign, int(number), unit, less_one=bool(less_one)):
            yield fault("sum_wrong", f"{begins} {sign} {number} {unit}s{less_one} is not {ends}.", where)
    for begins, ends in LESS_ONE.findall(arithmetic):
        if _day(ends) != _end(begins, MINUS, 1, "day"):
            yield fault("sum_wrong", f"{begins} − 1 day is not {ends}.", where)


def _end(begins: str, sign: str, number: int, unit: str, *, less_one: bool = False) -> date | None:
    """The day that a sum gives; None where it leaves the calendar."""
    first = _day(begins)
    assert first is not None
    try:
        end = STEPS[unit](first, -number if sign == MINUS else number)
        return shift(end, -1) if less_one else end
    except BadInput:
        return None


def _length(arithmetic: str, notice: str | None) -> Iterator[Finding]:
    told = LENGTH.fullmatch(notice or "")
    used = {found[3] for found in SUM.finditer(arithmetic)}
    if told is not None and used and told[1] not in used:
        yield fault("sum_wrong", "The sum counts other days of notice than the law it names.", "why")


def _day(words: str) -> date | None:
    """The day in words; None for one that there is not, or that is another weekday."""
    _, number, month, year = words.split(" ")
    try:
        day = date(int(year), MONTHS.index(month) + 1, int(number))
    except ValueError:
        return None
    return day if in_words(day) == words else None
