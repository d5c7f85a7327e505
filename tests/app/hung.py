"""A row of every kind that hangs on cases, with whose each is: told apart here, and not by the program."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, inspect

from ballots import notices
from ballots.lifecycle import BallotStage
from ballots.mandate import ActionKind, Pattern
from ballots.models import (
    Action,
    ActionStage,
    Ballot,
    BallotCase,
    BallotLeg,
    BallotScope,
    EntitledToVote,
    MandateRow,
)
from ballots.timetable_facts import VotingMethod
from casework import parties
from casework.agreements.models import Agreement, MonitoringCheck
from casework.cases import Case, CaseEvent, CaseIssue, StageEntry
from casework.deadlines import Deadline, DeadlineKind
from casework.disputes import Dispute, DisputeCase, DisputeLeg
from casework.pay.models import Claim, ClaimState, ClaimWindow, PaymentBatch, PaymentLine
from casework.register.employers import Service
from casework.register.models import Member
from casework.stand_downs import Party, StandDown, StandDownReason, StandDownRecipient
from core import requests
from core.findings import Citation
from core.nations import Nation
from core.requests import FlowRequest
from core.unit_of_work import UnitOfWork
from core.why import POLICY, Why
from notifications import crowd
from notifications.crowd import Addressed
from notifications.lifecycle import EvidenceClass, Medium
from notifications.messages import Message
from notifications.models import Attempt, Evidence, EvidenceFile, InboxItem, Notice, ServiceTask
from tests.builders import a_member

Key = tuple[Any, ...]
NOBODYS: frozenset[uuid.UUID] = frozenset()
WHY = Why("The head teacher answers.", {}, "today", Citation("The union's rules", "answers", "here"), POLICY)


@dataclass
class Hung:
    """Every row by its kind and key: the cases through which it is reached. `personal` ones are a member's."""

    uow: UnitOfWork
    cases: list[Case]
    whose: dict[type[Any], dict[Key, frozenset[uuid.UUID]]] = field(default_factory=dict)
    personal: set[tuple[type[Any], Key]] = field(default_factory=set)
    members: dict[uuid.UUID, Member] = field(default_factory=dict)
    model: Notice | None = None

    def add(self, row: Any, *owners: Case, personal: bool = False) -> Any:
        """Put a row on record as these cases'."""
        if row not in self.uow.session:
            self.uow.session.add(row)
        self.uow.session.flush()
        key = tuple(inspect(row).identity)
        self.whose.setdefault(type(row), {})[key] = frozenset(each.id for each in owners)
        if personal:
            self.personal.add((type(row), key))
        return row

    def reached(self, kind: type[Any], case: Case, *, members: bool) -> set[Key]:
        """The keys of the rows that whoever reaches this one case finds."""
        rows = self.whose[kind].items()
        return {key for key, of in rows if case.id in of and (members or (kind, key) not in self.personal)}


def hung(uow: UnitOfWork, own: Case, others: Case, *, shared: bool = True) -> Hung:
    """Rows of one case, of another, and, if they are to have a dispute in common, of both together."""
    made = Hung(uow, [own, others])
    for case in made.cases:
        member = made.members[case.id] = a_member(uow, case.workplace)
        made.add(case, case)
        made.add(member, case, personal=True)
    made.model = _model(uow, made.members[own.id])
    for case in made.cases:
        _of_a_case(made, case)
    for cases in ([own], [others], *([[own, others]] if shared else [])):
        _of_a_dispute(made, cases)
    made.add(InboxItem(source="mail", external_id="1", payload_sha="0" * 64, seen_at=uow.now))
    return made


def _of_a_case(made: Hung, case: Case) -> None:
    uow, member, today = made.uow, made.members[case.id], made.uow.today
    for kind in (CaseEvent, StageEntry):
        for row in uow.session.query(kind).filter_by(case_id=case.id):
            made.add(row, case)
    for row in case.issues:
        made.add(row, case)
    assert made.whose[CaseIssue]
    of = {"case_id": case.id}
    deadline = made.add(Deadline(**of, kind=DeadlineKind.HEAD_ANSWER, due_on=today, why=WHY.as_dict()), case)
    agreement = made.add(Agreement(**of, recorded_on=today), case)
    made.add(MonitoringCheck(**of, happened_on=today, recorded_by="officer:a", evidence="Seen.", broken=[]), case)
    made.add(ClaimWindow(**of, round=1, closed_on=today, closed_by="a", unclaimed=1, reason="Over."), case)
    claim = Claim(**of, member_id=member.id, round=1, state=ClaimState.PAID, submitted_on=today, payslip_pence=9)
    claim.evidence_sha256 = "0" * 64
    made.add(claim, case)
    batch = PaymentBatch(ref=f"P-{case.ref}", prepared_by="a", prepared_on=today, content=b"", sha256="0" * 64)
    batch.lines_count = batch.total_pence = 1
    made.add(batch, case)
    paid = {"claim_id": claim.id, "batch_id": batch.id, "payee_member_id": member.id}
    uow.session.add(PaymentLine(**paid, pence=1, end_to_end_id=f"E-{case.ref}"))
    run, _ = requests.ask(uow, "workplace_case", [case.id], f"run of {case.ref}")
    made.add(run, case)
    assert isinstance(run, FlowRequest)
    to_head = f"workplace:{case.workplace_id}"
    for subject in (f"case:{case.id}", f"deadline:{deadline.id}", f"agreement:{agreement.id}"):
        _notice(made, subject, to_head, [case])
    _notice(made, f"claim:{claim.id}", f"member:{member.id}", [case], personal=True)


