"""
Planning a ballot: backwards from the first day of action wanted, forwards from today.

The law's own latest days come from statute only; beside each stands the latest safe day to serve, which allows for
the way a paper travels and for closed offices. The allowances are this program's practice, not law.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ballots.action_notice import NoticeTerms, earliest_action, latest_action_notice, notice_length
from core.calendar import earliest_event, in_words, latest_receipt, next_working_day, shift, working_day_on_or_before
from core.errors import BadInput, NoLawInForce
from core.findings import Citation, Finding, Severity
from core.law import Consultation, Law
from core.law_findings import no_law_in_force, unconfirmed, unsupported_jurisdiction
from core.nations import Nation

EMAIL_DAYS = 3
"""A mail is taken as received when no bounce came in this time, for which providers go on trying."""
POST_WORKING_DAYS = 2
"""First-class post in the ordinary course arrives on the second working day."""
COUNT_DAYS = 1
"""From the close of voting to the result told."""

_RESULT = Citation("TULRCA 1992", "ss. 231A, 234A(4)(a)", "https://www.legislation.gov.uk/ukpga/1992/52/section/234A")


class Channel(StrEnum):
    """How papers reach the employer."""

    HAND = "hand"
    EMAIL = "email"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step: the last day the law allows, the last day that is safe to act on, and the rule behind it.

    `margin_days` lie between the two.
    """

    step: str
    latest_lawful: date
    latest_safe: date
    margin_days: int
    rule: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What is planned: the first day of action, or today, or both; how long voting lasts; how papers travel.

    `opens_for` is the days from opening to close; None: what the Code expects. Raises `BadInput` for neither day
    or a length below 1.
    """

    first_action_on: date | None = None
    today: date | None = None
    nation: Nation = Nation.ENGLAND
    channel: Channel = Channel.EMAIL
    opens_for: int | None = None
    agrees_shorter_notice: bool = False

    def __post_init__(self) -> None:
        if self.first_action_on is None and self.today is None:
            raise BadInput(field="first-action", found="nothing", wanted="--first-action or --today, or both")
        if self.opens_for is not None and self.opens_for < 1:
            raise BadInput(field="opens-for", found=self.opens_for, wanted="1 day or more")


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in order of day; the step that has to be first; the earliest days of action, planned forwards."""

    steps: tuple[Step, ...]
    binding: str | None
    earliest_asos: date | None
    earliest_strike: date | None
    findings: tuple[Finding, ...]


def received_on(sent_on: date, channel: Channel, nation: Nation) -> date:
    """The day by which a paper handed to a channel on a working day is safely received."""
    if channel is Channel.EMAIL:
        return shift(sent_on, EMAIL_DAYS)
    day = sent_on
    for _ in range(POST_WORKING_DAYS if channel is Channel.POST else 0):
        day = next_working_day(day, nation)
    return day


def latest_safe(latest: date, channel: Channel, nation: Nation) -> date:
    """The last working day on which a paper may be handed to a channel to be received by the latest day."""
    day = working_day_on_or_before(latest, nation)
    while received_on(day, channel, nation) > latest:
        day = working_day_on_or_before(shift(day, -1), nation)
    return day


def plan(wish: Wish, law: Law) -> Plan:
    """
    The plan for a wish: backwards where a first day of action is given, forwards otherwise.

    Never raises for law that is missing: the plan is empty and a stop says so.
    """
    refused = unsupported_jurisdiction(wish.nation)
    if refused is not None:
        return Plan((), None, None, None, (refused,))
    consultation = Consultation(law, wish.nation)
    try:
        if wish.first_action_on is not None:
            return _backwards(wish, wish.first_action_on, consultation)
        assert wish.today is not None
        return _forwards(wish, wish.today, consultation)
    except NoLawInForce as error:
        return Plan((), None, None, None, (no_law_in_force(error),))


def _backwards(wish: Wish, first_action_on: date, law: Consultation) -> Plan:
    notice = _action_notice(wish, first_action_on, law)
    notice_by = notice.latest_lawful
    close_on = shift(notice.latest_safe, -COUNT_DAYS)
    rule = "no notice before the result is told"
    close = Step("ballot_closes", notice_by, close_on, (notice_by - close_on).days, rule, _RESULT)
    steps = (*_opening(wish, close_on, notice_by, law), close, notice)
    binding = min(steps, key=lambda step: step.latest_safe)
    findings = (*_too_late(steps, wish.today), *unconfirmed(law.given()))
    return Plan(steps, binding.step, None, None, findings)


