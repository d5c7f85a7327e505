"""The pages of disputes, employers, claims and payment files: what they show, to whom, and what they never name."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.acts import ACTS
from app.claim_page import LEFT_OUT
from app.patterns import PATTERNS
from casework.cases import Case
from casework.pay import approvals, payments
from casework.pay.claims import Submission, submit
from casework.pay.models import Claim, PaymentBatch
from casework.people.roles import Grant, Role
from casework.register.models import Workplace
from core.db import Database
from core.history import HistoryEntry
from core.unit_of_work import reading, unit_of_work
from tests.app.conftest import Made
from tests.app.schools import stand_on
from tests.app.signed_in import HERE, signed_in
from tests.ballots.schools import carried, joined, together, voting_over
from tests.builders import a_member, acting, an_association, at_pay
from tests.days import day

CANARY = "Canary Person"


@dataclass
class Seen:
    """A dispute of two schools of two associations that gave a mandate, as three people see it."""

    local: TestClient
    national: TestClient
    elsewhere: TestClient
    dispute: str
    ballot: str
    employer: str
    cases: list[str]


@pytest.fixture
def seen(database: Database) -> Iterator[Seen]:
    with unit_of_work("staff:test", as_of=datetime(2026, 9, 1, 9, tzinfo=UTC), on=database) as uow:
        made = carried(voting_over(together(joined(uow, 4, 5))), 9, 6, 1).on("Fri 2026-11-20")
        ballot, first = made[0].ballot, made[0].case
        grants = [
            Grant(Role.ASSOCIATION_SECRETARY, first.workplace.association_id),
            Grant(Role.NATIONAL_OFFICIAL),
            Grant(Role.ASSOCIATION_SECRETARY, an_association(uow).id),
        ]
        dispute, employer = ballot.dispute.ref, str(first.workplace.employer_id)
        ref, cases = ballot.ref, [each.case.ref for each in made]
    stand_on(database, day("Fri 2026-11-20"))
    with ExitStack() as clients:
        local, national, elsewhere = (clients.enter_context(signed_in(database, grant)) for grant in grants)
        yield Seen(local, national, elsewhere, dispute, ref, employer, cases)


def test_a_dispute_shows_its_schools_ballots_mandates_and_who_is_next(seen: Seen) -> None:
    """Turns red when a part of the page is another dispute's, or leads nowhere."""
    page = seen.national.get(f"/disputes/{seen.dispute}").text
    for ref in seen.cases:
        assert f'href="/cases/{ref}"' in page
    assert f'href="/ballots/{seen.ballot}"' in page
    assert f'href="/employers/{seen.employer}"' in page
    assert "17 November 2026 to 16 November 2027; 361 days left" in page
    assert "A declared dispute is not undone" in page
    assert page.count("The result was declared") == 1, "told once, however many schools it happened to"
    told = seen.national.get(f"/api/disputes/{seen.dispute}").json()["dispute"]
    assert [school["case_ref"] for school in told["line"]["schools"]] == seen.cases
    assert {mandate["kind"] for mandate in told["mandates"]} == {"strike", "asos"}


def test_of_a_dispute_somebody_at_one_school_sees_their_own_case(seen: Seen) -> None:
    """Turns red when the other school is named, or its act offered."""
    page = seen.local.get(f"/disputes/{seen.dispute}").text
    assert seen.cases[0] in page
    assert seen.cases[1] not in page
    assert "1 more that your roles do not reach" in page
    for path in (f"/disputes/{seen.dispute}", f"/api/disputes/{seen.dispute}"):
        assert seen.elsewhere.get(path).status_code == 404


def test_an_employer_is_the_registers_and_its_cases_are_whose_they_are(seen: Seen) -> None:
    """Turns red when the cases of an employer are shown to whoever reaches none of them."""
    whole, own, none = (
        each.get(f"/employers/{seen.employer}").text for each in (seen.national, seen.local, seen.elsewhere)
    )
    assert [sum(ref in page for ref in seen.cases) for page in (whole, own, none)] == [2, 1, 0]
    assert "County Hall, 1 Broad Street" in none
    assert none.count("None that your roles reach") == 3
    assert "Notice of ballot" in whole
    assert seen.national.get("/employers/nobody").status_code == 404
    told = seen.local.get(f"/api/employers/{seen.employer}").json()["employer"]
    assert [case["ref"] for case in told["cases"]] == seen.cases[:1]
    assert told["workplaces_count"] == 2


def test_the_pages_lead_to_one_another(seen: Seen, database: Database) -> None:
    with reading(on=database) as uow:
        number = uow.session.scalars(select(Workplace.urn).join(Case).where(Case.ref == seen.cases[0])).one()
    for path, wanted in (
        (
            f"/cases/{seen.cases[0]}",
            (f"/disputes/{seen.dispute}", f"/ballots/{seen.ballot}", f"/employers/{seen.employer}"),
        ),
        (
            f"/ballots/{seen.ballot}",
            (f"/disputes/{seen.dispute}", f"/employers/{seen.employer}", f"/cases/{seen.cases[0]}"),
        ),
        (f"/employers/{seen.employer}", (f"/disputes/{seen.dispute}", f"/workplaces/{number}")),
        (f"/workplaces/{number}", (f"/employers/{seen.employer}",)),
    ):
        page = seen.national.get(path).text
        assert [href for href in wanted if f'href="{href}"' not in page] == [], path


