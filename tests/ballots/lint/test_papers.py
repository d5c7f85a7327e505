"""Notices of ballot, sample papers, notices of action: whom they went to, when, and what they state."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from ballots.lint import lint
from ballots.lint.categories import is_vague
from ballots.pack_reading import read_pack
from tests.ballots.lint.packs import BASES, GONE, LAW, NORTH, SOUTH, found, mapping_of, stops, two_employers, weights

DAY = timedelta(days=1)
NB, SP, AN = "ballot_notices.0", "sample_papers.0", "action_notices.0"


@pytest.mark.parametrize("base", BASES)
def test_nothing_stands_against_lawful_papers(base: str) -> None:
    """Turns red if any rule finds fault with papers received on their latest lawful days."""
    assert found(base) == ()


def test_nothing_stands_against_two_employers_in_one_ballot() -> None:
    """Turns red if an aggregated ballot of employers that are all in dispute is a stop."""
    assert found("now", two_employers()) == ()


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(
    ("paper", "code", "section"),
    [
        (NB, "ballot_notice_late", "226A"),
        (SP, "sample_paper_late", "226A"),
        (AN, "action_notice_late", "234A"),
    ],
)
def test_a_paper_a_day_late(base: str, paper: str, code: str, section: str) -> None:
    """Turns red if the latest day counts one more or one fewer, under any law."""
    name, index = paper.split(".")
    received = mapping_of(base)[name][int(index)]["received"]
    late = found(base, {f"{paper}.received": received + DAY})
    assert [(each.code, each.where) for each in late] == [(code, f"{name}[0].received")]
    assert late[0].citation is not None
    assert section in late[0].citation.provision
    assert stops(base, {f"{paper}.received": received - DAY}) == []


@pytest.mark.parametrize(
    ("key", "code", "bases"),
    [
        ("opening_day", "ballot_notice_opening_day_missing", ["old", "middle", "now"]),
        ("total", "ballot_notice_total_missing", ["old", "middle", "now"]),
        ("categories", "ballot_notice_lists_missing", ["old", "middle", "now"]),
        ("workplaces", "ballot_notice_lists_missing", ["old", "middle", "now"]),
        ("by_category", "ballot_notice_figures_missing", ["old", "middle"]),
        ("by_workplace", "ballot_notice_figures_missing", ["old", "middle"]),
        ("explanation", "ballot_notice_explanation_missing", ["old", "middle"]),
    ],
)
def test_what_a_notice_of_ballot_states(key: str, code: str, bases: list[str]) -> None:
    """Turns red if the contents go by another date than the day of receipt."""
    assert [base for base in BASES if code in stops(base, {f"{NB}.{key}": GONE})] == sorted(
        bases, key=list(BASES).index
    )
    assert stops("middle", {f"{NB}.{key}": GONE}) == [code]


def test_the_contents_of_a_notice_of_ballot_go_by_its_receipt() -> None:
    """Turns red if the opening day chooses the contents: a notice of 17 February 2026 is under the older law."""
    opens = {"ballot.opens": date(2026, 2, 25), "ballot.closes": date(2026, 4, 24)}
    assert "ballot_notice_figures_missing" in stops("now", opens | {f"{NB}.received": date(2026, 2, 17)})
    assert "ballot_notice_figures_missing" not in stops("now", opens | {f"{NB}.received": date(2026, 2, 18)})


@pytest.mark.parametrize(
    ("key", "code", "bases"),
    [
        ("total", "action_notice_figures_missing", ["now", "middle", "old"]),
        ("by_workplace", "action_notice_figures_missing", ["now", "middle", "old"]),
        ("by_category", "action_notice_figures_missing", ["middle", "old"]),
        ("explanation", "action_notice_explanation_missing", ["now", "middle", "old"]),
        ("pattern", "action_notice_pattern_missing", ["now", "middle", "old"]),
        ("dates", "action_notice_dates_missing", ["now", "middle", "old"]),
        ("kind", "action_notice_kind_missing", ["now", "middle", "old"]),
    ],
)
def test_what_a_notice_of_action_states(key: str, code: str, bases: list[str]) -> None:
    """Turns red if the number of each category is wanted now, or the explanation is not."""
    assert [base for base in BASES if stops(base, {f"{AN}.{key}": GONE}) == [code]] == bases


def test_continuous_action_names_its_first_day() -> None:
    """Turns red if the days of discontinuous action serve for it, or `starts` for discontinuous action."""
    assert stops("now", {f"{AN}.pattern": "continuous"}) == ["action_notice_dates_missing"]
    changes = {f"{AN}.pattern": "continuous", f"{AN}.starts": date(2026, 11, 3), f"{AN}.dates": GONE}
    assert stops("now", changes) == []
    alone = {f"{AN}.starts": date(2026, 11, 3), f"{AN}.dates": GONE}
    assert stops("now", alone) == ["action_notice_dates_missing"]


@pytest.mark.parametrize("paper", [NB, SP, AN])
def test_a_paper_to_somebody_else(paper: str) -> None:
    """Turns red if a governing body counts where a trust employs; the trust itself then had none."""
    codes = stops("now", {f"{paper}.employer": "The governors of Hill School"})
    assert codes[0] in {"ballot_notice_missing", "sample_paper_missing", "employer_wrong"}
    assert "employer_wrong" in codes
    assert {NB: "ballot_notice_missing", SP: "sample_paper_missing", AN: "action_notice_missing"}[paper] in codes


def test_a_paper_to_an_employer_of_nobody_entitled() -> None:
    """Turns red if any employer of the dispute will do."""
    changes = two_employers() | {
        "ballot.register.by_workplace": {"123456": 80, "222222": 0},
        "ballot.register.total": 80,
    }
    wrong = [each.where for each in found("now", changes) if each.code == "employer_wrong"]
    assert wrong == [f"{name}[1].employer" for name in ("ballot_notices", "sample_papers", "action_notices", "action")]


def test_a_notice_of_another_employer_s_school() -> None:
    """Turns red if the workplaces of a notice are not held against its addressee."""
    changes = two_employers() | {f"{NB}.workplaces": [123456, 222222]}
    assert [(each.code, each.where) for each in found("now", changes)] == [
        ("employer_wrong", "ballot_notices[0].workplaces")
    ]


@pytest.mark.parametrize(
    ("section", "code"), [("ballot_notices", "ballot_notice_missing"), ("sample_papers", "sample_paper_missing")]
)
def test_an_employer_without_a_paper(section: str, code: str) -> None:
    """Turns red if an absent paper is judged before the ballot is relied on, or never, or of one employer only."""
    gone: dict[str, Any] = {section: GONE}
    before = gone | {"result": GONE, "call": GONE, "action": GONE, "action_notices": GONE}
    assert stops("now", before) == []
    for relied_on in ("result", "call", "action"):
        others = {key: value for key, value in before.items() if key != relied_on}
        assert code in stops("now", others)
    one = two_employers()
    one[section] = one[section][:1]
    assert [(each.code, SOUTH in each.sentence) for each in found("now", one)] == [(code, True)]


@pytest.mark.parametrize(
    ("changes", "weight"),
    [
        ({f"{NB}.total": 119}, "stop"),
        ({f"{NB}.by_category": {"teacher": 111, "support staff": 10}}, "stop"),
        ({f"{NB}.by_workplace": {"123456": 119}}, "stop"),
        ({f"{NB}.workplaces": [123456, 777777], f"{NB}.by_workplace": {"123456": 120}}, "stop"),
        ({"ballot.scrutineer_file.total": 119}, "stop"),
        ({"ballot.register.by_category": {"teacher": 110, "support staff": 9}}, "stop"),
        ({"ballot.register.by_workplace": {"123456": 119}}, "stop"),
        ({f"{AN}.by_workplace": {"123456": 119}}, "stop"),
        ({f"{AN}.total": 123, f"{AN}.by_workplace": {"123456": 123}}, "warn"),
        ({f"{NB}.categories": ["teacher"]}, "warn"),
        ({f"{NB}.categories": ["Teachers", "Support staff"]}, None),
    ],
)
def test_figures_that_disagree(changes: dict[str, Any], weight: str | None) -> None:
    """Turns red if a sum is not taken, a figure is not held against the register, or joiners are a stop."""
    severities = weights("now", changes, "figures_disagree")
    assert (severities[:1] or [None])[0] == weight


def test_figures_of_each_employer_are_held_against_its_own() -> None:
    """Turns red if the total of one employer's notice is held against the whole register."""
    changes = two_employers() | {f"{NB}.total": 120}
    assert [(each.code, each.where) for each in found("now", changes)] == [
        ("figures_disagree", "ballot_notices[0].total")
    ]


