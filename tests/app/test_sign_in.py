"""Signing in by the pages: set up, password, second factor, recovery, limits, signing out, one's own account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape

import pyotp
import pytest
from argon2 import PasswordHasher
from fastapi import Request
from fastapi.testclient import TestClient
from httpx import Response

from app import guards, signing_in
from casework.people import accounts, passwords
from casework.people.roles import Grant, Role
from core.db import Database
from core.settings import settings
from core.unit_of_work import unit_of_work
from tests.app.signed_in import nobody, signed_in

GOOD = "otter-lamp-seven"
EMAIL = "jo@union.test"


@pytest.fixture(autouse=True)
def cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


class WallClock:
    """What `signing_in.now` says; it can be moved on."""

    def __init__(self) -> None:
        self.at = signing_in.now()

    def __call__(self) -> datetime:
        return self.at

    def on(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> WallClock:
    clock = WallClock()
    monkeypatch.setattr(signing_in, "now", clock)
    return clock


@pytest.fixture
def stranger(database: Database) -> Iterator[TestClient]:
    with nobody(database) as client:
        yield client


def first_link(database: Database) -> str:
    with unit_of_work("staff:test", on=database) as uow:
        return f"/welcome/{accounts.first_link(uow, signing_in.now())}"


def set_up(client: TestClient, database: Database, codes: list[str] | None = None) -> str:
    """Take up the first account; its second factor's secret. The client is signed in then, `codes` filled."""
    chosen = {"name": "Jo Rowanmere", "email": EMAIL, "password": GOOD, "again": GOOD}
    answer = client.post(first_link(database), data=chosen)
    assert answer.headers["location"] == "/second-factor"
    page = client.get("/second-factor").text
    secret = re.findall(r'name="secret" value="(\w+)"', page)[0]
    shown = client.post("/second-factor", data={"secret": secret, "code": code_of(secret), "next": "/"})
    assert shown.status_code == 200, shown.text
    assert len(codes_in(shown)) == 10
    if codes is not None:
        codes.extend(codes_in(shown))
    return str(secret)


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).at(signing_in.now())


def codes_in(answer: Response) -> list[str]:
    return re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", answer.text)


