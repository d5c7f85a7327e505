"""Running every rule over a pack, in the order of the pack's sections."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from ballots.lint import (
    action,
    action_notices,
    ballot,
    ballot_notices,
    call,
    dispute,
    mandate,
    restart,
    result,
    sample_papers,
    voting_paper,
)
from ballots.lint.brief import Brief
from ballots.pack import Pack
from core.calendar import NONE_ADDED
from core.errors import NoLawInForce
from core.findings import Finding
from core.law import Consultation, Law, LegalValue
from core.law_findings import no_law_in_force, unconfirmed, unsupported_jurisdiction

Rule = Callable[[], Iterator[Finding]]

OVER_THE_PACK: tuple[Callable[[Brief], Iterator[Finding]], ...] = (
    *dispute.RULES,
    *ballot.RULES,
    *ballot_notices.RULES,
    *sample_papers.RULES,
    *restart.RULES,
    *mandate.RULES,
)


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found in a pack, and every value of the law that was looked up for it."""

    findings: tuple[Finding, ...]
    law: tuple[LegalValue, ...]


def lint(pack: Pack, law: Law, added_holidays: Collection[date] = NONE_ADDED) -> tuple[Finding, ...]:
    """
    Everything wrong with a pack, in a stable order; no stop among it: nothing here stands against the papers.

    `added_holidays` are bank holidays of the nation beside those that the calendar knows: no working days.

    Never raises for what a pack says or leaves out, nor for law that is missing: a `no_law_in_force` stop says so.
    """
    return examine(pack, law, added_holidays).findings


def examine(pack: Pack, law: Law, added_holidays: Collection[date] = NONE_ADDED) -> Examination:
    """As `lint`, with the values of the law that were used."""
    refused = unsupported_jurisdiction(pack.dispute.nation)
    if refused is not None:
        return Examination((replace(refused, where="dispute.nation"),), ())
    consultation = Consultation(law, pack.dispute.nation)
    brief = Brief(pack, consultation, added_holidays)
    missing: dict[str, Finding] = {}
    found: list[Finding] = []
    for rule in _rules(brief):
        try:
            found += rule()  # a list takes what was found before the law gave out
        except NoLawInForce as error:
            missing.setdefault(error.on.isoformat(), _no_law(brief, error))
    used = consultation.given()
    return Examination((*missing.values(), *dict.fromkeys(found), *unconfirmed(used)), used)


def _rules(brief: Brief) -> Iterator[Rule]:
    """Every rule, ready to run: those over the whole pack, and those over each of its papers."""
    for rule in OVER_THE_PACK:
        yield partial(rule, brief)
    for index in range(len(brief.pack.ballot_notices)):
        yield from (partial(each, brief, index) for each in ballot_notices.EACH)
    for index in range(len(brief.pack.sample_papers)):
        yield from (partial(each, brief, index) for each in sample_papers.EACH)
    if brief.pack.voting_paper is not None:
        yield from (partial(each, brief, brief.pack.voting_paper) for each in voting_paper.EACH)
    if brief.pack.result is not None:
        yield from (partial(each, brief, brief.pack.result) for each in result.EACH)
    for index in range(len(brief.pack.action_notices)):
        yield from (partial(each, brief, index) for each in (*action_notices.EACH, restart.agreed_too_late))
    if brief.pack.call is not None:
        yield from (partial(each, brief, brief.pack.call) for each in call.EACH)
    for index in range(len(brief.pack.action)):
        yield from (partial(each, brief, index) for each in action.EACH)


def _no_law(brief: Brief, error: NoLawInForce) -> Finding:
    """The stop for a date that the law files do not reach, at the place of that date in the pack."""
    pack = brief.pack
    places = {notice.received: f"action_notices[{at}].received" for at, notice in enumerate(pack.action_notices)}
    places |= {notice.received: f"ballot_notices[{at}].received" for at, notice in enumerate(pack.ballot_notices)}
    places |= {pack.ballot.closes: "ballot.closes", pack.ballot.opens: "ballot.opens"}
    return replace(no_law_in_force(error), where=places.get(error.on, "ballot.opens"))
