"""
What the calculators must answer, for the meta-test that changes the law under them.

The answers of `timetable` and `plan` are the oracle's; those of `result` and `pay deduction` stand here, reckoned by
hand from the Acts. What no calculator reckons with is asked as `law show` asks it; the oracle's book of rules answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from ballots.mandate import ActionKind
from ballots.notices import BallotPaperFacts, ballot_result, most_pickets, strike_call, told_of_result
from ballots.plan import Wish, plan
from ballots.result import Count, Service, Votes, result
from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from casework.pay.deduction import StrikePay, deduction
from core.errors import NoLawInForce
from core.law import Consultation, Law
from core.law_findings import stale, stale_stops
from core.nations import GREAT_BRITAIN, Nation
from tests.oracle import planned, timetabler
from tests.oracle.planner import Ask
from tests.oracle.regimes import ACT_2016, ACT_2025, PLANNED_CHANGES, RULES, WALES_2017, Question
from tests.oracle.tally import Tally
from tests.oracle.test_law_values import plain

A_DAY = timedelta(days=1)
EVE = {day: day - A_DAY for day in (ACT_2016, ACT_2025, WALES_2017)}
FIRST = date(2005, 10, 1)
Disagrees = Callable[[Law], bool]


@cache
def ballots() -> tuple[tuple[BallotFacts, dict[str, object]], ...]:
    """Each with the timetable that the oracle gives it."""
    return tuple((facts, timetabler.expected(facts)) for facts in _ballots())


def _ballots() -> Iterator[BallotFacts]:
    """Ballots on both sides of each commencement, their papers early and late."""
    for change, nation in ((ACT_2016, Nation.ENGLAND), (WALES_2017, Nation.WALES), (ACT_2025, Nation.SCOTLAND)):
        for opens in (EVE[change] - A_DAY, EVE[change], change, change + A_DAY):
            for received in (None, EVE[change], change):
                for entitled in (50, 51):
                    yield BallotFacts(
                        opens,
                        opens + timedelta(days=14),
                        nation,
                        first_action_on=opens + timedelta(days=40),
                        ballot_notice_received_on=received,
                        sample_received_on=received,
                        entitled=entitled,
                        longer_mandate_until=opens + timedelta(days=400),
                    )
    for change in (ACT_2016, ACT_2025):
        for received in (EVE[change] - A_DAY, EVE[change], change, change + A_DAY):
            for earlier in (None, EVE[change] - A_DAY, EVE[change], change):
                for agrees in (False, True):
                    if earlier is None or earlier <= received:
                        yield BallotFacts(
                            change - timedelta(days=60),
                            change - timedelta(days=47),
                            action_notice_received_on=received,
                            first_action_on=received + timedelta(days=12),
                            earlier_action_notice_on=earlier,
                            agrees_shorter_notice=agrees,
                        )
    yield BallotFacts(FIRST, FIRST + timedelta(days=13), ballot_notice_received_on=date(2005, 9, 1))
    yield BallotFacts(FIRST, FIRST + timedelta(days=14), action_notice_received_on=FIRST)
    yield BallotFacts(FIRST, FIRST + timedelta(days=14), longer_mandate_until=FIRST + timedelta(days=365))


def timetables(law: Law) -> bool:
    """Whether any timetable is another than the oracle's."""
    for facts, expected in ballots():
        steps = timetable(facts, law)
        if None in (steps.ballot_notice, steps.sample_paper, steps.voting_paper, steps.scrutineer, steps.thresholds):
            return True
        if None in (steps.action_notice, steps.mandate):
            return True
        found = timetabler.found(steps)
        if any(found.get(key) != value for key, value in expected.items()) or found.keys() - expected.keys():
            return True
    return False


ASKS = tuple(
    Ask(first=first, nation=nation, kind="strike")
    for nation in ("england", "scotland")
    for first in (date(2017, 3, 10), date(2017, 2, 20), date(2026, 2, 20), date(2026, 3, 4), date(2027, 3, 2))
)


