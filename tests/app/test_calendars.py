"""Calendars of deadlines: what a calendar program reads by a secret address, who may, and until when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar
from sqlalchemy import select

from app import signing_in
from app.routes.calendars import READINGS, Readings
from ballots.models import Ballot
from casework.cases import Case
from casework.deadlines import Deadline, DeadlineKind, set_deadline
from casework.people import accounts, passwords
from casework.people.models import Account
from casework.people.roles import Grant, Role
from core.db import Database
from core.findings import Citation
from core.unit_of_work import unit_of_work
from core.why import Why
from tests.app.conftest import Command, Made
from tests.app.signed_in import a_key, an_account, nobody
from tests.app.test_pages import at_ballot, at_head
from tests.builders import an_officer

TABLES = ("calendar_keys", "history_entries")
HOSTILE = "Ends; here\r\nBEGIN:VEVENT\r\nSUMMARY:not ours, \\n é " + "long " * 60 + "🗳"


@pytest.fixture
def visitor(database: Database) -> Iterator[TestClient]:
    """A calendar program: nobody is signed in."""
    with nobody(database) as client:
        yield client


def a_calendar(client: TestClient, ballot: str = "", key: str = "calendar-1") -> Any:
    return client.post("/api/account/calendars", json={"ballot": ballot}, headers={"Idempotency-Key": key})


def path_of(url: str) -> str:
    return urlsplit(url).path


def read(visitor: TestClient, url: str, **headers: str) -> Calendar:
    answer = visitor.get(path_of(url), headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content)


def a_ballot(made: Made, database: Database) -> tuple[str, str]:
    ref = made(at_ballot)
    with unit_of_work("staff:test", on=database) as uow:
        return ref, uow.session.scalars(select(Ballot)).one().ref


def events(calendar: Calendar) -> dict[str, Any]:
    found = {str(each["uid"]): each for each in calendar.walk("VEVENT")}
    assert len(found) == len(calendar.walk("VEVENT"))
    return found


def changed(database: Database, change: Any) -> None:
    with unit_of_work("staff:test", on=database) as uow:
        change(uow)


def test_a_calendar_tells_each_deadline_as_a_whole_day_and_why(
    client: TestClient, visitor: TestClient, made: Made
) -> None:
    ref = made(at_head)
    url = a_calendar(client).json()["url"]
    calendar = read(visitor, url)
    (event,) = events(calendar).values()
    assert str(event["summary"]) == f"{ref}: The head teacher's answer"
    assert event.decoded("dtstart") == date(2026, 9, 18)
    assert event.decoded("dtend") == date(2026, 9, 19)
    assert "Rule:" in str(event["description"])
    assert (str(event["status"]), int(event["sequence"])) == ("CONFIRMED", 0)
    assert str(event["url"]).endswith(f"/cases/{ref}")
    assert calendar["refresh-interval"].td == timedelta(hours=4)


def test_a_day_that_was_met_says_so_in_its_summary(
    client: TestClient, visitor: TestClient, made: Made, database: Database
) -> None:
    """Turns red if a met day looks in a calendar like one that is open."""
    ref = made(at_head)
    url = a_calendar(client).json()["url"]
    changed(database, lambda uow: setattr(uow.session.scalars(select(Deadline)).one(), "met_on", date(2026, 9, 8)))
    (event,) = events(read(visitor, url)).values()
    assert str(event["summary"]) == f"{ref}: The head teacher's answer (met)"
    assert "Met on 8 September 2026." in str(event["description"])


def test_no_summary_names_a_school_or_a_person(
    client: TestClient, visitor: TestClient, made: Made, database: Database
) -> None:
    """Red when a summary holds the workplace's name."""
    made(at_head)
    with unit_of_work("staff:test", on=database) as uow:
        school = uow.session.scalars(select(Case)).one().workplace.name
    (event,) = events(read(visitor, a_calendar(client).json()["url"])).values()
    assert school not in str(event["summary"])


def test_whatever_a_reason_holds_is_one_text_and_no_line_is_too_long(
    client: TestClient, visitor: TestClient, made: Made, database: Database
) -> None:
    """Red when the description is written into the file without the library's escaping and folding."""
    ref = made(at_head)
    why = Why(HOSTILE, {}, "", Citation("An Act", "s. 1", "https://example.org"), "confirmed")
    changed(
        database,
        lambda uow: set_deadline(
            uow, uow.session.scalars(select(Case.id)).one(), DeadlineKind.SCRUTINEER_REPORT, date(2026, 10, 1), why
        ),
    )
    url = a_calendar(client).json()["url"]
    raw = visitor.get(path_of(url)).content
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    found = [each for each in events(Calendar.from_ical(raw)).values() if "scrutineer" in str(each["summary"])]
    assert [str(each["summary"]) for each in found] == [f"{ref}: The scrutineer's report"]
    assert "BEGIN:VEVENT" in str(found[0]["description"])
    assert "🗳" in str(found[0]["description"])


