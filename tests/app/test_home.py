"""The home page: what needs whoever looks, in the order of the law; the board below it with its filters."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.today import Viewer, today
from ballots.models import Ballot
from casework.cases import Case
from casework.deadlines import Deadline, DeadlineKind, set_deadline
from casework.needs import Need, NeedKind, Urgency
from casework.pay.models import Claim, ClaimState
from casework.people.roles import Grant, Role
from casework.register.models import Member, Officer
from core.clock import set_stored_clock
from core.db import Database
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications import tasks
from notifications.models import Notice
from notifications.tasks import TaskKind
from tests.app.conftest import STANDS_AT, Command
from tests.app.signed_in import signed_in
from tests.ballots.scenes import disputed, planned
from tests.builders import (
    UP_TO_HEAD,
    a_case,
    a_member,
    a_workplace,
    an_association,
    an_employer,
    an_officer,
    at_pay,
    happen,
)
from tests.casework.test_deadlines import WHY

TODAY = STANDS_AT.date()
NOTHING = "Nothing needs anybody today."
Made = Callable[[Callable[[UnitOfWork], Case]], str]


@pytest.fixture
def database(migrated: Database) -> Database:
    """Pages, API and commands look at one database."""
    return migrated


def due(kind: DeadlineKind, days: int, officer: Officer | None = None) -> Callable[[UnitOfWork], Case]:
    def make(uow: UnitOfWork) -> Case:
        case = a_case(uow)
        case.officer_id = officer.id if officer else None
        set_deadline(uow, case.id, kind, TODAY + timedelta(days=days), WHY)
        return case

    return make


def needs(client: TestClient, **given: str) -> list[dict[str, Any]]:
    found = client.get("/api/today", params=given).json()["needs"]
    assert isinstance(found, list)
    return found


def of_home(page: str) -> str:
    """The page above the board: what needs somebody."""
    return page.partition('id="board"')[0]


def test_a_quiet_morning_says_so_plainly(client: TestClient, command: Command) -> None:
    """Turns red if an empty list leaves an empty page."""
    assert NOTHING in of_home(client.get("/").text)
    assert client.get("/api/today").json() == {
        "as_of": "2026-09-08",
        "total": 0,
        "counts": {},
        "needs": [],
        "after": None,
    }
    assert "Nothing needs anybody on Tuesday 8 September 2026." in command("today").out


def test_what_breaks_the_law_stands_before_what_is_late_by_practice(
    client: TestClient, made: Made, command: Command
) -> None:
    """Turns red if `urgency_of` forgets which days are the law's, or the order is by day alone."""
    practice = made(due(DeadlineKind.OFFICER_ACCEPTS, -6))
    amber = made(due(DeadlineKind.RESULT_TO_MEMBERS, 6))
    broken = made(due(DeadlineKind.RESULT_TO_EMPLOYERS, -1))
    red = made(due(DeadlineKind.BALLOT_NOTICE_RECEIVED, 1))
    opens = made(due(DeadlineKind.BALLOT_OPENS, 1))
    made(due(DeadlineKind.RESULT_TO_MEMBERS, 30))
    found = [(each["case_ref"], each["urgency"]) for each in needs(client)]
    assert found == [
        (broken, "law_broken"),
        (red, "law_red"),
        (opens, "law_red"),
        (amber, "law_amber"),
        (practice, "late"),
    ]
    page = of_home(client.get("/").text)
    assert [page.index(f"/cases/{ref}") for ref, _ in found] == sorted(page.index(f"/cases/{ref}") for ref, _ in found)
    assert "4 matters of law stand first" in page
    assert "Hard stop: 1 day late" in page
    told = command("today", "--json").document
    assert [(each["case_ref"], each["days_to_spare"]) for each in told["needs"]][:2] == [(broken, -1), (red, 1)]
    assert told["counts"] == {"law_broken": 1, "law_red": 2, "law_amber": 1, "late": 1}


def test_each_says_why_who_and_leads_to_the_form(client: TestClient, made: Made) -> None:
    """Turns red if a need does not lead to the act that meets it, or keeps the reason of its day to itself."""
    ref = made(lambda uow: _at_head(uow))
    [need] = needs(client)
    assert (need["href"], need["does"]) == (
        f"/cases/{ref}?act=head_met#record",
        "Record the meeting with the head teacher",
    )
    assert need["who"].startswith("The head teacher")
    assert need["why"]["rule"]
    page = of_home(client.get("/").text)
    assert "Why this date?" in page
    assert client.get(need["href"]).status_code == 200


