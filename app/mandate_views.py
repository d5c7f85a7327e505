"""
What a mandate's page, the API and the command line show of one: why it lasts from when to when, what rests on it, what
ends it and who is next.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app import notice_views
from app.ballot_views import VotingSchool, schools_of
from app.case_records import EventLine, records
from app.mandate_action import ActionUnder, action_under, actions_under, events_under
from app.mandate_lines import MandateLine, MandateStanding, mandate_line, why_last_day
from app.narrowing import wide
from app.notice_views import NoticeLine
from app.offered_acts import OfferedAct, offered_among
from ballots import papers, reasons
from ballots.action_notice import latest_action_notice
from ballots.mandate import ActionKind, why_it_begins
from ballots.models import ActionStage, MandateRow
from casework.cases import Case
from core.errors import NoLawInForce, NotFound
from core.law import Consultation
from core.nations import Nation
from core.settings import settings
from core.unit_of_work import UnitOfWork

ACTS: Mapping[ActionKind, tuple[str, ...]] = {
    ActionKind.ASOS: (
        "asos_authorised", "action_notices_approved", "notice_received", "suspension_extended", "escalation_sought",
    ),
    ActionKind.STRIKE: (
        "escalation_sought", "strike_authorised", "action_notices_approved", "notice_received", "strike_day_held",
    ),
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


@dataclass(frozen=True, slots=True)
class LastNotice:
    """The last day on which the employer can receive notice of action that begins on the mandate's last day."""

    on: date
    why: Mapping[str, Any]


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
    actions = actions_under(uow, row)
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
        actions=tuple(action_under(each) for each in actions),
        next=offered[acts[0]],
        takes_back=offered[acts[1]],
        events=events_under(uow, row, cases, actions, records(uow, subjects, notices)),
        notices=notices,
    )


def _judged(uow: UnitOfWork, row: MandateRow) -> _Judged:
    line = mandate_line(uow, row)
    lasts = line.standing is MandateStanding.LASTS
    return _Judged(line, why_last_day(uow, row), _last_notice(uow, row) if lasts else None)


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
