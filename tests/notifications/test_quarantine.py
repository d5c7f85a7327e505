"""Quarantine: a database older than the journal sends nothing until a named person has looked."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core import workers
from core.db import Database
from core.errors import ConfigurationError, Conflict
from core.settings import settings
from core.unit_of_work import UnitOfWork, unit_of_work
from notifications import comparing, outbox, quarantine
from notifications.journal import Journal
from notifications.lifecycle import State
from notifications.models import Attempt, JournalMark, Notice, Quarantine
from notifications.reconciling import Reconciled, reconcile
from tests.conftest import NOON
from tests.engines import Engine, opened
from tests.notifications.conftest import Desk
from tests.notifications.sinks import Sink

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

BY, BECAUSE = "Jo Example, head of operations", "every send since the backup is taken in"


@pytest.fixture(autouse=True)
def journal_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The journal on another disk than the database, so that a restored one finds it."""
    folder = tmp_path / "journal"
    monkeypatch.setenv("MANDATE_JOURNAL_FOLDER", str(folder))
    settings.cache_clear()
    return folder


Restore = Callable[[], Desk]


@contextmanager
def backed_up(desk: Desk, engine: Engine) -> Iterator[Restore]:
    """The database as it stands is kept; what comes out puts the desk before a copy of it."""
    desk.database.engine.dispose()
    with engine.lent(desk.database.url) as url, opened(url) as restored:
        yield lambda: Desk(restored, desk.channels, desk.letters, desk.now)


def opened_now(desk: Desk) -> Quarantine | None:
    return quarantine.look(desk.database, Journal.beside(desk.database))


def reconciled(desk: Desk) -> Reconciled:
    with desk.work() as uow:
        return reconcile(uow, quarantine.journal_of(uow))


def ended(desk: Desk) -> Quarantine:
    with desk.work() as uow:
        return quarantine.end(uow, quarantine.journal_of(uow), BY, BECAUSE)


@pytest.mark.engines("sqlite", "postgresql")
def test_fm_38_a_restored_database_sends_nothing_and_nothing_twice(mail_desk: Desk, sink: Sink, engine: Engine) -> None:
    """
    A backup, a hundred sends, the restore: no send at the start, none twice after reconciling, none lost.

    Turns red if `deliver_due` does not look at the journal, or `_take_in` leaves the notice queued.
    """
    ids = [mail_desk.queue(subject_ref=f"ballot:{number}") for number in range(100)]
    mail_desk.sweep()  # the sink knows one mail each
    mail_desk.queue(subject_ref="ballot:later")
    later_ids = [mail_desk.queue(subject_ref=f"action:{number}") for number in range(99)]
    with backed_up(mail_desk, engine) as restore:
        assert mail_desk.sweep().accepted == 100
        assert len(sink.taken) == 200
        desk = restore()

        report = desk.sweep()
        assert (report.quarantined, report.due, len(sink.taken)) == (1, 0, 200)
        assert desk.state(later_ids[0]) is State.QUEUED

        assert reconciled(desk) == Reconciled(accepted=100)
        ended(desk)
        desk.sweep(timedelta(hours=1))
        assert len(sink.taken) == 200
        states = {desk.state(each) for each in (*ids, *later_ids)}
        assert states == {State.ACCEPTED}
        with desk.work() as uow:
            sent = uow.session.scalar(select(func.count()).select_from(Attempt).where(Attempt.outcome == "accepted"))
        assert sent == 200


def test_fm_38_what_was_not_sent_goes_out_after_all(mail_desk: Desk, sink: Sink, engine: Engine) -> None:
    """Statutory work goes on. Turns red if the end of a quarantine is not asked for, or everything stays held."""
    mail_desk.queue(subject_ref="ballot:1")
    with backed_up(mail_desk, engine) as restore:
        mail_desk.sweep()
        desk = restore()
        new = desk.queue(subject_ref="ballot:2")
        assert desk.sweep().quarantined == 1
        reconciled(desk)
        ended(desk)
        assert desk.sweep().accepted == 1
        assert desk.state(new) is State.ACCEPTED
    assert len(sink.taken) == 2


def test_no_quarantine_while_journal_and_database_agree(mail_desk: Desk) -> None:
    """Turns red if a line of the journal is compared before its attempt is looked for."""
    for number in range(3):
        mail_desk.queue(subject_ref=f"ballot:{number}")
        mail_desk.sweep()
        assert opened_now(mail_desk) is None