def _of_a_dispute(made: Hung, cases: Sequence[Case]) -> None:
    uow, today = made.uow, made.uow.today
    employer, name = cases[0].workplace.employer_id, "-".join(each.ref for each in cases)
    dispute = made.add(Dispute(ref=f"D-{name}", matters=["meetings"], declared_on=today), *cases)
    leg = made.add(DisputeLeg(dispute_id=dispute.id, employer_id=employer), *cases)
    ballot = made.add(_ballot(dispute, f"B-{name}", made), *cases)
    made.add(BallotLeg(ballot_id=ballot.id, employer_id=employer), *cases)
    terms = {"first_day": today, "last_day": today, "last_day_lenient": today, "begins_by": False}
    mandate = MandateRow(ballot_id=ballot.id, employer_id=employer, workplace_ids=[], kind=ActionKind.STRIKE, **terms)
    made.add(mandate, *cases)
    ordered = StandDown(dispute_id=dispute.id, reason=StandDownReason.ERROR, note="A slip.", ordered_by="officer:a")
    ordered.ordered_at = uow.now
    made.add(ordered, *cases)
    for subject in (f"ballot:{ballot.id}", f"dispute:{dispute.id}", f"stand_down:{ordered.id}"):
        _notice(made, subject, f"employer:{employer}", cases)
    for case in cases:
        member = made.members[case.id]
        left = None if len(cases) > 1 else today
        made.add(DisputeCase(case_id=case.id, leg_id=leg.id, joined_on=today, settled_on=left), case)
        made.add(BallotCase(ballot_id=ballot.id, case_id=case.id), case)
        voter = {"member_id": member.id, "employer_id": employer, "workplace_id": case.workplace_id}
        made.add(EntitledToVote(ballot_id=ballot.id, **voter, category="teacher"), case, personal=True)
        action = made.add(_action(case, mandate, made), case)
        told = {"party": Party.MEMBER, "party_id": member.id, "place": 4, "case_id": case.id}
        made.add(StandDownRecipient(stand_down_id=ordered.id, **told), case)
        for subject in (f"ballot:{ballot.id}", f"action:{action.id}", f"stand_down:{ordered.id}"):
            _notice(made, subject, f"member:{member.id}", [case], personal=True)


def _ballot(dispute: Dispute, ref: str, made: Hung) -> Ballot:
    today = made.uow.today
    return Ballot(
        ref=ref,
        dispute_id=dispute.id,
        stage=BallotStage.PLANNED,
        scope=BallotScope.AGGREGATE,
        nation=Nation.ENGLAND.value,
        service=Service.STATE_TEACHING.value,
        method=VotingMethod.POSTAL.value,
        questions=["strike"],
        opens_on=today + timedelta(days=30),
        closes_on=today + timedelta(days=60),
        caller="General Secretary",
        scrutineer="Example Election Services",
        return_address="2 Example Road",
        entitled=2,
        authorised_on=today,
        authorised_by="officer:a",
    )


def _action(case: Case, mandate: MandateRow, made: Hung) -> Action:
    today = made.uow.today
    return Action(
        case_id=case.id,
        mandate_id=mandate.id,
        kind=ActionKind.STRIKE,
        pattern=Pattern.DISCONTINUOUS,
        stage=ActionStage.NOTIFIED,
        starts_on=today + timedelta(days=90),
        days=[(today + timedelta(days=90)).isoformat()],
        instructions=[],
        affected=1,
        by_category={"teacher": 1},
        authorised_on=today,
        authorised_by="officer:a",
    )


def _model(uow: UnitOfWork, member: Member) -> Notice:
    """A notice that every other is a copy of, but for its subject and its recipient."""
    days = [uow.today + timedelta(days=90)]
    facts = notices.strike_call("A School", "A Council", days, caller="GS", reference="X", pickets=6)
    copy = Addressed(Message("strike_call", facts), parties.member(member), Medium.MAIL)
    crowd.enqueue_all(uow, [copy], subject_ref="nothing:0")
    return uow.session.query(Notice).filter_by(subject_ref="nothing:0").one()


def _notice(made: Hung, subject: str, to: str, cases: Sequence[Case], *, personal: bool = False) -> None:
    uow, model = made.uow, made.model
    assert model is not None
    plain = {each.key: getattr(model, each.key) for each in inspect(Notice).column_attrs}
    key = uuid.uuid4()
    changed = {"id": key, "subject_ref": subject, "recipient_key": to, "idem_key": str(key), "message_id": str(key)}
    uow.session.execute(insert(Notice), [plain | changed])
    made.add(uow.session.get_one(Notice, key), *cases, personal=personal)
    attempt = Attempt(notice_id=key, epoch=1, channel="smtp", started_at=uow.now)
    made.add(attempt, *cases, personal=personal)
    digest = hashlib.sha256(key.bytes).hexdigest()
    kept = EvidenceFile(sha256=digest, content=key.bytes, content_type="image/png", stored_by="a", stored_at=uow.now)
    made.add(kept, *cases, personal=personal)
    shown = {"notice_id": key, "evidence_class": EvidenceClass.C, "kind": "seen", "received_on": uow.today}
    made.add(Evidence(**shown, received_at=uow.now, sha256=digest, recorded_by="a"), *cases, personal=personal)
    task = ServiceTask(notice_id=key, kind="check_address", because="It came back.", opened_at=uow.now)
    made.add(task, *cases, personal=personal)
