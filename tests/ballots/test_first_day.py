"""The first day of continuous action: neither inside an agreed suspension nor before a stand-down is lifted, ever."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import stand_down_messages, suspensions
from ballots.models import ActionStage, ActionSuspension
from ballots.restart import Pause, outside
from casework import repository as cases
from casework.deadlines import DeadlineKind, cases_due, open_deadlines
from casework.lifecycle import EventKind
from casework.stand_downs import StandDown
from core.calendar import london_day
from core.errors import MandateError
from notifications.models import Notice
from tests.ballots.scenes import SECOND, Ladder
from tests.days import day

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

Climb = Callable[[str], Ladder]
STARTS = day("Mon 2026-12-07")
CHRISTMAS = {"suspends_on": day("Mon 2026-12-14"), "resumes_on": day("Mon 2027-01-11"), "agreement": "a letter"}
ORDER = {"reason": "injunction", "note": "The High Court."}
BEFORE = day("Mon 2026-11-30")
DAYS = st.dates(date(2026, 12, 1), date(2027, 3, 1))
PAUSES = st.lists(st.tuples(DAYS, st.integers(1, 40)), max_size=4)


@given(pauses=PAUSES, on=DAYS)
def test_the_day_outside_is_the_first_that_no_suspension_runs_on(pauses: list[tuple[date, int]], on: date) -> None:
    """Turns red if `outside` stops at the first suspension, takes its last day, or goes further than it must."""
    rows = [Pause(first, first, first + timedelta(length)) for first, length in pauses]
    free = next(
        each
        for each in (on + timedelta(number) for number in range(400))
        if not any(row.suspends_on <= each < row.resumes_on for row in rows)
    )
    assert outside(rows, on) == free


def notified(climb: Climb) -> Ladder:
    """Continuous action that its employer has notice of, and that begins on 7 December."""
    ladder = climb("won").on("Fri 2026-11-20")
    return ladder.act("asos_authorised", instructions=[2, 6], starts_on=STARTS).action_arrives()


def told(ladder: Ladder) -> Ladder:
    while stand_down_messages.tell(ladder.uow):
        pass
    return ladder


def lift(ladder: Ladder, resumes_on: date) -> None:
    told(ladder).act("stand_down_lifted", by=SECOND, reason="discharged", resumes_on=resumes_on)


def begun(ladder: Ladder) -> list[date]:
    events = cases.events_of(ladder.uow, ladder.case_id)
    return [each.happened_on for each in events if each.kind is EventKind.ASOS_BEGAN]


def called(ladder: Ladder) -> set[str]:
    return {
        each.facts["resumes_on"] for each in ladder.uow.session.query(Notice).filter_by(kind="action_resumes_members")
    }


def due(ladder: Ladder) -> list[str]:
    found = open_deadlines(ladder.uow, ladder.case_id, DeadlineKind.ACTION_BEGINS)
    return [each.due_on.isoformat() for each in found]


def christmas(climb: Climb) -> Ladder:
    """Suspended from 14 December to 11 January, a week before it begins; stood down the day after that was agreed."""
    ladder = notified(climb).on("Mon 2026-11-30")
    ladder.act("action_suspended", agreed_on=day("Mon 2026-11-30"), **CHRISTMAS)
    return ladder.on("Tue 2026-12-01").act("dispute_stood_down", **ORDER)


def test_action_that_a_lifting_puts_into_a_suspension_begins_after_it(climb: Climb) -> None:
    """Turns red if `begin_action` asks only about the stand-down: action would begin, and members follow, on 16 Dec."""
    ladder = christmas(climb)
    lift(ladder.on("Tue 2026-12-15"), day("Wed 2026-12-16"))
    assert due(ladder) == ["2027-01-11"]
    ladder.on("Wed 2026-12-16", work=True)
    assert [each.stage for each in ladder.actions] == [ActionStage.NOTIFIED]
    assert (begun(ladder), called(ladder)) == ([], set())
    ladder.on("Mon 2027-01-11")
    assert ladder.case_id in cases_due(ladder.uow)
    ladder.work()
    assert (begun(ladder), called(ladder)) == ([day("Mon 2027-01-11")], {"2027-01-11"})
    assert due(ladder) == []


def test_action_that_goes_on_before_its_suspension_is_due_on_both_days(climb: Climb) -> None:
    """Turns red if the day of resumption takes the place of the day on which action begins: no sweep would see that."""
    ladder = christmas(climb)
    lift(ladder.on("Tue 2026-12-08"), day("Thu 2026-12-10"))
    assert due(ladder) == ["2026-12-10", "2027-01-11"]
    ladder.on("Thu 2026-12-10", work=True)
    assert begun(ladder) == [day("Thu 2026-12-10")]
    assert due(ladder) == ["2027-01-11"]


def test_a_later_lifting_inside_a_suspension_that_an_earlier_one_went_past_leaves_it_standing(climb: Climb) -> None:
    """Turns red if a suspension counts as over because a lifting had named a day after it."""
    ladder = christmas(climb)
    lift(ladder.on("Wed 2026-12-02"), day("Mon 2027-02-01"))
    ladder.on("Thu 2026-12-03").act("dispute_stood_down", **ORDER)
    lift(ladder.on("Tue 2026-12-15"), day("Wed 2026-12-16"))
    ladder.on("Wed 2026-12-16", work=True)
    assert begun(ladder) == []
    assert due(ladder) == ["2027-01-11"]
    assert begun(ladder.on("Mon 2027-01-11", work=True)) == [day("Mon 2027-01-11")]
    assert called(ladder) == {"2027-02-01", "2027-01-11"}


@dataclass
class Walk:
    """Random acts on random days, and the days that each stand-down left without action."""

    ladder: Ladder
    chance: random.Random
    today: date = BEFORE
    log: list[str] = field(default_factory=list)

    def step(self) -> None:
        """One act, or none, then some days pass, each with its morning's work."""
        soon = self.today + timedelta(self.chance.randint(0, 20))
        later = soon + timedelta(self.chance.randint(1, 25))
        pause = {"agreed_on": self.today, "suspends_on": soon, "resumes_on": later, "agreement": "a letter"}
        further = {"agreed_on": self.today, "resumes_on": later, "agreement": "another"}
        for act, facts, often in (
            ("action_suspended", pause, 0.4),
            ("suspension_extended", further, 0.2),
            ("dispute_stood_down", ORDER, 0.4),
        ):
            if self.chance.random() < often:
                self.attempt(act, facts)
        if self.chance.random() < 0.5:
            told(self.ladder)
            self.attempt("stand_down_lifted", {"reason": "discharged", "resumes_on": soon}, by=SECOND)
        self.pass_days(self.chance.randint(1, 6))

    def attempt(self, act: str, facts: Mapping[str, Any], by: str = "officer:first") -> None:
        try:
            self.ladder.act(act, by=by, **facts)
        except MandateError:
            return
        self.log.append(f"{self.today} {act} {facts}")

    def pass_days(self, number: int) -> None:
        for _ in range(number):
            self.today += timedelta(1)
            self.ladder.on(f"{self.today:%a %Y-%m-%d}")
            if self.ladder.case_id in cases_due(self.ladder.uow):
                self.ladder.work()