def test_a_send_without_an_outcome_is_held_and_one_that_was_refused_is_refused(
    mail_desk: Desk, sink: Sink, engine: Engine
) -> None:
    """Turns red if a missing line is taken for a refusal: a copy that may have arrived would go out again."""
    unknown, refused, put_off = (mail_desk.queue(subject_ref=f"ballot:{name}") for name in "abc")
    with backed_up(mail_desk, engine) as restore:
        desk = restore()
        journal = Journal.beside(desk.database)
        facts = {}
        for notice_id in (unknown, refused, put_off):
            facts[notice_id] = {"notice": str(notice_id), "epoch": 1, "message_id": desk.notice(notice_id).message_id}
            journal.write(NOON, "sending", sha256="0" * 64, **facts[notice_id])
        journal.write(NOON, "perm", **facts[refused])
        journal.write(NOON, "temp", **facts[put_off])

        assert opened_now(desk) is not None
        assert reconciled(desk) == Reconciled(unknown=1, refused=1, put_off=1)
        assert desk.state(unknown) is State.HELD
        assert "nobody knows" in str(desk.notice(unknown).held_because)
        assert desk.state(put_off) is State.TEMP_WAIT
        assert desk.state(refused) in {State.FAILED_PERMANENT, State.RE_SERVED}
        ended(desk)
        desk.sweep(timedelta(hours=1))
        assert desk.state(put_off) is State.ACCEPTED
        assert desk.notice(put_off).epoch == 2
        assert desk.state(unknown) is State.HELD


def test_each_send_of_a_notice_is_counted_as_what_it_was(mail_desk: Desk) -> None:
    """Turns red if `reconciling` counts all sends of a notice as what they come to, or one put off as refused."""
    notice_id = mail_desk.queue()
    journal = Journal.beside(mail_desk.database)
    for epoch, outcome in enumerate(("temp", "temp", "accepted"), start=1):
        facts = {"notice": str(notice_id), "epoch": epoch, "message_id": mail_desk.notice(notice_id).message_id}
        journal.write(NOON, "sending", sha256="0" * 64, **facts)
        journal.write(NOON, outcome, **facts)

    assert reconciled(mail_desk) == Reconciled(accepted=1, put_off=2)
    assert mail_desk.state(notice_id) is State.ACCEPTED


def test_a_second_reconciling_finds_nothing_left(mail_desk: Desk, engine: Engine) -> None:
    """Second run. Turns red if sends without a row count as unknown for ever."""
    known = mail_desk.queue(subject_ref="ballot:1")
    with backed_up(mail_desk, engine) as restore:
        mail_desk.queue(subject_ref="ballot:2")
        mail_desk.sweep()
        desk = restore()
        assert opened_now(desk) is not None
        assert reconciled(desk) == Reconciled(accepted=1, without_row=1)
        assert reconciled(desk) == Reconciled()
        assert desk.state(known) is State.ACCEPTED
        assert len(desk.notice(known).attempts) == 1


def test_a_notice_made_again_under_its_message_id_waits_for_a_person(
    mail_desk: Desk, sink: Sink, engine: Engine
) -> None:
    """
    Its row was made after the backup and is lost; made again it would arrive twice.

    Turns red if `kept_back` does not ask `went_out`; released by a person it does go.
    """
    mail_desk.queue(subject_ref="ballot:0")
    with backed_up(mail_desk, engine) as restore:
        mail_desk.queue(subject_ref="ballot:1")
        mail_desk.sweep()
        desk = restore()
        opened_now(desk)
        reconciled(desk)
        ended(desk)
        again = desk.queue(subject_ref="ballot:1")
        assert desk.sweep().held == 1
        assert "these very bytes went out on 2026-09-01" in str(desk.notice(again).held_because)
        assert len(sink.taken) == 2
        with desk.work() as uow:
            outbox.release(uow, again, "the employer says it never came")
        assert desk.sweep().accepted == 1
    assert len(sink.taken) == 3


def test_what_nobody_had_let_go_in_the_backup_is_not_sent_when_it_is(
    mail_desk: Desk, sink: Sink, engine: Engine
) -> None:
    """Approved after the backup, and sent. Turns red if the notice is walked to `accepted` without an approval."""
    with mail_desk.work() as uow:
        notice = uow.session.get_one(Notice, mail_desk.queue(subject_ref="ballot:1"))
        notice_id = notice.id
    with backed_up(mail_desk, engine) as restore:
        mail_desk.sweep()
        desk = restore()
        with desk.work() as uow:
            table = Notice.__table__
            uow.session.execute(table.update().values(state="rendered", approved_by=None, queued_at=None))
        opened_now(desk)
        assert reconciled(desk) == Reconciled(without_row=1)
        ended(desk)
        with desk.work() as uow:
            outbox.approve(uow, notice_id, "officer:approver")
            outbox.queue(uow, notice_id)
        assert desk.sweep().held == 1
    assert len(sink.taken) == 1


