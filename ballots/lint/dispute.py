"""The dispute: who employs at its workplaces, whose members vote together, and over what."""

from __future__ import annotations

from collections.abc import Iterator

from ballots.lint.brief import Brief, is_blank, plain
from ballots.lint.sources import note, stop, warn
from ballots.pack import Scope
from core.findings import Finding
from core.tulrca import IN_FURTHERANCE, SEPARATE_BALLOTS, WHO_EMPLOYS


def employer_of_each_workplace(brief: Brief) -> Iterator[Finding]:
    """A stop for a workplace without a named employer, or with two."""
    seen: dict[int, str] = {}
    for index, workplace in enumerate(brief.pack.dispute.workplaces):
        where, employer = f"dispute.workplaces[{index}].employer", plain(workplace.employer)
        if not employer:
            said = f"No employer of the workplace {workplace.urn} is named."
            yield stop("employer_wrong", where, (said, "Take the legal employer from the register."), WHO_EMPLOYS)
        elif seen.setdefault(workplace.urn, employer) != employer:
            said = f"The workplace {workplace.urn} is given two employers."
            yield stop("employer_wrong", where, (said, "Keep the legal employer of the register alone."), WHO_EMPLOYS)


def electorate(brief: Brief) -> Iterator[Finding]:
    """A stop for one ballot over employers that may not vote together (ss. 228, 228A)."""
    names = ", ".join(each.name for each in brief.legs)
    scope = brief.pack.ballot.scope
    cure = "Ballot each employer's members apart, or aggregate under s. 228A with every employer in dispute."
    if len(brief.legs) > 1 and scope is Scope.SINGLE:
        said = f"A ballot of a single workplace mixes the members of {len(brief.legs)} employers: {names}."
        yield stop("electorate_mixes_employers", "ballot.scope", (said, cure), SEPARATE_BALLOTS)
    elif len(brief.legs) > 1 and scope is None:
        said = f"Members of {len(brief.legs)} employers vote ({names}), and whether together or apart is not said."
        yield warn("electorate_mixes_employers", "ballot.scope", (said, cure), SEPARATE_BALLOTS)
    elif scope is not Scope.SEPARATE:
        yield from _not_in_dispute(brief, cure)


def _not_in_dispute(brief: Brief, cure: str) -> Iterator[Finding]:
    """Those who vote at workplaces that are no part of the dispute; employers that no terms are known of."""
    own = {str(workplace.urn) for workplace in brief.pack.dispute.workplaces}
    others = [urn for urn, entitled in (brief.entitled_at or {}).items() if entitled and urn not in own]
    if others and own:
        said = f"Members vote at workplaces that are not in the dispute: {', '.join(others)}."
        yield stop("electorate_mixes_employers", "ballot.register.by_workplace", (said, cure), SEPARATE_BALLOTS)
    described = {plain(name) for name in brief.pack.dispute.employers}
    unknown = [each.name for each in brief.legs if plain(each.name) not in described]
    if described and len(brief.legs) > 1 and unknown:
        said = f"Whether there is a dispute with {', '.join(unknown)} is not shown: only other employers are described."
        yield warn("electorate_mixes_employers", "dispute.employers", (said, cure), SEPARATE_BALLOTS)


def matters(brief: Brief) -> Iterator[Finding]:
    """A note where nothing says what the dispute is about."""
    if all(is_blank(matter) for matter in brief.pack.dispute.matters):
        said = "What the dispute is about is not said, so whether it is a trade dispute cannot be seen."
        cure = "Name the matters; each has to be one of those of s. 244(1)."
        yield note("dispute_matters_missing", "dispute.matters", (said, cure), IN_FURTHERANCE)


def workplaces(brief: Brief) -> Iterator[Finding]:
    """A warn where no workplace of the dispute is named."""
    if not brief.pack.dispute.workplaces:
        said = "No workplace of the dispute is named, so whether the papers went to the legal employers cannot be seen."
        cure = "Name each workplace with its employer by the register."
        yield warn("workplaces_missing", "dispute.workplaces", (said, cure), WHO_EMPLOYS)


RULES = (matters, workplaces, employer_of_each_workplace, electorate)