def _action_notice(wish: Wish, first_action_on: date, law: Consultation) -> Step:
    """The notice of action: on its safe day it allows the action on whichever day it arrives from then on."""
    terms = NoticeTerms(wish.agrees_shorter_notice)

    def in_time(received: date) -> bool:
        return earliest_action(received, terms, law) <= first_action_on

    by = latest_action_notice(first_action_on, terms, law)
    safe = latest_safe(by, wish.channel, wish.nation)
    while not all(map(in_time, _days_of_receipt(safe, wish))):
        safe = working_day_on_or_before(shift(safe, -1), wish.nation)
    arrives = received_on(safe, wish.channel, wish.nation)
    length, safely = notice_length(by, terms, law), notice_length(arrives, terms, law)
    rule = f"{length.whole} days before the action"
    if safely.whole != length.whole:
        rule = f"{rule} if received on {in_words(by)}, {safely.whole} if received by {in_words(arrives)}"
    return Step("action_notice", by, safe, (by - safe).days, rule, length.citation)


def _days_of_receipt(sent_on: date, wish: Wish) -> list[date]:
    """Every day on which a paper handed to a channel may arrive."""
    arrives = received_on(sent_on, wish.channel, wish.nation)
    return [shift(sent_on, ahead) for ahead in range((arrives - sent_on).days + 1)]


def _opening(wish: Wish, close_on: date, lawful_on: date, law: Consultation) -> tuple[Step, ...]:
    """
    Notice of ballot, sample paper and opening for a ballot planned to close on a day.

    `lawful_on` is the last day on which the statute lets it open; the length of voting is the Code's, not statute.
    """
    window = law.at("ballots.voting_window_days", close_on)
    opens_on = shift(close_on, -(window.whole if wish.opens_for is None else wish.opens_for))
    rule = f"not after the close; {(close_on - opens_on).days} days of voting planned"
    return (
        _before_opening(wish, "ballot_notice", opens_on, lawful_on, law),
        _before_opening(wish, "sample_paper", opens_on, lawful_on, law),
        Step("ballot_opens", lawful_on, opens_on, (lawful_on - opens_on).days, rule, window.citation),
    )


_DAYS = {"ballot_notice": "ballots.notice_of_ballot_days", "sample_paper": "ballots.sample_paper_days"}


def _before_opening(wish: Wish, name: str, opens_on: date, lawful_on: date, law: Consultation) -> Step:
    planned, last = (law.at(_DAYS[name], day) for day in (opens_on, lawful_on))
    latest = latest_receipt(lawful_on, last.whole)
    safe = latest_safe(latest_receipt(opens_on, planned.whole), wish.channel, wish.nation)
    return Step(name, latest, safe, (latest - safe).days, f"{last.whole} days before the opening", last.citation)


def _step(wish: Wish, name: str, latest: date, rule: str, citation: Citation) -> Step:
    safe = latest_safe(latest, wish.channel, wish.nation)
    return Step(name, latest, safe, (latest - safe).days, rule, citation)


def _too_late(steps: tuple[Step, ...], today: date | None) -> list[Finding]:
    """Given today: a stop for each step whose lawful day is past, a warn for one whose safe day is."""
    if today is None:
        return []
    return [
        Finding(
            code="plan_too_late",
            severity=Severity.STOP if step.latest_lawful < today else Severity.WARN,
            sentence=(
                f"{step.step}: safe until {in_words(step.latest_safe)}, lawful until {in_words(step.latest_lawful)}; "
                f"today is {in_words(today)}."
            ),
            cure="Serve by hand and plan a shorter vote while it is lawful, or choose a later first day of action.",
            citation=step.citation,
            where=step.step,
        )
        for step in steps
        if step.latest_safe < today
    ]


def _forwards(wish: Wish, today: date, law: Consultation) -> Plan:
    """Papers leave on the first working day from today; every later step follows as soon as it may."""
    served_on = next_working_day(shift(today, -1), wish.nation)
    noticed_on = received_on(served_on, wish.channel, wish.nation)
    opens_on = earliest_event(noticed_on, law.at("ballots.notice_of_ballot_days", noticed_on).whole)
    window = law.at("ballots.voting_window_days", opens_on)
    closes_on = shift(opens_on, window.whole if wish.opens_for is None else wish.opens_for)
    told_on = next_working_day(shift(closes_on, COUNT_DAYS - 1), wish.nation)
    notice_on = received_on(told_on, wish.channel, wish.nation)
    terms = NoticeTerms(wish.agrees_shorter_notice)
    # The notice may arrive sooner than planned, under older law that asks for longer notice.
    worst = max(_days_of_receipt(told_on, wish), key=lambda received: earliest_action(received, terms, law))
    asos_on = earliest_action(worst, terms, law)
    strike_on = next_working_day(shift(asos_on, -1), wish.nation)
    length = notice_length(worst, terms, law)
    steps = (
        *_opening(wish, closes_on, opens_on, law),
        Step("ballot_closes", closes_on, closes_on, 0, "the date of the ballot", _RESULT),
        _step(wish, "action_notice", notice_on, f"{length.whole} days before the action", length.citation),
    )
    return Plan(steps, "ballot_notice", asos_on, strike_on, tuple(unconfirmed(law.given())))
