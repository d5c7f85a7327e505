"""The ballot itself: how the voting is done, how long it lasts, and who scrutinises it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ballots.lint.brief import Brief, is_blank
from ballots.lint.figures import against, own_sums
from ballots.lint.sources import stop
from ballots.timetable_findings import method_not_permitted, window_short
from core.findings import Finding
from core.tulrca import ACCURACY_OF_BALLOT_PAPERS, PAPER_QUESTION, SCRUTINEER


def needs_scrutineer(brief: Brief) -> int | None:
    """How many are entitled to vote, where that is too many for a ballot without a scrutineer (s. 226C)."""
    entitled = brief.most_entitled
    if entitled is None:
        return None
    exempt = brief.law.at("ballots.scrutineer_exempt_voters", brief.pack.ballot.opens)
    return entitled if entitled > exempt.whole else None


def method(brief: Brief) -> Iterator[Finding]:
    """A stop for a way of voting that no confirmed law permits on the opening day."""
    for finding in method_not_permitted(brief.facts, brief.law):
        yield replace(finding, where="ballot.method")


def window(brief: Brief) -> Iterator[Finding]:
    """A warn for fewer days of voting than the Code of Practice expects."""
    for finding in window_short(brief.facts, brief.law):
        yield replace(finding, where="ballot.closes")


def questions(brief: Brief) -> Iterator[Finding]:
    """A stop for a ballot that asks nothing."""
    if not brief.pack.ballot.questions:
        cure = "Ask whether members are prepared to strike, to take action short of a strike, or both."
        said = ("The ballot asks no question.", cure)
        yield stop("voting_paper_question_missing", "ballot.questions", said, PAPER_QUESTION)


def scrutineer(brief: Brief) -> Iterator[Finding]:
    """A stop where more are entitled to vote than the exemption covers and nobody is appointed."""
    entitled = needs_scrutineer(brief)
    if entitled is not None and is_blank(brief.pack.ballot.scrutineer):
        exempt = brief.law.at("ballots.scrutineer_exempt_voters", brief.pack.ballot.opens)
        said = (
            f"{entitled} are entitled to vote in all, more than the {exempt.whole} of the exemption for small ballots, "
            "and no scrutineer is appointed."
        )
        cure = "Appoint a qualified independent person before the ballot opens."
        yield stop("scrutineer_missing", "ballot.scrutineer", (said, cure), SCRUTINEER)


def register(brief: Brief) -> Iterator[Finding]:
    """A stop where the register's figures disagree with each other or with the scrutineer's file."""
    frozen, file = brief.pack.ballot.register, brief.pack.ballot.scrutineer_file
    if frozen is None:
        return
    cure = "Count the frozen list again; the register, the scrutineer's file and the papers have one figure."
    for fault in own_sums(frozen.total, frozen.by_category, frozen.by_workplace):
        yield stop("figures_disagree", "ballot.register", (f"The register: {fault}.", cure), ACCURACY_OF_BALLOT_PAPERS)
    if file is not None:
        for fault in against("The scrutineer's file", file.total, "the register", brief.registered):
            where = "ballot.scrutineer_file.total"
            yield stop("figures_disagree", where, (f"{fault}.", cure), ACCURACY_OF_BALLOT_PAPERS)


RULES = (method, questions, window, scrutineer, register)
