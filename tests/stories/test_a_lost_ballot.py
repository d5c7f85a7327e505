"""A ballot that carried both questions and was lost on turnout."""

from __future__ import annotations

import pytest

from ballots.repository import ballot_of, mandates_of
from casework.deadlines import DeadlineKind, open_deadlines
from casework.lifecycle import Stage
from core.errors import StageError
from core.unit_of_work import reading
from tests.days import day
from tests.stories.conftest import At


def test_five_of_twelve_are_too_few(at: At) -> None:
    """Turns red if the turnout is not asked, the result is not told because it is lost, or a mandate is given."""
    story = at("ballot_result")
    assert story.stage is Stage.BALLOT_RESULT
    story.act("result_declared", entitled=12, cast=5, strike_yes=5, strike_no=0, asos_yes=5, asos_no=0)
    assert story.ladder[-3:] == [Stage.BALLOT_OPEN, Stage.BALLOT_RESULT, Stage.OFFICER_NEGOTIATION]
    assert len(story.told("ballot_result_members")) == 12
    assert set(story.told("ballot_result_members").values()) == {1}
    assert sum(story.told("ballot_result_employer").values()) == 2
    with reading() as uow:
        ballot = ballot_of(uow, story.case_id)
        assert ballot is not None
        assert ballot.result is not None
        assert {tuple(each["reasons"]) for each in ballot.result["questions"].values()} == {("turnout_not_met",)}
        assert {each["short_by"] for each in ballot.result["questions"].values()} == {1}
        assert not mandates_of(uow, ballot.id)
        assert not open_deadlines(uow, story.case_id, DeadlineKind.MANDATE_ENDS)
    with pytest.raises(StageError):
        story.act("asos_authorised", instructions=[2], starts_on=day("Mon 2026-12-07"))
