"""The call, the action and the mandate: who, which kind, which hours, until which midnight."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from ballots.lint import lint
from ballots.pack_reading import read_pack
from tests.ballots.lint.packs import GONE, LAW, NORTH, SOUTH, found, mapping_of, stops, two_employers, weights

AN, ACT = "action_notices.0", "action.0"


_NOBODY = ["voting_paper_caller_missing", "caller_not_specified"]


def at(text: str) -> datetime:
    """`2026-11-03 06:00` as a time."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"call.by": "A branch secretary"}, ["caller_not_specified"]),
        ({"call.by": GONE}, ["caller_not_specified"]),
        ({"call.by": "the general  secretary"}, []),
        ({"call.by": "A branch secretary", "call.authorised_by": "General Secretary"}, []),
        ({"call.by": "A branch secretary", "call.authorised_by": "The branch"}, ["caller_not_specified"]),
        ({"voting_paper.caller": "The Executive"}, ["caller_not_specified"]),
        ({"voting_paper.caller": "General Secretary or the Executive"}, []),
        ({"voting_paper.caller": "Executive or President"}, ["caller_not_specified"]),
        ({"voting_paper.caller": GONE, "ballot.caller": GONE, "call.by": GONE}, _NOBODY),
        ({"call.on": date(2026, 10, 18)}, ["called_before_ballot_date"]),
        ({"call.on": date(2026, 10, 19)}, []),
    ],
)
def test_the_call(changes: dict[str, Any], codes: list[str]) -> None:
    """Turns red if somebody else may call, or anybody before the date of the ballot."""
    assert stops("now", changes) == codes


def test_action_before_the_ballot() -> None:
    """Turns red if action before the last day of voting passes."""
    early = {f"{ACT}.starts": at("2026-10-18 00:00"), f"{ACT}.ends": at("2026-10-18 23:59")}
    assert "called_before_ballot_date" in stops("now", early)


def test_a_kind_that_was_not_balloted() -> None:
    """Turns red if a Yes to one kind serves for the other."""
    only = {"ballot.questions": ["asos"], "voting_paper.questions": ["asos"], "result.questions.strike": GONE}
    assert stops("now", only) == ["action_kind_not_balloted"] * 2


@pytest.mark.parametrize(("settled", "codes"), [(date(2026, 11, 3), ["dispute_settled"]), (date(2026, 11, 4), [])])
def test_a_dispute_settled_before_action(settled: date, codes: list[str]) -> None:
    """Turns red if settlement on the day itself lets the action stand, or a later one does not."""
    assert stops("now", {"dispute.settled_on": settled}) == codes


def test_a_notice_after_the_settlement() -> None:
    """Turns red if notice of action in a settled dispute passes."""
    changes = {"dispute.settled_on": date(2026, 10, 23), "action": GONE}
    assert stops("now", changes) == ["dispute_settled"]
    assert stops("now", changes | {"dispute.settled_on": date(2026, 10, 24)}) == []


def test_action_without_a_notice() -> None:
    """Turns red if a notice of the other kind, or to another employer, serves."""
    assert stops("now", {"action_notices": GONE}) == ["action_notice_missing"]
    assert stops("now", {f"{AN}.kind": "asos"}) == ["action_notice_missing"]
    one = two_employers()
    one["action_notices"] = one["action_notices"][:1]
    assert [(each.code, SOUTH in each.sentence) for each in found("now", one)] == [("action_notice_missing", True)]


def test_action_that_names_no_employer_is_of_every_one() -> None:
    """Turns red if action without an employer is held against no notice."""
    one = two_employers()
    one["action_notices"] = one["action_notices"][:1]
    one["action"] = [{key: value for key, value in one["action"][0].items() if key != "employer"}]
    assert stops("now", one) == ["action_notice_missing"]


PERIOD = {"starts": at("2026-11-03 00:00"), "ends": at("2026-11-03 05:59")}


