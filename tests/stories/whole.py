"""What holds of every case at every moment, whatever happened to it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy import select

from casework import repository
from casework.cases import Case, CaseEvent
from casework.deadlines import DeadlineKind, open_deadlines
from casework.lifecycle import CaseState, Stage
from core import history
from core.unit_of_work import UnitOfWork

_S, _K = Stage, DeadlineKind
_TOLD_AFTERWARDS = frozenset({_K.RESULT_TO_MEMBERS, _K.RESULT_TO_EMPLOYERS, _K.SCRUTINEER_REPORT, _K.CASE_WAKES})
"""A settlement does not undo the duty to tell the result of a ballot that was held."""
OPEN_WHEN_OVER: Mapping[Stage, frozenset[DeadlineKind]] = {
    _S.SETTLED: _TOLD_AFTERWARDS,
    _S.MONITORING: _TOLD_AFTERWARDS | {_K.MONITORING_CHECK},
    _S.CLOSED: _TOLD_AFTERWARDS - {_K.CASE_WAKES},
}
OPEN_ONLY_AT: Mapping[DeadlineKind, frozenset[Stage]] = {
    _K.OFFICER_ACCEPTS: frozenset({_S.OFFICER_ASSIGNED}),
    _K.BALLOT_NOTICE_RECEIVED: frozenset({_S.BALLOT_PREPARATION}),
    _K.SAMPLE_PAPER_RECEIVED: frozenset({_S.BALLOT_PREPARATION}),
    _K.BALLOT_OPENS: frozenset({_S.BALLOT_PREPARATION}),
    _K.BALLOT_CLOSES: frozenset({_S.BALLOT_PREPARATION, _S.BALLOT_OPEN}),
    _K.STRIKE_ENDS: frozenset({_S.STRIKE_ESCALATION, _S.STRIKE_ACTION}),
    _K.MONITORING_CHECK: frozenset({_S.MONITORING}),
}


def assert_whole(uow: UnitOfWork) -> None:
    """The chain of history holds, and every case is what its events give."""
    assert history.verify(uow.session).whole
    for case_id in uow.session.scalars(select(Case.id)):
        _assert_replayed(uow, case_id)


def _assert_replayed(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    case, state = repository.get(uow, case_id), repository.state_of(uow, case_id)
    assert _row(case) == _replayed(state)
    places = uow.session.scalars(select(CaseEvent.seq).where(CaseEvent.case_id == case_id).order_by(CaseEvent.seq))
    assert list(places) == list(range(1, case.events_count + 1))
    _assert_deadlines(uow, case)


def _row(case: Case) -> tuple[object, ...]:
    officer = str(case.officer_id) if case.officer_id else None
    return case.stage, case.entered_on, officer, case.wake_on, case.rest_reason, {row.code for row in case.issues}


def _replayed(state: CaseState) -> tuple[object, ...]:
    wake_on, reason = (state.rest.wake_on, state.rest.reason) if state.rest else (None, None)
    return state.stage, state.entered_on, state.officer_id, wake_on, reason, set(state.issues)


def _assert_deadlines(uow: UnitOfWork, case: Case) -> None:
    still = {row.kind for row in open_deadlines(uow, case.id)}
    if case.stage in OPEN_WHEN_OVER:
        assert still <= OPEN_WHEN_OVER[case.stage], (case.stage, still)
    for kind in still & OPEN_ONLY_AT.keys():
        assert case.stage in OPEN_ONLY_AT[kind], (case.stage, kind)
    assert (_K.CASE_WAKES in still) == (case.wake_on is not None)
