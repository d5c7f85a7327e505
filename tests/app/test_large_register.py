"""
A register with planted faults, through the command: exactly those rows come back, and none is lost.

Each run takes 2,500 rows; 25,000 with 2,000 faults are read with `-m full`.
"""

from __future__ import annotations

import csv
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from casework.register.imports import import_workplaces
from casework.register.intake import Taking
from casework.register.models import Workplace
from casework.register.reading import read_file
from casework.register.rows import WORKPLACES
from core.db import Database
from core.unit_of_work import UnitOfWork, reading
from tests.app.conftest import Command
from tests.casework.register.planted import Planted, plant, write_planted

pytestmark = pytest.mark.engines("sqlite", "postgresql")

SEED = 20260901
SIZES = [pytest.param(2_500, 200, id="a tenth"), pytest.param(25_000, 2_000, id="whole", marks=pytest.mark.full)]


def _adds_up(report: dict[str, Any]) -> bool:
    ended = sum(report[name] for name in ("stored", "updated", "unchanged", "rejected"))
    return bool(report["rows"] == ended and report["rejected"] == len(report["rejects"]))


def _counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    return report["stored"], report["updated"], report["unchanged"], report["rejected"]


def _stored(database: Database) -> int:
    with reading(on=database) as uow:
        return uow.session.scalar(select(func.count()).select_from(Workplace)) or 0


def _put_right(rejects: Path, planted: Planted, to: Path) -> Path:
    """The file of rejects with every row as it should have been, its four columns of faults left in."""
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        headings, *rows = list(csv.reader(file))
    line = headings.index("rejected_line")
    right = [[*planted.right[int(row[line])], *row[len(planted.headings) :]] for row in rows]
    with to.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings, *right])
    return to


@pytest.mark.parametrize(("rows", "faults"), SIZES)
def test_exactly_the_planted_rows_are_rejected_and_put_right(
    command: Command, migrated: Database, tmp_path: Path, rows: int, faults: int
) -> None:
    """
    Turns red if any check of `WorkplaceRow` goes, if a row is counted twice, or if a dry run stores.

    Mutation tried: `_printable` gives back its text unchecked, and the planted control characters go in.
    """
    planted = plant(rows, faults, seed=SEED)
    file, rejects = write_planted(tmp_path / "register.csv", planted), tmp_path / "rejects.csv"
    dry = command("import", "workplaces", file, "--dry-run", "--json").document
    assert _stored(migrated) == 0
    report = command("import", "workplaces", file, "--rejects", rejects, "--json").document
    assert {each["line"]: each["field"] for each in report["rejects"]} == planted.faults
    assert len(planted.faults) == faults
    assert {**report, "dry_run": True} == dry
    assert (_counts(report), _adds_up(report)) == ((rows - faults, 0, 0, faults), True)

    again = command("import", "workplaces", file, "--json").document
    assert (_counts(again), _adds_up(again)) == ((0, 0, rows - faults, faults), True)

    right = _put_right(rejects, planted, tmp_path / "right.csv")
    repaired = command("import", "workplaces", right, "--json").document
    assert (_counts(repaired), _adds_up(repaired)) == ((faults, 0, 0, 0), True)
    assert _stored(migrated) == rows


def test_a_row_takes_memory_for_itself_and_not_for_its_repeated_cells(tmp_path: Path) -> None:
    """Turns red if `_shared` gives every cell back as it came: a register repeats most of its cells."""
    planted = plant(1_000, 0, seed=SEED)
    thrice = Planted(planted.headings, planted.rows * 3, {}, {})
    took = []
    for name, some in (("once.csv", planted), ("thrice.csv", thrice)):
        file = write_planted(tmp_path / name, some)
        tracemalloc.start()
        read = read_file(file, WORKPLACES)
        took.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert len(read.rows) == len(some.rows)
    assert took[1] < 2.8 * took[0]


def test_work_grows_with_the_rows_and_not_faster(uow: UnitOfWork, tmp_path: Path) -> None:
    """Turns red if a row looks through all others: eight times the rows would take sixty-four times the work."""
    took = []
    for rows in (500, 4_000):
        file = write_planted(tmp_path / f"{rows}.csv", plant(rows, rows // 10, seed=SEED))
        started = time.process_time()
        import_workplaces(uow, Taking(file, dry_run=True))
        took.append(time.process_time() - started)
    assert took[1] < 24 * took[0]
