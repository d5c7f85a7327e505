"""The plain commands and the status, as a shell sees them."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import runs
from casework.handlers import ADVANCE_CASE
from casework.lifecycle import EventKind
from core import sweeps, work, workers
from core.db import Database
from core.settings import settings
from core.unit_of_work import unit_of_work
from tests.conftest import NOON
from tests.flows.cases import A_FORTNIGHT_LATER, cases_at_head, kinds_of
from tests.flows.conftest import stand_at
from tests.processes import ROOT, free_port, mandate


def _mandate(*arguments: str) -> tuple[int, dict[str, Any]]:
    command = mandate(*arguments, "--json")
    surroundings = {**os.environ, "MANDATE_PREFECT_PORT": str(free_port()), "PREFECT_PROFILE": "somebody-elses"}
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_fm_16_the_plain_sweep_meets_a_deadline_without_prefect(database: Database) -> None:
    """
    Turns red if `runs.drain` is left out of app/cli/sweep.py.
    """
    [case_id] = cases_at_head(1)
    runs.advance([case_id], prefect=False)
    stand_at(A_FORTNIGHT_LATER)

    code, said = _mandate("sweep", "deadlines")

    assert (code, said["sweep"], said["failed"]) == (0, "deadline_sweep", 0)
    assert said["counts"] == {"to_remind": 1, "handed_on": 1, "failed": 0, "left": 0, "cases_advanced": 1}
    assert EventKind.OFFICER_ASSIGNED in kinds_of(database, case_id)


def test_the_plain_sweep_takes_over_what_a_killed_worker_left(database: Database) -> None:
    """
    Mutation: in app/cli/sweep.py, hold no roll call: the lease, by a clock that stands still, never ends.
    """
    [case_id] = cases_at_head(1)
    killed = workers.Presence(database, workers.workers_folder(settings()))
    killed.arrive()
    with unit_of_work("flow:worker") as uow:
        for row in work.take_all(uow, ADVANCE_CASE):
            row.taken_by = killed.id
    os.close(killed._handle)

    code, said = _mandate("sweep", "deadlines")

    assert (code, said["counts"]["cases_advanced"], said["notices_due"]) == (0, 1, 2)
    assert EventKind.HEAD_LETTER_SENT in kinds_of(database, case_id)


def test_the_plain_sweep_delivers(database: Database, tmp_path: Path) -> None:
    """
    Mutation: leave `runs.deliver` out of app/cli/sweep.py.
    """
    runs.advance(cases_at_head(1), prefect=False)

    code, said = _mandate("sweep", "outbox")

    assert (code, said["counts"]["accepted"]) == (0, 2)
    assert len([path for path in (tmp_path / "letters").rglob("*") if path.suffix in {".eml", ".pdf"}]) == 2


def test_fm_21_status_exits_4_once_a_sweep_is_late(database: Database) -> None:
    """
    Turns red if `is_late` in core/sweeps.py compares with one hour.
    """
    code, said = _mandate("status", "--check")
    assert (code, [row["late"] for row in said["sweeps"]]) == (4, [True, True, True])
    with unit_of_work("flow:test") as uow:
        for name in ("deadline_sweep", "outbox_delivery", "service_sweep"):
            sweeps.succeeded(uow, name, {"left": 0})

    code, said = _mandate("status", "--check")
    assert (code, said["prefect"]["answers"]) == (0, False)

    stand_at(NOON + timedelta(minutes=30))
    code, said = _mandate("status", "--check")
    late = {"deadline_sweep": False, "outbox_delivery": True, "service_sweep": True}
    assert {row["name"]: row["late"] for row in said["sweeps"]} == late
    assert code == 4
    stand_at(NOON + timedelta(minutes=30, seconds=1))
    assert [row["late"] for row in _mandate("status")[1]["sweeps"]] == [True, True, True]