def plans(law: Law) -> bool:
    """Whether any plan is another than the oracle's."""
    tally = Tally("plans")
    for ask in ASKS:
        try:
            planned.compare(tally, ask, law)
        except (AssertionError, KeyError):
            return True
    return tally.different > 0


STATE, FURTHER, OTHER = Service.STATE_TEACHING, Service.FURTHER_EDUCATION, Service.OTHER
RESULTS = (
    # opened, nation, service, entitled, cast, yes, no, spoiled -> mandate
    (FIRST, Nation.ENGLAND, STATE, 1000, 3, 2, 1, 0, True),
    (EVE[ACT_2016], Nation.ENGLAND, STATE, 1000, 100, 60, 40, 0, True),
    (ACT_2016, Nation.ENGLAND, STATE, 1000, 499, 450, 49, 0, False),
    (ACT_2016, Nation.ENGLAND, STATE, 1000, 500, 450, 50, 0, True),
    (ACT_2016, Nation.ENGLAND, STATE, 1000, 500, 450, 30, 20, True),
    (ACT_2016, Nation.ENGLAND, STATE, 100_000, 50_000, 50_000, 0, 0, True),
    (ACT_2016, Nation.ENGLAND, STATE, 100_000, 60_000, 40_000, 20_000, 0, True),
    (ACT_2016, Nation.ENGLAND, STATE, 100_000, 60_000, 39_999, 20_001, 0, False),
    (ACT_2016, Nation.SCOTLAND, STATE, 100_000, 60_000, 39_999, 20_001, 0, False),
    (ACT_2016, Nation.WALES, FURTHER, 1000, 600, 399, 201, 0, False),
    (ACT_2016, Nation.ENGLAND, FURTHER, 1000, 600, 399, 201, 0, False),
    (ACT_2016, Nation.ENGLAND, OTHER, 1000, 600, 399, 201, 0, True),
    (EVE[WALES_2017], Nation.WALES, STATE, 1000, 600, 399, 201, 0, False),
    (WALES_2017, Nation.WALES, STATE, 1000, 600, 399, 201, 0, True),
    (EVE[ACT_2025], Nation.ENGLAND, STATE, 1000, 600, 399, 201, 0, False),
    (EVE[ACT_2025], Nation.ENGLAND, FURTHER, 1000, 600, 399, 201, 0, False),
    (EVE[ACT_2025], Nation.SCOTLAND, STATE, 1000, 600, 399, 201, 0, False),
    (ACT_2025, Nation.ENGLAND, STATE, 1000, 600, 399, 201, 0, True),
    (ACT_2025, Nation.SCOTLAND, FURTHER, 1000, 600, 399, 201, 0, True),
    (ACT_2025, Nation.ENGLAND, STATE, 1000, 499, 450, 49, 0, False),
    (ACT_2025, Nation.ENGLAND, STATE, 100_000, 60_000, 30_000, 30_000, 0, False),
    (ACT_2025, Nation.ENGLAND, STATE, 100_000, 60_000, 30_001, 29_999, 0, True),
    (ACT_2025, Nation.ENGLAND, STATE, 1000, 600, 300, 299, 1, False),
    (ACT_2025, Nation.ENGLAND, STATE, 100_000, 100_000, 50_001, 49_999, 0, True),
)


def results(law: Law) -> bool:
    """Whether any result is another than the one reckoned by hand."""
    for opened, nation, service, entitled, cast, yes, no, spoiled, mandate in RESULTS:
        votes = (Votes(ActionKind.STRIKE, yes, no, spoiled),)
        count = Count(opened, opened + timedelta(days=20), entitled, votes, cast, nation, service)
        if result(count, law).has_mandate is not mandate:
            return True
    return False


PAY = (
    # day, nation, pence of a salary of a million pounds
    (date(2000, 1, 1), Nation.ENGLAND, 273_973),
    (date(2026, 11, 3), Nation.WALES, 273_973),
    (date(2000, 1, 1), Nation.SCOTLAND, 383_142),
    (date(2011, 8, 31), Nation.SCOTLAND, 383_142),
    (date(2011, 9, 1), Nation.SCOTLAND, 425_532),
)


