"""The pages and the API of the law: what is fresh, what is planned; seen first, saved when somebody says so."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from casework.people.roles import Grant, Role
from core.db import Database
from core.law import current_law
from core.law_records import ExtraHoliday, LawCheck, LawCommencement
from core.unit_of_work import reading
from tests.app.conftest import Command
from tests.app.law_scene import DUE, JO, LATER, SOURCE, declared, voting
from tests.app.signed_in import signed_in

pytestmark = pytest.mark.engines("sqlite")
HOLIDAY = {"by": JO, "read": SOURCE, "nations": ["england"], "name": "A day of thanks"}
TYPED = {
    "by": JO,
    "read": SOURCE,
    "day-day": "19",
    "day-month": "11",
    "day-year": "2026",
    "nations": "england",
    "name": "A day of thanks",
}


def count(database: Database, kind: type) -> int:
    with reading(on=database) as uow:
        return uow.session.query(kind).count()


def due(client: TestClient, ref: str) -> list[str]:
    found = client.get(f"/api/cases/{ref}").json()["deadlines"]
    return [each["due_on"] for each in found if each["kind"] == "result_to_employers"]


def test_the_page_lists_every_value_in_use_and_what_is_planned(client: TestClient, database: Database) -> None:
    """Turns red if a value or a planned change is left out."""
    ref = declared(database)
    page = client.get("/law").text
    assert (
        "Days&#39; notice of industrial action to the employer" in page or "Days' notice of industrial action" in page
    )
    assert "end-of-turnout-test" in page
    assert "Every value in use was read in the last 90 days." in page
    assert ref not in page, "no live ballot rests on a declared one"


def test_the_page_begins_with_an_index_of_its_sections(client: TestClient) -> None:
    """Turns red if a link of the index leads nowhere, or a section or a group of values is not in it."""
    page = client.get("/law").text
    index = page[page.index('<nav aria-label="On this page">') :].partition("</nav>")[0]
    links = re.findall(r'href="#([^"]+)"', index)
    sections = re.findall(r'<h[23] [^>]*id="([^"]+)"', page)
    assert links == sections
    assert {"planned", "in-use", "in-use-ballot_opened_on", "in-use-strike_day_on", "recorded"} <= set(links)
    names = [parameter.name for parameter in current_law().parameters()]
    assert [name for name in names if f'href="/law/{name}"' not in page] == []


def test_one_value_shows_its_history(client: TestClient) -> None:
    page = client.get("/law/ballots.action_notice_days").text
    assert [days in page for days in ("18 February 2026", "1 March 2017", "Trade Union Act 2016")] == [True] * 3
    assert "earlier action notice received on" in page
    assert client.get("/law/ballots.no_such_days").status_code == 404
    newest = client.get("/api/law/ballots.action_notice_days").json()["values"][-1]
    assert (newest["shown"], newest["from"]) == ("10", "2026-02-18")


def test_a_value_that_is_a_code_reads_as_words(client: TestClient) -> None:
    """Turns red if people are shown the code, or programs the words."""
    page = client.get("/law/ballots.dismissal_warning").text
    assert "whole action" in page
    assert "whole_action" not in page
    newest = client.get("/api/law/ballots.dismissal_warning").json()["values"][-1]
    assert (newest["value"], newest["shown"]) == ("whole_action", "whole action")


def test_a_value_has_one_shape_whoever_tells_it(client: TestClient, command: Command) -> None:
    """Turns red if the API, `law show` or `law check` spells a dated value in a way of its own (`law_words.dated`)."""
    shown = command("law", "show", "ballots.turnout_fraction", "--json").document
    by_api = client.get("/api/law/ballots.turnout_fraction").json()
    assert by_api == {key: shown[key] for key in by_api}
    newest = by_api["values"][-1]
    assert (newest["value"], newest["citation"]["provision"] != "") == ("1/2", True)
    in_use = client.get("/api/law").json()
    (checked,) = [each for each in in_use["values"] if each["parameter"] == "ballots.turnout_fraction"]
    assert {key: checked[key] for key in newest} == newest
    planned = [value for each in in_use["planned"] for value in each["values"]]
    (turnout,) = [each for each in planned if each["parameter"] == "ballots.turnout_fraction"]
    assert {key: turnout[key] for key in newest} == by_api["planned"][0]


def test_a_holiday_is_shown_first_and_saved_only_when_asked(client: TestClient, database: Database) -> None:
    """Turns red if the first look records anything, or the second does not."""
    ref = declared(database)
    seen = client.post("/law/record/holiday", data=TYPED)
    assert (seen.status_code, "Nothing is saved yet." in seen.text) == (200, True)
    assert "Friday 20 November 2026" in seen.text
    assert (count(database, ExtraHoliday), due(client, ref)) == (0, [DUE])
    saved = client.post("/law/record/holiday", data={**TYPED, "save": "yes"})
    assert (saved.status_code, saved.headers["location"]) == (303, "/law?done=holiday")
    assert (count(database, ExtraHoliday), due(client, ref)) == (1, [LATER])
    assert "A day of thanks" in client.get("/law?done=holiday").text


def test_what_was_typed_is_kept_beside_its_errors(client: TestClient, database: Database) -> None:
    """Turns red if an error loses the form, or a name without a role is taken."""
    faulty = client.post("/law/record/holiday", data={**TYPED, "by": "Jo Example", "day-day": ""})
    assert faulty.status_code == 422
    assert 'value="A day of thanks"' in faulty.text
    unnamed = client.post("/law/record/holiday", data={**TYPED, "by": "Jo Example"})
    assert (unnamed.status_code, "wanted a named person with a role" in unnamed.text) == (422, True)
    assert count(database, ExtraHoliday) == 0


def test_the_api_shows_saves_and_repeats_nothing(client: TestClient, database: Database) -> None:
    """Turns red if `save` is ignored, or a second request records again."""
    ref = declared(database)
    body = {**HOLIDAY, "day": DUE}
    looked = client.post("/api/law/record/holiday", json=body)
    assert (looked.status_code, looked.json()["saved"], looked.json()["moves"][0]["to"]) == (200, False, LATER)
    assert due(client, ref) == [DUE]
    first = client.post("/api/law/record/holiday?save=true", json=body)
    again = client.post("/api/law/record/holiday?save=true", json=body)
    assert (first.status_code, again.status_code, again.json()["new"]) == (201, 200, False)
    assert (count(database, ExtraHoliday), due(client, ref)) == (1, [LATER])


def test_the_api_refuses_facts_it_does_not_know(client: TestClient) -> None:
    refused = client.post("/api/law/record/holiday", json={**HOLIDAY, "day": DUE, "colour": "red"})
    assert (refused.status_code, refused.json()["findings"][0]["where"]) == (422, "colour")
    assert client.post("/api/law/record/nothing", json={}).status_code == 404


@pytest.mark.engines("sqlite", "postgresql")
def test_a_commencement_by_the_page_is_the_law_afterwards(client: TestClient, database: Database) -> None:
    """Turns red if the page records it somewhere the law does not look."""
    typed = {
        "change": "end-of-turnout-test",
        "from_on-day": "1",
        "from_on-month": "4",
        "from_on-year": "2027",
        "instrument": "SI 2026/123",
        "by": JO,
        "read": SOURCE,
        "save": "yes",
    }
    assert client.post("/law/record/commence", data=typed).status_code == 303
    assert count(database, LawCommencement) == 1
    newest = client.get("/api/law/ballots.turnout_fraction").json()["values"][-1]
    assert (newest["from"], newest["shown"], newest["certainty"]) == ("2027-04-01", "none", "confirmed")


def test_a_stale_value_turns_its_case_amber_until_it_is_read_again(client: TestClient, database: Database) -> None:
    """
    Turns red if home, the case's page, the page of the law or the status keeps silent, or a check changes nothing.
    """
    ref = voting(database, days_after=170)
    assert "Law to read again" in client.get("/").text
    assert "mandate law confirm ballots.mandate_months" in client.get(f"/cases/{ref}").text
    told = client.get("/api/law").json()
    assert [each["case"] for each in told["blocked"]] == [ref]
    status = client.get("/api/status").json()
    assert status["law"]["cases_waiting"] == 1
    assert any("mandate law check" in trouble for trouble in status["troubles"])
    for name in told["blocked"][0]["parameters"]:
        typed = {"parameter": name, "by": JO, "read": SOURCE, "planned": "false", "save": "yes"}
        assert client.post("/law/record/confirm", data=typed).status_code == 303
    assert count(database, LawCheck) >= len(told["blocked"][0]["parameters"])
    assert client.get("/api/law").json()["blocked"] == []
    assert "Law to read again" not in client.get("/").text


def test_a_refusal_stands_beside_the_field_it_is_about(client: TestClient) -> None:
    """Turns red if the form of the law has rules of its own for which field an error stands beside."""
    late = {"from_on-day": "1", "from_on-month": "1", "from_on-year": "1980", "change": "end-of-turnout-test"}
    told = client.post("/law/record/commence", data={**TYPED, **late, "instrument": "SI 2026/1234"})
    assert '<a href="#facts-from_on' in told.text


def test_only_who_may_record_is_led_to_recording(client: TestClient, database: Database) -> None:
    """Turns red if the page leads an auditor to a form that refuses them."""
    assert 'href="/law/record/confirm"' in client.get("/law").text
    with signed_in(database, Grant(Role.AUDITOR)) as auditor:
        assert 'href="/law/record/confirm"' not in auditor.get("/law").text
