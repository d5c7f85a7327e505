"""What page and command line say of a dispute, and of a ballot over several schools."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from app.case_views import case_page
from app.cli.case_page import case_document, tell_case
from app.dispute_views import dispute_line
from app.sentences import sentence
from ballots.lifecycle import BallotStage
from casework.lifecycle import EventKind, Stage
from core.unit_of_work import UnitOfWork
from tests.ballots.schools import carried, joined, together, voting_over
from tests.builders import a_case, happen
from tests.days import day

VOTED = {"opens_on": "2026-10-20", "closes_on": "2026-11-17"}


def test_a_case_without_a_dispute_shows_none(uow: UnitOfWork) -> None:
    assert dispute_line(uow, a_case(uow).id) is None


def test_every_school_of_the_dispute_is_named_with_its_ballot(uow: UnitOfWork) -> None:
    """Turns red if the page names its own school only, or keeps one that left out of sight."""
    made = together(joined(uow, 4, 5, 6))
    happen(made.uow, made[2].case, EventKind.SETTLEMENT_REACHED)
    line = dispute_line(made.uow, made[0].case_id)
    assert line is not None
    assert (line.ref, line.settled_on) == (f"D-{made[0].case.ref}", None)
    assert [school.workplace for school in line.schools] == made.each(lambda ladder: ladder.case.workplace.name)
    assert [(school.stage, school.settled_on) for school in line.schools] == [
        (Stage.BALLOT_PREPARATION, None),
        (Stage.BALLOT_PREPARATION, None),
        (Stage.SETTLED, day("Tue 2026-10-06")),
    ]
    assert [school.ballot_stage for school in line.schools] == [BallotStage.PLANNED, BallotStage.PLANNED, None]


def test_a_mandate_is_over_for_the_school_that_settled_and_stands_for_the_others(uow: UnitOfWork) -> None:
    """Turns red if the page asks whether the dispute as a whole is settled."""
    made = carried(voting_over(together(joined(uow, 4, 5))), 9, 6, 1).on("Fri 2026-11-20")
    happen(made.uow, made[0].case, EventKind.SETTLEMENT_REACHED)
    pages = made.each(lambda ladder: case_page(ladder.uow, ladder.case.ref))
    assert [{mandate.settled_on for mandate in page.mandates} for page in pages] == [{day("Fri 2026-11-20")}, {None}]


def test_a_case_that_left_before_the_result_has_no_mandate_of_it(uow: UnitOfWork) -> None:
    """Turns red if a case shows the mandates of its ballot that are for the other schools alone."""
    made = voting_over(together(joined(uow, 4, 5, 6)))
    happen(made.uow, made[2].case, EventKind.SETTLEMENT_REACHED)
    carried(made, 15, 10, 2).on("Fri 2026-11-20")
    assert made.each(lambda ladder: len(case_page(ladder.uow, ladder.case.ref).mandates)) == [2, 2, 0]


def test_a_case_that_was_closed_left_and_is_not_said_to_have_settled(
    uow: UnitOfWork, capsys: pytest.CaptureFixture[str]
) -> None:
    """Turns red if the dispute of a case that was closed is live still, or is called settled."""
    made = carried(voting_over(together(joined(uow, 4, 5))), 9, 6, 1).on("Fri 2026-11-20")
    for ladder in made:
        happen(made.uow, ladder.case, (EventKind.CASE_CLOSED, {"reason": "members no longer pursue it"}))
    document = case_document(made.uow, made[0].case.ref)
    tell_case(document, explained=False)
    told = capsys.readouterr().out
    assert "ended Friday 20 November 2026" in told
    assert "settled" not in told.lower()
    assert [school.settled_on for school in document["dispute"].schools] == [day("Fri 2026-11-20")] * 2


def test_the_command_line_tells_the_same(uow: UnitOfWork, capsys: pytest.CaptureFixture[str]) -> None:
    """Turns red if `tell_case` leaves out the dispute."""
    made = together(joined(uow, 4, 5))
    document = case_document(made.uow, made[1].case.ref)
    assert asdict(document["dispute"])["schools"][0]["case_ref"] == made[0].case.ref
    tell_case(document, explained=False)
    told = capsys.readouterr().out
    assert f"Dispute: D-{made[0].case.ref}" in told
    assert made[0].case.workplace.name in told


def test_the_history_says_who_voted_together() -> None:
    """Turns red if a ballot of several reads like a ballot of one."""
    assert sentence(EventKind.BALLOT_AUTHORISED, {**VOTED, "workplaces": 3}).startswith(
        "A ballot of 3 schools together"
    )
    assert sentence(EventKind.BALLOT_AUTHORISED, {**VOTED, "workplaces": 1}).startswith("A ballot was authorised")
    assert sentence(EventKind.DISPUTE_JOINED, {"dispute": "D-1"}) == "The case joined the trade dispute D-1."
