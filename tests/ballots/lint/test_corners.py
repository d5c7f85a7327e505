"""Packs that leave out whom they are about, say a thing twice, or stop and start: where rules look past each other."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from time import process_time
from typing import Any

import pytest

from ballots.lint import lint
from ballots.lint.periods import LONGEST, says_when
from ballots.pack_reading import read_pack
from tests.ballots.lint.packs import GONE, LAW, NORTH, V2, V3, found, mapping_of, stops, weights
from tests.ballots.lint.test_ballots import small


def at(text: str) -> datetime:
    """`2026-11-03 06:00` as a time."""
    return datetime.fromisoformat(text)


def of(mapping: dict[str, Any]) -> list[tuple[str, str]]:
    """The codes and severities found in a mapping."""
    return [(each.code, each.severity.value) for each in lint(read_pack(mapping), LAW)]


def bare(*action: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A dispute of which no employer is known, with action in it."""
    ballot = {"opens": date(2026, 9, 21), "closes": date(2026, 10, 19), "method": "postal", "questions": ["strike"]}
    return {"dispute": {"nation": "england"}, "ballot": ballot, "action": list(action), **more}


def strike(day: str, **more: Any) -> dict[str, Any]:
    """A strike of one day."""
    return {"kind": "strike", "starts": at(f"{day} 00:00"), "ends": at(f"{day} 23:59"), **more}


MISSING = ["ballot_notice_missing", "sample_paper_missing"]


@pytest.mark.parametrize("named", [{}, {"employer": NORTH}])
def test_action_where_no_employer_is_known(named: dict[str, str]) -> None:
    """Turns red if a pack without workplaces and employers has nobody to whom its duties are owed."""
    held = {code for code, weight in of(bare(strike("2029-11-03", **named))) if weight == "stop"}
    assert held == {*MISSING, "action_notice_missing", "mandate_expired"}
    assert ("mandate_expired", "stop") not in of(bare(strike("2026-11-03", **named)))


def test_a_result_that_nobody_was_told() -> None:
    """Turns red if a pack without employers has none to tell the result."""
    result = {"entitled": 10, "cast": 10, "questions": {"strike": {"yes": 10, "no": 0}}}
    assert ("result_not_told_employer", "stop") in of(bare(result=result))
    told = result | {"told_employers": {NORTH: date(2026, 10, 20)}}
    assert ("result_not_told_employer", "stop") not in of(bare(result=told))


def test_those_who_had_papers_are_employers_where_no_workplace_is_named() -> None:
    """Turns red if the papers of a pack without workplaces and employers are papers to nobody."""
    without = {"dispute.workplaces": GONE, "dispute.employers": GONE}
    assert stops("now", without) == []
    assert stops("now", without | {"sample_papers": GONE}) == ["sample_paper_missing"]
    described = {"dispute.workplaces": GONE, "sample_papers.0.employer": "The governors of Hill School"}
    assert stops("now", described) == ["sample_paper_missing", "employer_wrong"]


def test_figures_by_workplace_where_no_workplace_is_named() -> None:
    """Turns red if every figure by workplace is called that of a workplace outside the dispute."""
    assert weights("now", {"dispute.workplaces": GONE}, "figures_disagree") == []


@pytest.mark.parametrize(
    ("changes", "weight"),
    [
        ({}, []),
        ({"ballot_notices.0.total": 119}, ["stop"]),
        ({"ballot.scrutineer_file.total": 119}, ["stop"]),
    ],
)
def test_a_register_by_kinds_of_post_alone(changes: dict[str, Any], weight: list[str]) -> None:
    """Turns red if the kinds of post are not added up where the register has no other figure."""
    register = {"ballot.register": {"by_category": {"teacher": 110, "support staff": 10}}}
    assert sorted(set(weights("now", register | changes, "figures_disagree"))) == weight


