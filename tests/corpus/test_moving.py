"""The mover of packs, before anything is concluded from packs that it moved."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.corpus.cases import Case, every_case
from tests.corpus.moving import days_of, moved

THE_CHANGE = date(2026, 2, 18)
CASES = pytest.mark.parametrize("case", every_case(), ids=lambda case: case.name)


def test_days_and_hours_move_and_words_do_not() -> None:
    """Turns red if a day in words is moved, an hour of the clock changes, or a list inside a table is passed over."""
    facts = {
        "opens": date(2026, 9, 21),
        "starts": datetime(2026, 10, 24, 22, 0),  # noqa: DTZ001 - a pack's hours are London's, without a zone
        "dates": ["2026-11-03", {"ends": "2026-11-04T05:59"}],
        "periods": {"strike": "from 2026-11-03 on"},
        "total": 20261103,
        "numbered": True,
    }
    assert moved(facts, 2) == {
        "opens": date(2026, 10, 5),
        "starts": datetime(2026, 11, 7, 22, 0),  # noqa: DTZ001
        "dates": ["2026-11-17", {"ends": "2026-11-18T05:59:00"}],
        "periods": {"strike": "from 2026-11-03 on"},
        "total": 20261103,
        "numbered": True,
    }


@CASES
def test_the_ballot_opens_on_the_other_side(case: Case) -> None:
    """Turns red if a pack's `weeks` does not take its opening day over 18 February 2026."""
    facts = case.mapping()
    opens, there = _opens(facts), _opens(moved(facts, case.weeks))
    assert (opens < THE_CHANGE) != (there < THE_CHANGE)


@CASES
def test_every_weekday_holds_and_the_way_back_leads_home(case: Case) -> None:
    """Turns red if any day is left behind, or moved by another number of days than the others."""
    facts = case.mapping()
    here, there = days_of(facts), days_of(moved(facts, case.weeks))
    assert len(here) == len(there) >= 2
    assert [day.weekday() for day in here] == [day.weekday() for day in there]
    assert {(after - before).days for before, after in zip(here, there, strict=True)} == {case.weeks * 7}
    assert days_of(moved(moved(facts, case.weeks), -case.weeks)) == here


def _opens(facts: dict[str, dict[str, object]]) -> date:
    opens = facts["ballot"]["opens"]
    return date.fromisoformat(opens) if isinstance(opens, str) else opens  # type: ignore[return-value]
