"""
Plays the demonstration: the clock jumps from due date to due date, sweeps and flows do their part, people theirs.

Nothing here knows how a case moves. It sets the clock, runs what a worker runs, and records acts through the same table
of acts as the page and the command line.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from sqlalchemy import select

from app import acts, runs
from app.demo import pay_scenes, screenplay
from app.demo.opening import SCHOOL, Cast
from app.demo.screenplay import Counts, Scene
from ballots.handlers import subjects_of
from casework import repository
from casework.cases import Pursuit
from casework.deadlines import Deadline
from casework.handlers import open_case
from casework.register import workplaces
from casework.register.models import Member
from core.clock import london_instant, set_stored_clock
from core.db import database
from core.errors import MandateError, NotFound
from core.unit_of_work import reading, unit_of_work
from flows.errors import Failure
from notifications.lifecycle import Medium
from notifications.models import Notice
from notifications.proof import ReceiptKind

BEGINS_ON = date(2026, 9, 1)
MORNING, MIDDAY = time(9, 0), time(12, 0)
RECEIPTS = {"ballot_result_employer": (Medium.MAIL, ReceiptKind.ACKNOWLEDGED)}
BY_HAND = (Medium.LETTER, ReceiptKind.HANDED_OVER)

Tell = Callable[[date, str, str], None]


class PlayStopped(MandateError):
    """A step of a flow failed: the demonstration does not go on as if nothing had happened."""

    def __init__(self, failures: tuple[Failure, ...]) -> None:
        what = "; ".join(f"{each.subject}: {each.error} at {each.place}" for each in failures)
        super().__init__(f"A step failed, so the demonstration stopped: {what}.")


@dataclass
class Performance:
    """One run of the play. `tell` hears the day, the stage and what happened."""

    cast: Cast
    prefect: bool
    tell: Tell
    case_id: uuid.UUID = field(default_factory=uuid.uuid4)
    played: int = 0
    today: date = BEGINS_ON

    def play(self) -> None:
        """From the first day to the last scene, stopping at every day on which something is due."""
        self._raise_case()
        days = self._days()
        for day, scenes in days:
            self._begin(day)
            for scene in scenes:
                self._act(scene)
            self._work()

    def _raise_case(self) -> None:
        self._set_clock(BEGINS_ON, MORNING)
        with unit_of_work(self.cast.staff) as uow:
            workplace = workplaces.find(uow, SCHOOL)
            self.case_id = open_case(uow, workplace, list(screenplay.ISSUES), Pursuit.CONCURRENT, "demo:raised").id
        self.tell(BEGINS_ON, "raised", "Members raise two workload issues")

    def _days(self) -> Iterator[tuple[date, list[Scene]]]:
        """Every day that matters, in order: days of scenes, and days on which a deadline or reminder falls."""
        scenes = self._scenes()
        upcoming = next(scenes, None)
        while upcoming is not None:
            due = self._next_due()
            if due is not None and due < upcoming.on:
                yield due, []
                continue
            day, todays = upcoming.on, []
            while upcoming is not None and upcoming.on == day:
                todays.append(upcoming)
                upcoming = next(scenes, None)
            yield day, todays

    def _scenes(self) -> Iterator[Scene]:
        """Scenes are written as they come: claims, for instance, exist only once they are made."""
        counts = self._counts()
        yield from screenplay.the_first_day(self.cast)
        yield from screenplay.before_the_ballot(self.cast, counts)
        yield from screenplay.the_ballot(self.cast, counts)
        yield from screenplay.the_asos(self.cast)
        yield from screenplay.the_strike(self.cast, counts)
        settlement = list(screenplay.the_settlement(self.cast))
        yield settlement[0]
        yield from pay_scenes.claims(self.cast, counts)
        for on in (pay_scenes.APPROVED_ON, pay_scenes.APPROVED_AGAIN_ON):
            yield Scene(on, "", "", "")
            yield from pay_scenes.approvals(self.cast, on)
        for on in (pay_scenes.PREPARED_ON, pay_scenes.RELEASED_ON):
            yield Scene(on, "", "", "")
            yield from pay_scenes.payment(self.cast, on)
        yield from settlement[1:]

    def _counts(self) -> Counts:
        with reading() as uow:
            school = workplaces.find(uow, SCHOOL)
            return Counts(len(uow.session.scalars(select(Member.id).where(Member.workplace_id == school.id)).all()))

    def _next_due(self) -> date | None:
        """The next day after today on which an open deadline falls, is over, or is recalled."""
        with reading() as uow:
            rows = uow.session.execute(
                select(Deadline.due_on, Deadline.remind_on, Deadline.reminded_on).where(
                    Deadline.met_on.is_(None), Deadline.cancelled_on.is_(None)
                )
            ).all()
        days = {row.due_on for row in rows} | {row.due_on + timedelta(days=1) for row in rows}
        days |= {row.remind_on for row in rows if row.remind_on and not row.reminded_on}
        return min((day for day in days if day > self.today), default=None)

    def _begin(self, day: date) -> None:
        """The morning of a day: the deadline sweep, and what it asks for."""
        if day > self.today:
            self._set_clock(day, MORNING)
            self._check(runs.sweep_deadlines(prefect=self.prefect))
            self._work()
        self._set_clock(day, MIDDAY)

    def _set_clock(self, day: date, at: time) -> None:
        self.today = day
        with database().writing() as session:
            set_stored_clock(session, london_instant(day, at))

    def _act(self, scene: Scene) -> None:
        if not scene.act:
            return
        facts = dict(scene.facts)
        if scene.act == "notice_received":
            facts = self._receipt(facts["kind"])
        act = acts.act_named(scene.act)
        self.played += 1
        with unit_of_work(scene.by) as uow:
            acts.do(uow, self.case_id, act, act.facts.model_validate(facts), f"demo:{self.played}")
            stage = repository.get(uow, self.case_id).stage
        self.tell(self.today, stage, scene.said)
        if scene.act not in {"claim_submitted", "claim_approved"}:
            self._work()

    def _receipt(self, kind: str) -> dict[str, object]:
        """The latest paper of a kind about the case that went out, as someone saw it arrive."""
        medium, how = RECEIPTS.get(kind, BY_HAND)
        with reading() as uow:
            sent = (
                select(Notice.id)
                .where(Notice.subject_ref.in_(subjects_of(uow, self.case_id)))
                .where(Notice.kind == kind, Notice.medium == medium, Notice.queued_at.is_not(None))
                .order_by(Notice.queued_at.desc())
            )
            notice_id = uow.session.scalars(sent.limit(1)).first()
        if notice_id is None:
            raise NotFound("notice that went out of the kind", kind)
        return {"notice": notice_id, "received_on": self.today, "how": how}

    def _work(self) -> None:
        """What a worker does after an act: advance what was asked for, deliver what is due."""
        self._check(runs.drain(prefect=self.prefect))
        if runs.anything_to_send():
            self._check(runs.deliver(prefect=self.prefect))

    def _check(self, failures: tuple[Failure, ...]) -> None:
        if failures:
            raise PlayStopped(failures)
