"""What comes back by mail: matched strictly, counted once, and never more than it proves."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from email.message import EmailMessage

import pytest

from core.errors import Conflict
from notifications import outbox, proof
from notifications.inbox import Reading, first_sight, take_mail
from notifications.lifecycle import Medium, State
from tests.notifications.conftest import Desk

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
        return take_mail(uow, content)


@pytest.mark.parametrize("quoting", ["message/rfc822", "text/rfc822-headers"])
def test_fm_05_a_bounce_in_time_is_served_by_letter(desk: Desk, sent: uuid.UUID, quoting: str) -> None:
    """
    The proof falls, the approved letter goes, and the clerk's server may quote the mail or its headers only.

    Mutation: in `inbox._take_back`, leave out `re_serve`.
    """
    desk.now += timedelta(days=2)
    assert take(desk, report(desk.notice(sent).message_id, quoting=quoting)) is Reading.BOUNCED

    assert desk.state(sent) is State.RE_SERVED
    assert desk.sweep().accepted == 1
    assert [path.suffix for path in desk.files()] == [".eml", ".pdf"]


def test_fm_06_a_bounce_after_the_last_day_is_never_served_again_as_if_in_time(desk: Desk, sent: uuid.UUID) -> None:
    """
    Mutation: in `inbox._take_back`, leave out the date.
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
        assert [notice.medium for notice in outbox.about(uow, "ballot:1")] == [Medium.MAIL]
    assert desk.state(sent) is State.REVOKED


@pytest.mark.parametrize(
    ("action", "reading", "counts"),
    [
        ("delivered", Reading.DELIVERED, True),
        ("relayed", Reading.AUTOMATIC_REPLY, False),
        ("delayed", Reading.DELAYED, False),
        ("nonsense", Reading.UNMATCHED, False),
    ],
)
def test_fm_07_only_a_report_of_delivery_proves_receipt(
    desk: Desk, sent: uuid.UUID, action: str, reading: Reading, *, counts: bool
) -> None:
    """
    Handing on to another server is not delivery.

    Mutation: in `inbox.ACTIONS`, make `relayed` DELIVERED.
    """
    assert take(desk, report(desk.notice(sent).message_id, action=action)) is reading

    with desk.work() as uow:
        assert (proof.received_on(uow, sent) is not None) is counts


def test_fm_07_an_out_of_office_reply_is_kept_and_never_counts(desk: Desk, sent: uuid.UUID) -> None:
    """
    Mutation: in `inbox._act`, keep an automatic reply as class B.
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

    Mutation: in `inbox._matched`, leave out the address.
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


def test_a_bounce_before_the_result_of_the_send_changes_nothing(desk: Desk) -> None:
    """
    Events may come in any order: what has not gone out has no proof to lose.
    """
    notice_id = desk.queue("notice_of_ballot")

    assert take(desk, report(desk.notice(notice_id).message_id)) is Reading.BOUNCED
    assert desk.state(notice_id) is State.QUEUED