def test_a_deadline_that_changes_keeps_its_uid_and_counts_up(
    client: TestClient, visitor: TestClient, made: Made, database: Database
) -> None:
    """Red when the count of a deadline's changes is not kept, or a cancelled one leaves the calendar."""
    made(at_head)
    url = a_calendar(client).json()["url"]
    (uid,) = events(read(visitor, url))

    def day(**days: date | None) -> None:
        def change(uow: Any) -> None:
            row = uow.session.scalars(select(Deadline)).one()
            for name, value in days.items():
                setattr(row, name, value)

        changed(database, change)

    day(cancelled_on=date(2026, 9, 8))
    event = events(read(visitor, url))[uid]
    assert (str(event["status"]), int(event["sequence"])) == ("CANCELLED", 1)
    day(cancelled_on=None, due_on=date(2026, 9, 21))
    event = events(read(visitor, url))[uid]
    assert (str(event["status"]), int(event["sequence"])) == ("CONFIRMED", 2)
    assert event.decoded("dtstart") == date(2026, 9, 21)
    day(reminded_on=date(2026, 9, 8))
    assert int(events(read(visitor, url))[uid]["sequence"]) == 2


def test_a_reader_that_has_it_is_told_so(
    client: TestClient, visitor: TestClient, made: Made, database: Database
) -> None:
    """Red when the mark is of the moment, not of what the calendar holds."""
    made(at_head)
    path = path_of(a_calendar(client).json()["url"])
    mark = visitor.get(path).headers["etag"]
    again = visitor.get(path, headers={"If-None-Match": mark})
    assert (again.status_code, again.content) == (304, b"")
    changed(database, lambda uow: setattr(uow.session.scalars(select(Deadline)).one(), "met_on", date(2026, 9, 8)))
    assert visitor.get(path, headers={"If-None-Match": mark}).status_code == 200


def test_a_ballot_has_a_calendar_of_its_own_timetable(
    client: TestClient, visitor: TestClient, made: Made, database: Database
) -> None:
    """Red when the days of the case that are none of the ballot's stand in it too."""
    _, ballot = a_ballot(made, database)
    answer = a_calendar(client, ballot)
    assert (answer.status_code, answer.json()["ballot"]) == (201, ballot)
    found = events(read(visitor, answer.json()["url"])).values()
    kinds = {str(each["categories"].cats[0]) for each in found}
    assert {"Ballot opens", "Ballot closes"} <= kinds
    assert "Head answer" not in kinds
    assert all(str(each["summary"]).startswith(f"{ballot}: ") for each in found)


def test_an_officer_sees_the_cases_that_are_theirs(visitor: TestClient, made: Made, database: Database) -> None:
    """Red when the calendar of an officer holds whatever the association has."""
    mine, other = made(at_head), made(at_head)
    with unit_of_work("staff:test", on=database) as uow:
        cases = {case.ref: case for case in uow.session.scalars(select(Case))}
        association = cases[mine].workplace.association
        cases[other].workplace.association_id = association.id
        officer = an_officer(uow, association)
        cases[mine].officer_id = officer.id
        account_grant, officer_id = Grant(Role.ASSOCIATION_SECRETARY, association_id=association.id), officer.id
    account = an_account(database, [account_grant], officer_id)
    url = made_for(database, account)
    assert [str(each["summary"]).partition(":")[0] for each in events(read(visitor, url)).values()] == [mine]


def made_for(database: Database, account: Any) -> str:
    with nobody(database) as client:
        client.cookies.set(signing_in.PLAIN_NAME, a_key(database, account))
        return str(a_calendar(client).json()["url"])


@pytest.mark.parametrize("what", ["closed", "role taken", "another role", "role not confirmed", "ended"])
def test_an_address_dies_with_what_it_rests_on(visitor: TestClient, made: Made, database: Database, what: str) -> None:
    """
    Red when `standing` no longer asks whether the account is active, or `feed` reads the roles that were given, or
    those that look at no case.
    """
    made(at_head)
    account_id = an_account(database, [Grant(Role.AUDITOR)])
    url = made_for(database, account_id)
    assert visitor.get(path_of(url)).status_code == 200

    def change(uow: Any) -> None:
        account = uow.session.get_one(Account, account_id)
        if what == "closed":
            account.active = False
        elif what == "role taken":
            account.roles = []
        elif what == "another role":
            account.roles[0].role = Role.OPERATOR
        else:
            account.confirmed_by = None

    if what == "ended":
        with nobody(database) as client:
            client.cookies.set(signing_in.PLAIN_NAME, a_key(database, account_id))
            short = client.get("/api/account/calendars").json()["calendars"][0]["short"]
            for _ in range(2):
                assert client.post(f"/api/account/calendars/{short}/end").status_code == 200
            assert client.get("/api/account/calendars").json()["calendars"] == []
    else:
        changed(database, change)
    answer = visitor.get(path_of(url))
    assert answer.status_code == 404
    assert path_of(url).split("/")[2] not in answer.text


