"""
When an act of ballots or action makes sense for a case, and the sentence that refuses it when it does not.

The lists of what can be recorded ask the `may_` functions; the handlers ask the others, which say what comes next.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence

from ballots import approving, papers, repository
from ballots.joining import matters_balloted
from ballots.lifecycle import BallotStage
from ballots.models import Action, ActionStage, Ballot
from casework import disputes
from casework import repository as cases
from casework.deadlines import DeadlineKind, open_deadlines
from casework.lifecycle import Stage
from core.calendar import in_words
from core.errors import BadInput, Conflict, RuleViolation
from core.unit_of_work import UnitOfWork
from notifications import listing
from notifications.models import Notice

NOT_SERVED = (BallotStage.PLANNED, BallotStage.NOTICED)
NOT_OVER = (*NOT_SERVED, BallotStage.OPEN)

_NEXT: Mapping[BallotStage, str] = {
    BallotStage.PLANNED: "Next its papers are approved, and their receipt is recorded.",
    BallotStage.NOTICED: "It opens by itself on {opens_on}.",
    BallotStage.OPEN: "It closes by itself after {closes_on}.",
    BallotStage.CLOSED: "Next its result is declared.",
    BallotStage.COUNTED: "Next its result is declared.",
    BallotStage.DECLARED: "Its result stands; members may be asked again in another ballot.",
}


def current_ballot(uow: UnitOfWork, case_id: uuid.UUID, wanted: str, *stages: BallotStage) -> Ballot:
    """The ballot of a case, if it stands at one of the stages; else `Conflict`. `wanted` begins the sentence."""
    ballot = repository.ballot_of(uow, case_id)
    if ballot is None:
        raise Conflict(f"{wanted} takes a ballot under way, and this case has none. Authorise a ballot first.")
    if ballot.stage not in stages:
        after = _NEXT[ballot.stage].format(opens_on=in_words(ballot.opens_on), closes_on=in_words(ballot.closes_on))
        raise Conflict(
            f"{wanted} takes a ballot that is {' or '.join(stages)}, and the ballot {ballot.ref} is {ballot.stage}. "
            f"{after}"
        )
    return ballot


def closed_ballot(uow: UnitOfWork, case_id: uuid.UUID, ref: str | None = None) -> Ballot:
    """
    The ballot whose result is awaited, of whichever dispute: neither a settlement nor the next dispute undoes the duty
    to tell it (s. 231).

    `BadInput` when the case has several and `ref` names none of them: figures of one never count for another.
    """
    held = {each.ref: each for each in repository.ballots_of(uow, case_id, BallotStage.CLOSED)}
    now = repository.ballot_of(uow, case_id)
    if not held or (ref is None and now is not None and now.stage is BallotStage.OPEN):
        # Figures that name no ballot are taken for those of the one that is being voted in.
        return current_ballot(uow, case_id, "Declaring the result", BallotStage.CLOSED)
    named = ref if ref or len(held) > 1 else next(iter(held))
    if named not in held:
        raise BadInput(field="ballot", found=ref or "nothing", wanted=" or ".join(sorted(held)))
    return held[named]


def ballot_papers(uow: UnitOfWork, ballot: Ballot) -> list[Notice]:
    """The prepared notices and sample voting papers of a ballot."""
    return [each for each in listing.to_others(uow, papers.ballot_ref(ballot.id)) if each.kind in papers.BALLOT_PAPERS]


def action_papers(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[tuple[Action, Notice]]:
    """The prepared notices of action that is authorised and not notified."""
    actions = repository.actions_of(uow, case_id, ActionStage.AUTHORISED)
    return [(action, notice) for action in actions for notice in listing.to_others(uow, papers.action_ref(action.id))]


def reported_ballot(uow: UnitOfWork, case_id: uuid.UUID) -> Ballot:
    """The declared ballot whose scrutineer's report is awaited; else `Conflict`."""
    declared = repository.ballots_of(uow, case_id, BallotStage.DECLARED)
    if not declared:
        raise Conflict("The scrutineer's report takes a ballot whose result is declared. Declare the result first.")
    ballot = declared[0]
    reported = repository.report_on(uow, ballot)
    if reported is not None:
        raise Conflict(
            f"The scrutineer's report on the ballot {ballot.ref} was recorded as received on "
            f"{in_words(reported.happened_on)}; there is one report on a ballot."
        )
    return ballot


