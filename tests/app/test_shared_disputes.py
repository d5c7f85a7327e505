"""A dispute over schools of two associations: what somebody at one of them is told of it, and what of the other's."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from casework.people.roles import Grant, Role
from casework.register.models import Member
from core import requests
from core.db import Database
from core.unit_of_work import unit_of_work
from notifications import tasks
from notifications.messages import message_kind
from notifications.models import Notice
from tests.app.schools import stand_on
from tests.app.signed_in import signed_in
from tests.ballots.schools import carried, joined, together, voting_over
from tests.days import day

RESULT = "ballot_result_members"


@dataclass
class Shared:
    """One ballot of two schools: the cases by reference, and for each the result's notices to members and a task."""

    database: Database
    local: TestClient
    national: TestClient
    refs: list[str]
    names: list[list[str]]
    notices: list[list[uuid.UUID]]
    tasks: list[uuid.UUID]
    to_employer: uuid.UUID
    run: int


@pytest.fixture
def shared(database: Database) -> Iterator[Shared]:
    with unit_of_work("staff:test", as_of=datetime(2026, 9, 1, 9, tzinfo=UTC), on=database) as uow:
        made = carried(voting_over(together(joined(uow, 4, 5))), 9, 6, 1)
        uow = made.uow
        cases = [ladder.case for ladder in made]
        people = [uow.session.scalars(select(Member).filter_by(workplace_id=each.workplace_id)).all() for each in cases]
        told = [[_told(made.uow.session, each.id) for each in some] for some in people]
        asked = [tasks.ask(uow, some[0], tasks.TaskKind.CHECK_ADDRESS, "It came back.", None).id for some in told]
        result = select(Notice.id).where(Notice.kind == "ballot_result_employer").limit(1)
        row = requests.begin(uow, "workplace_case", {each.id: ("ballot_result", 1) for each in cases})
        failed = [{"subject": f"case:{each.id}", "error": "Odd", "place": "a.py:1"} for each in cases]
        requests.end(uow, row, seconds=1.0, failures=failed)
        grant = Grant(Role.ASSOCIATION_SECRETARY, cases[0].workplace.association_id)
        names = [[each.name for each in some] for some in people]
        refs, to_employer, run = [each.ref for each in cases], uow.session.scalars(result).one(), row.id
    stand_on(database, day("Fri 2026-11-20"))
    with signed_in(database, grant) as local, signed_in(database, Grant(Role.NATIONAL_OFFICIAL)) as national:
        yield Shared(database, local, national, refs, names, told, asked, to_employer, run)


def _told(session: object, member_id: uuid.UUID) -> uuid.UUID:
    asked = select(Notice.id).where(Notice.kind == RESULT, Notice.recipient_key == f"member:{member_id}").limit(1)
    found: uuid.UUID = session.scalars(asked).one()  # type: ignore[attr-defined]
    return found


def test_what_the_law_says_is_the_same_whoever_asks(shared: Shared) -> None:
    """Turns red if a finding, a pack or a mandate is worked out over the schools of one association."""
    own = shared.refs[0]
    for path in ("ballot/pack", "ballot/findings"):
        local, national = (each.get(f"/api/cases/{own}/{path}") for each in (shared.local, shared.national))
        assert (local.status_code, local.json()) == (200, national.json()), path
    shown, whole = (each.get(f"/api/cases/{own}").json() for each in (shared.local, shared.national))
    for part in ("findings", "counsel", "mandates", "acts", "stage"):
        assert shown[part] == whole[part], part
    assert [each["case_ref"] for each in shown["dispute"]["schools"]] == [own]
    assert [each["case_ref"] for each in whole["dispute"]["schools"]] == shared.refs


def _counted(case: Mapping[str, Any]) -> int:
    """How many members were told the result."""
    label = message_kind(RESULT).label
    return sum(each["count"] for each in case["to_members"] if each["label"] == label)


def test_of_the_other_schools_members_nothing_is_shown(shared: Shared) -> None:
    """Turns red if a notice to a member is reached because the ballot is."""
    own, others = shared.notices
    case, whole = (each.get(f"/api/cases/{shared.refs[0]}").json() for each in (shared.local, shared.national))
    assert str(shared.to_employer) in {each["id"] for each in case["notices"]}
    assert _counted(case) == len(own)
    assert _counted(whole) == len(own) + len(others)
    for each in others:
        assert shared.local.get(f"/notices/{each}").status_code == 404
        assert shared.local.get(f"/api/notices/{each}").status_code == 404
    for each in (*own, shared.to_employer):
        assert shared.local.get(f"/notices/{each}").status_code == 200
    for path in (f"/cases/{shared.refs[0]}", "/notices", "/notices.csv", "/service", "/api/service"):
        text = shared.local.get(path).text
        assert not [name for name in shared.names[1] if name in text], path
    assert shared.local.get(f"/cases/{shared.refs[1]}").status_code == 404


def test_a_task_and_a_certificate_are_for_whoever_reaches_the_notice(shared: Shared) -> None:
    """Turns red if an act on a notice, or the list of certificates, is not asked for its case."""
    for place, status in ((1, 404), (0, 200)):
        done = shared.local.post(f"/api/service/tasks/{shared.tasks[place]}", json={"how": "Asked them."})
        drawn = shared.local.post(f"/api/notices/{shared.notices[place][0]}/certificate")
        assert (done.status_code, drawn.status_code) == (status, status)
    assert shared.national.post(f"/api/notices/{shared.notices[1][0]}/certificate").status_code == 200
    listed = [_certified(each) for each in (shared.local, shared.national)]
    assert listed == [{str(shared.notices[0][0])}, {str(each[0]) for each in shared.notices}]


def _certified(client: TestClient) -> set[str]:
    return {each["notice_id"] for each in client.get("/api/certificates").json()["certificates"]}


def test_a_run_shows_the_cases_that_are_reached(shared: Shared) -> None:
    """Turns red if a run over a case that is not reached cannot be shown, or names that case."""
    with signed_in(shared.database, Grant(Role.OPERATOR)) as operator:
        for client, wanted in ((shared.local, shared.refs[:1]), (shared.national, shared.refs), (operator, [])):
            run = client.get(f"/api/runs/{shared.run}").json()
            assert sorted(each["ref"] for each in run["cases"]) == wanted
            assert sorted(each["case_ref"] for each in run["failures"]) == wanted
            assert (run["case_count"], run["failed"]) == (2, 2)
            assert client.get(f"/runs/{shared.run}").status_code == 200
            assert client.get("/runs").status_code == 200


def test_an_operator_learns_of_no_case_by_asking_for_its_run(shared: Shared) -> None:
    """Turns red if a sweep's right to see everything reaches a case that is named."""
    with signed_in(shared.database, Grant(Role.OPERATOR)) as operator:
        for ref in (shared.refs[0], "2026-9999"):
            sent = {"flow": "workplace_case", "cases": [ref]}
            answer = operator.post("/api/runs", json=sent, headers={"Idempotency-Key": uuid.uuid4().hex})
            assert answer.status_code == 404
