"""Notices of ballot: one to each employer of those entitled, in time, with what the law of its receipt wants."""

from __future__ import annotations

from collections.abc import Iterator

from ballots.lint.brief import Brief, plain
from ballots.lint.categories import vague_categories
from ballots.lint.figures import against, against_register, categories_unlike_register, lists_and_figures, own_sums
from ballots.lint.owed import Owed
from ballots.lint.particulars import Stated, to_a_legal_employer, workplaces_of_others
from ballots.lint.sources import METROBUS, NETWORK_RAIL, stop, warn
from ballots.pack import BallotNotice
from ballots.timetable import notice_of_ballot
from core.calendar import in_words
from core.findings import Finding
from core.tulrca import (
    ACCURACY_OF_BALLOT_PAPERS,
    BALLOT_NOTICE_FIGURES,
    BALLOT_NOTICE_LISTS,
    BALLOT_NOTICE_STATES,
    NOTICE_OF_BALLOT,
)

OWED = Owed("notice of ballot", "notice", "ballot_notices", "ballot_notice", NOTICE_OF_BALLOT)


def missing(brief: Brief) -> Iterator[Finding]:
    """A stop for an employer of those entitled to vote that had none, once the ballot is relied on."""
    yield from OWED.missing(brief, brief.pack.ballot_notices)


def _notice(brief: Brief, index: int) -> tuple[BallotNotice, str]:
    return brief.pack.ballot_notices[index], f"ballot_notices[{index}]"


def addressee(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for a notice to somebody else than an employer of those entitled, or of another's workplaces."""
    notice, where = _notice(brief, index)
    yield from to_a_legal_employer(brief, notice.employer, where, OWED.name)
    yield from workplaces_of_others(brief, notice, where)


def late(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for a notice received after its latest lawful day before the opening; a note where another was not."""
    yield from OWED.late(brief, brief.pack.ballot_notices, index, notice_of_ballot(brief.facts, brief.law))


def contents(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for each thing that the law of the day of receipt wants and the notice does not state."""
    notice, where = _notice(brief, index)
    wanted = brief.law.at("ballots.notice_of_ballot_contents", notice.received)
    stated = Stated(notice, OWED.name, where, wanted)
    for part in ("opening_day", "total"):
        yield from stated.missing(f"ballot_notice_{part}_missing", stated.lacking(part), BALLOT_NOTICE_STATES)
    lists = stated.lacking("categories", "workplaces")
    yield from stated.missing("ballot_notice_lists_missing", lists, BALLOT_NOTICE_LISTS)
    figures = stated.lacking("by_category", "by_workplace")
    yield from stated.missing("ballot_notice_figures_missing", figures, BALLOT_NOTICE_FIGURES)
    explanation = stated.lacking("explanation")
    yield from stated.missing("ballot_notice_explanation_missing", explanation, BALLOT_NOTICE_FIGURES, METROBUS)


def opening_day(brief: Brief, index: int) -> Iterator[Finding]:
    """A warn for a notice that names another opening day than the ballot had."""
    notice, where = _notice(brief, index)
    opens = brief.pack.ballot.opens
    if notice.opening_day is not None and notice.opening_day != opens:
        said = (
            f"The opening day by the notice is {in_words(notice.opening_day)}; the ballot opens on {in_words(opens)}."
        )
        cure = "Open on the day named, or give a new notice in time for the other."
        yield warn("ballot_notice_opening_day_differs", f"{where}.opening_day", (said, cure), BALLOT_NOTICE_STATES)


def figures(brief: Brief, index: int) -> Iterator[Finding]:
    """A stop for figures that disagree with each other or with the register they were taken from."""
    notice, where = _notice(brief, index)
    faults = [*own_sums(notice.total, notice.by_category, notice.by_workplace), *lists_and_figures(notice)]
    employer = brief.employer(notice.employer)
    if employer is not None:
        faults += against_register(notice, employer, brief)
    cure = "Count again from the frozen list and give a new notice in time."
    if faults:
        said = f"The {OWED.name} to {notice.employer} disagrees: {'; '.join(faults)}."
        yield stop("figures_disagree", f"{where}.total", (said, cure), ACCURACY_OF_BALLOT_PAPERS, NETWORK_RAIL)
    for fault in categories_unlike_register(notice, brief) if employer else ():
        said = f"The {OWED.name} to {notice.employer} is unlike the register: {fault}."
        yield warn("figures_disagree", f"{where}.categories", (said, cure), ACCURACY_OF_BALLOT_PAPERS)


def categories(brief: Brief, index: int) -> Iterator[Finding]:
    """A warn for each category that does not tell who is meant."""
    notice, where = _notice(brief, index)
    yield from vague_categories(notice.categories, where, BALLOT_NOTICE_LISTS)


def totals_together(brief: Brief) -> Iterator[Finding]:
    """A stop where the totals of all employers' notices do not add up to the register, or to the scrutineer's file."""
    notices = [notice for notice in brief.pack.ballot_notices if notice.total is not None]
    served = {plain(notice.employer) for notice in notices}
    complete = len(served) == len(notices) == len(brief.pack.ballot_notices) and all(map(brief.is_leg, served))
    if not complete or len(served) != len(brief.legs) or brief.entitled_at is not None:
        return
    file = brief.pack.ballot.scrutineer_file
    wanted, source = (
        (brief.registered, "the register")
        if brief.registered is not None
        else (
            file.total if file else None,
            "the scrutineer's file",
        )
    )
    for fault in against("The notices of ballot", sum(notice.total or 0 for notice in notices), source, wanted):
        cure = "Count again from the frozen list and give new notices in time."
        said = (f"{fault} entitled to vote.", cure)
        yield stop("figures_disagree", "ballot_notices[0].total", said, ACCURACY_OF_BALLOT_PAPERS, NETWORK_RAIL)


RULES = (missing, totals_together)
EACH = (addressee, late, contents, opening_day, figures, categories)
