"""Action short of a strike, strike days notified, and an agreement before the first of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ballots.mandate import ActionKind
from ballots.models import ActionStage
from ballots.repository import actions_of
from casework.disputes import dispute_of
from casework.lifecycle import EventKind, Stage
from casework.pay.models import Claim
from core.errors import StageError
from core.unit_of_work import reading
from tests.days import day
from tests.stories.climb import CLAUSES
from tests.stories.conftest import FULLY_ON_BOTH, At
from tests.stories.telling import SECOND


@FULLY_ON_BOTH
def test_the_threat_was_enough(at: At) -> None:
    """
    Turns red if settlement leaves the strike notified or action short of a strike in force, or if members who were
    called to strike are not told that it is off: `_call_off_days` in `end_action`.
    """
    story = at("asos_in_force").on("Mon 2027-01-11")
    assert story.stage is Stage.ASOS_IN_FORCE
    story.act("escalation_sought", happened_on=day("Mon 2027-01-11"))
    story.act("escalation_meeting_held", happened_on=day("Mon 2027-01-11"), present=11, in_favour=8)
    story.act("strike_authorised", days=[day("Wed 2027-01-27"), day("Thu 2027-01-28")])
    story.act("action_notices_approved", by=SECOND).on("Thu 2027-01-14").arrives("notice_of_action")
    assert story.stage is Stage.STRIKE_ACTION
    assert (len(story.told("strike_call")), set(story.told("strike_call").values())) == (12, {1})

    story.on("Mon 2027-01-25").act("settlement_reached", happened_on=day("Mon 2027-01-25"), clauses=list(CLAUSES)).on(
        "Fri 2027-01-29"
    )

    assert story.ladder[-4:] == [Stage.ASOS_IN_FORCE, Stage.STRIKE_ESCALATION, Stage.STRIKE_ACTION, Stage.SETTLED]
    assert EventKind.STRIKE_DAY_HELD not in story.kinds()
    with reading() as uow:
        stages = {action.kind: action.stage for action in actions_of(uow, story.case_id)}
        assert stages == dict.fromkeys(ActionKind, ActionStage.ENDED)
        dispute = dispute_of(uow, story.case_id)
        assert dispute is not None
        assert dispute.settled_on == day("Mon 2027-01-25")
        assert not uow.session.scalars(select(Claim)).all()
    assert set(story.told("stand_down").values()) == {1}
    assert len(story.told("stand_down")) == 12
    assert {each.facts["reason"] for each in story.notices("stand_down")} == {"settled"}
    called_off = story.notices("strike_day_called_off")
    assert {each.facts["day"] for each in called_off} == {"2027-01-27", "2027-01-28"}
    assert (len(story.told("strike_day_called_off")), len(called_off)) == (12, 24)
    with pytest.raises(StageError):
        story.act("strike_day_held", on=day("Wed 2027-01-27"), took_part=3)
