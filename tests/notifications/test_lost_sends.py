"""What went out before a restore and has no row: made again it waits for a person, whatever it is called now."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from core.settings import settings
from notifications import outbox
from notifications.journal import Journal
from notifications.keys import recipient_digest
from notifications.lifecycle import State
from notifications.models import Notice
from notifications.reconciling import Reconciled
from tests.conftest import NOON
from tests.engines import Engine
from tests.notifications.conftest import Desk
from tests.notifications.samples import RECIPIENTS
from tests.notifications.sinks import Sink
from tests.notifications.test_quarantine import backed_up, ended, opened_now, reconciled

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

EMPLOYER = recipient_digest(RECIPIENTS["employer"].key)
LIKE_IT = "a notice of this kind went to this recipient on 2026-09-01"


@pytest.fixture(autouse=True)
def journal_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal on another disk than the database, so that a restored one finds it."""
    monkeypatch.setenv("MANDATE_JOURNAL_FOLDER", str(tmp_path / "journal"))
    settings.cache_clear()


def lose(desk: Desk, *, outcome: str | None = "accepted", **changes: str) -> None:
    """The journal tells of one more notice of ballot that the database does not know, and it is taken in."""
    journal = Journal.beside(desk.database)
    named = {"notice": str(uuid.uuid4()), "message_id": f"<{uuid.uuid4()}@union.test>", "sha256": "0" * 64}
    to = {"kind": "notice_of_ballot", "recipient": EMPLOYER}
    journal.write(NOON + timedelta(hours=1), "sending", epoch=1, **{**named, **to, **changes})
    if outcome is not None:
        journal.write(NOON + timedelta(hours=1), outcome, epoch=1, **{**named, **changes})
    desk.now = max(desk.now, NOON + timedelta(hours=2))
    assert opened_now(desk) is not None
    assert reconciled(desk) == Reconciled(without_row=1)
    ended(desk)


def made(desk: Desk, number: int = 1) -> uuid.UUID:
    """A notice of ballot about a ballot of that number, and one sweep."""
    notice_id = desk.queue("notice_of_ballot", subject_ref=f"ballot:{number}")
    desk.sweep(timedelta(minutes=1))
    return notice_id


@pytest.mark.parametrize("decision", ["released", "taken back"])
def test_fm_38_a_statutory_notice_about_a_thing_that_was_made_again_waits(
    mail_desk: Desk, sink: Sink, engine: Engine, decision: str
) -> None:
    """
    The ballot was authorised after the backup, and authorised again it has another id. What is of another kind goes; so
    does the next ballot's once a person has decided.

    Turns red if `went_out` asks for the Message-ID alone, or `_decided` finds nothing.
    """
    with backed_up(mail_desk, engine) as restore:
        made(mail_desk)
        desk = restore()
        opened_now(desk)
        reconciled(desk)
        ended(desk)
        desk.now += timedelta(days=1)
        again = desk.queue("notice_of_ballot", subject_ref="ballot:2")
        other = desk.queue("notice_of_action", subject_ref="ballot:2")
        desk.sweep()
        assert (desk.state(again), desk.state(other)) == (State.HELD, State.ACCEPTED)
        assert LIKE_IT in str(desk.notice(again).held_because)
        with desk.work() as uow:
            if decision == "released":
                outbox.release(uow, again, "this one never went")
            else:
                outbox.cancel(uow, again, "the employer has it")
        assert desk.sweep().accepted == (decision == "released")
        assert desk.state(made(desk, 3)) is State.ACCEPTED
    assert len(sink.taken) == 3 + (decision == "released")


def test_as_many_wait_as_were_lost(mail_desk: Desk) -> None:
    """
    Two ballots were lost, so the second made again waits, too.

    Turns red if `_one_like_it_went` is content with one decision.
    """
    lose(mail_desk)
    lose(mail_desk)
    for number in range(2):
        notice_id = made(mail_desk, number)
        assert mail_desk.state(notice_id) is State.HELD
        with mail_desk.work() as uow:
            outbox.release(uow, notice_id, "this one never went")

    assert mail_desk.state(made(mail_desk, 3)) is State.ACCEPTED


@pytest.mark.parametrize(
    ("outcome", "changes", "state"),
    [
        ("accepted", {}, State.HELD),
        (None, {}, State.HELD),
        ("unknown", {}, State.HELD),
        ("perm", {}, State.ACCEPTED),
        ("temp", {}, State.ACCEPTED),
        ("accepted", {"kind": "notice_of_action"}, State.ACCEPTED),
        ("accepted", {"recipient": recipient_digest("employer:2")}, State.ACCEPTED),
    ],
)
def test_what_may_have_gone_to_the_same_recipient_is_alike(
    mail_desk: Desk, outcome: str | None, changes: dict[str, str], state: State
) -> None:
    """
    Turns red if `_lost` leaves out the kind, the recipient or the outcome.
    """
    lose(mail_desk, outcome=outcome, **changes)

    assert mail_desk.state(made(mail_desk)) is state


def test_a_notice_of_the_backup_is_another(mail_desk: Desk) -> None:
    """
    It stood beside the one that was lost, and the journal knows nothing of it.

    Turns red if `_one_like_it_went` leaves out when the notice was made.
    """
    notice_id = mail_desk.queue("notice_of_ballot")
    lose(mail_desk)
    mail_desk.sweep()

    assert mail_desk.state(notice_id) is State.ACCEPTED


def test_what_was_taken_back_before_the_loss_is_no_decision_about_it(mail_desk: Desk) -> None:
    """
    Last year's ballot was cancelled, and that says nothing of this year's.

    Turns red if `_decided` counts what was made before the loss.
    """
    earlier = mail_desk.queue("notice_of_ballot", subject_ref="ballot:0")
    with mail_desk.work() as uow:
        outbox.cancel(uow, earlier, "the employer agreed")
    lose(mail_desk)

    assert mail_desk.state(made(mail_desk)) is State.HELD


def test_what_is_not_statutory_goes_again(mail_desk: Desk) -> None:
    """
    A second reminder harms nobody, and there would be hundreds to look at.

    Turns red if `_one_like_it_went` leaves out `statutory`.
    """
    lose(mail_desk, kind="dispute_notified")
    notice_id = mail_desk.queue("dispute_notified")
    mail_desk.sweep()

    assert mail_desk.state(notice_id) is State.ACCEPTED


def test_a_release_before_the_loss_was_known_is_no_word_about_it(mail_desk: Desk) -> None:
    """
    The journal was found later: what a person had let go for another reason waits all the same, and goes once a person
    knows.

    Turns red if `_released` leaves out the moment.
    """
    notice_id = mail_desk.queue("notice_of_ballot")
    with mail_desk.work() as uow:
        outbox.keep(uow, uow.session.get_one(Notice, notice_id), "the address is not confirmed")
    with mail_desk.work() as uow:
        outbox.release(uow, notice_id, "it is now")
    lose(mail_desk, message_id=mail_desk.notice(notice_id).message_id)
    mail_desk.sweep()
    assert "other bytes under its Message-ID" in str(mail_desk.notice(notice_id).held_because)

    with mail_desk.work() as uow:
        outbox.release(uow, notice_id, "the employer says it never came")
    mail_desk.sweep()
    assert mail_desk.state(notice_id) is State.ACCEPTED
