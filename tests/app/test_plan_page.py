"""The page *Plan a ballot* and `/api/plan`: the same plan as the command line, and errors that name the field."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.plain import plain
from app.plans import document
from ballots.channels import Channel
from ballots.dispute_handlers import declare_dispute
from ballots.mandate import ActionKind
from ballots.plan import StepName, Wish, plan
from ballots.plan_rules import STEP_NAMES
from casework.cases import Case
from casework.lifecycle import EventKind
from casework.register.models import Workplace
from core.db import Database
from core.law import current_law
from core.law_records import ExtraHoliday
from core.nations import Nation
from core.unit_of_work import UnitOfWork, unit_of_work
from tests.app.conftest import Made
from tests.app.test_pages import at_ballot
from tests.builders import UP_TO_NEGOTIATION, a_case, a_member, happen

BACK = {"first_action": "2027-01-06", "channel": "hand", "opens_for": "24"}
CANARY = "<script>alert('canary')</script>"


def text_of(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_form_alone_plans_nothing(client: TestClient, made: Made) -> None:
    """Turns red if a page that was only opened answers with a plan, or is not in the navigation."""
    answer = client.get("/plan")
    assert answer.status_code == 200
    assert 'value="2026-09-08"' in answer.text  # today as the dashboard's clock has it
    assert "The steps" not in answer.text
    assert '<a class="govuk-service-navigation__link" href="/plan" aria-current="true">' in " ".join(
        answer.text.split()
    )


def test_backwards(client: TestClient, made: Made) -> None:
    """Turns red if a step is left out of the table, or a day of it is not the plan's."""
    answer = client.get("/plan", params=BACK)
    said = text_of(answer.text)
    assert answer.status_code == 200
    assert "Strike from Wed 6 January 2027" in said
    assert "Notice of ballot, to leave by hand by 17:00 on Fri 20 November 2026" in said
    table = answer.text[answer.text.index("mandate-plan__steps") :].split("</table>")[0]
    rows = [text_of(row) for row in table.split("<tr")[2:]]
    assert [row.split("> ")[-1][: len(name)] for row, name in zip(rows, STEP_NAMES.values(), strict=False)] == [
        *STEP_NAMES.values()
    ][:-1]
    assert "Thu 24 December 2026 Sun 27 December 2026 3 days 107 days" in rows[7]
    assert "Hangs on: first day of action. Fixed by: days of notice, closed offices." in rows[7]
    assert re.search(r'<th class="govuk-table__header" scope="col">Lawful until</th>', answer.text)
    assert answer.text.count("Why this date?") == len(StepName)
    assert "To go on from Thu 23 December 2027" in said


def test_the_drawing_has_words_beside_it(client: TestClient, made: Made) -> None:
    """Turns red if the timetable is a picture only, or its title and description are lost."""
    page = client.get("/plan", params=BACK).text
    assert '<title id="plan-days-title">From the decision to the strike</title>' in page
    assert "Voting is planned from Sunday 29 November 2026 to Wednesday 23 December 2026" in page
    assert page.count("<svg") == 2  # the masthead's and this one
    assert 'scope="col">Safe until</th>' in page
    said = text_of(page)
    assert "Left end: safe until; of the voting, its first day" in said
    assert "Right end: lawful until" in said
    assert "19 Nov 2026" in said  # the dates under the bars begin and end with a year
    assert page.count('class="mandate-chart__from"') == page.count('class="mandate-chart__to"') == 7
    near = client.get("/plan", params={**BACK, "today": "2026-11-10"}).text
    assert "Today, 10 November 2026" in text_of(near)
    assert 'class="mandate-chart__today"' in near


def test_what_is_too_late_is_folded_on_the_page(client: TestClient, made: Made) -> None:
    """Turns red if the page repeats the same stop for each step, or leaves out that no terms were given."""
    page = client.get("/plan", params={**BACK, "today": "2026-12-21"}).text
    assert (page.count("<code>plan_too_late</code>"), page.count("<code>school_terms_unknown</code>")) == (2, 1)
    past = client.get("/plan", params={"first_action": "2026-10-06", "today": "2026-11-22"}).text
    assert (past.count("<code>plan_too_late</code>"), past.count("<code>first_action_past</code>")) == (0, 1)


