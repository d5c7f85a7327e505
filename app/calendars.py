"""
Calendars that somebody keeps of their cases' deadlines or of a ballot, as iCalendar (RFC 5545). Each time one is read
it holds what its account reaches then, and nothing once the account is closed or its roles are taken. No line of it
that a calendar shows by itself names a person or a school.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event
from icalendar.prop import vDuration
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.access import grants_to_look
from app.links import dashboard_at
from app.narrowing import narrow
from app.templating import long_date
from ballots import calendar_keys
from ballots.calendar_keys import CalendarKey
from ballots.models import Ballot, BallotCase
from casework.cases import Case
from casework.deadlines import Deadline, DeadlineKind
from casework.people.models import Account
from core.errors import NotFound
from core.settings import settings
from core.unit_of_work import UnitOfWork
from core.why import told

PRODUCT = "-//Mandate//Deadlines//EN"
KEPT_DAYS = 60
"""How long a calendar still shows what is over."""
MOST_EVENTS = 2000
REFRESH = timedelta(hours=4)
OF_A_BALLOT = (
    DeadlineKind.BALLOT_NOTICE_RECEIVED,
    DeadlineKind.SAMPLE_PAPER_RECEIVED,
    DeadlineKind.BALLOT_OPENS,
    DeadlineKind.BALLOT_CLOSES,
    DeadlineKind.RESULT_TO_MEMBERS,
    DeadlineKind.RESULT_TO_EMPLOYERS,
    DeadlineKind.SCRUTINEER_REPORT,
    DeadlineKind.MANDATE_ENDS,
)
UNKNOWN = "of this address, or it was ended"


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar as it is sent, and its mark: the same while nothing in it changes."""

    content: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """A calendar of an account: `short` names it, `ballot` is the reference of the ballot it is of."""

    short: str
    ballot: str | None
    made_at: datetime


def make(
    uow: UnitOfWork, account_id: uuid.UUID, ref: str, request_key: str, at: datetime
) -> tuple[CalendarLine, str | None]:
    """
    A calendar of an account's cases, or of the ballot of a reference, and its key; no key where the request was sent
    before. `NotFound` for a ballot that there is none of, or that is not reached.
    """
    row, key = calendar_keys.make(uow, account_id, ballot_named(uow, ref), request_key, at)
    uow.session.flush()
    return line(row), key


def of_account(uow: UnitOfWork, account_id: uuid.UUID) -> tuple[CalendarLine, ...]:
    """The calendars that an account keeps."""
    return tuple(line(each) for each in calendar_keys.of_account(uow.session, account_id))


def line(row: CalendarKey) -> CalendarLine:
    """One of them."""
    return CalendarLine(row.short, row.ballot.ref if row.ballot else None, row.made_at)


def ballot_named(uow: UnitOfWork, ref: str) -> Ballot | None:
    """The ballot of a reference, None for no reference; `NotFound` where there is none, or none that is reached."""
    if not ref:
        return None
    found = uow.session.scalars(select(Ballot).where(Ballot.ref == ref)).one_or_none()
    if found is None:
        raise NotFound("ballot", ref)
    return found


def address(key: str, port: int | None = None) -> str:
    """Where a calendar is read."""
    return f"{dashboard_at(settings(), port)}/calendar/{key}/deadlines.ics"


