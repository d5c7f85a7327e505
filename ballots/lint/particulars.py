"""What a notice of ballot and a notice of action have in common: whom they go to, and what they state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ballots.lint.brief import Brief, is_blank
from ballots.lint.figures import other_workplaces
from ballots.lint.sources import stop, under
from ballots.pack import ActionNotice, BallotNotice
from core.calendar import in_words
from core.findings import Citation, Finding
from core.law import LegalValue
from core.tulrca import WHO_EMPLOYS

Notice = BallotNotice | ActionNotice


WORDS: Mapping[str, str] = {
    "opening_day": "the opening day",
    "total": "the total",
    "categories": "the categories",
    "workplaces": "the workplaces",
    "by_category": "the number of each category",
    "by_workplace": "the number at each workplace",
    "explanation": "how its figures were arrived at",
}
"""What the law files call the parts of a notice, and what they are."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A notice to look at, what to call it, where it stands, and what the law of its receipt wants it to state."""

    notice: Notice
    name: str
    where: str
    wanted: LegalValue

    def lacking(self, *parts: str) -> list[str]:
        """Those parts that the law wants and the notice does not have."""
        return [part for part in parts if part in self.wanted.items and not self._has(part)]

    def _has(self, part: str) -> bool:
        value = getattr(self.notice, part)
        if isinstance(value, str):
            return not is_blank(value)
        if part == "categories":
            return any(not is_blank(each) for each in value)
        return value is not None if part in ("total", "opening_day") else bool(value)

    def missing(
        self, code: str, parts: Sequence[str], citation: Citation, case: str | None = None
    ) -> Iterator[Finding]:
        """One stop for the parts that are lacking, if any are."""
        if parts:
            named = " and ".join(WORDS[part] for part in parts)
            said = f"The {self.name} received on {in_words(self.notice.received)} does not state {named}."
            cure = "Give a new notice that states it, in time."
            yield stop(code, f"{self.where}.{parts[0]}", (said, cure), under(citation, self.wanted), case)


def to_a_legal_employer(brief: Brief, name: str, where: str, paper: str, verb: str = "went to") -> Iterator[Finding]:
    """A stop for a paper to somebody who employs nobody entitled to vote."""
    if brief.is_leg(name):
        return
    shown = "nobody by name" if is_blank(name) else name
    names = ", ".join(each.name for each in brief.legs) or "none that the workplaces name"
    if brief.employer(name) is None:
        said = f"The {paper} {verb} {shown}, which is no legal employer of a workplace of the dispute."
    else:
        said = f"The {paper} {verb} {shown}, which employs nobody entitled to vote by the register."
    cure = f"Serve the legal employer of those entitled to vote: {names}."
    yield stop("employer_wrong", f"{where}.employer", (said, cure), WHO_EMPLOYS)


def workplaces_of_others(brief: Brief, notice: Notice, where: str) -> Iterator[Finding]:
    """A stop for each workplace in a notice that belongs to another employer."""
    employer = brief.employer(notice.employer)
    if employer is None:
        return
    for urn, other in other_workplaces(notice, employer, brief):
        if other:
            said = f"The notice to {employer.name} names the workplace {urn}, whose legal employer is {other}."
            cure = "Give each employer a notice of its own workplaces."
            yield stop("employer_wrong", f"{where}.workplaces", (said, cure), WHO_EMPLOYS)
