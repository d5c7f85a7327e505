"""
How long before industrial action its employer must have the notice of it.

The length goes by the day of receipt, except that an employer who had a relevant notice of the same action
before 18 February 2026 keeps the older law for later notices (SI 2026/3, Sch. 2, para 10).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from core.calendar import earliest_event, shift
from core.law import Consultation, Events, LegalValue


@dataclass(frozen=True, slots=True)
class NoticeTerms:
    """What else bears on the length: a signed agreement, and an earlier notice of the same action."""

    agrees_shorter: bool = False
    earlier_received_on: date | None = None

    @property
    def events(self) -> Events:
        """The dates that a saving of the law may look at."""
        return {"earlier_action_notice_received_on": self.earlier_received_on}


def notice_length(received_on: date, terms: NoticeTerms, law: Consultation) -> LegalValue:
    """
    The days of notice, for a notice received on a day: the agreed ones where the law of that day knows an agreement.

    Whether the saving for action noticed before keeps the agreement with the older law is not settled: it counts for
    nothing here (see `contested_length`).
    """
    if terms.agrees_shorter:
        agreed = law.at("ballots.action_notice_agreed_days", received_on)
        if agreed.whole_or_none is not None:
            return agreed
    return law.at("ballots.action_notice_days", received_on, terms.events)


def length_after(length: LegalValue, terms: NoticeTerms, law: Consultation) -> LegalValue | None:
    """What the same terms give from the day after the law of a length has ended; None where it goes on."""
    return None if length.to is None else notice_length(shift(length.to, 1), terms, law.aside())


def contested_length(received_on: date, terms: NoticeTerms, law: Consultation) -> LegalValue | None:
    """The agreed days that only the saving for action noticed before could keep; None where there are none."""
    if not terms.agrees_shorter or law.at("ballots.action_notice_agreed_days", received_on).whole_or_none is not None:
        return None
    kept = law.at("ballots.action_notice_agreed_days", received_on, terms.events)
    return None if kept.whole_or_none is None else kept


def earliest_action(received_on: date, terms: NoticeTerms, law: Consultation) -> date:
    """The first day of action that a notice received on a day allows, strictly read."""
    return earliest_event(received_on, notice_length(received_on, terms, law).whole)


def is_contested(first_action_on: date, received_on: date, terms: NoticeTerms, law: Consultation) -> bool:
    """Whether a notice too late for a day of action is in time by the agreement that a saving may keep."""
    kept = contested_length(received_on, terms, law)
    return kept is not None and earliest_event(received_on, kept.whole) <= first_action_on


def last_receipt(first_action_on: date, earliest: Callable[[date], date]) -> date:
    """
    The latest day of receipt that still allows action on a day, whatever law that day of receipt is under.

    `earliest` gives the first day of action that a receipt on a day allows.
    """
    received_on = first_action_on
    while earliest(received_on) > first_action_on:
        received_on = shift(received_on, -1)
    return received_on


def latest_action_notice(first_action_on: date, terms: NoticeTerms, law: Consultation) -> date:
    """As `last_receipt`, under the law of each day of receipt."""
    return last_receipt(first_action_on, lambda received_on: earliest_action(received_on, terms, law))


def action_notice_contents(received_on: date, terms: NoticeTerms, law: Consultation) -> LegalValue:
    """What a notice of action received on a day states, as a list of words such as `by_workplace`."""
    return law.at("ballots.action_notice_contents", received_on, terms.events)
