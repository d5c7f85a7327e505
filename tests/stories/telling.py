"""How a story is told: people act by name, days come one after another, and the plain path does the rest."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import acts, runs
from ballots.handlers import subjects_of
from casework import repository
from casework.deadlines import Deadline
from casework.lifecycle import EventKind, Stage
from core import history
from core.clock import london_instant, set_stored_clock
from core.db import database
from core.unit_of_work import reading, unit_of_work
from notifications.lifecycle import Medium
from notifications.models import Notice
from notifications.proof import ReceiptKind
from tests.days import day

STAFF, OFFICER, SECOND = "staff:rep", "officer:first", "officer:second"


@dataclass
class Story:
    """One case, from the day it is raised."""

    case_id: uuid.UUID
    letters: Path
    said: int = 0
    ladder: list[Stage] = field(default_factory=lambda: [Stage.RAISED])

    def on(self, written: str) -> Story:
        """The morning of a day, after every day in between on which something was due."""
        wanted = day(written)
        while (due := self._next_due()) is not None and due < wanted:
            self._morning(due)
        return self._morning(wanted)

    def _next_due(self) -> date | None:
        with reading() as uow:
            today = uow.today
            rows = uow.session.scalars(
                select(Deadline).where(Deadline.met_on.is_(None), Deadline.cancelled_on.is_(None))
            ).all()
        days = {row.due_on for row in rows} | {row.due_on + timedelta(days=1) for row in rows}
        return min((each for each in days if each > today), default=None)

    def _morning(self, on: date) -> Story:
        with database().writing() as session:
            set_stored_clock(session, london_instant(on, time(9)))
        assert runs.sweep_deadlines(prefect=False) == ()
        return self.work()

    def work(self) -> Story:
        """What a worker does: advance what was asked for, deliver what is due."""
        assert runs.drain(prefect=False) == ()
        assert runs.deliver(prefect=False) == ()
        if self.stage is not self.ladder[-1]:
            self.ladder.append(self.stage)
        return self

    def act(self, name: str, by: str = OFFICER, **facts: Any) -> Story:
        """Somebody records an act."""
        act = acts.act_named(name)
        self.said += 1
        with unit_of_work(by) as uow:
            assert acts.do(uow, self.case_id, act, act.facts.model_validate(facts), f"story:{self.said}")
        if self.stage is not self.ladder[-1]:
            self.ladder.append(self.stage)
        return self.work()

    def arrives(self, kind: str, how: ReceiptKind = ReceiptKind.HANDED_OVER) -> Story:
        """The latest letter of a kind that went out is shown to have arrived today."""
        with reading() as uow:
            sent = select(Notice).where(
                Notice.subject_ref.in_(subjects_of(uow, self.case_id)),
                Notice.kind == kind,
                Notice.medium == Medium.LETTER,
                Notice.queued_at.is_not(None),
            )
            latest = uow.session.scalars(sent.order_by(Notice.queued_at.desc())).first()
            assert latest is not None, f"no letter of the kind {kind} went out"
            facts = {"notice": latest.id, "received_on": uow.today, "how": how}
        return self.act("notice_received", **facts)

    @property
    def stage(self) -> Stage:
        with reading() as uow:
            return repository.get(uow, self.case_id).stage

    def kinds(self) -> list[EventKind]:
        with reading() as uow:
            return [event.kind for event in repository.events_of(uow, self.case_id)]

    def notices(self, kind: str) -> list[Notice]:
        with reading() as uow:
            return list(uow.session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.created_at)))

    def told(self, kind: str) -> Counter[str]:
        """How many notices of a kind each recipient was sent."""
        return Counter(each.recipient_key for each in self.notices(kind) if each.queued_at)

    def check(self) -> None:
        """What holds of every story: history is whole, and replaying the events gives the row."""
        with reading() as uow:
            assert history.verify(uow.session).whole
            case, state = repository.get(uow, self.case_id), repository.state_of(uow, self.case_id)
            assert (case.stage, case.entered_on) == (state.stage, state.entered_on)


def up_to_the_head(story: Story) -> Story:
    """Members meet on 8 September; the head has their letter."""
    story.act("members_meeting_arranged", by=STAFF, meets_on=day("Tue 2026-09-08")).on("Tue 2026-09-08")
    return story.act("members_meeting_held", by=STAFF, happened_on=day("Tue 2026-09-08"), present=10, in_favour=9)


def up_to_negotiation(story: Story) -> Story:
    """The head refuses on the 15th; the officer takes the case and meets members on the 28th."""
    up_to_the_head(story).on("Tue 2026-09-15")
    story.act("head_met", by=STAFF, happened_on=day("Tue 2026-09-15"), answer="refused")
    story.on("Mon 2026-09-21").act("officer_accepted").on("Mon 2026-09-28")
    readiness: Mapping[str, Any] = {"present": 11, "ready_for_asos": 10, "ready_to_strike": 8}
    return story.act("assessment_recorded", happened_on=day("Mon 2026-09-28"), **readiness)


def up_to_the_count(story: Story) -> Story:
    """A ballot on both questions, open from 20 October to 17 November."""
    up_to_negotiation(story).on("Mon 2026-10-05")
    story.act("negotiation_held", happened_on=day("Mon 2026-10-05"), answer="refused").act("dispute_declared")
    days = {"opens_on": day("Tue 2026-10-20"), "closes_on": day("Tue 2026-11-17")}
    story.act("ballot_authorised", questions=["strike", "asos"], **days).act("ballot_notices_approved", by=SECOND)
    story.on("Thu 2026-10-08").arrives("notice_of_ballot").arrives("sample_voting_paper")
    return story.on("Wed 2026-11-18")


def up_to_asos(story: Story) -> Story:
    """Both questions are carried; action short of a strike begins on 7 December."""
    up_to_the_count(story).act(
        "result_declared", entitled=12, cast=10, strike_yes=7, strike_no=3, asos_yes=9, asos_no=1
    )
    story.on("Thu 2026-11-19").arrives("ballot_result_employer", ReceiptKind.ACKNOWLEDGED)
    story.act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))
    story.act("action_notices_approved", by=SECOND).on("Tue 2026-11-24").arrives("notice_of_action")
    return story.on("Mon 2026-12-07")