def test_it_ends_only_once_everything_is_taken_in(mail_desk: Desk, engine: Engine) -> None:
    """Turns red if `end` does not compare: one careless command would send it all again."""
    mail_desk.queue(subject_ref="ballot:1")
    with backed_up(mail_desk, engine) as restore:
        mail_desk.sweep()
        desk = restore()
        opened_now(desk)
        with pytest.raises(Conflict, match="restore reconcile"):
            ended(desk)
        reconciled(desk)
        first = ended(desk)
        assert (first.ended_by, first.ended_because) == (BY, BECAUSE)
        with pytest.raises(Conflict, match="No quarantine stands"):
            ended(desk)
        assert opened_now(desk) is None


def test_the_same_end_again_changes_nothing_and_another_is_a_conflict(mail_desk: Desk, engine: Engine) -> None:
    """A double click. Turns red if a row that is over is written again."""
    mail_desk.queue(subject_ref="ballot:1")
    with backed_up(mail_desk, engine) as restore:
        mail_desk.sweep()
        desk = restore()
        row = opened_now(desk)
        assert row is not None
        reconciled(desk)
        with desk.work() as uow:
            journal = quarantine.journal_of(uow)
            first = quarantine.end(uow, journal, BY, BECAUSE, row.id).ended_at
            assert quarantine.end(uow, journal, BY, BECAUSE, row.id).ended_at == first
            with pytest.raises(Conflict, match="another name or reason"):
                quarantine.end(uow, journal, "Sam Example, treasurer", BECAUSE, row.id)


def test_only_one_quarantine_is_open_however_many_look(mail_desk: Desk, engine: Engine) -> None:
    """Turns red if `begin` does not look again under its lock."""
    mail_desk.queue(subject_ref="ballot:1")
    with backed_up(mail_desk, engine) as restore:
        mail_desk.sweep()
        desk = restore()
        found = comparing.compare(lambda: unit_of_work("flow:test", on=desk.database), Journal.beside(desk.database))
        ids = set()
        for _ in range(3):
            with desk.work() as uow:
                ids.add(quarantine.begin(uow, found).id)
        assert len(ids) == 1
        assert opened_now(desk) is not None


def test_a_missing_journal_is_an_alarm_once_something_was_sent(mail_desk: Desk, sink: Sink) -> None:
    """
    A new machine has the backup and not the journal. Turns red if a journal that is not there counts as one that
    agrees; ending it begins a journal, so that the next start is quiet.
    """
    assert opened_now(mail_desk) is None
    mail_desk.queue(subject_ref="ballot:1")
    mail_desk.sweep()
    Journal.beside(mail_desk.database).path.unlink()
    mail_desk.queue(subject_ref="ballot:2")

    assert mail_desk.sweep().quarantined == 1
    row = opened_now(mail_desk)
    assert row is not None
    assert row.found["journal"] == "missing"
    ended(mail_desk)
    assert mail_desk.sweep().accepted == 1
    assert len(sink.taken) == 2


def test_a_machine_that_joins_others_at_work_begins_without_a_journal(mail_desk: Desk, tmp_path: Path) -> None:
    """Turns red if a second machine's empty journal stops the first, or a worker of this machine excuses its loss."""
    mail_desk.queue(subject_ref="ballot:1")
    mail_desk.sweep()
    Journal.beside(mail_desk.database).path.unlink()
    with workers.present(mail_desk.database, tmp_path / "workers"):
        with pytest.MonkeyPatch.context() as elsewhere:
            elsewhere.setattr(comparing.socket, "gethostname", lambda: "another-machine")
            assert opened_now(mail_desk) is None
        assert opened_now(mail_desk) is not None


