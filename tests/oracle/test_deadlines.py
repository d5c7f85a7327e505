"""The product's calendar and timetable against the oracle: every opening day of nine years, every boundary."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

import pytest

from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from core import calendar
from core.law import current_law
from core.nations import Nation
from tests.oracle import days as wall
from tests.oracle import regimes

LAW = current_law()
OPENINGS = [leaf for leaf in wall.LEAVES if date(2024, 1, 1) <= leaf <= date(2032, 12, 31)]
BOUNDARIES = (regimes.ACT_2016, regimes.WALES_2017, regimes.ACT_2025)


def around(middle: date, reach: int) -> list[date]:
    return [middle + timedelta(days=offset) for offset in range(-reach, reach + 1)]


def test_every_count_of_days_and_weeks() -> None:
    """Turns red if any count in `core.calendar` is off by one on any day."""
    for opening in OPENINGS:
        for count in (3, 7, 10, 14):
            assert calendar.latest_receipt(opening, count) == wall.nth_day_before(opening, count)
            assert calendar.earliest_event(opening, count) == wall.first_day_with_notice(opening, count)
        for weeks in (4, 8):
            assert calendar.end_of_weeks(opening, weeks) == wall.last_of_weeks(opening, weeks)


@pytest.mark.parametrize("months", [6, 9, 12])
def test_every_end_of_months(months: int) -> None:
    """Turns red if either reading of a period of months is wrong for any first day."""
    for opening in OPENINGS:
        end = calendar.end_of_months(opening, months)
        assert (end.strict, end.lenient) == wall.last_of_months(opening, months), opening


def check(facts: BallotFacts) -> None:
    """One ballot's timetable, step by step, against the oracle."""
    steps = timetable(facts, LAW)
    assert steps.ballot_notice is not None
    assert steps.sample_paper is not None
    assert steps.voting_paper is not None
    assert steps.scrutineer is not None
    assert steps.thresholds is not None
    assert steps.mandate is not None
    notice_by, sample_by = wall.nth_day_before(facts.opens_on, 7), wall.nth_day_before(facts.opens_on, 3)
    sample_on = facts.sample_received_on or sample_by
    assert steps.ballot_notice.latest_receipt == notice_by
    assert steps.ballot_notice.contents == regimes.contents(facts.ballot_notice_received_on or notice_by)
    assert steps.sample_paper.latest_receipt == sample_by
    assert steps.voting_paper.summaries_required == regimes.summaries(facts.opens_on, sample_on)
    assert steps.voting_paper.dismissal_warning == regimes.warning(facts.opens_on, sample_on)
    assert steps.scrutineer.report_due == wall.last_of_weeks(facts.closes_on, 4)
    assert _text(steps.thresholds.turnout_fraction) == regimes.turnout(facts.opens_on)
    assert _text(steps.thresholds.support_fraction) == regimes.support(facts.opens_on, facts.nation)
    months = regimes.mandate_months(facts.opens_on)
    assert steps.mandate.months == months
    last = wall.last_of_weeks(facts.closes_on, 4)
    expected = (last, last) if months is None else wall.last_of_months(facts.closes_on, months)
    assert (steps.mandate.last_day, steps.mandate.last_day_lenient) == expected


def _text(share: object) -> str | None:
    return None if share is None else str(share)


def check_notice(facts: BallotFacts) -> None:
    """One notice of action against the oracle, which tries every day of receipt."""
    first = facts.first_action_on
    assert first is not None
    step = timetable(facts, LAW).action_notice
    assert step is not None

    def allows(received: date) -> bool:
        count = regimes.notice_days(received, facts.earlier_action_notice_on, facts.agrees_shorter_notice)
        return wall.first_day_with_notice(received, count) <= first

    tried = (wall.nth_day_before(first, count) for count in range(60))
    assert step.latest_receipt == next(received for received in tried if allows(received))


@pytest.mark.parametrize("window", [14, 31])
def test_every_opening_day_of_nine_years(window: int) -> None:
    """Turns red if any step of the timetable is wrong on any opening day."""
    for opening in OPENINGS:
        closing = wall.LEAVES[wall.PLACE[opening] + window]
        check(BallotFacts(opens_on=opening, closes_on=closing))


def test_every_first_day_of_action_of_nine_years() -> None:
    """Turns red if the latest notice of action is wrong for any first day."""
    for opening in OPENINGS:
        closing, first = (wall.LEAVES[wall.PLACE[opening] + ahead] for ahead in (14, 30))
        check_notice(BallotFacts(opens_on=opening, closes_on=closing, first_action_on=first))


def boundary_ballots() -> Iterator[BallotFacts]:
    """Ballots whose every date lies about a change of the law, each nation, papers early and late."""
    for change, nation in product(BOUNDARIES, (Nation.ENGLAND, Nation.WALES, Nation.SCOTLAND)):
        for opening, notice, sample in product(
            around(change, 8), (None, *around(change, 1)), (None, *around(change, 1))
        ):
            yield BallotFacts(
                opens_on=opening,
                closes_on=opening + timedelta(days=21),
                nation=nation,
                ballot_notice_received_on=notice,
                sample_received_on=sample,
            )


def test_every_boundary_of_the_papers() -> None:
    """Turns red if any rule is chosen by another rule's date about a change of the law."""
    for facts in boundary_ballots():
        check(facts)


@pytest.mark.parametrize("change", BOUNDARIES)
@pytest.mark.parametrize("agrees", [False, True])
def test_every_boundary_of_the_notice_of_action(change: date, agrees: bool) -> None:
    """Turns red if the length of notice is wrong for any receipt, agreement or earlier notice about a change."""
    for first, earlier in product(around(change, 20), (None, *around(change, 1))):
        check_notice(
            BallotFacts(
                opens_on=change - timedelta(days=90),
                closes_on=change - timedelta(days=60),
                first_action_on=first,
                earlier_action_notice_on=earlier,
                agrees_shorter_notice=agrees,
            )
        )
