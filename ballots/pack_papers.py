"""
The papers of a pack, read from what was frozen when each was made: pure, from a notice's facts to the pack's values.

Nothing is worked out again: what the employer's counsel holds in hand is what is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ballots.mandate import ActionKind, Pattern
from ballots.pack import ActionNotice, BallotNotice, BallotResult, QuestionCount, SamplePaper, VotingPaper

_NUMBER = re.compile(r"[0-9]{1,9}")
_NAME_AND_NUMBER = re.compile(r".*\(URN ([0-9]{1,9})\)")

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Paper:
    """
    One paper to one employer: the employer's name, the paper's frozen facts, and the London day it counts as received.

    `words` are those of its letter, where they were read.
    """

    employer: str
    facts: Facts
    received: date
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The number each workplace stands under, by its name: the URN, or the UKPRN of a college, which has no URN."""

    by_name: Mapping[str, int]

    def of_site(self, site: Mapping[str, str | None]) -> int | None:
        """The number of a workplace as a paper lists it; None for one that has no number and no known name."""
        urn = site.get("urn")
        return int(urn) if urn else self.by_name.get(site.get("name") or "")

    def key(self, written: str) -> str:
        """The number of a workplace that a figure names by its URN, its name, or both; what is none of them stays."""
        if _NUMBER.fullmatch(written):
            return written
        both = _NAME_AND_NUMBER.fullmatch(written)
        if both:
            return both.group(1)
        return str(self.by_name.get(written, written))

    def listed(self, sites: Iterable[Mapping[str, str | None]]) -> tuple[int, ...]:
        """The numbers of the workplaces that a paper lists, in its order."""
        numbers = (self.of_site(each) for each in sites)
        return tuple(each for each in numbers if each is not None)

    def counted(self, figures: Mapping[str, int] | None) -> dict[str, int] | None:
        """Figures by workplace under the workplaces' numbers."""
        return None if figures is None else {self.key(each): count for each, count in figures.items()}


def ballot_notice(paper: Paper, numbers: Numbers) -> BallotNotice:
    """A notice of ballot as it went, or will go, to its employer."""
    facts = paper.facts
    return BallotNotice(
        employer=paper.employer,
        received=paper.received,
        opening_day=_day(facts.get("opening_day")),
        total=facts.get("total"),
        categories=tuple(facts.get("categories") or ()),
        workplaces=numbers.listed(facts.get("workplaces") or ()),
        by_category=facts.get("by_category"),
        by_workplace=numbers.counted(facts.get("by_workplace")),
        explanation=facts.get("explanation"),
        text=paper.words,
    )


def sample_paper(paper: Paper) -> SamplePaper:
    """That an employer had a sample of the voting paper, and when."""
    return SamplePaper(paper.employer, paper.received)


def voting_paper(facts: Facts) -> VotingPaper:
    """
    The voting paper as its sample shows it.

    `numbered` is true of every paper: the sample has a place for the number, and its letter says how papers are marked.
    """
    summaries = facts.get("summaries") or {}
    return VotingPaper(
        questions=tuple(ActionKind(each["kind"]) for each in facts.get("questions") or ()),
        scrutineer=facts.get("scrutineer"),
        return_address=facts.get("return_address"),
        return_by=_day(facts.get("return_by")),
        caller=facts.get("caller"),
        numbered=True,
        statement=facts.get("statement"),
        summary_of_dispute=summaries.get("summary_of_dispute"),
        asos_types=tuple(summaries.get("asos_types") or ()),
        periods={ActionKind(kind): period for kind, period in (summaries.get("periods") or {}).items()},
    )


def action_notice(paper: Paper, numbers: Numbers) -> ActionNotice:
    """A notice of action as it went, or will go, to its employer."""
    facts = paper.facts
    return ActionNotice(
        employer=paper.employer,
        received=paper.received,
        kind=ActionKind(facts["kind"]) if facts.get("kind") else None,
        pattern=Pattern(facts["pattern"]) if facts.get("pattern") else None,
        dates=tuple(date.fromisoformat(each) for each in facts.get("dates") or ()),
        starts=_day(facts.get("starts")),
        total=facts.get("total"),
        categories=tuple(facts.get("categories") or ()),
        workplaces=numbers.listed(facts.get("workplaces") or ()),
        by_category=facts.get("by_category"),
        by_workplace=numbers.counted(facts.get("by_workplace")),
        explanation=facts.get("explanation"),
    )


def ballot_result(declared: Facts, told_members: date | None, told_employers: Mapping[str, date]) -> BallotResult:
    """The result as it was declared, and the days on which it was told."""
    counts = {
        ActionKind(kind): QuestionCount(each["yes"], each["no"], each["spoiled"])
        for kind, each in declared["questions"].items()
    }
    return BallotResult(declared["entitled"], declared["cast"], counts, told_members, dict(told_employers))


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
