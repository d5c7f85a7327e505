"""A case on the rungs of the ballot: acts by name, steps in the order of the flows, papers that arrive."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from sqlalchemy import text

from ballots import action_steps, steps, suspensions
from ballots.acts import ACTS
from ballots.models import Action, Ballot
from ballots.repository import actions_of
from ballots.stopping_acts import ACTS as STOPPING
from casework import repository
from casework.cases import Case
from casework.deadlines import Deadline, DeadlineKind, open_deadlines
from casework.lifecycle import EventKind, Stage
from core.clock import Clock, london_instant
from core.db import Base
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import Medium, State
from notifications.listing import about
from notifications.models import Notice
from notifications.proof import ReceiptKind
from tests.builders import UP_TO_NEGOTIATION, a_case, a_member, a_workplace, acting, happen
from tests.days import day

OFFICER, SECOND = "officer:first", "officer:second"
OPENS, CLOSES = "Tue 2026-10-20", "Tue 2026-11-17"
TEACHERS, SUPPORT = 10, 2
ENTITLED = TEACHERS + SUPPORT
BOTH = {"questions": ["strike", "asos"]}
WON = {
    "entitled": ENTITLED,
    "cast": 10,
    "strike_yes": 7,
    "strike_no": 2,
    "strike_spoiled": 1,
    "asos_yes": 9,
    "asos_no": 1,
    "asos_spoiled": 0,
}
STEPS = (
    steps.prepare_ballot_notices,
    steps.serve_ballot_notices,
    steps.open_ballot,
    steps.close_ballot,
    steps.tell_result,
    action_steps.prepare_action_notices,
    action_steps.serve_action_notices,
    action_steps.send_instruction_sheets,
    action_steps.send_strike_calls,
    action_steps.begin_action,
    action_steps.end_strike,
    action_steps.end_action,
    suspensions.resume_suspended,
)
Step = Callable[[UnitOfWork, uuid.UUID], None]


@dataclass
class Ladder:
    """One case in one transaction; the day is the test's to set."""

    uow: UnitOfWork
    case_id: uuid.UUID

    @property
    def case(self) -> Case:
        return repository.get(self.uow, self.case_id)

    @property
    def stage(self) -> Stage:
        return self.case.stage

    def on(self, written: str, *, work: bool = False) -> Ladder:
        """The same case at noon of a day; `work` runs every step first, as the morning's sweep does."""
        self.uow = replace(self.uow, clock=Clock(london_instant(day(written), time(12))))
        if work:
            self.work()
        return self

    def act(self, name: str, by: str = OFFICER, **facts: Any) -> Ladder:
        """Do an act by its name, as the page's form would; then every step."""
        act = {each.name: each for each in (*ACTS, *STOPPING)}[name]
        act.handler(acting(self.uow, by), self.case_id, act.facts.model_validate(facts), None)
        return self.work()

    def work(self) -> Ladder:
        """Every step, and every queued paper goes out."""
        for step in STEPS:
            step(self.uow, self.case_id)
        self.uow.session.flush()
        send(self.uow)
        return self

    @property
    def ballot(self) -> Ballot:
        """The ballot authorised last."""
        rows = self.uow.session.query(Ballot).order_by(Ballot.authorised_on, Ballot.ref).all()
        return rows[-1]

    @property
    def actions(self) -> list[Action]:
        return list(actions_of(self.uow, self.case_id))

    def papers(self, kind: str, subject: str | None = None) -> list[Notice]:
        """The papers of a kind, by letter first; about the last ballot unless a subject is given."""
        found = [each for each in about(self.uow, subject or f"ballot:{self.ballot.id}") if each.kind == kind]
        return sorted(found, key=lambda each: (each.medium is not Medium.LETTER, each.recipient_key))

    def arrives(self, kind: str, subject: str | None = None, how: ReceiptKind = ReceiptKind.HANDED_OVER) -> Ladder:
        """The letter of a kind is shown to have arrived today."""
        letter = self.papers(kind, subject)[0]
        return self.act("notice_received", notice=letter.id, received_on=self.uow.today, how=how)

    def notice_of_action(self) -> Notice:
        """The letter with the notice of the action authorised last."""
        return self.papers("notice_of_action", f"action:{self.actions[-1].id}")[0]

    def action_arrives(self) -> Ladder:
        """A second officer approves the notice of action, and it is handed over today."""
        self.act("action_notices_approved", by=SECOND)
        return self.arrives("notice_of_action", f"action:{self.actions[-1].id}")

    def deadline(self, kind: DeadlineKind) -> date | None:
        """The day of the open deadline of a kind."""
        found = open_deadlines(self.uow, self.case_id, kind)
        return found[0].due_on if found else None

    def met(self, kind: DeadlineKind) -> date | None:
        """The day on which the latest deadline of a kind was met."""
        rows = self.uow.session.query(Deadline).filter_by(case_id=self.case_id, kind=kind).all()
        return max((row.met_on for row in rows if row.met_on), default=None)

    def kinds(self) -> list[EventKind]:
        """What happened, oldest first."""
        return [event.kind for event in repository.events_of(self.uow, self.case_id)]


