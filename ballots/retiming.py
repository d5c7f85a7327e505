"""
What a change of the law or the calendar moves: open deadlines, mandates, and the values live ballots rest on.

Two views of one transaction are compared, the law and calendar before and after. Statutory days count every day, so a
bank holiday moves only what the union itself sets in working days. What is met stays met; what people fixed (the days
of voting, strike days) stays theirs.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ballots import law_relied_on, papers, reasons, repository
from ballots.action_handlers import latest_receipt
from ballots.deadlines import mandate_that_ends_next
from ballots.lifecycle import BallotStage
from ballots.models import Action, ActionStage, Ballot, BallotCase, MandateRow
from ballots.timetable_facts import Timetable
from casework.cases import Case
from casework.deadlines import LABELS, Deadline, DeadlineKind, are_open
from core.calendar import next_working_day
from core.law import Consultation, Law, LegalValue
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from core.why import Why

IN_WORKING_DAYS = frozenset({DeadlineKind.RESULT_TO_MEMBERS, DeadlineKind.RESULT_TO_EMPLOYERS})
"""Deadlines the union sets in working days; every other one counts every day."""

MANDATE_LENGTH = (
    "ballots.mandate_months",
    "ballots.mandate_agreed_months",
    "ballots.mandate_start_weeks",
    "ballots.mandate_agreed_start_weeks",
)
RECKONED_BY: Mapping[DeadlineKind, tuple[str, ...]] = {
    DeadlineKind.BALLOT_NOTICE_RECEIVED: ("ballots.notice_of_ballot_days",),
    DeadlineKind.SAMPLE_PAPER_RECEIVED: ("ballots.sample_paper_days",),
    DeadlineKind.SCRUTINEER_REPORT: ("ballots.scrutineer_report_weeks",),
    DeadlineKind.ACTION_NOTICE_RECEIVED: ("ballots.action_notice_days", "ballots.action_notice_agreed_days"),
    DeadlineKind.MANDATE_ENDS: MANDATE_LENGTH,
}
"""The parameters by which the law sets each kind of deadline."""

OF_PAPERS: Mapping[DeadlineKind, str] = {
    DeadlineKind.BALLOT_NOTICE_RECEIVED: "notice_of_ballot",
    DeadlineKind.SAMPLE_PAPER_RECEIVED: "sample_voting_paper",
    DeadlineKind.ACTION_NOTICE_RECEIVED: "notice_of_action",
}
"""The paper whose receipt a deadline is for."""


@dataclass(frozen=True, slots=True)
class Move:
    """One open deadline that falls on another day; `subject_ref` is what its papers are filed under, if it has any."""

    deadline: Deadline
    due_on: date
    why: Why
    subject_ref: str | None

    @property
    def was_on(self) -> date:
        """The day before the change."""
        return self.deadline.due_on

    @property
    def label(self) -> str:
        """What is due, in words."""
        return LABELS[self.deadline.kind]


@dataclass(frozen=True, slots=True)
class MandateMove:
    """A mandate that ends on another day."""

    mandate: MandateRow
    first_day: date
    last_day: date
    last_day_lenient: date
    begins_by: bool


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value that a live ballot or an action rests on and that changes."""

    subject: str
    cases: tuple[str, ...]
    was: LegalValue
    now: LegalValue


@dataclass(frozen=True, slots=True)
class Effect:
    """Everything that a change moves."""

    moves: tuple[Move, ...]
    mandates: tuple[MandateMove, ...]
    values: tuple[ValueChange, ...]

    @property
    def is_none(self) -> bool:
        """Whether nothing moves at all."""
        return not (self.moves or self.mandates or self.values)


def effect(before: UnitOfWork, after: UnitOfWork) -> Effect:
    """What moves between two views of one transaction (`UnitOfWork.under`). Changes nothing."""
    changed = changed_parameters(before.law, after.law)
    kinds = {kind for kind, names in RECKONED_BY.items() if changed.intersection(names)}
    if before.added_holidays != after.added_holidays:
        kinds |= IN_WORKING_DAYS
    return Effect(
        moves=_moves(before, after, kinds),
        mandates=_mandates(before, after) if changed.intersection(MANDATE_LENGTH) else (),
        values=_values(before, after) if changed else (),
    )


