"""Whoever gives a case to another officer is told that it is recorded, though they see it no longer."""

from __future__ import annotations

from app.posted import new_nonce
from casework import repository
from casework.lifecycle import EventKind
from casework.people.roles import Grant, Role
from core.db import Database
from core.unit_of_work import reading, unit_of_work
from tests.app.signed_in import signed_in
from tests.builders import UP_TO_HEAD, a_case, a_workplace, an_association, an_officer, happen


def test_what_gives_a_case_away_is_recorded_and_said_so(database: Database) -> None:
    """Turns red if the page or the API looks for the case again as the caller, who reaches it no longer."""
    refs = []
    with unit_of_work("staff:test", on=database) as uow:
        association = an_association(uow)
        for _ in range(2):
            case = a_case(uow, a_workplace(uow, association=association))
            happen(uow, case, *UP_TO_HEAD, (EventKind.HEAD_MET, {"answer": "refused"}))
            refs.append(case.ref)
        own, other = (an_officer(uow, association).id for _ in range(2))
        grant = Grant(Role.CASEWORKER, association.id)
    given = {"officer": str(other), "reason": "knows the school"}
    with signed_in(database, grant, officer_id=own) as client:
        by_api = client.post(
            f"/api/cases/{refs[0]}/acts/officer_assigned", json=given, headers={"Idempotency-Key": "given-away"}
        )
        by_page = client.post(f"/cases/{refs[1]}/acts/officer_assigned", data={**given, "nonce": new_nonce()})
        assert (by_api.status_code, by_api.content) == (204, b"")
        assert by_page.status_code == 200
        assert "It is recorded" in by_page.text
        assert {client.get(f"/cases/{ref}").status_code for ref in refs} == {404}
    with reading(on=database) as uow:
        assert {repository.find(uow, ref).officer_id for ref in refs} == {other}
