"""The worker as a process of its own, with Prefect, without it, and losing it half way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import prefect_server, runs
from app.prefect_server import PrefectServer
from casework import steps
from casework.lifecycle import EventKind
from core import sweeps
from core.db import Database
from core.settings import Settings, settings
from core.unit_of_work import reading
from tests.flows.cases import cases_at_head, kinds_of
from tests.processes import ROOT, free_port, wait_for

COMMAND = [sys.executable, "-c", "from app.cli.worker import app; app()", "--verbose"]
PATIENCE = 60.0


@contextmanager
def _working(tmp_path: Path, **changes: str) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, **changes}
    with (tmp_path / "worker.log").open("w") as output:
        child = subprocess.Popen(COMMAND, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, text=True)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def _sweeps_done() -> bool:
    with reading() as uow:
        done = {row.name for row in sweeps.last_successes(uow)}
        return done >= {"deadline_sweep", "outbox_delivery", "service_sweep"}


def test_fm_16_without_prefect_the_worker_does_everything(database: Database, tmp_path: Path) -> None:
    """
    Turns red if `prefect_server.answers` is always true.
    """
    with _working(tmp_path, MANDATE_PREFECT_PORT=str(free_port())) as child:
        wait_for(_sweeps_done)
        [case_id] = cases_at_head(1)
        took = wait_for(lambda: EventKind.HEAD_LETTER_SENT in kinds_of(database, case_id))
        assert took < 5
        wait_for(lambda: len(list((tmp_path / "letters").rglob("*.eml"))) == 1)

        child.send_signal(signal.SIGTERM)
        assert child.wait(20) == 0


@pytest.mark.prefect
def test_with_prefect_an_act_is_followed_at_once(
    server: PrefectServer, prefect_home: Settings, database: Database, tmp_path: Path
) -> None:
    """
    Mutation: poll every ten seconds in app/worker.py.
    """
    home = {"MANDATE_HOME": str(prefect_home.home), "MANDATE_LETTERS_FOLDER": str(tmp_path / "letters")}
    with _working(tmp_path, **home) as child:
        wait_for(_sweeps_done)
        [case_id] = cases_at_head(1)
        took = wait_for(lambda: EventKind.HEAD_LETTER_SENT in kinds_of(database, case_id))
        assert took < 8

        child.send_signal(signal.SIGTERM)
        assert child.wait(20) == 0
    assert "state='prefect'" in (tmp_path / "worker.log").read_text()


@pytest.mark.slow
@pytest.mark.prefect
def test_fm_16_prefect_dies_in_the_middle_of_a_run(
    server: PrefectServer,
    prefect_home: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    The run comes back in seconds, and all its cases are advanced.

    Turns red if app/runs.py waits for the outcome without a limit.
    """
    monkeypatch.setenv("MANDATE_HOME", str(prefect_home.home))
    settings.cache_clear()
    ids = cases_at_head(2)
    real, dead = steps.send_head_letter, threading.Event()

    def deadly(uow, case_id):  # type: ignore[no-untyped-def]
        if not dead.is_set() and server.child is not None:
            server.child.kill()
            server.child.wait()
            dead.set()
        real(uow, case_id)

    monkeypatch.setattr(steps, "send_head_letter", deadly)
    began = time.monotonic()

    assert runs.advance(ids, prefect=True) == ()

    assert time.monotonic() - began < 30
    assert [kinds_of(database, each).count(EventKind.HEAD_LETTER_SENT) for each in ids] == [1, 1]
    server.stop()
    server.start()
    assert prefect_server.answers(prefect_home)
