"""The one table of acts and the one way to do one."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from app import acts
from app.acts import ACTS, acts_at, merged
from ballots.acts import ACTS as BALLOT_ACTS
from ballots.stopping_acts import ACTS as STOPPING_ACTS
from casework.acts import ACTS as CASEWORK_ACTS
from casework.acts import Act, MeetingArranged, Nothing
from casework.agreements.acts import ACTS as AGREEMENT_ACTS
from casework.lifecycle import Stage
from casework.pay.acts import ACTS as PAY_ACTS
from casework.people.roles import Role
from core.errors import ConfigurationError, Conflict, StageError
from core.history import HistoryEntry
from core.unit_of_work import UnitOfWork
from tests.builders import a_case


def test_every_act_of_every_package_is_in_the_table() -> None:
    assert set(ACTS.values()) == {*CASEWORK_ACTS, *BALLOT_ACTS, *STOPPING_ACTS, *PAY_ACTS, *AGREEMENT_ACTS}


def test_two_acts_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="Two acts are called head_met"):
        merged(CASEWORK_ACTS, [act for act in CASEWORK_ACTS if act.name == "head_met"])


def test_every_stage_of_an_open_case_has_an_act() -> None:
    assert [stage for stage in Stage if not acts_at(stage)] == []


def test_an_act_of_its_own_tables_is_done_once_for_its_key(uow: UnitOfWork, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red when `do` leaves the check to the handlers: this one keeps no key."""
    done: list[Any] = []
    act = Act("noted", "Note", Nothing, frozenset(Role), frozenset(Stage), lambda *given: done.append(given[3]))
    case = a_case(uow)
    assert acts.do(uow, case.id, act, Nothing(), "form:1") is True
    assert acts.do(uow, case.id, act, Nothing(), "form:1") is False
    assert acts.do(uow, case.id, act, Nothing(), "form:2") is True
    assert len(done) == 2
    assert all(len(key) == acts.HANDLERS_KEY for key in done)
    assert len(f"{done[0]}:{uuid.uuid4()}") <= 80


def test_a_key_belongs_to_one_case_one_act_and_one_set_of_facts(uow: UnitOfWork) -> None:
    case, other = a_case(uow), a_case(uow)
    arranged = ACTS["members_meeting_arranged"]
    facts = MeetingArranged.model_validate({"meets_on": "2026-09-02"})
    assert acts.do(uow, case.id, arranged, facts, "k")
    with pytest.raises(Conflict):
        acts.do(uow, other.id, arranged, facts, "k")
    with pytest.raises(Conflict):
        acts.do(uow, case.id, arranged, MeetingArranged.model_validate({"meets_on": "2026-09-03"}), "k")


def test_an_act_of_another_stage_says_which_are_allowed(uow: UnitOfWork) -> None:
    case = a_case(uow)
    with pytest.raises(StageError, match="members_meeting_arranged"):
        acts.do(uow, case.id, ACTS["claim_approved"], Nothing(), "k")
    done = select(func.count()).select_from(HistoryEntry).where(HistoryEntry.action == acts.DONE)
    assert uow.session.scalar(done) == 0
