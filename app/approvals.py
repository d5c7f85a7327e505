"""
Papers that wait for a second person: which act approves them, of which case, and what whoever approves is shown.

Nobody approves what they have not seen: the form of the act lists each paper with its recipient and its digest.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app import acts
from app.notice_views import MEDIA, RECIPIENTS
from ballots import offers
from ballots.models import Action, ActionStage, BallotCase
from ballots.papers import BALLOT_PAPERS
from casework.acts import Act
from casework.cases import Case
from casework.register.models import Employer
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import Medium, State
from notifications.messages import message_kind
from notifications.models import Notice

BALLOT, ACTION = "ballot_notices_approved", "action_notices_approved"
APPROVED_BY: Mapping[str, str] = {**dict.fromkeys(BALLOT_PAPERS, BALLOT), "notice_of_action": ACTION}
"""The act that approves a kind of paper."""

COMMANDS: Mapping[str, str] = {BALLOT: "mandate ballot approve", ACTION: "mandate action approve"}

PAPERS: Mapping[str, Callable[[UnitOfWork, uuid.UUID], list[Notice]]] = {
    BALLOT: offers.ballot_papers_to_approve,
    ACTION: offers.action_papers_to_approve,
}


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper that an act would approve; `to` is the employer by name."""

    id: uuid.UUID
    label: str
    to: str
    by: str
    sha256: str
    has_letter: bool


@dataclass(frozen=True, slots=True)
class Approval:
    """That papers of a case wait for a second person: how many, and the act and the command that approve them."""

    act: str
    label: str
    command: str
    case_ref: str
    count: int


def papers_of(uow: UnitOfWork, case_id: uuid.UUID, act: Act) -> tuple[PaperLine, ...]:
    """What an act would approve; nothing for an act of another kind."""
    found = PAPERS[act.name](uow, case_id) if act.name in PAPERS else []
    names = _employers(uow, found)
    return tuple(
        PaperLine(
            each.id,
            message_kind(each.kind).label,
            names.get(each.recipient_key, RECIPIENTS.get(each.recipient_key.partition(":")[0], "Somebody")),
            MEDIA[each.medium],
            each.sha256,
            each.medium is Medium.LETTER or each.attachment_sha256 is not None,
        )
        for each in found
    )


def awaited(uow: UnitOfWork, notice_id: uuid.UUID) -> Approval | None:
    """The act that a notice waits for; None once it was approved or taken back, and where nobody has to approve."""
    waiting = _waiting(uow, notice_id)
    return waiting[0] if waiting else None


def waiting(uow: UnitOfWork) -> tuple[Approval, ...]:
    """Everything that waits for a second person, by case."""
    return _waiting(uow)


def _waiting(uow: UnitOfWork, notice_id: uuid.UUID | None = None) -> tuple[Approval, ...]:
    statement = (
        select(Notice.subject_ref, Notice.kind, func.count())
        .where(Notice.state == State.RENDERED, Notice.approved_by.is_(None), Notice.kind.in_(APPROVED_BY))
        .group_by(Notice.subject_ref, Notice.kind)
    )
    if notice_id is not None:
        statement = statement.where(Notice.id == notice_id)
    counts: Counter[tuple[str, str]] = Counter()
    for subject, kind, number in uow.session.execute(statement).tuples():
        counts[subject, APPROVED_BY[kind]] += number
    cases = _cases(uow, {subject for subject, _ in counts})
    found = [
        Approval(act, acts.act_named(act).label, COMMANDS[act], cases[subject], number)
        for (subject, act), number in counts.items()
        if subject in cases
    ]
    return tuple(sorted(found, key=lambda each: (each.case_ref, each.act)))


def _cases(uow: UnitOfWork, subjects: Collection[str]) -> dict[str, str]:
    """A case of each ballot or action whose stage allows the act that approves its papers."""
    ballots = (
        select(BallotCase.ballot_id, func.min(Case.ref))
        .join(Case, Case.id == BallotCase.case_id)
        .where(BallotCase.ballot_id.in_(_ids("ballot", subjects)), Case.stage.in_(acts.act_named(BALLOT).stages))
        .group_by(BallotCase.ballot_id)
    )
    actions = (
        select(Action.id, Case.ref)
        .join(Case, Case.id == Action.case_id)
        .where(Action.id.in_(_ids("action", subjects)), Action.stage == ActionStage.AUTHORISED)
        .where(Case.stage.in_(acts.act_named(ACTION).stages))
    )
    found = {f"ballot:{key}": ref for key, ref in uow.session.execute(ballots).tuples()}
    return found | {f"action:{key}": ref for key, ref in uow.session.execute(actions).tuples()}


def _ids(kind: str, refs: Collection[str]) -> list[uuid.UUID]:
    return [uuid.UUID(key) for found, _, key in (ref.partition(":") for ref in refs) if found == kind]


def _employers(uow: UnitOfWork, found: Sequence[Notice]) -> dict[str, str]:
    ids = _ids("employer", {each.recipient_key for each in found})
    rows = uow.session.execute(select(Employer.id, Employer.name).where(Employer.id.in_(ids))).tuples()
    return {f"employer:{key}": name for key, name in rows}
