"""Digests by mail: who is told, on which days, once, of what their roles reach."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app import digests as sending
from app import signing_in
from casework.cases import Case
from casework.people import digests
from casework.people.digests import DigestPart, Rhythm, is_day_of
from casework.people.models import Account
from casework.people.roles import Grant, Role
from core.clock import set_stored_clock
from core.db import Database
from core.unit_of_work import reading, unit_of_work
from notifications.lifecycle import State
from notifications.models import Notice
from tests.app.conftest import Command, Made
from tests.app.signed_in import a_key, an_account, nobody
from tests.app.test_pages import at_head
from tests.builders import a_member, an_association

pytestmark = pytest.mark.engines("sqlite")
ALL = [each.value for each in DigestPart]


def told(database: Database) -> Sequence[Notice]:
    with reading(on=database) as uow:
        return uow.session.scalars(select(Notice).where(Notice.kind == sending.KIND).order_by(Notice.created_at)).all()


def wants(database: Database, *grants: Grant, rhythm: str = "working_days", parts: Sequence[str] = ALL) -> uuid.UUID:
    account = an_account(database, grants)
    with unit_of_work("staff:test", on=database) as uow:
        digests.choose(uow, account, rhythm, parts)
    return account


def at(database: Database, day: date, hour: int = 9) -> None:
    with database.writing() as session:
        set_stored_clock(session, datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


@pytest.fixture
def case(made: Made, database: Database) -> str:
    """A case whose head teacher has to answer by 18 September, and it is the 17th, a Thursday."""
    ref = made(at_head)
    at(database, date(2026, 9, 17))
    return ref


def test_a_digest_counts_and_lists_with_references_and_links(case: str, database: Database) -> None:
    """Red when the lines are those of another account, or hold no address."""
    wants(database, Grant(Role.NATIONAL_OFFICIAL))
    assert sending.send_due(database) == {"due": 1, "sent": 1}
    (mail,) = told(database)
    text = mail.body.decode()
    assert "Days that are due or near: 1" in text
    assert f"/cases/{case}" in text
    assert case in text
    assert not mail.statutory


def test_nobody_is_told_twice_on_one_day(case: str, database: Database) -> None:
    """Red when `take` does not look whether somebody was told today."""
    wants(database, Grant(Role.NATIONAL_OFFICIAL))
    for _ in range(3):
        sending.send_due(database)
    assert len(told(database)) == 1
    at(database, date(2026, 9, 18))
    sending.send_due(database)
    assert len(told(database)) == 2


def test_nobody_is_told_before_seven(made: Made, database: Database) -> None:
    made(at_head)
    wants(database, Grant(Role.NATIONAL_OFFICIAL))
    at(database, date(2026, 9, 17), hour=5)  # six in London
    assert sending.send_due(database)["sent"] == 0
    at(database, date(2026, 9, 17), hour=6)
    assert sending.send_due(database)["sent"] == 1


@pytest.mark.parametrize(
    ("rhythm", "day", "told_then"),
    [
        (Rhythm.WORKING_DAYS, date(2026, 9, 17), True),
        (Rhythm.WORKING_DAYS, date(2026, 9, 19), False),  # a Saturday
        (Rhythm.WORKING_DAYS, date(2026, 12, 25), False),
        (Rhythm.MONDAYS, date(2026, 9, 14), True),
        (Rhythm.MONDAYS, date(2026, 9, 15), False),
        (Rhythm.MONDAYS, date(2027, 5, 31), False),  # the spring bank holiday
        (Rhythm.MONDAYS, date(2027, 6, 1), True),  # the day after it
        (Rhythm.MONDAYS, date(2027, 6, 2), False),
        (Rhythm.NEVER, date(2026, 9, 14), False),
    ],
)
def test_the_days_of_a_rhythm(rhythm: Rhythm, day: date, told_then: bool) -> None:
    """Red when a bank holiday counts, or a Monday that is one is left out for the whole week."""
    assert is_day_of(rhythm, day) is told_then


def test_every_week_has_one_monday_for_those_who_chose_it() -> None:
    first = date(2026, 1, 5)
    for week in range(104):
        days = [first + timedelta(days=7 * week + day) for day in range(7)]
        assert sum(is_day_of(Rhythm.MONDAYS, day) for day in days) == 1


def test_only_what_was_chosen_and_is_reached_is_told(case: str, database: Database) -> None:
    """Red when the parts are not asked, or the list is not narrowed to the account's roles."""
    wants(database, Grant(Role.NATIONAL_OFFICIAL), parts=["approvals"])
    with unit_of_work("staff:test", on=database) as uow:
        elsewhere = Grant(Role.ASSOCIATION_SECRETARY, association_id=an_association(uow).id)
    wants(database, elsewhere)
    wants(database, Grant(Role.OPERATOR))
    assert sending.send_due(database) == {"due": 3, "sent": 0}
    assert not told(database)


