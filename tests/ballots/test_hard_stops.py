"""What a statutory deadline that passed unmet keeps from going on, and who is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ballots.lifecycle import BallotStage
from ballots.models import ActionStage
from casework.deadlines import STATUTORY, TURNING_POINTS, Deadline, DeadlineKind, level_of, to_remind
from casework.levels import Level
from casework.lifecycle import Stage
from casework.reminders import remind
from core.errors import RuleViolation
from notifications.models import Notice
from tests.ballots.scenes import SECOND, WON, Ladder
from tests.builders import an_officer
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")

Climb = Callable[[str], Ladder]
WATCHED = [kind for kind in STATUTORY if kind not in TURNING_POINTS]


def level(ladder: Ladder, kind: DeadlineKind) -> Level | None:
    """How near the deadline of a kind is on the ladder's day."""
    [row] = ladder.uow.session.query(Deadline).filter_by(case_id=ladder.case_id, kind=kind, cancelled_on=None)
    return level_of(ladder.uow, row)


def told(ladder: Ladder) -> set[tuple[str, str]]:
    """(officer, level) of every reminder that the sweep of the ladder's day makes."""
    before = {row.id for row in ladder.uow.session.query(Notice)}
    for deadline_id in to_remind(ladder.uow):
        remind(ladder.uow, deadline_id)
    ladder.uow.session.flush()
    new = [row for row in ladder.uow.session.query(Notice) if row.id not in before]
    return {(row.recipient_key, row.facts["level"]) for row in new if row.kind == "deadline_reminder_officer"}


def test_a_ballot_whose_notice_is_not_shown_to_have_arrived_does_not_open(climb: Climb) -> None:
    """Turns red if `open_ballot` goes on without the proof, or the deadline has no hard stop."""
    ladder = climb("planned").on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND)
    assert [level(ladder.on(each), DeadlineKind.BALLOT_NOTICE_RECEIVED) for each in
            ("Mon 2026-10-05", "Tue 2026-10-06", "Fri 2026-10-09", "Tue 2026-10-13", "Wed 2026-10-14")] == [
        None, Level.AMBER, Level.RED, Level.RED, Level.STOP,
    ]  # fmt: skip
    ladder.on("Tue 2026-10-20", work=True)
    assert ladder.ballot.stage is BallotStage.PLANNED
    assert ladder.stage is Stage.BALLOT_PREPARATION


def test_a_receipt_after_the_limit_does_not_open_it_either(climb: Climb) -> None:
    """Turns red if a late receipt counts as one in time."""
    ladder = climb("planned").on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND)
    ladder.on("Wed 2026-10-14").arrives("notice_of_ballot")
    ladder.on("Fri 2026-10-16").arrives("sample_voting_paper")
    ladder.on("Tue 2026-10-20", work=True)
    assert ladder.ballot.stage is not BallotStage.OPEN


def test_without_a_told_result_no_action_is_noticed(climb: Climb) -> None:
    """Turns red if `prepare_action_notices` does not ask whether the employer has the result."""
    ladder = climb("closed").act("result_declared", **WON)
    ladder.on("Fri 2026-11-20").act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))
    assert level(ladder, DeadlineKind.RESULT_TO_EMPLOYERS) is Level.STOP
    assert not ladder.papers("notice_of_action", f"action:{ladder.actions[-1].id}")


def test_action_whose_notice_did_not_arrive_in_time_does_not_begin(climb: Climb) -> None:
    """Turns red if `serve_action_notices` counts a late receipt, or `begin_action` asks for none."""
    ladder = climb("won").on("Fri 2026-11-20")
    ladder.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))
    ladder.act("action_notices_approved", by=SECOND).on("Sat 2026-11-28", work=True)
    assert level(ladder, DeadlineKind.ACTION_NOTICE_RECEIVED) is Level.STOP
    ladder.on("Mon 2026-12-07", work=True)
    assert (ladder.actions[-1].stage, ladder.stage) == (ActionStage.AUTHORISED, Stage.ASOS_AUTHORISED)


def test_action_cannot_be_authorised_once_its_limit_has_passed(climb: Climb) -> None:
    """Turns red if the days are not compared with today."""
    ladder = climb("won").on("Mon 2026-11-30")
    with pytest.raises(RuleViolation) as refused:
        ladder.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))
    assert [finding.code for finding in refused.value.findings]


def test_at_a_hard_stop_the_officer_and_a_second_person_are_told(climb: Climb) -> None:
    """Turns red if a hard stop is told to the officer alone, or to nobody as there is nothing to do in time."""
    ladder = climb("planned").on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND)
    one, _ = an_officer(ladder.uow), an_officer(ladder.uow)
    ladder.case.officer_id, ladder.case.officer = one.id, one
    ladder.uow.session.flush()
    ladder.on("Wed 2026-10-14")
    stopped = {officer for officer, level in told(ladder) if level == "stop"}
    assert (len(stopped), f"officer:{one.id}" in stopped) == (2, True)
    assert told(ladder) == set()


@pytest.mark.parametrize("kind", WATCHED)
def test_every_day_the_law_sets_for_somebody_to_act_has_a_hard_stop(climb: Climb, kind: DeadlineKind) -> None:
    """Turns red if a kind that the law sets is taken for one that ends by itself."""
    ladder = climb("planned")
    row = ladder.uow.session.query(Deadline).filter_by(kind=DeadlineKind.BALLOT_NOTICE_RECEIVED).one()
    row.kind = kind
    assert level_of(ladder.on("Fri 2026-11-20").uow, row) is Level.STOP
