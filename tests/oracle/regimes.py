"""The changes of the law as a second hand wrote them down: plain comparisons, no files."""

from __future__ import annotations

from datetime import date

ACT_2016 = date(2017, 3, 1)
WALES_2017 = date(2017, 9, 13)
ACT_2025 = date(2026, 2, 18)


def notice_days(received: date, earlier: date | None, agrees: bool) -> int:
    """Seven, then fourteen (seven if agreed), then ten; the older law stays for action noticed before."""
    if received < ACT_2016:
        return 7
    if received < ACT_2025 or (earlier is not None and earlier < ACT_2025):
        return 7 if agrees else 14
    return 10


def mandate_months(opened: date) -> int | None:
    """None, six, twelve."""
    if opened < ACT_2016:
        return None
    return 6 if opened < ACT_2025 else 12


def summaries(opened: date, sample: date) -> bool:
    """Between the Acts; and after the second for a sample received before it."""
    return opened >= ACT_2016 and (opened < ACT_2025 or sample < ACT_2025)


def warning(opened: date, sample: date) -> str:
    """The short form from the second Act, by the same double test."""
    return "whole_action" if opened >= ACT_2025 and sample >= ACT_2025 else "twelve_weeks"


def contents(received: date) -> str:
    """By the day the notice of ballot was received."""
    return "lists_and_total" if received >= ACT_2025 else "full_figures"


def turnout(opened: date) -> str | None:
    """Half, since the first Act and still."""
    return "1/2" if opened >= ACT_2016 else None


def support(opened: date, nation: str) -> str | None:
    """Two fifths between the Acts; in Wales for half a year."""
    end = WALES_2017 if nation == "wales" else ACT_2025
    return "2/5" if ACT_2016 <= opened < end else None