@pytest.mark.parametrize(
    ("category", "vague"),
    [
        ("teacher", False),
        ("support staff", False),
        ("teaching assistant", False),
        ("leadership", False),
        ("staff", True),
        ("All employees", True),
        ("other staff", True),
        ("engineers", True),
        ("staff working on trust contracts", True),
        ("teachers, etc.", True),
        ("various", True),
    ],
)
def test_a_vague_category(category: str, vague: bool) -> None:
    """Turns red if a category that could be anybody passes, or an honest one is blamed."""
    assert is_vague(category) is vague
    changes = {f"{AN}.categories": [category]}
    assert weights("now", changes, "category_vague") == (["warn"] if vague else [])


def test_notice_of_action_waits_for_the_result_to_that_employer() -> None:
    """Turns red if the same day is refused, the day before allowed, or another employer's telling counts."""
    told = {"result.told_employers": {NORTH: date(2026, 10, 24)}}
    assert stops("now", told) == []
    late = {"result.told_employers": {NORTH: date(2026, 10, 25)}}
    assert stops("now", late) == ["action_notice_before_result_told"]
    both = two_employers() | {"result.told_employers": {NORTH: date(2026, 10, 20), SOUTH: date(2026, 10, 26)}}
    assert [(each.where) for each in found("now", both) if each.severity == "stop"] == ["action_notices[1].received"]


