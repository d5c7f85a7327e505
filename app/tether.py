"""
The tether of a child process: it ends when whoever started it is gone, however that one ended.

The parent alone holds the writing end of a pipe. When the kernel closes it, the child is asked to end, and is ended
when it has not done so in time. A child in a session of its own takes with it whatever it started.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence

GRACE_SECONDS = 5.0


def command(handle: int, *words: str) -> list[str]:
    """The command of this program with these words, tied to the reading end `handle`."""
    return [sys.executable, "-c", f"{_tie(handle)}; from app.cli.main import run; run()", *words]


def module_command(handle: int, module: str, words: Sequence[str]) -> list[str]:
    """The command of somebody else's module, tied to the reading end `handle`."""
    run = f"import runpy; runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    return [sys.executable, "-c", f"{_tie(handle)}; {run}", *words]


def _tie(handle: int) -> str:
    return f"from app.tether import tie; tie({handle})"


def tie(handle: int) -> None:
    """End this process once nobody holds the other end of the pipe."""
    threading.Thread(target=_end_with, args=(handle,), name="tether", daemon=True).start()


def _end_with(handle: int) -> None:
    while os.read(handle, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
