"""
What still stands between a ballot and its opening day: findings, not booleans.

A gate opens when no stop remains. Receipt decides, never sending: a paper without proof of receipt was not received.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ballots.constituency import WHO_VOTES
from ballots.paper import VotingPaper, statement_finding
from ballots.timetable_facts import Timetable
from core.calendar import in_words
from core.findings import Citation, Finding, Severity

NOTICE_OF_BALLOT = Citation("TULRCA 1992", "s. 226A(1)(a)", "https://www.legislation.gov.uk/ukpga/1992/52/section/226A")
SAMPLE_PAPER = Citation("TULRCA 1992", "s. 226A(1)(b)", "https://www.legislation.gov.uk/ukpga/1992/52/section/226A")
SCRUTINEER = Citation("TULRCA 1992", "s. 226B", "https://www.legislation.gov.uk/ukpga/1992/52/section/226B")
REGISTER = Citation("TULRCA 1992", "s. 226A(2D)", "https://www.legislation.gov.uk/ukpga/1992/52/section/226A")


@dataclass(frozen=True, slots=True)
class PaperReceived:
    """Whether an employer's copy of a paper is made, approved, and on which day it was received (None: no proof)."""

    prepared: bool
    approved: bool
    received_on: date | None


@dataclass(frozen=True, slots=True)
class LegReadiness:
    """
    One employer of those entitled to vote, and the two papers it is owed.

    `employs`: it still employs at every workplace of the frozen list. `printed` is the statement on its sample paper,
    `wanted` what the law of the day it was received wants of the paper.
    """

    ballot_notice: PaperReceived
    sample_paper: PaperReceived
    employs: bool = True
    printed: str | None = None
    wanted: VotingPaper | None = None


@dataclass(frozen=True, slots=True)
class BallotReadiness:
    """
    The facts of a ballot that its opening depends on.

    `standing` is what the register has against its workplaces: closed, or succeeded by another. `settled` names those
    whose part of the dispute was settled since.
    """

    legs: Sequence[LegReadiness]
    entitled_frozen: int
    entitled_listed: int
    scrutineer_required: bool
    scrutineer: str | None
    standing: Sequence[Finding] = ()
    settled: Sequence[str] = ()


def issues_before_opening(ballot: BallotReadiness, timetable: Timetable) -> tuple[Finding, ...]:
    """Everything that keeps a ballot from opening, with the cure of each."""
    found: list[Finding] = []
    for leg in ballot.legs:
        found += _paper_issues(leg.ballot_notice, _BALLOT_NOTICE, _latest(timetable.ballot_notice))
        found += _paper_issues(leg.sample_paper, _SAMPLE_PAPER, _latest(timetable.sample_paper))
        found += _statement_issues(leg)
        if not leg.employs:
            found.append(_employer_changed())
    if not ballot.legs:
        found.append(_BALLOT_NOTICE.missing("No employer of those entitled to vote is named."))
    if ballot.scrutineer_required and not ballot.scrutineer:
        found.append(
            Finding(
                "scrutineer_missing",
                Severity.STOP,
                "More are entitled to vote than the small-ballot exemption covers, and no scrutineer is appointed.",
                "Appoint a qualified independent person before the ballot opens.",
                SCRUTINEER,
            )
        )
    if ballot.entitled_frozen != ballot.entitled_listed:
        found.append(
            Finding(
                "figures_disagree",
                Severity.STOP,
                f"The papers say {ballot.entitled_frozen} are entitled to vote, the frozen list holds "
                f"{ballot.entitled_listed}.",
                "Cancel this ballot and prepare its papers again from the register.",
                REGISTER,
            )
        )
    found += [_school_settled(name) for name in ballot.settled]
    return (*found, *ballot.standing)


def _school_settled(name: str) -> Finding:
    return Finding(
        "workplace_settled",
        Severity.STOP,
        f"{name} settled since this ballot was authorised, so its members would not be called to take part.",
        "Cancel this ballot and authorise one of the other schools.",
        WHO_VOTES,
    )


@dataclass(frozen=True, slots=True)
class _Paper:
    """What to call a paper, which codes its faults have, where the duty stands."""

    name: str
    missing_code: str
    late_code: str
    citation: Citation

    def missing(self, sentence: str) -> Finding:
        cure = f"Prepare, approve and serve the {self.name}, and record its receipt."
        return Finding(self.missing_code, Severity.STOP, sentence, cure, self.citation)


_BALLOT_NOTICE = _Paper("notice of ballot", "ballot_notice_missing", "ballot_notice_late", NOTICE_OF_BALLOT)
_SAMPLE_PAPER = _Paper("sample voting paper", "sample_paper_missing", "sample_paper_late", SAMPLE_PAPER)


def _latest(step: object) -> date | None:
    return getattr(step, "latest_receipt", None)


def _paper_issues(paper: PaperReceived, kind: _Paper, latest: date | None) -> Iterable[Finding]:
    if not paper.prepared:
        return [kind.missing(f"An employer's {kind.name} is not prepared.")]
    if not paper.approved:
        return [kind.missing(f"An employer's {kind.name} waits for approval.")]
    if paper.received_on is None:
        return [kind.missing(f"There is no proof that an employer received the {kind.name}.")]
    if latest is None or paper.received_on <= latest:
        return []
    days = (paper.received_on - latest).days
    return [
        Finding(
            kind.late_code,
            Severity.STOP,
            f"An employer received the {kind.name} on {in_words(paper.received_on)}, {days} day(s) after the latest "
            f"lawful day, {in_words(latest)}.",
            "Cancel this ballot and plan a later opening day with a new notice.",
            kind.citation,
        )
    ]


def _statement_issues(leg: LegReadiness) -> Iterable[Finding]:
    if leg.printed is None or leg.wanted is None or leg.sample_paper.received_on is None:
        return []
    wrong = statement_finding(leg.printed, leg.wanted)
    return [wrong] if wrong else []


def _employer_changed() -> Finding:
    return Finding(
        "employer_wrong",
        Severity.STOP,
        "The register now names another employer of those entitled to vote than the one these papers are for.",
        "Correct the register if it is wrong; otherwise cancel this ballot and plan it with the employer of now.",
        NOTICE_OF_BALLOT,
    )
