"""A paper that waits while the register learns another address of whoever it is for."""

from __future__ import annotations

import pytest

from casework import addresses, steps
from casework.cases import Case
from casework.register import contacts
from core.findings import Severity
from core.unit_of_work import UnitOfWork
from notifications import listing, outbox
from notifications.lifecycle import Medium, State
from notifications.models import Notice
from tests.builders import UP_TO_HEAD, a_case, happen

MOVED = ["2 New Street", "Othertown", "OT1 1TN"]


@pytest.fixture
def case(uow: UnitOfWork) -> Case:
    """A case whose letter to the head teacher waits to be sent, by each way."""
    case = a_case(uow)
    happen(uow, case, *UP_TO_HEAD)
    steps.send_head_letter(uow, case.id)
    return case


def waiting(uow: UnitOfWork, case: Case) -> list[Notice]:
    return [each for each in listing.about(uow, f"case:{case.id}") if each.state is State.QUEUED]


def found(uow: UnitOfWork, case: Case) -> list[tuple[str | None, Severity]]:
    uow.session.flush()
    said = addresses.replaced(uow, [f"case:{case.id}"])
    assert {each.code for each in said} <= {"address_replaced"}
    return [(each.where, each.severity) for each in said]


def test_a_paper_to_the_address_of_now_is_not_warned_of(uow: UnitOfWork, case: Case) -> None:
    """Turns red if `_same` compares what the register does not hold, such as the medium that is not used."""
    assert waiting(uow, case)
    assert found(uow, case) == []


def test_a_paper_that_waits_is_warned_of_once_the_register_has_another_address(uow: UnitOfWork, case: Case) -> None:
    """Turns red if `_same` says yes, or looks at the address of the other medium."""
    contacts.record_workplace_address(uow, case.workplace, MOVED)
    contacts.record_workplace_email(uow, case.workplace, "new@example.org")
    expected = [(each.ref, Severity.WARN) for each in waiting(uow, case)]
    assert found(uow, case) == expected
    [first, *_] = addresses.replaced(uow, [f"case:{case.id}"])
    notice = outbox.get(uow, waiting(uow, case)[0].id)
    now = "new@example.org" if notice.medium is Medium.MAIL else "2 New Street, Othertown, OT1 1TN"
    assert now in first.sentence


def test_a_paper_that_went_out_or_was_taken_back_is_not_warned_of(uow: UnitOfWork, case: Case) -> None:
    """Turns red if every notice is looked at: nobody could do anything about one that went."""
    contacts.record_workplace_address(uow, case.workplace, MOVED)
    contacts.record_workplace_email(uow, case.workplace, "new@example.org")
    for notice in waiting(uow, case):
        outbox.cancel(uow, notice.id, "a test")
    assert found(uow, case) == []
