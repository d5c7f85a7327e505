"""What a refusal or a lost connection leads to: the same bytes again, a longer wait, the letter, or a person."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import date, timedelta
from email.message import Message as Mail

import pytest

from notifications import outbox
from notifications.delivery import LEASE
from notifications.lifecycle import Medium, Outcome, State
from notifications.waits import RESEND_WAIT
from tests.notifications.conftest import Desk
from tests.notifications.samples import RECIPIENTS
from tests.notifications.sinks import Sink, accept, drop, say

EMPLOYER = RECIPIENTS["employer"]
NO_POST = replace(EMPLOYER, postal_lines=())
AFTER_LEASE = LEASE + timedelta(seconds=1)


def without_attempt(mail: bytes) -> bytes:
    """A mail but for the header that numbers attempts."""
    return b"\n".join(line for line in mail.splitlines() if not line.startswith(b"X-Attempt:"))


def parsed(mail: bytes) -> Mail:
    """A mail taken apart."""
    return email.message_from_bytes(mail)


def test_fm_02_a_connection_dropped_after_acceptance_is_unknown(mail_desk: Desk, sink: Sink) -> None:
    """
    The same bytes and Message-ID go again, twice at most; then a person decides.

    Mutation: in `smtp._data`, make the lost connection Outcome.TEMP.
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
    Mutation: in `Sweep._settle`, drop the test of the policy.
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
    Mutation: in `outbox.release`, leave the state as it is.
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
    Mutation: in `waits.next_try`, always wait FIRST_WAIT.
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

    Mutation: in `waits.is_amber`, return False.
    """
    sink.on_data = say("451 try later")
    mail = mail_desk.queue("notice_of_ballot", latest_receipt_on=date(2026, 9, 5))
    for _ in range(4):
        mail_desk.sweep(timedelta(hours=5))

    with mail_desk.work() as uow:
        letters = [notice for notice in outbox.about(uow, "ballot:1") if notice.medium is Medium.LETTER]
    assert [letter.instead_of_id for letter in letters] == [mail]
    assert [path.read_bytes() for path in mail_desk.files()] == [mail_desk.notice(mail).attachment]
    assert mail_desk.state(mail) is State.TEMP_WAIT


def test_fm_03_after_the_statutory_date_a_person_decides(mail_desk: Desk, sink: Sink) -> None:
    """
    Mutation: leave out the look at `outbox.comes_too_late` where a notice is claimed, and the reason is another.
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

    Mutation: in `Sweep._follow_up`, leave out `re_serve`.
    """
    sink.on_data = say(reply)
    mail = mail_desk.queue("notice_of_ballot", latest_receipt_on=date(2026, 9, 14))
    report = mail_desk.sweep()

    assert (report.perm, report.re_served, mail_desk.state(mail)) == (1, 1, State.RE_SERVED)
    with mail_desk.work() as uow:
        letter = next(notice for notice in outbox.about(uow, "ballot:1") if notice.medium is Medium.LETTER)
    assert (letter.state, letter.instead_of_id, letter.approved_by) == (State.QUEUED, mail, "officer:approver")
    assert letter.body == mail_desk.notice(mail).attachment
    assert letter.latest_receipt_on == date(2026, 9, 14)
    assert mail_desk.sweep().accepted == 1
    assert mail_desk.sweep().due == 0


def test_fm_04_in_a_mixed_batch_only_the_refused_one_fails(mail_desk: Desk, sink: Sink) -> None:
    """
    Mutation: in `smtp._before_data`, treat every answer to RCPT as OK.
    """
    sink.on_rcpt["gone@north-trust.test"] = "550 no such user"
    good = mail_desk.queue(subject_ref="case:1")
    bad = mail_desk.queue(subject_ref="case:2", to=replace(NO_POST, key="employer:2", email="gone@north-trust.test"))
    report = mail_desk.sweep()

    assert (report.accepted, report.perm) == (1, 1)
    assert (mail_desk.state(good), mail_desk.state(bad)) == (State.ACCEPTED, State.FAILED_PERMANENT)
    assert mail_desk.notice(bad).attempts[0].reply_code == 550


def test_fm_04_a_mail_without_a_letter_of_its_own_is_set_on_letterhead(mail_desk: Desk, sink: Sink) -> None:
    """
    Mutation: in `outbox.also_by_letter`, return None when the mail has no attachment.
    """
    sink.on_data = say("550 no such user")
    mail_desk.queue("claim_decided")
    mail_desk.sweep()
    mail_desk.sweep()

    (letter,) = mail_desk.files()
    assert letter.read_bytes().startswith(b"%PDF")
