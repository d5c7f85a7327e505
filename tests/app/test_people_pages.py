"""The pages of signing in and of accounts: errors that lead to their fields, roles and their places, what was done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from app import people_views, signing_in
from casework.people import accounts, given_roles
from casework.people.models import Account
from casework.people.roles import DUTIES, NEVER_TOGETHER, Grant, Reach, Role
from core.db import Database
from core.errors import BadInput
from core.history import HistoryEntry
from core.unit_of_work import reading, unit_of_work
from tests.app.signed_in import an_account, nobody, signed_in
from tests.app.test_sign_in import GOOD, code_of, first_link, says, set_up
from tests.builders import a_workplace, an_officer

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
REACHED = {
    Reach.UNION: ("the whole union", "every case"),
    Reach.ASSOCIATION: ("an association", "every case of the association"),
    Reach.OWN_CASES: ("an association", "its cases that are assigned to them, or to nobody yet"),
    Reach.WORKPLACE: ("a workplace", "every case of the workplace, without members’ data"),
    Reach.NO_CASE: ("the whole union", "no case"),
}


@pytest.fixture
def operator(database: Database) -> Iterator[TestClient]:
    with signed_in(database, Grant(Role.OPERATOR)) as client:
        yield client


@pytest.fixture
def stranger(database: Database) -> Iterator[TestClient]:
    with nobody(database) as client:
        yield client


def links_of_the_summary(answer: Response) -> list[str]:
    """Where the links of an error summary lead; every one has to lead to something on the page."""
    found = re.search(r'class="govuk-error-summary__body">.*?</ul>', answer.text, re.DOTALL)
    assert found is not None, says(answer)
    links = re.findall(r'href="([^"]*)"', found[0])
    ids = re.findall(r'\bid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids))
    assert [each for each in links if each.removeprefix("#") not in ids] == []
    return links


@pytest.mark.parametrize(
    ("changed", "link"),
    [
        ({"name": " "}, "#name"),
        ({"email": "no address"}, "#email"),
        ({"role": "king"}, "#role"),
        ({"role": "caseworker"}, "#place"),
        ({"role": "workplace_rep", "place": "Brightwell"}, "#place"),
        ({"role": "auditor", "place": "Brightwell"}, "#place"),
        ({"officer": "nobody"}, "#officer"),
    ],
)
def test_an_error_of_a_new_account_leads_to_its_field(operator: TestClient, changed: dict[str, str], link: str) -> None:
    """Turns red if a link of the summary leads nowhere."""
    typed = {"name": "Kim Fernshaw", "email": "kim@union.test", "role": "ballot_team", "place": ""}
    answer = operator.post("/people", data={**typed, **changed})
    assert answer.status_code == 422
    assert links_of_the_summary(answer) == [link]
    assert 'id="' + link[1:] + '-error"' in answer.text
    assert "_team" not in says(answer)


def test_an_error_of_a_person_leads_to_its_field(operator: TestClient, database: Database) -> None:
    """Turns red if a link of the summary leads nowhere, also on one's own page, which has no fields."""
    other = f"/people/{an_account(database, [Grant(Role.FINANCE_PREPARER)])}"
    wrong = operator.post(f"{other}/roles/give", data={"role": "caseworker", "place": "nowhere"})
    assert links_of_the_summary(wrong) == ["#place"]
    assert 'value="nowhere"' in wrong.text
    assert links_of_the_summary(operator.post(f"{other}/roles/give", data={"role": "king"})) == ["#role"]
    apart = operator.post(f"{other}/roles/give", data={"role": "finance_approver"})
    assert links_of_the_summary(apart) == ["#main-content"]
    own = re.findall(r'href="(/people/[0-9a-f-]{36})"', operator.get("/people").text)
    for each in own:
        refused = operator.post(f"{each}/roles/give", data={"role": "caseworker", "place": "nowhere"})
        links_of_the_summary(refused)


def test_a_wrong_password_is_told_at_the_field_and_too_many_tries_at_none(
    stranger: TestClient, database: Database
) -> None:
    """Turns red if the page blames the mail address for tries that were too many."""
    set_up(stranger, database)
    stranger.post("/sign-out")
    wrong = {"email": "kim@union.test", "password": "otter-lamp-nine", "next": "/"}
    answers = [stranger.post("/sign-in", data=wrong) for _ in range(6)]
    assert links_of_the_summary(answers[0]) == ["#email"]
    assert 'id="email-error"' in answers[0].text
    assert answers[5].status_code == 429
    assert links_of_the_summary(answers[5]) == []
    assert "-error" not in re.sub(r"govuk-error-[\w-]*", "", answers[5].text)


