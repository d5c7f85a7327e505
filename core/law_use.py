"""Which values of the law an answer rests on, and which of them nobody has checked for too long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from shlex import quote

from core.findings import Finding, Severity
from core.law import Events, Law, LegalValue
from core.law_findings import FRESH_DAYS
from core.nations import GREAT_BRITAIN, Nation


class Observed(Law):
    """A law that remembers every value it gave, for whoever wants to know what an answer rests on."""

    def __init__(self, law: Law) -> None:
        object.__setattr__(self, "_parameters", {parameter.name: parameter for parameter in law.parameters()})
        object.__setattr__(self, "_given", {})

    def at(self, parameter: str, on: date, *, nation: Nation | None = None, events: Events | None = None) -> LegalValue:
        """As `Law.at`."""
        value = super().at(parameter, on, nation=nation, events=events)
        self._given[(value.parameter, value.from_)] = value
        return value

    def given(self) -> tuple[LegalValue, ...]:
        """Every value given so far, in the order of asking."""
        return tuple(self._given.values())

    _given: dict[tuple[str, date | None], LegalValue]


def stale_values(values: Iterable[LegalValue], today: date) -> tuple[LegalValue, ...]:
    """
    Those that nobody has checked in the days before `today`, by parameter and first day.

    A value is as fresh as its latest check; one that was checked after `today` was known to hold then.
    """
    old = {(value.parameter, value.from_ or date.max): value for value in values if value.is_stale(today, FRESH_DAYS)}
    return tuple(old[key] for key in sorted(old))


def stale_stops(values: Iterable[LegalValue], today: date) -> tuple[Finding, ...]:
    """A stop for each value that nobody has checked for too long: nothing that rests on it is served."""
    return tuple(_stop(value, today) for value in stale_values(values, today))


def _stop(value: LegalValue, today: date) -> Finding:
    days = (today - value.last_checked).days
    return Finding(
        code="law_stale",
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
