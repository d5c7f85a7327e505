"""What a supervisor leaves in its home: the lock that says it runs, and the file that says how its children do."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.supervisor import Child
from core.errors import ConfigurationError, ServiceUnavailable
from core.folders import private_file, private_folder
from core.settings import Settings

LOCK = "serve.lock"
STATE = "serve.json"
LOOPBACK = "127.0.0.1"


@contextmanager
def held(home: Path) -> Iterator[None]:
    """The home is this supervisor's for the length of a block; `ServiceUnavailable` while another one has it."""
    try:
        private_folder(home)
        lock = private_file(home / LOCK)
    except OSError as error:
        raise ConfigurationError(
            f"The folder {home} cannot be used ({error.strerror}). Name another with MANDATE_HOME."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ServiceUnavailable(
                f"Another `mandate serve` runs on {home} already. Stop it first, or name another MANDATE_HOME."
            ) from None
        yield


def is_held(home: Path) -> bool:
    """Whether a supervisor runs on the home."""
    try:
        with (home / LOCK).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def read_state(home: Path) -> dict[str, Any]:
    """What the last supervisor wrote; empty when there was none."""
    try:
        document = json.loads((home / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def as_served(configured: Settings) -> Settings:
    """
    The settings with the port of the Prefect server that a supervisor on this home has started.

    A shell that asks need not have the variables that the supervisor had. Unchanged while none runs, and where the
    settings name a server elsewhere.
    """
    if configured.prefect_api_url or not is_held(configured.home):
        return configured
    try:
        port = urlsplit(read_state(configured.home).get("prefect") or "").port
    except ValueError:
        return configured
    return configured if port is None else configured.model_copy(update={"prefect_port": port})


_writing = threading.Lock()


def write_state(home: Path, port: int, children: Sequence[Child], *, prefect: str | None = None) -> None:
    """Write it whole or not at all; `prefect` is the address of the API of the server among the children."""
    document = {
        "pid": os.getpid(),
        "dashboard": f"http://{LOOPBACK}:{port}",
        "prefect": prefect,
        "children": [child.as_dict() for child in children],
    }
    with _writing:
        beside = home / f".{STATE}"
        with private_file(beside) as file:
            file.write(json.dumps(document).encode())
        beside.replace(home / STATE)
