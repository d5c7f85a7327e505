"""
What each address of the API answers with, for its description. The rows are the values that the pages show: nothing
here is filled in twice.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from app.approvals import Approval
from app.board_views import Card
from app.case_views import CasePage
from app.mandate_lines import MandateLine
from app.notice_search import FoundNotice
from app.notice_views import NoticePage
from app.people_views import PersonLine
from app.run_progress import Progress
from app.run_views import CaseOfRun, FailureLine, PrefectLink, RunLine
from app.service_views import Ladder, MailLine, TaskLine
from app.stand_down_views import StandDownPage
from app.views import DeadlineLine
from app.workplace_views import WorkplaceEvent
from core.findings import Finding
from core.requests import RunState
from notifications.certificates.issuing import Issue
from notifications.inbox import Reading
from notifications.lifecycle import State
from notifications.print_receipts import LaidLetter, Reconciliation

Document = dict[str, Any]


class Refusal(BaseModel):
    """What stands in the way, in a sentence; `findings` say it by code, with a cure, and name the field."""

    error: str
    findings: list[Finding]


class Part(BaseModel):
    """A part of a list: `after` asks for the next one, and is null at the end."""

    after: str | None


class Cases(Part):
    """Cases by stage, the nearest deadline first."""

    as_of: date
    cases: list[Card]


@dataclass(frozen=True, slots=True)
class ActOffered:
    """An act that can be recorded now, and the roles that may."""

    name: str
    label: str
    roles: list[str]


@dataclass(frozen=True)
class CaseTold(CasePage):
    """Everything a case's page shows, and the acts that can be recorded now."""

    acts: list[ActOffered]


class Deadlines(Part):
    """Open deadlines, the nearest first; `total` are open."""

    as_of: date
    total: int
    deadlines: list[DeadlineLine]


class Notices(Part):
    """Notices that the filters let through; `counts` are of all by state, `cut` when words name too many cases."""

    at: datetime
    filters: dict[str, str]
    counts: dict[State, int]
    notices: list[FoundNotice]
    cut: bool


@dataclass(frozen=True)
class NoticeTold(NoticePage):
    """A notice as its page shows it, how far its paper has come, and who is to approve it."""

    ladder: Ladder
    approval: Approval | None


class Runs(Part):
    """Runs of flows, the newest first."""

    runs: list[RunLine]


class RunTold(BaseModel):
    """One run: its state, who asked, what moved, what failed, and where it stands at Prefect."""

    id: int
    flow: str
    label: str
    state: RunState
    waits: bool
    asked_by: str
    by: str
    asked_at: datetime
    case_count: int
    moved: int
    failed: int
    says: str
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float | None
    tries: int
    cases: list[CaseOfRun]
    counts: dict[str, int]
    failures: list[FailureLine]
    error: str | None
    prefect: PrefectLink | None
    progress: Progress | None
    page: str


class Certificates(Part):
    """Certificates that were issued, the oldest first."""

    certificates: list[Issue]


@dataclass(frozen=True, slots=True)
class LetterLaid(LaidLetter):
    """A letter of which the print house has said nothing."""

    overdue: bool


class Letters(Part):
    """Letters without a receipt, the one laid first at the head; `overdue` of all of them."""

    folder: str
    receipt_days: int
    overdue: int
    without_receipt: list[LetterLaid]


@dataclass(slots=True)
class Reconciled(Reconciliation):
    """What a receipt file came to; each fault names the file."""

    file: str = ""
    dry_run: bool = False


class Waiting(Part):
    """What waits for a person: tasks by their latest moment in parts, mails that fit nothing and papers whole."""

    at: datetime
    tasks: list[TaskLine]
    mails: list[MailLine]
    approvals: list[Approval]


class MailTaken(BaseModel):
    """What a mail turned out to be."""

    reading: Reading
    notice: uuid.UUID | None
    kind: str | None
    case: str | None


class FileKept(BaseModel):
    """A slip or photograph that is kept, by its digest."""

    sha256: str
    content_type: str


class StandDownAnswer(BaseModel):
    """The stand-down of a dispute; null where none was ever ordered."""

    dispute: str
    stand_down: StandDownTold | None


@dataclass(frozen=True)
class StandDownTold(StandDownPage):
    """A stand-down with those concerned; `goes_on` while messages are still to go."""

    goes_on: bool = False


class Imported(BaseModel):
    """What became of a file: `rows` = `stored` + `updated` + `unchanged` + `rejected`."""

    kind: str
    file: str
    file_sha256: str
    dry_run: bool
    rows: int
    stored: int
    updated: int
    unchanged: int
    rejected: int
    rejects: list[Document]


class LawInUse(BaseModel):
    """Every value of the law in use, and the cases that wait for one to be read again."""

    today: date
    fresh_days: int
    values: list[Document]
    stale: list[str]
    unconfirmed: list[str]
    planned: list[Document]
    unfit: list[str]
    blocked: list[Document]
    files_only: bool
    records: list[Document]


class LawParameter(BaseModel):
    """One parameter of the law: every value it has had, the oldest first, and what is planned."""

    parameter: str
    label: str
    unit: str
    keyed_on: str
    values: list[Document]
    planned: list[Document]


class LawMoved(BaseModel):
    """What an act of the law did, or would do if it were saved."""

    act: str
    saved: bool
    new: bool
    records: list[Document]
    parameters: list[Document]
    moves: list[Document]
    freed: list[str]
    findings: list[Finding]


class Pack(BaseModel, extra="allow"):
    """The papers of a ballot or an action as facts, in the keys that docs/lint.md lists."""


class Examined(BaseModel):
    """What the other side's barrister has against a pack, and the law it was held against."""

    findings: list[Finding]
    law: dict[str, list[Document]]


class Workplace(BaseModel):
    """One workplace of the register, with what is reached of its cases; `events` are the latest twenty."""

    number: str
    urn: str | None
    ukprn: str | None
    name: str
    establishment_type: str
    status: str
    opened_on: date | None
    closed_on: date | None
    la_code: str | None
    la_name: str | None
    association: str | None
    postal_lines: list[str]
    email: str | None
    employer: Document
    links: list[Document]
    findings: list[Finding]
    cases: list[Card]
    deadlines: list[DeadlineLine]
    mandates: list[MandateLine]
    events: list[WorkplaceEvent]


class Planned(BaseModel):
    """A plan, forwards or backwards; every key is always there."""

    direction: str
    channel: str
    kind: str
    nation: str
    today: date | None
    first_action: date | None
    steps: list[Document]
    earliest: dict[str, date | None]
    earliest_lawful: dict[str, date | None]
    mandate: Document
    re_ballot: Document
    findings: list[Finding]


class Status(BaseModel, extra="allow"):
    """What runs, what waits, when each sweep last succeeded; `troubles` is empty when all is well."""

    at: datetime
    clock_is_simulated: bool
    database: Document
    workers: list[Document]
    notices: Document
    sweeps: list[Document]
    notes: list[str]
    troubles: list[str]


class Quarantine(BaseModel):
    """A quarantine after a restore, and who ended it."""

    id: uuid.UUID
    began_at: datetime
    found: Any
    ended_at: datetime | None
    ended_by: str | None
    ended_because: str | None


class Restored(BaseModel):
    """What stands after a restore; `quarantine` is null when none does."""

    quarantine: Quarantine | None
    journal: str
    journal_says: str
    now: Document
    to_reconcile: bool
    alarm: bool
    lost: Document
    before: list[Quarantine]


class People(Part):
    """The accounts, those that are open first, by name."""

    people: list[PersonLine]


StandDownAnswer.model_rebuild()
