"""
Who reaches what: every route of the application, by every role, signed in or not, for an own case and another
association's.

The routes are read off the application, so one that is added is asked too. Whom each is for stands in docs/roles.md,
which people read and approve; the answers of the application are held to that page. Whoever adds a route declares its
roles (`app/access.py`), writes the page anew (`python -m tests.meta.roles_page`), and says in `tests/app/grounds.py`
what stands in its address, if no other address has that yet.
"""

from __future__ import annotations

import re
import uuid
from enum import StrEnum
from http import HTTPStatus

import pytest
from starlette.responses import Response

from app.acts import ACTS
from casework.people.roles import Role
from tests.app.act_roles import ACTS_FOR
from tests.app.doors import IN_PATH, Door, doors
from tests.app.grounds import AT_ONE_PLACE, KEYS, REFS, SAME_FOR_ALL, Ground, Ids
from tests.app.wire import Reply
from tests.meta.roles_page import allowed_by_the_page, on_the_page

GUARDED = [door for door in doors() if door.roles is not None]
AN_ACT = "/cases/{ref}/acts/{act}"
ASKED_ACT = "issue_added"
OF_A_CASE = {*(f"{word}/{{ref}}" for word in REFS), *(f"{{{name}}}" for name in KEYS)}
STAND_INS = {"{token}", "{short}", "{key}", "{webhook_id}"}
NOBODYS = {*SAME_FOR_ALL, "{number}", "{account_id}"}


class Outcome(StrEnum):
    """What somebody got."""

    SERVED = "served"
    REFUSED = "refused"
    MISSING = "not there"
    FAULT = "fault"


def outcome(reply: Reply) -> Outcome:
    if reply.asks_to_sign_in or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome.FAULT
    return {HTTPStatus.FORBIDDEN: Outcome.REFUSED, HTTPStatus.NOT_FOUND: Outcome.MISSING}.get(
        HTTPStatus(reply.status), Outcome.SERVED
    )


def parts_of(door: Door) -> set[str]:
    """What stands in an address, as `grounds` knows it."""
    known = OF_A_CASE | NOBODYS
    return {each if each in known else each.partition("/")[2] for each in door.ids}


def is_of_a_case(door: Door) -> bool:
    """Whether an address names something of one case, so that another association's is not there."""
    return bool(parts_of(door) & OF_A_CASE)


def wanted(door: Door, role: Role, *, others: bool) -> Outcome:
    """What the page says of a route and a role, where the role is held as on this ground."""
    roles = allowed_by_the_page(door.name)
    if role not in roles or (roles[role] == "union" and role in AT_ONE_PLACE):
        return Outcome.REFUSED
    if others and role in AT_ONE_PLACE and is_of_a_case(door):
        return Outcome.MISSING
    if door.path.endswith(AN_ACT) and role not in ACTS_FOR[ASKED_ACT]:
        return Outcome.REFUSED
    return Outcome.SERVED


def test_what_stands_in_an_address_is_known() -> None:
    """
    Turns red when a route is added whose address holds an id that no row of the ground is known by.

    Cure: name it in `KEYS`, `REFS` (a row of a case, of each association) or `SAME_FOR_ALL` of tests/app/grounds.py.
    """
    unknown = {(door.path, part) for door in doors() for part in parts_of(door) - OF_A_CASE - NOBODYS}
    assert not unknown, f"tests/app/grounds.py does not know what these are: {sorted(unknown)}"


def cells() -> list[tuple[Door, Role, bool]]:
    """Every route by every role, for what is its own association's and, where that is another thing, another's."""
    return [
        (door, role, others)
        for door in GUARDED
        for others in ((False, True) if is_of_a_case(door) else (False,))
        for role in Role
    ]


