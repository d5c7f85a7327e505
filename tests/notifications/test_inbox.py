"""What comes back by mail: matched strictly, counted once, and never more than it proves."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage

import pytest

from core.errors import BadInput, Conflict, NotFound
from core.settings import settings
from core.signing import key_for
from notifications import evidence_files, inbox, listing, proof, return_path, tasks
from notifications.inbox import Reading, first_sight
from notifications.lifecycle import Medium, Outcome, State
from notifications.rendering import sha256
from notifications.tasks import TaskKind
from tests.notifications.conftest import Desk
from tests.notifications.sinks import Sink, accept, drop
from tests.notifications.test_mail_reports import MESSAGE_ID, QUOTES_NOTHING, SAYS, content_of

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

ADDRESS = "clerk@north-trust.test"
LATEST = date(2026, 9, 14)


@pytest.fixture
def sent(desk: Desk) -> uuid.UUID:
    """A notice of ballot sent by mail."""
    notice_id = desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    desk.sweep()
    return notice_id


def report(
    original_id: str, *, action: str = "failed", address: str = ADDRESS, quoting: str = "message/rfc822", own: str = "1"
) -> bytes:
    """A report as mail servers write it (RFC 3464)."""
    quoted = f"Message-ID: {original_id}\r\nSubject: Notice\r\n\r\n" + (
        "words\r\n" if quoting == "message/rfc822" else ""
    )
    return (
        f"From: MAILER-DAEMON@relay.test\r\nTo: disputes@union.test\r\nMessage-ID: <{own}@relay.test>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=iso-8859-15\r\n\r\nVotre message n'a pas \xe9t\xe9 remis.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.test\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: {quoting}\r\n\r\n{quoted}\r\n--b--\r\n"
    ).encode("iso-8859-15")


def take(desk: Desk, content: bytes) -> Reading:
    """Read a mail at the desk's clock."""
    with desk.work() as uow:
        return inbox.take(uow, content).reading


@pytest.mark.parametrize("quoting", ["message/rfc822", "text/rfc822-headers"])
def test_fm_05_a_bounce_in_time_is_served_by_letter(desk: Desk, sent: uuid.UUID, quoting: str) -> None:
    """
    The proof falls, the approved letter goes, and the clerk's server may quote the mail or its headers only.

    Turns red if `inbox._serve_again` leaves out `re_serve`.
    """
    desk.now += timedelta(days=2)
    assert take(desk, report(desk.notice(sent).message_id, quoting=quoting)) is Reading.BOUNCED

    assert desk.state(sent) is State.RE_SERVED
    assert desk.sweep().accepted == 1
    assert [path.suffix for path in desk.files()] == [".eml", ".pdf"]


def test_fm_05_a_bounce_on_the_last_day_itself_is_served_by_letter(desk: Desk, sent: uuid.UUID) -> None:
    """
    It can still be laid into the employer's hands that day.

    Turns red if `inbox._serve_again` takes the last day for over.
    """
    desk.now += timedelta(days=13)
    assert desk.now.date() == LATEST
    assert take(desk, report(desk.notice(sent).message_id)) is Reading.BOUNCED

    assert desk.state(sent) is State.RE_SERVED
    with desk.work() as uow:
        assert tasks.open_tasks(uow, TaskKind.IN_DOUBT) == []


def test_fm_06_a_bounce_on_the_last_evening_is_a_persons_at_once(desk: Desk, sent: uuid.UUID) -> None:
    """
    The next sweep may come after midnight, when it looks at the paper no more: nobody would ever be asked.

    Turns red if `inbox._serve_again` asks after the last day only.
    """
    desk.now = datetime.combine(LATEST, time(22, 18), tzinfo=UTC)
    assert take(desk, report(desk.notice(sent).message_id)) is Reading.BOUNCED

    assert desk.state(sent) is State.RE_SERVED
    with desk.work() as uow:
        assert [each.notice_id for each in tasks.open_tasks(uow, TaskKind.IN_DOUBT)] == [sent]


