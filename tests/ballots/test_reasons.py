"""Why each statutory date falls where it does: the words, and a sum that a person can check by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballots import reasons
from ballots.action_notice import NoticeTerms, earliest_action, latest_action_notice, notice_length
from ballots.mandate import MandatePeriod, mandate_period
from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from core.calendar import in_words
from core.law import Certainty, Consultation, Law, LegalValue, current_law
from core.nations import Nation
from core.why import Why
from notifications.certificates import checking_sums

DAYS = st.dates(min_value=date(2005, 11, 1), max_value=date(2032, 12, 31))

PLAIN = NoticeTerms()


def consultation() -> Consultation:
    return Consultation(current_law(), Nation.ENGLAND)


def notice(first: date, terms: NoticeTerms = PLAIN) -> tuple[date, Why]:
    law = consultation()
    by = latest_action_notice(first, terms, law)
    return by, reasons.action_notice_by(first, by, notice_length(by, terms, law))


def mandate(opens: date, closes: date, agreed_until: date | None = None) -> tuple[MandatePeriod, Why]:
    law = consultation()
    period, _ = mandate_period(opens, closes, law, agreed_until)
    kinds = ("start_weeks", "agreed_start_weeks") if period.begins_by else ("months", "agreed_months")
    length, agreed = (law.at(f"ballots.mandate_{kind}", opens) for kind in kinds)
    return period, reasons.mandate_end(period, length, agreed)


def test_a_receipt_before_the_opening_in_full() -> None:
    days = consultation().at("ballots.notice_of_ballot_days", date(2026, 9, 21))
    assert reasons.received_before_opening(reasons.NOTICE_OF_BALLOT, date(2026, 9, 21), days) == Why(
        rule="The employer must have received the notice of ballot not later than the 7th day before the day the "
        "ballot opens. Receipt counts, not sending; every day counts, weekends and holidays too.",
        inputs={
            "ballot opens": "Monday 21 September 2026",
            "notice": "7 days",
            "law": "the law of the day the ballot opens; in force from 30 August 1993",
        },
        arithmetic="Monday 21 September 2026 − 7 days = Monday 14 September 2026; "
        "receipt at any time of that day will do",
        citation=days.citation,
        certainty="confirmed",
        changes_if="another opening day",
    )


@pytest.mark.parametrize("opened", [date(2006, 1, 1), date(2016, 1, 1), date(2019, 1, 1), date(2026, 9, 1)])
def test_a_certificate_finds_no_sum_of_a_mandate_wrong(opened: date) -> None:
    """
    By each law there was, from every day of four years. Turns red if `checking_sums.SUM` takes no day off, or
    `checking_sums.LESS_ONE` puts one on.
    """
    for days in range(4 * 366):
        closes = opened + timedelta(days=days)
        for agreed in (None, closes + timedelta(days=100)):
            _, why = mandate(opened, closes, agreed)
            assert list(checking_sums.sums(why.arithmetic, "why")) == [], why.arithmetic


@pytest.mark.parametrize(
    ("first", "terms", "arithmetic", "law"),
    [
        (
            date(2027, 1, 6),
            NoticeTerms(),
            "Wednesday 6 January 2027 − 10 days = Sunday 27 December 2026; receipt at any time of that day will do",
            "the law of the day the notice of action is received; in force from 18 February 2026",
        ),
        (
            date(2017, 3, 10),
            NoticeTerms(),
            "Tuesday 28 February 2017 + 7 days = Tuesday 7 March 2017, in time for Friday 10 March 2017; "
            "from the next day the law wants longer notice",
            "the law of the day the notice of action is received; in force from 1 October 2005 to 28 February 2017",
        ),
        (
            date(2026, 3, 20),
            NoticeTerms(earlier_received_on=date(2026, 1, 5)),
            "Friday 20 March 2026 − 14 days = Friday 6 March 2026; receipt at any time of that day will do",
            "the law of the day the notice of action is received; in force from 1 March 2017 to 17 February 2026; "
            "kept because of an earlier notice of the same action, received before 18 February 2026",
        ),
    ],
    ids=["now", "across-a-commencement", "kept-by-a-saving"],
)
def test_the_notice_of_action_says_its_sum_and_which_date_chose_the_law(
    first: date, terms: NoticeTerms, arithmetic: str, law: str
) -> None:
    _, why = notice(first, terms)
    assert (why.arithmetic, why.inputs["law"]) == (arithmetic, law)


def test_what_would_change_the_notice_of_action() -> None:
    _, now = notice(date(2027, 1, 6))
    assert "receipt before Wednesday 18 February 2026, under the older law" in now.changes_if
    assert "an earlier notice of the same action" in now.changes_if
    _, then = notice(date(2025, 1, 8))
    assert then.changes_if.endswith("receipt after Tuesday 17 February 2026, under the newer law")
    _, kept = notice(date(2026, 3, 20), NoticeTerms(earlier_received_on=date(2026, 1, 5)))
    assert kept.changes_if.endswith("no earlier notice of the same action, which leaves the newer law")


def under(first: date, terms: NoticeTerms) -> Why:
    law = consultation()
    return reasons.action_notice_under(law, first, latest_action_notice(first, terms, law), terms)


def test_an_earlier_notice_is_an_input_and_keeps_the_older_law() -> None:
    """Turns red if `_other_receipts` goes by the end of the law alone, or the earlier notice is no input."""
    first, earlier = date(2026, 2, 27), date(2026, 1, 2)
    kept = under(first, NoticeTerms(earlier_received_on=earlier))
    assert kept.inputs["earlier notice of the same action"] == "Friday 2 January 2026"
    assert kept.changes_if.endswith(
        "no earlier notice of the same action and receipt after Tuesday 17 February 2026, under the newer law"
    )
    assert "earlier notice of the same action" not in under(first, NoticeTerms()).inputs
    assert "; receipt after Tuesday 17 February 2026, under the newer law" in under(first, NoticeTerms()).changes_if
    forward = reasons.earliest_action_under(consultation(), date(2026, 2, 13), NoticeTerms(earlier_received_on=earlier))
    assert (forward.inputs["earlier notice of the same action"], "and receipt after" in forward.changes_if) == (
        "Friday 2 January 2026",
        True,
    )


def test_no_saving_keeps_an_agreement() -> None:
    """Turns red if an agreed length is told as one that an earlier notice would keep."""
    agreed = under(date(2026, 2, 20), NoticeTerms(agrees_shorter=True, earlier_received_on=date(2026, 1, 2)))
    assert agreed.inputs["notice"] == "7 days"
    assert "receipt after Tuesday 17 February 2026, when the agreement counts for nothing" in agreed.changes_if


def test_a_change_without_a_saving_is_not_kept_by_an_earlier_notice() -> None:
    """Turns red if any earlier notice is taken to keep any older law: the Act of 2016 had no such saving."""
    then = under(date(2017, 3, 7), NoticeTerms(earlier_received_on=date(2017, 1, 2)))
    assert "; receipt after Tuesday 28 February 2017, under the newer law" in then.changes_if


@pytest.mark.parametrize(
    ("opens", "closes", "agreed", "arithmetic"),
    [
        (
            date(2026, 11, 23),
            date(2026, 12, 17),
            None,
            "Thursday 17 December 2026 + 12 months = Friday 17 December 2027; − 1 day = Thursday 16 December 2027, "
            "to midnight",
        ),
        (
            date(2027, 2, 1),
            date(2027, 3, 1),
            None,
            "the day before the first, Sunday 28 February 2027, + 12 months = Monday 28 February 2028, to midnight",
        ),
        (
            date(2025, 8, 1),
            date(2025, 8, 31),
            None,
            "Sunday 31 August 2025 + 6 months: no such day in that month, so its last day, "
            "Saturday 28 February 2026, to midnight",
        ),
        (
            date(2016, 8, 1),
            date(2016, 8, 31),
            None,
            "Wednesday 31 August 2016 + 28 days (4 weeks) − 1 day = Tuesday 27 September 2016, to midnight",
        ),
        (
            date(2024, 11, 11),
            date(2024, 12, 19),
            date(2025, 9, 18),
            "at most Thursday 19 December 2024 + 9 months = Friday 19 September 2025; "
            "− 1 day = Thursday 18 September 2025; agreed: Thursday 18 September 2025; "
            "the earlier of the two = Thursday 18 September 2025, to midnight",
        ),
    ],
    ids=["months", "stricter-reading", "short-month", "weeks-to-begin", "agreed"],
)
def test_the_end_of_a_mandate_says_the_sum_that_gives_it(
    opens: date, closes: date, agreed: date | None, arithmetic: str
) -> None:
    assert mandate(opens, closes, agreed)[1].arithmetic == arithmetic


def test_a_contested_end_names_the_other_reading() -> None:
    assert "the other reading of months, which gives Tuesday 29 February 2028" in (
        mandate(date(2027, 2, 1), date(2027, 3, 1))[1].changes_if
    )
    assert "other reading" not in mandate(date(2026, 11, 23), date(2026, 12, 17))[1].changes_if


@given(first=DAYS, agrees=st.booleans())
def test_a_notice_of_action_ends_its_sum_on_the_date_it_explains(first: date, agrees: bool) -> None:
    """Turns red if the sum is taken with the length of another day's law."""
    law, terms = consultation(), NoticeTerms(agrees_shorter=agrees)
    by, why = notice(first, terms)
    assert in_words(by) in why.arithmetic
    assert in_words(first) in why.arithmetic
    forward = reasons.earliest_action(by, notice_length(by, terms, law))
    assert forward.arithmetic.endswith(in_words(earliest_action(by, terms, law)))


