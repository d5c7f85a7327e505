"""What a plan is asked about, and what it answers: values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ballots.channels import Channel, Span
from ballots.mandate import ActionKind, MandatePeriod
from core.calendar import LAST_YEAR
from core.errors import BadInput
from core.findings import Citation, Finding
from core.nations import Nation
from core.why import Why

MOST_DAYS_OF_VOTING = 366
LONGEST_CLOSURE_DAYS = 366
MOST_CLOSURES = 100

ONE_OF_THE_TWO = "--first-action or --today, or both"


class StepName(StrEnum):
    """The steps from the decision to the first day of action, in the order in which they are taken."""

    AUTHORISE = "authorise"
    BALLOT_NOTICE = "ballot_notice"
    SAMPLE_PAPER = "sample_paper"
    BALLOT_OPENS = "ballot_opens"
    BALLOT_CLOSES = "ballot_closes"
    RESULT_TO_MEMBERS = "result_to_members"
    RESULT_TO_EMPLOYERS = "result_to_employers"
    ACTION_NOTICE = "action_notice"
    PICKETS = "pickets"


FIRST_ACTION = "first_action"
"""What the notice of action and the pickets hang on: the wanted day itself, which is no step."""


class Binding(StrEnum):
    """What fixes the safe day of a step: first the rules, one of which each step has, then what takes days off."""

    ORDER = "order"
    NOTICE = "notice"
    VOTING = "voting"
    COUNT = "count"
    DESPATCH = "despatch"
    CHANNEL = "channel"
    CLOSED_OFFICES = "closed_offices"
    EARLIER_RECEIPT = "earlier_receipt"


BINDING_NAMES: Mapping[str, str] = {
    Binding.ORDER: "the order of steps",
    Binding.NOTICE: "days of notice",
    Binding.VOTING: "days of voting",
    Binding.COUNT: "the count",
    Binding.DESPATCH: "going out together",
    Binding.CHANNEL: "time to arrive",
    Binding.CLOSED_OFFICES: "closed offices",
    Binding.EARLIER_RECEIPT: "longer notice where it arrives earlier",
}
"""What people read for each."""


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What is planned: the first day of action, or today, or both; which kind; how long voting lasts; how papers travel.

    `opens_for` is the days from opening to close; None: what the Code expects. `earlier_action_notice_on` is when
    the employer had an earlier notice of the same action. `offices_closed` and `school_closed` are spans of days, both
    ends included, on top of weekends and bank holidays; `added_holidays` are bank holidays of the nation that the
    calendar does not know. Raises `BadInput` naming the field for what cannot be planned.
    """

    first_action_on: date | None = None
    today: date | None = None
    nation: Nation = Nation.ENGLAND
    channel: Channel = Channel.EMAIL
    opens_for: int | None = None
    agrees_shorter_notice: bool = False
    earlier_action_notice_on: date | None = None
    kind: ActionKind = ActionKind.STRIKE
    offices_closed: tuple[Span, ...] = ()
    school_closed: tuple[Span, ...] = ()
    added_holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.first_action_on is None and self.today is None:
            raise BadInput(field="first-action", found="nothing", wanted=ONE_OF_THE_TWO)
        _check_day("first-action", self.first_action_on)
        _check_day("today", self.today)
        if self.opens_for is not None and not 1 <= self.opens_for <= MOST_DAYS_OF_VOTING:
            wanted = f"1 day or more, and {MOST_DAYS_OF_VOTING} at most"
            raise BadInput(field="opens-for", found=self.opens_for, wanted=wanted)
        self._check_earlier_notice()
        _check_spans("offices-closed", self.offices_closed)
        _check_spans("school-closed", self.school_closed)

    def _check_earlier_notice(self) -> None:
        earlier, first = self.earlier_action_notice_on, self.first_action_on
        if earlier is not None and first is not None and earlier >= first:
            wanted = f"a day before the first day of action, {first.isoformat()}"
            raise BadInput(field="earlier-action-notice", found=earlier.isoformat(), wanted=wanted)


def _check_day(field: str, day: date | None) -> None:
    if day is not None and day.year > LAST_YEAR:
        raise BadInput(field=field, found=day.isoformat(), wanted=f"a day before the year {LAST_YEAR + 1}")


def _check_spans(field: str, spans: tuple[Span, ...]) -> None:
    if len(spans) > MOST_CLOSURES:
        raise BadInput(field=field, found=len(spans), wanted=f"{MOST_CLOSURES} spans at most")
    for first, last in spans:
        found = f"{first.isoformat()}..{last.isoformat()}"
        if last < first:
            raise BadInput(field=field, found=found, wanted="a span that does not end before it begins")
        if (last - first).days >= LONGEST_CLOSURE_DAYS:
            raise BadInput(field=field, found=found, wanted=f"a span of {LONGEST_CLOSURE_DAYS} days at most")


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step: the last day the law allows, the last day that is safe to act on, and the rule behind them.

    `margin_days` lie between the two; `slack_days` between today and the safe day, negative when it is past, None
    without today. `safe_by` is the minute, London time, until which the safe day counts. `hangs_on` is the step that
    fixes this one, `FIRST_ACTION` for the wanted day itself; `binding` says what stands between the safe days of the
    two: the rule first, then each allowance without which this safe day would be later. `by_channel` is the safe day by
    each channel, all else unchanged, for a paper that an employer receives; None for other steps.
    """

    step: StepName
    latest_lawful: date
    latest_safe: date
    margin_days: int
    slack_days: int | None
    rule: str
    citation: Citation
    hangs_on: str
    binding: tuple[Binding, ...]
    safe_by: datetime
    by_channel: dict[Channel, date] | None
    why: Why


@dataclass(frozen=True, slots=True)
class StepDays:
    """The two days of a step, without the words."""

    step: StepName
    latest_lawful: date
    latest_safe: date


@dataclass(frozen=True, slots=True)
class ReBallot:
    """
    The ballot that would let action go on without a gap after the mandate that the plan gives.

    `continues_on` is the day after that mandate's last day; `start_by` the last safe day to authorise the ballot, and
    `slack_days` the days from today to it; the steps are those of the plan backwards from `continues_on`.
    """

    continues_on: date
    start_by: date
    slack_days: int | None
    steps: tuple[StepDays, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """
    The steps in the order in which they are taken, and what follows from them.

    `first_action_on` is the day planned for: the one wanted or, forwards, the earliest safe day of the kind asked for.
    The earliest days are known where today is; the statute knows no school, so `earliest_lawful` is one day for both
    kinds of action. `mandate` is what the ballot would give; `re_ballot` is None where
    the law limits only when action begins.
    """

    first_action_on: date | None
    steps: tuple[Step, ...]
    earliest_asos: date | None
    earliest_strike: date | None
    earliest_lawful: date | None
    mandate: MandatePeriod | None
    re_ballot: ReBallot | None
    findings: tuple[Finding, ...]