def due_moves(uow: UnitOfWork) -> Effect:
    """What no longer falls where the law and calendar of today put it: a file was changed since it was set."""
    kinds = {*RECKONED_BY, *IN_WORKING_DAYS}
    ballots, found = _ballots_by_case(uow, kinds), []
    reckoning = _Reckoning(uow, ballots)
    for row in open_rows(uow, kinds):
        now = reckoning.of(row)
        if now is not None and now.due_on != row.due_on:
            found.append(Move(row, now.due_on, now.why, now.subject_ref))
    mandates = tuple(move for row in _live_mandates(uow) if (move := _mandate_move(uow, row)) is not None)
    return Effect(tuple(found), mandates, ())


def changed_parameters(before: Law, after: Law) -> frozenset[str]:
    """The parameters whose values differ, apart from when they were checked."""
    if before is after:
        return frozenset()
    old, new = _said(before), _said(after)
    return frozenset(name for name in {*old, *new} if old.get(name) != new.get(name))


def _said(law: Law) -> dict[str, list[tuple[object, ...]]]:
    return {
        parameter.name: [
            (value.value, value.from_, value.to, value.nations, value.saving, parameter.unit, parameter.keyed_on)
            for value in parameter.values
        ]
        for parameter in law.parameters()
    }


def _moves(before: UnitOfWork, after: UnitOfWork, kinds: Collection[DeadlineKind]) -> tuple[Move, ...]:
    if not kinds:
        return ()
    rows = open_rows(after, kinds)
    ballots = _ballots_by_case(after, kinds)
    old, new = _Reckoning(before, ballots), _Reckoning(after, ballots)
    found = []
    for row in rows:
        was, now = old.of(row), new.of(row)
        if was is not None and now is not None and was.due_on != now.due_on != row.due_on:
            found.append(Move(row, now.due_on, now.why, now.subject_ref))
    return tuple(found)


def open_rows(uow: UnitOfWork, kinds: Iterable[DeadlineKind]) -> Sequence[Deadline]:
    """The open deadlines of some kinds with their cases, nearest first."""
    statement = (
        select(Deadline)
        .where(*are_open(), Deadline.kind.in_(kinds))
        .options(joinedload(Deadline.case).joinedload(Case.workplace))
        .order_by(Deadline.due_on, Deadline.kind, Deadline.id)
    )
    return uow.session.scalars(statement).all()


def _ballots_by_case(uow: UnitOfWork, kinds: Iterable[DeadlineKind]) -> Mapping[uuid.UUID, list[Ballot]]:
    """The ballots that were not cancelled of each case with such a deadline, the latest first."""
    waiting = select(Deadline.case_id).where(*are_open(), Deadline.kind.in_(kinds))
    statement = (
        select(BallotCase.case_id, Ballot)
        .join(Ballot, Ballot.id == BallotCase.ballot_id)
        .where(BallotCase.case_id.in_(waiting), Ballot.stage != BallotStage.CANCELLED)
        .order_by(Ballot.authorised_on.desc(), Ballot.ref.desc())
    )
    found: defaultdict[uuid.UUID, list[Ballot]] = defaultdict(list)
    for case_id, ballot in uow.session.execute(statement).tuples():
        found[case_id].append(ballot)
    return found


@dataclass(frozen=True, slots=True)
class _Due:
    """The day on which a deadline falls under one law and calendar."""

    due_on: date
    why: Why
    subject_ref: str | None = None


