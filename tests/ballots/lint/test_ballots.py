"""The ballot, its voting paper and its result."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ballots.lint import examine, lint
from ballots.lint.periods import says_when
from tests.ballots.lint.packs import GONE, LAW, NORTH, SOUTH, V2, V3, found, pack_of, stops, two_employers, weights

VP = "voting_paper"


def test_northern_ireland_is_refused_alone() -> None:
    """Turns red if rules of Great Britain are run over a dispute elsewhere."""
    assert [(each.code, each.where) for each in found("now", {"dispute.nation": "northern-ireland", "call": GONE})] == [
        ("unsupported_jurisdiction", "dispute.nation")
    ]


@pytest.mark.parametrize("method", ["hybrid", "electronic", "workplace"])
def test_no_way_of_voting_but_the_post(method: str) -> None:
    """Turns red if a planned change counts as law."""
    assert stops("now", {"ballot.method": method}) == ["method_not_permitted"]


def test_dates_that_the_law_files_do_not_reach() -> None:
    """Turns red if a rule without a value is silent, or raises."""
    changes: dict[str, Any] = {"ballot.opens": date(1991, 1, 7), "ballot.closes": date(1991, 2, 4)}
    finding = found("now", changes)[0]
    assert (finding.code, finding.where) == ("no_law_in_force", "ballot.opens")


def test_a_short_window() -> None:
    """Turns red if fourteen days are short, or thirteen are not."""
    closes = {"ballot.closes": date(2026, 10, 5), f"{VP}.return_by": date(2026, 10, 5)}
    assert weights("now", closes, "ballot_window_short") == []
    assert weights("now", closes | {"ballot.opens": date(2026, 9, 22)}, "ballot_window_short") == ["warn"]


@pytest.mark.parametrize(
    ("scope", "expected"), [("aggregated", []), ("separate", []), ("single", ["electorate_mixes_employers"])]
)
def test_who_votes_together(scope: str, expected: list[str]) -> None:
    """Turns red if several employers in dispute may not be aggregated, or may be balloted as one."""
    assert stops("now", two_employers() | {"ballot.scope": scope}) == expected


def test_members_outside_the_dispute_do_not_vote() -> None:
    """Turns red if a workplace without a dispute may stand in the register."""
    changes = {"ballot.register.by_workplace": {"123456": 119, "999999": 1}}
    assert "electorate_mixes_employers" in stops("now", changes)


def small(entitled: int) -> dict[str, Any]:
    """Changes to a ballot of so many, without a scrutineer anywhere."""
    return {
        "ballot.register": {"total": entitled, "by_workplace": {"123456": entitled}},
        "ballot.scrutineer_file": GONE,
        "ballot.scrutineer": GONE,
        f"{VP}.scrutineer": GONE,
        "ballot_notices.0.total": entitled,
        "result": GONE,
        "action_notices": GONE,
        "action": GONE,
    }


def test_a_scrutineer_above_fifty_in_aggregate() -> None:
    """Turns red if 50 need a scrutineer, 51 need none, or each workplace is counted for itself."""
    assert stops("now", small(50)) == []
    assert stops("now", small(51)) == ["scrutineer_missing", "voting_paper_scrutineer_missing"]
    apart = two_employers() | {
        "ballot.scope": "separate",
        "ballot.register": {"by_workplace": {"123456": 26, "222222": 25}},
        "ballot.scrutineer": GONE,
    }
    assert "scrutineer_missing" in stops("now", apart)


def test_the_paper_names_the_scrutineer_appointed() -> None:
    """Turns red if any name will do."""
    assert stops("now", {f"{VP}.scrutineer": "Somebody Else"}) == ["voting_paper_scrutineer_missing"]


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("questions", ["strike"], "voting_paper_question_missing"),
        ("caller", GONE, "voting_paper_caller_missing"),
        ("return_address", " ", "voting_paper_return_missing"),
        ("return_by", GONE, "voting_paper_return_missing"),
        ("numbered", False, "voting_paper_unnumbered"),
        ("numbered", GONE, "voting_paper_unnumbered"),
        ("statement", GONE, "voting_paper_statement_wrong"),
    ],
)
@pytest.mark.parametrize("base", ["now", "middle"])
def test_what_stands_on_every_voting_paper(base: str, key: str, value: Any, code: str) -> None:
    """Turns red if a part of s. 229 is not looked for."""
    assert stops(base, {f"{VP}.{key}": value}) == [code]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({f"{VP}.summary_of_dispute": ""}, ["voting_paper_summary_missing"]),
        ({f"{VP}.asos_types": GONE}, ["voting_paper_asos_types_missing"]),
        ({f"{VP}.periods": {"strike": "May 2024"}}, ["voting_paper_period_missing"]),
        ({f"{VP}.periods.asos": "until the issues are resolved"}, ["voting_paper_period_missing"]),
    ],
)
def test_summaries_where_the_law_of_the_paper_wants_them(changes: dict[str, Any], codes: list[str]) -> None:
    """Turns red if a summary is wanted before 2017 or now, or not wanted between."""
    assert stops("middle", changes) == codes
    assert stops("now", changes) == []
    assert stops("old", changes) == []


def opened_in_february(sample: date, statement: str) -> list[str]:
    """The stops of a voting paper without summaries, opened on 20 February 2026."""
    return [
        code
        for code in stops(
            "now",
            {
                "ballot.opens": date(2026, 2, 20),
                "ballot.closes": date(2026, 3, 20),
                "sample_papers.0.received": sample,
                f"{VP}.statement": statement,
                "ballot_notices": GONE,
                "result": GONE,
                "call": GONE,
                "action": GONE,
                "action_notices": GONE,
            },
        )
        if code.startswith("voting_paper")
    ]


def test_the_paper_goes_by_the_opening_and_by_its_sample() -> None:
    """Turns red if the opening day alone chooses the paper: a sample of 17 February keeps the older one."""
    old = ["voting_paper_summary_missing", "voting_paper_asos_types_missing", *["voting_paper_period_missing"] * 2]
    assert opened_in_february(date(2026, 2, 17), V2) == old
    assert opened_in_february(date(2026, 2, 17), V3) == ["voting_paper_statement_wrong", *old]
    assert opened_in_february(date(2026, 2, 18), V3) == []
    assert opened_in_february(date(2026, 2, 18), V2) == ["voting_paper_statement_wrong"]


@pytest.mark.parametrize("statement", [V3.removesuffix("."), V3.replace(". However", ".\n\n  However")])
def test_white_space_and_a_last_full_stop_do_not_matter(statement: str) -> None:
    """Turns red if the statement is compared letter by letter."""
    assert stops("now", {f"{VP}.statement": statement}) == []


@pytest.mark.parametrize("statement", [V3.replace("in strike", "in a strike"), V3 + " Do not worry.", "Note: " + V3])
def test_nothing_else_stands_in_the_statement(statement: str) -> None:
    """Turns red if a statement that is qualified or mended passes."""
    assert stops("now", {f"{VP}.statement": statement}) == ["voting_paper_statement_wrong"]


@pytest.mark.parametrize(
    ("period", "says"),
    [
        ("until the issues are resolved", False),
        ("Until the dispute may be resolved", False),
        ("May continue until resolved", False),
        ("we will march until it is settled", False),
        ("indefinitely", False),
        ("one-off days to be announced", False),
        ("one or two days a week until resolved", False),
        ("twice a week until resolved", False),
        ("the union again may act until resolved", False),
        ("from Sept to Dec", True),
        ("two days each week for six months", True),
        ("until the end of the summer term", True),
        ("until the end of the school year", True),
        ("over the coming weeks", False),
        ("the next academic year", True),
        ("a 48-hour strike", True),
        ("", False),
        ("8 September 2017 to 18 February 2018", True),
        ("on dates to be announced between 8 September and February", True),
        ("for six months", True),
        ("a 12-week period", True),
        ("a fortnight", True),
        ("two terms", True),
        ("in May and June", True),
        ("from 3 March", True),
        ("from 2026-03-03", True),
        ("03/03/2026 onwards", True),
        ("during March", True),
        ("throughout 2026", True),
        ("the autumn term", True),
        ("days a week, until resolved", False),
    ],
)
def test_a_period_says_when(period: str, says: bool) -> None:
    """Turns red if a modal verb is a month, or a bounded window is refused."""
    assert says_when(period) is says


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"result.questions.strike.yes": 61}, ["result_arithmetic"]),
        ({"result.questions.strike.yes": 60}, []),
        ({"result.cast": 121}, ["result_arithmetic"]),
        ({"result.entitled": 121}, ["result_arithmetic"]),
        ({"result.entitled": GONE}, []),
        ({"result.questions.asos": GONE}, []),
        ({"result.questions.asos": {"yes": 70}}, []),
        ({"result.questions.strike": GONE}, ["majority_not_met"]),
        ({"ballot.questions": ["strike"]}, ["result_arithmetic"]),
    ],
)
def test_figures_of_the_result(changes: dict[str, Any], codes: list[str]) -> None:
    """Turns red if contradictory figures pass, or honest ones do not."""
    assert stops("now", changes) == codes


def lost_strike(base: str, **more: Any) -> dict[str, Any]:
    """60 of 120 vote, 45 Yes to a strike; of action short of a strike 50."""
    return {
        "result.cast": 60,
        "result.questions.strike": {"yes": 30, "no": 29, "spoiled": 1},
        "result.questions.asos": {"yes": 50, "no": 9, "spoiled": 1},
        **more,
    }


def test_a_threshold_missed_is_a_stop_only_for_action_in_play() -> None:
    """Turns red if a lost question stops the other, or a lost one that is called passes."""
    changes = {"result.questions.strike": {"yes": 39, "no": 40, "spoiled": 1}}
    assert weights("now", changes, "majority_not_met") == ["stop"]
    other: dict[str, Any] = changes | {"action_notices.0.kind": "asos", "action.0.kind": "asos"}
    assert weights("now", other, "majority_not_met") == ["note"]
    assert stops("now", other) == []
    neither = other | {"result.questions.asos": {"yes": 39, "no": 40, "spoiled": 1}}
    assert weights("now", neither, "majority_not_met") == ["stop", "stop"]


def test_a_contested_majority_is_a_warn() -> None:
    """Turns red if the contested reading stops, or is silent."""
    changes = {"result.questions.strike": {"yes": 40, "no": 39, "spoiled": 1}}
    assert weights("now", changes, "majority_contested") == ["warn"]


@pytest.mark.parametrize(("cast", "codes"), [(60, []), (59, ["turnout_not_met"])])
def test_turnout_of_exactly_half(cast: int, codes: list[str]) -> None:
    """Turns red if half is not enough, or less is; nothing was wanted before March 2017."""
    question = {"yes": cast - 9, "no": 9}
    changes = {"result.cast": cast, "result.questions": {"strike": question, "asos": question}}
    assert sorted(set(stops("now", changes))) == codes
    assert stops("old", changes) == []


@pytest.mark.parametrize(
    ("service", "nation", "base", "wanted"),
    [
        ("state-teaching", "england", "middle", True),
        (GONE, "england", "middle", True),
        ("state-teaching", "scotland", "middle", True),
        ("state-teaching", "wales", "middle", False),
        ("state-support", "england", "middle", False),
        ("independent", "england", "middle", False),
        ("state-teaching", "england", "now", False),
        ("state-teaching", "england", "old", False),
    ],
)
def test_forty_per_cent_by_service_nation_and_opening(service: Any, nation: str, base: str, wanted: bool) -> None:
    """Turns red if support is asked for elsewhere, or 47 of 120 are enough where 48 are wanted."""
    place = {"ballot.service": service, "dispute.nation": nation}

    def codes(yes: int) -> set[str]:
        question = {"yes": yes, "no": 20}
        return set(stops(base, place | {"result.questions": {"strike": question, "asos": question}, "result.cast": 70}))

    assert codes(48) == set()
    assert codes(47) == ({"support_not_met"} if wanted else set())


def test_every_employer_is_told_the_result() -> None:
    """Turns red if one employer's telling serves for another, or a day before the voting ended counts."""
    changes = two_employers() | {"result.told_employers": {NORTH: date(2026, 10, 20)}}
    missing = [each for each in found("now", changes) if each.code == "result_not_told_employer"]
    assert [SOUTH in each.sentence for each in missing] == [True]
    early = {"result.told_employers": {NORTH: date(2026, 10, 18)}}
    assert stops("now", early) == ["result_not_told_employer"]
    assert stops("now", {"result.told_employers": {NORTH: date(2026, 10, 19)}}) == []


