"""A worker that hangs is seen to hang, although it goes on beating."""

from __future__ import annotations

import threading
import time

import pytest

from app.worker import Worker
from core import workers
from core.db import Database
from core.settings import settings


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_beats_do_not_hide_a_worker_that_hangs(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red when every commit touches the worker's file: the supervisor would never end a worker that is stuck."""
    monkeypatch.setenv("MANDATE_DATABASE_URL", database.url)
    settings.cache_clear()
    monkeypatch.setattr(workers, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(workers, "TOUCH_SECONDS", 0.0)
    touched = []

    def hang(_worker: Worker, _stop: threading.Event) -> None:
        (file,) = workers.workers_folder(settings()).iterdir()
        before = file.stat().st_mtime_ns
        time.sleep(0.5)
        touched.append(file.stat().st_mtime_ns != before)

    monkeypatch.setattr(Worker, "_work", hang)
    Worker().run(threading.Event())
    assert touched == [False]
