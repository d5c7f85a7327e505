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

from core import workers
from core.db import Database
from core.settings import settings
from core.unit_of_work import reading, unit_of_work
from notifications import outbox
from notifications.channels import Parcel, Sent, Unconnected
from notifications.delivery import LATEST_SEND_SECONDS, LEASE, Sweep, deliver_due
from notifications.journal import Journal
from notifications.keys import recipient_digest
from notifications.lifecycle import Medium, Outcome, State
from notifications.models import Attempt, Notice
from notifications.recipients import Recipient
from notifications.results import Result
from notifications.waits import RESEND_WAIT
from tests.conftest import NOON
from tests.notifications.conftest import Desk
from tests.notifications.samples import RECIPIENTS
from tests.notifications.sinks import Sink, listening, say

EMPLOYER = RECIPIENTS["employer"]
NO_POST = replace(EMPLOYER, postal_lines=())
AFTER_LEASE = LEASE + timedelta(seconds=1)


def parsed(mail: bytes) -> Mail:
    """A mail taken apart."""
    return email.message_from_bytes(mail)


class Dies(Unconnected):
    """A channel whose worker dies in the middle of a send."""

    name = "dies"
    idempotent = False

    def send(self, parcel: Parcel) -> Sent:
        """The end."""
        raise KeyboardInterrupt


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

    Turns red if `Sweep.deliver` sends before it claims.
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

    Turns red if `Sweep.deliver` sends inside the unit of work that claims.
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


def test_fm_12_no_send_while_the_journal_cannot_be_written(mail_desk: Desk, sink: Sink, tmp_path: Path) -> None:
    """
    Nothing is claimed; once it can be written the notice goes. Turns red if `Sweep.begins` passes over the OSError.
    """
    notice_id = mail_desk.queue()
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    report = deliver_due(mail_desk.database, mail_desk.channels, as_of=NOON, journal=Journal(blocked / "journal.jsonl"))

    assert report.failures == ["journal:outbox: FileExistsError"]
    assert (report.due, sink.taken, mail_desk.state(notice_id)) == (0, [], State.QUEUED)
    assert mail_desk.notice(notice_id).attempts == []
    assert mail_desk.sweep().accepted == 1


def test_fm_12_no_send_once_the_journal_cannot_be_written_any_more(mail_desk: Desk, sink: Sink, tmp_path: Path) -> None:
    """
    What was claimed by then waits. Turns red if `Sweep.send` passes over the OSError.
    """
    notice_id = mail_desk.queue()
    folder = tmp_path / "journal"
    sweep = Sweep(mail_desk.database, mail_desk.channels, NOON, Journal(folder / "journal.jsonl"))
    assert sweep.begins()
    sweep.journal.path.unlink()
    folder.rmdir()
    folder.write_text("a file where a folder should be")
    sweep.deliver([notice_id])

    assert (sweep.report.temp, sink.taken, mail_desk.state(notice_id)) == (1, [], State.TEMP_WAIT)


def test_fm_13_the_result_of_a_worker_whose_lease_ran_out_is_refused(mail_desk: Desk) -> None:
    """
    Turns red if `results._still_ours` leaves out the epoch.
    """
    notice_id = mail_desk.queue()
    slow = Sweep(mail_desk.database, mail_desk.channels, NOON, Journal.beside(mail_desk.database))
    (claim,) = slow.claim([notice_id])
    mail_desk.sweep(AFTER_LEASE)
    mail_desk.sweep(RESEND_WAIT)
    slow.record([Result(claim, Sent(Outcome.PERM, 550, "late"))])

    assert slow.report.stale == 1
    assert mail_desk.state(notice_id) is State.ACCEPTED
    assert [attempt.outcome for attempt in mail_desk.notice(notice_id).attempts] == [Outcome.UNKNOWN, Outcome.ACCEPTED]


