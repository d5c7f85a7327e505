"""What every answer has and no page holds, of whatever route: the headers, and nothing that a browser would run."""

from __future__ import annotations

import uuid
from http import HTTPStatus

import pytest

from app import guards, signing_in
from app.guards import HEADERS, SAFE_METHODS
from casework.people.roles import Role
from core.settings import settings
from tests.app.doors import Door, doors
from tests.app.grounds import Ground
from tests.app.hypertext import Page
from tests.app.wire import HOST, OWN_PAGE, Reply

HTML = "text/html"
NAMES = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
}
"""The headers that every answer has, written apart from the program."""
FOR_PAGES = (Role.NATIONAL_OFFICIAL, Role.OPERATOR, Role.WORKPLACE_REP)
"""Between them they are served every page there is."""


def answers(ground: Ground) -> list[tuple[Door, Reply]]:
    """Each route's answer to those of whom one is served, and to nobody."""
    asked = []
    for door in doors():
        served = [role for role in FOR_PAGES if door.roles and role in door.roles][:1]
        keys = [ground.keys[role] for role in served] if door.roles is not None else [None]
        asked += [(door, ground.ask(door, key, ground.own)) for key in keys]
    return asked


@pytest.fixture(scope="module")
def answered(ground: Ground) -> list[tuple[Door, Reply]]:
    return answers(ground)


def test_every_answer_has_the_headers(ground: Ground, answered: list[tuple[Door, Reply]]) -> None:
    """Turns red if one header is taken out of `HEADERS`, or an answer goes round `SafeHeaders`."""
    assert set(HEADERS) == NAMES
    odd = {
        "no such address": ground.wire.ask("GET", "/no-such-page"),
        "no such method": ground.wire.ask("PUT", "/account"),
        "another host": ground.wire.ask("GET", "/", headers={"host": "evil.test"}),
        "another site": ground.wire.ask("POST", "/sign-in", headers={"sec-fetch-site": "cross-site"}),
        "no id": ground.wire.ask("GET", "/notices/x", ground.keys[Role.AUDITOR]),
    }
    told = [(door.name, reply) for door, reply in answered] + list(odd.items())
    for name, reply in told:
        missing = {
            key: reply.header(key.lower()) for key, value in HEADERS.items() if reply.header(key.lower()) != value
        }
        assert not missing, (name, missing)
        assert reply.header("cache-control") == "no-store", name
        assert not reply.header("access-control-allow-origin"), name


def test_the_policy_lets_nothing_run_that_stands_in_a_page() -> None:
    """Turns red if the policy allows a script or style in a page, a frame around it, or a form to elsewhere."""
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert (policy["base-uri"], policy["object-src"], policy["form-action"]) == ("'none'", "'none'", "'self'")
    assert not {"unsafe", "data:", "blob:", "*", "http"} & set(HEADERS["Content-Security-Policy"].split("'"))
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert HEADERS["X-Frame-Options"] == "DENY"


def test_no_page_holds_what_a_browser_would_run(answered: list[tuple[Door, Reply]]) -> None:
    """Turns red if a template gets a style attribute, a script of its own, an `on…` attribute, or an odd link."""
    pages = [(door, Page(reply.text)) for door, reply in answered if reply.kind == HTML]
    wrong = {door.name: page.faults for door, page in pages if page.faults}
    assert not wrong, wrong
    assert len(pages) > len(doors()) / 3


def test_what_is_looked_at_changes_nothing(ground: Ground) -> None:
    """Turns red if a GET records something, whatever its query says or a header makes of its method."""
    overrides = {"x-http-method-override": "POST", "x-http-method": "DELETE", "x-method-override": "POST"}
    for role in FOR_PAGES:
        ground.wire.ask("GET", "/account", ground.keys[role])  # whoever comes is noted once in a while
    before = ground.digest_of_all()
    for door in doors():
        if door.changes or door.roles is None:
            continue
        for role in [each for each in FOR_PAGES if each in door.roles][:1]:
            target = f"{ground.own.fill(door)}?_method=POST&done=x"
            ground.wire.ask(door.method, target, ground.keys[role], headers={**OWN_PAGE, **overrides})
    assert ground.digest_of_all() == before


def test_head_is_get_without_its_body_and_nothing_else_is_answered(ground: Ground) -> None:
    """Turns red if HEAD shows a body or another status, or another method than a route's own is answered."""
    for door in doors():
        target, key = ground.own.fill(door), ground.keys[Role.AUDITOR]
        if not door.changes:
            whole, head = (ground.wire.ask(method, target, key) for method in ("GET", "HEAD"))
            assert (head.status, head.body) == (whole.status, b""), door.name
        for method in ("OPTIONS", "TRACE", "PROPFIND"):
            refused = ground.wire.ask(method, target, key)
            assert refused.status in {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_FOUND}, (door.name, method)


