"""A ballot is held, and the two sides agree before the scrutineer has counted."""

from __future__ import annotations

from ballots.lifecycle import BallotStage
from ballots.repository import ballots_of, mandates_of
from casework import repository
from casework.lifecycle import EventKind, Stage
from core.unit_of_work import reading, unit_of_work
from notifications.proof import ReceiptKind
from tests.builders import Happening, happen
from tests.days import day
from tests.stories.climb import CLAUSES
from tests.stories.conftest import At

TO_A_STRIKE_DAY: tuple[Happening, ...] = (
    EventKind.ESCALATION_SOUGHT,
    EventKind.STRIKE_AUTHORISED,
    EventKind.STRIKE_NOTICE_SERVED,
    (EventKind.STRIKE_DAY_HELD, {"on": "2026-11-18", "took_part": 3}),
)
"""A strike within an earlier mandate, while a later ballot waits for its count."""


def test_the_result_is_told_all_the_same(at: At) -> None:
    """Turns red if the flow of a settled case does not run `tell_results`, or the act is not open to it (s. 231)."""
    story = at("ballot_result").act("settlement_reached", happened_on=day("Wed 2026-11-18"), clauses=list(CLAUSES))
    assert story.stage is Stage.SETTLED
    story.on("Fri 2026-11-20").act(
        "result_declared", entitled=12, cast=10, strike_yes=7, strike_no=3, asos_yes=9, asos_no=1
    )
    story.arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    assert (len(story.told("ballot_result_members")), set(story.told("ballot_result_members").values())) == (12, {1})
    assert sum(story.told("ballot_result_employer").values()) == 2
    assert story.stage is Stage.SETTLED
    with reading() as uow:
        (ballot,) = ballots_of(uow, story.case_id, BallotStage.DECLARED)
        assert not mandates_of(uow, ballot.id)


def test_the_result_is_told_while_pay_is_owed(at: At) -> None:
    """Turns red if the flow of pay reimbursement does not run `tell_results`."""
    story = at("ballot_result")
    with unit_of_work("staff:test") as uow:
        happen(uow, repository.get(uow, story.case_id), *TO_A_STRIKE_DAY)
    story.act("settlement_reached", happened_on=day("Wed 2026-11-18"), clauses=list(CLAUSES))
    story.act("result_declared", entitled=12, cast=10, strike_yes=7, strike_no=3, asos_yes=9, asos_no=1)
    assert story.stage is Stage.PAY_REIMBURSEMENT
    assert (len(story.told("ballot_result_members")), sum(story.told("ballot_result_employer").values())) == (12, 2)
