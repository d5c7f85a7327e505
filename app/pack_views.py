"""
A ballot's or an action's pack and what the other side's barrister has against it: one look for page, command and API.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from ballots import barrister
from ballots.lint import Examination
from ballots.mandate import ActionKind
from ballots.models import LIVE, Action, Ballot
from ballots.pack import Pack
from ballots.packs import pack_of_action, pack_of_ballot
from ballots.repository import actions_of, ballot_of
from casework import repository
from casework.cases import Case
from core.calendar import in_words
from core.errors import NotFound
from core.findings import Finding
from core.unit_of_work import UnitOfWork

WORDS = {ActionKind.STRIKE: "strike", ActionKind.ASOS: "action short of a strike"}


@dataclass(frozen=True, slots=True)
class PackFile:
    """What a pack is of, in words, and the address at which the file lies."""

    what: str
    href: str


@dataclass(frozen=True, slots=True)
class Counsel:
    """What the other side's barrister was given to read of a case, and what came of it; every finding once."""

    read: tuple[PackFile, ...]
    findings: tuple[Finding, ...]


def ballot_named(uow: UnitOfWork, ref: str) -> Ballot:
    """A ballot by its own reference, or the latest ballot of a case by the case's; `NotFound` otherwise."""
    ballot = uow.session.scalars(select(Ballot).where(Ballot.ref == ref)).one_or_none()
    if ballot is not None:
        return ballot
    case = repository.find(uow, ref)
    ballot = ballot_of(uow, case.id)
    if ballot is None:
        raise NotFound("ballot of the case", case.ref)
    return ballot


def action_named(uow: UnitOfWork, ref: str, starts: date | None = None) -> Action:
    """
    The action of a case that was authorised last, of that which still stands if any does; `NotFound` without one.

    With `starts`, the one whose first day that is.
    """
    case = repository.find(uow, ref)
    found = [each for each in actions_of(uow, case.id) if starts in (None, each.starts_on)]
    if not found:
        from_day = f" from {in_words(starts)}" if starts else ""
        raise NotFound(f"action{from_day} of the case", case.ref)
    return next((each for each in reversed(found) if each.stage in LIVE), found[-1])


def pack_of(uow: UnitOfWork, of: Ballot | Action) -> Pack:
    """The whole pack, with the words of its notices."""
    return pack_of_ballot(uow, of, words=True) if isinstance(of, Ballot) else pack_of_action(uow, of, words=True)


def examination_of(uow: UnitOfWork, of: Ballot | Action) -> Examination:
    """What the gate judges by."""
    return barrister.against_ballot(uow, of) if isinstance(of, Ballot) else barrister.against_action(uow, of)


def counsel(uow: UnitOfWork, case: Case) -> Counsel:
    """The ballot of a case and its live action, as the other side would read them; nothing before a ballot."""
    ballot = ballot_of(uow, case.id)
    actions = actions_of(uow, case.id, *LIVE) if ballot is not None else ()
    own = [barrister.against_ballot(uow, ballot)] if ballot is not None else []
    found = [*own, *(barrister.against_action(uow, action) for action in actions)]
    findings = dict.fromkeys(finding for each in found for finding in each.findings)
    return Counsel(_read(case, ballot, actions), tuple(findings))


def _read(case: Case, ballot: Ballot | None, actions: Sequence[Action]) -> tuple[PackFile, ...]:
    if ballot is None:
        return ()
    under = f"/api/cases/{case.ref}"
    of_actions = (
        PackFile(
            f"{WORDS[each.kind]} from {in_words(each.starts_on)}",
            f"{under}/action/pack?starts={each.starts_on.isoformat()}&as_file=toml",
        )
        for each in actions
    )
    return (PackFile(f"ballot {ballot.ref}", f"{under}/ballot/pack?as_file=toml"), *of_actions)
