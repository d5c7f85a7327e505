"""What a person can do about a notice that went wrong: withdraw a receipt, let a held one go."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.case_views import case_page
from ballots import notice_handlers
from ballots.handlers import filed_under, subjects_of
from ballots.steps import readiness_of
from casework.agreements.steps import schedule_check
from core.errors import NotFound
from core.findings import stops
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.lifecycle import State
from tests.ballots.scenes import Ladder, send
from tests.builders import SETTLED_WITH_HEAD, a_case, happen
from tests.casework.agreements.settling import monitored

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


def test_the_record_of_a_settlement_is_listed_and_its_receipt_recorded(uow: UnitOfWork) -> None:
    """Turns red if `subjects_of` leaves the agreements out, or `filed_under` does not begin with it."""
    case = a_case(uow, issues=("meetings", "email"))
    happen(uow, case, *SETTLED_WITH_HEAD)
    agreement = monitored(uow, case)
    schedule_check(uow, case.id)
    send(uow)
    subject = f"agreement:{agreement.id}"
    letter = Ladder(uow, case.id).papers("settlement_record", subject)[0]
    assert letter.id in {line.id for line in case_page(uow, case.ref).notices}
    ladder = Ladder(uow, case.id).arrives("settlement_record", subject)
    assert letter.state is State.EVIDENCED
    assert letter in notice_handlers.proved(ladder.uow, case.id)
    assert subjects_of(uow, case.id) <= filed_under(uow, case.id)