def test_forwards_counts_from_the_dashboard_s_day(client: TestClient, made: Made) -> None:
    """Turns red if a page without today plans from the machine's clock."""
    found = plan(Wish(today=date(2026, 9, 8), kind=ActionKind.ASOS), current_law())
    said = text_of(client.get("/plan", params={"kind": "asos"}).text)
    assert found.earliest_asos is not None
    assert f"Action short of a strike from {found.earliest_asos:%a} {found.earliest_asos.day}" in said
    assert "the earliest safe day" in said


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        (
            {"first_action": "06/01/2027"},
            {"first_action": "First day of action wanted: found '06/01/2027', wanted a day"},
        ),
        ({"first_action": "2027-02-30"}, {"first_action": "found '2027-02-30'"}),
        ({"today": "9999-12-31"}, {"today": "Today: found '9999-12-31', wanted a day before the year 9900"}),
        ({"opens_for": "two"}, {"opens_for": "Days of voting: found 'two', wanted a whole number of days"}),
        ({"opens_for": "0"}, {"opens_for": "Days of voting: found 0, wanted 1 day or more"}),
        ({"nation": "jersey"}, {"nation": "Nation: found 'jersey'"}),
        ({"channel": "pigeon"}, {"channel": "found 'pigeon', wanted one of hand, email, post"}),
        ({"kind": "picnic"}, {"kind": "found 'picnic', wanted one of strike, asos"}),
        ({"offices_closed": "Christmas"}, {"offices_closed": "offices are closed: found 'Christmas'"}),
        ({"school_closed": "2027-01-04..2026-12-21"}, {"school_closed": "does not end before it begins"}),
        ({"employer_agrees_shorter_notice": "perhaps"}, {"employer_agrees_shorter_notice": "found 'perhaps'"}),
        (
            {"first_action": "2027-01-06", "earlier_action_notice": "2027-02-01"},
            {"earlier_action_notice": "a day before"},
        ),
        ({"first_action": ["2027-01-06", "2027-01-07"]}, {"first_action": "wanted one value"}),
        ({"first-action": "2027-01-06"}, {"first-action": "nothing to ask called first-action"}),
        (
            {"opens_for": "-1", "today": "soon", "first_action": CANARY},
            {"opens_for": "", "today": "", "first_action": ""},
        ),
    ],
)
def test_what_cannot_be_planned_is_told_beside_its_field(
    client: TestClient, made: Made, asked: dict[str, Any], wrong: dict[str, str]
) -> None:
    """Turns red if an error names no field, leads nowhere, or is left out of either edge."""
    asked = {"today": "2026-11-10", **asked}
    page, answer = client.get("/plan", params=asked), client.get("/api/plan", params=asked)
    assert (page.status_code, answer.status_code) == (422, 422)
    assert "<title>Error: Plan a ballot" in page.text
    assert CANARY not in page.text
    assert {finding["where"] for finding in answer.json()["findings"]} == set(wrong)
    summary = page.text.split('class="govuk-error-summary"')[1].split("<h1")[0]
    for name, words in wrong.items():
        told: str = next(each["sentence"] for each in answer.json()["findings"] if each["where"] == name)
        assert words in told
        assert f'href="#{name if name != "first-action" else "wish"}"' in summary
        assert re.search(rf'id="{name if name != "first-action" else "wish"}"', page.text)


def test_an_assumption_is_refused_with_the_reason(client: TestClient, made: Made) -> None:
    """Turns red if `assume` is taken and passed over, or refused without a word why."""
    answer = client.get("/api/plan", params={**BACK, "assume": "end-of-turnout-test=2027-01-01"})
    (finding,) = answer.json()["findings"]
    assert (answer.status_code, finding["where"]) == (422, "assume")
    assert "no planned change bears on a day of a plan" in finding["sentence"]


def test_what_was_typed_stays(client: TestClient, made: Made) -> None:
    """Turns red if a form with an error forgets the rest, or gives a field for days what a browser takes from it."""
    asked = {
        "first_action": "6 January",
        "opens_for": "no",
        "school_closed": "2026-12-21..2027-01-04",
        "channel": "post",
    }
    page = client.get("/plan", params=asked).text
    assert re.search(r'id="first_action" name="first_action" type="text"[^>]* value="6 January"', page)
    assert ">2026-12-21..2027-01-04</textarea>" in page
    assert re.search(r'value="post"\s+checked', page)
    assert '<details class="govuk-details" open>' in page


def test_no_law_no_plan(client: TestClient, made: Made) -> None:
    """Turns red if a refusal by a rule is an error of the form, or a page without steps breaks."""
    for asked, code in (
        ({"first_action": "1990-01-08"}, "no_law_in_force"),
        ({"nation": "northern-ireland", "first_action": "2027-01-06"}, "unsupported_jurisdiction"),
    ):
        page, answer = client.get("/plan", params=asked), client.get("/api/plan", params=asked)
        assert (page.status_code, answer.status_code) == (200, 200)
        assert code in page.text
        assert [each["code"] for each in answer.json()["findings"]] == [code]


