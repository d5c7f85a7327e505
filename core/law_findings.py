"""What the law engine itself has to say: no law for the place or the day, values not confirmed or not fresh."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from shlex import quote

from core.calendar import in_words
from core.errors import NoLawInForce
from core.findings import Finding, Severity
from core.law import Certainty, LegalValue
from core.nations import GREAT_BRITAIN, Nation
from core.tulrca import EXTENT

FRESH_DAYS = 90
"""A value checked longer ago than this is to be looked at again: a rule of this program, not of law."""
LAW_STALE = "law_stale"
"""What is found of such a value: a warn of a calculation, a stop before an act."""


def unsupported_jurisdiction(nation: Nation) -> Finding | None:
    """A stop for a place whose law the files do not hold."""
    if nation in GREAT_BRITAIN:
        return None
    return Finding(
        code="unsupported_jurisdiction",
        severity=Severity.STOP,
        sentence="Northern Ireland has its own law of industrial action, which this program does not hold.",
        cure="Ask the union's lawyers for Northern Ireland; nothing here applies there.",
        citation=EXTENT,
        where="nation",
    )


def no_law_in_force(error: NoLawInForce) -> Finding:
    """A stop for a day that the law files do not reach."""
    return Finding(
        code="no_law_in_force",
        severity=Severity.STOP,
        sentence=f"The law files hold no value of {error.parameter} for {in_words(error.on)}.",
        cure="Check the date; if it is right, the answer has to come from a lawyer.",
        where=error.parameter,
    )


def unconfirmed(values: Iterable[LegalValue]) -> list[Finding]:
    """A note for each value that was used and is not confirmed."""
    return [
        Finding(
            code="law_unconfirmed",
            severity=Severity.NOTE,
            sentence=f"The value of {value.parameter} for these dates is not confirmed. {value.note or ''}".strip(),
            cure="Have it confirmed by a lawyer before relying on it.",
            citation=value.citation,
            where=value.parameter,
        )
        for value in values
        if value.certainty is Certainty.UNCONFIRMED
    ]


def stale_values(values: Iterable[LegalValue], today: date) -> tuple[LegalValue, ...]:
    """
    Those that nobody has checked in the days before `today`, by parameter and first day.

    A value is as fresh as its latest check; one that was checked after `today` was known to hold then.
    """
    old = {(value.parameter, value.from_ or date.max): value for value in values if value.is_stale(today, FRESH_DAYS)}
    return tuple(old[key] for key in sorted(old))


def stale(values: Iterable[LegalValue], today: date | None) -> list[Finding]:
    """One warn naming every value used that was last checked too long before `today`."""
    if today is None:
        return []
    names = ", ".join(dict.fromkeys(value.parameter for value in stale_values(values, today)))
    if not names:
        return []
    return [
        Finding(
            code=LAW_STALE,
            severity=Severity.WARN,
            sentence=f"Last checked more than {FRESH_DAYS} days before {in_words(today)}: {names}.",
            cure="Read the provisions again and renew the date of checking in the law files.",
        )
    ]


def stale_stops(values: Iterable[LegalValue], today: date) -> tuple[Finding, ...]:
    """A stop for each value that nobody has checked for too long: nothing that rests on it is served."""
    return tuple(_stop(value, today) for value in stale_values(values, today))


def _stop(value: LegalValue, today: date) -> Finding:
    days = (today - value.last_checked).days
    return Finding(
        code=LAW_STALE,
        severity=Severity.STOP,
        sentence=(
            f"The value of {value.parameter} was last checked {days} days ago, and holds for {FRESH_DAYS}: "
            "nothing that rests on it is approved or served until somebody has read the source again."
        ),
        cure=f"Read {value.citation}, then: {confirm_command(value)}",
        citation=value.citation,
        where=value.parameter,
    )


def confirm_command(value: LegalValue) -> str:
    """The command that records a check of a value."""
    named = f" --from {value.from_}" if value.to is not None else ""
    place = "" if value.nations == GREAT_BRITAIN else "".join(f" --nation {nation}" for nation in value.nations[:1])
    return f'mandate law confirm {value.parameter}{named}{place} --by "NAME, ROLE" --read {quote(value.citation.url)}'
