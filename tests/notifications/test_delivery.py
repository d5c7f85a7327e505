"""Delivery: nothing lost, nothing sent without an attempt on record, no copy that differs."""

from __future__ import annotations

import email
import threading
import uuid
from dataclasses import replace
from datetime import date, timedelta
from email.message import Message as Mail
from pathlib import Path

import pytest
from sqlalchemy import update

from core.db import Database
from core.unit_of_work import reading, unit_of_work
from notifications import outbox
from notifications.channels import Parcel, Sent
from notifications.delivery import LEASE, Sweep, deliver_due
from notifications.journal import Journal
from notifications.lifecycle import Medium, Outcome, State
from notifications.models import Attempt, Notice
from notifications.recipients import Recipient
from notifications.waits import RESEND_WAIT
from tests.conftest import NOON
from tests.notifications.conftest import Desk
from tests.notifications.samples import RECIPIENTS
from tests.notifications.sinks import Sink, accept, drop, listening, say

EMPLOYER = RECIPIENTS["employer"]
NO_POST = replace(EMPLOYER, postal_lines=())
AFTER_LEASE = LEASE + timedelta(seconds=1)


class Dies:
    """A channel whose worker dies in the middle of a send."""

    name = "dies"
    idempotent = False

    def send(self, parcel: Parcel) -> Sent:
        """The end."""
        raise KeyboardInterrupt


def without_attempt(mail: bytes) -> bytes:
    """A mail but for the header that numbers attempts."""
    return b"\n".join(line for line in mail.splitlines() if not line.startswith(b"X-Attempt:"))


def parsed(mail: bytes) -> Mail:
    """A mail taken apart."""
    return email.message_from_bytes(mail)


def test_a_due_notice_is_sent_once(mail_desk: Desk, sink: Sink) -> None:
    """
    The second sweep finds nothing left to do.
    """
    notice_id = mail_desk.queue()

    assert (mail_desk.sweep().accepted, mail_desk.sweep().due) == (1, 0)
    assert mail_desk.state(notice_id) is State.ACCEPTED
    assert len(sink.taken) == 1
    (attempt,) = mail_desk.notice(notice_id).attempts
    assert (attempt.epoch, attempt.outcome, attempt.reply_code, attempt.channel) == (1, Outcome.ACCEPTED, 250, "smtp")


def test_the_attempt_is_committed_before_the_send(desk: Desk) -> None:
    """
    Another connection sees it while the channel is sending.

    Mutation: in `Sweep.deliver`, send before claiming.
    """
    seen: list[tuple[int, Outcome | None]] = []

    class Looks(Dies):
        def send(self, parcel: Parcel) -> Sent:
            with reading(on=Database(desk.database.url)) as uow:
                seen.extend((attempt.epoch, attempt.outcome) for attempt in uow.session.query(Attempt))
            return Sent(Outcome.ACCEPTED)

    desk.channels[Medium.MAIL] = Looks()
    desk.queue()
    desk.sweep()

    assert seen == [(1, None)]


