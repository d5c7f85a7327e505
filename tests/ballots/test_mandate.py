"""The mandate as a value: what it covers, and the midnight at which it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from ballots.mandate import ActionKind, Mandate, expiry
from core.calendar import LONDON
from tests.days import day

SCHOOL, OTHER, EMPLOYER, BALLOT = (UUID(int=number) for number in range(4))
T6 = Mandate(
    employer_id=EMPLOYER,
    workplace_ids=frozenset({SCHOOL}),
    kind=ActionKind.STRIKE,
    first_day=day("Fri 2026-04-24"),
    last_day=day("Fri 2027-04-23"),
    last_day_lenient=day("Fri 2027-04-23"),
    ballot_id=BALLOT,
)


def at(text: str, clock: str) -> datetime:
    return datetime.combine(day(text), datetime.strptime(clock, "%H:%M").time(), tzinfo=LONDON)  # noqa: DTZ007


@pytest.mark.parametrize(
    ("kind", "workplace", "on", "covered"),
    [
        (ActionKind.STRIKE, SCHOOL, "Fri 2026-04-24", True),
        (ActionKind.STRIKE, SCHOOL, "Fri 2027-04-23", True),
        (ActionKind.STRIKE, SCHOOL, "Sat 2027-04-24", False),
        (ActionKind.STRIKE, SCHOOL, "Thu 2026-04-23", False),
        (ActionKind.ASOS, SCHOOL, "Mon 2026-05-04", False),
        (ActionKind.STRIKE, OTHER, "Mon 2026-05-04", False),
    ],
)
def test_a_mandate_covers_its_kind_its_workplaces_and_its_days(
    kind: ActionKind, workplace: UUID, on: str, covered: bool
) -> None:
    """Turns red if a Yes on one question, or at one school, serves for another."""
    assert T6.covers(kind, workplace, day(on)) is covered


@pytest.mark.parametrize(
    ("starts", "ends", "found"),
    [
        (("Fri 2027-04-23", "00:00"), ("Fri 2027-04-23", "23:59"), []),
        (("Fri 2027-04-23", "22:00"), ("Sat 2027-04-24", "00:00"), []),
        (("Fri 2027-04-23", "22:00"), ("Sat 2027-04-24", "06:00"), ["mandate_expired"]),
        (("Mon 2027-04-26", "09:00"), ("Mon 2027-04-26", "15:00"), ["mandate_expired"]),
        (("Fri 2026-04-24", "00:00"), ("Fri 2026-04-24", "15:00"), []),
        (("Thu 2026-04-23", "09:00"), ("Thu 2026-04-23", "15:00"), ["called_before_ballot_date"]),
    ],
)
def test_a_duty_over_the_last_midnight_is_outside(
    starts: tuple[str, str], ends: tuple[str, str], found: list[str]
) -> None:
    """Turns red if the end of the action is not looked at, or midnight itself counts as the next day."""
    assert [finding.code for finding in T6.findings(at(*starts), at(*ends))] == found


def test_action_begun_in_time_goes_on_where_only_its_beginning_is_limited() -> None:
    """Turns red if the older law's last day to begin ends the action."""
    older = replace(T6, begins_by=True)
    assert older.findings(at("Fri 2027-04-23", "09:00"), at("Mon 2027-05-31", "15:00")) == ()
    late = older.findings(at("Sat 2027-04-24", "00:00"), at("Sat 2027-04-24", "15:00"))
    assert [finding.code for finding in late] == ["mandate_expired"]


@pytest.mark.parametrize(("late_by", "severity"), [(0, None), (1, "warn"), (2, "stop")])
def test_expiry_by_both_readings(late_by: int, severity: str | None) -> None:
    """Turns red if a contested day is a stop or passes in silence."""
    last = date(2028, 2, 28)
    finding = expiry(last + timedelta(days=late_by), last, date(2028, 2, 29), begins_by=False)
    assert (finding.severity if finding else None) == severity
