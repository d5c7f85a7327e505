"""What the law of its dates wants on a voting paper, and whether a printed statement is the prescribed one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from core.findings import Citation, Finding, Severity
from core.law import Consultation
from core.why import Why


class DismissalWarning(StrEnum):
    """Which of the statements about dismissal a voting paper bears."""

    TWELVE_WEEKS = "twelve_weeks"
    WHOLE_ACTION = "whole_action"


@dataclass(frozen=True, slots=True)
class VotingPaper:
    """
    Whether the three summaries (dispute, types of action, periods) stand on the paper, and its statement.

    `statement` is to be printed word for word, with nothing on the paper that qualifies it. `why` says which date chose
    it, where a timetable knows the dates.
    """

    summaries_required: bool
    dismissal_warning: DismissalWarning
    statement: str
    citation: Citation
    summaries_citation: Citation
    why: Why | None = field(default=None, compare=False)


def voting_paper(opened_on: date, sample_received_on: date | None, law: Consultation) -> VotingPaper:
    """
    The paper for a ballot opened on a day whose sample the employer received on another.

    Both dates count: a ballot opened from 18 February 2026 keeps the old paper if the employer had the sample
    before that day (SI 2026/3, Sch. 2, paras 8 and 11).
    """
    events = {"sample_paper_received_on": sample_received_on}
    summaries = law.at("ballots.voting_paper_summaries_required", opened_on, events)
    statement = law.at("ballots.dismissal_warning_statement", opened_on, events)
    return VotingPaper(
        summaries_required=summaries.flag,
        dismissal_warning=DismissalWarning(law.at("ballots.dismissal_warning", opened_on, events).text),
        statement=statement.text,
        citation=statement.citation,
        summaries_citation=summaries.citation,
    )


def is_prescribed(printed: str, prescribed: str) -> bool:
    """Whether a printed statement is the prescribed one, white space collapsed and a final full stop ignored."""
    return _comparable(printed) == _comparable(prescribed)


def _comparable(statement: str) -> str:
    return " ".join(statement.split()).removesuffix(".").rstrip()


def statement_finding(printed: str, paper: VotingPaper) -> Finding | None:
    """A stop where the printed statement is not the one the paper must bear."""
    if is_prescribed(printed, paper.statement):
        return None
    return Finding(
        code="voting_paper_statement_wrong",
        severity=Severity.STOP,
        sentence="The statement about dismissal on the voting paper is not the one prescribed for its dates.",
        cure=f"Print exactly this, with nothing that qualifies it: {paper.statement}",
        citation=paper.citation,
        where="voting_paper.statement",
    )
