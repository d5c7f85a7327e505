"""The one order of what needs somebody: nothing is lost, the law comes first, and one's own before others'."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.ageing import LASTS_BY_ITS_DATES, Age, AgeFigures, quiet_since, why_quiet
from casework.levels import Level
from casework.lifecycle import Stage
from casework.needs import Need, NeedKind, Urgency, by_urgency, ranked, urgency_of

TODAY = date(2026, 9, 8)
OFFICERS = [None, *(uuid.UUID(int=each) for each in range(3))]
SOME_DAY = st.none() | st.dates(TODAY - timedelta(days=60), TODAY + timedelta(days=60))
NEEDS = st.lists(
    st.builds(
        Need,
        id=st.integers(0, 10**6).map(str),
        kind=st.sampled_from(NeedKind),
        urgency=st.sampled_from(Urgency),
        what=st.just("something"),
        who=st.just("somebody"),
        href=st.just("/"),
        does=st.just("do it"),
        case_ref=st.none() | st.integers(1, 9).map("2026-{}".format),
        officer_id=st.sampled_from(OFFICERS),
        due_on=SOME_DAY,
    ),
    unique_by=lambda need: need.id,
    max_size=25,
)


@given(needs=NEEDS, officer=st.sampled_from(OFFICERS), shuffled=st.randoms())
def test_the_order_is_the_same_whatever_came_first_and_loses_nothing(
    needs: list[Need], officer: uuid.UUID | None, shuffled: object
) -> None:
    """Turns red if `place` leaves out the id: two needs alike in all else would stand as they came."""
    mixed = list(needs)
    shuffled.shuffle(mixed)  # type: ignore[attr-defined]
    assert ranked(needs, officer) == ranked(mixed, officer)
    assert sorted(each.id for each in ranked(needs, officer)) == sorted(each.id for each in needs)


@given(needs=NEEDS, officer=st.sampled_from(OFFICERS))
def test_ones_own_come_first_and_within_them_the_law(needs: list[Need], officer: uuid.UUID | None) -> None:
    """Turns red if `place` begins with the urgency, or sorts urgencies by their words."""
    found = ranked(needs, officer)
    own = [each.is_of(officer) for each in found]
    assert own == sorted(own, reverse=True)
    for group in ([each for each in found if each.is_of(officer)], [each for each in found if not each.is_of(officer)]):
        ranks = [list(Urgency).index(each.urgency) for each in group]
        assert ranks == sorted(ranks)
        for one, other in pairwise(group):
            if one.urgency is other.urgency:
                assert (one.due_on or date.max) <= (other.due_on or date.max)


@given(needs=NEEDS)
def test_the_counts_are_of_all(needs: list[Need]) -> None:
    """Turns red if an urgency is left out, or one of which there is none is named."""
    counts = by_urgency(needs)
    assert sum(counts.values()) == len(needs)
    assert all(counts.values())
    assert list(counts) == [each for each in Urgency if each in counts]


@pytest.mark.parametrize(
    ("level", "is_law", "is_over", "urgency"),
    [
        (Level.STOP, True, True, Urgency.LAW_BROKEN),
        (Level.RED, True, True, Urgency.LAW_RED),
        (Level.RED, True, False, Urgency.LAW_RED),
        (Level.AMBER, True, False, Urgency.LAW_AMBER),
        (Level.STOP, False, True, Urgency.LATE),
        (Level.RED, False, True, Urgency.LATE),
        (Level.RED, False, False, Urgency.RED),
        (Level.AMBER, False, False, Urgency.AMBER),
        (None, True, False, Urgency.WAITING),
    ],
)
def test_a_level_is_as_urgent_as_what_set_the_day(
    level: Level | None, is_law: bool, is_over: bool, urgency: Urgency
) -> None:
    """Turns red if a statutory day and one of practice become the same."""
    assert urgency_of(level, is_law=is_law, is_over=is_over) is urgency


def test_officers_of_nobody_own_nothing() -> None:
    """Turns red if a need without an officer is the own of whoever is no officer."""
    need = Need("1", NeedKind.DEADLINE, Urgency.RED, "x", "y", "/", "z", due_on=TODAY)
    assert not need.is_of(None)
    assert need.days_to_spare(TODAY - timedelta(days=2)) == 2


@given(days=st.integers(0, 400), amber=st.integers(1, 100), red=st.integers(1, 200), stage=st.sampled_from(Stage))
def test_a_case_ages_by_both_figures_and_never_red_before_amber(days: int, amber: int, red: int, stage: Stage) -> None:
    """Turns red if `max` is taken out of `AgeFigures.age`, or a stage that a date ends ages too."""
    figures = AgeFigures(amber, red)
    found = figures.age(stage, days)
    assert figures.age(stage, days, rests=True) is Age.FRESH
    if stage in LASTS_BY_ITS_DATES or days < amber:
        assert found is Age.FRESH
    else:
        assert found is (Age.RED if days >= red else Age.AMBER) or (red < amber and found is Age.RED)


def test_why_a_case_is_quiet_is_the_unions_figure() -> None:
    """Turns red if the sum and the rule name another figure than the setting."""
    why = why_quiet(date(2026, 9, 1), 21)
    assert "1 September 2026 + 21 days = Tuesday 22 September 2026" in why.arithmetic
    assert (why.citation.provision, why.certainty) == ("MANDATE_QUIET_DAYS", "policy")
    assert quiet_since(date(2026, 9, 22), 21) == date(2026, 9, 1)
