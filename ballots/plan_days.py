"""
The days of a plan, reckoned backwards from a first day of action, and the earliest such day from today.

Numbers and days only: no words and no findings, so that a search may reckon many plans. docs/planning.md says how.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ballots.action_notice import NoticeTerms, earliest_action, last_receipt
from ballots.channels import Channel, OpenDays
from ballots.mandate import ActionKind
from ballots.plan_facts import StepName, Wish
from core.calendar import earliest_event, latest_receipt, shift
from core.law import Consultation, Law

COUNT_DAYS = 1
"""From the close of voting to the result told."""

BALLOT_NOTICE_DAYS = "ballots.notice_of_ballot_days"
SAMPLE_PAPER_DAYS = "ballots.sample_paper_days"
VOTING_DAYS = "ballots.voting_window_days"
ACTION_NOTICE_DAYS = ("ballots.action_notice_days", "ballots.action_notice_agreed_days")


@dataclass(frozen=True, slots=True)
class LawfulAndSafe:
    """The last day the statute allows for a step, and the last day that is safe."""

    lawful: date
    safe: date


PlannedDays = dict[StepName, LawfulAndSafe]


class Reckoning:
    """The days of one wish under one law, on its own terms of notice or on others; looked up once, remembered."""

    def __init__(self, wish: Wish, law: Consultation, terms: NoticeTerms | None = None) -> None:
        self.wish = wish
        self.law = law
        self.terms = terms or NoticeTerms(wish.agrees_shorter_notice, wish.earlier_action_notice_on)
        self.open_days = OpenDays(wish.nation, wish.offices_closed, wish.school_closed, wish.added_holidays)
        self._earliest: dict[date, date] = {}
        self._lawful: dict[date, date] = {}
        self._counts: dict[tuple[str, date], int] = {}

    def backwards(self, first_action_on: date) -> PlannedDays:
        """Every step's days for a first day of action, in the order in which the steps are taken."""
        notice = LawfulAndSafe(self.lawful_action_notice(first_action_on), self.safe_action_notice(first_action_on))
        days = self._ballot(notice)
        if self.wish.kind is ActionKind.STRIKE:
            days[StepName.PICKETS] = LawfulAndSafe(first_action_on, self.open_days.before(first_action_on))
        return days

    def _ballot(self, notice: LawfulAndSafe) -> PlannedDays:
        """The steps up to the notice of action, which hang on its two days alone."""
        lawful, closes_on = notice.lawful, shift(notice.safe, -COUNT_DAYS)
        opens_on = shift(closes_on, -self.days_of_voting(closes_on))
        served_on = self.safe_paper(opens_on, BALLOT_NOTICE_DAYS)
        lawfully_served_on = self.paper_received_by(lawful, BALLOT_NOTICE_DAYS)
        return {
            StepName.AUTHORISE: LawfulAndSafe(lawfully_served_on, self.open_days.before(served_on)),
            StepName.BALLOT_NOTICE: LawfulAndSafe(lawfully_served_on, served_on),
            StepName.SAMPLE_PAPER: LawfulAndSafe(
                self.paper_received_by(lawful, SAMPLE_PAPER_DAYS), self.safe_paper(opens_on, SAMPLE_PAPER_DAYS)
            ),
            StepName.BALLOT_OPENS: LawfulAndSafe(lawful, opens_on),
            StepName.BALLOT_CLOSES: LawfulAndSafe(lawful, closes_on),
            StepName.RESULT_TO_MEMBERS: notice,
            StepName.RESULT_TO_EMPLOYERS: notice,
            StepName.ACTION_NOTICE: notice,
        }

    def lawful_action_notice(self, first_action_on: date) -> date:
        """The last day of receipt that allows action on a day, whatever law that day of receipt is under."""
        if first_action_on not in self._lawful:
            self._lawful[first_action_on] = last_receipt(first_action_on, self.earliest)
        return self._lawful[first_action_on]

    def safe_action_notice(
        self, first_action_on: date, channel: Channel | None = None, open_days: OpenDays | None = None
    ) -> date:
        """
        The last office day from which every day of arrival allows action on a day.

        Each day of arrival is asked, because a notice that arrives sooner may fall under law that wants longer notice.
        """
        by, offices = channel or self.wish.channel, open_days or self.open_days

        def allows_it(handed_over_on: date) -> bool:
            return all(self.earliest(arrival) <= first_action_on for arrival in offices.arrivals(handed_over_on, by))

        return offices.last_day(self.lawful_action_notice(first_action_on), allows_it)

    def earliest(self, received_on: date) -> date:
        """The first day of action that a notice received on a day allows."""
        if received_on not in self._earliest:
            self._earliest[received_on] = earliest_action(received_on, self.terms, self.law)
        return self._earliest[received_on]

    def days_of_voting(self, on: date) -> int:
        """The days from opening to close: those asked for, else the Code's under the law of a day."""
        return self._count(VOTING_DAYS, on) if self.wish.opens_for is None else self.wish.opens_for

    def paper_received_by(self, opens_on: date, parameter: str) -> date:
        """The last day of receipt of a paper that must come so many days before the opening."""
        return latest_receipt(opens_on, self._count(parameter, opens_on))

    def safe_paper(
        self, opens_on: date, parameter: str, channel: Channel | None = None, open_days: OpenDays | None = None
    ) -> date:
        """The last office day from which such a paper arrives by then, whichever day it arrives on."""
        by = self.paper_received_by(opens_on, parameter)
        return (open_days or self.open_days).last_hand_over(by, channel or self.wish.channel)

    def earliest_safe(self, today: date, first_action_on: date, *, school_open: bool = False) -> date:
        """
        The least first day of action, not before the one given, whose plan has no safe day before today.

        `school_open`: and which is a school day. Where a longer notice or a longer vote comes into force, a later day
        of action may need an earlier start: the days are not monotone, so no day is leapt over. But every step up to
        the notice of action hangs on that notice's safe day alone, which rises with the day of action and often stays
        the same; it is reckoned once. The pickets' day lies between that notice and the action, so it is never first.
        """
        day, in_time = first_action_on, dict[date, bool]()
        while True:
            notice_on = self.safe_action_notice(day)
            if notice_on not in in_time:
                in_time[notice_on] = self._is_in_time(notice_on, today)
            if in_time[notice_on] and (not school_open or self.open_days.is_school_day(day)):
                return day
            day = shift(day, 1)

    def _is_in_time(self, notice_on: date, today: date) -> bool:
        # The lawful days do not matter here; the safe one stands for both.
        steps = self._ballot(LawfulAndSafe(notice_on, notice_on)).values()
        return min(step.safe for step in steps) >= today

    def earliest_lawful(self, today: date) -> date:
        """The first day of action that the statute allows when the notice of ballot is received today."""
        opens_on = today
        while self.paper_received_by(opens_on, BALLOT_NOTICE_DAYS) < today:
            opens_on = shift(opens_on, 1)
        closes_on = earliest_event(opens_on, self.days_of_voting(opens_on))
        return self.earliest(closes_on)

    def _count(self, parameter: str, on: date) -> int:
        key = (parameter, on)
        if key not in self._counts:
            self._counts[key] = self.law.at(parameter, on).whole
        return self._counts[key]


def never_sooner(wish: Wish, law: Law, today: date) -> date:
    """
    A day before which no safe plan from today can have its action, whatever law its dates fall under.

    The decision comes a day before the notice of ballot, the result a day after the close; every statutory length is
    the least that the law files hold, and papers take no time at all.
    """
    voting = wish.opens_for or _least(law, VOTING_DAYS)
    known = ACTION_NOTICE_DAYS if wish.agrees_shorter_notice else ACTION_NOTICE_DAYS[:1]
    return shift(today, 1 + _least(law, BALLOT_NOTICE_DAYS) + voting + COUNT_DAYS + _least(law, *known))


def _least(law: Law, *parameters: str) -> int:
    values = (value for name in parameters for value in law.parameter(name).values)
    return min(value.whole for value in values if value.value is not None)
