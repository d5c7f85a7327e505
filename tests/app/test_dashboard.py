"""The dashboard as a process of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from app.dashboard import run_dashboard
from core.db import Database
from core.errors import ConfigurationError, ServiceUnavailable

RUN = """
import sys
from app.dashboard import run_dashboard
try:
    run_dashboard(int(sys.argv[1]), sys.argv[2])
finally:
    print("ended in order", flush=True)
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def until_it_answers(port: int) -> httpx.Response:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/healthz")
        except httpx.ConnectError:
            time.sleep(0.1)
    raise AssertionError("the dashboard did not answer within a minute")


def test_it_answers_on_loopback_and_ends_in_order(database: Database, port: int) -> None:
    """Red when SIGTERM is left to its default after the server's own end: a worker beside it would be orphaned."""
    command = [sys.executable, "-c", RUN, str(port), database.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert until_it_answers(port).json() == {"status": "ok"}
            forged = httpx.get(f"http://127.0.0.1:{port}/", headers={"X-Forwarded-For": "10.0.0.7"})
            assert (forged.status_code, forged.headers["location"]) == (303, "/sign-in")
            assert "server" not in forged.headers
            # Every address of 127.0.0.0/8 leads to this machine, but only the one is listened on.
            with socket.socket() as other, pytest.raises(OSError, match="refused"):
                other.connect(("127.0.0.2", port))
        finally:
            process.send_signal(signal.SIGTERM)
        told, _ = process.communicate(timeout=120)
    assert (process.returncode, told) == (0, "ended in order\n")


def test_a_taken_port_is_told_before_anything_starts(database: Database, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(ServiceUnavailable, match=f"Port {port} of this machine is taken"):
            run_dashboard(port, database.url)


def test_a_database_without_tables_is_told(tmp_path: Path, port: int) -> None:
    with pytest.raises(ConfigurationError, match="Run `mandate init` first"):
        run_dashboard(port, f"sqlite:///{tmp_path / 'empty.db'}")