def test_notice_of_action_before_voting_ends() -> None:
    """Turns red if a pack without a result lets any notice pass."""
    changes = {"result": GONE, f"{AN}.received": date(2026, 10, 18)}
    assert stops("now", changes) == ["action_notice_before_result_told"]
    assert stops("now", {"result": GONE, f"{AN}.received": date(2026, 10, 19)}) == []


def test_agreed_shorter_notice_by_the_law_of_receipt() -> None:
    """Turns red if seven days agreed hold outside 2017 to 2026, or are the employer's who did not agree."""
    agrees = {"dispute.employers": {NORTH: {"agrees_shorter_notice": True}}}
    seven = {f"{AN}.received": date(2024, 4, 17)}
    assert stops("middle", seven) == ["action_notice_late"]
    assert stops("middle", agrees | seven) == []
    assert stops("middle", agrees | {f"{AN}.received": date(2024, 4, 18)}) == ["action_notice_late"]
    now = agrees | {f"{AN}.received": date(2026, 10, 27)}
    assert stops("now", now) == ["action_notice_late"]
    assert weights("now", now, "agreement_without_effect") == ["warn"]


def two_notices(first: date, second: date, kind: str = "strike") -> list[str]:
    """The stops where an employer has two notices, the second of a strike ten days after it."""
    mapping = mapping_of("middle")
    notice = mapping["action_notices"][0]
    mapping["ballot"] |= {"opens": date(2026, 1, 5), "closes": date(2026, 1, 29)}
    mapping["voting_paper"]["return_by"] = date(2026, 1, 29)
    mapping["ballot_notices"][0] |= {"received": date(2025, 12, 29), "opening_day": date(2026, 1, 5)}
    mapping["sample_papers"][0]["received"] = date(2026, 1, 2)
    mapping["result"] |= {"told_members": date(2026, 1, 30), "told_employers": {NORTH: date(2026, 1, 30)}}
    mapping["call"]["on"] = date(2026, 1, 30)
    earlier = notice | {"received": first, "dates": [first + timedelta(days=14)], "kind": kind}
    mapping["action_notices"] = [earlier, notice | {"received": second, "dates": [second + timedelta(days=10)]}]
    mapping["action"] = []
    return [each.code for each in lint(read_pack(mapping), LAW) if each.severity == "stop"]


def test_an_earlier_notice_of_the_same_action_keeps_the_older_law() -> None:
    """Turns red if the saving is lost, reaches another kind of action, or begins on 18 February itself."""
    assert two_notices(date(2026, 2, 17), date(2026, 3, 2)) == ["action_notice_late"]
    assert two_notices(date(2026, 2, 18), date(2026, 3, 2)) == []
    assert two_notices(date(2026, 2, 17), date(2026, 3, 2), kind="asos") == []


def test_an_opening_day_other_than_the_one_notified() -> None:
    """Turns red if nobody is told that the notice names another opening day."""
    changes = {f"{NB}.opening_day": date(2026, 9, 22)}
    assert weights("now", changes, "ballot_notice_opening_day_differs") == ["warn"]


@pytest.mark.parametrize(("south", "codes"), [(40, []), (41, ["figures_disagree"])])
def test_the_notices_of_all_employers_add_up(south: int, codes: list[str]) -> None:
    """Turns red if the register has a total alone and nobody adds the notices up."""
    changes = two_employers() | {"ballot.register": {"total": 120}}
    changes["ballot_notices"][1]["total"] = south
    assert stops("now", changes) == codes
    file_alone = changes | {"ballot.register": GONE}
    assert stops("now", file_alone) == codes


@pytest.mark.parametrize(
    ("listed", "entitled", "codes"),
    [
        ([123456, 222222], 40, []),
        ([123456], 40, ["figures_disagree"]),
        ([123456, 222222], 0, ["figures_disagree"]),
        ([123456], 0, []),
    ],
)
def test_a_workplace_left_out_and_one_without_anybody(listed: list[int], entitled: int, codes: list[str]) -> None:
    """Turns red if the list of workplaces is not held against the register, either way."""
    changes = {
        "dispute.workplaces": [{"urn": urn, "employer": NORTH} for urn in (123456, 222222)],
        "ballot.register": {"total": 120, "by_workplace": {"123456": 120 - entitled, "222222": entitled}},
        f"{NB}.workplaces": listed,
        "action_notices": GONE,
        "action": GONE,
    }
    assert stops("now", changes) == codes
