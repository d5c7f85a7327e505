"""A case with two strike days behind it, and a member of its workplace."""

from __future__ import annotations

import pytest

from casework.cases import Case
from casework.register.models import Member
from core.unit_of_work import UnitOfWork
from tests.builders import a_member, at_pay
from tests.casework.pay.claiming import FIRST, SECOND


@pytest.fixture
def case(uow: UnitOfWork) -> Case:
    """A case at the stage of reimbursement."""
    return at_pay(uow, FIRST, SECOND)


@pytest.fixture
def member(uow: UnitOfWork, case: Case) -> Member:
    """A full-time teacher there."""
    return a_member(uow, case.workplace)
