"""Several issues of one school: all at once, one before the others, one after the other."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from casework import repository
from casework.cases import Case, Pursuit
from casework.handlers import open_case
from core.errors import Conflict, RuleViolation
from core.unit_of_work import reading, unit_of_work
from tests.stories.climb import CLAUSES
from tests.stories.conftest import ON_BOTH, At
from tests.stories.telling import STAFF, Story


def statuses(story: Story) -> dict[str, str]:
    """Where each issue of the case stands."""
    with reading() as uow:
        return {row.code: row.status.value for row in repository.get(uow, story.case_id).issues}


@pytest.mark.parametrize("pursuit", [Pursuit.FOCUS, Pursuit.ONE_BY_ONE])
def test_one_issue_is_won_and_the_other_goes_on(at: At, pursuit: Pursuit) -> None:
    """
    Members take the meetings first. The head teacher agrees to that, and the other is climbed for later.

    Turns red if settling one issue settles the other, if the case cannot go on with what is left, or if a gain is lost.
    """
    story = at("officer_negotiation")
    with unit_of_work("staff:test") as uow:
        repository.get(uow, story.case_id).pursuit = pursuit
    story.act("settlement_reached", happened_on=story.today, clauses=[CLAUSES[0]])
    assert statuses(story) == {"meetings": "settled", "observation": "open"}
    assert isinstance(story.refused("agreement_signed_off", happened_on=story.today), RuleViolation)
    story.act("case_reopened", reason="now the observations", issues=["observation"])
    assert statuses(story) == {"meetings": "settled", "observation": "reopened"}
    story.act("negotiation_held", happened_on=story.today, answer="refused").act("dispute_declared")
    assert "ballot_authorised" in story.offers()


def test_all_are_settled_together(at: At) -> None:
    """Turns red if an issue stays open whose clause was signed."""
    story = at("ballot_preparation").act("settlement_reached", happened_on="2026-10-05", clauses=list(CLAUSES))
    assert statuses(story) == {"meetings": "settled", "observation": "settled"}


@ON_BOTH
def test_a_second_case_takes_another_issue_of_the_same_school(at: At) -> None:
    """Turns red if one school cannot have two cases, or has two over the same issue."""
    story = at("officer_negotiation")
    with unit_of_work(STAFF) as uow:
        workplace = repository.get(uow, story.case_id).workplace
        with pytest.raises(Conflict):
            open_case(uow, workplace, ["meetings"], Pursuit.FOCUS, "again")
    with unit_of_work(STAFF) as uow:
        open_case(uow, repository.get(uow, story.case_id).workplace, ["email"], Pursuit.FOCUS, "other")
    with reading() as uow:
        assert len(uow.session.scalars(select(Case.id)).all()) == 2
