"""How long to wait before trying again. Pure. Policy of this product, not law."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

from core.calendar import LONDON

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=4)
SHORTEST_WAIT = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(days=3)
SECOND_WAY_DAYS = 5
"""Days of the calendar, unlike the levels of deadlines."""
RESEND_WAIT = timedelta(minutes=15)
RESENDS = 2
JITTER = 0.15
MOST_DOUBLINGS = 10


def next_try(
    tries: int, *, now: datetime, first_tried_at: datetime, latest_receipt_on: date | None, notice_id: uuid.UUID
) -> datetime | None:
    """
    When to try again after the `tries`-th temporary refusal; None when waiting longer is of no use.

    The wait doubles from five minutes to four hours. With a statutory date it is never more than a quarter of what is
    left until the end of that day; without one, three days of refusals are enough.
    """
    end = _last_moment(latest_receipt_on) if latest_receipt_on else first_tried_at + GIVE_UP_AFTER
    left = end - now
    if left <= SHORTEST_WAIT:
        return None
    wait = min(FIRST_WAIT * (1 << min(tries - 1, MOST_DOUBLINGS)), LONGEST_WAIT)
    spread = wait * (1 - JITTER * (notice_id.int % 1000) / 1000)
    return now + max(SHORTEST_WAIT, min(spread, left / 4))


def wants_a_second_way(today: date, latest_receipt_on: date | None) -> bool:
    """Whether a second way should be used beside the first, because the statutory date is near."""
    return latest_receipt_on is not None and today >= latest_receipt_on - timedelta(days=SECOND_WAY_DAYS)


def _last_moment(day: date) -> datetime:
    return datetime.combine(day, time.max, tzinfo=LONDON)