def _at_head(uow: UnitOfWork) -> Case:
    case = a_case(uow)
    happen(uow, case, *UP_TO_HEAD)
    set_deadline(uow, case.id, DeadlineKind.HEAD_ANSWER, TODAY + timedelta(days=1), WHY)
    return case


def test_an_auditor_is_led_to_the_case_and_to_no_form(made: Made, database: Database) -> None:
    """Turns red if `form_of` does not ask what the roles reach."""
    ref = made(_at_head)
    with signed_in(database, Grant(Role.AUDITOR)) as client:
        [need] = needs(client)
    assert need["href"] == f"/cases/{ref}#next"


def test_ones_own_cases_come_first_whatever_others_have(database: Database, made: Made) -> None:
    """Turns red if own and others are one list, or the limit is used up by others' before one's own are read."""
    with unit_of_work("staff:test", on=database) as uow:
        officer = an_officer(uow)
    for _ in range(3):
        made(due(DeadlineKind.RESULT_TO_EMPLOYERS, -3))
    own = made(due(DeadlineKind.OFFICER_ACCEPTS, 1, officer))
    with reading(on=database) as uow:
        found = today(uow, Viewer("officer:x", officer.id), 1)
        assert [each.case_ref for each in found.own] == [own]
        assert [each.urgency for each in found.others] == [Urgency.LAW_BROKEN]
        assert (found.total, len(found.listed)) == (4, 2)
        only = today(uow, Viewer("staff:x", None, only=officer.id))
        assert [each.case_ref for each in only.listed] == [own]
    with signed_in(database, Grant(Role.NATIONAL_OFFICIAL), officer_id=officer.id) as client:
        page = of_home(client.get("/").text)
    assert page.index("Your cases") < page.index(own) < page.index("Other cases that you see")


def test_nothing_of_another_association_is_shown_or_counted(database: Database, made: Made) -> None:
    """Turns red if a source asks a table past the narrowing."""
    theirs = made(due(DeadlineKind.RESULT_TO_EMPLOYERS, -1))
    waiting = made(lambda uow: planned(disputed(uow)).case)
    with unit_of_work("staff:test", on=database) as uow:
        elsewhere = an_association(uow).id
        uow.session.execute(update(Case).values(raised_on=date(2026, 1, 1)))
    for role in (Role.ASSOCIATION_SECRETARY, Role.CASEWORKER, Role.BALLOT_TEAM):
        with signed_in(database, Grant(role, elsewhere)) as client:
            page = client.get("/").text
            assert NOTHING in page
            assert theirs not in page
            assert waiting not in page
            assert client.get("/api/today").json()["total"] == 0
            assert theirs not in client.get("/cases.csv").text


def test_papers_wait_for_whoever_may_approve_them_and_did_not_authorise_them(database: Database, made: Made) -> None:
    """Turns red if an approval is shown that the act would refuse: to who authorised it, or to who has no such role."""
    ref = made(lambda uow: planned(disputed(uow)).case)
    with unit_of_work("staff:test", on=database) as uow:
        first, second = an_officer(uow), an_officer(uow)
        uow.session.execute(update(Ballot).values(authorised_by=f"officer:{first.id}"))
    shown = {}
    for name, role, officer in (
        ("author", Role.NATIONAL_OFFICIAL, first.id),
        ("second", Role.BALLOT_TEAM, second.id),
        ("approver of claims", Role.FINANCE_APPROVER, None),
    ):
        with signed_in(database, Grant(role), officer_id=officer) as client:
            shown[name] = [each["href"] for each in needs(client) if each["kind"] == NeedKind.APPROVE_PAPERS]
    assert shown == {
        "author": [],
        "second": [f"/cases/{ref}?act=ballot_notices_approved#record"],
        "approver of claims": [],
    }