@pytest.mark.parametrize(
    ("dates", "starts", "ends", "where"),
    [
        ([date(2026, 11, 3)], "2026-11-03 00:00", "2026-11-04 00:00", None),
        ([date(2026, 11, 3)], "2026-11-03 00:00", "2026-11-04 00:01", "ends"),
        ([date(2026, 11, 3)], "2026-11-02 23:59", "2026-11-03 12:00", "starts"),
        ([date(2026, 11, 3), date(2026, 11, 4)], "2026-11-03 08:00", "2026-11-04 16:00", None),
        ([date(2026, 11, 3), date(2026, 11, 5)], "2026-11-03 08:00", "2026-11-05 16:00", "ends"),
        ([PERIOD], "2026-11-03 06:00", "2026-11-03 12:00", "starts"),
        ([PERIOD], "2026-11-03 05:00", "2026-11-03 06:00", "ends"),
        ([PERIOD], "2026-11-03 05:00", "2026-11-03 05:59", None),
        ([{**PERIOD, "ends": at("2026-11-03 06:00")}], "2026-11-03 06:00", "2026-11-03 06:00", "starts"),
        (
            [PERIOD, {"starts": at("2026-11-03 06:00"), "ends": at("2026-11-03 12:00")}],
            "2026-11-03 05:00",
            "2026-11-03 12:00",
            None,
        ),
        ([{**PERIOD, "ends": at("2026-11-03 23:59")}], "2026-11-03 00:00", "2026-11-04 00:00", None),
    ],
)
def test_action_to_the_minute(dates: list[Any], starts: str, ends: str, where: str | None) -> None:
    """Turns red if a strike at 06:00 is inside a period that ends 05:59, or midnight belongs to the next day."""
    changes = {f"{AN}.dates": dates, f"{ACT}.starts": at(starts), f"{ACT}.ends": at(ends)}
    if dates[0] == date(2026, 11, 3) and starts.startswith("2026-11-02"):
        changes[f"{AN}.received"] = date(2026, 10, 22)
    outside = [each.where for each in found("now", changes) if each.code == "action_not_notified"]
    assert outside == ([f"action[0].{where}"] if where else [])


def continuous(*periods: tuple[str, str], **more: Any) -> dict[str, Any]:
    """A lawful pack of continuous action short of a strike from 3 November, with these periods."""
    mapping = mapping_of("now")
    mapping["action_notices"][0] |= {"kind": "asos", "pattern": "continuous", "starts": date(2026, 11, 3)}
    del mapping["action_notices"][0]["dates"]
    mapping["action_notices"][0] |= more
    mapping["action"] = [
        {"employer": NORTH, "kind": "asos", "starts": at(starts), "ends": at(ends)} for starts, ends in periods
    ]
    return mapping


def codes_of(mapping: dict[str, Any]) -> list[tuple[str, str]]:
    """The codes and severities found in a mapping."""
    return [(each.code, each.severity.value) for each in lint(read_pack(mapping), LAW)]


def test_continuous_action_goes_on_until_it_is_ended() -> None:
    """Turns red if continuous action needs each of its days named, or may begin before its first."""
    assert codes_of(continuous(("2026-11-03 00:00", "2027-02-01 00:00"))) == []
    assert codes_of(continuous(("2026-11-02 23:00", "2026-11-20 00:00"))) == [("action_not_notified", "stop")]


FIRST, SECOND = ("2026-11-03 00:00", "2026-11-10 23:59"), ("2026-11-17 00:00", "2026-12-04 23:59")


def suspended(agreed: int, begins: int, resumes: int) -> dict[str, Any]:
    """A suspension by days of November."""
    days = {"agreed_on": agreed, "from": begins, "resumes": resumes}
    return {key: date(2026, 11, day) for key, day in days.items()}


@pytest.mark.parametrize(
    ("suspension", "codes"),
    [
        (None, ["restart_without_notice"]),
        (suspended(10, 11, 17), []),
        (suspended(9, 10, 16), []),
        (suspended(11, 11, 17), ["restart_without_notice"]),
        (suspended(10, 11, 18), ["restart_without_notice"]),
        ({"from": date(2026, 11, 11), "resumes": date(2026, 11, 17)}, ["restart_without_notice"]),
    ],
)
def test_a_restart(suspension: dict[str, Any] | None, codes: list[str]) -> None:
    """Turns red if an agreement made after the action ceased counts, or it may resume before the day agreed."""
    more = {"suspended": suspension} if suspension else {}
    assert [code for code, _ in dict.fromkeys(codes_of(continuous(FIRST, SECOND, **more)))] == codes


def test_a_restart_with_a_new_notice() -> None:
    """Turns red if a new notice of the restart is not looked for, or the first one serves again."""
    mapping = continuous(FIRST, SECOND)
    first = mapping["action_notices"][0]
    mapping["action_notices"].append(first | {"received": date(2026, 11, 7), "starts": date(2026, 11, 17)})
    assert codes_of(mapping) == []
    mapping["action_notices"][1]["starts"] = date(2026, 11, 18)
    assert codes_of(mapping) == [("restart_without_notice", "stop")]


