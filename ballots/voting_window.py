"""What is to be said of fewer days of voting than the Code of Practice expects."""

from __future__ import annotations

from datetime import date

from core.calendar import in_days, shift
from core.findings import Citation, Finding, Severity
from core.law import Consultation


def voting_window_short(days: int, on: date, where: str, law: Consultation) -> list[Finding]:
    """A warn for fewer days from opening to close than the Code in force on a day expects; `where` is the field."""
    expected = law.at("ballots.voting_window_days", on)
    if days >= expected.whole:
        return []
    first_class = law.at("ballots.voting_window_first_class_days", on)
    return [
        Finding(
            code="ballot_window_short",
            severity=Severity.WARN,
            sentence=f"From opening to close: {in_days(days)}. The Code expects {expected.whole}, or "
            f"{first_class.whole} with first-class post both ways.",
            cure="Vote for longer, and allow more for holidays and disturbed post; or post first class both ways and "
            "keep a record of why.",
            citation=expected.citation,
            where=where,
        )
    ]


def expected_last_day(opens_on: date, law: Consultation) -> tuple[date, Citation]:
    """The first last day of voting that is as late as the Code of Practice expects of a ballot opened on a day."""
    expected = law.at("ballots.voting_window_days", opens_on)
    return shift(opens_on, expected.whole), expected.citation