def test_every_route_asks_each_role_and_turns_away_the_others(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Every cell of the table, as far as the guard: what a route then does is left out here, and tried in the next test.

    Turns red if a route asks for other roles than the page says, or for none.
    """

    async def let_in(**_: object) -> Response:
        return Response(status_code=HTTPStatus.NO_CONTENT)

    monkeypatch.setattr("fastapi.routing.run_endpoint_function", let_in)
    wrong = []
    for door, role, others in cells():
        found = outcome(ground.ask(door, ground.keys[role], ground.others if others else ground.own))
        refused = role not in allowed_by_the_page(door.name) or (door.whole and role in AT_ONE_PLACE)
        if found is not (Outcome.REFUSED if refused else Outcome.SERVED):
            wrong.append((door.name, role.value, "others" if others else "own", found.value))
    assert not wrong, wrong
    assert {door.name for door, _, _ in cells()} == set(on_the_page())


@pytest.mark.parametrize("by_all", [False, pytest.param(True, marks=pytest.mark.full)], ids=["by a few", "by all"])
def test_what_a_route_shows_and_does_ends_where_the_role_does(ground: Ground, *, by_all: bool) -> None:
    """
    The same with what a route does: in a full run by each of the roles, else by one that reaches everything and one
    that does not. Turns red if a route finds another association's rows, or fails for somebody it is for.
    """
    wrong = []
    for door, role, others in cells():
        if not by_all and role not in _a_few(door, others=others):
            continue
        reply = ground.ask(door, ground.keys[role], ground.others if others else ground.own)
        found, meant = outcome(reply), wanted(door, role, others=others)
        if found is not meant and not _as_good_as(door, reply, found, meant):
            wrong.append((door.name, role.value, "others" if others else "own", found.value, meant.value))
        if role in AT_ONE_PLACE and ground.read_in(reply, ground.others.fill(door) if others else ""):
            wrong.append((door.name, role.value, "others" if others else "own", "read", meant.value))
    assert not wrong, wrong


def _a_few(door: Door, *, others: bool) -> set[Role]:
    """The first role that does not reach every case, and for what is its own the first that does."""
    allowed = [role for role in Role if role in allowed_by_the_page(door.name)]
    near = [role for role in allowed if role in AT_ONE_PLACE]
    return {*near[:1], *([] if others else [role for role in allowed if role not in AT_ONE_PLACE][:1])}


def _as_good_as(door: Door, reply: Reply, found: Outcome, meant: Outcome) -> bool:
    """
    Whether another answer tells as little: an empty body that is refused before anything is looked for, or a stand-in
    of the ground's (a token of an import, another's token) that is nobody's.
    """
    if meant is Outcome.MISSING and found is Outcome.SERVED:
        return door.changes and reply.status == HTTPStatus.UNPROCESSABLE_ENTITY
    return meant is Outcome.SERVED and found is Outcome.MISSING and (door.changes or bool(parts_of(door) & STAND_INS))


def test_what_is_about_every_case_is_for_roles_held_in_the_whole_union(ground: Ground) -> None:
    """Turns red if somebody at one association records the law for all, or acts on cases that they do not see."""
    for door in (each for each in GUARDED if each.whole):
        for role in allowed_by_the_page(door.name).keys() & ground.everywhere.keys():
            refused = ground.ask(door, ground.keys[role], ground.own)
            assert refused.status == HTTPStatus.FORBIDDEN, (door.name, role)
            assert "every case of the union" in refused.text.replace("\n", " "), door.name
            let_in = outcome(ground.ask(door, ground.everywhere[role], ground.own))
            assert let_in not in {Outcome.REFUSED, Outcome.FAULT}, (door.name, role)


@pytest.mark.parametrize("by_all", [False, pytest.param(True, marks=pytest.mark.full)], ids=["by a few", "by all"])
def test_each_act_is_for_its_roles_and_no_other(ground: Ground, *, by_all: bool) -> None:
    """Turns red if an act asks for other roles than the table says, or reads the facts before it asks."""
    assert {name: act.roles for name, act in ACTS.items()} == ACTS_FOR
    [door] = [each for each in doors() if each.path == f"/api{AN_ACT}"]
    wrong = []
    for place, (act, allowed) in enumerate(ACTS_FOR.items()):
        ids = Ids({**ground.own.by_address, "{act}": act}, {})
        # Of each act somebody who may and somebody who may not, and in turn each of the roles.
        few = {min(allowed), min(set(Role) - allowed), list(Role)[place % len(Role)]}
        for role in Role if by_all else few:
            status = ground.ask(door, ground.keys[role], ids, body=b"{}").status
            if (status == HTTPStatus.FORBIDDEN) == (role in allowed) or status in {401, 404, 500}:
                wrong.append((act, role.value, status))
    assert not wrong, wrong


def test_the_page_offers_each_role_its_own_acts(ground: Ground) -> None:
    """Turns red if `_offered` leaves out what a role may do, or offers what it may not."""
    few = (Role.NATIONAL_OFFICIAL, Role.CASEWORKER, Role.BALLOT_TEAM, Role.FINANCE_PREPARER, Role.AUDITOR)
    shown = {role: set(_offered(ground, role)) for role in few}
    standing = shown[Role.NATIONAL_OFFICIAL]
    top = {act for act, allowed in ACTS_FOR.items() if Role.NATIONAL_OFFICIAL in allowed}
    assert {"head_met", "issue_added"} <= standing <= top
    for role, acts in shown.items():
        assert acts & standing == {act for act in standing if role in ACTS_FOR[act]}, role
        assert all(role in ACTS_FOR[act] for act in acts), role


def _offered(ground: Ground, role: Role) -> list[str]:
    page = ground.wire.ask("GET", f"/cases/{ground.own.by_address['cases/{ref}']}", ground.keys[role])
    assert page.status == HTTPStatus.OK, role
    return [act for act in ACTS_FOR if f'value="{act}"' in page.text]


def test_nobody_opens_a_case_at_another_associations_workplace(ground: Ground) -> None:
    """Turns red if opening a case asks only which roles somebody holds, and not where."""
    for role in (Role.ASSOCIATION_SECRETARY, Role.CASEWORKER):
        for ids, refused in ((ground.others, True), (ground.own, False)):
            sent = {"workplace": ids.by_address["{number}"], "issues": ["meetings"]}
            key = {"sec-fetch-site": "same-origin", "idempotency-key": uuid.uuid4().hex}
            answer = ground.wire.ask("POST", "/api/cases", ground.keys[role], headers=key, json=sent)
            assert (answer.status == HTTPStatus.FORBIDDEN) == refused, role
            assert ("another association" in answer.text) == refused, role
            assert answer.status not in {404, 500}, answer.text


@pytest.mark.parametrize("who", ["nobody", "whose sign-in is over", "whose key is none"])
def test_nobody_and_whose_sign_in_is_over_reach_nothing(ground: Ground, who: str) -> None:
    """Turns red if a route serves somebody who has not signed in."""
    key = {"nobody": None, "whose sign-in is over": ground.expired, "whose key is none": "not a key"}[who]
    for door in GUARDED:
        reply = ground.ask(door, key, ground.own)
        assert reply.status == (HTTPStatus.UNAUTHORIZED if door.is_api else HTTPStatus.SEE_OTHER), door.name
        assert reply.asks_to_sign_in, door.name
        assert not ground.read_in(reply), door.name


def test_fm_35_a_case_of_another_association_is_not_there(ground: Ground) -> None:
    """Turns red if a role that is held at one association learns from an answer that another has such a case."""
    nowhere = Ids({**ground.others.by_address, **_of_nothing(ground)}, {})
    asked = 0
    for door in GUARDED:
        if not is_of_a_case(door) or door.path.endswith(AN_ACT):
            continue
        for role in sorted(allowed_by_the_page(door.name).keys() & set(AT_ONE_PLACE))[:1]:
            if door.whole:
                continue
            theirs, none = (ground.ask(door, ground.keys[role], ids) for ids in (ground.others, nowhere))
            assert theirs.status == none.status, (door.name, role)
            assert _told(theirs, ground.others) == _told(none, nowhere), (door.name, role)
            asked += 1
    assert asked > len(Role)


def _of_nothing(ground: Ground) -> dict[str, str]:
    """The same shapes, and nothing anywhere goes by them."""
    shown = {name: value for name, value in ground.others.by_address.items() if name in OF_A_CASE}
    return {name: _another(name, value) for name, value in shown.items()}


def _another(name: str, value: str) -> str:
    if IN_PATH.search(name) and name.startswith("{") and len(value) == len(str(uuid.UUID(int=0))):
        return str(uuid.UUID(int=7))
    if value.isdecimal():
        return "987654"
    return "f" * len(value) if len(value) == 64 else value.replace("2026-", "2031-")


def _told(reply: Reply, ids: Ids) -> str:
    """What an answer says, but for the ids that were asked for."""
    said = reply.text
    for value in sorted({value for name, value in ids.by_address.items() if name in OF_A_CASE}, key=len, reverse=True):
        said = re.sub(rf"\brun {value}\b" if value.isdecimal() else re.escape(value), "…", said)
    return said
