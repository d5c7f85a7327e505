"""
A stand-down as a page shows it: who was told, who was tried and not reached yet, and which calls were under way.

Reached means that a mail server or a network took the message; whether anybody has read it, nobody knows. A letter is
on its way until its receipt is recorded, and a mail that was laid in a folder reached nobody. Nobody is named here:
`app.stand_down_people` knows whom to ring up.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app import tables_csv
from app.narrowing import wide
from app.stand_down_people import LAID, LAID_FOR_NOBODY, NO_ADDRESS, NOBODY, reason, to_say
from ballots import stand_down
from casework import disputes, repository
from casework.cases import Case
from casework.disputes import Dispute
from casework.register.models import Workplace
from casework.stand_downs import Party, StandDown, StandDownRecipient, latest
from core.errors import NotFound
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import Medium, State
from notifications.models import Attempt, Notice

SHOWN = 200
REFRESH_SECONDS = 5
MOST = 95
"""Per cent of those concerned: when so many had been tried says how fast it went."""


class PersonStanding(StrEnum):
    """How far one person's message has come."""

    WAITING = "waiting"
    TRYING = "trying"
    LAID_IN_A_FOLDER = "laid_in_a_folder"
    IN_THE_POST = "in_the_post"
    REACHED = "reached"
    NOT_REACHED = "not_reached"


ON_THE_WAY = (State.SENDING, State.TEMP_WAIT, State.UNKNOWN)
SHOWN_TO_HAVE_COME = (State.EVIDENCED, State.CLOSED)
TAKEN = (State.ACCEPTED, State.RE_SERVED)
MISSED = (PersonStanding.TRYING, PersonStanding.NOT_REACHED)
"""Where the last attempt says what stands in the way."""
ended = aliased(Attempt)
LAST_ATTEMPT = and_(
    Attempt.notice_id == Notice.id,
    Attempt.epoch
    == select(func.max(ended.epoch))
    .where(ended.notice_id == Notice.id, ended.outcome.is_not(None))
    .correlate(Notice)
    .scalar_subquery(),
)
STANDING = case(
    (and_(StandDownRecipient.unreachable, StandDownRecipient.notice_id.is_(None)), PersonStanding.NOT_REACHED.value),
    (StandDownRecipient.notice_id.is_(None), PersonStanding.WAITING.value),
    (Notice.state.in_(SHOWN_TO_HAVE_COME), PersonStanding.REACHED.value),
    (
        and_(Notice.state == State.ACCEPTED, Notice.medium == Medium.MAIL, Attempt.channel == LAID),
        PersonStanding.LAID_IN_A_FOLDER.value,
    ),
    (and_(Notice.state == State.ACCEPTED, Notice.medium != Medium.LETTER), PersonStanding.REACHED.value),
    (Notice.state.in_(TAKEN), PersonStanding.IN_THE_POST.value),
    (Notice.state.in_(ON_THE_WAY), PersonStanding.TRYING.value),
    (Notice.state.in_((State.RENDERED, State.APPROVED, State.QUEUED)), PersonStanding.WAITING.value),
    else_=PersonStanding.NOT_REACHED.value,
)
TRIED = or_(
    StandDownRecipient.tried_before_at.is_not(None),
    and_(StandDownRecipient.notice_id.is_not(None), Notice.epoch > 0),
)


@dataclass(frozen=True, slots=True)
class PartyLine:
    """How many of one party stand where."""

    party: Party
    total: int
    counts: dict[PersonStanding, int]


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One of those concerned: as what, where, how far the message has come, by which way, and what stands in it."""

    party: Party
    party_id: uuid.UUID
    case_ref: str
    workplace: str
    standing: PersonStanding
    by: str | None
    notice_id: uuid.UUID | None
    why: str | None


@dataclass(frozen=True, slots=True)
class CallLine:
    """A call that was under way when the order came, and what became of it."""

    notice_id: uuid.UUID
    kind: str
    state: State


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What the last attempt at so many people came to."""

    why: str
    people: int


@dataclass(frozen=True, slots=True)
class Before:
    """A dispute of which no stand-down stands: whether it can be stood down, or why not, and whether action is on."""

    refused: str | None
    action_is_on: bool


@dataclass(frozen=True, slots=True)
class StandDownPage:
    """
    One stand-down. Times are seconds after the order, None until it has come so far: the first attempt, and the one
    with which 95 in a hundred of all concerned had been tried. `hindered`: what stands in the way of those who were
    tried and not reached, of most people first. `nobody` says why nobody is told, where nobody is; `to_say` what those
    whom it has not reached have to hear by telephone, as things stand now.
    """

    dispute: str
    stands: bool
    reason: str
    note: str
    repudiated: bool
    ordered_at: datetime
    ordered_by: str
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_because: str | None
    total: int
    attempted: int
    counts: dict[PersonStanding, int]
    hindered: tuple[Hindrance, ...]
    parties: tuple[PartyLine, ...]
    first_after: float | None
    most_after: float | None
    under_way: tuple[CallLine, ...]
    people: tuple[PersonLine, ...]
    people_count: int
    nobody: str | None
    to_say: str

    @property
    def goes_on(self) -> bool:
        """Whether messages are still to go: the page looks again by itself."""
        waiting, trying = self.counts[PersonStanding.WAITING], self.counts[PersonStanding.TRYING]
        return bool(waiting or (self.stands and trying))


