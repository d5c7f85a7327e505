"""The ladder applied to what is in the database: silence, the next channel, and a person in time."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core import sweeps
from core.settings import settings
from notifications import climbing, inbox, listing, outbox, proof, tasks
from notifications.ladder import Do, Rung, rung
from notifications.lifecycle import Medium, State
from notifications.messages import Message
from notifications.models import Notice
from notifications.recipients import Recipient, addressed
from notifications.tasks import TaskKind
from tests.notifications.conftest import Desk
from tests.notifications.samples import recipient_for
from tests.notifications.sinks import Sink, say
from tests.notifications.test_inbox import acknowledged, report
from tests.notifications.test_mail_reports import content_of

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

LATEST = date(2026, 9, 14)
ASKED_BY = datetime(2026, 9, 13, 16, tzinfo=UTC)


def hear(desk: Desk) -> None:
    """The mailbox is read to its end."""
    with desk.work() as uow:
        sweeps.succeeded(uow, climbing.MAILBOX, {})


def look(desk: Desk, after: timedelta = timedelta()) -> list[Do]:
    """One sweep of service: what it did for each paper."""
    desk.now += after
    hear(desk)
    with desk.work() as uow:
        bounced, silent = climbing.bounced_before_their_result(uow), climbing.silent(uow)
    done: list[Do] = []
    with desk.work() as uow:
        for each in bounced:
            climbing.settle_bounce(uow, each)
        for each in silent:
            climbing.take_silence(uow, each)
    with desk.work() as uow:
        due = climbing.to_climb(uow)
    for each in due:
        with desk.work() as uow:
            done.append(climbing.climb(uow, each).do)
    return done


def asked(desk: Desk) -> list[tuple[uuid.UUID, datetime | None]]:
    """Who is asked to hand what over, by when."""
    with desk.work() as uow:
        return [(task.notice_id, task.act_by) for task in tasks.open_tasks(uow, TaskKind.HAND_OVER)]


def sent(desk: Desk, **changes: object) -> uuid.UUID:
    """A notice of ballot, handed to the relay."""
    notice_id = desk.queue("notice_of_ballot", latest_receipt_on=LATEST, **changes)  # type: ignore[arg-type]
    desk.sweep()
    return notice_id


def test_fm_07_silence_shows_receipt_only_after_three_days_of_a_mailbox_that_is_read(mail_desk: Desk) -> None:
    """
    The day of the hand-over counts. A mailbox nobody reads is silent for ever.

    Turns red if `record_silence` leaves out `heard_at`.
    """
    mail = sent(mail_desk)
    hear(mail_desk)
    mail_desk.now += timedelta(hours=73)
    with mail_desk.work() as uow:
        assert climbing.silent(uow) == []
        assert not climbing.take_silence(uow, mail)
    look(mail_desk)

    notice = mail_desk.notice(mail)
    assert [(each.evidence_class, each.kind, each.received_on) for each in notice.evidence] == [
        ("B", "no_bounce", date(2026, 9, 1))
    ]
    assert notice.state is State.EVIDENCED
    assert look(mail_desk, timedelta(days=10)) == []
    assert asked(mail_desk) == []


@pytest.mark.parametrize("hours", [71, 72])
def test_fm_07_silence_is_long_enough_after_72_hours(mail_desk: Desk, hours: int) -> None:
    """
    Turns red if `climbing.silent` or `proof.record_silence` takes less.
    """
    mail = sent(mail_desk)
    look(mail_desk, timedelta(hours=hours))

    assert bool(mail_desk.notice(mail).evidence) is (hours >= 72)


@pytest.mark.parametrize("reason", ["folder", "practice", "delayed", "unclear", "bounced", "signed for"])
def test_fm_07_silence_of_a_mail_that_something_is_known_of_shows_nothing(
    mail_desk: Desk, desk: Desk, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    """
    A file that was laid in a folder was handed to nobody; a server that said it would go on trying is not silent, nor
    is one that said something which no program can read; and the union may take no silence for receipt.

    Turns red if `record_silence` leaves out the channel, the signs or the practice, or `inbox._act` the sign of what is
    unclear.
    """
    if reason == "folder":
        mail_desk.channels[Medium.MAIL] = mail_desk.channels[Medium.LETTER]
    mail = sent(mail_desk)
    if reason == "practice":
        monkeypatch.setenv("MANDATE_NO_BOUNCE_HOURS", "0")
        settings.cache_clear()
    with mail_desk.work() as uow:
        if reason in {"delayed", "unclear", "bounced"}:
            inbox.take(uow, report(mail_desk.notice(mail).message_id, action={"bounced": "failed"}.get(reason, reason)))
        if reason == "signed for":
            acknowledged(mail_desk, mail)
    look(mail_desk, timedelta(hours=100))

    with mail_desk.work() as uow:
        assert proof.record_silence(uow, mail, heard_at=mail_desk.now, recorded_by="flow:test") is None
    assert "no_bounce" not in {each.kind for each in mail_desk.notice(mail).evidence}


def test_a_mail_that_shows_nothing_is_followed_by_its_letter_once(mail_desk: Desk) -> None:
    """
    The same notice by another channel, with the bytes that were approved; then nothing more until a person is asked.

    Turns red if `climb` leaves out `also_by_letter`.
    """
    mail = sent(mail_desk)
    take = report(mail_desk.notice(mail).message_id, action="delayed")
    with mail_desk.work() as uow:
        inbox.take(uow, take)
    assert look(mail_desk, timedelta(days=6)) == [Do.TRY]
    assert look(mail_desk) == []
    mail_desk.sweep()

    with mail_desk.work() as uow:
        first, letter = listing.about(uow, "ballot:1")
        assert (letter.medium, letter.instead_of_id, letter.body) == (Medium.LETTER, first.id, first.attachment)
    assert asked(mail_desk) == []


def test_a_person_is_asked_a_day_before_offices_close_and_the_receipt_ends_the_task(mail_desk: Desk) -> None:
    """
    Asked under the paper, once; whoever records its receipt on any copy has done it.

    Turns red if `record_receipt` leaves out `_nobody_need_serve`, or `_step` asks later.
    """
    mail = sent(mail_desk)
    with mail_desk.work() as uow:
        inbox.take(uow, report(mail_desk.notice(mail).message_id, action="delayed"))
    look(mail_desk, timedelta(days=6))
    mail_desk.sweep()
    mail_desk.now = ASKED_BY - timedelta(hours=1, minutes=1)
    assert look(mail_desk) == []
    assert look(mail_desk, timedelta(minutes=1)) == [Do.ASK]
    assert look(mail_desk, timedelta(hours=1)) == []
    assert asked(mail_desk) == [(mail, datetime(2026, 9, 14, 16, tzinfo=UTC))]

    with mail_desk.work() as uow:
        letter = next(each for each in listing.about(uow, "ballot:1") if each.instead_of_id == mail)
        proof.record_receipt(
            uow,
            letter.id,
            evidence_class="A",
            kind="handed_over",
            received_on=uow.today,
            recorded_by="officer:1",
        )
    assert asked(mail_desk) == []
    assert look(mail_desk) == []


def test_a_proof_that_is_withdrawn_makes_the_task_anew(mail_desk: Desk) -> None:
    """
    Whoever had done it did it with the wrong paper.

    Turns red if `climb` asks without `_again`.
    """
    mail = sent(mail_desk, to=_without_letter())
    mail_desk.now = ASKED_BY
    hear(mail_desk)
    with mail_desk.work() as uow:
        inbox.take(uow, report(mail_desk.notice(mail).message_id))
    look(mail_desk)
    acknowledged(mail_desk, mail)
    assert asked(mail_desk) == []
    with mail_desk.work() as uow:
        proof.revoke(uow, mail, reason="it was another paper")

    assert look(mail_desk) == [Do.ASK]
    assert [each for each, _ in asked(mail_desk)] == [mail]
    assert look(mail_desk) == []


def test_a_request_that_ended_without_proof_is_made_anew(mail_desk: Desk, sink: Sink) -> None:
    """
    However it ended: while receipt can be in time and nothing shows it, somebody is asked. Once each time.

    Turns red if `to_climb` takes a request that is done for one that stands, or `_again` names each the same.
    """
    sink.on_data = say("550 no such user")
    mail = sent(mail_desk, to=_without_letter())
    for _ in range(3):
        assert look(mail_desk) == [Do.ASK]
        assert [each for each, _ in asked(mail_desk)] == [mail]
        assert look(mail_desk) == []
        with mail_desk.work() as uow:
            assert tasks.done_for(uow, mail, TaskKind.HAND_OVER, "officer:1", "left a message") == 1


def test_an_earlier_last_day_reaches_the_request_that_is_open(mail_desk: Desk, sink: Sink) -> None:
    """
    Whoever was asked is told the nearer moment, and is asked once.

    Turns red if `to_climb` passes over every paper about which somebody is asked.
    """
    sink.on_data = say("550 no such user")
    mail = sent(mail_desk, to=_without_letter())
    look(mail_desk)
    assert asked(mail_desk) == [(mail, datetime(2026, 9, 14, 16, tzinfo=UTC))]
    with mail_desk.work() as uow:
        uow.session.get_one(Notice, mail).latest_receipt_on = date(2026, 9, 10)

    assert look(mail_desk) == [Do.ASK]
    assert asked(mail_desk) == [(mail, datetime(2026, 9, 10, 16, tzinfo=UTC))]
    assert look(mail_desk) == []


@pytest.mark.parametrize(("on", "does"), [(LATEST, [Do.ASK]), (LATEST + timedelta(days=1), [])])
def test_a_paper_is_looked_at_until_its_last_day_is_over(mail_desk: Desk, on: date, does: list[Do]) -> None:
    """
    On the last day itself a hand-over is in time; after it only a new notice is.

    Turns red if `_on_their_way` takes the last day for over.
    """
    sent(mail_desk)
    mail_desk.now = datetime(on.year, on.month, on.day, 8, tzinfo=UTC)
    with mail_desk.work() as uow:
        due = climbing.to_climb(uow)
    with mail_desk.work() as uow:
        assert [climbing.climb(uow, each).do for each in due] == does


def _without_letter() -> Recipient:
    return replace(recipient_for("employer"), postal_lines=())


def test_a_mail_refused_for_good_without_an_address_for_a_letter_is_a_task_at_once(mail_desk: Desk, sink: Sink) -> None:
    """
    Nobody waits for a channel that is not there.
    """
    sink.on_data = say("550 no such user")
    mail = sent(mail_desk, to=_without_letter())

    assert look(mail_desk) == [Do.ASK]
    assert [each for each, _ in asked(mail_desk)] == [mail]


def test_a_letter_that_nobody_approved_is_a_task_once_and_goes_when_somebody_has(mail_desk: Desk) -> None:
    """
    The ladder sends nothing that was not approved, and does not look at it in every sweep.

    Turns red if `_on_their_way` leaves out what is kept back.
    """
    mail = sent(mail_desk)
    with mail_desk.work() as uow:
        row = uow.session.get_one(Notice, mail)
        outbox.prepare(
            uow,
            Message(row.kind, row.facts),
            addressed(row),
            medium=Medium.LETTER,
            subject_ref=row.subject_ref,
            latest_receipt_on=LATEST,
        )
        inbox.take(uow, content_of("postfix-delayed"))

    assert look(mail_desk, timedelta(days=6)) == [Do.ASK]
    assert [each for each, _ in asked(mail_desk)] == [mail]
    assert look(mail_desk) == []

    with mail_desk.work() as uow:
        letter = next(each for each in listing.about(uow, "ballot:1") if each.medium is Medium.LETTER)
        outbox.approve(uow, letter.id, "officer:approver")
        outbox.queue(uow, letter.id)
    assert look(mail_desk) == []
    mail_desk.sweep()
    assert mail_desk.state(letter.id) is State.ACCEPTED


def test_two_copies_that_were_queued_together_are_one_paper(mail_desk: Desk) -> None:
    """
    What shows receipt of the letter shows it of the paper, and only one person is asked.

    Turns red if `_papers` groups by notice.
    """
    mail, letter = sent(mail_desk), sent(mail_desk, medium=Medium.LETTER)
    with mail_desk.work() as uow:
        assert set(climbing.served_of(uow, mail).ids) == {mail, letter}
    mail_desk.now = ASKED_BY
    with mail_desk.work() as uow:
        inbox.take(uow, content_of("postfix-delayed"))
    assert look(mail_desk) == [Do.ASK]
    assert len(asked(mail_desk)) == 1


@pytest.mark.parametrize(
    ("arrives", "reached"),
    [
        (None, Rung.ACCEPTED),
        ("out-of-office", Rung.ACCEPTED),
        ("read-receipt", Rung.OPENED),
        ("postfix-delivered", Rung.DELIVERED),
        ("answer", Rung.ACKNOWLEDGED),
    ],
)
def test_the_rung_of_a_paper(mail_desk: Desk, arrives: str | None, reached: Rung) -> None:
    """
    Read off what is recorded.
    """
    mail = sent(mail_desk)
    mail_desk.now += timedelta(days=2)
    if arrives == "answer":
        acknowledged(mail_desk, mail)
    elif arrives is not None:
        with mail_desk.work() as uow:
            inbox.take(uow, content_of(arrives))

    with mail_desk.work() as uow:
        assert rung(climbing.served_of(uow, mail).paper.copies) is reached


def test_fm_20_a_bounce_before_the_result_of_the_send_is_settled_with_it(mail_desk: Desk, sink: Sink) -> None:
    """
    The mailbox may be read before the worker has written down that it sent.

    Turns red if `bounced_before_their_result` finds nothing.
    """
    mail = mail_desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    bounce = report(mail_desk.notice(mail).message_id)
    while_sending: list[State] = []

    def bounces_first(_server: Any, _envelope: Any) -> str:
        with mail_desk.work() as uow:
            inbox.take(uow, bounce)
        while_sending.append(mail_desk.state(mail))
        return "250 taken"

    sink.on_data = bounces_first
    mail_desk.sweep()
    assert (while_sending, mail_desk.state(mail)) == ([State.SENDING], State.ACCEPTED)
    look(mail_desk)

    assert mail_desk.state(mail) is State.RE_SERVED
    assert look(mail_desk) == []