def test_a_register_without_a_total_whose_sums_differ() -> None:
    """Turns red if two sums that differ need a third to be seen (`own_sums`)."""
    sums = {"by_category": {"teacher": 110, "support staff": 9}, "by_workplace": {"123456": 120}}
    wrong = [each.where for each in found("now", {"ballot.register": sums}) if each.code == "figures_disagree"]
    assert wrong[:1] == ["ballot.register"]


def test_a_register_counts_its_workplaces_before_its_categories() -> None:
    """Turns red if `registered` reads `by_category or by_workplace`."""
    sums = {"by_category": {"teacher": 110, "support staff": 9}, "by_workplace": {"123456": 120}}

    def against_file(register: dict[str, Any]) -> list[str | None]:
        changes = {"ballot.register": register, "ballot.scrutineer_file.total": 120}
        where = "ballot.scrutineer_file.total"
        return [each.where for each in found("now", changes) if each.where == where]

    assert against_file(sums) == []
    assert against_file({"by_category": sums["by_category"]}) == ["ballot.scrutineer_file.total"]


def test_a_school_listed_twice_is_counted_once() -> None:
    """Turns red if a school of two sites under one number has its members counted for each."""
    school = {"urn": 123456, "employer": NORTH}
    assert found("now", {"dispute.workplaces": [school, school | {"name": "Lower site"}]}) == ()


def seconds(text: str) -> float:
    """The least that reading a period takes, of several readings."""

    def once() -> float:
        began = process_time()
        says_when(text)
        return process_time() - began

    return min(once() for _ in range(3))


@pytest.mark.parametrize("head", ["", "two "])
@pytest.mark.parametrize("part", ["half-", "school ", "working half-", "two or ", "days a ", "twenty-", "1", "1 ("])
def test_a_hostile_period_is_read_in_time_that_grows_with_its_length(part: str, head: str) -> None:
    """Turns red if `{0,4}` of a unit's adjectives is `*`: sixteen times the words then take some 200 times as long."""
    parts = LONGEST // len(part) // 20
    short, long = (head + part * number for number in (parts, parts * 16))
    assert seconds(long) < 60 * seconds(short)


def test_a_period_is_read_to_a_length() -> None:
    """Turns red if words beyond the length that is read are read, or words before it are not."""
    filler = "x" * (LONGEST - 9)
    assert says_when(f"{filler} in 2026")
    assert not says_when(f"{filler}xxx in 2026")


def ceased(*periods: tuple[str, str], first: date = date(2026, 11, 3), **more: Any) -> dict[str, Any]:
    """A lawful pack of a continuous strike from a day on, with these periods of it, days of which both belong."""
    mapping = mapping_of("now")
    mapping["action_notices"][0] |= {"pattern": "continuous", "starts": first, **more}
    del mapping["action_notices"][0]["dates"]
    mapping["action"] = [
        {"employer": NORTH, "kind": "strike", "starts": at(f"{starts} 00:00"), "ends": at(f"{ends} 23:59")}
        for starts, ends in periods
    ]
    return mapping


def again(mapping: dict[str, Any], *days: date) -> dict[str, Any]:
    """The same with a second notice, of these days."""
    first = {key: value for key, value in mapping["action_notices"][0].items() if key != "starts"}
    second = {"pattern": "discontinuous", "dates": list(days), "received": date(2026, 11, 9)}
    mapping["action_notices"].append(first | second)
    return mapping


@pytest.mark.parametrize(
    ("until", "days", "codes"),
    [
        ("2026-11-23", 1, []),
        ("2026-11-24", 1, [("restart_without_notice", "stop")]),
        ("2026-11-24", 2, []),
        ("2026-12-18", 1, [("restart_without_notice", "stop")]),
    ],
)
def test_a_notice_of_action_that_ceased_covers_no_more(until: str, days: int, codes: list[tuple[str, str]]) -> None:
    """Turns red if a new notice of one day brings the notice of the action that ceased to life."""
    mapping = ceased(("2026-11-03", "2026-11-06"), ("2026-11-23", until))
    assert of(again(mapping, *(date(2026, 11, 23 + each) for each in range(days)))) == codes


