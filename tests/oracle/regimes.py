"""
The changes of the law as a second hand wrote them down: plain comparisons of days, no files.

Every function answers for one rule, from the date of the dispute that chooses it. A value is written as people say it:
a count, a yes or no, a fraction as text, words in a tuple, None where the law asks for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

SCOTTISH_PAY_2011 = date(2011, 9, 1)
COVER_2009 = date(2009, 9, 1)
ACT_2016 = date(2017, 3, 1)
WALES_2017 = date(2017, 9, 13)
EARLY_CAREER_2021 = date(2021, 9, 1)
DAMAGES_2022 = date(2022, 7, 21)
AGENCY_FREED = date(2022, 7, 21)
AGENCY_BARRED_AGAIN = date(2023, 8, 10)
SERVICE_LEVELS = date(2023, 7, 20)
SERVICE_LEVELS_GONE = date(2025, 12, 18)
ACT_2025 = date(2026, 2, 18)

FULL_FIGURES = ("opening_day", "total", "categories", "by_category", "workplaces", "by_workplace", "explanation")
LISTS_AND_TOTAL = ("opening_day", "total", "categories", "workplaces")
OLD_ACTION_NOTICE = (
    "kind",
    "pattern",
    "dates",
    "total",
    "categories",
    "by_category",
    "workplaces",
    "by_workplace",
    "explanation",
)
NEW_ACTION_NOTICE = ("kind", "pattern", "dates", "total", "categories", "workplaces", "by_workplace", "explanation")

_MAY_BREAK = (
    "If you take part in a strike or other industrial action, you may be in breach of your contract of employment."
)
_OLD_FOR_MEMBERS = (
    "However, if you are dismissed for taking part in strike or other industrial action which is called officially"
    " and is otherwise lawful, the dismissal will be unfair if it takes place fewer than twelve weeks after you started"
    " taking part in the action, and depending on the circumstances may be unfair if it takes place later."
)
_NEW_FOR_MEMBERS = (
    "However, if you are dismissed for taking part in strike or other industrial action which is called officially"
    " and is otherwise lawful, the dismissal will be unfair."
)
OLD_STATEMENT = f"{_MAY_BREAK} {_OLD_FOR_MEMBERS}"
NEW_STATEMENT = f"{_MAY_BREAK} {_NEW_FOR_MEMBERS}"


@dataclass(frozen=True, slots=True)
class Planned:
    """The days from which changes that have none yet are taken as in force; None leaves them where they are."""

    end_of_turnout: date | None = None
    other_methods: date | None = None
    detriment: date | None = None


AS_IT_STANDS = Planned()


def begun(change: date | None, day: date) -> bool:
    """Whether a planned change has come by a day."""
    return change is not None and change <= day


def saved(earlier: date | None) -> bool:
    """Whether the employer already had a notice of this action, or a sample of this paper, before the second Act."""
    return earlier is not None and earlier < ACT_2025


def notice_days(received: date, earlier: date | None = None, agrees: bool = False) -> int:
    """Seven, then fourteen (seven if agreed), then ten; fourteen stay for action noticed before, agreed or not."""
    if received < ACT_2016:
        return 7
    if received < ACT_2025:
        return 7 if agrees else 14
    return 14 if saved(earlier) else 10


def notice_items(received: date, earlier: date | None = None) -> tuple[str, ...]:
    """The figures of each category go with the second Act, unless the action was noticed before."""
    return OLD_ACTION_NOTICE if received < ACT_2025 or saved(earlier) else NEW_ACTION_NOTICE


def agreed_days(received: date, earlier: date | None = None) -> int | None:
    """An agreement to shorter notice: between the Acts, and after the second for action noticed before."""
    if received < ACT_2016:
        return None
    return 7 if received < ACT_2025 or saved(earlier) else None


def mandate_months(opened: date) -> int | None:
    """None, six, twelve."""
    if opened < ACT_2016:
        return None
    return 6 if opened < ACT_2025 else 12


def agreed_months(opened: date) -> int | None:
    """Nine between the Acts."""
    return 9 if ACT_2016 <= opened < ACT_2025 else None


def summaries(opened: date, sample: date | None) -> bool:
    """Between the Acts; and after the second for a sample received before it."""
    return opened >= ACT_2016 and (opened < ACT_2025 or saved(sample))


def warning(opened: date, sample: date | None) -> str:
    """The short form from the second Act, by the same double test."""
    return "whole_action" if opened >= ACT_2025 and not saved(sample) else "twelve_weeks"


def statement(opened: date, sample: date | None) -> str:
    """The statement of that form."""
    return NEW_STATEMENT if warning(opened, sample) == "whole_action" else OLD_STATEMENT


def contents(received: date) -> str:
    """By the day the notice of ballot was received."""
    return "lists_and_total" if received >= ACT_2025 else "full_figures"


def ballot_notice_items(received: date) -> tuple[str, ...]:
    """The same, item by item."""
    return LISTS_AND_TOTAL if received >= ACT_2025 else FULL_FIGURES


def turnout(opened: date, planned: Planned = AS_IT_STANDS) -> str | None:
    """Half, since the first Act and still."""
    if begun(planned.end_of_turnout, opened):
        return None
    return "1/2" if opened >= ACT_2016 else None


def counts_spoiled(opened: date, planned: Planned = AS_IT_STANDS) -> bool:
    """Spoiled papers are of those voting as long as turnout is tested."""
    return turnout(opened, planned) is not None


def support(opened: date, nation: str) -> str | None:
    """Two fifths between the Acts; in Wales for half a year."""
    end = WALES_2017 if nation == "wales" else ACT_2025
    return "2/5" if ACT_2016 <= opened < end else None


def result_items(opened: date, planned: Planned = AS_IT_STANDS) -> tuple[str, ...]:
    """Four; seven between the Acts; six; four again when turnout goes."""
    if turnout(opened, planned) is None:
        return ("cast", "yes", "no", "spoiled")
    six = ("entitled", "cast", "yes", "no", "spoiled", "turnout_met")
    return (*six, "support_met") if opened < ACT_2025 else six


def methods(opened: date, planned: Planned = AS_IT_STANDS) -> tuple[str, ...]:
    """By post, until the other ways come."""
    return ("postal", "hybrid", "electronic", "workplace") if begun(planned.other_methods, opened) else ("postal",)


def agency_barred(acted: date, nation: str) -> bool:
    """Agencies could supply cover for a year, and in Wales could not even then."""
    return nation == "wales" or not AGENCY_FREED <= acted < AGENCY_BARRED_AGAIN


def damages(begun_on: date) -> tuple[tuple[int | None, int], ...]:
    """Four amounts by the number of members, in pence; four times as much since 2022."""
    pounds = (40_000, 200_000, 500_000, 1_000_000) if begun_on >= DAMAGES_2022 else (10_000, 50_000, 125_000, 250_000)
    below = (5_000, 25_000, 100_000, None)
    return tuple((limit, 100 * amount) for limit, amount in zip(below, pounds, strict=True))


def pay_fraction(strike_day: date, nation: str) -> str:
    """A day of the year; in Scotland a day of those worked."""
    if nation != "scotland":
        return "1/365"
    return "1/261" if strike_day < SCOTTISH_PAY_2011 else "1/235"


@dataclass(frozen=True, slots=True)
class Question:
    """What a rule may look at besides its own day: the nation, two earlier receipts, and changes taken as come."""

    nation: str = "england"
    sample: date | None = None
    earlier: date | None = None
    planned: Planned = AS_IT_STANDS


Answer = Callable[[date, Question], object]


@dataclass(frozen=True, slots=True)
class Rule:
    """One parameter: its unit, the date of the dispute that chooses it, its value, and the event that may save."""

    unit: str
    keyed_on: str
    value: Answer
    saved_by: str | None = None
    first_day: date = date(2005, 10, 1)


def always(value: object) -> Answer:
    """The same on every day in every nation."""
    return lambda _day, _asked: value


def by_nation(england: object, wales: object, scotland: object) -> Answer:
    """The same on every day, a value each for the nations."""
    values = {"england": england, "wales": wales, "scotland": scotland}
    return lambda _day, asked: values[asked.nation]


def from_day(change: date, before: object, after: object) -> Answer:
    """One value before a day and another from it."""
    return lambda day, _asked: after if day >= change else before


def between_the_acts(value: object, otherwise: object) -> Answer:
    """One value from the first Act until the second."""
    return lambda day, _asked: value if ACT_2016 <= day < ACT_2025 else otherwise


def _cover_hours(day: date, asked: Question) -> object:
    """Thirty-eight hours a year until cover became rare; Scotland has none."""
    return 38 if asked.nation != "scotland" and day < COVER_2009 else None


def _second_year(day: date, asked: Question) -> object:
    """A twentieth, in England, since induction takes two years."""
    return "1/20" if asked.nation == "england" and day >= EARLY_CAREER_2021 else None


OPENED, RECEIVED = "ballot_opened_on", "action_notice_received_on"
SAMPLE, EARLIER = "sample_paper_received_on", "earlier_action_notice_received_on"
ACTED, PICKETED, YEAR = "action_taken_on", "picketing_on", "school_year_started_on"

REPUDIATED = (
    "Your union has repudiated the call (or calls) for industrial action to which this notice relates and will give no "
    "support to unofficial industrial action taken in response to it (or them). If you are dismissed while taking "
    "unofficial industrial action, you will have no right to complain of unfair dismissal."
)

RULES: dict[str, Rule] = {
    "ballots.action_notice_agreed_days": Rule(
        "calendar_days", RECEIVED, lambda day, asked: agreed_days(day, asked.earlier), EARLIER
    ),
    "ballots.action_notice_contents": Rule(
        "words", RECEIVED, lambda day, asked: notice_items(day, asked.earlier), EARLIER
    ),
    "ballots.action_notice_days": Rule(
        "calendar_days", RECEIVED, lambda day, asked: notice_days(day, asked.earlier), EARLIER
    ),
    "ballots.agency_cover_prohibited": Rule("flag", ACTED, lambda day, asked: agency_barred(day, asked.nation)),
    "ballots.annual_return_action_details": Rule("flag", "return_period_ended_on", between_the_acts(True, False)),
    "ballots.damages_cap": Rule("pence_by_membership", "proceedings_begun_on", lambda day, _asked: damages(day)),
    "ballots.detriment_protection": Rule(
        "flag", "action_started_on", lambda day, asked: begun(asked.planned.detriment, day)
    ),
    "ballots.dismissal_claim_months": Rule("months", "dismissed_on", always(6)),
    "ballots.dismissal_protection_weeks": Rule("weeks", "action_started_on", from_day(ACT_2025, 12, None)),
    "ballots.dismissal_warning": Rule("word", OPENED, lambda day, asked: warning(day, asked.sample), SAMPLE),
    "ballots.dismissal_warning_statement": Rule(
        "statement", OPENED, lambda day, asked: statement(day, asked.sample), SAMPLE
    ),
    "ballots.majority_fraction": Rule("fraction", OPENED, always("1/2")),
    "ballots.mandate_agreed_months": Rule("months", OPENED, lambda day, _asked: agreed_months(day)),
    "ballots.mandate_agreed_start_weeks": Rule("weeks", OPENED, from_day(ACT_2016, 8, None)),
    "ballots.mandate_months": Rule("months", OPENED, lambda day, _asked: mandate_months(day)),
    "ballots.mandate_start_weeks": Rule("weeks", OPENED, from_day(ACT_2016, 4, None)),
    "ballots.minimum_service_levels": Rule(
        "flag", ACTED, lambda day, _asked: SERVICE_LEVELS <= day < SERVICE_LEVELS_GONE
    ),
    "ballots.notice_of_ballot_contents": Rule(
        "words", "ballot_notice_received_on", lambda day, _asked: ballot_notice_items(day)
    ),
    "ballots.notice_of_ballot_days": Rule("calendar_days", OPENED, always(7)),
    "ballots.picket_supervisor_required": Rule("flag", PICKETED, between_the_acts(True, False)),
    "ballots.pickets_at_an_entrance": Rule("people", PICKETED, always(6)),
    "ballots.repudiation_statement": Rule("statement", "repudiated_on", always(REPUDIATED)),
    "ballots.result_items": Rule("words", OPENED, lambda day, asked: result_items(day, asked.planned)),
    "ballots.sample_paper_days": Rule("calendar_days", OPENED, always(3)),
    "ballots.scrutineer_copy_months": Rule("months", "ballot_closed_on", always(6)),
    "ballots.scrutineer_exempt_voters": Rule("voters", OPENED, always(50)),
    "ballots.scrutineer_report_weeks": Rule("weeks", "ballot_closed_on", always(4)),
    "ballots.support_fraction": Rule("fraction", OPENED, lambda day, asked: support(day, asked.nation)),
    "ballots.support_services": Rule("words", OPENED, between_the_acts(("state-teaching", "further-education"), None)),
    "ballots.turnout_counts_spoiled": Rule("flag", OPENED, lambda day, asked: counts_spoiled(day, asked.planned)),
    "ballots.turnout_fraction": Rule("fraction", OPENED, lambda day, asked: turnout(day, asked.planned)),
    "ballots.voting_methods": Rule("words", OPENED, lambda day, asked: methods(day, asked.planned)),
    "ballots.voting_paper_summaries_required": Rule(
        "flag", OPENED, lambda day, asked: summaries(day, asked.sample), SAMPLE
    ),
    "ballots.voting_window_days": Rule("calendar_days", OPENED, always(14)),
    "ballots.voting_window_first_class_days": Rule("calendar_days", OPENED, always(7)),
    "pay.strike_deduction_fraction": Rule(
        "fraction", "strike_day_on", lambda day, asked: pay_fraction(day, asked.nation), first_day=date(2000, 1, 1)
    ),
    "working_time.cover_hours": Rule("hours", YEAR, _cover_hours),
    "working_time.directed_hours": Rule("hours", YEAR, by_nation(1265, 1265, None)),
    "working_time.first_year_reduction_fraction": Rule("fraction", YEAR, by_nation("1/10", "1/10", None)),
    "working_time.inset_days": Rule("days", YEAR, always(5)),
    "working_time.ppa_fraction": Rule("fraction", YEAR, by_nation("1/10", "1/10", None)),
    "working_time.second_year_reduction_fraction": Rule("fraction", YEAR, _second_year),
    "working_time.teaching_days": Rule("days", YEAR, always(190)),
    "working_time.week_hours": Rule("hours", YEAR, by_nation(None, None, 35)),
    "working_time.working_days": Rule("days", YEAR, always(195)),
}

PLANNED_CHANGES: dict[str, dict[str, object]] = {
    "end-of-turnout-test": {
        "ballots.turnout_fraction": None,
        "ballots.turnout_counts_spoiled": False,
        "ballots.result_items": ("cast", "yes", "no", "spoiled"),
    },
    "other-voting-methods": {"ballots.voting_methods": ("postal", "hybrid", "electronic", "workplace")},
    "detriment-regulations": {"ballots.detriment_protection": True},
}
"""What each change that has no day yet would bring."""