def test_the_host_is_this_machine_or_the_proxys(ground: Ground) -> None:
    """Turns red if a name that somebody pointed at this machine is answered, or stands in an answer."""
    for host in ("evil.test", f"{HOST}.evil.test", f"evil.test:{HOST}", f"{HOST}@evil.test", "", "[::1].evil.test"):
        reply = ground.wire.ask("GET", "/sign-in", headers={"host": host})
        assert reply.status == HTTPStatus.BAD_REQUEST, host
    told = ground.wire.ask("GET", "/", headers={"x-forwarded-host": "evil.test", "forwarded": "host=evil.test"})
    assert "evil.test" not in str(told.headers) + told.text


@pytest.mark.parametrize(
    "written", ["//evil.test", "/%2fevil.test", "/%5cevil.test", "/..//evil.test", "/%09/evil.test"]
)
def test_no_address_leads_elsewhere(ground: Ground, written: str) -> None:
    """Turns red if an odd spelling of an address ends in a redirect to another site."""
    reply = ground.wire.ask("GET", written)
    where = reply.header("location")
    assert not where.startswith(("//", "/\\", "http")), where
    assert reply.status < HTTPStatus.INTERNAL_SERVER_ERROR


ELSEWHERE = (
    "//evil.test",
    "/\\evil.test",
    "https://evil.test",
    "javascript:alert(1)",
    "/\t/evil.test",
    "\\\\evil.test",
    " //evil.test",
    "/\n//evil.test",
    "/\r\nSet-Cookie: a=b",
)


@pytest.mark.parametrize("asked", ELSEWHERE)
def test_after_signing_in_one_stays_here(ground: Ground, asked: str) -> None:
    """Turns red if `safe` lets a target through that a browser reads as another site's."""
    reply = ground.wire.ask("POST", "/sign-in/code", form={"code": "000000", "next": asked})
    assert reply.status == HTTPStatus.UNPROCESSABLE_ENTITY
    kept = [dict(attrs)["value"] for tag, attrs in Page(reply.text).elements if ("name", "next") in attrs]
    assert kept == ["/"]


def test_only_signing_in_sets_a_cookie_and_it_is_kept_to_this_host(
    ground: Ground, answered: list[tuple[Door, Reply]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if a cookie is given that scripts, other sites or other hosts can use."""
    gave = {door.path for door, reply in answered if reply.header("set-cookie")}
    assert gave <= {"/sign-in", "/sign-in/code", "/second-factor", "/sign-out"}
    behind = settings().model_copy(update={"dashboard_url": "https://disputes.union.test"})
    for module in (signing_in, guards):
        monkeypatch.setattr(module, "settings", lambda: behind)
    given = ground.wire.ask("POST", "/sign-out").header("set-cookie")
    parts = {part.strip().lower() for part in given.split(";")}
    assert given.startswith("__Host-")
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= parts
    assert not [part for part in parts if part.startswith("domain")]


FOREIGN = {
    "another site": {"sec-fetch-site": "cross-site"},
    "a sister site": {"sec-fetch-site": "same-site"},
    "typed in": {"sec-fetch-site": "none"},
    "another origin": {"origin": "https://evil.test"},
    "a name that begins alike": {"origin": f"http://{HOST}.evil.test"},
    "another port": {"origin": f"http://{HOST}:8080"},
    "somebody at this host": {"origin": f"http://evil@{HOST}"},
    "no origin that is one": {"origin": "null"},
    "both, and they differ": {"sec-fetch-site": "same-origin", "origin": "https://evil.test"},
    "another referrer, and nothing else": {"referer": "https://evil.test/page"},
    "nothing": {},
}
BODIES = ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "application/json")


@pytest.mark.parametrize("says", FOREIGN.values(), ids=FOREIGN)
def test_fm_34_no_route_is_set_going_by_another_sites_page(ground: Ground, says: dict[str, str]) -> None:
    """Turns red if one route is left out of `SameOrigin`, or silence is taken for the dashboard's own page."""
    before, changing = ground.digest_of_all(), [door for door in doors() if door.method not in SAFE_METHODS]
    for place, door in enumerate(changing):
        role = next((each for each in Role if door.roles and each in door.roles), None)
        key = ground.keys[role] if role else None
        headers = {**says, "content-type": BODIES[place % len(BODIES)], "idempotency-key": uuid.uuid4().hex}
        reply = ground.wire.ask(door.method, ground.own.fill(door), key, headers=headers, body=b"{}")
        assert reply.status == HTTPStatus.FORBIDDEN, (door.name, reply.status)
    assert ground.digest_of_all() == before
    assert len(changing) > len(Role)
