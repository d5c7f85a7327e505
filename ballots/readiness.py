"""
What still stands between a ballot and its opening day besides what its papers say, which the linter judges.

Findings, not booleans: a gate opens when no stop remains. Receipt decides, never sending: a paper without proof of
receipt was not received.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from core.findings import Citation, Finding, Severity
from core.tulrca import ACCURACY_OF_BALLOT_PAPERS, NOTICE_OF_BALLOT, SAMPLE_PAPER, WHO_VOTES


@dataclass(frozen=True, slots=True)
class PaperReceived:
    """Whether an employer's copy of a paper is made, approved, and on which day it was received (None: no proof)."""

    prepared: bool
    approved: bool
    received_on: date | None


@dataclass(frozen=True, slots=True)
class LegReadiness:
    """One employer of those entitled to vote, and the two papers it is owed."""

    ballot_notice: PaperReceived
    sample_paper: PaperReceived


@dataclass(frozen=True, slots=True)
class BallotReadiness:
    """
    The facts of a ballot that its opening depends on.

    `entitled_frozen` is the number it was authorised with, `entitled_listed` how many the frozen list holds now.
    `standing` is what the register has against its workplaces: closed, or succeeded by another. `settled` names those
    whose part of the dispute was settled since, `elsewhere` those in dispute with nobody whom the papers are for.
    """

    legs: Sequence[LegReadiness]
    entitled_frozen: int
    entitled_listed: int
    standing: Sequence[Finding] = ()
    settled: Sequence[str] = ()
    elsewhere: Sequence[str] = ()


def issues_before_opening(ballot: BallotReadiness) -> tuple[Finding, ...]:
    """Everything besides its papers' words and days that keeps a ballot from opening, with the cure of each."""
    found: list[Finding] = []
    for leg in ballot.legs:
        found += _paper_issues(leg.ballot_notice, _BALLOT_NOTICE)
        found += _paper_issues(leg.sample_paper, _SAMPLE_PAPER)
    if not ballot.legs:
        found.append(_BALLOT_NOTICE.missing("No employer of those entitled to vote is named."))
    if ballot.entitled_frozen != ballot.entitled_listed:
        found.append(
            Finding(
                "figures_disagree",
                Severity.STOP,
                f"The ballot was authorised with {ballot.entitled_frozen} entitled to vote, the frozen list holds "
                f"{ballot.entitled_listed}.",
                "Cancel this ballot and prepare its papers again from the register.",
                ACCURACY_OF_BALLOT_PAPERS,
            )
        )
    found += [_school_settled(name) for name in ballot.settled]
    found += [_in_dispute_with_another(name) for name in ballot.elsewhere]
    return (*found, *ballot.standing)


def _in_dispute_with_another(name: str) -> Finding:
    return Finding(
        "employer_wrong",
        Severity.STOP,
        f"{name} is in dispute with another employer than the one these papers are for.",
        "Cancel this ballot and plan it with the employer whom the dispute is with.",
        NOTICE_OF_BALLOT,
    )


def _school_settled(name: str) -> Finding:
    return Finding(
        "workplace_settled",
        Severity.STOP,
        f"{name} left the dispute since this ballot was authorised, so its members would not be called to take part.",
        "Cancel this ballot and authorise one of the other schools.",
        WHO_VOTES,
    )


@dataclass(frozen=True, slots=True)
class _Paper:
    """What to call a paper, which code its absence has, where the duty stands."""

    name: str
    code: str
    citation: Citation

    def missing(self, sentence: str, to_do: str = "Prepare, approve and serve") -> Finding:
        """`to_do` with the paper, before its receipt is recorded."""
        cure = f"{to_do} the {self.name}, and record its receipt."
        return Finding(self.code, Severity.STOP, sentence, cure, self.citation)


_BALLOT_NOTICE = _Paper("notice of ballot", "ballot_notice_missing", NOTICE_OF_BALLOT)
_SAMPLE_PAPER = _Paper("sample voting paper", "sample_paper_missing", SAMPLE_PAPER)


def _paper_issues(paper: PaperReceived, kind: _Paper) -> Iterable[Finding]:
    if not paper.prepared:
        return [kind.missing(f"An employer's {kind.name} is not prepared.")]
    if not paper.approved:
        return [kind.missing(f"An employer's {kind.name} waits for approval.", "Have a second person approve")]
    if paper.received_on is None:
        sentence = f"There is no proof that an employer received the {kind.name}."
        return [kind.missing(sentence, "Find out when the employer received")]
    return []