def test_fm_06_a_bounce_after_the_last_day_is_never_served_again_as_if_in_time(desk: Desk, sent: uuid.UUID) -> None:
    """
    Turns red if `inbox._serve_again` leaves out the date.
    """
    with desk.work() as uow:
        proof.record_receipt(
            uow,
            sent,
            evidence_class="B",
            kind="delivery_report",
            received_on=uow.today,
            recorded_by="staff:test",
        )
    desk.now += timedelta(days=14)
    assert take(desk, report(desk.notice(sent).message_id)) is Reading.BOUNCED

    with desk.work() as uow:
        assert proof.receipt_status(uow, [sent])[sent].in_doubt
        assert [notice.medium for notice in listing.about(uow, "ballot:1")] == [Medium.MAIL]
    assert desk.state(sent) is State.REVOKED


@pytest.mark.parametrize(
    ("action", "reading", "counts"),
    [
        ("delivered", Reading.DELIVERED, True),
        ("relayed", Reading.AUTOMATIC_REPLY, False),
        ("delayed", Reading.DELAYED, False),
        ("nonsense", Reading.UNCLEAR, False),
    ],
)
def test_fm_07_only_a_report_of_delivery_proves_receipt(
    desk: Desk, sent: uuid.UUID, action: str, reading: Reading, *, counts: bool
) -> None:
    """
    Handing on to another server is not delivery.

    Turns red if `mail_reports.ACTIONS` has `relayed` as DELIVERED.
    """
    assert take(desk, report(desk.notice(sent).message_id, action=action)) is reading

    with desk.work() as uow:
        assert (proof.received_on(uow, sent) is not None) is counts


def test_fm_07_an_out_of_office_reply_is_kept_and_never_counts(desk: Desk, sent: uuid.UUID) -> None:
    """
    Turns red if `inbox._act` keeps an automatic reply as a DELIVERY_REPORT.
    """
    reply = EmailMessage()
    reply["From"], reply["Message-ID"], reply["Auto-Submitted"] = (
        f"The Clerk <{ADDRESS}>",
        "<ooo@x.test>",
        "auto-replied",
    )
    reply["In-Reply-To"] = desk.notice(sent).message_id
    reply.set_content("I am away until Monday.")

    assert take(desk, reply.as_bytes()) is Reading.AUTOMATIC_REPLY
    (evidence,) = desk.notice(sent).evidence
    assert (evidence.evidence_class, evidence.kind) == ("C", "automatic_reply")
    with desk.work() as uow:
        assert proof.received_on(uow, sent) is None


@pytest.mark.parametrize("forged", [{"address": "other@x.test"}, {"own": "2"}])
def test_fm_05_a_report_that_does_not_fit_a_notice_of_ours_does_nothing(
    desk: Desk, sent: uuid.UUID, forged: dict[str, str]
) -> None:
    """
    Another address, or a Message-ID that is not ours.

    Turns red if `inbox._matched` leaves out the address.
    """
    original = desk.notice(sent).message_id if "address" in forged else "<guess@union.test>"

    assert take(desk, report(original, **forged)) is Reading.UNMATCHED
    assert desk.state(sent) is State.ACCEPTED


def test_the_second_copy_of_a_report_does_nothing(desk: Desk, sent: uuid.UUID) -> None:
    """
    Mailboxes are read at least once.
    """
    bounce = report(desk.notice(sent).message_id)

    assert [take(desk, bounce), take(desk, bounce)] == [Reading.BOUNCED, Reading.SEEN_BEFORE]
    assert len(desk.files()) == 1


def test_the_same_id_with_another_content_is_a_conflict(desk: Desk) -> None:
    """
    One of the two is not what it says.
    """
    with desk.work() as uow:
        assert first_sight(uow, "bank", "7", b"a")
        assert not first_sight(uow, "bank", "7", b"a")
        with pytest.raises(Conflict, match="another content"):
            first_sight(uow, "bank", "7", b"b")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"Subject: hello\r\n\r\nhello", b"Content-Type: multipart/report\r\n\r\n"]
)
def test_a_mail_that_is_no_report_is_left_to_a_person(desk: Desk, content: bytes) -> None:
    """
    However broken it is.
    """
    assert take(desk, content) is Reading.UNMATCHED