@pytest.mark.parametrize("what", ["closed", "not confirmed", "never"])
def test_who_left_is_not_told(case: str, database: Database, what: str) -> None:
    account_id = wants(database, Grant(Role.NATIONAL_OFFICIAL), rhythm="never" if what == "never" else "working_days")
    with unit_of_work("staff:test", on=database) as uow:
        account = uow.session.get_one(Account, account_id)
        account.active = what != "closed"
        account.confirmed_by = None if what == "not confirmed" else account.confirmed_by
    assert sending.send_due(database) == {"due": 0, "sent": 0}


@pytest.mark.parametrize("what", ["closed", "not confirmed", "nothing"])
def test_a_digest_that_waits_is_taken_back_from_who_left(case: str, database: Database, what: str) -> None:
    """Red when `_to_nobody` finds no digest, that of somebody who stays, or asks only whether the account is open."""
    account_id = wants(database, Grant(Role.NATIONAL_OFFICIAL))
    sending.send_due(database)
    with unit_of_work("staff:test", on=database) as uow:
        account = uow.session.get_one(Account, account_id)
        account.active = what != "closed"
        account.confirmed_by = None if what == "not confirmed" else account.confirmed_by
    at(database, date(2026, 9, 18), hour=5)  # before anybody is told of a new day
    sending.send_due(database)
    assert [each.state for each in told(database)] == [State.QUEUED if what == "nothing" else State.CANCELLED]


def test_no_member_is_named(case: str, database: Database) -> None:
    with unit_of_work("staff:test", on=database) as uow:
        place = uow.session.scalars(select(Case)).one().workplace
        member = a_member(uow, place, name="Persephone Underhill").name
    wants(database, Grant(Role.NATIONAL_OFFICIAL))
    sending.send_due(database)
    assert member not in told(database)[0].body.decode()


def test_it_is_chosen_on_the_page_and_by_the_api(client: TestClient, made: Made) -> None:
    made(at_head)
    assert client.get("/api/account/digest").json()["rhythm"] == "never"
    sent = {"rhythm": "mondays", "parts": ["deadlines", "quiet_cases"]}
    assert client.post("/account/digest", data=sent).headers["location"] == "/account?done=digest"
    assert client.get("/api/account/digest").json() == {**sent, "told_on": None}
    none = client.post("/account/digest", data={"rhythm": "mondays"})
    assert none.status_code == 422
    assert "Of what: choose at least one" in none.text
    assert client.post("/api/account/digest", json={"rhythm": "hourly"}).status_code == 422
    assert client.post("/api/account/digest", json={"rhythm": "working_days"}).json()["parts"] == ALL


def test_the_command_chooses_and_the_sweep_sends(migrated: Database, command: Command) -> None:
    account = an_account(migrated, [Grant(Role.NATIONAL_OFFICIAL)])
    with unit_of_work("staff:test", on=migrated) as uow:
        email = uow.session.get_one(Account, account).email
        at_head(uow)
    at(migrated, date(2026, 9, 17))
    assert command("user", "digest", email, "--json").document["rhythm"] == "never"
    chosen = command("user", "digest", email, "--rhythm", "working_days", "--part", "deadlines", "--json").document
    assert chosen == {"rhythm": "working_days", "parts": ["deadlines"]}
    assert command("sweep", "digests", "--json").document["counts"] == {"due": 1, "sent": 1}
    assert command("sweep", "digests", "--json").document["counts"] == {"due": 0, "sent": 0}
    with nobody(migrated) as client:
        client.cookies.set(signing_in.PLAIN_NAME, a_key(migrated, account))
        assert 'value="working_days" checked' in client.get("/account").text
