"""A workplace that closed or was succeeded: no ballot is authorised there, none opens, no notice of action is made."""

from __future__ import annotations

import pytest

from app.case_views import case_page
from ballots.steps import readiness_of
from casework.register.models import WorkplaceLink
from core.errors import RuleViolation
from core.unit_of_work import UnitOfWork
from tests.ballots.scenes import OPENS, Ladder, disputed, noticed, planned
from tests.builders import a_case
from tests.days import day


def _succeeded(ladder: Ladder, on: str) -> None:
    urn = ladder.case.workplace.urn
    link = WorkplaceLink(urn=urn, linked_urn="148654", linked_name="New", kind="Successor", established_on=day(on))
    ladder.uow.session.add(link)
    ladder.uow.session.flush()


def test_no_ballot_is_authorised_where_a_successor_will_employ(uow: UnitOfWork) -> None:
    """Turns red if `authorise_ballot` looks at today: the notice goes to who employs on the opening day."""
    ladder = disputed(uow)
    _succeeded(ladder, OPENS)
    with pytest.raises(RuleViolation) as refused:
        planned(ladder)
    assert [each.code for each in refused.value.findings] == ["workplace_succeeded"]


def test_a_ballot_does_not_open_once_a_successor_is_there(uow: UnitOfWork) -> None:
    """Turns red if readiness forgets the register: the ballot would open with the employer of before."""
    ladder = planned(disputed(uow))
    before = {each.code for each in readiness_of(uow, ladder.ballot)}
    _succeeded(ladder, OPENS)
    assert {each.code for each in readiness_of(uow, ladder.ballot)} - before == {"workplace_succeeded"}


def test_the_page_of_a_case_says_that_its_workplace_closed(uow: UnitOfWork) -> None:
    """Turns red if the page asks the register only while a ballot is prepared."""
    case = a_case(uow)
    assert case_page(uow, case.ref).findings == ()
    case.workplace.status = "Closed"
    assert [each.code for each in case_page(uow, case.ref).findings] == ["workplace_closed"]


def test_a_college_has_its_papers_though_it_has_no_urn(uow: UnitOfWork) -> None:
    """Turns red if a figure is looked up by a URN that is not there: no letter could be laid."""
    ladder = disputed(uow)
    college = ladder.case.workplace
    college.urn, college.ukprn = None, "10000055"
    uow.session.flush()
    noticed(ladder)
    assert {notice.kind for notice in ladder.papers("notice_of_ballot")} == {"notice_of_ballot"}