def dispute_named(uow: UnitOfWork, ref: str) -> Dispute:
    """A dispute by its own reference, or by that of one of its cases; `NotFound` otherwise."""
    found = uow.session.scalars(select(Dispute).where(Dispute.ref == ref)).one_or_none()
    if found is None and not ref.startswith("D-"):
        found = disputes.dispute_of(uow, repository.find(uow, ref).id)
    if found is None:
        raise NotFound("dispute", ref)
    return found


def case_of(uow: UnitOfWork, ref: str) -> Case:
    """The case of a reference; of a dispute's reference, the first case that has not left it."""
    if not ref.startswith("D-"):
        return repository.find(uow, ref)
    dispute = dispute_named(uow, ref)
    inside = disputes.cases_in(uow, dispute.id) or [part.case for part in disputes.parts_in(uow, dispute.id)]
    return inside[0]


def before_order(uow: UnitOfWork, ref: str) -> Before:
    """What an order to stand a dispute down would find."""
    dispute = dispute_named(uow, ref)
    with wide(uow.session):
        return Before(stand_down.against_order(uow, dispute), stand_down.action_is_on(uow, dispute.id))


def standing_page(
    uow: UnitOfWork, ref: str, *, only: PersonStanding | None = None, not_reached: bool = False, limit: int = SHOWN
) -> StandDownPage | None:
    """
    The latest stand-down of a dispute, None before one was ordered; the people narrowed to one standing, or to all
    whom it has not reached yet.
    """
    dispute = dispute_named(uow, ref)
    row = latest(uow, dispute.id)
    if row is None:
        return None
    counted = _counted(uow, row)
    counts, wanted = _summed(counted), _wanted(only, not_reached=not_reached)
    total = sum(counts.values())
    with wide(uow.session):
        said = to_say(uow, row)
    attempted = sum(number for (_, _, tried), number in counted.items() if tried)
    return StandDownPage(
        dispute=dispute.ref,
        stands=row.lifted_at is None,
        reason=row.reason.value,
        note=row.note,
        repudiated=row.repudiated,
        ordered_at=row.ordered_at,
        ordered_by=row.ordered_by,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
        lifted_because=row.lifted_because,
        total=total,
        attempted=attempted,
        counts=counts,
        hindered=_hindered(uow, row),
        parties=_parties(counted),
        first_after=_after(uow, row, 1),
        most_after=_after(uow, row, -(-total * MOST // 100)),
        under_way=_under_way(uow, row),
        people=tuple(_people(uow, row, wanted, limit)),
        people_count=sum(counts[each] for each in wanted),
        nobody=None if total else NOBODY,
        to_say=said,
    )


def _wanted(only: PersonStanding | None, *, not_reached: bool) -> tuple[PersonStanding, ...]:
    if only is not None:
        return (only,)
    return tuple(each for each in PersonStanding if not (not_reached and each is PersonStanding.REACHED))


Counted = dict[tuple[Party, PersonStanding, bool], int]


def _counted(uow: UnitOfWork, row: StandDown) -> Counted:
    statement = (
        select(StandDownRecipient.party, STANDING, TRIED, func.count())
        .outerjoin(Notice, Notice.id == StandDownRecipient.notice_id)
        .outerjoin(Attempt, LAST_ATTEMPT)
        .where(StandDownRecipient.stand_down_id == row.id)
        .group_by(StandDownRecipient.party, STANDING, TRIED)
    )
    found: Counter[tuple[Party, PersonStanding, bool]] = Counter()
    for party, standing, tried, number in uow.session.execute(statement).tuples():
        found[party, PersonStanding(standing), bool(tried)] += number
    return dict(found)


def _summed(counted: Counted) -> dict[PersonStanding, int]:
    return {each: sum(number for (_, at, _), number in counted.items() if at is each) for each in PersonStanding}


def _hindered(uow: UnitOfWork, row: StandDown) -> tuple[Hindrance, ...]:
    said = (Attempt.outcome, Attempt.reply_code, Attempt.reply_text)
    statement = (
        select(*said, func.count())
        .select_from(StandDownRecipient)
        .join(Notice, Notice.id == StandDownRecipient.notice_id)
        .join(Attempt, LAST_ATTEMPT)
        .where(StandDownRecipient.stand_down_id == row.id, STANDING.in_([each.value for each in MISSED]))
        .group_by(*said)
    )
    found: Counter[str] = Counter()
    for outcome, code, reply, number in uow.session.execute(statement).tuples():
        # Servers name the address in what they reply: the same words but for that are one hindrance.
        if (why := reason(outcome, code, reply)) is not None:
            found[why] += number
    return tuple(Hindrance(why, number) for why, number in found.most_common())


def _parties(counted: Counted) -> tuple[PartyLine, ...]:
    lines = []
    for party in Party:
        ours = {key: number for key, number in counted.items() if key[0] is party}
        if ours:
            lines.append(PartyLine(party, sum(ours.values()), _summed(ours)))
    return tuple(lines)


def _after(uow: UnitOfWork, row: StandDown, number: int) -> float | None:
    """Seconds from the order to the first attempt at the so-manieth of those concerned, by whichever message."""
    before = StandDownRecipient.tried_before_at
    firsts = (
        select(func.coalesce(before, func.min(Attempt.started_at)).label("first"))
        .select_from(StandDownRecipient)
        .outerjoin(Attempt, Attempt.notice_id == StandDownRecipient.notice_id)
        .where(StandDownRecipient.stand_down_id == row.id, or_(before.is_not(None), Attempt.id.is_not(None)))
        .group_by(StandDownRecipient.party, StandDownRecipient.party_id, before)
        .subquery()
    )
    at = uow.session.scalar(select(firsts.c.first).order_by(firsts.c.first).offset(max(number, 1) - 1).limit(1))
    return None if at is None else (at - row.ordered_at).total_seconds()


def _under_way(uow: UnitOfWork, row: StandDown) -> tuple[CallLine, ...]:
    ids = [uuid.UUID(each) for each in row.under_way]
    found = uow.session.execute(select(Notice.id, Notice.kind, Notice.state).where(Notice.id.in_(ids))).tuples()
    return tuple(CallLine(*each) for each in found)


def _people(
    uow: UnitOfWork, row: StandDown, wanted: Sequence[PersonStanding], limit: int | None
) -> Iterator[PersonLine]:
    chosen: ColumnElement[bool] = STANDING.in_([each.value for each in wanted])
    statement: Select[Any] = (
        select(
            StandDownRecipient.party,
            StandDownRecipient.party_id,
            Case.ref,
            Workplace.name,
            STANDING,
            Notice.medium,
            StandDownRecipient.notice_id,
            Notice.held_because,
            Attempt.outcome,
            Attempt.reply_code,
            Attempt.reply_text,
        )
        .join(Case, Case.id == StandDownRecipient.case_id)
        .join(Workplace, Workplace.id == Case.workplace_id)
        .outerjoin(Notice, Notice.id == StandDownRecipient.notice_id)
        .outerjoin(Attempt, LAST_ATTEMPT)
        .where(StandDownRecipient.stand_down_id == row.id, chosen)
        .order_by(StandDownRecipient.place, Case.ref, StandDownRecipient.party_id)
    )
    for each in uow.session.execute(statement.limit(limit)).tuples():
        party, party_id, ref, workplace, standing, medium, notice_id, held_because, *last = each
        at, by = PersonStanding(standing), medium.value if medium is not None else None
        why = _why(at, notice_id, held_because, reason(*last))
        yield PersonLine(party, party_id, ref, workplace, at, by, notice_id, why)


def _why(at: PersonStanding, notice_id: uuid.UUID | None, held_because: str | None, last: str | None) -> str | None:
    """What stands between somebody and the message; None for whoever is reached, or simply waits."""
    if at is PersonStanding.LAID_IN_A_FOLDER:
        return LAID_FOR_NOBODY
    if at is PersonStanding.NOT_REACHED and notice_id is None:
        return NO_ADDRESS
    return (held_because if at is PersonStanding.NOT_REACHED and last is None else last) if at in MISSED else None


COLUMNS = ("as", "id", "case", "workplace", "standing", "by", "notice", "why")


def as_csv(uow: UnitOfWork, ref: str, *, not_reached: bool = False) -> str:
    """Everybody concerned as CSV, or only those not reached yet: by their id in the register, never by name."""
    row = latest(uow, dispute_named(uow, ref).id)
    if row is None:
        raise NotFound("stand-down of the dispute", ref)
    people = _people(uow, row, _wanted(None, not_reached=not_reached), None)
    return tables_csv.as_csv(
        COLUMNS,
        (
            (each.party, each.party_id, each.case_ref, each.workplace, each.standing, each.by, each.notice_id, each.why)
            for each in people
        ),
    )


def as_document(page: StandDownPage) -> dict[str, Any]:
    """As JSON tells it."""
    return {**asdict(page), "goes_on": page.goes_on}


def standing_named(name: str) -> PersonStanding | None:
    """The standing to narrow to, None for an empty name or for `not_reached_yet`; `NotFound` for one that is none."""
    if not name or name == NOT_REACHED_YET:
        return None
    try:
        return PersonStanding(name)
    except ValueError:
        raise NotFound("standing called", name) from None


NOT_REACHED_YET = "not_reached_yet"
