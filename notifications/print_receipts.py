"""
What became of the letters that a print house collected: its receipt file against what was laid for it.

That a letter was posted is class C: it proves no receipt. A signature with its day is class A. A letter of which no
file speaks in time is somebody's to ask after. Reading a file a second time changes nothing.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import exists, func, select
from sqlalchemy.orm import defer

from core import history
from core.calendar import london_day
from core.errors import BadInput, Conflict, StageError
from core.unit_of_work import UnitOfWork
from notifications import evidence_files, proof, tasks
from notifications.channels import file_name
from notifications.channels.folder import FolderChannel
from notifications.lifecycle import EvidenceClass, Medium, Outcome, State
from notifications.models import Attempt, Evidence, Notice
from notifications.proof import WORTH, ReceiptKind
from notifications.receipt_rows import ReceiptFile, ReceiptRow, RowFault, Status
from notifications.rendering import sha256
from notifications.tasks import TaskKind

READ = "notifications:print_house:receipts_read"
NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z0-9-]+-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.pdf")
AT_ONCE = 500
MAY_LIE_THERE = (Outcome.ACCEPTED, Outcome.UNKNOWN)
WITHOUT_BYTES = tuple(map(defer, (Notice.body, Notice.attachment, Notice.html)))
_BY_FOLDER = (Notice.medium == Medium.LETTER, Attempt.channel == FolderChannel.name)

KINDS: Mapping[Status, ReceiptKind] = MappingProxyType(
    {
        Status.POSTED: ReceiptKind.POSTED,
        Status.DELIVERED: ReceiptKind.DELIVERED,
        Status.SIGNED_FOR: ReceiptKind.SIGNED_FOR,
        Status.COURIER: ReceiptKind.COURIER,
    }
)
"""What each status is as a receipt; what `proof.WORTH` says of it is all that it proves."""

Recorded = tuple[uuid.UUID, str, date]


@dataclass
class Reconciliation:
    """
    What one file said. `rows` are all of its rows: `recorded`, `unchanged`, `repeated` and `faults` add up to them.

    `proved` of the recorded ones show receipt. `reordered` counts rows that stand before a letter laid earlier; it
    changes nothing. `missing` names the letters laid up to the last day of posting of which no file has spoken.
    """

    rows: int = 0
    recorded: int = 0
    proved: int = 0
    unchanged: int = 0
    returned: int = 0
    reordered: int = 0
    repeated: list[int] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LaidLetter:
    """A letter in the folder: the name of its file, when it was laid, and until when receipt is in time."""

    notice_id: uuid.UUID
    name: str
    laid_at: datetime
    latest_receipt_on: date | None


def take(uow: UnitOfWork, file: ReceiptFile) -> Reconciliation:
    """
    Record what a file says of our letters, and keep the file where it proves anything.

    A row about a letter that was never laid, or whose bytes are others, is a fault; so is one that a receipt on record
    contradicts. Such a row says nothing: the next row about its letter is read as if it were not there.
    """
    found = Reconciliation(rows=len(file.rows) + len(file.faults), faults=list(file.faults))
    letters = _letters(uow, file.rows)
    standing = _recorded(uow, [each.id for each in letters.values()])
    used: dict[str, ReceiptRow] = {}
    for row in file.rows:
        letter = _letter_of(row, letters)
        if isinstance(letter, RowFault):
            found.faults.append(letter)
        elif row.name in used and not _adds_to(used[row.name], row):
            found.repeated.append(row.line)
        elif _take_row(uow, file, row, letter, standing, found):
            used.setdefault(row.name, row)
    found.faults.sort(key=lambda each: each.line)
    found.reordered = _out_of_order(uow, file.rows, letters)
    faulty = {each.line for each in found.faults}
    posted = [row.posted_on for row in file.rows if row.posted_on is not None and row.line not in faulty]
    if posted:
        uow.session.flush()
        found.missing = [each.name for each in without_receipt(uow) if london_day(each.laid_at) <= max(posted)]
    if found.recorded:
        counts = {"rows": found.rows, "recorded": found.recorded, "faults": len(found.faults)}
        history.record(uow, READ, f"file:{sha256(file.content)}", counts)
    return found


def without_receipt(uow: UnitOfWork, *, laid_before: datetime | None = None) -> Sequence[LaidLetter]:
    """Letters that lie in the folder and of which nothing has been heard, the one laid first at the head."""
    heard = exists().where(Evidence.notice_id == Notice.id, Evidence.revoked_at.is_(None))
    laid = (
        select(Notice, func.min(Attempt.finished_at).label("laid_at"))
        .join(Attempt, Attempt.notice_id == Notice.id)
        .where(*_BY_FOLDER, Notice.state == State.ACCEPTED, Attempt.outcome == Outcome.ACCEPTED, ~heard)
        .group_by(Notice.id)
        .options(*WITHOUT_BYTES)
    )
    letters = [LaidLetter(row.id, _name(row), at, row.latest_receipt_on) for row, at in uow.session.execute(laid)]
    early = [each for each in letters if laid_before is None or each.laid_at < laid_before]
    return sorted(early, key=lambda each: (each.laid_at, each.name))


def overdue(uow: UnitOfWork, days: int) -> Sequence[LaidLetter]:
    """The letters of which the print house should have spoken: laid more than `days` ago. None when `days` is 0."""
    return without_receipt(uow, laid_before=uow.now - timedelta(days=days)) if days else []


def alarm(uow: UnitOfWork, days: int) -> int:
    """Ask a person after each overdue letter, once; how many there are."""
    late = overdue(uow, days)
    for letter in late:
        because = f"no receipt of the print house {days} days after it was laid in the letters folder"
        tasks.ask(uow, letter.notice_id, TaskKind.ASK_PRINT_HOUSE, because, None)
    return len(late)


def _adds_to(earlier: ReceiptRow, row: ReceiptRow) -> bool:
    """Whether a second row about a letter says something new: that what was posted then arrived, or came back."""
    return earlier.status is not row.status and earlier.posted_on == row.posted_on


def _letter_of(row: ReceiptRow, letters: Mapping[str, Notice]) -> Notice | RowFault:
    """The letter a row is about; a fault, whatever stands before it, for one never laid or laid with other bytes."""
    letter = letters.get(row.name)
    if letter is None:
        wanted = "the name of a letter that was laid for the print house, as the manifest has it"
        return RowFault(row.line, "name", row.name, wanted)
    if row.sha256 != letter.sha256:
        wanted = "the digest in the manifest: what was printed is not what was approved"
        return RowFault(row.line, "sha256", row.sha256, wanted)
    return letter


def _take_row(
    uow: UnitOfWork,
    file: ReceiptFile,
    row: ReceiptRow,
    letter: Notice,
    standing: set[Recorded],
    found: Reconciliation,
) -> bool:
    """Record what a row says; whether it says anything that now stands."""
    if row.status in KINDS:
        return _record(uow, file, row, letter, standing, found)
    _undelivered(uow, row, letter, found)
    return True


def _record(
    uow: UnitOfWork,
    file: ReceiptFile,
    row: ReceiptRow,
    letter: Notice,
    standing: set[Recorded],
    found: Reconciliation,
) -> bool:
    kind, day = KINDS[row.status], row.received_on or row.posted_on
    assert day is not None
    if (letter.id, kind.value, day) in standing:
        found.unchanged += 1
        return True
    if row.status is Status.POSTED and any(id_ == letter.id and was == kind for id_, was, _ in standing):
        found.repeated.append(row.line)
        return False
    try:
        proof.record_receipt(
            uow,
            letter.id,
            evidence_class=WORTH[kind],
            kind=kind,
            received_on=day,
            recorded_by=uow.actor,
            sha256=evidence_files.keep_receipts(uow, file.content),
        )
    except (BadInput, Conflict, StageError) as error:
        column = "received_on" if row.received_on else "posted_on"
        found.faults.append(RowFault(row.line, column, day.isoformat(), _wanted(error)))
        return False
    standing.add((letter.id, kind.value, day))
    found.recorded += 1
    found.proved += WORTH[kind] is not EvidenceClass.C
    tasks.done_for(uow, letter.id, TaskKind.ASK_PRINT_HOUSE, uow.actor, f"the print house says: {row.status}")
    return True


def _undelivered(uow: UnitOfWork, row: ReceiptRow, letter: Notice, found: Reconciliation) -> None:
    """A letter that came back, or was never made. What a person signed for stands; what machines said does not."""
    because = "the letter came back" if row.status is Status.RETURNED else "the print house did not print the letter"
    kind = TaskKind.CHECK_ADDRESS if row.status is Status.RETURNED else TaskKind.ASK_PRINT_HOUSE
    known = any(each.kind == kind and each.because == because for each in tasks.about_notice(uow, [letter.id]))
    if known:
        found.unchanged += 1
        return
    proof.revoke_unless_proved(uow, letter.id, reason=because)
    tasks.ask(uow, letter.id, kind, because, None)
    found.recorded += 1
    found.returned += 1


def _wanted(error: Exception) -> str:
    return error.wanted if isinstance(error, BadInput) else str(error)


def _letters(uow: UnitOfWork, rows: Sequence[ReceiptRow]) -> Mapping[str, Notice]:
    """The letters laid under the names of a file, by name. One whose laying nobody saw the end of may lie there too."""
    keys = [uuid.UUID(match[1]) for row in rows if (match := NAME.fullmatch(row.name))]
    found: dict[str, Notice] = {}
    for begin in range(0, len(keys), AT_ONCE):
        tried = exists().where(Attempt.notice_id == Notice.id, *_BY_FOLDER, Attempt.outcome.in_(MAY_LIE_THERE))
        laid = select(Notice).where(Notice.id.in_(keys[begin : begin + AT_ONCE]), tried)
        found |= {_name(each): each for each in uow.session.scalars(laid.options(*WITHOUT_BYTES))}
    return found


def _name(letter: Notice) -> str:
    return file_name(letter.id, letter.kind, letter.queued_at or letter.created_at, letter.content_type)


def _recorded(uow: UnitOfWork, ids: Sequence[uuid.UUID]) -> set[Recorded]:
    found: set[Recorded] = set()
    for begin in range(0, len(ids), AT_ONCE):
        rows = select(Evidence.notice_id, Evidence.kind, Evidence.received_on).where(
            Evidence.notice_id.in_(ids[begin : begin + AT_ONCE]), Evidence.revoked_at.is_(None)
        )
        found |= set(uow.session.execute(rows).tuples())
    return found


def _out_of_order(uow: UnitOfWork, rows: Sequence[ReceiptRow], letters: Mapping[str, Notice]) -> int:
    """How many rows speak of a letter that was laid before one the file has spoken of already."""
    ids = [each.id for each in letters.values()]
    laid: dict[uuid.UUID, datetime] = {}
    for begin in range(0, len(ids), AT_ONCE):
        moments = select(Attempt.notice_id, Attempt.finished_at).where(
            Attempt.notice_id.in_(ids[begin : begin + AT_ONCE]), Attempt.outcome == Outcome.ACCEPTED
        )
        laid |= {id_: at for id_, at in uow.session.execute(moments).tuples() if at is not None}
    latest, behind = None, 0
    for row in rows:
        at = laid.get(letters[row.name].id) if row.name in letters else None
        behind += at is not None and latest is not None and at < latest
        latest = at if latest is None or (at is not None and at > latest) else latest
    return behind
