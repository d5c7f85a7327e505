"""Sample voting papers: one to each employer of those entitled to vote, in time."""

from __future__ import annotations

from collections.abc import Iterator

from ballots.lint.brief import Brief, plain
from ballots.lint.copies import met, other_sample
from ballots.lint.particulars import to_a_legal_employer
from ballots.lint.sources import SAMPLE_PAPER, stop
from ballots.timetable import sample_paper
from ballots.timetable_facts import BallotFacts
from core.calendar import in_days, in_words
from core.findings import Finding

NAME = "sample voting paper"


def missing(brief: Brief) -> Iterator[Finding]:
    """A stop for an employer of those entitled to vote that had none, once the ballot is relied on."""
    if not brief.is_relied_on:
        return
    served = {plain(paper.employer) for paper in brief.pack.sample_papers}
    for employer in brief.legs:
        if plain(employer.name) not in served:
            said = f"{employer.name} employs people who were entitled to vote, and had no {NAME}."
            cure = "None for this ballot as far as this employer goes: ballot again, with a sample to it."
            yield stop("sample_paper_missing", "sample_papers", (said, cure), SAMPLE_PAPER)


def addressee(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for a sample to somebody who employs nobody entitled to vote."""
    paper = brief.pack.sample_papers[index]
    yield from to_a_legal_employer(brief, paper.employer, f"sample_papers[{index}]", NAME)


def late(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for a sample received after its latest lawful day before the opening; a note where another was not."""
    paper, ballot = brief.pack.sample_papers[index], brief.pack.ballot
    step = sample_paper(BallotFacts(ballot.opens, ballot.closes, brief.pack.dispute.nation), brief.law)
    if paper.received > step.latest_receipt:
        days = (paper.received - step.latest_receipt).days
        said = (
            f"{paper.employer} received the {NAME} on {in_words(paper.received)}, {in_days(days)} after the latest "
            f"lawful day, {in_words(step.latest_receipt)}: {step.days} days before the ballot opened on "
            f"{in_words(ballot.opens)}."
        )
        cure = "Plan a later opening day; if the ballot has opened, ballot again."
        code, where = "sample_paper_late", f"sample_papers[{index}].received"
        other_on = other_sample(brief, paper, step.latest_receipt)
        if other_on is not None:
            yield met(code, where, said, SAMPLE_PAPER, other_on)
        else:
            yield stop(code, where, (said, cure), SAMPLE_PAPER)


RULES = (missing,)
EACH = (addressee, late)