def test_a_bounce_of_what_was_never_sent_is_left_to_a_person(desk: Desk) -> None:
    """
    No server can give back what it never had.

    Turns red if `inbox._matched` leaves out the epoch.
    """
    notice_id = desk.queue("notice_of_ballot")

    assert take(desk, report(desk.notice(notice_id).message_id)) is Reading.UNMATCHED
    assert desk.state(notice_id) is State.QUEUED


@pytest.mark.parametrize("name", [name for name, said in SAYS.items() if said in {Reading.BOUNCED, Reading.DELIVERED}])
def test_fm_05_the_corpus_is_taken_for_what_it_says(desk: Desk, sent: uuid.UUID, name: str) -> None:
    """
    A bounce that quotes nothing of ours, or another notice's Message-ID, does nothing.

    Turns red if `inbox._matched` leaves out the Message-ID or the address.
    """
    assert desk.notice(sent).message_id == MESSAGE_ID
    taken = take(desk, content_of(name))

    quotes_us = name not in QUOTES_NOTHING and name != "forged-message-id"
    assert taken is (SAYS[name] if quotes_us else Reading.UNMATCHED)
    expected = {Reading.BOUNCED: State.RE_SERVED, Reading.DELIVERED: State.EVIDENCED}.get(taken, State.ACCEPTED)
    assert desk.state(sent) is expected