@pytest.mark.parametrize("seed", range(6))
def test_in_whatever_order_action_begins_on_a_day_of_action(climb: Climb, seed: int) -> None:
    """
    Turns red if action begins inside a suspension, before the day named in lifting or while the dispute stands down; or
    if it never begins, because no day is due on which a sweep would look.
    """
    walk = Walk(notified(climb), random.Random(seed))
    for _ in range(5):
        walk.step()
    told(walk.ladder)
    ladder = walk.ladder
    suspended_to = [row.resumes_on for row in ladder.uow.session.query(ActionSuspension)]
    stood = ladder.uow.session.query(StandDown).order_by(StandDown.ordered_at).all()
    stands = bool(stood) and stood[-1].lifted_at is None
    ends = max([*suspended_to, *(row.resumes_on for row in stood if row.resumes_on), STARTS, walk.today])
    walk.pass_days((ends - walk.today).days + 1)
    story = "\n".join(walk.log)
    [action] = ladder.actions
    assert stands or action.stage is ActionStage.BEGUN, story
    for on in begun(ladder):
        assert on >= STARTS, story
        assert suspensions.free_day(ladder.uow, action, on) == on, story
        last = [row for row in stood if london_day(row.ordered_at) < on]
        assert all(row.resumes_on is None or row.resumes_on <= on for row in last[-1:]), story
    assert len(begun(ladder)) <= 1, story
