"""The product's timetable against the oracle's: every opening day of seventeen years, every boundary, every version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import product

import pytest

from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from core.law import Law, current_law
from core.nations import GREAT_BRITAIN, Nation
from tests.oracle import cases, timetabler
from tests.oracle import days as wall
from tests.oracle.regimes import ACT_2016, ACT_2025, AS_IT_STANDS, WALES_2017, Planned
from tests.oracle.tally import Comparing, Tally

TURNOUT_ENDS, METHODS_COME = date(2027, 4, 6), date(2026, 12, 1)
VERSIONS = {
    "as it stands": AS_IT_STANDS,
    "without a turnout test": Planned(end_of_turnout=TURNOUT_ENDS),
    "with other methods": Planned(other_methods=METHODS_COME),
    "with both": Planned(end_of_turnout=TURNOUT_ENDS, other_methods=METHODS_COME),
}
BOUNDARIES = (ACT_2016, WALES_2017, ACT_2025)
RANDOM = 100_000
CHUNKS = 10


def law_of(planned: Planned) -> Law:
    """The product's law with the same changes taken as in force."""
    named = {"end-of-turnout-test": planned.end_of_turnout, "other-voting-methods": planned.other_methods}
    return current_law().assuming({change: on for change, on in named.items() if on is not None})


def around(middle: date, reach: int) -> list[date]:
    """The days within so many of one."""
    return wall.between(wall.nth_day_before(middle, reach), wall.nth_day_after(middle, reach))


def check(tally: Tally, ballots: Iterable[BallotFacts], planned: Planned = AS_IT_STANDS) -> None:
    """Every ballot's timetable, step by step, against the oracle."""
    law = law_of(planned)
    for facts in ballots:
        tally.compare(facts, timetabler.expected(facts, planned), timetabler.found(timetable(facts, law)))


FOUR_BALLOTS = [(14, False), (14, True), (31, False), (31, True)]
TWO_BALLOTS = [(14, False), (31, True)]


def openings(
    days: Iterable[date], nation: Nation, ballots: list[tuple[int, bool]] = FOUR_BALLOTS
) -> Iterator[BallotFacts]:
    """For every day a ballot of two weeks and one of a month: no receipts, or all; with and without agreements."""
    for opens in days:
        for window, known in ballots:
            closes = wall.nth_day_after(opens, window)
            yield BallotFacts(
                opens_on=opens,
                closes_on=closes,
                nation=nation,
                first_action_on=wall.nth_day_after(closes, 16),
                ballot_notice_received_on=wall.nth_day_before(opens, 9) if known else None,
                sample_received_on=wall.nth_day_before(opens, 5) if known else None,
                action_notice_received_on=wall.nth_day_after(closes, 2) if known else None,
                earlier_action_notice_on=wall.nth_day_before(closes, 3) if known and window == 31 else None,
                agrees_shorter_notice=window == 31,
                longer_mandate_until=wall.nth_day_after(closes, 250) if known else None,
                entitled=50 if known else 51,
            )


@pytest.mark.parametrize("nation", GREAT_BRITAIN)
def test_fm_15_openings_of_seventeen_years(comparing: Comparing, nation: Nation) -> None:
    """Turns red if any step of the timetable is wrong for long, or near any commencement, in any nation."""
    near = {day for change in cases.COMMENCEMENTS for day in around(change, 2)}
    days = sorted({*cases.DAYS[::29], *near})
    with comparing("timetables, some openings") as tally:
        check(tally, openings(days, nation))


@pytest.mark.full
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("nation", GREAT_BRITAIN)
def test_fm_15_every_opening_of_seventeen_years(comparing: Comparing, nation: Nation, version: str) -> None:
    """Turns red if any step of the timetable is wrong on any opening day in any version of the law."""
    with comparing(f"timetables, every opening, law {version}") as tally:
        ballots = FOUR_BALLOTS if VERSIONS[version] == AS_IT_STANDS else TWO_BALLOTS
        check(tally, openings(cases.DAYS, nation, ballots), VERSIONS[version])


@pytest.mark.parametrize("version", VERSIONS)
def test_openings_under_every_version_of_the_law(comparing: Comparing, version: str) -> None:
    """Turns red if a change that is taken as in force begins on another day, or moves another rule."""
    days = [*around(TURNOUT_ENDS, 9), *around(METHODS_COME, 9)]
    with comparing(f"timetables, law {version}") as tally:
        check(tally, openings(days, Nation.ENGLAND), VERSIONS[version])


def boundary_ballots(change: date, nation: Nation) -> Iterator[BallotFacts]:
    """Ballots whose every date lies about a change of the law, papers early and late."""
    for opening, notice, sample in product(around(change, 8), (None, *around(change, 1)), (None, *around(change, 1))):
        yield BallotFacts(
            opens_on=opening,
            closes_on=wall.nth_day_after(opening, 21),
            nation=nation,
            ballot_notice_received_on=notice,
            sample_received_on=sample,
        )


@pytest.mark.parametrize("nation", GREAT_BRITAIN)
@pytest.mark.parametrize("change", BOUNDARIES)
def test_every_boundary_of_the_papers(comparing: Comparing, change: date, nation: Nation) -> None:
    """Turns red if any rule is chosen by another rule's date about a change of the law."""
    with comparing("timetables, boundaries of the papers") as tally:
        check(tally, boundary_ballots(change, nation))


@pytest.mark.parametrize("agrees", [False, True])
@pytest.mark.parametrize("change", BOUNDARIES)
def test_every_boundary_of_the_notice_of_action(comparing: Comparing, change: date, agrees: bool) -> None:
    """Turns red if the length of notice is wrong for any receipt, agreement or earlier notice about a change."""
    with comparing("timetables, boundaries of the notice of action") as tally:
        for first, earlier in product(around(change, 20), (None, *around(change, 1))):
            facts = BallotFacts(
                opens_on=wall.nth_day_before(change, 90),
                closes_on=wall.nth_day_before(change, 60),
                first_action_on=first,
                earlier_action_notice_on=earlier,
                agrees_shorter_notice=agrees,
            )
            check(tally, [facts])


def test_some_random_timetables(comparing: Comparing) -> None:
    """Turns red if the receipts and agreements of a ballot are mixed up on any of two thousand ballots."""
    with comparing("timetables, random, some") as tally:
        check(tally, cases.ballots(20260218, 2_000))


@pytest.mark.full
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_many_random_timetables(comparing: Comparing, chunk: int) -> None:
    """Turns red if any of a hundred thousand random ballots with receipts has a wrong step."""
    with comparing("timetables, random") as tally:
        check(tally, cases.ballots(chunk, RANDOM // CHUNKS))
