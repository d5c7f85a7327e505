"""A scrutineer who was instructed hears that the ballot is cancelled; one who was not hears nothing."""

from __future__ import annotations

import pytest

from ballots.steps import prepare_ballot_notices
from casework.lifecycle import EventKind
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import State
from notifications.models import Notice
from tests.ballots.scenes import Ladder, disputed, planned
from tests.builders import happen

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

MORE_THAN_EXEMPT = 51
"""Up to 50 entitled no scrutineer is needed (s. 226C)."""


@pytest.fixture
def ladder(uow: UnitOfWork) -> Ladder:
    """A planned ballot whose scrutineer has been instructed."""
    return planned(disputed(uow, members=MORE_THAN_EXEMPT)).on("Wed 2026-10-07")


def stood_down(ladder: Ladder) -> list[Notice]:
    return ladder.papers("scrutineer_stood_down")


def test_an_instructed_scrutineer_is_stood_down_once(ladder: Ladder) -> None:
    """Turns red if `cancel_ballot` tells the scrutineer nothing."""
    assert (len(ladder.papers("scrutineer_instruction")), stood_down(ladder)) == (1, [])
    ladder.act("ballot_cancelled", reason="the head asked for talks").work()
    (told,) = stood_down(ladder)
    assert (told.recipient_key, told.state) == ("scrutineer:appointed", State.ACCEPTED)
    assert told.facts == {
        "scrutineer": ladder.ballot.scrutineer,
        "employer_name": ladder.case.workplace.employer.name,
        "reason": "the head asked for talks",
        "reference": ladder.ballot.ref,
    }


def test_a_settlement_stands_the_scrutineer_down_too(ladder: Ladder) -> None:
    """Turns red if `abandon_ballots` tells the scrutineer nothing, or more than once."""
    happen(ladder.uow, ladder.case, EventKind.SETTLEMENT_REACHED)
    ladder.work().work()
    assert [each.facts["reason"] for each in stood_down(ladder)] == ["the dispute was settled"]


def test_an_instruction_that_never_left_is_taken_back_and_nothing_more(uow: UnitOfWork) -> None:
    """Turns red if `stand_down` does not look at whether the instruction was taken back."""
    ladder = disputed(uow, members=MORE_THAN_EXEMPT)
    ladder.work = lambda: ladder  # type: ignore[method-assign]  # the delivery is away
    prepare_ballot_notices(uow, planned(ladder).case_id)
    (instruction,) = ladder.papers("scrutineer_instruction")
    assert instruction.state is State.QUEUED
    ladder.act("ballot_cancelled", reason="the head asked for talks")
    assert (instruction.state, stood_down(ladder)) == (State.CANCELLED, [])


def test_a_ballot_without_a_scrutineer_stands_nobody_down(uow: UnitOfWork) -> None:
    """Turns red if `stand_down` asks neither for the scrutineer nor for the instruction."""
    ladder = planned(disputed(uow, members=MORE_THAN_EXEMPT - 1)).act("ballot_cancelled", reason="not now")
    assert not stood_down(ladder)
