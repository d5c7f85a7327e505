"""The table of transitions as a whole: closed, reachable, and the only way from one stage to another."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from casework import handlers, repository
from casework.cases import Case, CaseEvent
from casework.lifecycle import (
    TRANSITIONS,
    CaseState,
    Event,
    EventKind,
    Outcome,
    Stage,
    allowed_kinds,
    apply,
    outcome_of,
)
from core.clock import Clock
from core.db import Base, Database
from core.errors import Conflict, StageError
from core.history import verify
from core.unit_of_work import UnitOfWork
from tests.builders import a_case, an_officer
from tests.conftest import NOON

K, S, Way = EventKind, Stage, Outcome
DAY = date(2026, 9, 1)

# For every outcome that is not read as done: facts and a state that give it.
WAYS: dict[tuple[EventKind, Outcome], tuple[dict[str, Any], dict[str, Any]]] = {
    (K.MEMBERS_MEETING_HELD, Way.MAJORITY): ({"present": 3, "in_favour": 2}, {}),
    (K.MEMBERS_MEETING_HELD, Way.NO_MAJORITY): ({"present": 2, "in_favour": 1}, {}),
    (K.ESCALATION_MEETING_HELD, Way.MAJORITY): ({"present": 3, "in_favour": 2}, {}),
    (K.ESCALATION_MEETING_HELD, Way.NO_MAJORITY): ({"present": 2, "in_favour": 1}, {}),
    **{(K.HEAD_MET, each): ({"answer": each.value}, {}) for each in (Way.ACCEPTED, Way.REFUSED, Way.ADJOURNED)},
    **{(K.NEGOTIATION_HELD, each): ({"answer": each.value}, {}) for each in (Way.ACCEPTED, Way.REFUSED, Way.ADJOURNED)},
    (K.RESULT_DECLARED, Way.MANDATE): ({"mandates": ["strike"]}, {}),
    (K.RESULT_DECLARED, Way.NO_MANDATE): ({"mandates": []}, {}),
    (K.RESULT_DECLARED, Way.EARLIER): ({"mandates": [], "ballot_id": "b0"}, {"ballot_id": "b1"}),
    **{(kind, Way.DONE): ({}, {"officer_id": "7"}) for kind in (K.OFFICER_ACCEPTED, K.OFFICER_DECLINED)},
    **{(kind, Way.NO_OFFICER): ({}, {}) for kind in (K.OFFICER_ACCEPTED, K.OFFICER_DECLINED, K.CASE_REOPENED)},
    (K.CASE_REOPENED, Way.DONE): ({"reason": "x"}, {"officer_id": "7"}),
    (K.CLAIMS_SETTLED, Way.AGREED): ({}, {"agreement_reached": True}),
    (K.CLAIMS_SETTLED, Way.NOT_AGREED): ({}, {"agreement_reached": False}),
    (K.STRIKE_OVER, Way.PAY_OWED): ({}, {"strike_days_held": 1}),
    (K.STRIKE_OVER, Way.DONE): ({}, {}),
    (K.SETTLEMENT_REACHED, Way.PAY_OWED): ({}, {"strike_days_held": 1}),
    (K.SETTLEMENT_REACHED, Way.DONE): ({}, {}),
}
DONE_FACTS: dict[EventKind, dict[str, Any]] = {
    K.CASE_RAISED: {"issues": ["meetings"]},
    K.ISSUE_ADDED: {"issue": "email"},
    K.MEMBERS_MEETING_ARRANGED: {"meets_on": "2026-09-01"},
    K.OFFICER_ASSIGNED: {"officer_id": "7"},
    K.BALLOT_AUTHORISED: {"ballot_id": "b1"},
    K.STRIKE_DAY_HELD: {"on": "2026-09-01"},
    K.CASE_RESTED: {"reason": "holidays", "wake_on": "2027-01-01"},
}
SEVERAL = {kind for kind, _ in WAYS}


def way(stage: Stage, kind: EventKind, outcome: Outcome) -> tuple[CaseState, Event] | None:
    """A state at the stage and an event that goes this way; None where the event cannot."""
    if kind in SEVERAL and (kind, outcome) not in WAYS:
        return None
    if kind not in SEVERAL and outcome is not Way.DONE:
        return None
    facts, state = WAYS.get((kind, outcome), (DONE_FACTS.get(kind, {}), {}))
    return CaseState(stage, DAY, **state), Event(kind, DAY, facts)


ALL = list(itertools.product(Stage, EventKind, Outcome))


def test_every_stage_event_and_outcome_is_named_by_the_table_or_refused() -> None:
    """All combinations. Red when `apply` lets an event pass that the table does not name, or leads elsewhere."""
    named, refused = 0, 0
    for stage, kind, outcome in ALL:
        made = way(stage, kind, outcome)
        if made is None or outcome_of(made[1], made[0]) is not outcome:
            # Away from strike and pay no pay is owed, whatever was held: that way does not exist at this stage.
            assert (stage, kind, outcome) not in TRANSITIONS, (stage, kind, outcome)
            continue
        state, event = made
        wanted = TRANSITIONS.get((stage, kind, outcome))
        if wanted is None:
            with pytest.raises(StageError):
                apply(state, event)
            refused += 1
        else:
            assert apply(state, event).stage is wanted
            named += 1
    assert named == len(TRANSITIONS)
    assert refused > named


def test_every_stage_is_reached_from_raised_and_every_stage_is_left() -> None:
    reached, frontier = {S.RAISED}, [S.RAISED]
    while frontier:
        here = frontier.pop()
        onward = {to for (stage, _, _), to in TRANSITIONS.items() if stage is here} - reached
        reached |= onward
        frontier += sorted(onward)
    assert reached == set(Stage)
    assert {stage for (stage, _, _), to in TRANSITIONS.items() if to is not stage} == set(Stage)


def test_every_kind_of_event_but_the_first_stands_in_the_table() -> None:
    assert {kind for (_, kind, _) in TRANSITIONS} == set(EventKind) - {K.CASE_RAISED}


def test_every_outcome_is_told_apart_by_the_table_or_refused() -> None:
    assert {outcome for (_, _, outcome) in TRANSITIONS} == set(Outcome)


FACTS = st.fixed_dictionaries(
    {
        "present": st.just(10),
        "in_favour": st.integers(4, 7),
        "answer": st.sampled_from(["accepted", "refused", "adjourned"]),
        "mandates": st.sampled_from([[], ["asos"], ["strike"]]),
    }
)


@contextmanager
def _unit(database: Database) -> Iterator[UnitOfWork]:
    with database.writing() as session:
        yield UnitOfWork(session, Clock(NOON), "staff:walk")


class Walk(RuleBasedStateMachine):
    """
    A case that takes a walk through its stages: whatever the table names happens, the rest is refused.

    Red when `Case.take` forgets a column, when `_append` numbers events wrongly, or when what is stored differs from
    what was applied (a date that JSON gives back as text).
    """

    @initialize()
    def begin(self) -> None:
        """A database with one case and one officer."""
        self.database = Database("sqlite://")
        Base.metadata.create_all(self.database.engine)
        with _unit(self.database) as uow:
            self.officer_id = str(an_officer(uow).id)
            self.case_id = a_case(uow).id
            self.live = repository.state_of(uow, self.case_id)
        self.days = 0

    @rule(data=st.data(), facts=FACTS)
    def something_happens(self, data: st.DataObject, facts: dict[str, Any]) -> None:
        """One of the kinds of event that the table names for the stage."""
        kind = data.draw(st.sampled_from(allowed_kinds(self.live.stage)))
        self.days += 1
        given = {
            **facts,
            "officer_id": self.officer_id,
            "ballot_id": "b1",
            "issue": "email",
            "on": DAY + timedelta(days=self.days),
            "meets_on": DAY + timedelta(days=self.days),
            "reason": "walking",
            "wake_on": DAY + timedelta(days=1 + self.days),
        }
        try:
            with _unit(self.database) as uow:
                self.live = handlers.record(uow, self.case_id, kind, given)
        except (StageError, Conflict):
            return

    @rule(kind=st.sampled_from(EventKind), facts=FACTS)
    def something_else_is_refused(self, kind: EventKind, facts: dict[str, Any]) -> None:
        """Any kind that the table does not name here."""
        if kind in allowed_kinds(self.live.stage):
            return
        with pytest.raises(StageError), _unit(self.database) as uow:
            handlers.record(uow, self.case_id, kind, {**facts, "wake_on": "2027-01-01", "reason": "walking"})

    @invariant()
    def the_row_is_what_the_events_replay_to(self) -> None:
        """The stored row, the replay and the live state agree; history is whole and as long as the events."""
        with _unit(self.database) as uow:
            replayed = repository.state_of(uow, self.case_id)
            case = repository.get(uow, self.case_id)
            stored = Case(id=case.id)
            stored.take(replayed)
            columns = ("stage", "entered_on", "rest_reason", "wake_on", "officer_id")
            assert {name: getattr(case, name) for name in columns} == {name: getattr(stored, name) for name in columns}
            assert asdict(replayed) == asdict(self.live)
            assert case.events_count == uow.session.query(CaseEvent).filter_by(case_id=case.id).count()
            assert {row.code for row in case.issues} == set(replayed.issues)
            checked = verify(uow.session)
            assert (checked.whole, checked.entries) == (True, case.events_count)

    def teardown(self) -> None:
        """Let the database go."""
        if hasattr(self, "database"):
            self.database.engine.dispose()


Walk.TestCase.settings = settings(max_examples=15, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow])
TestWalk = Walk.TestCase
