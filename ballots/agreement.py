"""What is to be said of an employer's agreement to shorter notice of action."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ballots.action_notice import NoticeTerms, notice_length
from core.calendar import in_words
from core.findings import Finding, Severity
from core.law import Consultation, LegalValue


def agreement_findings(received_on: date, terms: NoticeTerms, law: Consultation) -> list[Finding]:
    """A warn for an agreement to shorter notice that the law of the day of receipt does not know, or may not know."""
    if not terms.agrees_shorter:
        return []
    length = notice_length(received_on, terms, law)
    if length.parameter == "ballots.action_notice_agreed_days":
        return _under_the_saving(received_on, terms, length, law)
    return [
        Finding(
            code="agreement_without_effect",
            severity=Severity.WARN,
            sentence=(
                "The employer's agreement to shorter notice has no effect for a notice received on "
                f"{in_words(received_on)}: {length.whole} days it is."
            ),
            cure="Give the full notice.",
            citation=length.citation,
            where="employer_agrees_shorter_notice",
        )
    ]


def _under_the_saving(received_on: date, terms: NoticeTerms, length: LegalValue, law: Consultation) -> list[Finding]:
    """A warn where only an earlier notice of the same action keeps the law that knew agreements."""
    if notice_length(received_on, replace(terms, earlier_received_on=None), law) == length:
        return []
    full = notice_length(received_on, replace(terms, agrees_shorter=False), law)
    return [
        Finding(
            code="agreement_rests_on_saving",
            severity=Severity.WARN,
            sentence=(
                f"The agreed {length.whole} days hold only because an earlier notice of the same action keeps "
                f"the older law; whether the agreement is kept with it is not settled. {full.whole} days are safe."
            ),
            cure=f"Give {full.whole} days' notice.",
            citation=length.citation,
            where="employer_agrees_shorter_notice",
        )
    ]
