"""The outbox: one row for one notice, frozen, and queued only when it may be."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core import history
from core.errors import BadInput, Conflict, NotFound, StageError
from core.unit_of_work import UnitOfWork, unit_of_work
from notifications import listing, outbox, waiting
from notifications.lifecycle import INSTEAD, Medium, NotHeld, State
from notifications.messages import Message
from notifications.models import Notice
from notifications.recipients import Recipient
from tests.conftest import NOON
from tests.notifications.conftest import Desk
from tests.notifications.samples import NOTICE_OF_BALLOT, RECIPIENTS, SAMPLES

EMPLOYER = RECIPIENTS["employer"]
NOTICE = Message("notice_of_ballot", NOTICE_OF_BALLOT)
DISPUTE = Message("dispute_notified", SAMPLES["dispute_notified"])


def prepared(uow: UnitOfWork, message: Message = NOTICE, **changes: object) -> Notice:
    """A notice of ballot by letter, unless told otherwise."""
    how = {"medium": Medium.LETTER, "subject_ref": "ballot:1", **changes}
    return outbox.prepare(uow, message, how.pop("to", EMPLOYER), **how)


def test_the_same_key_gives_the_row_that_stands(uow: UnitOfWork) -> None:
    """
    A handler that runs twice prepares one notice.
    """
    first, second = prepared(uow), prepared(uow)

    assert first is second
    assert uow.session.query(Notice).count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"medium": Medium.MAIL},
        {"subject_ref": "ballot:2"},
        {"content_version": "2"},
        {"to": Recipient("employer:2", EMPLOYER.name, None, ("1 South Road",))},
    ],
)
def test_another_part_of_the_key_is_another_notice(uow: UnitOfWork, change: dict[str, object]) -> None:
    """
    Subject, recipient, medium and version each tell notices apart; so does the Message-ID.
    """
    first, second = prepared(uow), prepared(uow, **change)

    assert first.id != second.id
    assert first.message_id != second.message_id


def test_the_same_key_with_other_facts_is_a_conflict(uow: UnitOfWork) -> None:
    """
    A frozen notice is not overwritten, and not silently kept when the caller means something else.
    """
    prepared(uow)

    with pytest.raises(Conflict, match="other facts"):
        prepared(uow, Message("notice_of_ballot", {**NOTICE_OF_BALLOT, "total": 1_205}))


def test_a_notice_lives_and_dies_with_the_act_it_speaks_of(desk: Desk) -> None:
    """
    The caller's transaction rolls back: no row, nothing to send.
    """

    def act() -> None:
        with desk.work() as uow:
            outbox.enqueue(uow, DISPUTE, EMPLOYER, medium=Medium.LETTER, subject_ref="case:1")
            raise RuntimeError("the act failed")

    with pytest.raises(RuntimeError, match="the act failed"):
        act()

    assert desk.sweep().due == 0
    assert desk.files() == []


def test_a_statutory_notice_waits_for_its_approval(uow: UnitOfWork) -> None:
    """
    Mutation: add State.QUEUED to TRANSITIONS[State.RENDERED].
    """
    notice = prepared(uow)

    with pytest.raises(StageError, match="approved"):
        outbox.queue(uow, notice.id)

    outbox.approve(uow, notice.id, "officer:7")
    assert outbox.queue(uow, notice.id).state is State.QUEUED
    assert notice.approved_by == "officer:7"


def test_enqueue_refuses_a_statutory_notice(uow: UnitOfWork) -> None:
    """
    The short way round is for messages that need nobody's approval.
    """
    with pytest.raises(StageError, match="statutory"):
        outbox.enqueue(uow, NOTICE, EMPLOYER, medium=Medium.LETTER, subject_ref="ballot:1")


def test_the_database_itself_refuses_an_unapproved_statutory_notice(desk: Desk) -> None:
    """
    Even a statement written by hand cannot queue it.
    """
    with desk.work() as uow:
        prepared(uow)
    with pytest.raises(IntegrityError, match="statutory_is_approved"), desk.work() as uow:
        uow.session.execute(text("UPDATE notices SET state = 'queued'"))
    with pytest.raises(IntegrityError, match="ck_notices_state"), desk.work() as uow:
        uow.session.execute(text("UPDATE notices SET state = 'posted'"))


def test_enqueue_twice_is_enqueue_once(uow: UnitOfWork) -> None:
    """
    Prepared, approved by whoever acts, and queued; the second call changes nothing.
    """
    first = outbox.enqueue(uow, DISPUTE, EMPLOYER, medium=Medium.MAIL, subject_ref="case:1")
    queued_at, entries = first.queued_at, uow.session.query(history.HistoryEntry).count()
    second = outbox.enqueue(uow, DISPUTE, EMPLOYER, medium=Medium.MAIL, subject_ref="case:1")

    assert (second.id, second.state, second.queued_at) == (first.id, State.QUEUED, queued_at)
    assert second.approved_by == "staff:test"
    assert uow.session.query(history.HistoryEntry).count() == entries


def test_a_cancelled_notice_goes_nowhere(desk: Desk) -> None:
    """
    Cancelling is for what has not gone out; twice is once.
    """
    notice_id = desk.queue()
    with desk.work() as uow:
        outbox.cancel(uow, notice_id, "settled")
        outbox.cancel(uow, notice_id, "settled")

    assert desk.sweep().due == 0
    assert desk.state(notice_id) is State.CANCELLED


def test_what_has_gone_out_cannot_be_cancelled(desk: Desk) -> None:
    """
    A cancellation would claim that it never went.
    """
    notice_id = desk.queue()
    desk.sweep()

    with pytest.raises(StageError), desk.work() as uow:
        outbox.cancel(uow, notice_id, "too late")


def test_only_a_held_notice_is_released(desk: Desk) -> None:
    """
    Turns red if anything else is let go, which could send it again, or the refusal speaks of stages and records.
    """
    notice_id = desk.queue()
    desk.sweep()

    with pytest.raises(NotHeld) as refused, desk.work() as uow:
        outbox.release(uow, notice_id, "by mistake")

    assert str(refused.value) == (
        "This notice is not held for a person, so there is nothing to let go: it has gone out, and waits for proof of "
        "its receipt."
    )
    assert set(INSTEAD) == set(State) - {State.HELD}


def test_the_nearest_statutory_date_goes_first(desk: Desk) -> None:
    """
    Those without a date come after those with one; what is for later is not due.
    """
    plain = desk.queue(subject_ref="case:1")
    later = desk.queue(subject_ref="case:2", latest_receipt_on=date(2026, 9, 14))
    sooner = desk.queue(subject_ref="case:3", latest_receipt_on=date(2026, 9, 7))
    with desk.work() as uow:
        next_week = uow.now + timedelta(days=7)
        outbox.enqueue(uow, DISPUTE, EMPLOYER, medium=Medium.MAIL, subject_ref="case:4", send_after=next_week)

        assert [notice.id for notice in waiting.due(uow, 10)] == [sooner, later, plain]
        assert [notice.id for notice in waiting.due(uow, 2)] == [sooner, later]
        assert waiting.counts(uow)[State.QUEUED] == 4
        assert set(waiting.counts(uow)) == set(State)


def test_a_medium_needs_an_address_and_a_template(uow: UnitOfWork) -> None:
    """
    The sentence names the key of the recipient, never the person.
    """
    nobody = Recipient("member:9", "Kim Sample")
    with pytest.raises(BadInput, match="member:9: found 'no address for mail'") as refused:
        outbox.enqueue(
            uow,
            Message("claim_decided", SAMPLES["claim_decided"]),
            nobody,
            medium=Medium.MAIL,
            subject_ref="claim:1",
        )

    assert "Kim" not in str(refused.value)


def test_an_unknown_notice_is_not_found(uow: UnitOfWork) -> None:
    """
    No guess, no empty answer.
    """
    with pytest.raises(NotFound):
        outbox.approve(uow, uuid.uuid4(), "officer:7")


def test_a_subject_lists_its_notices(desk: Desk) -> None:
    """
    For the page of a ballot.
    """
    notice_id = desk.queue(subject_ref="ballot:9")

    with desk.work() as uow:
        assert [notice.id for notice in listing.about(uow, "ballot:9")] == [notice_id]


def test_fm_08_an_address_changed_after_the_freeze_changes_nothing(uow: UnitOfWork) -> None:
    """
    Turns red if `prepare` overwrites `standing.recipient_email` with the new address.
    """
    prepared(uow, medium=Medium.MAIL)
    moved = Recipient(EMPLOYER.key, EMPLOYER.name, "new-clerk@north-trust.test", ("9 New Street",))
    again = prepared(uow, medium=Medium.MAIL, to=moved)

    assert (again.recipient_email, again.recipient_postal) == (EMPLOYER.email, list(EMPLOYER.postal_lines))


def test_history_tells_what_happened_without_a_name(desk: Desk) -> None:
    """
    Prepared, approved, queued, attempted: ids and digests only.
    """
    notice_id = desk.queue()
    desk.sweep()
    with unit_of_work("staff:test", as_of=NOON, on=desk.database) as uow:
        entries = uow.session.query(history.HistoryEntry).filter_by(subject=f"notice:{notice_id}").all()

    assert [entry.action.rpartition(":")[2] for entry in entries] == ["prepared", "approved", "queued", "attempted"]
    assert "North" not in str([entry.facts for entry in entries])