def test_claims_wait_for_a_second_person_and_not_for_the_claimant(database: Database, made: Made) -> None:
    """Turns red if whoever gave the first approval is asked for the second, or a claimant for their own."""
    days = date(2026, 9, 1)

    def make(uow: UnitOfWork) -> Case:
        case = at_pay(uow, days)
        member = a_member(uow, case.workplace)
        claim = Claim(
            case_id=case.id, member_id=member.id, round=1, state=ClaimState.APPROVED_ONCE, submitted_on=days,
            payslip_pence=100_00, payable_pence=100_00, evidence_sha256="0" * 64,
        )  # fmt: skip
        uow.session.add(claim)
        return case

    ref = made(make)
    with unit_of_work("staff:test", on=database) as uow:
        first, second = an_officer(uow), an_officer(uow)
        uow.session.execute(update(Claim).values(first_approver=f"officer:{first.id}"))
    assert _claims_for(database, first.id) == []
    [need] = _claims_for(database, second.id)
    assert need["href"] == f"/cases/{ref}?act=claim_approved#record"
    assert need["what"] == "1 claim for lost pay to approve, £100.00 in all"
    with unit_of_work("staff:test", on=database) as uow:
        claimant = uow.session.scalars(select(Member)).one()
        own = an_officer(uow, email=claimant.email.upper())
    assert _claims_for(database, own.id) == []


def _claims_for(database: Database, officer_id: uuid.UUID) -> list[dict[str, Any]]:
    with signed_in(database, Grant(Role.FINANCE_APPROVER), officer_id=officer_id) as client:
        return [each for each in needs(client) if each["kind"] == NeedKind.APPROVE_CLAIMS]


def test_what_only_a_person_can_serve_is_asked_with_its_moment(
    client: TestClient, made: Made, database: Database
) -> None:
    """Turns red if a task that is open is left out, or one that is done is shown."""
    ref = made(lambda uow: planned(disputed(uow)).case)
    with unit_of_work("staff:test", on=database) as uow:
        notice = uow.session.scalars(select(Notice.id).where(Notice.kind == "notice_of_ballot")).first()
        assert notice
        by = datetime(2026, 9, 9, 11, 0, tzinfo=UTC)
        task = tasks.ask(uow, notice, TaskKind.CHECK_ADDRESS, "the mail bounced", by)
    [need] = [each for each in needs(client) if each["kind"] == NeedKind.SERVE]
    assert (need["case_ref"], need["due_on"], need["href"]) == (ref, "2026-09-09", f"/service#task-{task.id}")
    assert "Check the address" in need["what"]
    with unit_of_work("staff:test", on=database) as uow:
        tasks.done(uow, task.id, "staff:test", "rang them")
    assert [each for each in needs(client) if each["kind"] == NeedKind.SERVE] == []


def test_a_case_goes_quiet_by_the_unions_figure_and_not_while_it_rests(
    client: TestClient, made: Made, database: Database
) -> None:
    """Turns red if the last event is not the one that counts, or a resting case is woken by the page."""
    ref = made(a_case)
    assert needs(client) == []
    _clock(database, 20)
    assert needs(client) == []
    _clock(database, 30)
    [need] = needs(client)
    assert (need["kind"], need["case_ref"], need["urgency"]) == ("quiet_case", ref, "quiet")
    assert "MANDATE_QUIET_DAYS" in need["why"]["citation"]["provision"]
    with unit_of_work("staff:test", on=database) as uow:
        case = uow.session.scalars(select(Case)).one()
        case.wake_on = date(2027, 1, 1)
    assert needs(client) == []


def _clock(database: Database, days: int) -> None:
    with unit_of_work("staff:test", on=database) as uow:
        set_stored_clock(uow.session, STANDS_AT + timedelta(days=days))


def test_a_mandate_runs_out_weeks_before_its_last_day(client: TestClient, made: Made, database: Database) -> None:
    """Turns red if only the last week of a mandate is told, or it is told twice."""
    ref = made(due(DeadlineKind.MANDATE_ENDS, 50))
    [need] = needs(client)
    assert (need["case_ref"], need["urgency"], need["href"]) == (ref, "law_amber", f"/cases/{ref}#mandates")
    with unit_of_work("staff:test", on=database) as uow:
        uow.session.execute(update(Deadline).values(due_on=TODAY + timedelta(days=57)))
    assert needs(client) == []


# The board