def require_matters(uow: UnitOfWork, case_id: uuid.UUID) -> list[str]:
    """
    The issues over which a dispute can be declared, sorted.

    `Conflict` when one over all of them stands, `RuleViolation` when a ballot stands that asked about fewer.
    """
    standing = disputes.live_dispute_of(uow, case_id)
    if standing is not None and disputes.changed_hands(uow, case_id):
        _require_no_ballot(uow, case_id)
        standing = None
    matters = {row.code for row in cases.get(uow, case_id).issues}
    if standing is not None:
        matters |= disputes.matters_of(uow, standing.id)
    if standing is not None and matters <= set(standing.matters):
        raise Conflict(
            f"The dispute {standing.ref} over the same matters was declared on {in_words(standing.declared_on)}. "
            "Authorise a ballot, or add an issue and declare it again."
        )
    ballot = repository.ballot_that_stands(uow, standing.id) if standing is not None else None
    if standing is not None and ballot is not None:
        fixed = matters_balloted(matters - set(standing.matters), ballot.ref)
        raise RuleViolation("The dispute cannot be declared over more.", (fixed,))
    return sorted(matters)


def _require_no_ballot(uow: UnitOfWork, case_id: uuid.UUID) -> None:
    ballot = repository.ballot_of(uow, case_id)
    if ballot is not None and ballot.stage in NOT_OVER:
        raise Conflict(
            f"The register names another employer since, and the ballot {ballot.ref} is with the one before. Cancel "
            "it, then declare the dispute with the employer of now."
        )


def may_declare(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether there is a dispute to declare."""
    return _works(require_matters, uow, case_id)


def may_authorise_ballot(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether a dispute stands that no ballot is under way for."""
    return disputes.live_dispute_of(uow, case_id) is not None and not repository.is_under_ballot(uow, case_id)


def ballot_papers_to_approve(uow: UnitOfWork, case_id: uuid.UUID) -> list[Notice]:
    """The papers of a case's ballot that wait for a second person."""
    ballot = repository.ballot_of(uow, case_id)
    if ballot is None or ballot.stage not in NOT_SERVED:
        return []
    return approving.unread(ballot_papers(uow, ballot))


def may_approve_ballot_papers(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether papers of a ballot wait for a second person."""
    return bool(ballot_papers_to_approve(uow, case_id))


def may_receive(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether proof of receipt is awaited: of a closed case only that its employer was told the result."""
    closed = cases.get(uow, case_id).stage is Stage.CLOSED
    return not closed or bool(open_deadlines(uow, case_id, DeadlineKind.RESULT_TO_EMPLOYERS))


def may_cancel(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether a ballot is under way."""
    ballot = repository.ballot_of(uow, case_id)
    return ballot is not None and ballot.stage in NOT_OVER


def may_report_turnout(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether members are voting."""
    ballot = repository.ballot_of(uow, case_id)
    return ballot is not None and ballot.stage is BallotStage.OPEN


def may_declare_result(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether a ballot is closed and its result awaited."""
    return bool(repository.ballots_of(uow, case_id, BallotStage.CLOSED))


def may_take_action(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether action can be thought of: not while the votes that would support it are being counted."""
    return cases.get(uow, case_id).stage is not Stage.BALLOT_RESULT or not may_declare_result(uow, case_id)


def may_report(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether the scrutineer's report is awaited."""
    return _works(reported_ballot, uow, case_id)


def action_papers_to_approve(uow: UnitOfWork, case_id: uuid.UUID) -> list[Notice]:
    """The notices of a case's action that wait for a second person."""
    return approving.unread(notice for _, notice in action_papers(uow, case_id))


def may_approve_action_papers(uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    """Whether notices of action wait for a second person."""
    return bool(action_papers_to_approve(uow, case_id))


def _works(required: Callable[[UnitOfWork, uuid.UUID], object], uow: UnitOfWork, case_id: uuid.UUID) -> bool:
    try:
        required(uow, case_id)
    except (Conflict, RuleViolation):
        return False
    return True