def test_errors_of_the_way_in_lead_to_their_fields(stranger: TestClient, database: Database) -> None:
    link = first_link(database)
    typed = {"name": "Jo Rowanmere", "email": "jo@union.test", "password": "otter-lamp-seven", "again": "other"}
    assert links_of_the_summary(stranger.post(link, data=typed)) == ["#again"]
    nothing = {"name": "", "email": "jo", "password": "short", "again": ""}
    assert links_of_the_summary(stranger.post(link, data=nothing)) == ["#name", "#email", "#password", "#again"]
    assert stranger.post(link, data={**typed, "again": typed["password"]}).status_code == 303
    secret = re.findall(r'name="secret" value="(\w+)"', stranger.get("/second-factor").text)[0]
    wrong = stranger.post("/second-factor", data={"secret": secret, "code": "000000", "next": "/"})
    assert links_of_the_summary(wrong) == ["#code"]


@pytest.mark.parametrize(
    ("path", "typed", "links"),
    [
        ("password", {"old": "x", "password": "otter-lamp-seven", "again": "otter-lamp-seven"}, ["#old"]),
        ("password", {"old": "x", "password": "short", "again": "other"}, ["#old", "#password", "#again"]),
        ("recovery-codes", {"code": "000000"}, ["#code"]),
        ("tokens", {"label": "reports", "may": "act", "days": "7", "token-code": "000000"}, ["#token-code"]),
        (
            "tokens",
            {"label": " ", "may": "all", "roles": "nobody's", "days": "", "token-code": ""},
            ["#label", "#may", "#roles", "#days", "#token-code"],
        ),
        ("digest", {"rhythm": "hourly", "parts": "everything"}, ["#rhythm", "#parts"]),
    ],
)
def test_every_error_of_ones_account_leads_to_its_field(
    operator: TestClient, path: str, typed: dict[str, str], links: list[str], database: Database
) -> None:
    """
    Turns red if `require_each` ends at the first fault: then a form is sent as often as it has faults; or if a wrong
    code goes off the record with the rest of its request.
    """
    answer = operator.post(f"/account/{path}", data=typed)
    assert answer.status_code == 422
    assert links_of_the_summary(answer) == links
    with reading(on=database) as uow:
        noted = uow.session.scalars(select(HistoryEntry).where(HistoryEntry.action == accounts.CODE_REFUSED)).all()
    assert len(noted) == len({"#code", "#token-code"}.intersection(links))


def test_every_error_of_a_new_account_leads_to_its_field(operator: TestClient) -> None:
    """Turns red if the address of a new account is judged only once its name can stand, or its role before both."""
    answer = operator.post("/people", data={"name": " ", "email": "jo", "role": "", "place": "", "officer": "x"})
    assert answer.status_code == 422
    assert links_of_the_summary(answer) == ["#name", "#email", "#role", "#officer"]


def test_what_was_typed_of_a_token_is_kept(operator: TestClient) -> None:
    typed = {"label": "reports", "may": "act", "days": "7", "token-code": "000000"}
    page = operator.post("/account/tokens", data=typed).text
    assert 'value="reports"' in page
    assert 'value="7"' in page
    assert re.search(r'value="act" checked', page)


def test_the_place_of_a_role_is_chosen_from_the_associations(operator: TestClient, database: Database) -> None:
    with unit_of_work("staff:test", on=database) as uow:
        name = a_workplace(uow).association.name
    page = operator.get("/people")
    assert f'<option value="{name}">' in page.text
    assert "Association secretary and caseworker: an association. Workplace rep: a workplace." in says(page)
    made = operator.post(
        "/people", data={"name": "Kim", "email": "kim@union.test", "role": "caseworker", "place": name.upper()}
    )
    assert made.status_code == 200
    refused = operator.post("/people", data={"name": "Al", "email": "al@union.test", "role": "caseworker"})
    assert "mandate " not in says(refused).split("People Who may sign in")[0]


def test_every_role_says_whether_it_wants_a_place(database: Database) -> None:
    """Turns red if the hint says something else of a role than what is asked for."""
    somewhere = {Reach.ASSOCIATION, Reach.OWN_CASES, Reach.WORKPLACE}
    named = {role for role in Role if role.label.lower() in people_views.WHERE_HINT.lower()}
    assert named == {role for role in Role if somewhere & set(DUTIES[role].reaches)}
    with reading(on=database) as uow:
        for role in set(Role) - named:
            with pytest.raises(BadInput, match="nothing: "):
                people_views.read_grant(uow, role, "somewhere")


def test_a_caseworker_who_is_no_officer_is_pointed_out(operator: TestClient, database: Database) -> None:
    """Turns red if an operator is not told that no case can be assigned to the account."""
    with unit_of_work("staff:test", on=database) as uow:
        association = a_workplace(uow).association
        grant, officer_id = Grant(Role.CASEWORKER, association_id=association.id), an_officer(uow, association).id
    alone, officer = an_account(database, [grant]), an_account(database, [grant], officer_id)
    assert "nobody among the officers" in says(operator.get(f"/people/{alone}"))
    assert "nobody among the officers" not in says(operator.get(f"/people/{officer}"))


def test_what_was_done_to_an_account_is_told(stranger: TestClient, database: Database) -> None:
    set_up(stranger, database)
    page = f"/people/{an_account(database, [Grant(Role.FINANCE_PREPARER)])}"
    for path, role, told in (
        ("roles/give", "ballot_team", "The role is given."),
        ("roles/take", "ballot_team", "The role is taken away."),
        ("close", "", "The account is closed."),
        ("open", "", "The account is open again."),
    ):
        answer = stranger.post(f"{page}/{path}", data={"role": role})
        assert answer.status_code == 303
        shown = stranger.get(answer.headers["location"])
        assert re.search(r'class="govuk-notification-banner govuk-notification-banner--success"', shown.text)
        assert told in says(shown)


