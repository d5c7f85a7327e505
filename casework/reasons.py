"""Why a deadline that the union sets itself falls where it does: its own rules, in the shape of the law's."""

from __future__ import annotations

from datetime import date

from core.calendar import in_words
from core.findings import Citation
from core.why import POLICY, Why


def days_after(
    rule: str, what: str, happened_on: date, days: int, due_on: date, *, source: Citation, setting: str
) -> Why:
    """
    Why something is due so many days after something happened.

    `what` names what happened, `setting` the union's setting that holds the number of days.
    """
    return Why(
        rule=rule,
        inputs={what: in_words(happened_on), "time": _days(days)},
        arithmetic=f"{in_words(happened_on)} + {_days(days)} = {in_words(due_on)}",
        citation=source,
        certainty=POLICY,
        changes_if=f"the union's setting {setting}",
    )


def named(rule: str, what: str, happened_on: date, due_on: date, *, source: Citation) -> Why:
    """Why something is due on a day that people named when something happened."""
    return Why(
        rule=rule,
        inputs={what: in_words(happened_on)},
        arithmetic=in_words(due_on),
        citation=source,
        certainty=POLICY,
        changes_if="another day named",
    )


def _days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"
