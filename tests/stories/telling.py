"""How a story is told: people act by name, days come one after another, and the plain path does the rest."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import acts, runs
from ballots.handlers import subjects_of
from casework import repository
from casework.deadlines import Deadline, open_deadlines
from casework.lifecycle import Event, EventKind, Stage
from casework.pay.approvals import OPEN_TO_APPROVAL
from casework.pay.claims import claim_of, claims_of
from casework.pay.models import Claim, PaymentBatch
from casework.register.models import Member
from core.clock import london_instant, set_stored_clock
from core.db import database
from core.errors import MandateError
from core.unit_of_work import reading, unit_of_work
from notifications.lifecycle import Medium
from notifications.models import Notice
from notifications.proof import ReceiptKind
from tests.ballots.law import keep_fresh
from tests.casework.pay.claiming import ends
from tests.days import day

STAFF, OFFICER, SECOND = "staff:rep", "officer:first", "officer:second"
FINANCE = ("officer:finance-one", "officer:finance-two")


@dataclass
class Story:
    """One case, from the day it is raised."""

    case_id: uuid.UUID
    letters: Path
    said: int = 0
    ladder: list[Stage] = field(default_factory=lambda: [Stage.RAISED])

    def again(self, letters: Path) -> Story:
        """The same story, told on from here with letters laid elsewhere."""
        return replace(self, letters=letters, ladder=[*self.ladder])

    def on(self, written: str) -> Story:
        """The morning of a day, after every day in between on which something was due."""
        wanted = day(written)
        while (due := self.next_due()) is not None and due < wanted:
            self._morning(due)
        return self._morning(wanted)

    def next_due(self) -> date | None:
        """The next day on which something is due, or is over."""
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
        with unit_of_work("staff:legal") as uow:
            keep_fresh(uow)
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

    def ballot(self, opens: str, closes: str, questions: Sequence[str]) -> Story:
        """A ballot is authorised, and a second person approves its papers."""
        self.act("ballot_authorised", questions=list(questions), opens_on=day(opens), closes_on=day(closes))
        return self.act("ballot_notices_approved", by=SECOND)

    def strike(self, notified: str, *days: str) -> Story:
        """Strike days are authorised, and notice of them arrives on a day."""
        self.act("strike_authorised", days=[day(each) for each in days])
        return self.act("action_notices_approved", by=SECOND).on(notified).arrives("notice_of_action")

    def struck(self, on: str, took_part: int) -> Story:
        """A strike day is held, and recorded the same day."""
        return self.on(on).act("strike_day_held", on=day(on), took_part=took_part)

    def settle(self, on: str, clauses: Sequence[Mapping[str, Any]]) -> Story:
        """The two sides agree, issue by issue."""
        return self.act("settlement_reached", happened_on=day(on), clauses=list(clauses))

    def claim(self, who: int, *days: str, pence: int) -> Story:
        """The member of that place in the register claims what the payslip says was deducted."""
        payslip = hashlib.sha256(f"payslip {self.said} of {who}".encode()).hexdigest()
        facts = {"days": [day(each) for each in days], "deducted_pence": pence, "evidence_sha256": payslip}
        return self.act("claim_submitted", by=STAFF, membership_number=self.members()[who], **facts)

    def members(self) -> list[str]:
        """The membership numbers of the workplace, in order."""
        with reading() as uow:
            workplace_id = repository.get(uow, self.case_id).workplace_id
            at_work = select(Member.membership_number).where(Member.workplace_id == workplace_id)
            return sorted(uow.session.scalars(at_work))

    def claims(self) -> list[Claim]:
        """The claims of the case, in order of membership number."""
        with reading() as uow:
            return sorted(claims_of(uow, self.case_id), key=lambda each: (each.round, each.member.membership_number))

    def account_ends(self, claim_id: uuid.UUID) -> str:
        """The last digits of the account that the register holds for whoever made a claim."""
        with reading() as uow:
            return ends(claim_of(uow, self.case_id, claim_id).member)

    def approve_claims(self, by: str) -> Story:
        """One person approves each claim that waits."""
        for claim in self.claims():
            if claim.state in OPEN_TO_APPROVAL:
                self.act("claim_approved", by=by, claim=claim.id)
        return self

    def pay(self, reason: str | None = None) -> Story:
        """One person prepares the payment file, another releases it."""
        self.act("payment_batch_prepared", by=FINANCE[0], reason=reason)
        with reading() as uow:
            ref = uow.session.scalars(select(PaymentBatch.ref).where(PaymentBatch.released_on.is_(None))).one()
        return self.act("payment_batch_released", by=FINANCE[1], batch=ref)

    def refused(self, name: str, by: str = OFFICER, **facts: Any) -> MandateError:
        """Somebody tries an act that is refused, and nothing of it stays; the refusal."""
        act = acts.act_named(name)
        before = self.kinds()
        with pytest.raises(MandateError) as refusal, unit_of_work(by) as uow:
            acts.do(uow, self.case_id, act, act.facts.model_validate(facts), f"story:refused:{self.said}")
        assert self.kinds() == before
        return refusal.value

    def offers(self) -> set[str]:
        """The acts that a page would offer for the case now."""
        with reading() as uow:
            return {act.name for act in acts.acts_offered(uow, repository.get(uow, self.case_id))}

    def due(self) -> dict[str, date]:
        """What is open, with its last good day."""
        with reading() as uow:
            return {row.kind.value: row.due_on for row in open_deadlines(uow, self.case_id)}

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

    def events(self, kind: EventKind) -> list[Event]:
        """Every event of a kind, oldest first."""
        with reading() as uow:
            return [event for event in repository.events_of(uow, self.case_id) if event.kind is kind]

    @property
    def today(self) -> date:
        with reading() as uow:
            return uow.today