@pytest.fixture
def approved(made: Made, database: Database) -> tuple[str, uuid.UUID]:
    """The case and the claim of a member who struck for a day; two approved it."""
    ref = made(lambda uow: at_pay(uow, date(2026, 9, 8)))
    with unit_of_work("officer:first", on=database) as uow:
        case = uow.session.scalars(select(Case)).one()
        member = a_member(uow, case.workplace, name=CANARY, membership_number="CANARY7", account_number="87654321")
        claim = submit(uow, case.id, member.membership_number, Submission((date(2026, 9, 8),), 10_000, "a" * 64))
        claim_id = claim.id
    for actor in ("officer:second", "officer:third"):
        with unit_of_work(actor, on=database) as uow:
            calculated(uow.session.get_one(Claim, claim_id))
            approvals.approve(uow, uow.session.get_one(Claim, claim_id).case_id, claim_id)
    return ref, claim_id


@pytest.fixture
def paid(approved: tuple[str, uuid.UUID], database: Database) -> tuple[str, str, str]:
    """The same with the payment file that paid it."""
    ref, claim_id = approved
    with unit_of_work("officer:fourth", on=database) as uow:
        batch = payments.prepare_batch(uow, uow.session.get_one(Claim, claim_id).case_id)
        name = batch.ref
        payments.release(acting(uow, "officer:fifth"), name)
    return ref, str(claim_id), name


def calculated(claim: Claim) -> None:
    if claim.calculated_pence is None:
        claim.calculated_pence = claim.payable_pence = 10_000
        claim.state = type(claim.state)("calculated")


def test_claims_and_files_are_ids_and_pence(database: Database, paid: tuple[str, str, str]) -> None:
    """Turns red when a page of claims names whoever claims, or shows an account."""
    case, claim, batch = paid
    with signed_in(database, Grant(Role.FINANCE_APPROVER)) as client:
        pages = [f"/cases/{case}/claims", f"/payments/{batch}", "/claims", f"/cases/{case}/claims.csv"]
        api = [f"/api{each}" for each in (*pages[:3], "/payments", f"/claims/{claim}")]
        told = {path: client.get(path) for path in [*pages, *api, f"/payments/{batch}/table.csv", f"/claims/{claim}"]}
    assert {answer.status_code for answer in told.values()} == {200}
    for answer in told.values():
        assert not [word for word in (CANARY, "CANARY7") if word in answer.text]
        assert "87654321" not in answer.text
    assert f'id="claim-{claim}"' in told[pages[0]].text
    assert "£100.00" in told[pages[1]].text
    row = next(csv.DictReader(io.StringIO(told[pages[3]].text)))
    assert (row["claim"], row["payable_pence"], row["batch"]) == (claim, "10000", batch)
    assert f'href="/claims/{claim}"' in told[pages[0]].text
    assert [each["id"] for each in told[api[0]].json()["claims"]] == [claim]
    assert [each["claim_id"] for each in told[api[1]].json()["payments"]] == [claim]
    assert [each["counts"] for each in told[api[2]].json()["cases"]] == [{"paid": 1}]
    assert [each["ref"] for each in told[api[3]].json()["payments"]] == [batch]


def test_what_a_file_left_out_is_told_of_claims_that_are_reached(
    database: Database, paid: tuple[str, str, str]
) -> None:
    """Turns red when `_left_out` tells everybody who reads the file of every claim that it left out."""
    case, claim, batch = paid
    with unit_of_work("staff:test", on=database) as uow:
        left = [{"code": code, "where": f"claim:{key}"} for code, key in (("ours", claim), ("theirs", uuid.uuid4()))]
        uow.session.scalars(select(PaymentBatch).where(PaymentBatch.ref == batch)).one().left_out = left
        at = uow.session.scalars(select(Case).where(Case.ref == case)).one().workplace.association_id
    with signed_in(database, Grant(Role.ASSOCIATION_SECRETARY, association_id=at)) as client:
        told = client.get(f"/api/payments/{batch}").json()["left_out"]
        page = client.get(f"/payments/{batch}").text
    assert [each["code"] for each in told] == ["ours"]
    assert f'<li>Claim <a class="govuk-link" href="/claims/{claim}">' in page


