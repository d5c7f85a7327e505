"""Who works: what a worker took that is gone is free at once, and what a living one took is not."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core import work, workers
from core.clock import clock_of
from core.db import Database
from core.unit_of_work import UnitOfWork, unit_of_work
from core.workers import Presence, RollCall, WorkerRow
from tests.conftest import NOON

ROOT = Path(__file__).parents[2]
KIND = "advance_case"
A_WORKER = """
import sys
from pathlib import Path
from core import work, workers
from core.db import Database
from core.unit_of_work import unit_of_work
database = Database(sys.argv[1])
with workers.present(database, Path(sys.argv[2])):
    with unit_of_work("flow:worker", on=database) as uow:
        work.take_all(uow, "advance_case")
    print("taken", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the workers of this machine keep their files."""
    return tmp_path / "workers"


@pytest.fixture
def worker(database: Database, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own, which has taken the one row that there is."""
    with unit_of_work("staff:test", on=database) as uow:
        work.ask_for(uow, KIND, uuid.UUID(int=1))
    command = [sys.executable, "-c", A_WORKER, database.engine.url.render_as_string(hide_password=False), str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "taken\n"
        yield child
        child.kill()


def free(database: Database) -> int:
    """How many rows a look of another worker finds free; it takes none."""
    with database.writing() as session:
        found = len(work.take_all(UnitOfWork(session, clock_of(session), "flow:other"), KIND))
        session.rollback()
        return found


def known(database: Database) -> list[WorkerRow]:
    with database.reading() as session:
        return list(workers.all_workers(session))


def test_what_a_killed_worker_took_is_free_at_the_next_look(
    database: Database, folder: Path, worker: subprocess.Popen[str]
) -> None:
    """
    Red when `take_all` looks at leases alone: a restart would wait ten minutes.

    Red, too, when `RollCall._is_free` says no to a file that nobody holds.
    """
    assert free(database) == 0
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert RollCall(database, folder).hold() == 1
    assert free(database) == 1
    assert known(database) == []
    assert list(folder.iterdir()) == []


def test_a_living_worker_keeps_what_it_took_even_while_it_is_stopped(
    database: Database, folder: Path, worker: subprocess.Popen[str]
) -> None:
    """Red when `RollCall._is_free` does not try the lock."""
    os.kill(worker.pid, signal.SIGSTOP)
    assert RollCall(database, folder).hold() == 0
    assert free(database) == 0
    assert [row.pid for row in known(database)] == [worker.pid]


def test_a_worker_that_ends_gives_back_what_it_did_not_finish(
    database: Database, folder: Path, worker: subprocess.Popen[str]
) -> None:
    """Red when `present` does not leave."""
    worker.communicate()
    assert known(database) == []
    assert free(database) == 1


def test_a_worker_elsewhere_is_gone_after_a_minute_of_looks_without_a_beat(
    database: Database, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Red when `_is_silent` forgets the silence at every look, or when it counts the time that no look was had.
    """
    now = [1000.0]
    monkeypatch.setattr(workers.time, "monotonic", lambda: now[0])
    elsewhere = Presence(database, tmp_path / "another machine")
    elsewhere.arrive()
    roll = RollCall(database, folder)
    assert roll.hold() == 0
    now[0] += 3600  # the database was away: nobody could beat
    assert roll.hold() == 0
    for _ in range(11):
        now[0] += 5
        assert roll.hold() == 0
    now[0] += 5
    assert roll.hold() == 1
    assert known(database) == []


def test_a_beat_between_the_look_and_the_end_keeps_a_worker(
    database: Database, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red when `RollCall.hold` does not count the beats again as it deletes: a worker that is well would be lost."""
    elsewhere = Presence(database, tmp_path / "another machine")
    elsewhere.arrive()
    roll = RollCall(database, folder)

    def beats_at_last(*_: object) -> bool:
        elsewhere.beat()
        return True

    monkeypatch.setattr(roll, "_is_silent", beats_at_last)
    roll.hold()
    assert [row.id for row in known(database)] == [elsewhere.id]


def test_beats_keep_a_worker_elsewhere(
    database: Database, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red when a beat changes nothing in the row."""
    now = [1000.0]
    monkeypatch.setattr(workers.time, "monotonic", lambda: now[0])
    elsewhere, roll = Presence(database, tmp_path / "another machine"), RollCall(database, folder)
    elsewhere.arrive()
    for _ in range(100):
        now[0] += 5
        elsewhere.beat()
        assert roll.hold() == 0


def test_who_was_taken_for_gone_comes_back_as_another(database: Database, folder: Path) -> None:
    """Red when `beat` writes its row again under the same id: what is another's by now would be its own again."""
    with workers.present(database, folder) as presence:
        before = presence.id
        with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
            work.ask_for(uow, KIND, uuid.UUID(int=1))
            work.take_all(uow, KIND)
        with database.writing() as session:
            session.delete(session.scalars(select(WorkerRow)).one())
        presence.beat()
        assert presence.id != before
        assert workers.present_id() == presence.id
        assert [row.id for row in known(database)] == [presence.id]
        assert [path.name for path in folder.iterdir()] == [str(presence.id)]
        assert RollCall(database, folder).hold() == 0
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        assert len(work.take_all(uow, KIND)) == 1


def test_a_process_that_is_no_worker_has_its_lease_only(uow: UnitOfWork) -> None:
    """Red when `is_gone` holds for a row without a taker: two plain sweeps would do the same at once."""
    work.ask_for(uow, KIND, uuid.UUID(int=1))
    assert len(work.take_all(uow, KIND)) == 1
    uow.session.flush()
    assert work.take_all(uow, KIND) == []


def test_the_file_is_touched_as_long_as_the_worker_gets_on(database: Database, folder: Path) -> None:
    """Red when `got_on` does nothing: the supervisor would end a worker that is well."""
    with workers.present(database, folder) as presence:
        assert presence.path is not None
        os.utime(presence.path, (1, 1))
        presence.got_on()
        assert presence.path.stat().st_mtime > 1


def test_a_worker_is_seen_to_get_on_by_its_own_file(database: Database, folder: Path) -> None:
    """Red when `touched` goes by any worker's file: a hung one would be taken for the one that is well."""
    assert workers.touched(folder, os.getpid()) is None
    with workers.present(database, folder) as presence:
        assert presence.path is not None
        os.utime(presence.path, (1, 1))
        before = workers.touched(folder, os.getpid())
        presence.got_on()
        assert workers.touched(folder, os.getpid()) != before
        assert workers.touched(folder, 1) is None


def test_a_beat_is_no_sign_that_the_worker_gets_on(database: Database, folder: Path) -> None:
    """Red when `got_on` does not ask which thread it is in: a worker that hangs would seem well for ever."""
    with workers.present(database, folder) as presence:
        assert presence.path is not None
        os.utime(presence.path, (1, 1))
        for name in workers.BY_THEMSELVES:
            beating = threading.Thread(target=presence.got_on, name=name)
            beating.start()
            beating.join()
        assert presence.path.stat().st_mtime == 1


def test_one_that_could_not_come_back_at_once_comes_back_later(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red when `_let_go` closes what is not open, or the new id is taken before its row stands."""
    with workers.present(database, folder) as presence:
        with database.writing() as session:
            session.delete(session.scalars(select(WorkerRow)).one())
        with monkeypatch.context() as full:
            full.setattr(workers.os, "open", _disk_is_full)
            with pytest.raises(OSError, match="No space"):
                presence.beat()
        assert workers.present_id() is None
        presence.beat()
        assert [row.id for row in known(database)] == [presence.id] != [None]


def _disk_is_full(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_that_is_none_of_ours_is_left_alone(database: Database, folder: Path) -> None:
    """Red when every name in the folder is read as a worker's: one stray file would stop every worker."""
    folder.mkdir()
    (folder / "notes.txt").write_text("for the morning")
    with workers.present(database, folder):
        assert RollCall(database, folder).hold() == 0
    assert (folder / "notes.txt").exists()
