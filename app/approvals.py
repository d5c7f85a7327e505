"""
Papers that wait for a second person: which act approves them, of which case, and what whoever approves is shown.

Nobody approves what they have not seen: the form of the act lists each paper with its recipient and its digest, and
carries one digest of all of them, without which and for other papers than which nothing is approved.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app import acts
from app.forms import Posted
from app.notice_views import MEDIA, RECIPIENTS
from ballots import approving, offers
from ballots.approving import ACTION, APPROVED_BY, BALLOT, PapersRead, Sealed
from ballots.models import Action, ActionStage, BallotCase
from casework import repository
from casework.acts import Act, Facts
from casework.cases import Case
from casework.register.models import Employer
from core.errors import RuleViolation
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork
from notifications.lifecycle import Medium, State
from notifications.messages import message_kind
from notifications.models import Notice

DIGEST, NOT_NAMED = "digest", "papers_not_named"

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
class Shown:
    """The papers that the form of an act shows, and the digest of them that it carries; None where it approves none."""

    papers: tuple[PaperLine, ...] = ()
    digest: str | None = None

    @property
    def carried(self) -> Posted:
        """The digest, by the name of its field."""
        return {} if self.digest is None else {DIGEST: [self.digest]}

    def sent_again(self, posted: Posted, findings: Sequence[Finding]) -> Posted:
        """
        What the form carries when it is shown once more: the digest that was sent, so that a change is not passed over
        in silence; that of the papers it shows now once the change was told, or none was sent.
        """
        told = any(each.code in (approving.CHANGED, NOT_NAMED) for each in findings)
        return posted if any(posted.get(DIGEST, ())) and not told else {**posted, **self.carried}


NO_PAPERS = Shown()


@dataclass(frozen=True, slots=True)
class Approval:
    """
    That papers of a case wait for a second person: how many, with one digest of all of them, and the act and the
    command that approve them.
    """

    act: str
    label: str
    command: str
    case_ref: str
    count: int
    digest: str


def papers_of(uow: UnitOfWork, case_id: uuid.UUID, act: Act) -> Shown:
    """What an act would approve; nothing for an act of another kind."""
    if act.name not in PAPERS:
        return NO_PAPERS
    found = PAPERS[act.name](uow, case_id)
    return Shown(_lines(uow, found), approving.digest_of(map(approving.sealed, found)))


def require_named(act: Act, facts: Facts) -> None:
    """`RuleViolation` where a form does not say which papers whoever sends it has read."""
    if isinstance(facts, PapersRead) and facts.digest is None:
        raise RuleViolation(f"{act.label}: nothing was approved.", (_not_named(),))


def _not_named() -> Finding:
    return Finding(
        NOT_NAMED,
        Severity.STOP,
        "The form did not say which papers you have read. Nothing was approved.",
        "Read the papers that are shown here, and then approve them.",
    )


def _lines(uow: UnitOfWork, found: Sequence[Notice]) -> tuple[PaperLine, ...]:
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
    asked = select(Notice.subject_ref, Notice.kind).where(
        Notice.id == notice_id, Notice.state == State.RENDERED, Notice.kind.in_(APPROVED_BY)
    )
    for subject, kind in uow.session.execute(asked).tuples():
        ref = cases_of(uow, [subject]).get(subject)
        return awaited_of(uow, repository.find(uow, ref), APPROVED_BY[kind]) if ref else None
    return None


def waiting(uow: UnitOfWork) -> tuple[Approval, ...]:
    """Everything that waits for a second person, by case: one act approves the notices of all its actions at once."""
    grouped = _grouped(uow)
    cases = cases_of(uow, {subject for subject, _ in grouped})
    found: defaultdict[tuple[str, str, str], list[Sealed]] = defaultdict(list)
    for (subject, act), papers in grouped.items():
        if subject in cases:
            found[cases[subject], act, subject if act == BALLOT else ""] += papers
    return tuple(_approval(act, ref, papers) for (ref, act, _), papers in sorted(found.items()))


def awaited_of(uow: UnitOfWork, case: Case, act: str) -> Approval | None:
    """That papers of one case wait for an act; None where none do."""
    found = PAPERS[act](uow, case.id)
    return _approval(act, case.ref, list(map(approving.sealed, found))) if found else None


def command(approval: Approval) -> str:
    """The command that approves what is listed, and nothing in its place."""
    return f"{approving.command(approval.act, approval.case_ref)} --digest {approval.digest}"


def _approval(act: str, case_ref: str, found: Collection[Sealed]) -> Approval:
    label, digest = acts.act_named(act).label, approving.digest_of(found)
    return Approval(act, label, approving.COMMANDS[act], case_ref, len(found), digest)


def _grouped(uow: UnitOfWork) -> Mapping[tuple[str, str], list[Sealed]]:
    """By what they are about and the act, the papers that wait; without their bytes, for there may be thousands."""
    statement = select(Notice.subject_ref, Notice.kind, *approving.SEALED).where(
        Notice.state == State.RENDERED, Notice.kind.in_(APPROVED_BY)
    )
    found: defaultdict[tuple[str, str], list[Sealed]] = defaultdict(list)
    for subject, kind, *sealed in uow.session.execute(statement):
        key, text, layout, letter = sealed
        found[subject, APPROVED_BY[kind]].append((key, text, layout, letter))
    return found


def cases_of(uow: UnitOfWork, subjects: Collection[str]) -> dict[str, str]:
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
