"""Action under one mandate: what of it there is, what happened of it, and its rows for a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.case_records import EventLine, told_once
from ballots.mandate import ActionKind
from ballots.models import Action, ActionStage, MandateRow
from casework.cases import Case, CaseEvent
from casework.lifecycle import EventKind
from core.unit_of_work import UnitOfWork

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


def actions_under(uow: UnitOfWork, row: MandateRow) -> Sequence[Action]:
    """The action authorised under a mandate, the first to begin at the head."""
    wanted = select(Action).where(Action.mandate_id == row.id).order_by(Action.starts_on, Action.id)
    return uow.session.scalars(wanted.options(joinedload(Action.case).joinedload(Case.workplace))).all()


def action_under(row: Action) -> ActionUnder:
    """A piece of it, as the mandate's page shows it."""
    case = row.case
    days, instructions = row.strike_days, tuple(row.instructions)
    return ActionUnder(
        case.ref, case.workplace.name, row.kind, row.stage, row.starts_on, days, instructions, row.affected
    )


def events_under(
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


ACTION_COLUMNS = ("case", "workplace", "kind", "stage", "starts_on", "strike_days", "instructions", "affected")


def action_rows(actions: Sequence[ActionUnder]) -> list[tuple[object, ...]]:
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
        for each in actions
    ]
