"""
The other side's barrister at the gate: the linter over a ballot or an action as it went out or is about to go.

A stop keeps papers from being approved and served, a ballot from opening, and members from being called. A warn does
not: it is shown, and history keeps that it stood when somebody went ahead. The result is told whatever is found in it
(ss. 231, 231A TULRCA): holding back what the law wants told at once would cure nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ballots import law_standing, papers, repository
from ballots.lint import Examination, examine
from ballots.lint.ballot import scrutineer
from ballots.lint.brief import Brief
from ballots.models import Action, Ballot
from ballots.pack import Pack, Register
from ballots.packs import packs_of_action, packs_of_ballot
from core import history
from core.errors import RuleViolation
from core.findings import Finding, Severity, stops
from core.law import Consultation
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from notifications.models import Notice

WENT_AHEAD = "ballots:papers:warned"
"""The entry of history that says which warns stood when papers were approved or served, or action called."""


def against_ballot(uow: UnitOfWork, ballot: Ballot) -> Examination:
    """Everything that an employer's counsel would say of a ballot, and the values of the law it rests on."""
    return _examined(uow, ballot, packs_of_ballot(uow, ballot))


def against_action(uow: UnitOfWork, action: Action) -> Examination:
    """Everything that an employer's counsel would say of an action: of its ballot, its notice and its days."""
    return _examined(uow, action.mandate.ballot, packs_of_action(uow, action))


def _examined(uow: UnitOfWork, ballot: Ballot, packs: Sequence[Pack]) -> Examination:
    """The linter over each form of one pack; a finding or a value that all have is told once."""
    added = uow.holidays_in(Nation(ballot.nation))
    found = [examine(pack, uow.law, added) for pack in packs]
    findings = dict.fromkeys(finding for each in found for finding in each.findings)
    values = dict.fromkeys(value for each in found for value in each.law)
    if not any(finding.code == "scrutineer_missing" for finding in findings):
        findings.update(dict.fromkeys(_unscrutinised(uow, ballot, packs[0])))
    return Examination(tuple(findings), tuple(values))


def _unscrutinised(uow: UnitOfWork, ballot: Ballot, pack: Pack) -> Sequence[Finding]:
    """
    The linter's rule on the scrutineer, asked of all ballots of the dispute together: a pack is of one of them.

    The small-ballot exemption counts everybody entitled in any separate ballot of the same action (s. 226C).
    """
    if ballot.stage in repository.OVER:
        return ()
    beside = repository.entitled_beside(uow, ballot.dispute_id, ballot.cases)
    if not beside:
        return ()
    own = pack.ballot.register.total if pack.ballot.register else None
    together = replace(pack, ballot=replace(pack.ballot, register=Register((own or 0) + beside)))
    return tuple(scrutineer(Brief(together, Consultation(uow.law, Nation(ballot.nation)))))


def require(uow: UnitOfWork, subject_ref: str, found: Examination, refusal: str) -> None:
    """
    `RuleViolation` with the stops and warns when a stop stands, or nobody has read the law again for too long;
    otherwise the warns are kept in history.
    """
    stale = law_standing.subject_stops(uow, subject_ref)
    if stale or stops(found.findings):
        raise RuleViolation(refusal, (*weighty(found), *stale))
    remember(uow, subject_ref, found)


def remember(uow: UnitOfWork, subject_ref: str, found: Examination) -> None:
    """Keep in history which warns stood when somebody, or the clock, went ahead."""
    warns = sorted({finding.code for finding in found.findings if finding.severity is Severity.WARN})
    if warns:
        history.record(uow, WENT_AHEAD, subject_ref, {"warns": warns})


def weighty(found: Examination) -> tuple[Finding, ...]:
    """The stops and warns, the stops first."""
    by_weight = {Severity.STOP: 0, Severity.WARN: 1}
    told = [finding for finding in found.findings if finding.severity in by_weight]
    return tuple(sorted(told, key=lambda finding: by_weight[finding.severity]))


def serve(uow: UnitOfWork, subject_ref: str, prepared: Sequence[Notice], examined: Callable[[], Examination]) -> int:
    """Queue the approved papers of a subject unless a stop stands against it; how many there were."""
    if not papers.approved(prepared):
        return 0
    found = examined()
    if law_standing.subject_stops(uow, subject_ref) or stops(found.findings):
        return 0
    remember(uow, subject_ref, found)
    return papers.queue_approved(uow, prepared)
