"""What is to be said of an employer's agreement to shorter notice of action."""

from __future__ import annotations

from datetime import date

from ballots.action_notice import NoticeTerms, contested_length, notice_length
from core.calendar import in_days, in_words
from core.findings import Finding, Severity
from core.law import Consultation, LegalValue


def agreement_findings(received_on: date, terms: NoticeTerms, law: Consultation) -> list[Finding]:
    """A warn for an agreement to shorter notice that the law of the day of receipt does not know, or may not know."""
    if not terms.agrees_shorter:
        return []
    length = notice_length(received_on, terms, law)
    if length.parameter == "ballots.action_notice_agreed_days":
        return []
    kept = contested_length(received_on, terms, law)
    if kept is not None:
        return [_under_the_saving(kept, length)]
    return [
        Finding(
            code="agreement_without_effect",
            severity=Severity.WARN,
            sentence=(
                "The employer's agreement to shorter notice has no effect for a notice received on "
                f"{in_words(received_on)}: {in_days(length.whole)} it is."
            ),
            cure="Give the full notice.",
            citation=length.citation,
            where="employer_agrees_shorter_notice",
        )
    ]


def _under_the_saving(kept: LegalValue, length: LegalValue) -> Finding:
    """A warn: only an earlier notice of the same action could keep the law that knew agreements."""
    return Finding(
        code="agreement_rests_on_saving",
        severity=Severity.WARN,
        sentence=(
            "An earlier notice of the same action keeps the older law for this one; whether it keeps the agreed "
            f"{in_days(kept.whole)} too is not settled. Notice of {in_days(length.whole)} is safe."
        ),
        cure=f"Give notice of {in_days(length.whole)}.",
        citation=kept.citation,
        where="employer_agrees_shorter_notice",
    )