def test_a_claim_whose_account_changed_says_so_wherever_it_waits(
    database: Database, approved: tuple[str, uuid.UUID]
) -> None:
    """
    Turns red when `claim_line` or `ClaimPage.waits` says of a claim that will be left out of the payment file that it
    only waits for one, when `OFFERS_OF` has no claim to confirm or offers one to approve that is approved already, or a
    complaint shows a pattern or asks for what is to be typed where there is something to choose.
    """
    ref, claim = approved
    with unit_of_work("staff:test", on=database) as uow:
        uow.session.get_one(Claim, claim).member.account_number = "12340412"
    with signed_in(database, Grant(Role.FINANCE_APPROVER)) as client:
        ask = {act: client.get(f"/cases/{ref}?act={act}").text for act in ("claim_approved", "payee_confirmed")}
        pages = [client.get(path).text for path in (f"/cases/{ref}/claims", f"/claims/{claim}")]
        typed = {"claim": str(claim), "account_ends": "412"}
        refused = client.post(f"/cases/{ref}/acts/payee_confirmed", data=typed).text
        unchosen = client.post(f"/cases/{ref}/acts/payee_confirmed", data={"account_ends": "0412"}).text
    assert [page.count("is not the one the claim was made with") for page in pages] == [1, 1]
    assert LEFT_OUT in pages[1]
    assert str(claim) not in ask["claim_approved"]
    assert "£100.00, approved, waits for a payment file; its account changed" in ask["payee_confirmed"]
    assert "account number: must be four digits" in refused
    assert "Claim: choose one" in unchosen


def test_every_pattern_of_the_facts_of_an_act_has_words() -> None:
    """Turns red when an act's facts are held against a pattern of which `PATTERNS` says nothing."""
    rules = [rule for act in ACTS.values() for told in act.facts.model_fields.values() for rule in told.metadata]
    assert {rule.pattern for rule in rules if getattr(rule, "pattern", None)} == set(PATTERNS)


def test_a_file_that_left_is_offered_for_no_release(database: Database, paid: tuple[str, str, str]) -> None:
    """Turns red when a released payment file's page says that it is to be released."""
    with signed_in(database) as client:
        page = client.get(f"/payments/{paid[2]}").text
    assert "Release the payment file" not in page
    assert "Record a payment that the bank sent back" in page
    assert "1 payment, £100.00" in page


def test_a_claim_says_what_happened_what_is_next_and_why_it_pays_what_it_does(
    database: Database, paid: tuple[str, str, str]
) -> None:
    """
    Turns red when an event of the claim is left out, the lower of the two sums is not told, or who is next; or a
    payment of another claim is shown.
    """
    case, claim, batch = paid
    with unit_of_work("officer:first", on=database) as uow:
        first = uow.session.get_one(Claim, uuid.UUID(claim))
        number = a_member(uow, first.case.workplace).membership_number
        other = submit(uow, first.case_id, number, Submission((date(2026, 9, 8),), 10_000, "b" * 64)).id
    with signed_in(database, Grant(Role.FINANCE_APPROVER)) as client:
        page, told = client.get(f"/claims/{claim}").text, client.get(f"/api/claims/{claim}").json()["claim"]
        assert client.get(f"/claims/{batch}").status_code == 404
        assert client.get(f"/api/claims/{other}").json()["claim"]["payments"] == []
    assert [each["batch"] for each in told["payments"]] == [batch]
    assert [event["title"] for event in reversed(told["events"])] == [
        "The claim was made, for 8 September 2026.",
        "It was approved once.",
        "It was approved by a second person.",
        "It was put into a payment file.",
        f"The payment file {batch} was released to the bank.",
    ]
    assert told["why"]["arithmetic"] == "the lower of £100.00 and £100.00 is £100.00"
    assert told["waits"].startswith("Nobody has anything to do")
    assert [each["name"] for each in told["next"]] == ["payment_returned"]
    assert f'href="/cases/{case}?act=payment_returned&amp;paid={claim}#record"' in page
    assert "Why this amount?" in page
    assert f'href="/payments/{batch}"' in page


def test_the_file_for_the_bank_is_handed_to_finance_alone_and_noted(
    database: Database, paid: tuple[str, str, str]
) -> None:
    """Turns red when the file is shown by a link, to a caseworker, or without a note in history."""
    batch = paid[2]
    with signed_in(database, Grant(Role.FINANCE_PREPARER)) as client:
        assert client.get(f"/payments/{batch}/file").status_code == 405
        given = client.post(f"/payments/{batch}/file", headers={"Origin": HERE})
        assert given.status_code == 200
        assert CANARY in given.text
        assert f'filename="{batch}.csv"' in given.headers["content-disposition"]
        assert client.post("/payments/P-2026-0099/file", headers={"Origin": HERE}).status_code == 404
    for role in (Role.NATIONAL_OFFICIAL, Role.AUDITOR):
        with signed_in(database, Grant(role)) as client:
            assert "Fetch the file" not in client.get(f"/payments/{batch}").text
            assert client.post(f"/payments/{batch}/file", headers={"Origin": HERE}).status_code == 403
    with reading(on=database) as uow:
        noted = uow.session.scalars(select(HistoryEntry.action).where(HistoryEntry.action.like("%handed_over"))).all()
        assert len(noted) == 1


def test_claims_are_not_for_those_who_run_ballots(database: Database, paid: tuple[str, str, str]) -> None:
    with signed_in(database, Grant(Role.BALLOT_TEAM)) as client:
        paths = ("/claims", f"/cases/{paid[0]}/claims", f"/payments/{paid[2]}", f"/claims/{paid[1]}", "/api/payments")
        assert {client.get(path).status_code for path in paths} == {403}
        assert f'href="/cases/{paid[0]}/claims"' not in client.get(f"/cases/{paid[0]}").text
