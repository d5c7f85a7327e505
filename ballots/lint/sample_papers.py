"""Sample voting papers: one to each employer of those entitled to vote, in time."""

from __future__ import annotations

from collections.abc import Iterator

from ballots.lint.brief import Brief
from ballots.lint.owed import Owed
from ballots.lint.particulars import to_a_legal_employer
from ballots.timetable import sample_paper
from core.findings import Finding
from core.tulrca import SAMPLE_PAPER

OWED = Owed("sample voting paper", "sample", "sample_papers", "sample_paper", SAMPLE_PAPER)


def missing(brief: Brief) -> Iterator[Finding]:
    """A stop for an employer of those entitled to vote that had none, once the ballot is relied on."""
    yield from OWED.missing(brief, brief.pack.sample_papers)


def addressee(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for a sample to somebody who employs nobody entitled to vote."""
    paper = brief.pack.sample_papers[index]
    yield from to_a_legal_employer(brief, paper.employer, f"sample_papers[{index}]", OWED.name)


def late(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for a sample received after its latest lawful day before the opening; a note where another was not."""
    yield from OWED.late(brief, brief.pack.sample_papers, index, sample_paper(brief.facts, brief.law))


RULES = (missing,)
EACH = (addressee, late)
