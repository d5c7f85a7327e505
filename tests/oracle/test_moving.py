"""One ballot moved day by day through the years: its rules change on commencement dates, and on no other day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import pytest

from ballots.timetable import timetable
from ballots.timetable_facts import BallotFacts
from core.law import LegalValue, current_law
from core.nations import GREAT_BRITAIN, Nation
from tests.oracle import days as wall
from tests.oracle import timetabler
from tests.oracle.commencements import (
    AFTER,
    BEFORE,
    BY_TIMETABLE,
    EARLIER_NOTICE,
    IN_WALES,
    MOVES,
    NOTICED_BEFORE,
    WITHOUT_RECEIPTS,
    Move,
)
from tests.oracle.regimes import EARLIER

OPENINGS = wall.between(date(2016, 1, 1), date(2027, 12, 31))
LISTED = (*BY_TIMETABLE, *IN_WALES, *WITHOUT_RECEIPTS, *WITHOUT_RECEIPTS.values())
NEAR = {day for listed in LISTED for day in wall.between(listed - timedelta(days=5), listed + timedelta(days=5))}
SAMPLED = [day for number, day in enumerate(OPENINGS) if number % 7 == 0 or day in NEAR]
HOW_MANY = pytest.mark.parametrize(
    "openings", [pytest.param(SAMPLED, id="sampled"), pytest.param(OPENINGS, id="every day", marks=pytest.mark.full)]
)
Events = Mapping[str, date | None]


def dates_of(opens: date, *, noticed_before: bool) -> dict[str, date | None]:
    """Every date of the dispute whose ballot opens on a day."""
    before = {name: wall.nth_day_before(opens, days) for name, days in BEFORE.items()}
    after = {name: wall.nth_day_after(opens, days) for name, days in AFTER.items()}
    school_year = wall.last_that(opens, lambda day: (day.month, day.day) == (9, 1))
    earlier = wall.nth_day_after(opens, EARLIER_NOTICE) if noticed_before else None
    return {**before, **after, "school_year_started_on": school_year, EARLIER: earlier}


def key_that_moved(value: LegalValue, events: Events) -> tuple[str, date]:
    """The date of the dispute that reached the first day of a value or the end of its saving just now."""
    if value.from_ is not None and events[value.keyed_on] == value.from_:
        return value.keyed_on, value.from_
    if value.saving is not None and events[value.saving.event] == value.saving.before:
        return value.saving.event, value.saving.before
    return "no commencement", events[value.keyed_on] or date.min


def moves_of(nation: Nation, *, noticed_before: bool) -> dict[tuple[date, str], tuple[str, date, str]]:
    """What changes as the ballot is moved: opening day and rule; the key, the day it reaches, the Act."""
    found: dict[tuple[date, str], tuple[str, date, str]] = {}
    moved = {opens: dates_of(opens, noticed_before=noticed_before) for opens in OPENINGS}
    for parameter in current_law().parameters():
        before: LegalValue | None = None
        for opens, events in moved.items():
            on = events[parameter.keyed_on]
            assert on is not None
            value = parameter.at(on, nation=nation, events=events)
            if before is not None and value.value != before.value:
                found[opens, parameter.name] = (*key_that_moved(value, events), value.citation.act)
            before = value
    return found


def expected(moves: tuple[Move, ...], nation: Nation) -> dict[tuple[date, str], tuple[str, date, str]]:
    """The hand-written list for a nation, in the same shape."""
    return {(move.opens, move.rule): (move.key, move.reaches, move.act) for move in moves if nation in move.nations}


@pytest.mark.parametrize("nation", GREAT_BRITAIN)
def test_rules_change_on_commencement_dates_only(nation: Nation) -> None:
    """Turns red if any rule changes on another day, by another date of the dispute, or by another Act than listed."""
    assert moves_of(nation, noticed_before=False) == expected(MOVES, nation)


@pytest.mark.parametrize("nation", GREAT_BRITAIN)
def test_an_action_noticed_before_keeps_the_older_law(nation: Nation) -> None:
    """Turns red if the notice of an action noticed before moves to the new law by its own receipt."""
    saved = {move.rule for move in NOTICED_BEFORE}
    kept = tuple(move for move in MOVES if not (move.rule in saved and move.reaches == NOTICED_BEFORE[0].reaches))
    assert moves_of(nation, noticed_before=True) == expected((*kept, *NOTICED_BEFORE), nation)


def with_receipts(opens: date, nation: Nation) -> BallotFacts:
    """The ballot as the timetable is asked about it, every receipt known."""
    dates = dates_of(opens, noticed_before=False)
    return BallotFacts(
        opens_on=opens,
        closes_on=wall.nth_day_after(opens, AFTER["ballot_closed_on"]),
        nation=nation,
        ballot_notice_received_on=dates["ballot_notice_received_on"],
        sample_received_on=dates["sample_paper_received_on"],
        action_notice_received_on=dates["action_notice_received_on"],
        entitled=51,
    )


def without_receipts(opens: date, nation: Nation) -> BallotFacts:
    """The same ballot before any paper was received."""
    closes = wall.nth_day_after(opens, AFTER["ballot_closed_on"])
    return BallotFacts(opens_on=opens, closes_on=closes, nation=nation, entitled=51)


RESULTING = {
    "ballot_notice.latest_receipt",
    "sample_paper.latest_receipt",
    "scrutineer.report_due",
    "action_notice.latest_receipt",
    "action_notice.earliest_action_if_received",
    "mandate.first_day",
    "mandate.last_day",
    "mandate.last_day_lenient",
}
"""Days that move with the ballot; the rules they follow from are compared instead."""


def shown_changes(
    ballot: Callable[[date, Nation], BallotFacts], nation: Nation, openings: Sequence[date]
) -> dict[date, dict[str, tuple[object, object]]]:
    """Every value of the timetable that changed from one of the opening days to the next."""
    changes: dict[date, dict[str, tuple[object, object]]] = {}
    before: dict[str, object] | None = None
    for opens in openings:
        values = timetabler.found(timetable(ballot(opens, nation), current_law()))
        for name in values.keys() - RESULTING if before is not None else ():
            if values[name] != before[name]:  # type: ignore[index]
                changes.setdefault(opens, {})[name] = told_apart(before[name], values[name])  # type: ignore[index]
        before = values
    return changes


def told_apart(old: object, new: object) -> tuple[object, object]:
    """Two values; of two lists or statements only the words that the other has not."""
    if isinstance(old, tuple) and isinstance(new, tuple):
        return " ".join(str(item) for item in old if item not in new), " ".join(str(i) for i in new if i not in old)
    if isinstance(old, str) and isinstance(new, str) and len(old.split()) > 1:
        return "twelve weeks" if "twelve weeks" in old else "", "twelve weeks" if "twelve weeks" in new else ""
    return old, new


def in_nation(nation: Nation) -> dict[date, dict[str, tuple[object, object]]]:
    """The hand-written list of what a timetable shows, for a nation."""
    changes = {opens: dict(values) for opens, values in BY_TIMETABLE.items()}
    if nation is Nation.WALES:
        changes |= IN_WALES
        del changes[date(2026, 2, 18)]["thresholds.support_fraction"]
    return changes


@HOW_MANY
@pytest.mark.parametrize("nation", GREAT_BRITAIN)
def test_a_timetable_changes_on_commencement_dates_only(nation: Nation, openings: Sequence[date]) -> None:
    """Turns red if a timetable shows another rule on any opening day than the one before, but for those listed."""
    assert shown_changes(with_receipts, nation, openings) == in_nation(nation)


@HOW_MANY
@pytest.mark.parametrize("nation", GREAT_BRITAIN)
def test_a_timetable_without_receipts_takes_their_latest_days(nation: Nation, openings: Sequence[date]) -> None:
    """Turns red if a receipt that is not known is taken as another day than the latest lawful one."""
    listed = {WITHOUT_RECEIPTS.get(opens, opens): values for opens, values in in_nation(nation).items()}
    assert shown_changes(without_receipts, nation, openings) == listed