def test_action_after_a_gap_is_read_to_its_end_where_it_is_listed_day_by_day() -> None:
    """Turns red if `_gaps` leaves out `until=ends`: the second day would rest on the notice of what ceased."""
    mapping = ceased(("2026-11-03", "2026-11-06"), ("2026-11-23", "2026-11-23"), ("2026-11-24", "2026-11-24"))
    assert of(again(mapping, date(2026, 11, 23))) == [("restart_without_notice", "stop")]
    mapping["action_notices"][1]["dates"].append(date(2026, 11, 24))
    assert of(mapping) == []


@pytest.mark.parametrize(
    ("nation", "ends", "restarts", "weight"),
    [
        ("england", "2027-03-25", "2027-03-30", "warn"),
        ("england", "2027-03-25", "2027-03-31", "stop"),
        ("scotland", "2027-03-25", "2027-03-30", "stop"),
        ("england", "2027-03-24", "2027-03-30", "stop"),
    ],
)
def test_ceasing_over_bank_holidays(nation: str, ends: str, restarts: str, weight: str) -> None:
    """Turns red if Good Friday and Easter Monday are days on which action would be listed; Scotland has no Monday."""
    mapping = ceased(("2027-03-01", ends), (restarts, "2027-04-08"), first=date(2027, 3, 1))
    mapping["dispute"]["nation"] = nation
    assert of(mapping) == [("restart_without_notice", weight)]


def pause(agreed: int, begins: int, resumes: int) -> dict[str, Any]:
    """A suspension by days of November."""
    days = {"agreed_on": agreed, "from": begins, "resumes": resumes}
    return {key: date(2026, 11, day) for key, day in days.items()}


@pytest.mark.parametrize(
    ("suspension", "codes"),
    [
        (pause(11, 13, 23), []),
        (pause(11, 20, 23), ["restart_without_notice"]),
        (pause(11, 14, 23), ["restart_without_notice"]),
        (pause(11, 13, 12), ["restart_without_notice"]),
    ],
)
def test_a_suspension_begins_where_the_action_ceases(suspension: dict[str, Any], codes: list[str]) -> None:
    """Turns red if action may cease before the day agreed, or resume before the suspension began (`_agreed`)."""
    mapping = ceased(("2026-11-03", "2026-11-12"), ("2026-11-23", "2026-12-04"), suspended=suspension)
    assert [code for code, _ in of(mapping)] == codes


def test_a_suspension_from_the_monday_after_a_friday() -> None:
    """Turns red if the days of a weekend are days without an agreement."""
    suspension = {"agreed_on": date(2026, 11, 11), "from": date(2026, 11, 16), "resumes": date(2026, 11, 23)}
    assert of(ceased(("2026-11-03", "2026-11-13"), ("2026-11-23", "2026-12-04"), suspended=suspension)) == []


def test_a_period_notified_beyond_the_mandate() -> None:
    """Turns red if only the beginning of a period notified is held against the mandate (`last = starts`)."""
    period = {"starts": at("2027-10-18 22:00"), "ends": at("2027-10-19 06:00")}
    late = [each.where for each in found("now", {"action_notices.0.dates": [period], "action": GONE})]
    assert late == ["action_notices[0].dates"]