def test_an_account_that_waits_to_be_confirmed_says_so_wherever_its_owner_or_maker_looks(
    operator: TestClient, database: Database
) -> None:
    """Turns red if whoever made the account, or whoever holds it, is not told why its roles reach nothing yet."""
    told = operator.post("/people", data={"name": "Kim", "email": "kim@union.test", "role": "ballot_team", "place": ""})
    assert "may do nothing until its roles are confirmed" in says(told)
    assert "mandate user confirm kim@union.test" in says(told)
    with nobody(database) as kim:
        link = re.findall(r"/welcome/[\w-]+", told.text)[0]
        assert kim.post(link, data={"password": GOOD, "again": GOOD}).status_code == 303
        secret = re.findall(r'name="secret" value="(\w+)"', kim.get("/second-factor").text)[0]
        kim.post("/second-factor", data={"secret": secret, "code": code_of(secret), "next": "/"})
        assert "Your roles wait to be confirmed" in says(kim.get("/account"))
        refused = kim.get("/service")
        assert refused.status_code == 403
        assert "None of your roles stands yet" in says(refused)
        with unit_of_work("staff:command-line", on=database) as uow:
            account = accounts.by_email(uow, "kim@union.test")
            assert account is not None
            accounts.confirm(uow, account.id)
        assert "wait to be confirmed" not in says(kim.get("/account"))
        assert kim.get("/service").status_code == 200


def test_an_operator_confirms_the_roles_that_they_were_shown(operator: TestClient, database: Database) -> None:
    """Turns red if a role that was given after the page was opened is confirmed with the others."""
    with unit_of_work("account:another", on=database) as uow:
        who = accounts.newcomer(uow, "Kim Fernshaw", "kim@union.test")
        kim = accounts.add(uow, who, [Grant(Role.BALLOT_TEAM)], signing_in.now())
        made, page = kim.id, f"/people/{kim.id}"

    def shown() -> list[str]:
        form = operator.get(page).text.split(f'action="{page}/confirm"')[1].partition("</form>")[0]
        return re.findall(r'name="role" value="([^"]+)"', form)

    before = shown()
    with unit_of_work("account:another", on=database) as uow:
        held = accounts.get_for_update(uow, made).grants
        uow.session.get_one(Account, made).roles = given_roles.holdable(uow, [*held, Grant(Role.FINANCE_APPROVER)])
    refused = operator.post(f"{page}/confirm", data={"role": before})
    assert (refused.status_code, len(before)) == (409, 1)
    assert "changed since you were shown them" in says(refused)
    assert operator.post(f"{page}/confirm", data={"role": shown()}).status_code == 303
    with reading(on=database) as uow:
        assert len(uow.session.get_one(Account, made).standing_grants) == 2


def test_how_an_account_stands_is_true_when_its_link_is_over(operator: TestClient, database: Database) -> None:
    """Turns red if the page promises a link that is worth nothing any more."""
    with unit_of_work("staff:test", on=database) as uow:
        at = signing_in.now()
        account = accounts.add(uow, accounts.newcomer(uow, "Kim Fernshaw", "kim@union.test"), [Grant(Role.AUDITOR)], at)
        line = people_views.person(uow, account.id)
    assert line.standing.startswith("not set up yet")
    assert "link to take up" not in says(operator.get("/people"))


def test_nothing_stands_above_a_page_of_nobody(stranger: TestClient) -> None:
    assert 'aria-label="About this page"' not in stranger.get("/sign-in").text


def test_the_roles_in_the_operations_are_those_of_the_program() -> None:
    """Turns red if docs/operations.md says something of a role that the program does not hold."""
    text = OPERATIONS.read_text()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    told = [
        f"| `{role.value}` | {duty.does} | {' or '.join(REACHED[each][0] for each in duty.reaches)} "
        f"| {' or '.join(REACHED[each][1] for each in duty.reaches)} |"
        for role, duty in DUTIES.items()
    ]
    assert [line for line in rows if line.split("`")[1] in set(Role)] == told


def test_the_pairs_in_the_operations_are_those_that_are_never_one_persons() -> None:
    """Turns red if docs/operations.md names other pairs than the program refuses."""
    told = {
        frozenset({Role(one), Role(other)})
        for one, other in re.findall(r"^- `(\w+)` and `(\w+)`$", OPERATIONS.read_text(), re.MULTILINE)
    }
    of_the_auditor = {pair for pair in NEVER_TOGETHER if Role.AUDITOR in pair}
    assert of_the_auditor == {frozenset({Role.AUDITOR, each}) for each in Role if each is not Role.AUDITOR}
    assert "- `auditor` and any other" in OPERATIONS.read_text()
    assert told == NEVER_TOGETHER - of_the_auditor
