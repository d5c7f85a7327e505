"""How long delivery waits: longer each time, and never past the statutory date."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from notifications.waits import GIVE_UP_AFTER, JITTER, LONGEST_WAIT, SHORTEST_WAIT, next_try, wants_a_second_way

NOW = datetime(2026, 9, 1, 11, 0, tzinfo=UTC)
PLAIN = uuid.UUID(int=0)


def wait(tries: int, *, latest: date | None = None, first: datetime = NOW, notice: uuid.UUID = PLAIN) -> timedelta:
    """The wait after that many refusals."""
    when = next_try(tries, now=NOW, first_tried_at=first, latest_receipt_on=latest, notice_id=notice)
    assert when is not None
    return when - NOW


@pytest.mark.parametrize(
    ("tries", "minutes"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 80), (6, 160), (7, 240), (8, 240), (500, 240)]
)
def test_the_wait_doubles_up_to_four_hours(tries: int, minutes: int) -> None:
    """
    A notice without jitter of its own.
    """
    assert wait(tries) == timedelta(minutes=minutes)


def test_notices_do_not_all_come_back_at_once() -> None:
    """
    The spread is fixed by the id, so that a second worker reckons the same.
    """
    waits = {wait(7, notice=uuid.UUID(int=number)) for number in range(1000)}

    assert len(waits) == 1000
    assert LONGEST_WAIT * (1 - JITTER) < min(waits) < max(waits) <= LONGEST_WAIT


def test_near_the_date_the_wait_is_a_quarter_of_what_is_left() -> None:
    """
    The day ends at midnight in London, 22:59:59.999999 UTC in summer.
    """
    left = datetime(2026, 9, 1, 22, 59, 59, 999999, tzinfo=UTC) - NOW

    assert wait(7, latest=date(2026, 9, 1)) == left / 4
    assert wait(1, latest=date(2026, 9, 1)) == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("latest", "first"),
    [
        (date(2026, 8, 31), NOW),
        (None, NOW - GIVE_UP_AFTER),
        (None, NOW - GIVE_UP_AFTER + SHORTEST_WAIT),
    ],
)
def test_waiting_ends(latest: date | None, first: datetime) -> None:
    """
    The date has passed, or three days of refusals are over.
    """
    assert next_try(3, now=NOW, first_tried_at=first, latest_receipt_on=latest, notice_id=PLAIN) is None


def test_the_last_wait_is_at_least_a_minute() -> None:
    """
    A tight loop helps nobody.
    """
    assert wait(1, first=NOW - GIVE_UP_AFTER + SHORTEST_WAIT * 2) == SHORTEST_WAIT


@pytest.mark.parametrize(
    ("today", "amber"), [(date(2026, 9, 8), False), (date(2026, 9, 9), True), (date(2026, 9, 14), True)]
)
def test_the_second_way_opens_five_days_before(today: date, *, amber: bool) -> None:
    """
    Nothing is amber without a date.
    """
    assert wants_a_second_way(today, date(2026, 9, 14)) is amber
    assert not wants_a_second_way(today, None)
