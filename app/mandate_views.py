"""
What pages, the API and the command line show of mandates: from when to when, for which action with which employer, what
rests on each, what ends it and who is next. A mandate is of one ballot, one employer and one kind of action.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import notice_views
from app.ballot_views import VotingSchool, schools_of
from app.case_records import EventLine, records, told_once
from app.narrowing import wide
from app.notice_views import NoticeLine
from app.offered_acts import OfferedAct, offered_among
from ballots import papers, reasons
from ballots.action_notice import latest_action_notice
from ballots.mandate import ActionKind, why_it_begins
from ballots.models import Action, ActionStage, Ballot, BallotCase, MandateRow
from casework.cases import Case, CaseEvent
from casework.disputes import Dispute, DisputeCase, DisputeLeg
from casework.lifecycle import EventKind
from casework.register.models import Employer
from core.errors import NoLawInForce, NotFound
from core.law import Consultation
from core.nations import Nation
from core.settings import settings
from core.unit_of_work import UnitOfWork

ACTS: Mapping[ActionKind, tuple[str, ...]] = {
    ActionKind.ASOS: (
        "asos_authorised", "action_notices_approved", "notice_received", "suspension_extended", "escalation_sought",
    ),
    ActionKind.STRIKE: ("strike_authorised", "action_notices_approved", "notice_received", "strike_day_held"),
}  # fmt: skip
"""What is next under a mandate of each kind."""

OF_A_NOTICE = frozenset({"action_notices_approved", "notice_received"})
"""What is next only while a notice of action is on its way."""

TAKES_BACK: Mapping[ActionKind, tuple[str, ...]] = {
    ActionKind.ASOS: ("action_suspended", "notice_withdrawn", "call_repudiated", "dispute_stood_down"),
    ActionKind.STRIKE: (
        "strike_day_withdrawn", "notice_withdrawn", "notice_varied", "call_repudiated", "dispute_stood_down",
    ),
}  # fmt: skip
"""What takes action under it back; the mandate itself nobody takes back."""

OF_ACTION: Mapping[ActionKind, frozenset[EventKind]] = {
    ActionKind.ASOS: frozenset(
        {
            EventKind.ASOS_AUTHORISED,
            EventKind.ACTION_NOTICE_SERVED,
            EventKind.ASOS_BEGAN,
            EventKind.ASOS_ENDED,
            EventKind.ESCALATION_SOUGHT,
        }
    ),
    ActionKind.STRIKE: frozenset(
        {
            EventKind.STRIKE_AUTHORISED,
            EventKind.STRIKE_NOTICE_SERVED,
            EventKind.STRIKE_DAY_HELD,
            EventKind.STRIKE_DAY_WITHDRAWN,
            EventKind.STRIKE_OVER,
        }
    ),
}


class MandateStanding(StrEnum):
    """How a mandate stands: it lasts, its last day is over, or no school under it is in the dispute any more."""

    LASTS = "lasts"
    OVER = "over"
    LEFT = "left"


STANDINGS: Mapping[MandateStanding, str] = {
    MandateStanding.LASTS: "It lasts",
    MandateStanding.OVER: "It is over",
    MandateStanding.LEFT: "No school under it is in the dispute any more",
}


@dataclass(frozen=True, slots=True)
class MandateLine:
    """A mandate in a list. `kind` is the code of the action; `days_left` counts to its last day, negative after it."""

    id: uuid.UUID
    kind: ActionKind
    employer_id: uuid.UUID
    employer: str
    ballot_ref: str
    dispute_ref: str
    first_day: date
    last_day: date
    days_left: int
    standing: MandateStanding


@dataclass(frozen=True, slots=True)
class LastNotice:
    """The last day on which the employer can receive notice of action that begins on the mandate's last day."""

    on: date
    why: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ActionUnder:
    """Action under a mandate at one school; `days` are those of a strike, `affected` the members it would call on."""

    case_ref: str
    workplace: str
    kind: ActionKind
    stage: ActionStage
    starts_on: date
    days: tuple[date, ...]
    instructions: tuple[int, ...]
    affected: int


