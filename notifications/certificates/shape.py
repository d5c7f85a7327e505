"""
The shape of a certificate: what its JSON holds, field by field. Anything else in it is refused when it is read.

Moments are instants in UTC, days are London dates, digests are SHA-256 in hexadecimal, bytes are base 64. Actors are
opaque: `officer:<id>`, `staff:<edge>`, `flow:<name>`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

from core.calendar import london_day
from notifications.ladder import Rung
from notifications.lifecycle import EvidenceClass, Medium, Outcome, State

FORMAT: Final = "mandate-certificate-of-service"
VERSION = 1

EARLIEST, LATEST = 2000, 2199
"""Years a certificate may speak of: periods reckoned from them stay within the calendar."""


def _within_reach(value: date) -> date:
    if not EARLIEST <= value.year <= LATEST:
        raise ValueError(f"wanted a year from {EARLIEST} to {LATEST}")
    return value


Day = Annotated[date, AfterValidator(_within_reach)]
Moment = Annotated[AwareDatetime, AfterValidator(_within_reach)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Part(BaseModel):
    """What everything in a certificate has in common: no field too many, no value of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class MadeBy(Part):
    """What drew the certificate up. `layout` is the digest of the files that word and lay out its pages."""

    programme: str
    typst: str
    layout: Digest


class Union(Part):
    """Who served the notice."""

    name: str
    address: str


class Kind(Part):
    """The kind of notice. `enough` is the class of evidence that shows receipt of it; None where nobody has to."""

    name: str
    label: str
    statutory: bool
    enough: EvidenceClass | None


class Recipient(Part):
    """To whom, and where, as it was frozen when the notice was drawn up."""

    key: str
    name: str
    email: str | None
    postal: list[str]
    phone: str | None
    webhook: str | None


class Content(Part):
    """Bytes as they were frozen. `name` is body, html or attachment."""

    name: Literal["body", "html", "attachment"]
    content_type: str
    sha256: Digest
    base64: str


class Attempt(Part):
    """One try at sending. Without an outcome it was under way, or whoever tried died."""

    epoch: int
    channel: str
    started_at: Moment
    finished_at: Moment | None
    outcome: Outcome | None
    reply_code: int | None
    reply: str | None
    provider_ref: str | None


class Proof(Part):
    """
    Something that speaks for receipt, or against it. `document` is the digest of what shows it, `attempt` the epoch of
    the attempt it belongs to.
    """

    evidence_class: EvidenceClass
    kind: str
    received_on: Day
    recorded_at: Moment
    recorded_by: str
    attempt: int | None
    document: Digest | None
    revoked_at: Moment | None
    revoked_because: str | None


class Task(Part):
    """What a person was asked to do about the notice, and how it was done."""

    kind: str
    label: str
    because: str
    act_by: Moment | None
    opened_at: Moment
    done_at: Moment | None
    done_by: str | None
    done_how: str | None


class Copy(Part):
    """One copy of the paper by one medium: its bytes, its recipient, its people, its attempts, its evidence."""

    id: str
    medium: Medium
    instead_of: str | None
    idem_key: str
    message_id: str
    content_version: str
    language: str
    recipient: Recipient
    subject_line: str
    contents: list[Content]
    facts: dict[str, Any]
    law: dict[str, Any]
    state: State
    held_because: str | None
    called_off: str | None
    created_by: str
    created_at: Moment
    approved_by: str | None
    approved_at: Moment | None
    queued_at: Moment | None
    latest_receipt_on: Day | None
    epoch: int
    attempts: list[Attempt]
    evidence: list[Proof]
    tasks: list[Task]


class Line(Part):
    """One line of a document that holds lines about others too: where it stands, and its cells by their headings."""

    line: int
    cells: dict[str, str]


class Document(Part):
    """
    What shows a receipt. `base64` is all of it; `lines` those of it that are about this notice, where the rest is about
    others; with neither only the digest was kept.
    """

    sha256: Digest
    content_type: str | None
    stored_by: str | None
    stored_at: Moment | None
    base64: str | None
    lines: list[Line] | None


class Entry(Part):
    """An entry of the union's history, as its hash is taken of it: `at` keeps its spelling."""

    seq: int
    prev: Digest
    hash: Digest
    at: str
    actor: str
    action: str
    subject: str
    facts: dict[str, Any]


class Head(Part):
    """The last entry of the whole history when the certificate was drawn up."""

    seq: int
    hash: Digest


class History(Part):
    """Every entry about the notice and its copies, in turn, and the head of the chain they stand in."""

    entries: list[Entry]
    head: Head


class Source(Part):
    """Where a rule stands."""

    act: str
    provision: str
    url: str


class Reason(Part):
    """Why a day falls where it does, as the case's deadline has it."""

    rule: str
    inputs: dict[str, str]
    arithmetic: str
    citation: Source
    certainty: str
    changes_if: str


Status = Literal["received", "too_little", "in_doubt", "not_shown", "not_sent"]


class Standing(Part):
    """
    What the evidence comes to. `copy_id` is the copy that was received, `shown_by` the kind of evidence that says so;
    `in_time` is None where no day is set, and while nothing that suffices is there and the day is not over.
    """

    status: Status
    sentence: str
    received_on: Day | None
    evidence_class: EvidenceClass | None
    shown_by: str | None
    copy_id: str | None
    in_time: bool | None
    rung: Rung


class Certificate(Part):
    """
    Everything that is sealed. `notice` is the copy that was asked for and stands first; `why` is the reason of
    `latest_receipt_on`; `personal` says that it is about a member of the union.
    """

    format: Literal["mandate-certificate-of-service"]
    version: Literal[1]
    made_by: MadeBy
    drawn_on: Day
    union: Union
    notice: str
    kind: Kind
    subject_ref: str
    case_ref: str | None
    personal: bool
    latest_receipt_on: Day | None
    why: Reason | None
    copies: list[Copy]
    documents: list[Document]
    history: History
    standing: Standing


def last_day(certificate: Certificate) -> date | None:
    """The London day of the last thing that a certificate tells of: nobody can have drawn it up before."""
    last = max((at for at in _moments(certificate) if at is not None), default=None)
    return None if last is None else london_day(last)


def _moments(certificate: Certificate) -> Iterator[datetime | None]:
    for copy in certificate.copies:
        yield from (copy.created_at, copy.approved_at, copy.queued_at)
        for attempt in copy.attempts:
            yield from (attempt.started_at, attempt.finished_at)
        for each in copy.evidence:
            yield from (each.recorded_at, each.revoked_at)
        for task in copy.tasks:
            yield from (task.opened_at, task.done_at)
    yield from (each.stored_at for each in certificate.documents)
    yield from (moment(each.at) for each in certificate.history.entries)


def moment(text: str) -> datetime | None:
    """The instant that a history entry spells; None for what is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None and EARLIEST <= at.year <= LATEST else None
