"""
What every import does: judge each row of a file, compare with what is stored, store the difference, keep a record.

Every row ends as exactly one of stored, updated, unchanged or rejected. The caller's unit of work decides whether any
of it is kept: an import that is cut short leaves nothing behind.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from casework.register.changes import Changes, Values, apply, plan
from casework.register.models import ImportRun
from casework.register.reading import Reject, SourceFile, SourceRow, Vocabulary, read_file
from casework.register.rows import Row
from core.db import Base, lock_for_append, new_id
from core.history import record
from core.unit_of_work import UnitOfWork

IMPORT_LOCK = 0x494D504F
ROWS_PER_REPORT = 50


class Phase(StrEnum):
    """What an import is at."""

    READING = "Reading"
    JUDGING = "Judging"
    STORING = "Storing"


Progress = Callable[[Phase, int, int], None]
"""Called with the phase, the rows done in it so far and the rows it has; reading counts none."""

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file. `rows` = `stored` + `updated` + `unchanged` + `rejected`."""

    kind: str
    file_sha256: str
    headings: tuple[str, ...]
    rows: int
    stored: int
    updated: int
    unchanged: int
    rejects: tuple[Reject, ...]
    dry_run: bool

    @property
    def rejected(self) -> int:
        """How many rows were turned down."""
        return len(self.rejects)


@dataclass(frozen=True, slots=True)
class Intake(Generic[R]):
    """
    One kind of file: `row` is what a row must hold, `key` the fields that stand together only once in a file.

    `defaults` are the columns that a file may leave out altogether: a new row gets the default, a stored one keeps what
    it has.
    """

    kind: str
    table: type[Base]
    words: Vocabulary
    row: type[R]
    key: tuple[str, ...]
    defaults: Values


@dataclass(frozen=True, slots=True)
class Taking:
    """How a file is taken in: `sheet` of a workbook, nothing stored on a `dry_run`, and who is told of the progress."""

    path: Path
    sheet: str | None = None
    dry_run: bool = False
    progress: Progress | None = None

    def told(self, phase: Phase, done: int, total: int) -> None:
        """Say how far it is, if anybody listens."""
        if self.progress:
            self.progress(phase, done, total)


@dataclass(frozen=True, slots=True)
class Sorted:
    """The rows of a file: those to store, as column values, and those turned down."""

    wanted: tuple[Values, ...]
    rejects: tuple[Reject, ...]


def opened(uow: UnitOfWork, intake: Intake[Any], taking: Taking) -> SourceFile:
    """
    The file, read. One import at a time compares and stores; a dry run waits for nobody.

    Raise `BadInput` when it cannot be read.
    """
    if not taking.dry_run:
        lock_for_append(uow.session, IMPORT_LOCK)
    taking.told(Phase.READING, 0, 0)
    return read_file(taking.path, intake.words, taking.sheet)


def sort_out(
    file: SourceFile, intake: Intake[R], values_of: Callable[[SourceRow, R], Values | Reject], taking: Taking
) -> Sorted:
    """
    Judge every row. `values_of` gives the columns of a row that is well formed, or turns it down.

    The first usable row of a key is taken; further ones are turned down.
    """
    total = len(file.rows)
    wanted: list[Values] = []
    rejects: list[Reject] = []
    lines: dict[tuple[str, ...], int] = {}
    taking.told(Phase.JUDGING, 0, total)
    for done, source in enumerate(file.rows, start=1):
        outcome = source if isinstance(source, Reject) else _judge(file, intake, source, values_of, lines)
        if isinstance(outcome, Reject):
            rejects.append(outcome)
        else:
            wanted.append(outcome)
        if done % ROWS_PER_REPORT == 0 or done == total:
            taking.told(Phase.JUDGING, done, total)
    return Sorted(tuple(wanted), tuple(rejects))


def conclude(
    uow: UnitOfWork,
    file: SourceFile,
    intake: Intake[Any],
    sorted_out: Sorted,
    taking: Taking,
    named: tuple[Changes, ...] = (),
) -> ImportReport:
    """
    Store what differs and record the import; on a dry run only count.

    `named` are the changes to what the rows belong to; they are stored first.
    """
    touched = frozenset[uuid.UUID]().union(*(changes.updated_ids for changes in named))
    left_out = {name: value for name, value in intake.defaults.items() if name not in file.fields}
    wanted = [{name: value for name, value in row.items() if name not in left_out} for row in sorted_out.wanted]
    rows = plan(uow.session, intake.table, intake.key, wanted, only_when_new=left_out, touched=touched)
    report = _report(file, intake, rows, sorted_out.rejects, dry_run=taking.dry_run)
    if not taking.dry_run:
        _store(uow, (*named, rows), taking)
        _record(uow, report, named)
    return report


def _store(uow: UnitOfWork, changes: tuple[Changes, ...], taking: Taking) -> None:
    done, total = 0, sum(len(each.inserts) + len(each.updates) for each in changes)

    def stored(rows: int) -> None:
        nonlocal done
        done += rows
        taking.told(Phase.STORING, done, total)

    taking.told(Phase.STORING, 0, total)
    for each in changes:
        apply(uow.session, each, stored)


def _judge(
    file: SourceFile,
    intake: Intake[R],
    source: SourceRow,
    values_of: Callable[[SourceRow, R], Values | Reject],
    lines: dict[tuple[str, ...], int],
) -> Values | Reject:
    """The columns of a row, or its first fault. `lines` remembers the line that each key was taken from."""
    try:
        row = intake.row.model_validate(source.values)
    except ValidationError as error:
        return _fault(file, intake.row, source, error)
    key = tuple(str(getattr(row, name)) for name in intake.key)
    if key in lines:
        wanted = f"a value that stands once in the file; line {lines[key]} has it already"
        return file.reject(source, intake.key[0], " ".join(key), wanted)
    outcome = values_of(source, row)
    if not isinstance(outcome, Reject):
        lines[key] = source.line
    return outcome


def _fault(file: SourceFile, row: type[Row], source: SourceRow, error: ValidationError) -> Reject:
    names = tuple(dict.fromkeys(str(fault["loc"][0]) for fault in error.errors(include_input=False, include_url=False)))
    first, *others = names
    return file.reject(source, first, source.values.get(first, ""), row.wanted(first), tuple(others))


def _report(
    file: SourceFile, intake: Intake[Any], rows: Changes, rejects: tuple[Reject, ...], *, dry_run: bool
) -> ImportReport:
    return ImportReport(
        kind=intake.kind,
        file_sha256=file.sha256,
        headings=file.headings,
        rows=len(file.rows),
        stored=len(rows.inserts),
        updated=len(rows.updates),
        unchanged=rows.unchanged,
        rejects=rejects,
        dry_run=dry_run,
    )


def _record(uow: UnitOfWork, report: ImportReport, named: tuple[Changes, ...]) -> None:
    counts = {name: getattr(report, name) for name in ("rows", "stored", "updated", "unchanged", "rejected")}
    run = ImportRun(id=new_id(), kind=report.kind, file_sha256=report.file_sha256, at=uow.now, **counts)
    uow.session.add(run)
    facts: dict[str, Any] = {"file_sha256": report.file_sha256, **counts}
    facts["named_stored"] = sum(len(changes.inserts) for changes in named)
    facts["named_updated"] = sum(len(changes.updates) for changes in named)
    record(uow, f"register:{report.kind}:imported", f"import:{run.id}", facts)