class _Reckoning:
    """The days of deadlines under one law and one calendar; each ballot is reckoned once."""

    def __init__(self, uow: UnitOfWork, ballots: Mapping[uuid.UUID, list[Ballot]]) -> None:
        self.uow = uow
        self.ballots = ballots
        self._timetables: dict[uuid.UUID, Timetable] = {}
        self._told: dict[tuple[date, Nation], _Due] = {}

    def of(self, row: Deadline) -> _Due | None:
        """The day of one deadline; None for one that rests on nothing that can be found any more."""
        if row.kind in IN_WORKING_DAYS:
            return self._result_told(row)
        if row.kind is DeadlineKind.ACTION_NOTICE_RECEIVED:
            return self._action_notice(row)
        if row.kind is DeadlineKind.MANDATE_ENDS:
            return self._mandate_end(row)
        if row.kind is DeadlineKind.SCRUTINEER_REPORT:
            return self._report(row)
        return self._paper(row)

    def _ballot(self, row: Deadline, *stages: BallotStage) -> Ballot | None:
        return next((each for each in self.ballots.get(row.case_id, ()) if each.stage in stages), None)

    def _timetable(self, ballot: Ballot) -> Timetable:
        if ballot.id not in self._timetables:
            self._timetables[ballot.id] = papers.timetable_of(self.uow, ballot)
        return self._timetables[ballot.id]

    def _result_told(self, row: Deadline) -> _Due | None:
        ballot = self._ballot(row, BallotStage.DECLARED)
        if ballot is None or ballot.declared_on is None:
            return None
        key = ballot.declared_on, Nation(ballot.nation)
        if key not in self._told:
            due_on = next_working_day(*key, self.uow.holidays_in(key[1]))
            self._told[key] = _Due(due_on, reasons.result_told(ballot.declared_on, due_on))
        return self._told[key]

    def _paper(self, row: Deadline) -> _Due | None:
        ballot = self._ballot(row, BallotStage.PLANNED, BallotStage.NOTICED)
        if ballot is None:
            return None
        dates = self._timetable(ballot)
        step = dates.ballot_notice if row.kind is DeadlineKind.BALLOT_NOTICE_RECEIVED else dates.sample_paper
        return None if step is None else _Due(step.latest_receipt, step.why, papers.ballot_ref(ballot.id))

    def _report(self, row: Deadline) -> _Due | None:
        ballot = self._ballot(row, BallotStage.DECLARED)
        terms = self._timetable(ballot).scrutineer if ballot is not None else None
        return None if terms is None else _Due(terms.report_due, terms.why)

    def _mandate_end(self, row: Deadline) -> _Due | None:
        mandate = mandate_that_ends_next(self.uow, row.case)
        period = self._timetable(mandate.ballot).mandate if mandate is not None else None
        return None if period is None or period.why is None else _Due(period.last_day, period.why)

    def _action_notice(self, row: Deadline) -> _Due | None:
        found = [self._of_action(row.case, each) for each in self._authorised(row.case_id)]
        # Two actions of one case have one open deadline between them: the one it was set for, else the nearest.
        return min(found, key=lambda each: (each.due_on != row.due_on, each.due_on), default=None)

    def _authorised(self, case_id: uuid.UUID) -> Sequence[Action]:
        return repository.actions_of(self.uow, case_id, ActionStage.AUTHORISED)

    def _of_action(self, case: Case, action: Action) -> _Due:
        due_on = latest_receipt(self.uow, case, action.starts_on, action.mandate)
        law = Consultation(self.uow.law, Nation(case.workplace.nation))
        terms = papers.notice_terms(self.uow, action.mandate)
        why = reasons.action_notice_under(law, action.starts_on, due_on, terms)
        return _Due(due_on, why, papers.action_ref(action.id))


def _mandates(before: UnitOfWork, after: UnitOfWork) -> tuple[MandateMove, ...]:
    """The mandates that are not over and that the law after the change would give other days."""
    found = []
    for row in _live_mandates(after):
        was, now = (papers.timetable_of(view, row.ballot).mandate for view in (before, after))
        move = _mandate_move(after, row) if was != now else None
        if move is not None:
            found.append(move)
    return tuple(found)


def _live_mandates(uow: UnitOfWork) -> Sequence[MandateRow]:
    live = select(MandateRow).where(MandateRow.last_day >= uow.today).order_by(MandateRow.last_day, MandateRow.id)
    return uow.session.scalars(live.options(joinedload(MandateRow.ballot))).all()


def _mandate_move(uow: UnitOfWork, row: MandateRow) -> MandateMove | None:
    """The days the law gives a mandate, where they are not those it has."""
    now = papers.timetable_of(uow, row.ballot).mandate
    if now is None or (row.last_day, row.last_day_lenient, row.begins_by) == (
        now.last_day,
        now.last_day_lenient,
        now.begins_by,
    ):
        return None
    return MandateMove(row, now.first_day, now.last_day, now.last_day_lenient, now.begins_by)


def _values(before: UnitOfWork, after: UnitOfWork) -> tuple[ValueChange, ...]:
    """Every value that a live ballot or action rests on and that differs."""
    found = []
    for ballot in law_relied_on.live_ballots(after):
        cases = tuple(case.ref for case in repository.cases_under(after, ballot))
        pair = (law_relied_on.ballot_values(view, ballot) for view in (before, after))
        found += [ValueChange(f"ballot {ballot.ref}", cases, was, now) for was, now in _differing(*pair)]
    for action in law_relied_on.live_actions(after):
        pair = (law_relied_on.action_values(view, action) for view in (before, after))
        subject = f"{action.kind.value} from {action.starts_on.isoformat()}"
        found += [ValueChange(subject, (action.case.ref,), was, now) for was, now in _differing(*pair)]
    return tuple(found)


def _differing(was: Sequence[LegalValue], now: Sequence[LegalValue]) -> Iterable[tuple[LegalValue, LegalValue]]:
    after = {value.parameter: value for value in now}
    for value in was:
        other = after.get(value.parameter, value)
        if other.value != value.value:
            yield value, other
