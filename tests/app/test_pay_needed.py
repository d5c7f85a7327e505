"""What waits for finance on the home page once claims are approved."""

from __future__ import annotations

from typing import Any

import pytest

from casework.cases import Case
from casework.needs import NeedKind
from casework.pay.models import Claim
from casework.people.roles import Grant, Role
from core.db import Database
from core.unit_of_work import UnitOfWork, unit_of_work
from tests.app.signed_in import signed_in
from tests.app.test_home import Made, needs
from tests.builders import a_member, an_officer, at_pay
from tests.casework.pay.claiming import FIRST, SECOND, approved, given

OF_APPROVED = (NeedKind.CLAIMS_LEFT_OUT, NeedKind.PAY_CLAIMS)


@pytest.fixture
def database(migrated: Database) -> Database:
    """Pages, API and commands look at one database."""
    return migrated


def _needed(database: Database, role: Role, officer: Any = None) -> list[tuple[str, str, str]]:
    with signed_in(database, Grant(role), officer_id=officer) as client:
        return [(each["kind"], each["what"], each["href"]) for each in needs(client) if each["kind"] in OF_APPROVED]


def test_approved_claims_wait_for_a_file_and_one_that_none_takes_is_told(database: Database, made: Made) -> None:
    """Turns red if a claim whose account changed counts among those to pay, or finance hears nothing of it."""
    ids: list[Any] = []

    def make(uow: UnitOfWork) -> Case:
        case = at_pay(uow, FIRST, SECOND)
        members = [a_member(uow, case.workplace) for _ in range(3)]
        claims = [approved(uow, case, each, given(evidence=f"{number:064x}")) for number, each in enumerate(members)]
        members[2].account_number = "87654321"
        ids.extend([claims[2].id, members[2].email])
        return case

    ref = made(make)
    left_out = (
        "claims_left_out",
        "1 approved claim that no payment file takes. "
        "The account in the register is not the one the claim was made with.",
        f"/claims/{ids[0]}",
    )
    to_pay = (
        "pay_claims",
        "2 approved claims to put into a payment file, £400.00 in all",
        f"/cases/{ref}?act=payment_batch_prepared#record",
    )
    assert _needed(database, Role.FINANCE_PREPARER) == [left_out, to_pay]
    assert _needed(database, Role.FINANCE_APPROVER) == [left_out]
    assert _needed(database, Role.CASEWORKER) == []
    with unit_of_work("staff:test", on=database) as uow:
        claimant = an_officer(uow, email=ids[1].upper())
    assert _needed(database, Role.FINANCE_APPROVER, claimant.id) == []


def test_of_several_that_no_file_takes_the_cases_claims_are_shown(database: Database, made: Made) -> None:
    """Turns red if each of them is a need of its own, or the link leads to one of them only."""

    def make(uow: UnitOfWork) -> Case:
        case = at_pay(uow, FIRST, SECOND)
        for number in range(2):
            member = a_member(uow, case.workplace)
            claim: Claim = approved(uow, case, member, given(evidence=f"{number:064x}"))
            claim.member.sort_code = claim.member.account_number = None
        return case

    ref = made(make)
    [(_, what, href)] = _needed(database, Role.FINANCE_PREPARER)
    assert what == "2 approved claims that no payment file takes. The register holds no account to pay to."
    assert href == f"/cases/{ref}/claims"