def test_fm_13_a_result_does_not_count_for_the_claim_of_another(mail_desk: Desk, sink: Sink) -> None:
    """
    The other worker is just about to send: the first neither sends nor records in its place.

    Turns red if `results._still_ours` or `Watch._against` leaves out the epoch.
    """
    notice_id = mail_desk.queue("ballot_result_members")
    slow = Sweep(mail_desk.database, mail_desk.channels, NOON, Journal.beside(mail_desk.database))
    claimed = slow.claim([notice_id])
    mail_desk.sweep(AFTER_LEASE)
    mail_desk.now += RESEND_WAIT
    other = Sweep(mail_desk.database, mail_desk.channels, mail_desk.now, Journal.beside(mail_desk.database))
    theirs = other.claim([notice_id])
    told = slow.send(claimed)
    slow.record([Result(claimed[0], Sent(Outcome.PERM, 550, "late"))])

    assert (len(theirs), [each.sent.outcome for each in told], sink.taken) == (1, [Outcome.TEMP], [])
    assert (slow.report.stale, mail_desk.state(notice_id)) == (1, State.SENDING)
    other.record(other.send(theirs))
    assert (mail_desk.state(notice_id), len(sink.taken)) == (State.ACCEPTED, 1)


def test_fm_13_nothing_is_sent_once_the_lease_is_over(mail_desk: Desk, sink: Sink) -> None:
    """
    Turns red if `delivery._too_old` leaves out the lease.
    """
    notice_id = mail_desk.queue()
    slow = Sweep(mail_desk.database, mail_desk.channels, NOON, Journal.beside(mail_desk.database))
    (claim,) = slow.claim([notice_id])
    (result,) = slow.send([replace(claim, lease_until=NOON)])

    assert (result.sent.outcome, sink.taken) == (Outcome.TEMP, [])