@given(opens=DAYS, length=st.integers(0, 90), agreed_for=st.none() | st.integers(1, 400))
def test_the_end_of_a_mandate_is_the_last_date_of_its_sum(opens: date, length: int, agreed_for: int | None) -> None:
    """Turns red if the lenient reading is told as the answer, or a sum is not the one that gives the date."""
    closes = opens + timedelta(days=length)
    period, why = mandate(opens, closes, None if agreed_for is None else closes + timedelta(days=agreed_for))
    assert why.arithmetic.removesuffix(", to midnight").endswith(in_words(period.last_day))


@given(closes=DAYS)
def test_a_report_ends_its_sum_on_the_date_it_explains(closes: date) -> None:
    weeks = consultation().at("ballots.scrutineer_report_weeks", closes)
    due = closes + timedelta(days=7 * weeks.whole - 1)
    assert reasons.report_due(closes, due, weeks).arithmetic.endswith(f"+ 27 days = {in_words(due)}")


def with_number(value: LegalValue, number: int) -> LegalValue:
    return replace(value, value=number)


@pytest.mark.parametrize(("number", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd")])
def test_every_number_is_that_of_the_law(number: int, words: str) -> None:
    """Turns red if a rule has a number of its own."""
    opens = date(2026, 9, 21)
    days = with_number(consultation().at("ballots.sample_paper_days", opens), number)
    why = reasons.received_before_opening(reasons.SAMPLE_PAPER, opens, days)
    assert f"the {words} day before" in why.rule
    assert set(re.findall(r"\b(\d+) days?\b", why.arithmetic)) == {str(number)}
    latest = in_words(opens - timedelta(days=number))
    assert why.arithmetic.startswith(f"{in_words(opens)} − {number} day{'' if number == 1 else 's'} = {latest};")


KEYED = (
    "notice_of_ballot_days",
    "sample_paper_days",
    "scrutineer_report_weeks",
    "action_notice_days",
    "mandate_months",
)


@pytest.mark.parametrize("name", KEYED)
def test_a_planned_change_of_a_value_is_named_with_the_dates_that_rest_on_it(name: str) -> None:
    """Turns red if a date does not say that a change of its value is planned."""
    standing = current_law().parameter(f"ballots.{name}")
    newest = standing.values[-1]
    planned = replace(newest, from_=None, certainty=Certainty.UNCONFIRMED, change="a-bill")
    by_name = {each.name: each for each in current_law().parameters()}
    law = Law({**by_name, standing.name: replace(standing, planned=(planned,))})
    dates = timetable(BallotFacts(date(2026, 9, 21), date(2026, 10, 19), first_action_on=date(2026, 11, 3)), law)
    steps = (dates.ballot_notice, dates.sample_paper, dates.scrutineer, dates.action_notice, dates.mandate)
    named = [KEYED[place] for place, step in enumerate(steps) if step and step.why and "a-bill" in step.why.changes_if]
    assert named == [name]
    assert dates.action_notice is not None
    assert dates.action_notice.earliest_why is not None
    assert ("a-bill" in dates.action_notice.earliest_why.changes_if) is (name == "action_notice_days")