def pay(law: Law) -> bool:
    """Whether any deduction is another than the one reckoned by hand."""
    return any(
        deduction(StrikePay(Decimal(1_000_000), (day,), nation), law).total_pence != pence for day, nation, pence in PAY
    )


READ_AGAIN: dict[str, date] = {"ballots.repudiation_statement": date(2026, 11, 22)}
CHECKED = date(2026, 11, 21)
"""When every value was last read, and those that were read again since: renew them with the files."""
EXPECTED = {"ballots.voting_methods": "2026-08", "ballots.detriment_protection": "2026-10"}
BEGIN = {
    "ballots.notice_of_ballot_days": date(1993, 8, 30),
    "ballots.sample_paper_days": date(1993, 8, 30),
    "ballots.voting_methods": date(1993, 8, 30),
    "ballots.notice_of_ballot_contents": date(2005, 9, 1),
    "pay.strike_deduction_fraction": date(2000, 1, 1),
}
"""The first day on which there is an answer, where it is not 1 October 2005."""
PROPOSED = date(2026, 9, 1)
"""The school year whose conditions nobody has confirmed."""
SURER = {
    **{("ballots.notice_of_ballot_contents", nation): (FIRST, "unconfirmed", "confirmed") for nation in GREAT_BRITAIN},
    ("ballots.agency_cover_prohibited", Nation.WALES): (WALES_2017, "practitioner", "confirmed"),
    **{("ballots.detriment_protection", nation): (ACT_2025, "practitioner", "unconfirmed") for nation in GREAT_BRITAIN},
    **{
        (f"working_time.{name}", Nation.ENGLAND): (PROPOSED, "confirmed", "unconfirmed")
        for name in ("directed_hours", "inset_days", "teaching_days", "working_days")
    },
}
"""Where the value stays and only its source changes: from which day, how sure before, how sure since."""
TURNS = (
    *(ACT_2016, WALES_2017, ACT_2025, PROPOSED, date(2009, 9, 1), date(2011, 9, 1), date(2021, 9, 1)),
    *(date(2022, 7, 21), date(2023, 7, 20), date(2023, 8, 10), date(2025, 12, 18)),
)


def shown(name: str, law: Law) -> bool:
    """Whether `law show` would answer anything else of a parameter than the book of rules and the tables above."""
    return any(_shown_differs(name, law, nation) for nation in GREAT_BRITAIN) or any(
        each.expected != EXPECTED.get(name)
        or each.last_checked != READ_AGAIN.get(name, CHECKED)
        or plain(each) != PLANNED_CHANGES[str(each.change)][name]
        for each in law.parameter(name).planned
    )


def _shown_differs(name: str, law: Law, nation: Nation) -> bool:
    begins = BEGIN.get(name, FIRST)
    first = [begins, *([FIRST - A_DAY, FIRST] if begins < FIRST else [])]
    days = [*first, *(day for turn in TURNS for day in (turn - A_DAY, turn) if day >= begins)]
    try:
        values = {day: law.at(name, day, nation=nation) for day in days}
    except NoLawInForce:
        return True
    surer = SURER.get((name, nation))
    if surer and (values[surer[0] - A_DAY].certainty, values[surer[0]].certainty) != surer[1:]:
        return True
    return _answers_before(name, law, nation, begins) or any(
        value.last_checked != READ_AGAIN.get(name, CHECKED)
        or plain(value) != RULES[name].value(day, Question(nation.value))
        for day, value in values.items()
    )


def _answers_before(name: str, law: Law, nation: Nation, begins: date) -> bool:
    try:
        law.at(name, begins - A_DAY, nation=nation)
    except NoLawInForce:
        return False
    return True


