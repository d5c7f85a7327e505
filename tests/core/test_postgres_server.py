"""The tests' own PostgreSQL server: it runs as nobody special, keeps its promises, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from tests import postgres as servers
from tests.engines import opened
from tests.postgres import GIVEN, Absent, Server

ROOT = Path(__file__).resolve().parents[2]
OWN = """
import sys, time
from tests.postgres import started
with started() as folder:
    print(folder, flush=True)
    time.sleep(600)
"""


def test_a_copy_holds_what_its_template_holds_and_is_gone_when_dropped(postgres: Server) -> None:
    template = postgres.create()
    with opened(template) as database, database.writing() as session:
        session.execute(text("CREATE TABLE things AS SELECT 7 AS one"))
    copy = postgres.create(template)
    with opened(copy) as database, database.reading() as session:
        assert session.scalar(text("SELECT one FROM things")) == 7
    for url in (copy, template):
        postgres.drop(url)
    left = postgres._admin.execute("SELECT datname FROM pg_database").fetchall()
    assert not {make_url(copy).database, make_url(template).database} & {name for (name,) in left}


def test_no_other_database_is_dropped(postgres: Server) -> None:
    """Turns red if `drop` takes any name: a named server may hold somebody's."""
    with pytest.raises(ValueError, match="was not made by"):
        postgres.drop(postgres.address.set(database="postgres").render_as_string())


@pytest.fixture
def programs() -> Path:
    """Those of a PostgreSQL on this machine."""
    found = servers.found()
    if found is None:
        pytest.skip(servers.MISSING)
    return found


def test_a_server_is_gone_when_those_who_started_it_are_killed(programs: Path) -> None:
    """Turns red if the keeper waits for anything but the end of its standard input."""
    starting = subprocess.Popen([sys.executable, "-c", OWN], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert starting.stdout is not None
    folder = Path(starting.stdout.readline().strip())
    server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    starting.send_signal(signal.SIGKILL)
    starting.wait()
    until = time.monotonic() + 60
    while (folder.exists() or _runs(server)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not folder.exists()
    assert not _runs(server)


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        return True
    return state != "Z"


def test_a_named_server_is_used_and_left_as_it_was(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if `close` drops nothing, or a server of our own is started all the same."""
    monkeypatch.delenv(GIVEN, raising=False)
    with servers.running() as other:
        monkeypatch.setenv(GIVEN, other.address.render_as_string(hide_password=False))
        monkeypatch.setattr(servers, "started", lambda: pytest.fail("started another"))
        with servers.running() as server:
            assert server.create().startswith("postgresql+psycopg://")
            assert make_url(server.create()).query == other.address.query
        left = other._admin.execute("SELECT datname FROM pg_database WHERE NOT datistemplate").fetchall()
        assert left == [("postgres",)]


def test_a_named_server_that_is_away_is_no_reason_to_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if the error becomes `Absent`: half the tests would be passed over in silence."""
    monkeypatch.setenv(GIVEN, "postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(Exception, match=r"127\.0\.0\.1") as failed, servers.running():
        pass
    assert not isinstance(failed.value, Absent)


def test_without_a_server_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(GIVEN, raising=False)
    monkeypatch.setattr(servers, "found", lambda: None)
    with pytest.raises(Absent, match=f"apt-get install postgresql.*{GIVEN}"), servers.running():
        pass
