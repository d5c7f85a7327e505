"""How many statements a page asks: the same for few cases and for many, so that none grows slow with the union."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from ballots.mandate import ActionKind, Pattern
from ballots.models import Action, Ballot, MandateRow
from casework.cases import Case
from casework.deadlines import DeadlineKind, set_deadline
from casework.lifecycle import EventKind
from casework.people.roles import Grant, Role
from core.clock import set_stored_clock
from core.db import Database
from core.unit_of_work import UnitOfWork, unit_of_work
from tests.app.conftest import STANDS_AT
from tests.app.signed_in import signed_in
from tests.ballots.scenes import disputed, planned
from tests.ballots.schools import joined, together
from tests.builders import UP_TO_HEAD, a_case, a_workplace, an_association, an_employer, an_officer, happen
from tests.casework.test_deadlines import WHY

FEW, MANY = 3, 24
SCHOOLS = 8
MANDATE_ENDS = date(2027, 11, 16)
BOUNDS = {
    "/": 40,
    "/today": 36,
    "/?employer=council&issue=meetings": 14,
    "/?stage=head_meeting": 14,
    "/cases.csv": 8,
    "/search?q=school": 14,
    "/api/search?q=2026": 14,
    "/api/today": 36,
    "/api/cases": 8,
    "/cases/{ref}": 36,
}
"""The most statements of each page, who asks included."""


@pytest.fixture
def database(migrated: Database) -> Database:
    """With the index of search."""
    return migrated


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(database.engine, "before_cursor_execute", hear)


def grown(database: Database, upto: int, officer_id: object, made: list[Case]) -> str:
    """So many cases with something due, at work and quiet; the reference of the first."""
    with unit_of_work("staff:test", on=database) as uow:
        while len(made) < upto:
            made.append(_one(uow, len(made), officer_id))
    return made[0].ref


def _one(uow: UnitOfWork, number: int, officer_id: object) -> Case:
    school = a_workplace(uow, name=f"School {number}", employer=an_employer(uow, name=f"Council {number}"))
    case = a_case(uow, school)
    happen(uow, case, *UP_TO_HEAD)
    if number % 3 == 0:
        happen(uow, case, (EventKind.HEAD_MET, {"answer": "refused"}))
    kinds = (DeadlineKind.HEAD_ANSWER, DeadlineKind.RESULT_TO_EMPLOYERS, DeadlineKind.MANDATE_ENDS)
    set_deadline(uow, case.id, kinds[number % 3], STANDS_AT.date() + timedelta(days=number % 9 - 3), WHY)
    if number % 2:
        case.officer_id = officer_id  # type: ignore[assignment]
    return case


@pytest.mark.parametrize("narrowed", [False, True], ids=["national official", "association secretary"])
def test_a_page_asks_as_much_of_many_cases_as_of_few(database: Database, narrowed: bool) -> None:
    """Turns red if a card, a need or a hit asks the database for something of its own."""
    with unit_of_work("staff:test", on=database) as uow:
        set_stored_clock(uow.session, STANDS_AT)
        association = an_association(uow)
        officer_id = an_officer(uow, association).id
        planned(disputed(uow))
    made: list[Case] = []
    grant = Grant(Role.ASSOCIATION_SECRETARY, association.id) if narrowed else Grant(Role.NATIONAL_OFFICIAL)
    with signed_in(database, grant, officer_id=officer_id) as client:
        ref = grown(database, FEW, officer_id, made)
        if narrowed:
            _moved(database, made, association.id)
        few = {address: _asked(client, database, address, ref) for address in BOUNDS}
        grown(database, MANY, officer_id, made)
        if narrowed:
            _moved(database, made, association.id)
        many = {address: _asked(client, database, address, ref) for address in BOUNDS}
    over = {each: (few[each], many[each]) for each in BOUNDS if max(few[each], many[each]) > BOUNDS[each]}
    assert not over
    assert {each: many[each] - few[each] for each in BOUNDS if abs(many[each] - few[each]) > 1} == {}


def test_a_school_adds_few_statements_to_the_pages_of_its_ballot_and_dispute(database: Database) -> None:
    """
    Turns red if a school is asked about acts that the page does not show, or about each of the other schools, or if
    `offered_among` does not foresee what its acts ask of each.
    """
    with unit_of_work("staff:test", as_of=STANDS_AT, on=database) as uow:
        ballot = together(joined(uow, *[4] * SCHOOLS))[0].ballot
        pages = {f"/ballots/{ballot.ref}": 60 + 5 * SCHOOLS, f"/disputes/{ballot.dispute.ref}": 40 + 3 * SCHOOLS}
        ballot_id, urn = ballot.id, ballot.cases[0].workplace.urn
    with signed_in(database, Grant(Role.NATIONAL_OFFICIAL)) as client:
        asked = {address: _asked(client, database, address, "") for address in pages}
        with unit_of_work("staff:test", as_of=STANDS_AT, on=database) as uow:
            mandate_id = _given(uow, uow.session.get_one(Ballot, ballot_id))
        of_mandate = {f"/mandates/{mandate_id}": 32 + 3 * SCHOOLS, "/mandates": 12, f"/workplaces/{urn}": 22}
        asked |= {address: _asked(client, database, address, "") for address in of_mandate}
    bounds = {**pages, **of_mandate}
    assert {address: count for address, count in asked.items() if count > bounds[address]} == {}


def _given(uow: UnitOfWork, ballot: Ballot) -> uuid.UUID:
    """A mandate as the ballot might give it, with action under it at every school."""
    places = [str(case.workplace_id) for case in ballot.cases]
    lasts = {"first_day": ballot.closes_on, "last_day": MANDATE_ENDS, "last_day_lenient": MANDATE_ENDS}
    row = MandateRow(ballot_id=ballot.id, employer_id=ballot.legs[0].employer_id, workplace_ids=places, **lasts)
    row.kind, row.begins_by = ActionKind.ASOS, False
    uow.session.add(row)
    uow.session.flush()
    for case in ballot.cases:
        action = Action(case_id=case.id, mandate_id=row.id, kind=row.kind, pattern=Pattern.CONTINUOUS, days=[])
        action.starts_on, action.instructions, action.affected, action.by_category = MANDATE_ENDS, [2], 4, {}
        action.authorised_on, action.authorised_by = ballot.authorised_on, ballot.authorised_by
        uow.session.add(action)
    uow.session.flush()
    return row.id


def _moved(database: Database, made: list[Case], association_id: object) -> None:
    with unit_of_work("staff:test", on=database) as uow:
        for each in made:
            uow.session.get_one(Case, each.id).workplace.association_id = association_id  # type: ignore[assignment]


def _asked(client: TestClient, database: Database, address: str, ref: str) -> int:
    address = address.format(ref=ref)
    assert client.get(address).status_code == 200
    with counted(database) as heard:
        assert client.get(address).status_code == 200
    return len(heard)