def test_fm_18_two_workers_at_once_send_each_notice_once(mail_desk: Desk, sink: Sink) -> None:
    """
    Turns red if `claims._locked` and `claims._taken` leave out the state.
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
    Turns red if `claims._locked` leaves out the state.
    """
    notice_id = mail_desk.queue()
    first, second = (
        Sweep(Database(mail_desk.database.url), mail_desk.channels, NOON, Journal.beside(mail_desk.database))
        for _ in range(2)
    )
    assert [each.id for each in first.due(1)] == [each.id for each in second.due(1)] == [notice_id]

    assert len(first.claim([notice_id])) == 1
    assert second.claim([notice_id]) == []


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
    Turns red if `claims._unsealed` gives None.
    """
    notice_id = mail_desk.queue("notice_of_ballot")
    with mail_desk.work() as uow:
        uow.session.execute(update(Notice).values(attachment=b"%PDF forged"))
    mail_desk.sweep()

    notice = mail_desk.notice(notice_id)
    assert (sink.taken, notice.state, notice.attempts) == ([], State.HELD, [])
    assert notice.held_because == "the stored bytes are not those that were sealed"


@pytest.mark.parametrize(("last", "sent"), [(NOON.date(), True), (NOON.date() - timedelta(days=1), False)])
def test_a_statutory_notice_whose_last_day_has_passed_is_held(
    mail_desk: Desk, sink: Sink, last: date, *, sent: bool
) -> None:
    """
    On the last day it still goes; on the day after it waits for a person, who may let it go all the same.

    Turns red if `outbox.comes_too_late` gives False, or its `uow.today <= last` becomes `<`.
    """
    notice_id = mail_desk.queue("notice_of_ballot", latest_receipt_on=last)
    report = mail_desk.sweep()

    assert (report.accepted, report.held, len(sink.taken)) == (int(sent), int(not sent), int(sent))
    if sent:
        return
    assert mail_desk.notice(notice_id).held_because == (
        "the last day on which receipt is in time, Monday 31 August 2026, has passed"
    )
    with mail_desk.work() as uow:
        outbox.release(uow, notice_id, "the employer agreed to take it late")
    assert (mail_desk.sweep().accepted, mail_desk.state(notice_id)) == (1, State.ACCEPTED)


def test_a_release_before_the_last_day_says_nothing_of_the_day_after(mail_desk: Desk, sink: Sink) -> None:
    """
    Turns red if `outbox.comes_too_late` counts a release on any day.
    """
    notice_id = mail_desk.queue("notice_of_ballot", latest_receipt_on=NOON.date())
    with mail_desk.work() as uow:
        uow.session.get_one(Notice, notice_id).state = State.HELD
        outbox.release(uow, notice_id, "looked at in time")

    assert (mail_desk.sweep(timedelta(days=1)).held, sink.taken) == (1, [])
    with mail_desk.work() as uow:
        assert outbox.cancel(uow, notice_id, "too late").state is State.CANCELLED


def test_an_ordinary_letter_goes_out_after_its_day(mail_desk: Desk) -> None:
    """
    Turns red if `outbox.comes_too_late` leaves out `statutory`.
    """
    mail_desk.queue(latest_receipt_on=NOON.date() - timedelta(days=1))

    assert mail_desk.sweep().accepted == 1


def test_the_journal_has_a_line_before_each_send_and_after_each_result(mail_desk: Desk) -> None:
    """
    It lies beside the database, in the home where that is on a server, and names no address.
    """
    notice_id = mail_desk.queue()
    mail_desk.sweep()
    journal = Journal.beside(mail_desk.database)

    lines = [line for line in journal.entries() if line["event"] != "opened"]
    assert [(line["event"], line["notice"], line["epoch"]) for line in lines] == [
        ("sending", str(notice_id), 1),
        ("accepted", str(notice_id), 1),
    ]
    to = recipient_digest(RECIPIENTS["employer"].key)
    assert (lines[0]["kind"], lines[0]["recipient"]) == ("dispute_notified", to)
    url = mail_desk.database.engine.url
    on_file = url.drivername == "sqlite"
    assert journal.path.parent == (Path(str(url.database)).parent if on_file else settings().home)
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

    assert sweep.claim([uuid.uuid4()]) == []


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


def test_fm_13_what_a_worker_that_is_gone_was_sending_is_unknown_at_once(mail_desk: Desk, tmp_path: Path) -> None:
    """
    Its lease still stands, and where a demonstration's clock stands still would stand for ever.

    Turns red if `results.recover` looks at the lease alone.
    """
    notice_id = mail_desk.queue()
    with workers.present(mail_desk.database, tmp_path / "workers"):
        claimed = Sweep(mail_desk.database, mail_desk.channels, mail_desk.now, Journal.beside(mail_desk.database))
        assert len(claimed.claim([notice_id])) == 1
        assert mail_desk.sweep().recovered == 0
    assert mail_desk.sweep().recovered == 1
    assert [each.outcome for each in mail_desk.notice(notice_id).attempts] == [Outcome.UNKNOWN]


def test_fm_13_whoever_was_stopped_between_claim_and_send_does_not_send(mail_desk: Desk, sink: Sink) -> None:
    """
    It may have been taken for gone meanwhile, even where the database's clock has not moved.

    Turns red if `delivery._too_old` leaves out the machine's own time.
    """
    notice_id = mail_desk.queue()
    slow = Sweep(mail_desk.database, mail_desk.channels, mail_desk.now, Journal.beside(mail_desk.database))
    (claim,) = slow.claim([notice_id])
    (result,) = slow.send([replace(claim, began=claim.began - LATEST_SEND_SECONDS - 1)])
    assert result.sent.outcome is Outcome.TEMP
    assert sink.taken == []


def test_fm_01_what_the_journal_has_of_a_worker_that_is_gone_ended_when_the_journal_says(mail_desk: Desk) -> None:
    """
    The relay took the mail on one day and the next worker comes by on another: silence counts from the hand-over.

    Turns red if `results.recover` takes its own time for that of the line.
    """
    notice_id, began = mail_desk.queue(), mail_desk.now
    killed = Sweep(mail_desk.database, mail_desk.channels, began, Journal.beside(mail_desk.database))
    killed.send(killed.claim([notice_id]))

    assert mail_desk.sweep(timedelta(days=1)).recovered == 1
    (attempt,) = mail_desk.notice(notice_id).attempts
    assert (attempt.outcome, attempt.finished_at) == (Outcome.ACCEPTED, began)
