"""The clock: London dates of instants, a stopped clock, and a demonstration database's own."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import london_day
from core.clock import Clock, clock_of, london_instant, parse_as_of, set_stored_clock
from core.db import Database
from core.errors import BadInput
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from tests.conftest import NOON


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2027, 1, 1, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 6, 30, 12, 0, tzinfo=timezone(timedelta(hours=-12))), date(2026, 7, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_london(instant: datetime, day: date) -> None:
    """Boundary in summer and winter time. Red when `london_day` takes the date of the UTC instant."""
    assert london_day(instant) == day
    assert Clock(instant).today() == day


@given(day=st.dates(date(1971, 1, 1), date(2100, 1, 1)), at=st.times())
def test_a_london_time_lies_on_its_own_london_day(day: date, at: time) -> None:
    instant = london_instant(day, at)
    assert instant.tzinfo is UTC
    # In the hour that spring leaves out there is no such time; the instant then lies an hour on, the same day.
    assert london_day(instant) == day


def test_a_stopped_clock_stands_and_the_wall_clock_runs() -> None:
    stopped = Clock(NOON)
    assert (stopped.now(), stopped.simulated) == (NOON, True)
    with time_machine.travel(datetime(2030, 1, 1, 12, 0, tzinfo=UTC), tick=False):
        assert stopped.now() == NOON
        assert Clock().now() == datetime(2030, 1, 1, 12, 0, tzinfo=UTC)
        assert Clock().today() == date(2030, 1, 1)
    assert not Clock().simulated


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-01T09:00", datetime(2026, 12, 1, 9, 0, tzinfo=UTC)),
        ("2026-07-01T09:00", datetime(2026, 7, 1, 8, 0, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 23, 0, tzinfo=UTC)),
        ("2026-07-01T09:00+02:00", datetime(2026, 7, 1, 7, 0, tzinfo=UTC)),
        ("2026-07-01T09:00Z", datetime(2026, 7, 1, 9, 0, tzinfo=UTC)),
    ],
)
def test_as_of_is_read_as_london_time_unless_it_says_otherwise(text: str, instant: datetime) -> None:
    assert parse_as_of(text) == instant


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "2026-02-30T09:00", "01/12/2026"])
def test_an_as_of_that_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--as-of"):
        parse_as_of(text)


def test_as_of_goes_before_the_stored_clock_and_that_before_the_wall(uow: UnitOfWork) -> None:
    assert clock_of(uow.session) == Clock()
    set_stored_clock(uow.session, NOON)
    assert clock_of(uow.session) == Clock(NOON)
    assert clock_of(uow.session, NOON + timedelta(days=1)) == Clock(NOON + timedelta(days=1))


def test_every_process_that_opens_a_demonstration_database_keeps_its_time(database: Database) -> None:
    with unit_of_work("staff:test", on=database) as uow:
        set_stored_clock(uow.session, NOON)
    with reading(on=database) as later:
        assert (later.now, later.today) == (NOON, date(2026, 9, 1))


def test_a_stored_clock_goes_forward_or_stands(uow: UnitOfWork) -> None:
    """Red when `set_stored_clock` does not compare: events would be recorded before those they follow from."""
    set_stored_clock(uow.session, NOON)
    set_stored_clock(uow.session, NOON)
    set_stored_clock(uow.session, NOON + timedelta(days=1))
    with pytest.raises(BadInput, match="clock"):
        set_stored_clock(uow.session, NOON)
    assert clock_of(uow.session) == Clock(NOON + timedelta(days=1))