def pickets(law: Law) -> bool:
    """Whether a plan asks for a picket supervisor on another day than those from March 2017 to February 2026."""
    for day in (EVE[ACT_2016], ACT_2016, EVE[ACT_2025], ACT_2025):
        (step,) = (each for each in plan(Wish(first_action_on=day), law).steps if each.step == "pickets")
        if ("a supervisor appointed" in step.rule) is not (ACT_2016 <= day < ACT_2025):
            return True
    return False


def windows(law: Law) -> bool:
    """Whether a ballot of thirteen days is told another length of voting than the Code's."""
    found = timetable(BallotFacts(ACT_2025, ACT_2025 + timedelta(days=13)), law).findings
    said = [finding.sentence for finding in found if finding.code == "ballot_window_short"]
    return ["expects 14" in each and "7 with first-class" in " ".join(each.split()) for each in said] != [True]


HALF = "At least half of those entitled to vote did vote."
TWO_FIFTHS = "At least 40 per cent of those entitled to vote did not vote Yes."
TOLD = (
    # opened, nation -> whether the electorate is told, and what is stated of those voting and of those voting Yes
    (FIRST, Nation.ENGLAND, False, None, None),
    (EVE[ACT_2016], Nation.SCOTLAND, False, None, None),
    (ACT_2016, Nation.SCOTLAND, True, HALF, TWO_FIFTHS),
    (EVE[WALES_2017], Nation.WALES, True, HALF, TWO_FIFTHS),
    (WALES_2017, Nation.WALES, True, HALF, None),
    (EVE[ACT_2025], Nation.ENGLAND, True, HALF, TWO_FIFTHS),
    (ACT_2025, Nation.ENGLAND, True, HALF, None),
)
DECLARED = {
    "entitled": 1000,
    "cast": 500,
    "turnout_met": True,
    "support_met": False,
    "support_required": True,
    "questions": {"strike": {"yes": 300, "no": 190, "spoiled": 10}},
}


def told(law: Law) -> bool:
    """Whether the letter with a result tells an employer anything else than what s. 231 wanted of its day."""
    for opened, nation, electorate, turnout, support in TOLD:
        ballot = BallotPaperFacts("B-1", "Trust", opened, opened + timedelta(days=20), (), "Executive", None, "")
        letter = ballot_result(ballot, DECLARED, told_of_result(opened, Consultation(law, nation)))
        if (letter["entitled"] is not None, letter["turnout_statement"], letter["support_statement"]) != (
            electorate,
            turnout,
            support,
        ):
            return True
    return False


def at_an_entrance(law: Law) -> bool:
    """Whether the call to strike advises another number of pickets than the Code's six."""
    for days in ((FIRST,), (EVE[ACT_2016], ACT_2016), (EVE[ACT_2025], ACT_2025)):
        most = most_pickets(days, Consultation(law, Nation.ENGLAND))
        call = strike_call("School", "Trust", days, caller="Executive", reference="B-1", pickets=most.whole)
        if "at most 6 at any entrance" not in call["advice"]:
            return True
    return False


def freshness(name: str, law: Law) -> bool:
    """Whether any value goes stale on another day than the ninety-first after the day it was last read."""
    read = READ_AGAIN.get(name, CHECKED)
    last, next_day = read + timedelta(days=90), read + timedelta(days=91)
    parameter = law.parameter(name)
    return any(
        stale_stops([value], last)
        or not stale_stops([value], next_day)
        or stale([value], last)
        or not stale([value], next_day)
        for value in (*parameter.values, *parameter.planned)
    )


def crashing(calculator: Disagrees) -> Disagrees:
    """A calculator that a changed law leaves without a value, or confused, gives no answer: another one too."""

    def disagrees(law: Law) -> bool:
        try:
            return calculator(law)
        except (NoLawInForce, TypeError, ValueError):
            return True

    return disagrees


CALCULATORS: dict[str, Disagrees] = {
    "timetable": crashing(timetables),
    "windows": windows,
    "result": results,
    "pay": pay,
    "plan": crashing(plans),
    "pickets": pickets,
    "told": crashing(told),
    "at_an_entrance": crashing(at_an_entrance),
}
