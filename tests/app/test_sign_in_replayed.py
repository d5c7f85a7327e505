"""Keys of sign-ins that somebody else has, or had before: none is worth anything. And guessing, by all who guess."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from app import signing_in
from casework.people import accounts, keys, tries
from casework.people.roles import Grant, Role
from core.db import Database
from core.settings import Settings
from core.unit_of_work import UnitOfWork, unit_of_work
from tests.app import test_sign_in
from tests.app.signed_in import a_key, an_account, nobody
from tests.app.test_sign_in import EMAIL, GOOD, WallClock, code_of, set_up

cheaply, clock, stranger = test_sign_in.cheaply, test_sign_in.clock, test_sign_in.stranger

OTHERS = (Grant(Role.NATIONAL_OFFICIAL), Grant(Role.OPERATOR))
SHOWN = (("GET", "/account"), ("GET", "/api/cases"), ("POST", "/account/sign-ins/end"), ("GET", "/"))


@pytest.fixture
def thief(database: Database) -> Iterator[TestClient]:
    with nobody(database) as client:
        yield client


def opens(thief: TestClient, key: str) -> list[str]:
    """What a key opens that somebody else shows."""
    found = []
    for method, path in SHOWN:
        thief.cookies.clear()
        thief.cookies.set(signing_in.PLAIN_NAME, key)
        answer = thief.request(method, path)
        turned_away = answer.status_code == 401 or answer.headers.get("location", "").startswith("/sign-in")
        found += [] if turned_away else [f"{method} {path}: {answer.status_code}"]
    return found


def key_of(client: TestClient) -> str:
    return str(client.cookies[signing_in.PLAIN_NAME])


def signed_in_by_the_form(client: TestClient, secret: str) -> str:
    shown = client.post("/sign-in", data={"email": EMAIL, "password": GOOD})
    assert shown.status_code == 303, shown.text
    done = client.post("/sign-in/code", data={"code": code_of(secret)})
    assert done.status_code == 303, done.text
    return key_of(client)


def test_fm_37_a_key_is_worth_nothing_once_its_owner_signed_out(
    stranger: TestClient, thief: TestClient, database: Database
) -> None:
    """Turns red if signing out takes the cookie back and leaves the sign-in standing."""
    set_up(stranger, database)
    key = key_of(stranger)
    assert len(opens(thief, key)) == len(SHOWN)
    stranger.post("/sign-out")
    assert opens(thief, key) == []


def test_fm_37_signing_in_again_ends_the_key_that_the_browser_had(
    stranger: TestClient, thief: TestClient, database: Database, clock: WallClock
) -> None:
    """Turns red if `show_password` or `_completed` leaves out `sign_ins.end`, or takes over a key that it was shown."""
    secret = set_up(stranger, database)
    before = key_of(stranger)
    clock.on(minutes=1)
    assert stranger.post("/sign-in", data={"email": EMAIL, "password": GOOD}).status_code == 303
    half = key_of(stranger)
    assert opens(thief, before) == []
    assert opens(thief, half) == []
    stranger.post("/sign-in/code", data={"code": code_of(secret)})
    assert (opens(thief, half), opens(thief, before)) == ([], [])
    clock.on(minutes=1)
    thief.cookies.set(signing_in.PLAIN_NAME, half)
    assert thief.post("/sign-in/code", data={"code": code_of(secret)}).status_code == 422
    assert len(opens(thief, key_of(stranger))) == len(SHOWN)


def test_fm_37_a_key_that_was_planted_is_never_taken_for_ones_own(
    stranger: TestClient, thief: TestClient, database: Database, clock: WallClock
) -> None:
    """Turns red if a sign-in keeps the key that the browser showed with the password."""
    secret = set_up(stranger, database)
    clock.on(minutes=1)
    planted = keys.new_key()
    stranger.cookies.clear()
    stranger.cookies.set(signing_in.PLAIN_NAME, planted)
    stranger.post("/sign-in", data={"email": EMAIL, "password": GOOD})
    given = [each.value for each in stranger.cookies.jar if each.value != planted]
    assert len(given) == 1
    stranger.cookies.clear()
    stranger.cookies.set(signing_in.PLAIN_NAME, str(given[0]))
    stranger.post("/sign-in/code", data={"code": code_of(secret)})
    assert opens(thief, planted) == []


def test_fm_37_another_password_and_signing_out_elsewhere_end_every_other_key(
    stranger: TestClient, thief: TestClient, database: Database
) -> None:
    """Turns red if `end_all` is left out of one of the two, or ends the one that asked."""
    set_up(stranger, database)
    with unit_of_work("staff:test", on=database) as uow:
        account = accounts.by_email(uow, EMAIL)
        assert account is not None
        account_id = account.id
    for path, sent in (
        ("/account/sign-ins/end", {}),
        ("/account/password", {"old": GOOD, "password": "heron-spoon-eleven", "again": "heron-spoon-eleven"}),
    ):
        stolen = a_key(database, account_id)
        assert stranger.post(path, data=sent).status_code == 303
        assert opens(thief, stolen) == []
        assert stranger.get("/account").status_code == 200


ENDS: dict[str, Callable[[UnitOfWork, uuid.UUID], object]] = {
    "other roles": lambda uow, key: accounts.set_roles(uow, key, [Grant(Role.AUDITOR)], signing_in.now()),
    "closed": lambda uow, key: accounts.close(uow, key, signing_in.now()),
    "a new link taken up": lambda uow, key: accounts.take_up(
        uow, accounts.give_link(uow, key, signing_in.now()), "heron-spoon-eleven", signing_in.now()
    ),
}


@pytest.mark.parametrize("what", ENDS)
def test_fm_37_a_key_ends_with_what_it_stood_for(
    stranger: TestClient, thief: TestClient, database: Database, what: str
) -> None:
    """Turns red if `end_all` is left out of `set_roles`, `close` or `take_up`."""
    set_up(stranger, database)
    account = an_account(database, OTHERS)
    key = a_key(database, account)
    assert len(opens(thief, key)) == len(SHOWN)
    with unit_of_work("staff:test", on=database) as uow:
        ENDS[what](uow, account)
    assert opens(thief, key) == []


def test_fm_37_a_key_ends_unused_and_after_a_working_day(
    stranger: TestClient, thief: TestClient, database: Database, clock: WallClock
) -> None:
    """Turns red if the settings allow more than a quarter of an hour unused or eight hours, or nobody looks."""
    told = Settings.model_fields
    assert (told["session_idle_minutes"].default, told["session_hours"].default) == (15, 8)
    set_up(stranger, database)
    unused = a_key(database, an_account(database, OTHERS))
    for _ in range(47):
        clock.on(minutes=10)
        assert stranger.get("/account").status_code == 200
    assert opens(thief, unused) == []
    clock.on(minutes=10)
    assert opens(thief, key_of(stranger)) == []


def test_fm_37_a_page_that_asks_by_itself_keeps_no_sign_in_alive(
    stranger: TestClient, database: Database, clock: WallClock
) -> None:
    """Turns red if an abandoned screen counts as somebody who works (`_asks_by_itself`)."""
    set_up(stranger, database)
    for address, headers in (("/", {"HX-Request": "true"}), ("/?by_itself=yes", {})):
        clock.on(minutes=7)
        assert stranger.get(address, headers=headers).status_code == 200
    clock.on(minutes=1)
    assert stranger.get("/account").status_code == 303


def test_fm_37_nobody_guesses_a_key(stranger: TestClient, thief: TestClient, database: Database) -> None:
    """Turns red if a key has fewer than 256 bits, is no other each time, or its digest opens what it does."""
    made = {keys.new_key() for _ in range(100)}
    assert len(made) == 100
    assert all(len(base64.urlsafe_b64decode(f"{each}==")) >= 32 for each in made)
    set_up(stranger, database)
    for other in (keys.digest_of(key_of(stranger)), key_of(stranger)[:-1], key_of(stranger).swapcase(), ""):
        assert opens(thief, other) == []


def test_fm_36_an_address_in_other_letters_is_the_same_account(
    stranger: TestClient, database: Database, clock: WallClock
) -> None:
    """Turns red if tries are counted by the address as it was typed."""
    set_up(stranger, database)
    stranger.post("/sign-out")
    spelled = (EMAIL, EMAIL.upper(), f" {EMAIL}", f"{EMAIL} ", EMAIL.title(), EMAIL.swapcase())
    wrong = [stranger.post("/sign-in", data={"email": each, "password": "otter-lamp-nine"}) for each in spelled]
    assert [each.status_code for each in wrong] == [422] * 5 + [429]


@pytest.mark.parametrize("known", [True, False])
def test_fm_36_whether_there_is_an_account_is_not_told_by_the_limit(
    stranger: TestClient, database: Database, known: bool
) -> None:
    """Turns red if only the tries at an account that is there are counted."""
    set_up(stranger, database)
    stranger.post("/sign-out")
    told = {"email": EMAIL if known else "nobody@union.test", "password": "otter-lamp-nine"}
    assert [stranger.post("/sign-in", data=told).status_code for _ in range(6)] == [422] * 5 + [429]


def test_fm_36_one_network_tries_fifty_times_whoever_it_tries(
    stranger: TestClient, database: Database, clock: WallClock
) -> None:
    """Turns red if `_held_back` leaves the network out, or somebody who signs in clears what it tried at others."""
    secret = set_up(stranger, database)
    stranger.post("/sign-out")
    clock.on(minutes=1)

    def tried(count: int) -> list[int]:
        told = [{"email": f"{uuid.uuid4().hex}@union.test", "password": GOOD} for _ in range(count)]
        return [stranger.post("/sign-in", data=each).status_code for each in told]

    assert set(tried(40)) == {422}
    signed_in_by_the_form(stranger, secret)
    assert tried(10) == [422] * 8 + [429] * 2


def test_fm_36_codes_are_counted_over_sign_ins_that_begin_anew(
    stranger: TestClient, database: Database, clock: WallClock
) -> None:
    """Turns red if showing the password again gives five more codes."""
    set_up(stranger, database)
    stranger.post("/sign-out")
    answers = []
    for _ in range(6):
        stranger.post("/sign-in", data={"email": EMAIL, "password": GOOD})
        answers.append(stranger.post("/sign-in/code", data={"code": "000000"}).status_code)
        clock.on(seconds=1)
    assert 429 in answers
    assert answers.count(422) <= tries.OF_AN_ACCOUNT


def test_fm_36_the_limits_are_told_at_once_and_end(stranger: TestClient, database: Database, clock: WallClock) -> None:
    """Turns red if who is held back is held back for longer by trying on."""
    set_up(stranger, database)
    stranger.post("/sign-out")
    told = {"email": EMAIL, "password": "otter-lamp-nine"}
    for _ in range(8):
        stranger.post("/sign-in", data=told)
    clock.on(minutes=tries.WINDOW / timedelta(minutes=1))
    assert stranger.post("/sign-in", data={**told, "password": GOOD}).status_code == 303
