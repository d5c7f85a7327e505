"""Planned changes of the law: what each moves, and the law with one of them taken as in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from core.errors import BadInput
from core.law import Certainty, Law, LegalValue, Parameter, Saving, current_law
from core.law_changes import in_force_from, planned_changes
from core.nations import Nation

FROM = date(2027, 4, 1)
ONE_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def law() -> Law:
    return current_law()


def test_every_planned_change_and_what_it_moves(law: Law) -> None:
    """Turns red if a parameter leaves the change it goes with, or a change is planned under another name."""
    moved = {name: [value.parameter for value in values] for name, values in planned_changes(law).items()}
    assert moved == {
        "detriment-regulations": ["ballots.detriment_protection"],
        "end-of-turnout-test": ["ballots.result_items", "ballots.turnout_counts_spoiled", "ballots.turnout_fraction"],
        "other-voting-methods": ["ballots.voting_methods"],
    }


def test_an_assumed_change_moves_every_parameter_that_shares_it(law: Law) -> None:
    """Turns red if one parameter of a change keeps its older value, or takes the new one a day early."""
    assumed = law.assuming({"end-of-turnout-test": FROM})
    turnout, spoiled, items = "ballots.turnout_fraction", "ballots.turnout_counts_spoiled", "ballots.result_items"
    assert [assumed.at(turnout, on).fraction for on in (FROM - ONE_DAY, FROM)] == [Fraction(1, 2), None]
    assert [assumed.at(spoiled, on).flag for on in (FROM - ONE_DAY, FROM)] == [True, False]
    assert ["turnout_met" in assumed.at(items, on).items for on in (FROM - ONE_DAY, FROM)] == [True, False]
    assert assumed.at("ballots.voting_methods", FROM).items == ("postal",)


def test_an_assumed_value_keeps_its_source_and_stays_unconfirmed(law: Law) -> None:
    """Turns red if assuming makes a value certain, drops its citation, or leaves the older one open."""
    planned = law.parameter("ballots.turnout_fraction").planned[0]
    assumed = law.assuming({"end-of-turnout-test": FROM}).parameter("ballots.turnout_fraction")
    begun = assumed.values[-1]
    assert (begun.from_, begun.to, begun.certainty) == (FROM, None, Certainty.UNCONFIRMED)
    assert (begun.citation, begun.note, begun.change) == (planned.citation, planned.note, "end-of-turnout-test")
    assert (assumed.values[-2].to, assumed.planned) == (FROM - ONE_DAY, ())


def test_a_parameter_may_be_named_alone(law: Law) -> None:
    """Turns red if a parameter's name moves the others of its change."""
    assumed = law.assuming({"ballots.turnout_fraction": FROM})
    assert assumed.at("ballots.turnout_fraction", FROM).fraction is None
    assert assumed.at("ballots.turnout_counts_spoiled", FROM).flag is True


def test_assuming_leaves_the_law_itself_alone(law: Law) -> None:
    """Turns red if an assumption is written into the law it was made on."""
    law.assuming({"end-of-turnout-test": FROM})
    assert law.at("ballots.turnout_fraction", FROM).fraction == Fraction(1, 2)
    assert law.assuming({}) is law


@pytest.mark.parametrize(
    ("assumptions", "found", "wanted"),
    [
        ({"end-of-everything": FROM}, "end-of-everything", "detriment-regulations, end-of-turnout-test, other-voting"),
        ({"ballots.mandate_months": FROM}, "ballots.mandate_months", "ballots.result_items"),
        ({"end-of-turnout-test": date(2026, 2, 18)}, "2026-02-18", "a day after 2026-02-18"),
        (
            {"end-of-turnout-test": FROM, "ballots.turnout_fraction": FROM + ONE_DAY},
            "ballots.turnout_fraction=2027-04-02",
            "end-of-turnout-test moves ballots.turnout_fraction as well",
        ),
    ],
)
def test_what_cannot_be_assumed_is_refused(law: Law, assumptions: dict[str, date], found: str, wanted: str) -> None:
    """Turns red if a wrong name assumes nothing in silence, or a change of the past is let through."""
    with pytest.raises(BadInput) as caught:
        law.assuming(assumptions)
    assert (caught.value.field, caught.value.found) == ("assume", found)
    assert wanted in caught.value.wanted


def _planned(law: Law, **changes: object) -> tuple[Parameter, LegalValue]:
    """Notice of ballot, with ten days planned."""
    parameter = law.parameter("ballots.notice_of_ballot_days")
    value = replace(parameter.values[-1], value=10, from_=None, change="ten-days", certainty=Certainty.UNCONFIRMED)
    planned = replace(value, **changes)  # type: ignore[arg-type]
    return replace(parameter, planned=(planned,)), planned


def test_a_change_for_one_nation_leaves_the_others(law: Law) -> None:
    """Turns red if another nation's value is closed, or the nation's own goes on."""
    parameter, planned = _planned(law, nations=(Nation.WALES,))
    changed = in_force_from(parameter, planned, FROM)
    days = {nation: changed.at(FROM, nation=nation).whole for nation in (Nation.WALES, Nation.SCOTLAND)}
    assert days == {Nation.WALES: 10, Nation.SCOTLAND: 7}
    assert changed.at(FROM - ONE_DAY, nation=Nation.WALES).whole == 7


def test_a_planned_saving_holds_once_the_change_is_in_force(law: Law) -> None:
    """Turns red if a planned value loses its saving when it begins."""
    parameter, planned = _planned(law, saving=Saving("sample_paper_received_on", FROM))
    changed = in_force_from(parameter, planned, FROM)
    events = {"sample_paper_received_on": FROM - ONE_DAY}
    assert [changed.at(FROM, events=each).whole for each in ({}, events)] == [10, 7]


def test_changes_of_one_parameter_follow_each_other_by_day(law: Law) -> None:
    """Turns red if the later of two changes is closed by the earlier one."""
    parameter, first = _planned(law)
    second = replace(first, value=12, change="twelve-days")
    both = Law({parameter.name: replace(parameter, planned=(first, second))})
    assumed = both.assuming({"twelve-days": FROM + ONE_DAY, "ten-days": FROM})
    days = [assumed.at(parameter.name, FROM + offset * ONE_DAY).whole for offset in (-1, 0, 1)]
    assert days == [7, 10, 12]
    with pytest.raises(BadInput, match="one of the changes planned for it: ten-days, twelve-days"):
        both.assuming({parameter.name: FROM})