@pytest.mark.parametrize("harm", ["cut", "other"])
def test_a_journal_that_was_cut_or_replaced_is_an_alarm(
    mail_desk: Desk, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if the mark is believed without the digest of what stands before it."""
    monkeypatch.setattr(quarantine, "MARK_BYTES", 1)
    for number in range(3):
        mail_desk.queue(subject_ref=f"ballot:{number}")
        mail_desk.sweep()
    assert opened_now(mail_desk) is None
    path = Journal.beside(mail_desk.database).path
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:2]) if harm == "cut" else "".join([lines[0], *reversed(lines[1:])]))
    row = opened_now(mail_desk)
    assert row is not None
    assert row.found["journal"] == "changed"


def test_a_long_journal_is_read_from_its_mark_only(mail_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if every start reads the journal from its beginning."""
    monkeypatch.setattr(quarantine, "MARK_BYTES", 1)
    for number in range(5):
        mail_desk.queue(subject_ref=f"ballot:{number}")
    mail_desk.sweep()
    assert opened_now(mail_desk) is None
    read: list[int] = []
    real = Journal.read_from

    def counted(self: Journal, offset: int) -> Iterator[tuple[int, dict[str, object] | None]]:
        for found in real(self, offset):
            read.append(found[0])
            yield found

    monkeypatch.setattr(Journal, "read_from", counted)
    assert opened_now(mail_desk) is None
    assert read == []


def test_an_older_database_remembers_an_older_mark(
    mail_desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if the mark lies beside the journal: it would hide what the restored database does not know."""
    monkeypatch.setattr(quarantine, "MARK_BYTES", 1)
    mail_desk.queue(subject_ref="ballot:1")
    mail_desk.sweep()
    opened_now(mail_desk)
    with backed_up(mail_desk, engine) as restore:
        mail_desk.queue(subject_ref="ballot:2")
        mail_desk.sweep()
        opened_now(mail_desk)
        row = opened_now(restore())
        assert row is not None
        assert row.found["sends"] == 1


def test_a_journal_that_has_grown_long_is_put_aside_and_still_read(
    mail_desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if only the present file is compared, or a file put aside counts as missing."""
    monkeypatch.setattr(quarantine, "MARK_BYTES", 1)
    monkeypatch.setattr(quarantine, "LONGEST_JOURNAL", 1)
    mail_desk.queue(subject_ref="ballot:1")
    with backed_up(mail_desk, engine) as restore:
        mail_desk.sweep()
        assert opened_now(mail_desk) is None
        journal = Journal.beside(mail_desk.database)
        assert not journal.path.exists()
        assert len(journal.with_older()) == 1
        mail_desk.queue(subject_ref="ballot:2")
        mail_desk.sweep()
        desk = restore()
        row = opened_now(desk)
        assert row is not None
        assert row.found["sends"] == 2
        assert reconciled(desk) == Reconciled(accepted=1, without_row=1)


def test_a_journal_is_put_aside_only_once_its_mark_stands(mail_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if `_remember` renames the file within the transaction, which may be taken back."""
    mail_desk.queue()
    mail_desk.sweep()
    monkeypatch.setattr(quarantine, "MARK_BYTES", 0)
    monkeypatch.setattr(quarantine, "LONGEST_JOURNAL", 0)

    @contextmanager
    def taken_back(actor: str, *, on: Database) -> Iterator[UnitOfWork]:
        with unit_of_work(actor, on=on) as uow:
            yield uow
            raise Conflict("the database is away")

    journal = Journal.beside(mail_desk.database)
    with monkeypatch.context() as away:
        away.setattr(quarantine, "unit_of_work", taken_back)
        with pytest.raises(Conflict, match="away"):
            opened_now(mail_desk)
    assert [each.path for each in journal.with_older()] == [journal.path]
    assert opened_now(mail_desk) is None
    assert not journal.path.exists()


def test_a_line_cut_off_by_a_crash_is_no_send(mail_desk: Desk) -> None:
    """Turns red if a half-written line raises, or is counted."""
    mail_desk.queue(subject_ref="ballot:1")
    mail_desk.sweep()
    path = Journal.beside(mail_desk.database).path
    whole = json.dumps({"at": NOON.isoformat(), "event": "sending", "notice": str(uuid.uuid4()), "epoch": 1})
    with path.open("a") as file:
        file.write(whole[:40])
    assert opened_now(mail_desk) is None


def test_the_counts_hold_no_address_and_no_name(mail_desk: Desk, engine: Engine) -> None:
    """Turns red if what was found is kept as lines rather than counted."""
    mail_desk.queue(subject_ref="ballot:1")
    with backed_up(mail_desk, engine) as restore:
        mail_desk.sweep()
        row = opened_now(restore())
        assert row is not None
        assert row.found == {"journal": "there", "sends": 1, "notices": 1, "others": 0, "accepted": 1}


def test_fm_38_a_line_that_nobody_can_judge_is_not_passed_over(
    mail_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Nothing is sent, and the mark stays before the line.

    Turns red if `_others` takes the lines of `WATCHED` only, as it did: a process without them moved the mark on.
    """
    monkeypatch.setattr(quarantine, "MARK_BYTES", 0)
    journal = Journal.beside(mail_desk.database)
    journal.write(NOON, "of_another_kind", reference="1")

    with pytest.raises(ConfigurationError, match="of_another_kind"):
        opened_now(mail_desk)
    with mail_desk.work() as uow:
        assert uow.session.scalar(select(func.count()).select_from(JournalMark)) == 0
    monkeypatch.setitem(comparing.WATCHED, "of_another_kind", lambda _session, lines: lines)
    assert opened_now(mail_desk) is not None
