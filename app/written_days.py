"""A day in words or in figures, read: for lists of days, which three boxes for day, month and year cannot hold."""

from __future__ import annotations

import re
from datetime import date

from app.templating import MONTHS, WEEKDAYS

_WORDS = re.compile(r"(?:([a-z]{3,9})\.? )?(\d{1,2}) ([a-z]{3,9})\.? (\d{4})")
_FIGURES = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


def as_stored(text: str) -> str:
    """`Tue 7 Sept 2027`, `7 September 2027` or `7/9/2027` as `2027-09-07`; what is no day stays as it is."""
    written = " ".join(text.casefold().split())
    try:
        if found := _FIGURES.fullmatch(written):
            day, month, year = map(int, found.groups())
            return date(year, month, day).isoformat()
        if found := _WORDS.fullmatch(written):
            weekday, number, name, year_ = found.groups()
            day_ = date(int(year_), _place(name, MONTHS) + 1, int(number))
            right = weekday is None or _place(weekday[:3], WEEKDAYS) == day_.weekday()
            return day_.isoformat() if right else text
    except ValueError:
        return text
    return text


def _place(short: str, names: tuple[str, ...]) -> int:
    """Where the name stands that begins so; `ValueError` when none does."""
    return [each.casefold().startswith(short) for each in names].index(True)
