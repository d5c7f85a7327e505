"""What a person can do about a notice that went wrong: withdraw a receipt, let a held one go."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ballots.steps import readiness_of
from core.errors import NotFound
from core.findings import stops
from notifications import outbox
from notifications.lifecycle import State
from tests.ballots.scenes import Ladder

Climb = Callable[[str], Ladder]


def test_a_withdrawn_receipt_shuts_the_gate_again(climb: Climb) -> None:
    """Mutation: leave out `proof.revoke` in `withdraw_receipt`, and the ballot opens on a proof that was wrong."""
    ladder = climb("noticed")
    assert not stops(readiness_of(ladder.uow, ladder.ballot))
    (letter,) = [each for each in ladder.papers("notice_of_ballot") if each.state is State.EVIDENCED]
    ladder.act("receipt_withdrawn", proved=letter.id, reason="the receipt was for another letter")
    assert letter.state is State.REVOKED
    assert [finding.code for finding in stops(readiness_of(ladder.uow, ladder.ballot))] == ["ballot_notice_missing"]


def test_a_receipt_that_does_not_stand_cannot_be_withdrawn(climb: Climb) -> None:
    """Mutation: leave out `_require`, and the lifecycle's own refusal speaks of states instead."""
    ladder = climb("noticed")
    (letter,) = [each for each in ladder.papers("notice_of_ballot") if each.state is State.EVIDENCED]
    ladder.act("receipt_withdrawn", proved=letter.id, reason="the receipt was for another letter")
    other = next(each for each in ladder.papers("sample_voting_paper") if each.state is not State.EVIDENCED)
    with pytest.raises(NotFound):
        ladder.act("receipt_withdrawn", proved=other.id, reason="it never came")


def test_a_held_notice_goes_once_a_person_lets_it(climb: Climb) -> None:
    """Mutation: leave out `outbox.release` in `release_notice`, and the notice is held for ever."""
    ladder = climb("planned")
    letter = ladder.papers("notice_of_ballot")[0]
    outbox.approve(ladder.uow, letter.id, "officer:second")
    outbox.queue(ladder.uow, letter.id)
    letter.state = State.HELD
    ladder.act("notice_released", held=letter.id, reason="the relay says that nothing arrived")
    assert letter.state is not State.HELD


def test_only_a_held_notice_can_be_let_go(climb: Climb) -> None:
    """Mutation: leave out `_require` in `release_notice`, and another case's notice could be named."""
    ladder = climb("planned")
    with pytest.raises(NotFound):
        ladder.act("notice_released", held=ladder.papers("notice_of_ballot")[0].id, reason="it is in a hurry")
