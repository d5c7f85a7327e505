"""
Finding notices: the filters of the page, the API and the command line, one page after another, and all of them as CSV.

A notice is found by what it is, where it stands, and the case, workplace or employer it concerns; never by a member.
The order is that of `send_after`, when each was last due to go out, because an index of each state has it: a page then
reads as many rows as it shows, however many notices there are.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, union_all
from sqlalchemy.orm import aliased, defer

from app import notice_cases, notice_views, tables_csv
from app.notice_filters import Only, Wanted
from app.notice_views import NEEDS_A_PERSON, ORDER, NoticeLine
from app.paging import A_CURSOR, Asked, Place, fetched, place_of
from casework.cases import Case
from casework.register.models import Employer, Workplace
from core.calendar import midnight_ending, start_of_day
from core.errors import BadInput
from core.unit_of_work import UnitOfWork
from notifications import proof, waiting
from notifications.lifecycle import State
from notifications.models import Evidence, Notice, ServiceTask

SHOWN = 50
AT_ONCE = 500
"""Rows that a CSV reads at once."""
MOST_CASES = 20
"""Cases that the words of a search may name."""
NAMED = ("employer:", "workplace:")
"""Recipients whose names are told: no people."""

_LONG = (Notice.body, Notice.html, Notice.attachment, Notice.facts, Notice.law)


@dataclass(frozen=True, slots=True)
class FoundNotice(NoticeLine):
    """A notice with the case it belongs to, and the name of the workplace or employer it goes to."""

    case_ref: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of notices; `after` asks for the next one. `cut`: the words name more cases than are looked through."""

    notices: tuple[FoundNotice, ...]
    after: str | None
    cut: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """What the words or a case's reference come to: subjects of notices, keys of recipients."""

    subjects: frozenset[str]
    recipients: frozenset[str] = frozenset()
    cut: bool = False

    @property
    def clause(self) -> ColumnElement[bool]:
        """True of the notices there."""
        return or_(Notice.subject_ref.in_(self.subjects), Notice.recipient_key.in_(self.recipients))


def find(uow: UnitOfWork, wanted: Wanted, *, after: str = "", limit: int = SHOWN) -> Found:
    """A page of the notices wanted, the latest first. `BadInput` for a case or a place to go on from that is none."""
    places = _places(uow, wanted)
    placed, more = fetched(_placed(uow, wanted, places, after, limit + 1), _as_place, Asked(limit))
    return Found(_rows(uow, [key for key, _ in placed]), more, any(place.cut for place in places))


def _as_place(row: tuple[uuid.UUID, datetime]) -> Place:
    key, send_after = row
    return send_after.isoformat(), str(key)


def document(uow: UnitOfWork, wanted: Wanted, *, after: str = "", limit: int = SHOWN) -> dict[str, Any]:
    """`{"at", "filters", "counts", "notices", "after", "cut"}`: for programs, and for whoever tells it to people."""
    found = find(uow, wanted, after=after, limit=limit)
    counts = waiting.counts(uow)
    return {
        "at": uow.now,
        "filters": wanted.given(),
        "counts": {state: counts[state] for state in ORDER},
        "notices": found.notices,
        "after": found.after,
        "cut": found.cut,
    }


COLUMNS = (
    "drawn_up",
    "kind",
    "notice",
    "to",
    "name",
    "case",
    "by",
    "state",
    "held_because",
    "to_be_received_by",
    "received_on",
    "evidence_class",
    "statutory",
    "id",
    "sha256",
)


def as_csv(uow: UnitOfWork, wanted: Wanted) -> str:
    """Every notice wanted as CSV: workplaces and employers by name, members and officers by what they are."""
    return tables_csv.as_csv(COLUMNS, map(_cells, _every(uow, wanted)))


def _cells(line: FoundNotice) -> tuple[object, ...]:
    return (
        line.created_at.isoformat(timespec="seconds"),
        line.kind,
        line.label,
        line.to,
        line.name,
        line.case_ref,
        line.by,
        line.state.value,
        line.held_because,
        line.latest_receipt_on,
        line.received_on or line.other_copy_received_on,
        line.evidence_class,
        "yes" if line.statutory else "no",
        line.id,
        line.sha256,
    )


def _every(uow: UnitOfWork, wanted: Wanted) -> Iterator[FoundNotice]:
    after = ""
    while True:
        found = find(uow, wanted, after=after, limit=AT_ONCE)
        yield from found.notices
        if found.after is None:
            return
        after = found.after


def _places(uow: UnitOfWork, wanted: Wanted) -> tuple[_Place, ...]:
    """Where to look; none is everywhere."""
    places = []
    if wanted.case is not None:
        case_id = uow.session.scalar(select(Case.id).where(Case.ref == wanted.case))
        if case_id is None:
            raise BadInput(field="case", found=wanted.case, wanted="the reference of a case here, such as 2026-0001")
        places.append(_Place(notice_cases.filed_under(uow, [case_id])))
    if wanted.words:
        places.append(_named(uow, wanted.words))
    return tuple(places)


