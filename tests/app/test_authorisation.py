"""
Who reaches what: every route, by every role, signed in or not, for an own case and another association's.

The table below is written apart from the program: it says of each address whom it is for. A route that is not in it
fails the test, and so does one whose answer differs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from httpx import Response

from app import signing_in
from app.acts import ACTS
from app.web import create_app
from casework.cases import Case
from casework.people.roles import Grant, Role
from core.db import Database
from core.unit_of_work import unit_of_work
from tests.app.act_roles import ACTS_FOR
from tests.app.signed_in import a_key, an_account, nobody
from tests.builders import UP_TO_HEAD, a_case, a_member, a_workplace, an_association, an_officer, happen

CASE_STAFF = {Role.NATIONAL_OFFICIAL, Role.ASSOCIATION_SECRETARY, Role.CASEWORKER}
BALLOT = {Role.BALLOT_TEAM, Role.SCRUTINEER_LIAISON}
FINANCE = {Role.FINANCE_PREPARER, Role.FINANCE_APPROVER}
LOOK = CASE_STAFF | BALLOT | FINANCE | {Role.AUDITOR}
KEEP = LOOK | {Role.OPERATOR}
SERVE = CASE_STAFF | BALLOT
DO = SERVE | FINANCE
LAW = {Role.NATIONAL_OFFICIAL, Role.BALLOT_TEAM}
TOP = {Role.NATIONAL_OFFICIAL}
SWEEP = {Role.NATIONAL_OFFICIAL, Role.OPERATOR}
OPERATOR = {Role.OPERATOR}
EVERYBODY = set(Role)

POLICY: dict[str, set[Role]] = {
    "GET /": LOOK,
    "GET /account": EVERYBODY,
    "GET /api/cases": LOOK,
    "GET /api/cases/{ref}": LOOK,
    "GET /api/certificates": LOOK,
    "GET /api/cases/{ref}/action/findings": LOOK,
    "GET /api/cases/{ref}/action/pack": LOOK,
    "GET /api/cases/{ref}/ballot/findings": LOOK,
    "GET /api/cases/{ref}/ballot/pack": LOOK,
    "GET /api/deadlines": LOOK,
    "GET /api/disputes/{ref}/standing": LOOK,
    "GET /api/law": EVERYBODY,
    "GET /api/law/{parameter}": EVERYBODY,
    "GET /api/letters": LOOK,
    "GET /api/notices": LOOK,
    "GET /api/notices/{notice_id}": LOOK,
    "GET /api/plan": EVERYBODY,
    "GET /api/restore": KEEP,
    "GET /api/runs": KEEP,
    "GET /api/runs/{run_id}": KEEP,
    "GET /api/service": LOOK,
    "GET /api/status": KEEP,
    "GET /api/workplaces/{number}": LOOK,
    "GET /cases/new": CASE_STAFF,
    "GET /cases/{ref}": LOOK,
    "GET /deadlines": LOOK,
    "GET /disputes/{ref}/standing": LOOK,
    "GET /disputes/{ref}/standing.csv": LOOK,
    "GET /evidence/{digest}": LOOK,
    "GET /imports": TOP,
    "GET /imports/{token}": TOP,
    "GET /imports/{token}/rejects.csv": TOP,
    "GET /law": EVERYBODY,
    "GET /law/record/{act}": LAW,
    "GET /law/{parameter}": EVERYBODY,
    "GET /letters": LOOK,
    "GET /notices": LOOK,
    "GET /notices.csv": LOOK,
    "GET /notices/{notice_id}": LOOK,
    "GET /notices/{notice_id}/letter.pdf": LOOK,
    "GET /people": OPERATOR,
    "GET /people/{account_id}": OPERATOR,
    "GET /plan": EVERYBODY,
    "GET /restore": KEEP,
    "GET /runs": KEEP,
    "GET /runs/{run_id}": KEEP,
    "GET /service": LOOK,
    "GET /status": KEEP,
    "GET /workplaces/{number}": LOOK,
    "GET /your-workplace": {Role.WORKPLACE_REP},
    "POST /account/password": EVERYBODY,
    "POST /account/recovery-codes": EVERYBODY,
    "POST /account/sign-ins/end": EVERYBODY,
    "POST /account/tokens": EVERYBODY,
    "POST /account/tokens/{short}/end": EVERYBODY,
    "POST /api/cases": CASE_STAFF,
    "POST /api/cases/{ref}/acts/{act}": DO,
    "POST /api/cases/{ref}/runs": SERVE,
    "POST /api/evidence-files": SERVE,
    "POST /api/imports/{kind}": TOP,
    "POST /api/law/record/{act}": LAW,
    "POST /api/letters/receipts": SERVE,
    "POST /api/notices/{notice_id}/certificate": SERVE,
    "POST /api/notices/{notice_id}/hand-delivery": SERVE,
    "POST /api/restore/end": SWEEP,
    "POST /api/restore/reconcile": SWEEP,
    "POST /api/runs": SWEEP,
    "POST /api/service/mails": SERVE,
    "POST /api/service/mails/{digest}": SERVE,
    "POST /api/service/tasks/{task_id}": SERVE,
    "POST /cases": CASE_STAFF,
    "POST /cases/{ref}/acts/{act}": DO,
    "POST /cases/{ref}/runs": SERVE,
    "POST /imports": TOP,
    "POST /imports/{token}/cancel": TOP,
    "POST /imports/{token}/confirm": TOP,
    "POST /law/record/{act}": LAW,
    "POST /letters/receipts": SERVE,
    "POST /notices/{notice_id}/certificate": SERVE,
    "POST /notices/{notice_id}/receipt": SERVE,
    "POST /people": OPERATOR,
    "POST /people/{account_id}/close": OPERATOR,
    "POST /people/{account_id}/confirm": OPERATOR,
    "POST /people/{account_id}/link": OPERATOR,
    "POST /people/{account_id}/open": OPERATOR,
    "POST /people/{account_id}/roles/give": OPERATOR,
    "POST /people/{account_id}/roles/take": OPERATOR,
    "POST /restore/end": SWEEP,
    "POST /restore/reconcile": SWEEP,
    "POST /runs": SWEEP,
    "POST /service/mails": SERVE,
    "POST /service/mails/{digest}": SERVE,
    "POST /service/tasks/{task_id}": SERVE,
}
FOR_ANYBODY = {
    "GET /api/openapi.json",
    "GET /healthz",
    "GET /second-factor",
    "GET /sign-in",
    "GET /sign-in/code",
    "GET /welcome/{key}",
    "POST /second-factor",
    "POST /sign-in",
    "POST /sign-in/code",
    "POST /sign-out",
    "POST /welcome/{key}",
}
WHOLE = {
    "GET /law/record/{act}",
    "POST /api/law/record/{act}",
    "POST /api/letters/receipts",
    "POST /api/service/mails",
    "POST /api/service/mails/{digest}",
    "POST /law/record/{act}",
    "POST /letters/receipts",
    "POST /service/mails",
    "POST /service/mails/{digest}",
}
"""What is about every case at once: for those of its roles that are held in the whole union."""

PLACED = {Role.ASSOCIATION_SECRETARY, Role.CASEWORKER}


def routes_of_the_program() -> set[str]:
    found = iter_route_contexts(create_app(Database("sqlite://")).routes)
    pairs = ((method, route.path) for route in found for method in route.methods or ())
    return {f"{method} {path}" for method, path in pairs if method not in {"HEAD", "OPTIONS"}}


def test_the_table_names_every_route_and_no_other() -> None:
    """Turns red when a route is added without saying here whom it is for."""
    assert routes_of_the_program() == set(POLICY) | FOR_ANYBODY


@dataclass
class Ground:
    """Two associations, each with a case; and a client for each role at the first of them."""

    client: TestClient
    keys: dict[Role, str]
    expired: str
    own: dict[str, str]
    others: dict[str, str]
    everywhere: dict[Role, str]

    def ask(self, key: str | None, route: str, ids: dict[str, str]) -> int:
        """The status of a request to a route; a form or a body is empty."""
        return self.answer(key, route, ids).status_code

    def answer(self, key: str | None, route: str, ids: dict[str, str], **sent: Any) -> Response:
        """The answer to a request to a route."""
        method, _, path = route.partition(" ")
        self.client.cookies.clear()
        if key:
            self.client.cookies.set(signing_in.PLAIN_NAME, key)
        headers = {"Idempotency-Key": uuid.uuid4().hex} if path.startswith("/api/") else {}
        return self.client.request(method, path.format(**ids), headers=headers, **sent)


@pytest.fixture
def ground(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    with unit_of_work("staff:test", on=database) as uow:
        here, there = an_association(uow), an_association(uow)
        officer = an_officer(uow, here)
        cases = []
        for association in (here, there):
            workplace = a_workplace(uow, association=association)
            for _ in range(3):
                a_member(uow, workplace)
            case = a_case(uow, workplace)
            happen(uow, case, *UP_TO_HEAD)
            cases.append(case)
        school = cases[0].workplace_id
        own, others = (_ids(each) for each in cases)
        place = {Role.WORKPLACE_REP: Grant(Role.WORKPLACE_REP, workplace_id=school)}
        place |= {role: Grant(role, association_id=here.id) for role in (*PLACED, *BALLOT)}
        officer_id = officer.id
    keys = {}
    for role in Role:
        account = an_account(database, [place.get(role, Grant(role))], officer_id if role is Role.CASEWORKER else None)
        keys[role] = a_key(database, account)
    everywhere = {role: a_key(database, an_account(database, [Grant(role)])) for role in BALLOT}
    real = signing_in.now
    monkeypatch.setattr(signing_in, "now", lambda: real() - timedelta(hours=9))
    expired = a_key(database, an_account(database, [Grant(Role.NATIONAL_OFFICIAL)]))
    monkeypatch.setattr(signing_in, "now", real)
    with nobody(database) as client:
        yield Ground(client, keys, expired, own, others, everywhere)


def _ids(case: Case) -> dict[str, str]:
    unknown = str(uuid.uuid4())
    return {
        "ref": case.ref,
        "number": str(case.workplace.urn),
        "act": "issue_added",
        "parameter": "ballot_notice_days",
        "notice_id": unknown,
        "task_id": unknown,
        "account_id": unknown,
        "digest": "0" * 64,
        "token": "0" * 32,
        "run_id": "1",
        "kind": "members",
        "short": "0" * 12,
    }


def test_each_role_reaches_its_routes_and_no_other(ground: Ground) -> None:
    """Turns red if a route asks for other roles than the table says, or for none."""
    wrong = []
    for route, allowed in sorted(POLICY.items()):
        for role, key in ground.keys.items():
            status = ground.ask(key, route, ground.own)
            here = _here(route, allowed)
            if (status == 403) == (role in here) or status in {401, 500} or _asks_to_sign_in(route, status):
                wrong.append((route, role.value, status))
    assert not wrong, wrong


def _here(route: str, allowed: set[Role]) -> set[Role]:
    """Those of the roles that reach a route as they are held on this ground."""
    if route.endswith("/cases/{ref}/acts/{act}"):
        return ACTS_FOR["issue_added"]
    return allowed - PLACED - BALLOT if route in WHOLE else allowed


def test_what_is_about_every_case_is_for_roles_held_in_the_whole_union(ground: Ground) -> None:
    """Turns red if somebody at one association records the law for all, or acts on cases that they do not see."""
    for route in sorted(WHOLE):
        for role in POLICY[route] & BALLOT:
            refused = ground.answer(ground.keys[role], route, ground.own)
            assert refused.status_code == 403, (route, role)
            assert "every case of the union" in refused.text.replace("\n", " "), route
            assert ground.ask(ground.everywhere[role], route, ground.own) not in {403, 500}, (route, role)


def test_each_act_is_for_its_roles_and_no_other(ground: Ground) -> None:
    """Turns red if an act asks for other roles than the table says, or reads the facts before it asks."""
    assert set(ACTS_FOR) == set(ACTS)
    wrong = []
    for act, allowed in ACTS_FOR.items():
        for role, key in ground.keys.items():
            ids = {**ground.own, "act": act}
            status = ground.answer(key, "POST /api/cases/{ref}/acts/{act}", ids, content=b"{}").status_code
            if (status == 403) == (role in allowed) or status in {401, 404, 500}:
                wrong.append((act, role.value, status))
    assert not wrong, wrong


def test_the_page_offers_each_role_its_own_acts(ground: Ground) -> None:
    """Turns red if `_offered` leaves out what a role may do, or offers what it may not."""
    shown = {role: set(_offered(ground, role)) for role in LOOK}
    standing = shown[Role.NATIONAL_OFFICIAL]
    assert {"head_met", "issue_added"} <= standing <= {act for act, allowed in ACTS_FOR.items() if allowed & TOP}
    for role, acts in shown.items():
        assert acts & standing == {act for act in standing if role in ACTS_FOR[act]}, role
        assert all(role in ACTS_FOR[act] for act in acts), role


def _offered(ground: Ground, role: Role) -> list[str]:
    page = ground.answer(ground.keys[role], "GET /cases/{ref}", ground.own)
    assert page.status_code == 200, role
    return [act for act in ACTS_FOR if f'value="{act}"' in page.text]


def test_nobody_opens_a_case_at_another_associations_workplace(ground: Ground) -> None:
    """Turns red if opening a case asks only which roles somebody holds, and not where."""
    for role in sorted(PLACED):
        at = {"workplace": ground.others["number"], "issues": ["meetings"]}
        refused = ground.answer(ground.keys[role], "POST /api/cases", ground.own, json=at)
        assert (refused.status_code, "another association" in refused.text) == (403, True), role
        near = {"workplace": ground.own["number"]}
        here = ground.answer(ground.keys[role], "POST /api/cases", ground.own, json=at | near)
        assert here.status_code not in {403, 404, 500}, here.text


def test_nobody_and_whose_sign_in_is_over_reach_nothing(ground: Ground) -> None:
    for route in sorted(POLICY):
        for key in (None, ground.expired, "not a key"):
            status = ground.ask(key, route, ground.own)
            assert status == (401 if " /api/" in route else 303), route


def test_fm_35_a_case_of_another_association_is_not_there(ground: Ground) -> None:
    """Turns red if a role that is held at one association learns from an answer that another has such a case."""
    nowhere = {**ground.others, "ref": "2026-9999"}
    about_a_case = [route for route in POLICY if "{ref}" in route]
    for route in about_a_case:
        for role in POLICY[route] & (PLACED | BALLOT):
            key = ground.keys[role]
            assert ground.ask(key, route, ground.others) == ground.ask(key, route, nowhere), (route, role)
            assert ground.ask(key, route, ground.others) in {404, 422}, (route, role)
    shown = "GET /cases/{ref}"
    assert ground.ask(ground.keys[Role.CASEWORKER], shown, ground.own) == 200
    assert ground.ask(ground.keys[Role.NATIONAL_OFFICIAL], shown, ground.others) == 200


def _asks_to_sign_in(route: str, status: int) -> bool:
    return route.startswith("GET") and status == 303
