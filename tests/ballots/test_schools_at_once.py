"""Two people act at once on two schools of one ballot: one waits for the other, and both are recorded."""

from __future__ import annotations

import threading
import uuid

import pytest

from app import acts
from ballots.lifecycle import BallotStage
from casework import disputes, repository
from casework.cases import CaseIssue
from casework.lifecycle import EventKind
from core.db import Database
from core.unit_of_work import UnitOfWork, unit_of_work
from tests.ballots.scenes import OPENS, SECOND, Ladder
from tests.ballots.schools import joined, schools, together
from tests.conftest import NOON

A_MOMENT = 0.3
"""Seconds in which the second act reaches the first one's lock."""


def report(uow: UnitOfWork, case_id: uuid.UUID, cast: int, key: str) -> None:
    act = acts.act_named("turnout_reported")
    assert acts.do(uow, case_id, act, act.facts.model_validate({"cast": cast}), key)


@pytest.mark.parametrize("lowest_first", [True, False])
def test_two_acts_from_two_schools_wait_in_one_line(database: Database, *, lowest_first: bool) -> None:
    """
    Turns red on PostgreSQL if `hold` locks the asking case alone: each then holds what the other wants.
    """
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        made = together(joined(uow, 4, 5))
        made.on("Wed 2026-10-07")[0].act("ballot_notices_approved", by=SECOND)
        made.on("Thu 2026-10-08")[0].arrives("notice_of_ballot").arrives("sample_voting_paper")
        now = made.on(OPENS, work=True).uow.now
        assert made[0].ballot.stage is BallotStage.OPEN
        one, other = sorted((ladder.case_id for ladder in made), reverse=not lowest_first)
    held, failed = threading.Event(), []

    def second() -> None:
        held.wait()
        try:
            with unit_of_work("officer:second", as_of=now, on=database) as uow:
                report(uow, other, 5, "second")
        except Exception as error:  # noqa: BLE001 - told to the test, which fails
            failed.append(error)

    thread = threading.Thread(target=second)
    thread.start()
    with unit_of_work("officer:first", as_of=now, on=database) as uow:
        disputes.hold(uow, one)
        held.set()
        thread.join(A_MOMENT)
        report(uow, one, 3, "first")
    thread.join()
    assert not failed
    with unit_of_work("staff:test", as_of=now, on=database) as uow:
        for case_id in (one, other):
            told = [each for each in repository.events_of(uow, case_id) if each.kind is EventKind.TURNOUT_REPORTED]
            assert [each.facts["cast"] for each in told] == [3, 5]


def test_a_dispute_is_held_while_another_school_joins_it(database: Database) -> None:
    """The last school settles while another wants to join. Turns red if `find` does not hold the dispute."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        made = joined(uow, 4)
        late = joined(uow, 3)[0].case
        late.workplace.employer_id = made[0].case.workplace.employer_id
        disputes.leave(uow, late.id)
        uow.session.flush()
        ref, case_id, late_id = f"D-{made[0].case.ref}", made[0].case_id, late.id
    held, refused = threading.Event(), []

    def join() -> None:
        held.wait()
        try:
            with unit_of_work("officer:second", as_of=NOON, on=database) as uow:
                Ladder(uow, late_id).act("dispute_joined", dispute=ref)
        except Exception as error:  # noqa: BLE001 - told to the test, which looks at it
            refused.append(str(error))

    thread = threading.Thread(target=join)
    thread.start()
    with unit_of_work("officer:first", as_of=NOON, on=database) as uow:
        disputes.leave(uow, case_id)
        held.set()
        thread.join(A_MOMENT)
    thread.join()
    assert len(refused) == 1
    assert "is over since" in refused[0]


def test_a_dispute_is_held_while_it_is_declared_again_over_more(database: Database) -> None:
    """
    One school widens the matters by joining while another declares again: both are kept.

    Turns red on PostgreSQL if `declare_dispute` does not hold the dispute before it reads the matters.
    """
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        made = schools(uow, 4, 3, issues=(("meetings",), ("meetings", "cover")))
        made[0].act("dispute_declared")
        uow.session.add(CaseIssue(case_id=made[0].case_id, code="email"))
        ref, case_id, late_id = f"D-{made[0].case.ref}", made[0].case_id, made[1].case_id
    held, failed = threading.Event(), []

    def declare() -> None:
        held.wait()
        try:
            with unit_of_work("officer:second", as_of=NOON, on=database) as uow:
                Ladder(uow, case_id).act("dispute_declared")
        except Exception as error:  # noqa: BLE001 - told to the test, which fails
            failed.append(error)

    thread = threading.Thread(target=declare)
    thread.start()
    with unit_of_work("officer:first", as_of=NOON, on=database) as uow:
        Ladder(uow, late_id).act("dispute_joined", dispute=ref)
        held.set()
        thread.join(A_MOMENT)
    thread.join()
    assert not failed
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        dispute = disputes.hold_by_ref(uow, ref)
        assert dispute.matters == sorted(disputes.matters_of(uow, dispute.id)) == ["cover", "email", "meetings"]
