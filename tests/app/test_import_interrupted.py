"""An import that somebody stops with Ctrl-C: nothing is stored, and no half file of rejects is left."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.cli.database import upgrade
from casework.register.models import Employer, ImportRun, Workplace
from core.db import Database, database
from core.settings import settings
from core.unit_of_work import reading
from tests.casework.register.planted import plant, write_planted

SLOWLY = """
import signal, sys, time

from casework.register import changes, intake
from app.cli import main

real = intake.apply
def slowly(session, of, stored=None):
    def told(rows):
        stored(rows)
        time.sleep(30)
    real(session, of, told)
intake.apply = slowly
sys.argv = ["mandate", *sys.argv[1:]]
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever started the tests may have told them to ignore it
main.run()
"""
PATIENCE_SECONDS = 60


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A migrated SQLite database that another process opens too."""
    monkeypatch.setenv("MANDATE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MANDATE_DATABASE_URL", f"sqlite:///{tmp_path / 'interrupted.db'}")
    settings.cache_clear()
    upgrade()
    return database()


def _said_until(terminal: int, word: bytes) -> bytes:
    said, ends = b"", time.monotonic() + PATIENCE_SECONDS
    while word not in said and time.monotonic() < ends:
        said += os.read(terminal, 4096)
    return said


def test_a_stopped_import_leaves_nothing_and_its_bar_told_of_storing(commands: Database, tmp_path: Path) -> None:
    """Turns red if an import commits by itself, or the bar on a terminal ends before rows are stored."""
    file = write_planted(tmp_path / "register.csv", plant(400, 20, seed=7))
    rejects = tmp_path / "rejects.csv"
    ours, theirs = pty.openpty()
    asked = [sys.executable, "-c", SLOWLY, "import", "workplaces", str(file), "--rejects", str(rejects)]
    process = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=theirs, cwd=Path(__file__).parents[2])
    try:
        said = _said_until(ours, b"Storing register.csv")
        process.send_signal(signal.SIGINT)
        ended = process.wait(PATIENCE_SECONDS)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)
    assert b"Storing register.csv" in said
    assert ended != 0
    assert sorted(path.name for path in tmp_path.glob("*rejects*")) == []
    with reading(on=commands) as uow:
        for table in (Workplace, Employer, ImportRun):
            assert uow.session.scalar(select(func.count()).select_from(table)) == 0, table