def test_the_api_gives_the_command_line_s_document(client: TestClient, made: Made) -> None:
    """Turns red if the two edges differ in a key, or the API reads the clock."""
    asked = {
        **BACK,
        "nation": "wales",
        "kind": "asos",
        "offices_closed": ["2026-12-21..2026-12-24", "2026-11-20"],
        "school_closed": "2026-12-21..2027-01-04",
        "employer_agrees_shorter_notice": "true",
        "earlier_action_notice": "2026-02-01",
        "today": "2026-11-10",
    }
    wish = Wish(
        first_action_on=date(2027, 1, 6),
        today=date(2026, 11, 10),
        nation=Nation.WALES,
        channel=Channel.HAND,
        opens_for=24,
        agrees_shorter_notice=True,
        earlier_action_notice_on=date(2026, 2, 1),
        kind=ActionKind.ASOS,
        offices_closed=((date(2026, 12, 21), date(2026, 12, 24)), (date(2026, 11, 20), date(2026, 11, 20))),
        school_closed=((date(2026, 12, 21), date(2027, 1, 4)),),
    )
    answer = client.get("/api/plan", params=asked)
    assert answer.status_code == 200
    assert answer.json() == plain(document(wish, plan(wish, current_law())))
    bare = client.get("/api/plan", params=BACK).json()
    assert (bare["today"], bare["steps"][0]["slack_days"]) == (None, None)
    assert client.get("/api/plan").json()["findings"][0]["where"] == "first_action"


def test_a_case_brings_its_nation_and_its_employer(client: TestClient, made: Made, database: Database) -> None:
    """Turns red if a case's page leads to no plan, or the plan forgets whom it is for."""
    ref = made(at_ballot)
    case = client.get(f"/cases/{ref}").text
    assert f'href="/plan?case={ref}"' in case
    with unit_of_work("staff:test", on=database) as uow:
        uow.session.scalars(select(Workplace)).one().nation = Nation.WALES
    page = client.get("/plan", params={"case": ref}).text
    assert re.search(r'<option value="wales" selected', page)
    assert f'<input type="hidden" name="case" value="{ref}">' in page
    assert "who has to receive the papers" in page
    assert "The steps" not in page
    assert client.get("/plan", params={"case": "2026-9999"}).status_code == 404


def in_dispute(uow: UnitOfWork) -> Case:
    case = refused(uow)
    declare_dispute(uow, case.id)
    return case


def refused(uow: UnitOfWork) -> Case:
    case = a_case(uow)
    a_member(uow, case.workplace)
    happen(uow, case, *UP_TO_NEGOTIATION, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    return case


def test_the_days_of_a_plan_are_in_the_form_that_authorises_it(client: TestClient, made: Made) -> None:
    """Turns red if the link leads to an empty form, or to a day or a kind of action that was not planned."""
    ref = made(in_dispute)
    page = client.get("/plan", params={**BACK, "case": ref, "kind": "asos"}).text
    (href,) = re.findall(r'href="(/cases/[^"]*act=ballot_authorised[^"]*)"', page)
    form = client.get(unescape(href)).text
    for field, value in {
        "opens_on-day": "29", "opens_on-month": "11", "opens_on-year": "2026",
        "closes_on-day": "23", "closes_on-month": "12", "closes_on-year": "2026",
    }.items():  # fmt: skip
        assert re.search(rf'name="{field}"[^>]* value="{value}"', form), field
    assert re.search(r'name="questions"[^>]* value="asos"\s+checked', form)
    assert not re.search(r'name="questions"[^>]* value="strike"\s+checked', form)


def test_a_plan_whose_ballot_would_have_opened_leads_to_none(client: TestClient, made: Made) -> None:
    """Turns red if a ballot is offered on days that are over: it stands at 8 September 2026."""
    ref = made(in_dispute)
    for first_action, offered in (("2025-01-06", False), ("2026-10-07", False), ("2026-10-09", True)):
        page = client.get("/plan", params={"first_action": first_action, "case": ref}).text
        assert ("act=ballot_authorised" in page) is offered, first_action


def test_a_plan_leads_to_the_act_before_the_ballot(client: TestClient, made: Made) -> None:
    """Turns red if a plan offers a ballot before the dispute is declared, or to somebody whose case has one."""
    page = client.get("/plan", params={**BACK, "case": made(refused)}).text
    assert "act=dispute_declared#record" in page
    assert "act=ballot_authorised" not in page
    assert "act=ballot_authorised" not in client.get("/plan", params=BACK).text
    assert "act=ballot_authorised" not in client.get("/plan", params={**BACK, "case": made(at_ballot)}).text


def test_a_bank_holiday_that_was_added_counts(client: TestClient, made: Made, database: Database) -> None:
    """Turns red if a route plans by the calendar's own holidays only, or by those of another nation."""
    with unit_of_work("staff:test", on=database) as uow:
        for nation, on in ((Nation.ENGLAND, date(2026, 12, 24)), (Nation.WALES, date(2026, 12, 23))):
            told = {
                "name": "Day of mourning",
                "added_by": "A. Ashdown",
                "source": "proclamation",
                "recorded_by": "test",
            }
            row = ExtraHoliday(nation=nation, day=on, added_on=uow.today, recorded_at=uow.now, **told)
            uow.session.add(row)
    answer = client.get("/api/plan", params=BACK).json()
    notice = next(step for step in answer["steps"] if step["step"] == "action_notice")
    assert (notice["latest_lawful"], notice["latest_safe"]) == ("2026-12-27", "2026-12-23")
    assert "Wed 23 December 2026 Sun 27 December 2026" in text_of(client.get("/plan", params=BACK).text)