@pytest.mark.parametrize(
    ("section", "on_time", "late", "code"),
    [
        ("ballot_notices", date(2026, 9, 14), date(2026, 9, 17), "ballot_notice_late"),
        ("sample_papers", date(2026, 9, 18), date(2026, 9, 19), "sample_paper_late"),
        ("action_notices", date(2026, 10, 24), date(2026, 10, 30), "action_notice_late"),
        ("action_notices", date(2026, 10, 24), date(2026, 10, 19), "action_notice_before_result_told"),
    ],
)
def test_a_further_copy_of_a_paper_that_met_its_duty(section: str, on_time: date, late: date, code: str) -> None:
    """Turns red if a further copy, too late or too soon, undoes the one in time, or two late ones save each other."""
    mapping = mapping_of("now")
    assert mapping[section][0]["received"] == on_time
    mapping[section].append(mapping[section][0] | {"received": late})
    assert of(mapping) == [(code, "note")]
    mapping[section].reverse()
    assert of(mapping) == [(code, "note")]
    mapping[section] = [paper | {"received": late} for paper in mapping[section]]
    assert (code, "stop") in of(mapping)


OTHERS: list[dict[str, Any]] = [
    {"dates": [date(2026, 11, 4)]},
    {"dates": [date(2026, 11, 4), date(2026, 11, 5)]},
    {"workplaces": [222222], "by_workplace": {"222222": 120}},
    {"categories": ["teacher"]},
    {"kind": "asos"},
]


@pytest.mark.parametrize("other", OTHERS)
def test_another_notice_of_something_else_meets_no_duty(other: dict[str, Any]) -> None:
    """Turns red if a notice of other days, schools, categories or action makes a late one good."""
    mapping = mapping_of("now")
    notice = mapping["action_notices"][0]
    mapping["action_notices"] = [notice | other, notice | {"received": date(2026, 10, 30)}]
    assert ("action_notice_late", "stop") in of(mapping)


@pytest.mark.parametrize("other", [{"starts": date(2026, 11, 4)}, *OTHERS[2:]])
def test_another_notice_of_continuous_action_meets_no_duty(other: dict[str, Any]) -> None:
    """Turns red if `covers` leaves out `_states`, or the first day, of continuous action."""
    mapping = ceased(("2026-11-03", "2026-11-06"))
    notice = mapping["action_notices"][0]
    mapping["action_notices"] = [notice | other, notice | {"received": date(2026, 10, 30)}]
    assert ("action_notice_late", "stop") in of(mapping)


def test_a_dead_notice_makes_no_late_one_good() -> None:
    """Turns red if an older notice of continuous action covers a late one of its restart."""
    mapping = ceased(("2026-11-03", "2026-11-06"), ("2026-11-23", "2026-12-04"))
    first = mapping["action_notices"][0]
    mapping["action_notices"].append(first | {"received": date(2026, 11, 16), "starts": date(2026, 11, 23)})
    assert of(mapping) == [("action_notice_late", "stop")]


def test_a_notice_of_ballot_for_another_school_meets_no_duty() -> None:
    """Turns red if an employer's notice for one school makes a late one for another good."""
    mapping = mapping_of("now")
    notice = mapping["ballot_notices"][0]
    mapping["ballot_notices"].append(notice | {"workplaces": [222222], "received": date(2026, 9, 17)})
    assert ("ballot_notice_late", "stop") in of(mapping)


@pytest.mark.parametrize(
    ("specified", "caller", "codes"),
    [
        ("Branch Secretary, Hill School", "Hill School", ["caller_not_specified"]),
        ("Branch Secretary, North Trust", "North Trust", ["caller_not_specified"]),
        ("Branch Secretary, Dale Academy", "Dale Academy", ["caller_not_specified"]),
        ("Branch Secretary, The Dale", "The Dale", ["caller_not_specified"]),
        ("Branch Secretary, Hill School", "Branch Secretary, Hill School", []),
        ("Branch Secretary, Hill School", "Branch Secretary", []),
        ("General Secretary, President or Executive", "President", []),
        ("General Secretary, President or Executive", "the Executive", []),
        ("General Secretary; President", "President", []),
    ],
)
def test_the_place_of_a_caller_does_not_call(specified: str, caller: str, codes: list[str]) -> None:
    """Turns red if what follows a comma is always a person, or never is."""
    schools = [{"urn": 123456, "name": "Hill School", "employer": NORTH}]
    schools.append({"urn": 222222, "name": "The Dale", "employer": NORTH})
    said = {"voting_paper.caller": specified, "ballot.caller": specified, "call.by": caller}
    assert stops("now", {"dispute.workplaces": schools, **said}) == codes