def says(answer: Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_nobody_sees_anything_before_signing_in(stranger: TestClient) -> None:
    assert stranger.get("/").headers["location"] == "/sign-in"
    assert stranger.get("/deadlines?q=1").headers["location"] == "/sign-in?next=/deadlines%3Fq%3D1"
    assert stranger.post("/cases").headers["location"] == "/sign-in?lapsed=yes"
    refused = stranger.get("/api/cases")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.json()["findings"][0]["code"] == "not_signed_in"


def test_setting_up_signing_out_and_in_again(stranger: TestClient, database: Database, clock: WallClock) -> None:
    secret = set_up(stranger, database)
    assert "Jo Rowanmere" in stranger.get("/account").text
    assert stranger.post("/sign-out").headers["location"] == "/sign-in?ended=yes"
    assert stranger.get("/account").status_code == 303
    clock.on(minutes=1)
    asked = stranger.post("/sign-in", data={"email": "JO@union.test ", "password": GOOD, "next": "/account"})
    assert asked.headers["location"] == "/sign-in/code?next=/account"
    assert stranger.get("/account").headers["location"].startswith("/sign-in")  # half a sign-in opens nothing
    done = stranger.post("/sign-in/code", data={"code": code_of(secret), "next": "/account"})
    assert done.headers["location"] == "/account"
    assert stranger.get("/account").status_code == 200


def test_an_unknown_address_and_a_wrong_password_read_the_same(stranger: TestClient, database: Database) -> None:
    """Turns red if one of the two answers tells which it was."""
    set_up(stranger, database)
    stranger.post("/sign-out")
    answers = [
        stranger.post("/sign-in", data={"email": email, "password": "otter-lamp-nine", "next": "/"})
        for email in (EMAIL, "kim@union.test")
    ]
    assert [each.status_code for each in answers] == [422, 422]
    assert says(answers[0]) == says(answers[1])
    assert "otter" not in answers[0].text


def test_an_unknown_address_costs_a_password_check(
    stranger: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if nothing is hashed for an address that nobody has."""
    kept: list[str | None] = []
    monkeypatch.setattr(passwords, "agrees", lambda given, _: bool(kept.append(given)))
    stranger.post("/sign-in", data={"email": "kim@union.test", "password": GOOD, "next": "/"})
    assert kept == [None]


def test_fm_36_the_sixth_try_is_not_judged_even_when_it_is_right(
    stranger: TestClient, database: Database, clock: WallClock
) -> None:
    """Turns red if the tries of an account are not limited, or the wait is not told."""
    secret = set_up(stranger, database)
    stranger.post("/sign-out")
    wrong = {"email": EMAIL, "password": "otter-lamp-nine", "next": "/"}
    assert [stranger.post("/sign-in", data=wrong).status_code for _ in range(6)] == [422] * 5 + [429]
    held = stranger.post("/sign-in", data={**wrong, "password": GOOD})
    assert held.status_code == 429
    assert "too many tries. Wait until" in says(held)
    clock.on(minutes=15)
    assert stranger.post("/sign-in", data={**wrong, "password": GOOD}).status_code == 303
    codes = [stranger.post("/sign-in/code", data={"code": "000000", "next": "/"}).status_code for _ in range(5)]
    assert codes == [422] * 5
    assert stranger.post("/sign-in/code", data={"code": code_of(secret), "next": "/"}).status_code == 429
    clock.on(minutes=15)
    assert stranger.post("/sign-in/code", data={"code": code_of(secret)}).status_code == 422  # that was a while ago


def test_fm_37_the_key_changes_with_each_step(stranger: TestClient, database: Database, clock: WallClock) -> None:
    """Turns red if a key that was planted before somebody signs in is worth something after it."""
    secret = set_up(stranger, database)
    full = stranger.cookies[signing_in.PLAIN_NAME]
    clock.on(minutes=1)
    stranger.post("/sign-in", data={"email": EMAIL, "password": GOOD, "next": "/"})
    half = stranger.cookies[signing_in.PLAIN_NAME]
    stranger.post("/sign-in/code", data={"code": code_of(secret), "next": "/"})
    new = stranger.cookies[signing_in.PLAIN_NAME]
    assert len({full, half, new}) == 3
    with nobody(database) as other:
        other.cookies.set(signing_in.PLAIN_NAME, half)
        assert other.get("/account").status_code == 303
        assert "Start again" in says(other.post("/sign-in/code", data={"code": code_of(secret)}))


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: TestClient, database: Database) -> None:
    set_up(stranger, database)
    stranger.post("/sign-out")
    given = stranger.post("/sign-in", data={"email": EMAIL, "password": GOOD, "next": "/"}).headers["set-cookie"]
    assert "HttpOnly" in given
    assert "SameSite=lax" in given
    assert "Path=/" in given
    assert "max-age" not in given.lower()


def test_a_sign_in_ends_by_itself(stranger: TestClient, database: Database, clock: WallClock) -> None:
    set_up(stranger, database)
    for _ in range(3):
        clock.on(minutes=14)
        assert stranger.get("/account").status_code == 200
    clock.on(minutes=15)
    assert stranger.get("/account").status_code == 303


def test_a_form_sent_too_late_says_that_nothing_was_recorded(stranger: TestClient) -> None:
    assert "nothing was recorded" in says(stranger.get("/sign-in?lapsed=yes"))


@pytest.mark.parametrize(
    "target", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "/a\nb", "/ b", ""]
)
def test_signing_in_leads_nowhere_else(stranger: TestClient, target: str) -> None:
    page = stranger.get("/sign-in", params={"next": target}).text
    assert 'name="next" value="/"' in page


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"password": "short", "again": "short"}, "password"),
        ({"again": "otter-lamp-nine"}, "again"),
        ({"email": "no address"}, "email"),
        ({"name": "  "}, "name"),
    ],
)
def test_what_is_wrong_with_a_first_account_stands_beside_it(
    stranger: TestClient, database: Database, changed: dict[str, str], field: str
) -> None:
    link = first_link(database)
    chosen = {"name": "Jo Rowanmere", "email": EMAIL, "password": GOOD, "again": GOOD}
    answer = stranger.post(link, data={**chosen, **changed})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert stranger.post(link, data=chosen).status_code == 303  # the link is not spent


def test_a_spent_link_says_what_to_do(stranger: TestClient, database: Database) -> None:
    link = first_link(database)
    set_up(stranger, database)
    for answer in (stranger.get(link), stranger.post(link, data={"password": GOOD, "again": GOOD})):
        assert answer.status_code == 409
        assert "mandate user link" in says(answer)


def test_a_recovery_code_stands_in_for_the_app_once(stranger: TestClient, database: Database, clock: WallClock) -> None:
    """Turns red if a recovery code is not looked for, is not spent, or outlives the ten that replace it."""
    codes: list[str] = []
    secret = set_up(stranger, database, codes)
    shown = {"email": EMAIL, "password": GOOD}
    for code, status in ((codes[0].upper(), 303), (codes[0], 422)):
        stranger.post("/sign-out")
        stranger.post("/sign-in", data=shown)
        assert stranger.post("/sign-in/code", data={"code": code}).status_code == status
    stranger.post("/sign-in/code", data={"code": codes[1]})
    assert "8 of your recovery codes are left" in says(stranger.get("/account"))
    clock.on(minutes=1)
    assert stranger.post("/account/recovery-codes", data={"code": "000000"}).status_code == 422
    made = stranger.post("/account/recovery-codes", data={"code": code_of(secret)})
    assert len(codes_in(made)) == 10
    stranger.post("/sign-out")
    stranger.post("/sign-in", data=shown)
    assert stranger.post("/sign-in/code", data={"code": codes[2]}).status_code == 422
    assert stranger.post("/sign-in/code", data={"code": codes_in(made)[0]}).status_code == 303


def test_a_password_alone_sets_no_second_factor_up(stranger: TestClient, database: Database) -> None:
    """Turns red if `enrols` is not asked for: whoever learns a password would put their own phone beside it."""
    chosen = {"name": "Jo Rowanmere", "email": EMAIL, "password": GOOD, "again": GOOD}
    stranger.post(first_link(database), data=chosen)
    with nobody(database) as thief:
        thief.post("/sign-in", data={"email": EMAIL, "password": GOOD})
        assert "no second factor yet" in says(thief.get("/sign-in/code"))
        assert thief.get("/second-factor").status_code == 303
        secret = "A" * 32
        assert thief.post("/second-factor", data={"secret": secret, "code": code_of(secret)}).status_code == 422
    assert stranger.get("/second-factor").status_code == 200


def test_guessing_codes_goes_no_further_by_showing_the_password(
    stranger: TestClient, database: Database, clock: WallClock
) -> None:
    """Turns red if codes are counted with passwords, or a right password clears them."""
    set_up(stranger, database)
    clock.on(minutes=1)
    guesses = []
    for _ in range(8):
        guesses.append(stranger.post("/account/recovery-codes", data={"code": "000000"}).status_code)
        again = {"old": GOOD, "password": GOOD, "again": GOOD}
        assert stranger.post("/account/password", data=again).status_code == 303
    assert guesses == [422] * 5 + [429] * 3


def test_a_second_person_is_made_and_takes_the_account_up(
    stranger: TestClient, database: Database, clock: WallClock
) -> None:
    set_up(stranger, database)
    made = stranger.post(
        "/people", data={"name": "Kim Fernshaw", "email": "kim@union.test", "role": "ballot_team", "place": ""}
    )
    assert made.status_code == 200
    link = re.findall(r"http://127\.0\.0\.1[:\d]*(/welcome/[\w-]+)", made.text)[0]
    with nobody(database) as kim:
        assert "Welcome, Kim Fernshaw" in says(kim.get(link))
        assert kim.post(link, data={"password": GOOD, "again": GOOD}).headers["location"] == "/second-factor"
        secret = re.findall(r'name="secret" value="(\w+)"', kim.get("/second-factor").text)[0]
        assert kim.post("/second-factor", data={"secret": secret, "code": code_of(secret)}).status_code == 200
        assert kim.get("/").headers["location"] == "/account"
        assert kim.get("/today").status_code == 403  # nobody has confirmed what she may do
        assert "Kim Fernshaw" in kim.get("/account").text
        address = re.findall(r'href="(/people/[0-9a-f-]{36})">Kim Fernshaw<', stranger.get("/people").text)[0]
        assert stranger.post(f"{address}/confirm").status_code == 409  # who made it does not confirm it
        with signed_in(database, Grant(Role.OPERATOR)) as other:
            assert other.post(f"{address}/confirm", data={"role": "ballot_team"}).status_code == 303
        assert kim.get("/").status_code == 200
        assert kim.get("/people").status_code == 403
        assert stranger.post(f"{address}/link").status_code == 409  # nobody takes over who signs in


def test_roles_are_given_and_taken_on_a_persons_page(stranger: TestClient, database: Database) -> None:
    set_up(stranger, database)
    stranger.post("/people", data={"name": "Kim", "email": "kim@union.test", "role": "finance_preparer"})
    address = re.findall(r'href="(/people/[0-9a-f-]{36})">Kim<', stranger.get("/people").text)[0]
    refused = stranger.post(f"{address}/roles/give", data={"role": "finance_approver"})
    assert refused.status_code == 422
    assert "never one person" in says(refused)
    assert stranger.post(f"{address}/roles/give", data={"role": "ballot_team"}).status_code == 303
    assert "Ballot team" in stranger.get(address).text
    assert stranger.post(f"{address}/roles/take", data={"role": "ballot_team"}).status_code == 303
    assert stranger.post(f"{address}/close").status_code == 303
    assert "closed" in says(stranger.get("/people"))


def test_one_changes_ones_password_by_the_old_one(stranger: TestClient, database: Database) -> None:
    set_up(stranger, database)
    new = "heron-spoon-eleven"
    wrong = stranger.post("/account/password", data={"old": "x" * 12, "password": new, "again": new})
    assert wrong.status_code == 422
    assert 'href="#old"' in wrong.text
    done = stranger.post("/account/password", data={"old": GOOD, "password": new, "again": new})
    assert done.headers["location"] == "/account?done=password"
    stranger.post("/sign-out")
    assert stranger.post("/sign-in", data={"email": EMAIL, "password": GOOD}).status_code == 422
    assert stranger.post("/sign-in", data={"email": EMAIL, "password": new}).status_code == 303


def test_a_token_looks_or_acts_at_the_api_and_nowhere_else(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if a token opens a page, or one that may only look records something."""
    with signed_in(database, Grant(Role.NATIONAL_OFFICIAL)) as client, nobody(database) as program:
        monkeypatch.setattr(accounts, "shows_second_factor", lambda _uow, _own, given, _at: given == "right")
        asked = {"label": "reports", "may": "look", "days": "30"}
        wrong = client.post("/account/tokens", data={**asked, "token-code": "wrong"})
        assert wrong.status_code == 422
        assert "not used before" in wrong.text
        made = client.post("/account/tokens", data={**asked, "token-code": "right"}).text
        assert made.index("shown this once") < made.index(">Your account</h1>")
        token = re.findall(r"shown this once: <code[^>]*>([\w-]+)<", made)[0]
        shown = {"Authorization": f"Bearer {token}"}
        assert program.get("/api/cases", headers=shown).status_code == 200
        assert program.post("/api/cases", headers=shown, json={}).status_code == 403
        assert program.get("/account", headers=shown).status_code == 303
        assert program.get("/api/cases", headers={"Authorization": "Bearer x"}).status_code == 401
        short = re.findall(r"/account/tokens/([0-9a-f]{12})/end", client.get("/account").text)[0]
        assert client.post(f"/account/tokens/{short}/end").status_code == 303
        assert program.get("/api/cases", headers=shown).status_code == 401


def test_fm_34_a_page_of_another_site_cannot_act_with_somebodys_sign_in(database: Database) -> None:
    """Turns red if a request that does not say where it comes from is taken for the dashboard's own."""
    with signed_in(database) as client:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "", "Origin": "http://evil.test"}):
            assert client.post("/account/sign-ins/end", headers=headers).status_code == 403
        del client.headers["Sec-Fetch-Site"]
        assert client.post("/account/sign-ins/end").status_code == 403
        assert client.post("/account/sign-ins/end", headers={"Origin": "http://127.0.0.1"}).status_code == 303