def test_periods_that_touch_are_no_restart() -> None:
    """Turns red if midnight or a weekend makes a stop of continuous action listed in parts."""
    touching = ("2026-11-11 00:00", "2026-11-13 23:59")
    assert codes_of(continuous(FIRST, touching)) == []
    monday = ("2026-11-16 00:00", "2026-11-20 23:59")
    assert codes_of(continuous(FIRST, touching, monday)) == [("restart_without_notice", "warn")]


def mandate(base: str, starts: str, ends: str, **changes: Any) -> list[tuple[str, str, str | None]]:
    """What is found of the mandate where the action is continuous and lies between two times."""
    moved = {
        f"{ACT}.starts": at(starts),
        f"{ACT}.ends": at(ends),
        f"{AN}.pattern": "continuous",
        f"{AN}.starts": at(starts).date(),
        **changes,
    }
    found_here = found(base, moved | {f"{AN}.dates": GONE})
    return [(each.code, each.severity.value, each.where) for each in found_here if each.code == "mandate_expired"]


def test_the_last_lawful_midnight() -> None:
    """Turns red if the last midnight moves by a minute: twelve months from 19 October 2026 end with 18 October 2027."""
    assert mandate("now", "2027-10-18 00:00", "2027-10-19 00:00") == []
    assert mandate("now", "2027-10-18 22:00", "2027-10-19 00:01") == [("mandate_expired", "stop", "action[0].ends")]
    late = mandate("now", "2027-10-19 00:00", "2027-10-19 12:00")
    assert [where for _, _, where in late] == ["action[0].starts", "action_notices[0].starts"]
    assert mandate("middle", "2024-09-26 00:00", "2024-09-27 00:00") == []
    assert len(mandate("middle", "2024-09-26 00:00", "2024-09-27 23:59")) == 1


def test_a_longer_mandate_is_the_employer_s_who_agreed() -> None:
    """Turns red if an agreement lengthens a mandate that the law does not let it, or beyond its nine months."""
    agreed = {"dispute.employers": {NORTH: {"agrees_longer_mandate_until": date(2024, 12, 26)}}}
    assert mandate("middle", "2024-12-26 00:00", "2024-12-27 00:00", **agreed) == []
    assert mandate("middle", "2024-12-26 00:00", "2024-12-27 00:00") != []
    assert mandate("middle", "2024-12-27 00:00", "2024-12-27 12:00", **agreed) != []
    long = {"dispute.employers": {NORTH: {"agrees_longer_mandate_until": date(2027, 12, 31)}}}
    assert weights("now", long, "agreement_without_effect") == ["warn"]


def test_a_contested_last_day_is_a_warn() -> None:
    """Turns red if the two readings of a month's end are not told apart."""
    changes = {
        "ballot.closes": date(2027, 3, 1),
        "voting_paper.return_by": date(2027, 3, 1),
        "result.told_members": date(2027, 3, 1),
        "result.told_employers": {NORTH: date(2027, 3, 1)},
        "call.on": date(2027, 3, 1),
        f"{AN}.received": date(2028, 1, 3),
    }
    day = mandate("now", "2028-02-29 00:00", "2028-02-29 23:59", **changes)
    assert {weight for _, weight, _ in day} == {"warn"}
    assert mandate("now", "2028-02-28 00:00", "2028-02-28 23:59", **changes) == []
    later = mandate("now", "2028-03-01 00:00", "2028-03-01 23:59", **changes)
    assert {weight for _, weight, _ in later} == {"stop"}


def test_before_2017_action_had_only_to_begin_in_time() -> None:
    """Turns red if later action of the same kind needs the mandate too, or the other kind need not begin."""
    mapping = mapping_of("old")
    later = {"employer": NORTH, "kind": "strike", "starts": at("2017-06-06 00:00"), "ends": at("2017-06-06 23:59")}
    mapping["action"].append(later)
    mapping["action_notices"].append(mapping["action_notices"][0] | {"dates": [date(2017, 6, 6)]})
    assert codes_of(mapping) == []
    for entry in (mapping["action"][1], mapping["action_notices"][1]):
        entry["kind"] = "asos"
    assert {code for code, _ in codes_of(mapping)} == {"mandate_expired"}
