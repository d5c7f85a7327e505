"""The program as a process of its own, and what goes with it: a port that nobody holds, and patience."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 600.0


def mandate(*arguments: str) -> list[str]:
    """The words that start the command line in a process of its own."""
    return [sys.executable, "-c", "from app.cli.main import run; run()", *arguments]


def free_port() -> int:
    """A port of loopback that nobody holds."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def wait_for(what: Callable[[], object], *, patience: float = PATIENCE, pause: float = 0.02) -> float:
    """Wait until something holds; the seconds that it took. Looks every `pause`, and gives up after `patience`."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < patience, "it did not happen"
        time.sleep(pause)
    return time.monotonic() - began