def send(uow: UnitOfWork) -> None:
    """Every queued notice whose time has come is handed to its channel, as the delivery records it."""
    for notice in uow.session.query(Notice).filter_by(state=State.QUEUED).filter(Notice.send_after <= uow.now):
        notice.state, notice.epoch = State.SENDING, notice.epoch + 1
        notice.state = State.ACCEPTED
    uow.session.flush()


def dump(uow: UnitOfWork) -> dict[str, list[str]]:
    """Every row of every table but requests for work, which are asked for anew."""
    uow.session.flush()
    tables = [name for name in sorted(Base.metadata.tables) if name != "pending_work"]
    return {
        name: sorted(repr(tuple(row)) for row in uow.session.execute(text(f'SELECT * FROM "{name}"')))
        for name in tables
    }


def disputed(uow: UnitOfWork, **changes: Any) -> Ladder:
    """A case of a school with ten teachers and two support staff, its dispute declared on 1 September 2026."""
    members = changes.pop("members", ENTITLED)
    workplace = a_workplace(uow, **changes)
    for number in range(members):
        a_member(uow, workplace, category="support staff" if number < SUPPORT else "teacher")
    case = a_case(uow, workplace, ("meetings", "observation"))
    happen(uow, case, *UP_TO_NEGOTIATION, (EventKind.NEGOTIATION_HELD, {"answer": "refused"}))
    ladder = Ladder(uow, case.id)
    return ladder.act("dispute_declared")


def planned(ladder: Ladder, **facts: Any) -> Ladder:
    """A ballot on both questions, authorised on 6 October, its papers prepared."""
    given = {**BOTH, "opens_on": day(OPENS), "closes_on": day(CLOSES), **facts}
    return ladder.on("Tue 2026-10-06").act("ballot_authorised", **given)


def noticed(ladder: Ladder) -> Ladder:
    """Papers approved on the 7th and handed over on the 8th."""
    planned(ladder).on("Wed 2026-10-07").act("ballot_notices_approved", by=SECOND)
    ladder.on("Thu 2026-10-08").arrives("notice_of_ballot")
    return ladder.arrives("sample_voting_paper")


def closed(ladder: Ladder) -> Ladder:
    """The voting is over."""
    return noticed(ladder).on(OPENS, work=True).on("Wed 2026-11-18", work=True)


def won(ladder: Ladder) -> Ladder:
    """Both questions carried on 18 November; the employer acknowledged the result on the 19th."""
    closed(ladder).act("result_declared", **WON)
    return ladder.on("Thu 2026-11-19").arrives("ballot_result_employer", how=ReceiptKind.ACKNOWLEDGED)


def in_force(ladder: Ladder) -> Ladder:
    """Action short of a strike since 7 December."""
    won(ladder).on("Fri 2026-11-20").act("asos_authorised", instructions=[2, 6], starts_on=day("Mon 2026-12-07"))
    return ladder.on("Tue 2026-11-24").action_arrives().on("Mon 2026-12-07", work=True)


def striking(ladder: Ladder) -> Ladder:
    """Two strike days, 27 and 28 January 2027, notified on 14 January."""
    in_force(ladder).on("Mon 2027-01-11").act("escalation_sought", happened_on=day("Mon 2027-01-11"))
    ladder.act("escalation_meeting_held", happened_on=day("Mon 2027-01-11"), present=10, in_favour=8)
    ladder.act("strike_authorised", days=[day("Wed 2027-01-27"), day("Thu 2027-01-28")])
    return ladder.on("Thu 2027-01-14").action_arrives()


def older(ladder: Ladder) -> Ladder:
    """A ballot under the law before 18 February 2026: opened on 12 January, closed on the 30th, told on 9 February."""
    ladder.on("Thu 2026-01-01").act(
        "ballot_authorised", **BOTH, opens_on=day("Mon 2026-01-12"), closes_on=day("Fri 2026-01-30")
    )
    ladder.act("ballot_notices_approved", by=SECOND).arrives("notice_of_ballot").arrives("sample_voting_paper")
    ladder.on("Mon 2026-01-12", work=True).on("Mon 2026-02-09", work=True).act("result_declared", **WON)
    return ladder.arrives("ballot_result_employer", how=ReceiptKind.ACKNOWLEDGED)