def _named(uow: UnitOfWork, words: Sequence[str]) -> _Place:
    """The cases whose reference, workplace and employer hold every word, and those of the two that hold them alone."""
    columns = (Case.id, Workplace.id, Workplace.name, Employer.id, Employer.name)
    rows = select(*columns).join_from(Case, Workplace, Workplace.id == Case.workplace_id)
    rows = rows.join(Employer, Employer.id == Workplace.employer_id)
    for word in words:
        spoken = (Case.ref, Workplace.name, Employer.name)
        rows = rows.where(or_(*(column.icontains(word, autoescape=True) for column in spoken)))
    found = uow.session.execute(rows.order_by(Case.ref.desc()).limit(MOST_CASES + 1)).tuples().all()
    recipients = set()
    for _, workplace_id, workplace, employer_id, employer in found[:MOST_CASES]:
        for key, name in ((f"workplace:{workplace_id}", workplace), (f"employer:{employer_id}", employer)):
            if all(word.casefold() in name.casefold() for word in words):
                recipients.add(key)
    subjects = notice_cases.filed_under(uow, [row[0] for row in found[:MOST_CASES]]) if found else frozenset()
    return _Place(subjects, frozenset(recipients), len(found) > MOST_CASES)


def _placed(
    uow: UnitOfWork, wanted: Wanted, places: Sequence[_Place], after: str, limit: int
) -> Sequence[tuple[uuid.UUID, datetime]]:
    clauses = [*_clauses(wanted), *(place.clause for place in places)]
    if after:
        clauses.append(_behind(after))
    states = [wanted.state] if wanted.state is not None else list(State)
    # Of few notices, those of a place, the index of the place finds them all; of many, that of each state the latest.
    some: list[list[ColumnElement[bool]]] = (
        [[Notice.state.in_(states)]] if places else [[Notice.state == state] for state in states]
    )
    arms = [_latest(select(Notice.id, Notice.send_after).where(*arm, *clauses), limit) for arm in some]
    found = union_all(*(select(arm.subquery()) for arm in arms)).subquery().c
    latest = select(found.id, found.send_after).order_by(found.send_after.desc(), found.id.desc()).limit(limit)
    return uow.session.execute(latest).tuples().all()


def _latest(rows: Select[Any], limit: int) -> Select[Any]:
    return rows.order_by(Notice.send_after.desc(), Notice.id.desc()).limit(limit)


def _behind(after: str) -> ColumnElement[bool]:
    """True of the notices that come after a place in the order of pages."""
    try:
        said, key = map(str, place_of(after, (str, str)) or ())
        last, before = datetime.fromisoformat(said), uuid.UUID(key)
    except ValueError:
        raise BadInput(field="after", found=after, wanted=A_CURSOR) from None
    if last.tzinfo is None:
        raise BadInput(field="after", found=after, wanted=A_CURSOR)
    return and_(Notice.send_after <= last, or_(Notice.send_after < last, Notice.id < before))


def _clauses(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield Notice.send_after >= start_of_day(wanted.since)
    if wanted.until is not None:
        yield Notice.send_after < midnight_ending(wanted.until)
    if wanted.to is not None:
        yield Notice.recipient_key.startswith(f"{wanted.to}:", autoescape=True)
    if wanted.kind is not None:
        yield Notice.kind == wanted.kind
    if wanted.only is not None:
        yield ONLY[wanted.only]


_OTHER = aliased(Notice)
_PAPER = (_OTHER.subject_ref, Notice.subject_ref), (_OTHER.recipient_key, Notice.recipient_key)
_VERSION = (_OTHER.kind, Notice.kind), (_OTHER.content_version, Notice.content_version)


def _shown_by(*of_this_one: ColumnElement[bool]) -> ColumnElement[bool]:
    proofs = select(Evidence.id).join(_OTHER, _OTHER.id == Evidence.notice_id).where(proof.IS_PROOF, *of_this_one)
    return exists(proofs.correlate(Notice))


ONLY: dict[Only, ColumnElement[bool]] = {
    # Any copy of the paper, or what was served instead of it: what the list itself says of its receipt.
    Only.NOT_PROVED: and_(
        Notice.latest_receipt_on.is_not(None),
        Notice.state != State.CANCELLED,
        ~_shown_by(*(theirs == ours for theirs, ours in (*_PAPER, *_VERSION))),
        ~_shown_by(_OTHER.instead_of_id == Notice.id),
    ),
    Only.BOUNCED: Notice.id.in_(
        select(Evidence.notice_id).where(Evidence.kind == proof.Sign.BOUNCED.value, Evidence.revoked_at.is_(None))
    ),
    Only.NEEDS_A_PERSON: or_(
        Notice.state.in_(NEEDS_A_PERSON),
        Notice.id.in_(select(ServiceTask.notice_id).where(ServiceTask.done_at.is_(None))),
    ),
}


def _rows(uow: UnitOfWork, ids: Sequence[uuid.UUID]) -> tuple[FoundNotice, ...]:
    """The notices of those ids, in their order."""
    wanted = select(Notice).where(Notice.id.in_(ids)).options(*map(defer, _LONG))
    by_id = {row.id: row for row in uow.session.scalars(wanted)} if ids else {}
    rows = [by_id[key] for key in ids if key in by_id]
    refs = notice_cases.case_refs(uow, [row.subject_ref for row in rows])
    return tuple(
        FoundNotice(
            **{each.name: getattr(line, each.name) for each in fields(NoticeLine)},
            case_ref=refs.get(row.subject_ref),
            name=row.recipient_name if row.recipient_key.startswith(NAMED) else None,
        )
        for row, line in zip(rows, notice_views.told(uow, rows), strict=True)
    )
