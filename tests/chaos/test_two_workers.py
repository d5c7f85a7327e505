"""Several `mandate worker`s on one database: nothing is doubled, and one stopped past its lease does no harm."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.serving import as_variables
from tests.chaos.serve_checker import complaints, outcome, rows
from tests.chaos.serve_script import PHASES, dawn, people_act
from tests.chaos.test_serve_kills import Ground, grounded, undisturbed
from tests.engines import Engine
from tests.processes import ROOT, mandate, wait_for

__all__ = ["undisturbed"]
pytestmark = pytest.mark.slow


@contextmanager
def a_worker(ground: Ground, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of another machine: its home is its own, database, relay and letters are everybody's."""
    given = {**os.environ, **as_variables(ground.settings), "MANDATE_HOME": str(home)}
    program = mandate("worker")
    with subprocess.Popen(program, cwd=ROOT, env=given) as worker:
        try:
            yield worker
        finally:
            worker.kill()


def stop_between_transactions(ground: Ground, pid: int) -> None:
    """Stop the process where it holds no lock: one that does stops everybody, which is the supervisor's to end."""

    def stopped_well() -> bool:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.2)  # what the server was told before is done by then
        if not holds_anything(ground.url):
            return True
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.01)
        return False

    wait_for(stopped_well)


def holds_anything(url: str) -> bool:
    """Whether anybody is in the middle of a change."""
    if not url.startswith("sqlite"):
        # One that waits for a lock will hold it as soon as it is given.
        inside = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND (state LIKE 'idle in%' OR state = 'active')"
        )
        return bool(rows(url, inside)[0][0])
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False


@pytest.mark.parametrize("name", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def test_fm_13_a_worker_that_was_stopped_past_its_lease_does_no_harm(
    name: str, engines: Callable[[str], Engine], tmp_path: Path, undisturbed: list
) -> None:
    """
    It is stopped in the middle of its work; the day goes on, another does the work; then it goes on where it was.

    Turns red if `results._still_ours` leaves out the epoch, or `steps.send_head_letter` leaves out `letter_sent`.
    """
    with grounded(engines(name), tmp_path) as ground:
        dawn(ground.database, PHASES[0])
        people_act(ground.database, 0)
        with a_worker(ground, tmp_path / "one") as first, a_worker(ground, tmp_path / "two") as second:
            wait_for(lambda: len(rows(ground.url, "SELECT id FROM workers")) == 2)
            wait_for(lambda: rows(ground.url, "SELECT count(*) FROM notices")[0][0] > 5)
            taken = (
                "SELECT DISTINCT w.pid FROM pending_work p JOIN workers w ON p.taken_by = w.id WHERE done_at IS NULL"
            )
            at_work = {pid for (pid,) in rows(ground.url, taken)}
            stopped = first if first.pid in at_work else second
            stop_between_transactions(ground, stopped.pid)
            dawn(ground.database, PHASES[0], 10)
            ground.rest()
            assert rows(ground.url, "SELECT count(*) FROM case_events WHERE kind = 'head_letter_sent'")[0][0] == len(
                undisturbed[0].stages
            )
            os.kill(stopped.pid, signal.SIGCONT)
            beats = f"SELECT beats FROM workers WHERE pid = {stopped.pid}"
            before = rows(ground.url, beats)
            wait_for(lambda: rows(ground.url, beats) not in ([], before))
            ground.rest()
            for hour in range(11, 14):  # what may or may not have gone out is tried again
                if rows(ground.url, "SELECT count(*) FROM notices WHERE state <> 'accepted'")[0][0]:
                    dawn(ground.database, PHASES[0], hour)
                    ground.rest()
            for worker in (first, second):
                worker.terminate()
            assert [worker.wait(60) for worker in (first, second)] == [0, 0]
        assert complaints(ground.url, ground.home / "letters", ground.mails) == []
        assert undisturbed[0].differences(outcome(ground.url)) == []