def test_behind_a_proxy_the_cookie_and_the_way_are_encrypted(
    stranger: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if the cookie could be set by another host, or go in the clear."""
    set_up(stranger, database)
    stranger.post("/sign-out")
    behind_a_proxy(monkeypatch)
    answer = stranger.post("/sign-in", data={"email": EMAIL, "password": GOOD})
    assert answer.headers["set-cookie"].startswith("__Host-")
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize(
    ("lines", "network"),
    [(["10.1.1.1"], "10.1.1.1"), (["6.6.6.6, 10.1.1.1"], "10.1.1.1"), (["6.6.6.6", "10.1.1.1"], "10.1.1.1")],
    ids=["one", "a list", "two lines"],
)
def test_the_proxys_own_word_says_whose_tries_are_counted(
    monkeypatch: pytest.MonkeyPatch, lines: list[str], network: str
) -> None:
    """Turns red if the asker's own line is believed."""
    told = [(b"x-forwarded-for", line.encode()) for line in lines]
    request = Request({"type": "http", "client": ("127.0.0.1", 1), "headers": told})
    assert signing_in.network_of(request) == "127.0.0.1"
    behind_a_proxy(monkeypatch)
    assert signing_in.network_of(request) == network


def behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    told = settings().model_copy(update={"dashboard_url": "https://disputes.union.test"})
    for module in (signing_in, guards):
        monkeypatch.setattr(module, "settings", lambda: told)
