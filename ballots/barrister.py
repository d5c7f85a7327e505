"""
The other side's barrister at the gate: the linter over a ballot or an action as it went out or is about to go.

A stop keeps papers from being approved and served, a ballot from opening, and members from being called. A warn does
not: it is shown, and history keeps that it stood when somebody went ahead. The result is told whatever is found in it
(ss. 231, 231A TULRCA): holding back what the law wants told at once would cure nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from ballots import law_relied_on, papers, repository
from ballots.action_notice import latest_action_notice
from ballots.lifecycle import BallotStage
from ballots.lint import Examination, examine
from ballots.lint.ballot import scrutineer
from ballots.lint.brief import Brief
from ballots.models import Action, ActionStage, Ballot
from ballots.pack import Pack, Register
from ballots.packs import packs_of_action, packs_of_ballot
from core import history
from core.calendar import in_words
from core.errors import RuleViolation
from core.findings import Finding, Severity, stops
from core.law import Consultation
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from notifications import outbox
from notifications.models import Notice

WENT_AHEAD = "ballots:papers:warned"
"""The entry of history that says which warns stood when papers were approved or served, or action called."""


def against_ballot(uow: UnitOfWork, ballot: Ballot) -> Examination:
    """Everything that an employer's counsel would say of a ballot, and the values of the law it rests on."""
    found = _examined(uow, ballot, packs_of_ballot(uow, ballot))
    return replace(found, findings=(*found.findings, *_ballot_reckoned_before(uow, ballot)))


def against_action(uow: UnitOfWork, action: Action) -> Examination:
    """Everything that an employer's counsel would say of an action: of its ballot, its notice and its days."""
    found = _examined(uow, action.mandate.ballot, packs_of_action(uow, action))
    return replace(found, findings=(*found.findings, *_action_reckoned_before(uow, action)))


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


def _ballot_reckoned_before(uow: UnitOfWork, ballot: Ballot) -> tuple[Finding, ...]:
    if ballot.stage is not BallotStage.PLANNED:
        return ()
    dates = papers.timetable_of(uow, ballot, received_on=uow.today)
    steps = {papers.THIS_NOTICE: dates.ballot_notice, papers.SAMPLE: dates.sample_paper}
    now = {what: step.latest_receipt for what, step in steps.items() if step is not None}
    cure = "Cancel the ballot and authorise it again: its papers are drawn up anew."
    return _reckoned_before(uow, papers.ballot_ref(ballot.id), now, cure)


def _action_reckoned_before(uow: UnitOfWork, action: Action) -> tuple[Finding, ...]:
    if action.stage is not ActionStage.AUTHORISED:
        return ()
    law = Consultation(uow.law, Nation(action.mandate.ballot.nation))
    latest = latest_action_notice(action.starts_on, papers.notice_terms(uow, action.mandate), law)
    now = {papers.THIS_NOTICE: latest, papers.LAST_DAY: action.mandate.last_day}
    cure = "Authorise the action again: the notice that waits is taken back, and another is drawn up."
    return _reckoned_before(uow, papers.action_ref(action.id), now, cure)


def _reckoned_before(uow: UnitOfWork, subject_ref: str, now: Mapping[str, date], cure: str) -> tuple[Finding, ...]:
    """A stop for each day that a paper still here shows the reckoning of, and that the law has moved since."""
    waiting = select(Notice.kind, Notice.facts).where(
        Notice.subject_ref == subject_ref, Notice.statutory, Notice.state.in_(outbox.NOT_GONE)
    )
    found = {}
    for kind, facts in uow.session.execute(waiting).tuples():
        for row in facts.get("reckoned") or ():
            day = now.get(row["what"])
            if day is not None and row["day"] != day.isoformat():
                said = f"The paper says: {row['what']} {in_words(date.fromisoformat(row['day']))}. "
                sentence = f"{said}By the law as it is now it is {in_words(day)}."
                found[kind, row["what"]] = Finding("reckoning_moved", Severity.STOP, sentence, cure, where=kind)
    return tuple(found.values())


def go_ahead(uow: UnitOfWork, subject_ref: str, found: Examination, refusal: str) -> None:
    """
    Keep in history which warns stand as somebody goes ahead; `RuleViolation` with the stops and warns when a stop
    stands, or nobody has read the law again for too long.
    """
    stale = law_relied_on.subject_stops(uow, subject_ref)
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


def queue_unless_stopped(
    uow: UnitOfWork, subject_ref: str, prepared: Sequence[Notice], examined: Callable[[], Examination]
) -> tuple[Finding, ...]:
    """Queue the approved papers of a subject, or give the stops for which they stay; none too if no paper waits."""
    if not papers.approved(prepared):
        return ()
    found = examined()
    standing = (*stops(found.findings), *law_relied_on.subject_stops(uow, subject_ref))
    if not standing:
        remember(uow, subject_ref, found)
        papers.queue_approved(uow, prepared)
    return standing