@pytest.mark.parametrize(
    ("closes", "told", "nation", "late"),
    [
        (date(2026, 10, 19), date(2026, 10, 20), "england", False),
        (date(2026, 10, 19), date(2026, 10, 21), "england", True),
        (date(2026, 10, 16), date(2026, 10, 19), "england", False),
        (date(2026, 10, 16), date(2026, 10, 20), "england", True),
        (date(2026, 12, 24), date(2026, 12, 29), "england", False),
        (date(2026, 12, 24), date(2026, 12, 30), "england", True),
        (date(2026, 11, 27), date(2026, 12, 1), "england", True),
        (date(2026, 11, 27), date(2026, 12, 1), "scotland", False),
    ],
)
def test_told_after_the_next_working_day(closes: date, told: date, nation: str, late: bool) -> None:
    """Turns red if a bank holiday of the nation is a working day, or a weekend is."""
    changes = {
        "dispute.nation": nation,
        "ballot.closes": closes,
        "result.told_members": told,
        "result.told_employers": {NORTH: told},
        "action_notices": GONE,
        "action": GONE,
        "call": GONE,
    }
    assert weights("now", changes, "result_told_late") == (["warn", "warn"] if late else [])


def test_a_bank_holiday_that_people_added_is_no_working_day() -> None:
    """Turns red if `result_due` asks for the next working day without the added holidays."""
    told = {"result.told_members": date(2026, 10, 21), "result.told_employers": {NORTH: date(2026, 10, 21)}}
    pack = pack_of("now", {**told, "action_notices": GONE, "action": GONE, "call": GONE})
    late = [each.sentence for each in lint(pack, LAW) if each.code == "result_told_late"]
    assert len(late) == 2
    assert all("the next working day was Tuesday 20 October 2026" in sentence for sentence in late)
    added = frozenset({date(2026, 10, 20)})
    assert [each.code for each in lint(pack, LAW, added)] == []
    assert [each.code for each in examine(pack, LAW, frozenset({date(2026, 10, 21)})).findings] == 2 * [
        "result_told_late"
    ]


def test_members_left_out_who_could_have_turned_it() -> None:
    """Turns red if those left out are not counted against the majority, or are where they could change nothing."""
    file = {"ballot.scrutineer_file.total": 100, "result.entitled": 100}
    assert weights("now", file, "left_out_could_change_result") == []
    close = file | {"result.questions.strike": {"yes": 45, "no": 34, "spoiled": 1}}
    assert weights("now", close, "left_out_could_change_result") == ["warn"]
