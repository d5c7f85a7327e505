"""Where an employer is served: confirmed by two people for each dispute, and frozen into the papers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from ballots import service_handlers
from ballots.gate import against
from ballots.lifecycle import BallotStage
from ballots.steps import readiness_of
from casework import addresses, service_addresses
from casework.disputes import part_of
from core.errors import Conflict
from core.findings import Severity, stops
from core.history import HistoryEntry
from core.settings import settings
from tests.ballots.scenes import OPENS, SECOND, Ladder, send

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

Climb = Callable[[str], Ladder]
THIRD = "officer:third"


def confirm(ladder: Ladder, by: str, how: str = "the clerk said so on the telephone") -> None:
    """Somebody says where the employer is served."""
    served_at = service_handlers.served_at(ladder.uow, ladder.case_id)
    ladder.act("service_address_confirmed", by=by, served_at=served_at, checked=how)


def found(ladder: Ladder) -> list[tuple[str, str]]:
    """What is found of the case's address."""
    return [(each.code, each.severity.value) for each in service_handlers.address_findings(ladder.uow, ladder.case_id)]


@pytest.fixture
def wanted() -> Iterator[None]:
    """The union's practice wants two people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MANDATE_SERVICE_ADDRESS_PEOPLE", "2")
        settings.cache_clear()
        yield
    settings.cache_clear()


def test_fm_08_two_people_confirm_an_address_and_one_twice_does_not(climb: Climb) -> None:
    """
    Posts of staff are one person. What one person says anew is kept.

    Turns red if `people` counts entries, `_entries` leaves out the address, or `confirm` drops other words.
    """
    ladder = climb("planned")
    assert found(ladder) == [("address_unconfirmed", "warn")]
    for how in ("the clerk said so", "the clerk said so", "the website says so too"):
        confirm(ladder, "officer:first", how)
    kept = ladder.uow.session.query(HistoryEntry).filter_by(action=service_addresses.CONFIRMED)
    assert [each.facts["how"] for each in kept] == ["the clerk said so", "the website says so too"]
    assert found(ladder) == [("address_unconfirmed", "warn")]
    confirm(ladder, SECOND)
    assert found(ladder) == []


def test_fm_08_an_address_that_changes_is_confirmed_anew(climb: Climb) -> None:
    """
    The confirmation is of the address, not of the employer.

    Turns red if `service_addresses._entries` leaves out the address.
    """
    ladder = climb("planned")
    for by in ("officer:first", SECOND):
        confirm(ladder, by)
    employer = ladder.ballot.legs[0].employer
    employer.email = "somebody-else@example.org"

    assert found(ladder) == [("address_unconfirmed", "warn")]


def test_fm_08_two_posts_of_staff_are_not_two_people(climb: Climb) -> None:
    """
    Until sign-in exists nothing shows who sits there.

    Turns red if `people.two_people` only compares the actors.
    """
    ladder = climb("planned")
    for by in ("staff:api", "staff:dashboard"):
        confirm(ladder, by)

    assert found(ladder) == [("address_unconfirmed", "warn")]


@pytest.mark.usefixtures("wanted")
def test_fm_08_where_practice_wants_it_no_paper_leaves_for_an_unconfirmed_address(climb: Climb) -> None:
    """
    Neither does the ballot open.

    Turns red if the gate, or `_issues_of` in ballots/steps.py, leaves out the addresses.
    """
    ladder = climb("planned")
    paper = ladder.papers("notice_of_ballot")[0]
    assert [each.code for each in against(ladder.uow, paper)] == ["address_unconfirmed"]
    assert "address_unconfirmed" in {each.code for each in stops(readiness_of(ladder.uow, ladder.ballot))}
    for by in ("officer:first", SECOND):
        confirm(ladder, by)
    assert against(ladder.uow, paper) == ()
    assert "address_unconfirmed" not in {each.code for each in readiness_of(ladder.uow, ladder.ballot)}


@pytest.mark.usefixtures("wanted")
def test_fm_08_a_ballot_stays_shut_while_its_address_is_unconfirmed(climb: Climb) -> None:
    """
    Somebody may have found out since that it is wrong.

    Turns red if `_issues_of` in ballots/steps.py leaves out the addresses.
    """
    ladder = climb("noticed").on(OPENS, work=True)
    assert ladder.ballot.stage is BallotStage.NOTICED
    for by in ("officer:first", SECOND):
        confirm(ladder, by)

    assert ladder.work().ballot.stage is BallotStage.OPEN


def test_fm_08_a_paper_goes_to_the_address_it_was_made_with_and_a_warning_says_so(climb: Climb) -> None:
    """
    The address was approved with the bytes; a change after it is no reason to send them elsewhere.

    Turns red if delivery reads the register, or `addresses.replaced` finds nothing.
    """
    ladder = climb("planned")
    employer = ladder.ballot.legs[0].employer
    before, employer.email = employer.email, "moved@example.org"
    employer.postal_lines = ["New House", "Newtown", "NT1 1AA"]
    ladder.uow.session.flush()
    papers = ladder.papers("notice_of_ballot")
    warns = addresses.replaced(ladder.uow, [f"ballot:{ladder.ballot.id}"])
    assert {each.code for each in warns} == {"address_replaced"}
    assert all(each.severity is Severity.WARN for each in warns)
    assert {each.where for each in warns} >= {each.ref for each in papers}
    ladder.on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND)
    send(ladder.uow)

    assert {each.recipient_email for each in papers} == {before}
    assert all("New House" not in each.recipient_postal for each in papers)


def test_fm_08_an_address_that_nobody_saw_is_not_confirmed(climb: Climb) -> None:
    """
    The register was corrected while the form was open.

    Turns red if `service_addresses.confirm` takes whatever the register gives.
    """
    ladder = climb("planned")
    seen = service_handlers.served_at(ladder.uow, ladder.case_id)
    ladder.ballot.legs[0].employer.email = "moved@example.org"
    with pytest.raises(Conflict, match=r"gives another address of this employer: moved@example\.org, "):
        service_handlers.confirm_address(ladder.uow, ladder.case_id, seen, "by telephone")
    assert ladder.uow.session.query(HistoryEntry).filter_by(action=service_addresses.CONFIRMED).count() == 0


def test_nobody_confirms_an_address_without_a_dispute_or_without_an_address(climb: Climb) -> None:
    """
    There would be nothing that it is confirmed for.
    """
    ladder = climb("planned")
    part = part_of(ladder.uow, ladder.case_id)
    assert part is not None
    part.leg.employer.email, part.leg.employer.postal_lines = None, []
    with pytest.raises(Conflict, match="no address of this employer"):
        service_addresses.confirm(ladder.uow, part.leg.dispute_id, part.leg.employer, "", "by telephone")
    part.settled_on = ladder.uow.today
    ladder.uow.session.flush()
    with pytest.raises(Conflict, match="this case is in none"):
        service_handlers.confirm_address(replace(ladder.uow, actor=THIRD), ladder.case_id, "", "by telephone")