@pytest.mark.parametrize("name", ["no-original-quoted", "forged-address", "several-recipients-ours-not-among-them"])
def test_fm_05_a_return_path_says_which_mail_came_back(
    desk: Desk, sent: uuid.UUID, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """
    Our mail went to one address, whatever name its server has for it.

    Turns red if `inbox._matched` asks for the address there, too.
    """
    monkeypatch.setenv("MANDATE_BOUNCE_ADDRESS", "bounces@mandate.invalid")
    settings.cache_clear()
    key = key_for(settings(), return_path.PURPOSE)
    address = return_path.make(sent, 1, base="bounces@mandate.invalid", key=key)
    came_back = content_of(name).replace(b"To: disputes@mandate.invalid", f"To: {address}".encode())
    forged = came_back.replace(address.encode(), address.replace("a", "b").encode()).replace(
        b"Message-Id: <", b"Message-Id: <f"
    )

    assert take(desk, forged) is Reading.UNMATCHED
    assert take(desk, came_back) is Reading.BOUNCED
    assert desk.state(sent) is State.RE_SERVED


def test_fm_05_a_return_path_says_which_copy_came_back(
    mail_desk: Desk, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The first copy, of which nobody knew whether it went, not the one that was accepted after it.

    Turns red if `inbox._matched` leaves out the epoch, or `proof._attempt_id` takes the last that was accepted.
    """
    monkeypatch.setenv("MANDATE_BOUNCE_ADDRESS", "bounces@mandate.invalid")
    settings.cache_clear()
    sink.on_data = drop
    notice_id = mail_desk.queue("dispute_notified")
    mail_desk.sweep()
    sink.on_data = accept
    mail_desk.sweep(timedelta(days=1))
    mail_desk.sweep(timedelta(days=1))
    first, second = mail_desk.notice(notice_id).attempts
    assert (first.outcome, second.outcome) == (Outcome.UNKNOWN, Outcome.ACCEPTED)

    key = key_for(settings(), return_path.PURPOSE)
    address = return_path.make(notice_id, first.epoch, base="bounces@mandate.invalid", key=key)
    content = content_of("postfix-user-unknown").replace(b"To: disputes@mandate.invalid", f"To: {address}".encode())
    assert take(mail_desk, content) is Reading.BOUNCED
    assert [each.attempt_id for each in mail_desk.notice(notice_id).evidence] == [first.id]


@pytest.mark.parametrize(
    "name", ["postfix-user-unknown", "postfix-delayed", "postfix-delivered", "out-of-office", "unknown-action"]
)
def test_what_a_mail_shows_is_recorded_by_whoever_handed_the_mail_in(desk: Desk, sent: uuid.UUID, name: str) -> None:
    """
    A certificate says who recorded each piece of evidence.

    Turns red if `inbox` records it as the mailbox's.
    """
    take(desk, content_of(name))

    assert {each.recorded_by for each in desk.notice(sent).evidence} == {"staff:test"}


def test_fm_05_a_bounce_does_not_undo_what_a_person_answered(desk: Desk, sent: uuid.UUID) -> None:
    """
    Somebody had the notice, whatever became of one copy.

    Turns red if `proof._withdraw_what_machines_said` leaves out the class.
    """
    acknowledged(desk, sent)

    assert take(desk, report(desk.notice(sent).message_id)) is Reading.BOUNCED
    assert desk.state(sent) is State.EVIDENCED
    with desk.work() as uow:
        assert proof.received_on(uow, sent) is not None


def test_fm_20_a_delivery_after_a_bounce_proves_nothing(desk: Desk, sent: uuid.UUID) -> None:
    """
    In whichever order the two come; what a person answers counts in any order.

    Turns red if `inbox._keep_delivery` leaves out the bounce.
    """
    said = desk.notice(sent).message_id
    take(desk, report(said, own="1"))
    take(desk, report(said, own="2", action="delivered"))

    with desk.work() as uow:
        assert proof.received_on(uow, sent) is None
    acknowledged(desk, sent)
    with desk.work() as uow:
        assert proof.received_on(uow, sent) is not None


def test_a_report_counts_from_the_day_its_server_wrote_it(desk: Desk, sent: uuid.UUID) -> None:
    """
    A mailbox may be read days later. A day before the notice was let go is not believed.

    Turns red if `inbox._keep` takes the day of reading.
    """
    desk.now += timedelta(days=5)
    take(desk, content_of("postfix-delivered"))

    with desk.work() as uow:
        assert proof.received_on(uow, sent) == date(2026, 9, 1)


@pytest.mark.parametrize(("said", "counts_from"), [(2, 6), (3, 3), (4, 4)])
def test_a_report_of_a_day_before_the_first_attempt_is_not_believed(desk: Desk, said: int, counts_from: int) -> None:
    """
    Let go on the first, handed over on the third, and read on the sixth.

    Turns red if `proof.earliest_on` leaves out the attempts: a clock that is wrong would bring a notice in time.
    """
    notice_id = desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    desk.sweep(timedelta(days=2))
    desk.now += timedelta(days=3)
    content = content_of("postfix-delivered")
    assert b"Date: Tue, 01 Sep 2026" in content
    take(desk, content.replace(b"Date: Tue, 01 Sep 2026", f"Date: Tue, {said:02} Sep 2026".encode()))

    with desk.work() as uow:
        assert proof.received_on(uow, notice_id) == date(2026, 9, counts_from)


def test_a_report_that_contradicts_what_stands_is_kept_and_proves_nothing(desk: Desk, sent: uuid.UUID) -> None:
    """
    One notice was received once.

    Turns red if `inbox._keep_delivery` lets the conflict out: the mailbox would stop at it.
    """
    desk.now += timedelta(days=5)
    take(desk, content_of("postfix-delivered"))
    take(desk, content_of("exchange-delivered-receipt").replace(b"Tue, 1 Sep 2026 13:30", b"Thu, 3 Sep 2026 13:30"))

    assert [(each.evidence_class, each.kind) for each in desk.notice(sent).evidence] == [
        ("B", "delivery_report"),
        ("C", "delivered"),
    ]


@pytest.mark.parametrize("name", ["a-persons-answer", "a-colleagues-answer"])
def test_an_answer_of_a_person_is_a_task_with_the_file(desk: Desk, sent: uuid.UUID, name: str) -> None:
    """
    It lies beside the evidence; whoever reads it decides what it shows.

    Turns red if `inbox._act` leaves out the reply.
    """
    content = content_of(name)
    assert take(desk, content) is Reading.REPLY

    with desk.work() as uow:
        (task,) = tasks.open_tasks(uow, TaskKind.READ_REPLY)
        assert (task.notice_id, evidence_files.find(uow, task.about).content) == (sent, content)
        assert proof.received_on(uow, sent) is None


def test_two_answers_are_two_tasks(desk: Desk, sent: uuid.UUID) -> None:
    """
    The second is not lost once the first is read.

    Turns red if `_ask_to_read` leaves out `about`.
    """
    take(desk, content_of("a-persons-answer"))
    with desk.work() as uow:
        (task,) = tasks.open_tasks(uow)
        tasks.done(uow, task.id, "officer:1", "answered by telephone")
    take(desk, content_of("a-colleagues-answer"))

    with desk.work() as uow:
        assert len(tasks.open_tasks(uow)) == 1


def test_what_a_server_says_that_nobody_can_read_is_a_task(desk: Desk, sent: uuid.UUID) -> None:
    """
    It is about a notice of ours, so a person looks. It may be a bounce: it is kept beside the receipts.

    Turns red if `take` leaves out what is unclear.
    """
    assert take(desk, content_of("unknown-action")) is Reading.UNCLEAR
    with desk.work() as uow:
        assert len(tasks.open_tasks(uow, TaskKind.READ_REPLY)) == 1
    assert [(each.evidence_class, each.kind) for each in desk.notice(sent).evidence] == [("C", "unclear")]
    assert desk.state(sent) is State.ACCEPTED


def test_what_fits_nothing_waits_until_a_person_has_settled_it(desk: Desk) -> None:
    """
    Its file can be opened. What was settled stays settled.

    Turns red if `unsettled` leaves out the reading, or `settle` the moment or the look at the words.
    """
    content = content_of("a-letter-out-of-the-blue")
    take(desk, content)
    with desk.work() as uow:
        (item,) = inbox.unsettled(uow)
        assert evidence_files.find(uow, item.payload_sha).content == content
        with pytest.raises(BadInput, match="in a few words"):
            inbox.settle(uow, item.payload_sha, "officer:1", " ")
    for who in ("officer:1", "officer:2"):
        with desk.work() as uow:
            assert inbox.settle(uow, sha256(content), who, "no matter for us").settled_by == "officer:1"
    with desk.work() as uow, pytest.raises(Conflict, match="what was done then stands"):
        inbox.settle(uow, sha256(content), "officer:2", "read it to the officer")
    with desk.work() as uow:
        assert inbox.unsettled(uow) == []
        with pytest.raises(NotFound):
            inbox.settle(uow, "0" * 64, "officer:1", "so")


def test_one_message_id_over_two_mails_loses_neither(desk: Desk, sent: uuid.UUID) -> None:
    """
    Whoever writes a Message-ID a second time does not make us deaf to the first.

    Turns red if `_new_item` lets the conflict out.
    """
    take(desk, content_of("a-letter-out-of-the-blue"))
    bounce = content_of("postfix-user-unknown").replace(
        b"20260901110009.4XyZ9q2Lzz@relay.union.test", b"blue.1@elsewhere.test"
    )

    assert [take(desk, bounce), take(desk, bounce)] == [Reading.BOUNCED, Reading.SEEN_BEFORE]
    assert desk.state(sent) is State.RE_SERVED


def acknowledged(desk: Desk, notice_id: uuid.UUID) -> None:
    """The employer answers."""
    with desk.work() as uow:
        proof.record_receipt(
            uow,
            notice_id,
            evidence_class="A",
            kind="acknowledged",
            received_on=uow.today,
            recorded_by="staff:test",
        )