def test_the_send_is_outside_any_transaction(desk: Desk) -> None:
    """
    While the channel is sending, another worker may write.

    Mutation: wrap the body of `Sweep.deliver` in one unit of work.
    """

    class Writes(Dies):
        def send(self, parcel: Parcel) -> Sent:
            with unit_of_work("staff:other", as_of=NOON, on=Database(desk.database.url)) as uow:
                uow.session.execute(update(Notice).values(held_because="written meanwhile"))
            return Sent(Outcome.ACCEPTED)

    desk.channels[Medium.MAIL] = Writes()
    notice_id = desk.queue()
    desk.sweep()

    assert desk.notice(notice_id).held_because == "written meanwhile"


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
    Mutation: in `waits.next_try`, never return None.
    """
    sink.on_data = say("451 try later")
    notice_id = mail_desk.queue("notice_of_ballot", to=NO_POST, latest_receipt_on=date(2026, 9, 2))
    for _ in range(20):
        mail_desk.sweep(timedelta(hours=3))

    notice = mail_desk.notice(notice_id)
    assert (notice.state, notice.held_because) == (State.HELD, "the channel has been refusing for too long")


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


def test_fm_12_no_send_while_the_journal_cannot_be_written(mail_desk: Desk, sink: Sink, tmp_path: Path) -> None:
    """
    Mutation: in `Sweep.send`, pass over the OSError.
    """
    notice_id = mail_desk.queue()
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    report = deliver_due(mail_desk.database, mail_desk.channels, as_of=NOON, journal=Journal(blocked / "journal.jsonl"))

    assert (report.temp, sink.taken, mail_desk.state(notice_id)) == (1, [], State.TEMP_WAIT)


def test_fm_13_the_result_of_a_worker_whose_lease_ran_out_is_refused(mail_desk: Desk) -> None:
    """
    Mutation: in `Sweep.record`, leave out the epoch and the state.
    """
    notice_id = mail_desk.queue()
    slow = Sweep(mail_desk.database, mail_desk.channels, NOON, Journal.beside(mail_desk.database))
    claim = slow.claim(notice_id)
    assert claim is not None
    mail_desk.sweep(AFTER_LEASE)
    mail_desk.sweep(RESEND_WAIT)
    slow.record(claim, Sent(Outcome.PERM, 550, "late"))

    assert slow.report.stale == 1
    assert mail_desk.state(notice_id) is State.ACCEPTED
    assert [attempt.outcome for attempt in mail_desk.notice(notice_id).attempts] == [Outcome.UNKNOWN, Outcome.ACCEPTED]


def test_fm_13_nothing_is_sent_once_the_lease_is_over(mail_desk: Desk, sink: Sink) -> None:
    """
    Mutation: in `Sweep.send`, leave out the look at the lease.
    """
    notice_id = mail_desk.queue()
    slow = Sweep(mail_desk.database, mail_desk.channels, NOON, Journal.beside(mail_desk.database))
    claim = slow.claim(notice_id)
    assert claim is not None
    sent = slow.send(replace(claim, lease_until=NOON))

    assert (sent.outcome, sink.taken) == (Outcome.TEMP, [])


def test_fm_18_two_workers_at_once_send_each_notice_once(mail_desk: Desk, sink: Sink) -> None:
    """
    Mutation: in `Sweep._take`, leave out the state and the epoch.
    """
    ids = [mail_desk.queue(subject_ref=f"case:{number}") for number in range(25)]
    start = threading.Barrier(2)

    def sweep() -> None:
        own = Database(mail_desk.database.url)
        start.wait()
        mail_desk.reports.append(deliver_due(own, mail_desk.channels, as_of=NOON))

    workers = [threading.Thread(target=sweep) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sum(report.accepted for report in mail_desk.reports) == 25
    assert sum(report.stale for report in mail_desk.reports) == 0
    assert [failure for report in mail_desk.reports for failure in report.failures] == []
    sent = [parsed(mail)["Message-ID"] for mail in sink.taken]
    assert sorted(sent) == sorted(mail_desk.notice(notice_id).message_id for notice_id in ids)


def test_fm_18_a_notice_taken_between_the_look_and_the_claim_is_left_alone(mail_desk: Desk) -> None:
    """
    Mutation: in `Sweep._take`, return True.
    """
    notice_id = mail_desk.queue()
    first, second = (
        Sweep(Database(mail_desk.database.url), mail_desk.channels, NOON, Journal.beside(mail_desk.database))
        for _ in range(2)
    )
    assert first.due(1) == second.due(1) == [notice_id]

    assert first.claim(notice_id) is not None
    assert second.claim(notice_id) is None


def test_a_worker_that_dies_leaves_an_unknown(desk: Desk, sink: Sink) -> None:
    """
    Nobody knows whether it went out: the next sweep after the lease sends the same notice again.
    """
    notice_id = desk.queue()
    desk.channels[Medium.MAIL] = Dies()
    with pytest.raises(KeyboardInterrupt):
        desk.sweep()
    desk.channels[Medium.MAIL] = sink.channel

    assert desk.sweep().recovered == 0
    report = desk.sweep(AFTER_LEASE)
    assert (report.recovered, report.requeued, report.due) == (1, 1, 0)
    assert desk.sweep(RESEND_WAIT).accepted == 1
    assert [attempt.outcome for attempt in desk.notice(notice_id).attempts] == [Outcome.UNKNOWN, Outcome.ACCEPTED]


def test_a_letter_whose_worker_died_is_laid_again_without_waiting(desk: Desk) -> None:
    """
    The folder knows its own files, so a second laying leaves one copy.
    """
    desk.queue("claim_decided", medium=Medium.LETTER)
    desk.channels[Medium.LETTER], folder = Dies(), desk.channels[Medium.LETTER]
    with pytest.raises(KeyboardInterrupt):
        desk.sweep()
    desk.channels[Medium.LETTER] = folder

    assert desk.sweep(AFTER_LEASE).accepted == 1
    assert len(desk.files()) == 1


def test_an_error_in_one_row_does_not_stop_the_others(desk: Desk, sink: Sink) -> None:
    """
    The row is named by id and recovered later; nothing of the error's text, which may be personal, is kept.
    """

    class Breaks(Dies):
        def send(self, parcel: Parcel) -> Sent:
            raise ValueError("Khan, 7 Home Street")

    desk.queue("claim_decided", medium=Medium.LETTER, subject_ref="claim:1")
    mail = desk.queue(subject_ref="case:1")
    desk.channels |= {Medium.LETTER: Breaks(), Medium.MAIL: sink.channel}
    report = deliver_due(desk.database, desk.channels, as_of=NOON)

    assert (report.accepted, desk.state(mail)) == (1, State.ACCEPTED)
    (failure,) = report.failures
    assert failure.endswith(": ValueError")


def test_bytes_that_were_changed_in_the_database_are_not_sent(mail_desk: Desk, sink: Sink) -> None:
    """
    Mutation: in `delivery._seal_holds`, return True.
    """
    notice_id = mail_desk.queue("notice_of_ballot")
    with mail_desk.work() as uow:
        uow.session.execute(update(Notice).values(attachment=b"%PDF forged"))
    mail_desk.sweep()

    notice = mail_desk.notice(notice_id)
    assert (sink.taken, notice.state, notice.attempts) == ([], State.HELD, [])
    assert notice.held_because == "the stored bytes are not those that were sealed"


def test_the_journal_has_a_line_before_each_send_and_after_each_result(mail_desk: Desk) -> None:
    """
    It lies beside the database and names no address.
    """
    notice_id = mail_desk.queue()
    mail_desk.sweep()
    journal = Journal.beside(mail_desk.database)

    assert [(line["event"], line["notice"], line["epoch"]) for line in journal.entries()] == [
        ("sending", str(notice_id), 1),
        ("accepted", str(notice_id), 1),
    ]
    assert journal.path.parent == Path(str(mail_desk.database.engine.url.database)).parent
    assert "@north" not in journal.path.read_text()


def test_a_journal_line_cut_off_by_a_crash_spoils_no_other(tmp_path: Path) -> None:
    """
    The next line begins on a line of its own.
    """
    journal = Journal(tmp_path / "journal.jsonl")
    journal.write(NOON, "sending", notice="1")
    journal.path.write_text(journal.path.read_text() + '{"at": "2026-09-01T11:0')
    journal.write(NOON, "accepted", notice="1")

    assert [line["event"] for line in journal.entries()] == ["sending", "accepted"]
    assert list(Journal(tmp_path / "none.jsonl").entries()) == []


def test_progress_is_told_after_each_notice(desk: Desk) -> None:
    """
    For the bar on a terminal.
    """
    for number in range(3):
        desk.queue(subject_ref=f"case:{number}")
    told: list[tuple[int, int]] = []
    deliver_due(desk.database, desk.channels, as_of=NOON, limit=2, progress=lambda done, of: told.append((done, of)))

    assert told == [(1, 2), (2, 2)]


def test_a_medium_without_a_channel_waits(desk: Desk) -> None:
    """
    It is not failed: the next sweep that has the channel sends it.
    """
    notice_id = desk.queue()
    report = deliver_due(desk.database, {}, as_of=NOON)

    assert (report.due, desk.state(notice_id)) == (0, State.QUEUED)


def test_a_failed_mail_with_a_letter_that_nobody_approved_stays_failed(mail_desk: Desk, sink: Sink) -> None:
    """
    The second channel never goes round an approval.
    """
    sink.on_data = say("550 no such user")
    mail = mail_desk.queue("notice_of_ballot")
    with mail_desk.work() as uow:
        notice = uow.session.get_one(Notice, mail)
        to = Recipient(EMPLOYER.key, EMPLOYER.name, EMPLOYER.email, EMPLOYER.postal_lines)
        message = outbox.Message(notice.kind, notice.facts)
        outbox.prepare(uow, message, to, medium=Medium.LETTER, subject_ref="ballot:1")
    mail_desk.sweep()

    assert mail_desk.state(mail) is State.FAILED_PERMANENT
    assert mail_desk.sweep().due == 0


def test_a_notice_that_is_gone_is_passed_over(desk: Desk) -> None:
    """
    Between the look and the claim a row may have been cancelled or erased.
    """
    sweep = Sweep(desk.database, desk.channels, NOON, Journal.beside(desk.database))

    assert sweep.claim(uuid.uuid4()) is None


def test_a_relay_that_is_away_is_a_temporary_refusal(mail_desk: Desk) -> None:
    """
    Nothing has gone out: the notice waits.
    """
    with listening(Sink()) as gone:
        channel = gone.channel
    mail_desk.channels[Medium.MAIL] = channel
    notice_id = mail_desk.queue()

    assert mail_desk.sweep().temp == 1
    assert mail_desk.state(notice_id) is State.TEMP_WAIT
