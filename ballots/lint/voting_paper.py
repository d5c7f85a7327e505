"""The voting paper: what it asks, what stands on it, and the statement it must bear word for word (s. 229)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ballots.lint.ballot import needs_scrutineer
from ballots.lint.brief import Brief, is_blank, plain
from ballots.lint.periods import says_when
from ballots.lint.sources import EAST_RIDING, stop, warn
from ballots.mandate import ActionKind
from ballots.pack import VotingPaper
from ballots.paper import VotingPaper as Prescribed
from ballots.paper import statement_finding
from ballots.timetable import paper as prescribed_paper
from core.calendar import in_words
from core.findings import Finding, Severity
from core.tulrca import (
    PAPER_ASOS_TYPES,
    PAPER_CALLER,
    PAPER_NUMBERED,
    PAPER_PERIOD,
    PAPER_QUESTION,
    PAPER_RETURN,
    PAPER_SCRUTINEER,
    PAPER_STATEMENT,
    PAPER_SUMMARY,
)

PRINT_AGAIN = "Print the paper again before the ballot opens; if it has opened, ballot again."
WORDS = {ActionKind.STRIKE: "a strike", ActionKind.ASOS: "action short of a strike"}


def questions(brief: Brief, paper: VotingPaper) -> Iterator[Finding]:
    """A stop for a question of the ballot that the paper does not ask."""
    for kind in dict.fromkeys(brief.pack.ballot.questions):
        if kind not in paper.questions:
            said = f"The paper does not ask whether members are prepared to take part in {WORDS[kind]}."
            where = "voting_paper.questions"
            yield stop("voting_paper_question_missing", where, (said, PRINT_AGAIN), PAPER_QUESTION)


def scrutineer(brief: Brief, paper: VotingPaper) -> Iterator[Finding]:
    """A stop where the ballot must have a scrutineer and the paper does not name that one."""
    entitled = needs_scrutineer(brief)
    appointed = brief.pack.ballot.scrutineer
    if entitled is None:
        return
    if is_blank(paper.scrutineer):
        said = f"{entitled} are entitled to vote in all, and the paper names no scrutineer."
    elif not is_blank(appointed) and plain(appointed) != plain(paper.scrutineer):
        said = f"The paper names {paper.scrutineer} as scrutineer; {appointed} is appointed."
    else:
        return
    where = "voting_paper.scrutineer"
    yield stop("voting_paper_scrutineer_missing", where, (said, PRINT_AGAIN), PAPER_SCRUTINEER)


def caller(brief: Brief, paper: VotingPaper) -> Iterator[Finding]:
    """A stop where the paper does not say who may call action; a warn where that is another than was decided."""
    decided = brief.pack.ballot.caller
    where = "voting_paper.caller"
    if is_blank(paper.caller):
        said = "The paper does not say who is authorised to call members out."
        yield stop("voting_paper_caller_missing", where, (said, PRINT_AGAIN), PAPER_CALLER)
    elif not is_blank(decided) and plain(decided) != plain(paper.caller):
        said = f"The paper says that {paper.caller} may call action, the ballot that {decided} may."
        cure = f"Let {paper.caller} make the call: the paper decides."
        yield warn("voting_paper_caller_differs", where, (said, cure), PAPER_CALLER)


def returning(brief: Brief, paper: VotingPaper) -> Iterator[Finding]:
    """A stop where the paper does not say where and by when it is to be returned; a warn for another last day."""
    closes = brief.pack.ballot.closes
    lacking = {"return_address": is_blank(paper.return_address), "return_by": paper.return_by is None}
    for key, is_lacking in lacking.items():
        if is_lacking:
            what = "the address to return it to" if key == "return_address" else "the day to return it by"
            said = f"The paper does not give {what}."
            where = f"voting_paper.{key}"
            yield stop("voting_paper_return_missing", where, (said, PRINT_AGAIN), PAPER_RETURN)
    if paper.return_by is not None and paper.return_by != closes:
        said = f"The paper is to be returned by {in_words(paper.return_by)}; voting ends on {in_words(closes)}."
        cure = "Print the last day of voting: members go by the paper, and the mandate begins with that day."
        yield warn("voting_paper_return_differs", "voting_paper.return_by", (said, cure), PAPER_RETURN)


def numbering(_brief: Brief, paper: VotingPaper) -> Iterator[Finding]:
    """A stop for papers that are not numbered."""
    if not paper.numbered:
        said = "The papers are not marked with consecutive whole numbers."
        where = "voting_paper.numbered"
        yield stop("voting_paper_unnumbered", where, (said, PRINT_AGAIN), PAPER_NUMBERED)


def prescribed(brief: Brief) -> tuple[Prescribed, ...]:
    """What the law wants of the paper, once for each day on which an employer had its first sample, or may have."""
    first: dict[str, date] = {}
    for sample in sorted(brief.pack.sample_papers, key=lambda each: each.received):
        first.setdefault(plain(sample.employer), sample.received)
    received = sorted({day for name, day in first.items() if brief.is_leg(name)} or set(first.values()))
    planned, opens = brief.facts, brief.pack.ballot.opens
    facts = [replace(planned, sample_received_on=day) for day in received]
    if not received:
        # When the sample came is not said: on its last day, or as early as the first notice of ballot.
        noticed = min((notice.received for notice in brief.pack.ballot_notices), default=opens)
        facts = [planned, replace(planned, sample_received_on=noticed)] if noticed < opens else [planned]
    return tuple(prescribed_paper(each, brief.law) for each in facts)


def statement(brief: Brief, paper: VotingPaper) -> Iterator[Finding]:
    """A stop for a statement about dismissal that is not the prescribed one; a warn where it is for some employers."""
    wanted = prescribed(brief)
    wrong = [finding for each in wanted if (finding := statement_finding(paper.statement or "", each))]
    if wrong:
        finding = replace(wrong[0], citation=PAPER_STATEMENT, cure=f"{wrong[0].cure} {PRINT_AGAIN}")
        yield finding if len(wrong) == len(wanted) else replace(finding, severity=Severity.WARN)


def summaries(brief: Brief, paper: VotingPaper) -> Iterator[Finding]:
    """Stops for the summaries that a paper bears under the law of 2017 to 2026, and for a period that says no time."""
    wanted = prescribed(brief)
    if not any(each.summaries_required for each in wanted):
        return
    for finding in _summaries(brief, paper):
        is_sure = all(each.summaries_required for each in wanted)
        yield finding if is_sure else replace(finding, severity=Severity.WARN)


def _summaries(brief: Brief, paper: VotingPaper) -> Iterator[Finding]:
    asked = [kind for kind in ActionKind if kind in paper.questions or kind in brief.pack.ballot.questions]
    if is_blank(paper.summary_of_dispute):
        said = "The paper has no summary of the matters in dispute."
        where = "voting_paper.summary_of_dispute"
        yield stop("voting_paper_summary_missing", where, (said, PRINT_AGAIN), PAPER_SUMMARY)
    if ActionKind.ASOS in asked and all(is_blank(each) for each in paper.asos_types):
        said = "The paper asks about action short of a strike and does not say of which types."
        where = "voting_paper.asos_types"
        yield stop("voting_paper_asos_types_missing", where, (said, PRINT_AGAIN), PAPER_ASOS_TYPES)
    for kind in asked:
        period = paper.periods.get(kind, "")
        if not says_when(period):
            yield _period(kind, period)


def _period(kind: ActionKind, period: str) -> Finding:
    if is_blank(period):
        said = f"The paper does not say when {WORDS[kind]} is expected to take place."
    else:
        said = f'The period of {WORDS[kind]} reads "{period}": no date, no month and no length of time.'
    cure = (
        "Print a window with a beginning and an end; dates within it may still be announced (Thomas Cook Airlines Ltd "
        f"v BALPA [2017] EWHC 2253 (QB)). {PRINT_AGAIN}"
    )
    return stop("voting_paper_period_missing", f"voting_paper.periods.{kind}", (said, cure), PAPER_PERIOD, EAST_RIDING)


EACH = (questions, scrutineer, caller, returning, numbering, statement, summaries)
