"""A dispute at many schools that is on strike, furnished in bulk: register, cases, action, and calls still queued."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, inspect

from ballots import notices
from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind, Pattern
from ballots.models import Action, ActionStage, Ballot, BallotCase, BallotScope, MandateRow
from ballots.timetable_facts import VotingMethod
from casework import parties
from casework.cases import Case, CaseEvent, CaseIssue
from casework.disputes import Dispute, DisputeCase, DisputeLeg
from casework.register.employers import Service
from casework.register.models import Employer, Member, Officer, Workplace
from core.db import Database
from core.nations import Nation
from core.unit_of_work import UnitOfWork, unit_of_work
from core.work import PendingWork
from notifications import crowd
from notifications.crowd import Addressed
from notifications.lifecycle import Medium
from notifications.messages import Message
from tests.builders import UP_TO_STRIKE, a_case, a_member, a_workplace, an_employer, an_officer, happen

DISPUTE = "D-DRILL"
SCHOOLS_OF_ONE = 10
"""Schools of one employer."""
DOMAINS = 200
AT_ONCE = 1_000


@dataclass(frozen=True)
class Drill:
    """How large it is."""

    schools: int
    members: int
    calls: int

    @property
    def concerned(self) -> int:
        """Everybody to be told: members, employers and officers."""
        return self.members + self.employers + self.employers

    @property
    def employers(self) -> int:
        """Each with an officer."""
        return -(-self.schools // SCHOOLS_OF_ONE)


def furnish(database: Database, drill: Drill) -> None:
    """Everything, committed."""
    with unit_of_work("staff:drill", on=database) as uow:
        employers = [an_employer(uow) for _ in range(drill.employers)]
        officers = [an_officer(uow) for _ in range(drill.employers)]
        model = a_case(uow, a_workplace(uow, employer=employers[0]))
        happen(uow, model, *UP_TO_STRIKE)
        model.officer_id = officers[0].id
        uow.session.flush()
        cases = [model.id, *_schools(uow, drill, model, employers, officers)]
        _members(uow, drill, cases)
        actions = _action(uow, cases, employers)
        uow.session.query(PendingWork).delete()
    _calls(database, drill, actions)


def _plain(row: Any, **changes: Any) -> dict[str, Any]:
    """The columns of a row, some of them changed."""
    return {each.key: getattr(row, each.key) for each in inspect(type(row)).column_attrs} | changes


def _schools(
    uow: UnitOfWork, drill: Drill, model: Case, employers: Sequence[Employer], officers: Sequence[Officer]
) -> list[uuid.UUID]:
    workplaces, cases, events, issues = [], [], [], []
    happened = uow.session.query(CaseEvent).filter_by(case_id=model.id).all()
    for number in range(1, drill.schools):
        place, case_id, of = uuid.uuid4(), uuid.uuid4(), number // SCHOOLS_OF_ONE
        name = f"Drill School {number}"
        changes = {"id": place, "urn": f"{number:06d}", "name": name, "employer_id": employers[of].id}
        workplaces.append(_plain(model.workplace, **changes, email=f"office@school{number}.example.org"))
        changes = {"id": case_id, "ref": f"2026-D{number:04d}", "workplace_id": place, "officer_id": officers[of].id}
        cases.append(_plain(model, **changes))
        events += [_plain(each, id=uuid.uuid4(), case_id=case_id, key=None) for each in happened]
        issues += [_plain(each, id=uuid.uuid4(), case_id=case_id) for each in model.issues]
    for table, rows in ((Workplace, workplaces), (Case, cases), (CaseEvent, events), (CaseIssue, issues)):
        if rows:
            uow.session.execute(insert(table), rows)
    return [each["id"] for each in cases]


def _members(uow: UnitOfWork, drill: Drill, cases: Sequence[uuid.UUID]) -> None:
    places = [uow.session.get_one(Case, each).workplace_id for each in cases]
    model = a_member(uow, uow.session.get_one(Workplace, places[0]), email="m0@d0.example.org", name="Drill Member 0")
    model.is_rep = True
    uow.session.flush()
    rows = [
        _plain(
            model,
            id=uuid.uuid4(),
            membership_number=f"D{number}",
            name=f"Drill Member {number}",
            email=f"m{number}@d{number % DOMAINS}.example.org",
            workplace_id=places[number % len(places)],
            is_rep=number < len(places),
        )
        for number in range(1, drill.members)
    ]
    for some in _some(rows):
        uow.session.execute(insert(Member), some)


def _action(uow: UnitOfWork, cases: Sequence[uuid.UUID], employers: Sequence[Employer]) -> list[uuid.UUID]:
    """One dispute, one ballot, a mandate with each employer, and a notified strike at every school."""
    first = uow.today + timedelta(days=7)
    dispute = Dispute(ref=DISPUTE, matters=["meetings"], declared_on=uow.today)
    legs = {each.id: DisputeLeg(dispute=dispute, employer_id=each.id) for each in employers}
    ballot = _ballot(dispute, uow.today, len(cases))
    uow.session.add_all([dispute, *legs.values(), ballot])
    uow.session.flush()
    mandates = {each.id: _mandate(ballot, each.id, uow.today) for each in employers}
    uow.session.add_all(mandates.values())
    uow.session.flush()
    rows = [uow.session.get_one(Case, each) for each in cases]
    parts, together, actions = [], [], []
    for case in rows:
        employer = case.workplace.employer_id
        parts.append({"case_id": case.id, "leg_id": legs[employer].id, "joined_on": uow.today})
        together.append({"ballot_id": ballot.id, "case_id": case.id})
        actions.append(_strike(case.id, mandates[employer].id, [first, first + timedelta(days=1)], uow.today))
    uow.session.execute(insert(DisputeCase), parts)
    uow.session.execute(insert(BallotCase), together)
    uow.session.execute(insert(Action), actions)
    return [each["id"] for each in actions]


def _ballot(dispute: Dispute, today: date, schools: int) -> Ballot:
    return Ballot(
        ref="B-DRILL",
        dispute=dispute,
        stage=BallotStage.DECLARED,
        scope=BallotScope.AGGREGATE,
        nation=Nation.ENGLAND.value,
        service=Service.STATE_TEACHING.value,
        method=VotingMethod.POSTAL.value,
        questions=["strike"],
        opens_on=today - timedelta(days=60),
        closes_on=today - timedelta(days=30),
        caller="General Secretary",
        scrutineer="Example Election Services",
        return_address="2 Example Road",
        entitled=schools,
        authorised_on=today - timedelta(days=70),
        authorised_by="officer:drill",
        declared_on=today - timedelta(days=29),
        told_members_on=today - timedelta(days=29),
    )


def _mandate(ballot: Ballot, employer_id: uuid.UUID, today: date) -> MandateRow:
    return MandateRow(
        ballot_id=ballot.id,
        employer_id=employer_id,
        workplace_ids=[],
        kind=ActionKind.STRIKE,
        first_day=today - timedelta(days=20),
        last_day=today + timedelta(days=200),
        last_day_lenient=today + timedelta(days=200),
        begins_by=False,
    )


def _strike(case_id: uuid.UUID, mandate_id: uuid.UUID, days: Sequence[date], today: date) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "case_id": case_id,
        "mandate_id": mandate_id,
        "kind": ActionKind.STRIKE,
        "pattern": Pattern.DISCONTINUOUS,
        "stage": ActionStage.NOTIFIED,
        "starts_on": days[0],
        "days": [day.isoformat() for day in days],
        "instructions": [],
        "affected": 60,
        "by_category": {"teacher": 60},
        "authorised_on": today - timedelta(days=20),
        "authorised_by": "officer:drill",
    }


def _calls(database: Database, drill: Drill, actions: Sequence[uuid.UUID]) -> None:
    """So many members are called to strike, and their calls stand in the queue."""
    left = drill.calls
    for action_id in actions:
        if left <= 0:
            return
        with unit_of_work("staff:drill", on=database) as uow:
            action = uow.session.get_one(Action, action_id)
            place = action.case.workplace
            facts = notices.strike_call(
                place.name,
                place.employer.name,
                action.strike_days,
                caller="General Secretary",
                reference=action.case.ref,
                pickets=6,
            )
            members = uow.session.query(Member).filter_by(workplace_id=place.id).order_by(Member.id).limit(left)
            copies = [Addressed(Message("strike_call", facts), parties.member(each), Medium.MAIL) for each in members]
            crowd.enqueue_all(uow, copies, subject_ref=f"action:{action_id}")
            left -= len(copies)


def _some(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for begins in range(0, len(rows), AT_ONCE):
        yield rows[begins : begins + AT_ONCE]