@pytest.mark.parametrize("order", [1, -1])
def test_an_employer_told_twice_was_told_on_the_earlier_day(order: int) -> None:
    """Turns red if the later of two days counts, or a day before voting ended hides a good one."""
    days = [("North Trust", date(2026, 10, 20)), ("NORTH  TRUST", date(2026, 10, 30))]
    assert stops("now", {"result.told_employers": dict(days[::order])}) == []
    days[1] = ("NORTH TRUST", date(2026, 10, 16))
    assert stops("now", {"result.told_employers": dict(days[::order])}) == []


@pytest.mark.parametrize("period", ["for six (6) months", "26 wks", "for 26 (twenty-six) weeks"])
def test_a_length_of_time_as_notices_write_it(period: str) -> None:
    """Turns red if a number written twice, or a unit cut short, is no length of time."""
    assert says_when(period)


@pytest.mark.parametrize("category", ["members of the union", "union members", "the staff of the school"])
def test_categories_that_are_everybody(category: str) -> None:
    """Turns red if whoever is a member is a category of employee."""
    assert weights("now", {"action_notices.0.categories": [category]}, "category_vague") == ["warn"]


def test_a_scrutineer_goes_by_the_register() -> None:
    """Turns red if a notice of 51 wants a scrutineer where the register has 50: only the figures disagree."""
    assert stops("now", small(50) | {"ballot_notices.0.total": 51}) == ["figures_disagree"]


def test_action_at_one_school_of_an_aggregated_ballot() -> None:
    """Turns red if a notice of action has to call out every school that voted."""
    schools = [{"urn": urn, "employer": NORTH} for urn in (123456, 222222)]
    wider = {
        "dispute.workplaces": schools,
        "ballot.scope": "aggregated",
        "ballot.register": {"total": 180, "by_workplace": {"123456": 120, "222222": 60}},
        "ballot.scrutineer_file.total": 180,
        "ballot_notices.0.total": 180,
        "ballot_notices.0.workplaces": [123456, 222222],
        "result.entitled": 180,
        "result.cast": 100,
    }
    assert found("now", wider) == ()


@pytest.mark.parametrize(("first", "weight"), [(date(2026, 2, 17), ["warn"]), (date(2026, 2, 18), [])])
def test_another_kind_of_action_noticed_under_the_older_law(first: date, weight: list[str]) -> None:
    """Turns red if nobody is told that both may be one action (`late_if_one_action`), or they are where neither is."""
    mapping, second = mapping_of("middle"), date(2026, 3, 2)
    notice = mapping["action_notices"][0]
    mapping["ballot"] |= {"opens": date(2026, 1, 5), "closes": date(2026, 1, 29)}
    mapping["result"]["told_employers"] = {NORTH: date(2026, 1, 30)}
    mapping["action_notices"] = [
        notice | {"kind": "asos", "received": first, "dates": [first + timedelta(days=14)]},
        notice | {"received": second, "dates": [second + timedelta(days=10)]},
    ]
    assert [held for code, held in of(mapping) if code == "action_notice_late"] == weight


@pytest.mark.parametrize("statement", [V2, V3])
def test_no_sample_says_which_statement_is_prescribed(statement: str) -> None:
    """Turns red if a missing sample makes a stop of either statement, where it may have come under either law."""
    changes = {
        "ballot.opens": date(2026, 2, 23),
        "ballot_notices.0.received": date(2026, 2, 16),
        "sample_papers": GONE,
        "voting_paper.statement": statement,
    }
    assert "stop" not in weights("now", changes, "voting_paper_statement_wrong")
    assert "stop" in weights("now", changes | {"voting_paper.statement": "Beware."}, "voting_paper_statement_wrong")
