"""Papers made from rows: their numbers, the law they were made under, and what can still be taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from ballots import notices, papers
from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind
from ballots.models import BallotLeg
from ballots.repository import entitled
from ballots.steps import readiness_of
from casework.register.models import Member
from core.db import Database
from core.unit_of_work import UnitOfWork, unit_of_work
from notifications.lifecycle import State
from notifications.models import Notice
from notifications.showing import RenderingError
from tests.ballots.scenes import BOTH, ENTITLED, SECOND, Ladder, disputed
from tests.builders import an_employer
from tests.conftest import NOON
from tests.days import day

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

Climb = Callable[[str], Ladder]


def test_the_figures_are_those_of_the_frozen_list(climb: Climb) -> None:
    """Turns red if any figure is counted from anything but the list."""
    ladder = climb("planned")
    rows = entitled(ladder.uow, ladder.ballot.id)
    counted = papers.figures_of(ladder.uow, ladder.ballot, ladder.ballot.legs[0])
    assert counted.total == len(rows) == ENTITLED
    assert counted.by_category == dict(Counter(row.category for row in rows)) == {"support staff": 2, "teacher": 10}
    assert counted.by_workplace == {ladder.case.workplace_id: ENTITLED}


@pytest.mark.parametrize("rung", ["planned", "won", "striking"])
def test_no_paper_to_an_employer_names_a_member(climb: Climb, rung: str) -> None:
    """Turns red if a name, a number or an address of a member gets into a paper for the employer."""
    ladder = climb(rung)
    people = ladder.uow.session.query(Member).all()
    told = [each for each in ladder.uow.session.query(Notice) if each.recipient_key.startswith("employer:")]
    assert told
    for notice in told:
        stated = str(notice.facts)
        assert not [each for each in people if each.name in stated or each.membership_number in stated]
        assert not [each for each in people if each.email in stated or str(each.id) in stated]


def test_what_went_out_is_not_taken_back(climb: Climb) -> None:
    """Turns red if `take_back` does not ask the table."""
    ladder = climb("noticed")
    notices = ladder.papers("notice_of_ballot")
    states = [each.state for each in notices]
    assert papers.take_back(ladder.uow, notices, "too late") == 0
    assert [each.state for each in notices] == states


def test_taking_back_twice_is_taking_back_once(climb: Climb) -> None:
    ladder = climb("planned")
    waiting = ladder.papers("notice_of_ballot")
    assert [papers.take_back(ladder.uow, waiting, "not now") for _ in range(2)] == [2, 0]
    assert {each.state for each in waiting} == {State.CANCELLED}


def straddling(uow: UnitOfWork, made_on: str) -> Ladder:
    """A ballot that opens on 23 February 2026, its papers made and approved on a day."""
    ladder = disputed(uow).on(made_on)
    ladder.act("ballot_authorised", **BOTH, opens_on=day("Wed 2026-02-25"), closes_on=day("Fri 2026-04-24"))
    return ladder.act("ballot_notices_approved", by=SECOND)


@pytest.fixture
def last_year(database: Database) -> Iterator[UnitOfWork]:
    """A unit of work on 1 September 2025."""
    with unit_of_work("staff:test", as_of=NOON.replace(year=2025), on=database) as unit:
        yield unit


@pytest.mark.parametrize(
    ("made", "contents", "weeks"),
    [("Tue 2026-02-17", "full_figures", True), ("Wed 2026-02-18", "lists_and_total", False)],
)
def test_papers_are_made_under_the_law_of_their_day(
    last_year: UnitOfWork, made: str, contents: str, weeks: bool
) -> None:
    """Turns red if the opening day chooses the contents: it is 25 February 2026 for both."""
    ladder = straddling(last_year, made)
    notice, sample = ladder.papers("notice_of_ballot")[0], ladder.papers("sample_voting_paper")[0]
    assert notice.facts["contents"] == contents
    assert (notice.facts["explanation"] is not None) is (contents == "full_figures")
    assert ("twelve weeks" in sample.facts["statement"]) is weeks
    assert (sample.facts["summaries"] is not None) is weeks
    printed = sample.law["ballots.dismissal_warning_statement"]["value"]
    assert ("twelve weeks" in printed) is weeks


@pytest.mark.parametrize(
    ("received", "found"),
    [("Tue 2026-02-17", []), ("Wed 2026-02-18", ["voting_paper_statement_wrong"])],
)
def test_a_paper_of_the_older_law_received_under_the_new_keeps_the_ballot_shut(
    last_year: UnitOfWork, received: str, found: list[str]
) -> None:
    """Turns red if readiness does not read the statement on the frozen sample (SI 2026/3, Sch. 2, para 11)."""
    ladder = straddling(last_year, "Tue 2026-02-17").on(received)
    ladder.arrives("notice_of_ballot").arrives("sample_voting_paper")
    assert [each.code for each in readiness_of(ladder.uow, ladder.ballot)] == found
    ladder.on("Wed 2026-02-25", work=True)
    assert ladder.ballot.stage is (BallotStage.NOTICED if found else BallotStage.OPEN)


def test_fm_24_no_paper_to_one_employer_of_a_ballot_names_another(
    climb: Climb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if `prepare_both_ways` does not hand `others` on, or `others_than` leaves out an employer."""
    ladder = climb("planned")
    other = an_employer(ladder.uow, name="Borsetshire County Council")
    ballot = ladder.ballot
    leg = ballot.legs[0]
    ballot.legs.append(BallotLeg(employer=other))
    ladder.uow.session.flush()
    counted = {"strike": {"yes": 8, "no": 1, "spoiled": 0}}
    result = {"entitled": 12, "cast": 9, "turnout_met": True, "questions": counted}
    monkeypatch.setattr(notices, "LABELS", {ActionKind.STRIKE: "Strike action, as at Borsetshire County Council"})
    with pytest.raises(RenderingError, match="name another employer"):
        papers.prepare_result(ladder.uow, ballot, leg, result)
    assert not ladder.papers("ballot_result_employer")
    monkeypatch.undo()
    assert papers.prepare_result(ladder.uow, ballot, leg, result)