def feed(uow: UnitOfWork, key: str) -> Feed:
    """The calendar of a key; `NotFound`, which never repeats the key, where there is none or it reaches nothing."""
    found = calendar_keys.standing(uow.session, key)
    if found is None:
        raise NotFound("calendar", UNKNOWN)
    row, account = found
    grants = grants_to_look(account)
    if not grants:
        raise NotFound("calendar", UNKNOWN)
    ballot_id, port = row.ballot_id, settings().dashboard_port
    narrow(uow.session, grants, account.officer_id)
    uow.session.expire_all()
    if ballot_id is None:
        content = _calendar("Mandate: your cases", _of_cases(uow, account), port)
    else:
        ballot = uow.session.scalars(select(Ballot).where(Ballot.id == ballot_id)).one_or_none()
        if ballot is None:
            raise NotFound("calendar", UNKNOWN)
        content = _calendar(f"Mandate: ballot {ballot.ref}", _of_ballot(uow, ballot), port)
    return Feed(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


@dataclass(frozen=True, slots=True)
class _Entry:
    """A day of a calendar, and the deadlines it stands for: of one case, or of a ballot's several."""

    uid: str
    ref: str
    rows: Sequence[Deadline]
    changes: int

    @property
    def first(self) -> Deadline:
        return self.rows[0]


def _of_cases(uow: UnitOfWork, account: Account) -> Iterator[_Entry]:
    """Each deadline of the cases that are an officer's own; of whoever is no officer, of those that are reached."""
    rows = _recent(uow)
    if account.officer_id is not None:
        rows = rows.where(Case.officer_id == account.officer_id)
    for row in uow.session.scalars(rows):
        yield _Entry(f"deadline-{row.id}@mandate", row.case.ref, [row], row.changes)


def _of_ballot(uow: UnitOfWork, ballot: Ballot) -> Iterator[_Entry]:
    """The days of a ballot: several schools' deadlines of one kind on one day are one entry."""
    cases = select(BallotCase.case_id).where(BallotCase.ballot_id == ballot.id)
    later = (
        select(func.min(Ballot.authorised_on))
        .join(BallotCase, BallotCase.ballot_id == Ballot.id)
        .where(BallotCase.case_id.in_(cases), Ballot.authorised_on > ballot.authorised_on)
    )
    ends = uow.session.scalar(later)
    rows = _recent(uow).where(Deadline.case_id.in_(cases), Deadline.kind.in_(OF_A_BALLOT))
    rows = rows.where(Deadline.due_on >= ballot.authorised_on)
    together: defaultdict[tuple[DeadlineKind, date, bool], list[Deadline]] = defaultdict(list)
    for row in uow.session.scalars(rows if ends is None else rows.where(Deadline.due_on < ends)):
        together[row.kind, row.due_on, row.cancelled_on is not None].append(row)
    changes: Counter[DeadlineKind] = Counter()
    for (kind, *_), found in together.items():
        changes[kind] += sum(each.changes for each in found)
    for (kind, *_), found in together.items():
        # Over all of a kind, so that it never falls when one school's day parts from the others'.
        yield _Entry(f"ballot-{min(str(each.id) for each in found)}@mandate", ballot.ref, found, changes[kind])


def _recent(uow: UnitOfWork) -> Select[tuple[Deadline]]:
    since = uow.today - timedelta(days=KEPT_DAYS)
    rows = select(Deadline).join(Case, Case.id == Deadline.case_id).where(Deadline.due_on >= since)
    shown = rows.options(joinedload(Deadline.case)).order_by(Deadline.due_on, Case.ref, Deadline.kind, Deadline.id)
    return shown.limit(MOST_EVENTS)


def _calendar(name: str, entries: Iterator[_Entry], port: int) -> bytes:
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", f"PT{REFRESH // timedelta(hours=1)}H")
    for each in entries:
        made.add_component(_event(each, port))
    return bytes(made.to_ical())


def _event(entry: _Entry, port: int) -> Event:
    first, made = entry.first, Event()
    changed = max(each.changed_at or _midnight(each.case.raised_on) for each in entry.rows)
    made.add("uid", entry.uid)
    made.add("sequence", entry.changes)
    made.add("dtstamp", changed)
    made.add("last-modified", changed)
    made.add("dtstart", first.due_on)
    made.add("dtend", first.due_on + timedelta(days=1))
    made.add("summary", f"{entry.ref}: {first.label}{' (met)' if _is_met(entry) else ''}")
    made.add("description", _description(entry))
    made.add("status", "CANCELLED" if first.cancelled_on else "CONFIRMED")
    made.add("transp", "TRANSPARENT")
    made.add("categories", [first.kind.value.replace("_", " ").capitalize()])
    made.add("url", f"{dashboard_at(settings(), port)}/cases/{first.case.ref}")
    return made


def _is_met(entry: _Entry) -> bool:
    return not entry.first.cancelled_on and all(each.met_on for each in entry.rows)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _description(entry: _Entry) -> str:
    first = entry.first
    said = [f"{first.label}, {', '.join(sorted({each.case.ref for each in entry.rows}))}."]
    if first.cancelled_on:
        said.append("This day does not count any more.")
    elif _is_met(entry):
        said.append(f"Met on {long_date(max(each.met_on for each in entry.rows if each.met_on))}.")
    for label, part in told(first.why).items():
        words = "; ".join(f"{name}: {value}" for name, value in part.items()) if isinstance(part, dict) else part
        said.append(f"{label}: {words}")
    return "\n".join(said)