def placed(uow: UnitOfWork, **changes: Any) -> Case:
    employer = an_employer(uow, name=changes.pop("employer", "Plain Council"))
    issue = changes.pop("issue", "meetings")
    return a_case(uow, a_workplace(uow, employer=employer, **changes), (issue,))


@pytest.fixture
def two(made: Made) -> tuple[str, str]:
    """A case in Camden with a trust over observation, and another."""
    one = made(
        lambda uow: placed(uow, la_code="202", la_name="Camden", employer="Aspire Academy Trust", issue="observation")
    )
    return one, made(placed)


@pytest.mark.parametrize(
    "given",
    [
        {"authority": "202"},
        {"region": "london"},
        {"employer": "trust aspire"},
        {"issue": "observation"},
        {"stage": "raised", "authority": "202"},
    ],
)
def test_every_filter_narrows_page_file_command_and_api(
    client: TestClient, command: Command, two: tuple[str, str], given: dict[str, str]
) -> None:
    """Turns red if `Filters.narrowed` leaves one out, or the file shows other cases than the page."""
    shown, hidden = two
    page = client.get("/", params=given).text
    assert shown in page
    assert hidden not in page
    assert "1 case matches" in page
    assert [each["ref"] for each in client.get("/api/cases", params=given).json()["cases"]] == [shown]
    rows = list(csv.DictReader(io.StringIO(client.get("/cases.csv", params=given).text)))
    assert [row["case"] for row in rows] == [shown]
    assert rows[0]["local authority"] == "Camden"
    options = [word for name, value in given.items() for word in (f"--{name}", value)]
    assert [each["ref"] for each in command("case", "list", *options, "--json").document["cases"]] == [shown]


def test_a_filter_is_taken_off_by_its_own_link(client: TestClient, two: tuple[str, str]) -> None:
    """Turns red if the link keeps the filter, or drops the others."""
    page = client.get("/", params={"authority": "202", "issue": "observation"}).text
    assert "Local authority: <strong>Camden</strong>" in page
    assert "Region: <strong>London</strong>" in client.get("/?region=london").text
    offered = re.findall(r'<option value="([a-z-]+)"[^>]*>(?:London|South East|Wales)<', page)
    assert offered == ["london", "south-east"]
    links = re.findall(r'href="/\?([^"]*)"><span aria-hidden', page)
    assert links == ["issue=observation", "authority=202"]
    assert two[0] in client.get("/?" + links[0]).text


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"stage": "lost"}, "stage"),
        ({"officer": "jo"}, "officer"),
        ({"issue": "x"}, "issue"),
        ({"region": "mercia"}, "region"),
        ({"employer": "a\0"}, "employer"),
        ({"authority": "9" * 300}, "authority"),
    ],
)
def test_a_filter_that_cannot_be_used_is_refused_by_name(client: TestClient, given: dict[str, str], field: str) -> None:
    """Turns red if an unusable filter is passed over, so that everything is shown as if it matched."""
    for address in ("/", "/cases.csv", "/api/cases"):
        refused = client.get(address, params=given)
        assert refused.status_code == 422
        assert field in refused.text


def test_a_case_ages_at_its_stage_and_a_new_stage_is_young(client: TestClient, made: Made, database: Database) -> None:
    """Turns red if the age is counted from when the case was raised, or its colour stands without the word."""
    ref = made(a_case)
    _clock(database, 28)
    assert "◐ Amber: at this stage for 28 days" in client.get("/").text
    _clock(database, 56)
    assert "▲ Red: at this stage for 56 days" in client.get("/").text
    with unit_of_work("staff:test", on=database) as uow:
        case = uow.session.scalars(select(Case).where(Case.ref == ref)).one()
        happen(uow, case, UP_TO_HEAD[0])
    assert "At this stage since today" in client.get("/").text


def test_no_cell_of_the_file_is_a_formula(client: TestClient, made: Made) -> None:
    """Turns red if a cell goes into the file as the register has it."""
    made(lambda uow: placed(uow, name="=HYPERLINK(1)", employer="@trust"))
    told = client.get("/cases.csv").text
    assert ",=HYPER" not in told
    assert ",@trust" not in told


def test_what_a_need_is_said_of_is_never_a_member() -> None:
    """Turns red when a need gets a field that could name somebody."""
    assert not {"member", "name", "membership_number"} & set(Need.__dataclass_fields__)
