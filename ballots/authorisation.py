"""
What keeps a ballot from being authorised, besides its dates: nobody to serve, no time left to serve them, or another
ballot of the dispute that would need a scrutineer beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ballots.timetable_facts import NoticeOfBallot, SamplePaper, Timetable
from casework.register.models import Workplace
from core.calendar import in_words
from core.findings import Finding, Severity
from core.tulrca import SMALL_BALLOTS, TRADE_DISPUTE, WHO_EMPLOYS


def employer_findings(workplace: Workplace, in_dispute_with: UUID | None) -> tuple[Finding, ...]:
    """The legal employer must be known, be whom the workplace is in dispute with, and have an address for service."""
    if workplace.employer_confidence != "unknown":
        addressed = () if workplace.employer.postal_lines else (_no_address(),)
        return addressed if workplace.employer_id == in_dispute_with else (_no_dispute_with(workplace), *addressed)
    return (
        Finding(
            "employer_wrong",
            Severity.STOP,
            "The register does not say who the legal employer of this workplace is, so no notice can be served.",
            "Find the legal employer and correct the register before a ballot.",
            WHO_EMPLOYS,
        ),
    )


def _no_dispute_with(workplace: Workplace) -> Finding:
    return Finding(
        "employer_wrong",
        Severity.STOP,
        f"The register now names {workplace.employer.name} as the employer at {workplace.name}, and the dispute is "
        "with the employer before: there is none with this one that members could be balloted on.",
        "Correct the register if it is wrong; otherwise declare the trade dispute with the employer of now.",
        TRADE_DISPUTE,
    )


def _no_address() -> Finding:
    return Finding(
        "employer_address_missing",
        Severity.STOP,
        "There is no address at which the employer can be served.",
        "Record the employer's address for service.",
        WHO_EMPLOYS,
    )


def in_time(dates: Timetable, today: date) -> tuple[Finding, ...]:
    """The notice and the sample paper must still be able to reach the employer."""
    steps: tuple[tuple[str, str, NoticeOfBallot | SamplePaper | None], ...] = (
        ("notice of ballot", "ballot_notice_late", dates.ballot_notice),
        ("sample voting paper", "sample_paper_late", dates.sample_paper),
    )
    return tuple(
        Finding(
            code,
            Severity.STOP,
            f"The employer would have had to receive the {name} by {in_words(step.latest_receipt)}, "
            f"and today is {in_words(today)}.",
            "Choose a later opening day.",
            step.citation,
        )
        for name, code, step in steps
        if step is not None and step.latest_receipt < today
    )


def unscrutinised(dates: Timetable, ballots: Sequence[str]) -> tuple[Finding, ...]:
    """
    Ballots of the dispute under way without a scrutineer, where all of them together need one.

    The exemption is of the number entitled in all separate ballots of the dispute, not in each.
    """
    if dates.scrutineer is None or not dates.scrutineer.required:
        return ()
    return tuple(
        Finding(
            "scrutineer_missing",
            Severity.STOP,
            f"Together more are entitled to vote in the ballots of this dispute than the small-ballot exemption "
            f"covers, and the ballot {ref}, which is under way, has no scrutineer.",
            f"Cancel the ballot {ref} and authorise it again: its papers then name a scrutineer.",
            SMALL_BALLOTS,
        )
        for ref in ballots
    )
