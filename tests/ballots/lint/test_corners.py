"""Packs that leave out whom they are about, say a thing twice, or stop and start: where rules look past each other."""

from __future__ import annotations

from datetime import date, datetime
from time import process_time
from typing import Any

import pytest

from ballots.lint import lint
from ballots.lint.periods import LONGEST, says_when
from ballots.pack_reading import read_pack
from tests.ballots.lint.packs import GONE, LAW, NORTH, found, stops, weights


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
