"""What a refusal or a lost connection leads to: the same bytes again, a longer wait, the letter, or a person."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import date, timedelta
from email.message import Message as Mail
from typing import ClassVar

import pytest

from core.calendar import london_day
from notifications import listing, outbox
from notifications.channels import Parcel, Sent, Unconnected
from notifications.delivery import LEASE
from notifications.lifecycle import Medium, Outcome, State
from notifications.waits import RESEND_WAIT, SECOND_WAY_DAYS
from tests.notifications.conftest import Desk
from tests.notifications.samples import RECIPIENTS
from tests.notifications.sinks import Sink, accept, drop, say

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

EMPLOYER = RECIPIENTS["employer"]
NO_POST = replace(EMPLOYER, postal_lines=())
AFTER_LEASE = LEASE + timedelta(seconds=1)


class Busy(Unconnected):
    """A channel that asks to be left alone for an hour."""

    name: ClassVar[str] = "busy"
    idempotent: ClassVar[bool] = True

    def send(self, parcel: Parcel) -> Sent:
        """Not now."""
        return Sent(Outcome.TEMP, 429, "later", wait_seconds=3600)


def without_attempt(mail: bytes) -> bytes:
    """A mail but for the header that numbers attempts."""
    return b"\n".join(line for line in mail.splitlines() if not line.startswith(b"X-Attempt:"))


def parsed(mail: bytes) -> Mail:
    """A mail taken apart."""
    return email.message_from_bytes(mail)


def test_fm_02_a_connection_dropped_after_acceptance_is_unknown(mail_desk: Desk, sink: Sink) -> None:
    """
    The same bytes and Message-ID go again, twice at most; then a person decides.

    Turns red if `SmtpSession._data` makes the lost connection Outcome.TEMP.
    """
    sink.on_data = drop
    notice_id = mail_desk.queue()
    reports = [mail_desk.sweep()]
    assert mail_desk.state(notice_id) is State.UNKNOWN
    reports += [mail_desk.sweep(RESEND_WAIT) for _ in range(8)]

    notice = mail_desk.notice(notice_id)
    assert [attempt.outcome for attempt in notice.attempts] == [Outcome.UNKNOWN] * 3
    assert notice.state is State.HELD
    assert notice.held_because == "nobody knows whether 3 of its copies went out"
    assert len(sink.taken) == 3
    assert len({without_attempt(mail) for mail in sink.taken}) == 1
    assert {parsed(mail)["Message-ID"] for mail in sink.taken} == {notice.message_id}
    assert [parsed(mail)["X-Attempt"] for mail in sink.taken] == ["1", "2", "3"]
    assert sum(report.held for report in reports) == 1


def test_fm_02_a_notice_that_must_not_be_repeated_is_held_at_once(mail_desk: Desk, sink: Sink) -> None:
    """
    Turns red if `results.settle` drops the test of the policy.
    """
    sink.on_data = drop
    notice_id = mail_desk.queue("claim_decided")
    mail_desk.sweep()
    for _ in range(4):
        mail_desk.sweep(RESEND_WAIT)

    assert mail_desk.state(notice_id) is State.HELD
    assert len(sink.taken) == 1


def test_fm_02_a_person_releases_what_is_held(mail_desk: Desk, sink: Sink) -> None:
    """
    Turns red if `outbox.release` leaves the state as it is.
    """
    sink.on_data = drop
    notice_id = mail_desk.queue("claim_decided")
    mail_desk.sweep()
    mail_desk.sweep()
    sink.on_data = accept
    with mail_desk.work() as uow:
        outbox.release(uow, notice_id, "the relay's log shows nothing")
    mail_desk.sweep()

    assert mail_desk.state(notice_id) is State.ACCEPTED
    assert len({without_attempt(mail) for mail in sink.taken}) == 1


def test_fm_03_a_temporary_refusal_waits_longer_each_time(mail_desk: Desk, sink: Sink) -> None:
    """
    Turns red if `waits.next_try` always waits FIRST_WAIT.
    """
    sink.on_data = say("451 try later")
    notice_id = mail_desk.queue()
    waits = []
    for _ in range(4):
        assert mail_desk.sweep().temp == 1
        waits.append(mail_desk.notice(notice_id).send_after - mail_desk.now)
        assert mail_desk.sweep(waits[-1] - timedelta(seconds=1)).due == 0
        mail_desk.now += timedelta(seconds=1)

    assert waits == sorted(waits)
    assert waits[-1] > 5 * waits[0]
    sink.on_data = accept
    assert mail_desk.sweep().accepted == 1


def test_fm_03_near_the_statutory_date_the_letter_goes_too(mail_desk: Desk, sink: Sink) -> None:
    """
    Trying goes on, but nobody waits for it to be exhausted; and one letter is enough.

    Turns red if `waits.wants_a_second_way` returns False.
    """
    sink.on_data = say("451 try later")
    mail = mail_desk.queue("notice_of_ballot", latest_receipt_on=date(2026, 9, 5))
    for _ in range(4):
        mail_desk.sweep(timedelta(hours=5))

    with mail_desk.work() as uow:
        letters = [notice for notice in listing.about(uow, "ballot:1") if notice.medium is Medium.LETTER]
    assert [letter.instead_of_id for letter in letters] == [mail]
    assert [path.read_bytes() for path in mail_desk.files()] == [mail_desk.notice(mail).attachment]
    assert mail_desk.state(mail) is State.TEMP_WAIT


def test_fm_03_a_relay_that_is_busy_for_days_is_asked_again_and_the_letter_goes_in_time(
    mail_desk: Desk, sink: Sink
) -> None:
    """
    451 for eight days of a stopped clock: no try is lost, none comes close upon another, no two notices keep step, and
    what happens at amber does not wait for the tries to be exhausted.

    Turns red if `results._wait` asks about amber only when `next_try` gives up.
    """
    sink.on_data = say("451 4.7.1 try later")
    last = date(2026, 9, 10)
    mails = [
        mail_desk.queue("notice_of_ballot", latest_receipt_on=last, subject_ref=f"ballot:{number}")
        for number in range(2)
    ]
    amber_at = None
    while mail_desk.now.date() < date(2026, 9, 9):
        mail_desk.sweep(timedelta(hours=3))
        if amber_at is None and mail_desk.files():
            amber_at = mail_desk.now
    notices = [mail_desk.notice(each) for each in mails]

    assert amber_at is not None
    assert london_day(amber_at) == last - timedelta(days=SECOND_WAY_DAYS)
    assert len(mail_desk.files()) == len(mails)
    assert {notice.state for notice in notices} == {State.TEMP_WAIT}
    assert {attempt.outcome for notice in notices for attempt in notice.attempts} == {Outcome.TEMP}
    assert all(20 < len(notice.attempts) < 64 for notice in notices)
    assert len({notice.send_after for notice in notices}) == len(mails)
    sink.on_data = accept
    mail_desk.sweep(timedelta(hours=5))
    assert {mail_desk.state(each) for each in mails} == {State.ACCEPTED}


def test_fm_03_a_relay_that_says_when_to_come_back_is_heard(desk: Desk) -> None:
    """
    Turns red if `results._wait` does not ask `Sent.wait_seconds`: who is told to wait an hour would ask twelve times.
    """
    desk.channels[Medium.MAIL] = Busy()
    notice_id = desk.queue()
    desk.sweep()

    assert desk.notice(notice_id).send_after >= desk.now + timedelta(hours=1)


def test_fm_03_after_the_statutory_date_a_person_decides(mail_desk: Desk, sink: Sink) -> None:
    """
    Turns red if nothing looks at `outbox.comes_too_late` where a notice is claimed: the reason is another.
    """
    sink.on_data = say("451 try later")
    notice_id = mail_desk.queue("notice_of_ballot", to=NO_POST, latest_receipt_on=date(2026, 9, 2))
    for _ in range(20):
        mail_desk.sweep(timedelta(hours=3))

    notice = mail_desk.notice(notice_id)
    assert notice.state is State.HELD
    assert notice.held_because == ("the last day on which receipt is in time, Wednesday 2 September 2026, has passed")


@pytest.mark.parametrize("reply", ["550 no such user", "552 too big", "554 no"])
def test_fm_04_a_permanent_refusal_of_the_mail_is_served_by_letter(mail_desk: Desk, sink: Sink, reply: str) -> None:
    """
    The letter is queued in the transaction that records the refusal, with the approved bytes.

    Turns red if `results._follow_up` leaves out `re_serve`.
    """
    sink.on_data = say(reply)
    mail = mail_desk.queue("notice_of_ballot", latest_receipt_on=date(2026, 9, 14))
    report = mail_desk.sweep()

    assert (report.perm, report.re_served, mail_desk.state(mail)) == (1, 1, State.RE_SERVED)
    with mail_desk.work() as uow:
        letter = next(notice for notice in listing.about(uow, "ballot:1") if notice.medium is Medium.LETTER)
    assert (letter.state, letter.instead_of_id, letter.approved_by) == (State.QUEUED, mail, "officer:approver")
    assert letter.body == mail_desk.notice(mail).attachment
    assert letter.latest_receipt_on == date(2026, 9, 14)
    assert mail_desk.sweep().accepted == 1
    assert mail_desk.sweep().due == 0


def test_fm_04_in_a_mixed_batch_only_the_refused_one_fails(mail_desk: Desk, sink: Sink) -> None:
    """
    Turns red if `SmtpSession._before_data` treats every answer to RCPT as OK.
    """
    sink.on_rcpt["gone@north-trust.test"] = "550 no such user"
    good = mail_desk.queue(subject_ref="case:1")
    bad = mail_desk.queue(subject_ref="case:2", to=replace(NO_POST, key="employer:2", email="gone@north-trust.test"))
    report = mail_desk.sweep()

    assert (report.accepted, report.perm) == (1, 1)
    assert (mail_desk.state(good), mail_desk.state(bad)) == (State.ACCEPTED, State.FAILED_PERMANENT)
    assert mail_desk.notice(bad).attempts[0].reply_code == 550


def test_fm_04_one_batch_with_every_kind_of_answer_ends_for_each_as_it_was_answered(
    mail_desk: Desk, sink: Sink
) -> None:
    """
    550 at RCPT, 552 and 554 at DATA, 451 and 250, in one sweep: each refused notice has its letter by the next.

    Turns red if `SmtpSession` does not clear the connection after a refusal, or `_follow_up` stops at the first one.
    """
    said = {
        "gone": "550 5.1.1 no such user",
        "full": "552 5.2.2 mailbox full",
        "spam": "554 5.7.1 refused",
        "busy": "451 4.3.0 try later",
        "good": "250 taken",
    }
    sink.on_rcpt["gone@north-trust.test"] = said["gone"]
    sink.on_data = lambda server, envelope: said[envelope.rcpt_tos[0].partition("@")[0]]
    mails = {
        name: mail_desk.queue(
            "notice_of_ballot",
            to=replace(EMPLOYER, key=f"employer:{name}", email=f"{name}@north-trust.test"),
            subject_ref=f"ballot:{name}",
            latest_receipt_on=date(2026, 9, 20),
        )
        for name in said
    }
    report = mail_desk.sweep()
    mail_desk.sweep()

    assert (report.accepted, report.temp, report.perm, report.re_served) == (1, 1, 3, 3)
    assert {name: mail_desk.state(each) for name, each in mails.items()} == {
        "gone": State.RE_SERVED,
        "full": State.RE_SERVED,
        "spam": State.RE_SERVED,
        "busy": State.TEMP_WAIT,
        "good": State.ACCEPTED,
    }
    assert {name: mail_desk.notice(each).attempts[0].reply_code for name, each in mails.items()} == {
        name: int(reply[:3]) for name, reply in said.items()
    }
    assert len(mail_desk.files()) == 3


def test_fm_04_a_mail_without_a_letter_of_its_own_is_set_on_letterhead(mail_desk: Desk, sink: Sink) -> None:
    """
    Turns red if `outbox.also_by_letter` returns None when the mail has no attachment.
    """
    sink.on_data = say("550 no such user")
    mail_desk.queue("claim_decided")
    mail_desk.sweep()
    mail_desk.sweep()

    (letter,) = mail_desk.files()
    assert letter.read_bytes().startswith(b"%PDF")
