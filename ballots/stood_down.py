"""What a stand-down that stands forbids: authorising action, and letting a call or a notice of action leave."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy import Select, select

from ballots.models import Action, ActionStage, Ballot, MandateRow
from casework import stand_downs
from casework.deadlines import Deadline
from casework.disputes import DisputeCase, DisputeLeg
from casework.stand_downs import StandDown
from core.calendar import in_words, london_day
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork
from notifications.messages import registry
from notifications.models import Notice

NOTICE_OF_ACTION = "notice_of_action"


def calls() -> tuple[str, ...]:
    """The kinds of message that call members to action."""
    return tuple(kind.name for kind in registry().values() if kind.calls_to_action)


def kept_back() -> tuple[str, ...]:
    """The kinds of message that stay here while their dispute stands down: calls to action, and notices of it."""
    return (*calls(), NOTICE_OF_ACTION)


def against_action(uow: UnitOfWork, dispute_id: uuid.UUID) -> tuple[Finding, ...]:
    """A stop while the action of a dispute stands down."""
    row = stand_downs.standing(uow, dispute_id)
    return () if row is None else (_stands_down(row),)


def against_notice(uow: UnitOfWork, notice: Notice) -> tuple[Finding, ...]:
    """
    A stop for a notice that calls to action, or gives notice of it, while its dispute stands down.

    Two short queries at most, and one where nothing stands down: whoever hands notices over asks before each.
    """
    if notice.kind not in kept_back():
        return ()
    standing = stand_downs.disputes_standing_down(uow)
    kind, _, key = notice.subject_ref.partition(":")
    if not standing or kind not in DISPUTES_OF:
        return ()
    concerned = standing.intersection(uow.session.scalars(DISPUTES_OF[kind](uuid.UUID(key))))
    return tuple(finding for each in sorted(concerned) for finding in against_action(uow, each))


def stopped_on(uow: UnitOfWork, action: Action) -> date | None:
    """The day on which a stand-down stopped an action that has not gone on since; None for any other."""
    row = stand_downs.latest(uow, action.mandate.ballot.dispute_id)
    off = action.stage in (ActionStage.STOOD_DOWN, ActionStage.ENDED)
    if row is None or not off or london_day(row.ordered_at) < action.authorised_on:
        return None
    return london_day(row.ordered_at)


def goes_on_from(uow: UnitOfWork, action: Action) -> date:
    """The earliest day of action: the one notified, or a later one that was named in lifting a stand-down."""
    row = stand_downs.latest(uow, action.mandate.ballot.dispute_id)
    if row is None or row.resumes_on is None or london_day(row.ordered_at) < action.authorised_on:
        return action.starts_on
    return max(action.starts_on, row.resumes_on)


def _of_case(case_id: uuid.UUID | Select[tuple[uuid.UUID]]) -> Select[tuple[uuid.UUID]]:
    ours = DisputeCase.case_id == case_id if isinstance(case_id, uuid.UUID) else DisputeCase.case_id.in_(case_id)
    return select(DisputeLeg.dispute_id).join(DisputeCase, DisputeCase.leg_id == DisputeLeg.id).where(ours)


DISPUTES_OF: Mapping[str, Callable[[uuid.UUID], Select[tuple[uuid.UUID]]]] = {
    "action": lambda key: (
        select(Ballot.dispute_id)
        .join(MandateRow, MandateRow.ballot_id == Ballot.id)
        .join(Action, Action.mandate_id == MandateRow.id)
        .where(Action.id == key)
    ),
    "ballot": lambda key: select(Ballot.dispute_id).where(Ballot.id == key),
    "case": _of_case,
    "deadline": lambda key: _of_case(select(Deadline.case_id).where(Deadline.id == key)),
    "dispute": lambda key: select(DisputeLeg.dispute_id).where(DisputeLeg.dispute_id == key).limit(1),
}
"""By what a notice is filed under, the disputes that it belongs to."""


def _stands_down(row: StandDown) -> Finding:
    return Finding(
        "stood_down",
        Severity.STOP,
        f"The action of this dispute has been stood down since {in_words(london_day(row.ordered_at))} ({row.reason}).",
        "Have a second person lift the stand-down, with a reason. New action wants a new notice, but for continuous "
        "action that stopped to comply with a court's order.",
    )