@dataclass(frozen=True, slots=True)
class MandatePage:
    """
    Everything a mandate's page shows. `why` is of the last day, None where the law as it is read now puts it elsewhere;
    `last_day_lenient` is the last day by the other count of months. `begins_by`: the law limits only when action
    begins. `more_schools` are not reached. `runs_out_soon`: within the union's figure of days.
    """

    line: MandateLine
    last_day_lenient: date
    begins_by: bool
    why_first: Mapping[str, Any]
    why: Mapping[str, Any] | None
    last_notice: LastNotice | None
    runs_out_soon: bool
    schools: tuple[VotingSchool, ...]
    more_schools: int
    actions: tuple[ActionUnder, ...]
    next: tuple[OfferedAct, ...]
    takes_back: tuple[OfferedAct, ...]
    events: tuple[EventLine, ...]
    notices: tuple[NoticeLine, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    """What holds of the mandate whoever asks."""

    line: MandateLine
    why: Mapping[str, Any] | None
    last_notice: LastNotice | None


def mandates(uow: UnitOfWork, at: uuid.UUID | None = None) -> tuple[MandateLine, ...]:
    """The mandates of every ballot that is reached, or of one workplace: those that last, the first to end first."""
    wanted = (
        select(MandateRow, Ballot.ref, Dispute.ref, Employer.name)
        .join(Ballot, Ballot.id == MandateRow.ballot_id)
        .join(Dispute, Dispute.id == Ballot.dispute_id)
        .join(Employer, Employer.id == MandateRow.employer_id)
    )
    with wide(uow.session):
        in_dispute = _in_dispute(uow)
    if at is not None:
        voted = select(BallotCase.ballot_id).join(Case, Case.id == BallotCase.case_id).where(Case.workplace_id == at)
        wanted = wanted.where(MandateRow.ballot_id.in_(voted))
    found = uow.session.execute(wanted).tuples()
    of_it = (each for each in found if at is None or str(at) in each[0].workplace_ids)
    return tuple(sorted((_line(uow, in_dispute, *each) for each in of_it), key=place_of))


def place_of(line: MandateLine) -> tuple[str | int, ...]:
    """Where a mandate stands among all: those that last by their end, then those that are over, the latest first."""
    last = line.last_day.toordinal()
    lasts = line.standing is MandateStanding.LASTS
    return (0, last, str(line.id)) if lasts else (1, -last, str(line.id))


def mandate_page(uow: UnitOfWork, mandate_id: uuid.UUID) -> MandatePage:
    """
    One mandate by its id; `NotFound` otherwise, and for one of whose ballot no case is reached. How it stands rests on
    every school under it, whoever asks; of schools, action and notices those are shown that they reach.
    """
    if uow.session.scalar(select(MandateRow.id).where(MandateRow.id == mandate_id)) is None:
        raise NotFound("mandate", mandate_id)
    with wide(uow.session):
        judged = _judged(uow, uow.session.get_one(MandateRow, mandate_id))
    row = uow.session.get_one(MandateRow, mandate_id)
    cases = [case for case in row.ballot.cases if str(case.workplace_id) in row.workplace_ids]
    schools = schools_of(uow, row.ballot, cases)
    actions = _actions(uow, row)
    subjects = [papers.action_ref(each.id) for each in actions]
    notices = notice_views.lines(uow, subjects)
    awaited = any(each.stage is ActionStage.AUTHORISED for each in actions)
    acts = tuple(each for each in ACTS[row.kind] if awaited or each not in OF_A_NOTICE), TAKES_BACK[row.kind]
    going_on = cases if judged.line.standing is MandateStanding.LASTS else []
    offered = offered_among(uow, _still_in(going_on, schools), *acts)
    return MandatePage(
        line=judged.line,
        last_day_lenient=row.last_day_lenient,
        begins_by=row.begins_by,
        why_first=why_it_begins(row.first_day).as_dict(),
        why=judged.why,
        last_notice=judged.last_notice,
        runs_out_soon=judged.line.standing is MandateStanding.LASTS
        and judged.line.days_left <= settings().mandate_warning_days,
        schools=schools,
        more_schools=len(row.workplace_ids) - len(cases),
        actions=tuple(_action(each) for each in actions),
        next=offered[acts[0]],
        takes_back=offered[acts[1]],
        events=_events(uow, row, cases, actions, records(uow, subjects, notices)),
        notices=notices,
    )


def _judged(uow: UnitOfWork, row: MandateRow) -> _Judged:
    ballot = row.ballot
    employer = uow.session.get_one(Employer, row.employer_id)
    line = _line(uow, _in_dispute(uow, ballot.id), row, ballot.ref, ballot.dispute.ref, employer.name)
    ends = papers.why_it_ends(uow, row)
    lasts = line.standing is MandateStanding.LASTS
    return _Judged(line, ends.as_dict() if ends else None, _last_notice(uow, row) if lasts else None)


def _line(
    uow: UnitOfWork,
    in_dispute: frozenset[tuple[uuid.UUID, uuid.UUID]],
    row: MandateRow,
    ballot_ref: str,
    dispute_ref: str,
    employer: str,
) -> MandateLine:
    left = not any((row.ballot_id, uuid.UUID(each)) in in_dispute for each in row.workplace_ids)
    over = row.last_day < uow.today
    return MandateLine(
        row.id,
        row.kind,
        row.employer_id,
        employer,
        ballot_ref,
        dispute_ref,
        row.first_day,
        row.last_day,
        (row.last_day - uow.today).days,
        MandateStanding.OVER if over else MandateStanding.LEFT if left else MandateStanding.LASTS,
    )


def _in_dispute(uow: UnitOfWork, ballot_id: uuid.UUID | None = None) -> frozenset[tuple[uuid.UUID, uuid.UUID]]:
    """The workplaces of each ballot, or of one, that have not left the ballot's dispute: `(ballot, workplace)`."""
    wanted = (
        select(BallotCase.ballot_id, Case.workplace_id)
        .join(Case, Case.id == BallotCase.case_id)
        .join(Ballot, Ballot.id == BallotCase.ballot_id)
        .join(DisputeCase, DisputeCase.case_id == Case.id)
        .join(DisputeLeg, DisputeLeg.id == DisputeCase.leg_id)
        .where(DisputeLeg.dispute_id == Ballot.dispute_id, DisputeCase.settled_on.is_(None))
    )
    one = wanted if ballot_id is None else wanted.where(BallotCase.ballot_id == ballot_id)
    return frozenset(uow.session.execute(one).tuples())


def _last_notice(uow: UnitOfWork, row: MandateRow) -> LastNotice | None:
    law, terms = Consultation(uow.law, Nation(row.ballot.nation)), papers.notice_terms(uow, row)
    try:
        on = latest_action_notice(row.last_day, terms, law)
        return LastNotice(on, reasons.action_notice_under(law, row.last_day, on, terms).as_dict())
    except NoLawInForce:
        return None


def _still_in(cases: Sequence[Case], schools: Sequence[VotingSchool]) -> list[Case]:
    left = {each.case_ref for each in schools if each.settled_on}
    return [case for case in cases if case.ref not in left]


def _actions(uow: UnitOfWork, row: MandateRow) -> Sequence[Action]:
    wanted = select(Action).where(Action.mandate_id == row.id).order_by(Action.starts_on, Action.id)
    return uow.session.scalars(wanted.options(joinedload(Action.case).joinedload(Case.workplace))).all()


def _action(row: Action) -> ActionUnder:
    case = row.case
    days, instructions = row.strike_days, tuple(row.instructions)
    return ActionUnder(
        case.ref, case.workplace.name, row.kind, row.stage, row.starts_on, days, instructions, row.affected
    )


def _events(
    uow: UnitOfWork, row: MandateRow, cases: Sequence[Case], actions: Sequence[Action], noted: Sequence[EventLine]
) -> tuple[EventLine, ...]:
    """The result that gave it and what happened to action under it, told once; what was recorded last first."""
    kinds = {EventKind.RESULT_DECLARED, *OF_ACTION[row.kind]}
    wanted = (
        select(CaseEvent)
        .where(CaseEvent.case_id.in_([case.id for case in cases]), CaseEvent.kind.in_(kinds))
        .order_by(CaseEvent.case_id, CaseEvent.seq)
    )
    under = {str(each.id) for each in actions}
    return told_once((each for each in uow.session.scalars(wanted) if _is_under(each, row, under)), noted)


def _is_under(event: CaseEvent, row: MandateRow, under: set[str]) -> bool:
    if event.kind is EventKind.RESULT_DECLARED:
        return bool(event.facts.get("ballot_id") == str(row.ballot_id))
    named = event.facts.get("action_id")
    if named is not None:
        return named in under
    return bool(under) and row.first_day <= event.happened_on <= row.last_day_lenient


COLUMNS = (
    "mandate", "kind", "employer", "ballot", "dispute", "first_day", "last_day", "days_left", "standing",
)  # fmt: skip


def rows(lines: Sequence[MandateLine]) -> list[tuple[object, ...]]:
    """Mandates as rows of `COLUMNS`."""
    return [
        (
            each.id,
            each.kind.value,
            each.employer,
            each.ballot_ref,
            each.dispute_ref,
            each.first_day,
            each.last_day,
            each.days_left,
            each.standing.value,
        )
        for each in lines
    ]


ACTION_COLUMNS = ("case", "workplace", "kind", "stage", "starts_on", "strike_days", "instructions", "affected")


def action_rows(page: MandatePage) -> list[tuple[object, ...]]:
    """The action under a mandate as rows of `ACTION_COLUMNS`."""
    return [
        (
            each.case_ref,
            each.workplace,
            each.kind.value,
            each.stage.value,
            each.starts_on,
            " ".join(day.isoformat() for day in each.days),
            " ".join(map(str, each.instructions)),
            each.affected,
        )
        for each in page.actions
    ]
