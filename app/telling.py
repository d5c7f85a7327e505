"""
Telling other programs (webhooks) beside the worker, in a thread with a clock of its own: nothing else that the worker
does waits for a program that does not answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from casework.webhooks import sending
from casework.webhooks.queueing import LONGEST_ROUND_SECONDS, LONGEST_TRY_SECONDS
from core.db import Database
from core.logs import log
from core.workers import TELLING
from flows.edge import place_of

PAUSE_SECONDS = 2.0
"""Between two rounds."""
LAST_WAIT_SECONDS = LONGEST_TRY_SECONDS + 2.0
"""How long a worker that ends waits for the try at hand; what was not told is told by the next one."""


class Telling:
    """The thread that tells other programs what is due, round after round."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._began = 0.0

    def keep_going(self) -> None:
        """Begin, or begin anew when the thread has ended or hangs: by then what it had taken is free again."""
        thread = self._thread
        if thread is not None and thread.is_alive() and time.monotonic() - self._began < LONGEST_ROUND_SECONDS:
            return
        if thread is not None:
            log().error("webhooks stopped; they begin anew", outcome="hung" if thread.is_alive() else "ended")
        self._stop.set()
        self._stop, self._began = threading.Event(), time.monotonic()
        self._thread = threading.Thread(target=self._go_round, args=(self._stop,), name=TELLING, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop after the try at hand; whoever hangs is left behind."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(LAST_WAIT_SECONDS)

    def _go_round(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._began = time.monotonic()
            try:
                sending.send_due(self._database, stop)
            except Exception as error:  # noqa: BLE001 - the next round may find the database again
                log().error("webhooks not told", error=type(error).__name__, path=place_of(error))
            stop.wait(PAUSE_SECONDS)


@contextmanager
def telling(database: Database) -> Iterator[Telling]:
    """Other programs are told for the length of a block."""
    thread = Telling(database)
    thread.keep_going()
    try:
        yield thread
    finally:
        thread.end()