@pytest.mark.parametrize("what", ["another password", "a new link"])
def test_an_address_ends_with_the_password_it_was_made_under(
    visitor: TestClient, made: Made, database: Database, what: str
) -> None:
    """Red when `end_all` is not among `KEYS_END`: whoever made one with a stolen token would read on for good."""
    made(at_head)
    account_id = an_account(database, [Grant(Role.AUDITOR)])
    url, at = made_for(database, account_id), signing_in.now()
    old, new = "a long enough secret", "another long secret"

    def change(uow: Any) -> None:
        if what == "another password":
            account = uow.session.get_one(Account, account_id)
            account.password_hash = passwords.kept(old)
            accounts.change_password(uow, account, old, new, at)
        else:
            accounts.take_up(uow, accounts.give_link(uow, account_id, at), new, at)

    changed(database, change)
    assert visitor.get(path_of(url)).status_code == 404


def test_a_request_sent_twice_makes_one_and_shows_the_address_once(
    client: TestClient, made: Made, database: Database
) -> None:
    ballot = a_ballot(made, database)[1]
    first, second = a_calendar(client), a_calendar(client)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["url"] is None
    assert a_calendar(client, ballot).status_code == 409
    assert len(client.get("/api/account/calendars").json()["calendars"]) == 1
    assert a_calendar(client, "B-none", "another-key").status_code == 404


def test_only_a_digest_of_the_address_is_kept_and_none_of_it_is_logged(
    client: TestClient, visitor: TestClient, made: Made, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """Red when the row holds the key, or a fault is logged with the address that was asked for."""
    made(at_head)
    url = a_calendar(client).json()["url"]
    key = path_of(url).split("/")[2]
    visitor.get(path_of(url))
    visitor.get(f"/calendar/{key}x/deadlines.ics")
    printed = capsys.readouterr()
    assert key not in printed.out + printed.err
    with database.reading() as session:
        kept = [session.connection().exec_driver_sql(f"SELECT * FROM {each}") for each in TABLES]
        rows = [row for table in kept for row in table]
    assert rows
    assert not any(key in json.dumps([str(cell) for cell in row]) for row in rows)


def test_who_reads_too_often_waits(client: TestClient, visitor: TestClient, made: Made) -> None:
    """Red when readings are not counted."""
    made(at_head)
    path = path_of(a_calendar(client).json()["url"])
    visitor.app.state.readings = Readings(lambda: 0.0)  # type: ignore[attr-defined]
    answers = [visitor.get(path) for _ in range(READINGS + 1)]
    assert {each.status_code for each in answers[:-1]} == {200}
    assert (answers[-1].status_code, answers[-1].headers["retry-after"]) == (429, "60")


def test_the_account_page_and_the_command_make_and_end_them_too(migrated: Database, command: Command) -> None:
    account = an_account(migrated, [Grant(Role.AUDITOR)])
    with unit_of_work("staff:test", on=migrated) as uow:
        email = uow.session.get_one(Account, account).email
    told = command("calendar", "add", email, "--json").document
    with nobody(migrated) as client:
        assert client.get(path_of(told["url"])).status_code == 200
        client.cookies.set(signing_in.PLAIN_NAME, a_key(migrated, account))
        page = client.get("/account").text
        nonce = page.partition('name="nonce" value="')[2].partition('"')[0]
        shown = client.post("/account/calendars", data={"nonce": nonce, "ballot": ""}).text
        assert "/calendar/" in shown
        again = client.post("/account/calendars", data={"nonce": nonce, "ballot": ""}).text
        assert "shown this once" not in again
        wrong = client.post("/account/calendars", data={"nonce": nonce + "0", "ballot": "B-1"})
        assert wrong.status_code == 422
        listed = command("calendar", "list", email, "--json").document["calendars"]
        assert len(listed) == 2
        assert client.post(f"/account/calendars/{listed[1]['short']}/end").headers["location"].startswith("/account")
    assert command("calendar", "end", email, told["short"], "--json").document["ended_at"]
    assert command("calendar", "list", email, "--json").document["calendars"] == []
    assert command("calendar", "end", email, "nothing").code == 3
