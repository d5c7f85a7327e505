"""Every parameter of the law files, on every day, against what the oracle knows of the law."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from itertools import product

import pytest

from core.law import Law, LegalValue, current_law
from core.nations import GREAT_BRITAIN
from tests.oracle import days as wall
from tests.oracle.regimes import (
    ACT_2025,
    AS_IT_STANDS,
    EARLIER,
    PLANNED_CHANGES,
    RULES,
    SAMPLE,
    Planned,
    Question,
)
from tests.oracle.tally import Comparing, Tally

FIRST, LAST = date(2005, 10, 1), date(2032, 12, 31)
EVERY_DAY = wall.between(FIRST, LAST)
ASSUMED = Planned(end_of_turnout=date(2027, 4, 6), other_methods=date(2026, 12, 1), detriment=date(2027, 1, 1))
VERSIONS = {"as it stands": AS_IT_STANDS, "with every planned change": ASSUMED}
BEFORE_AND_AFTER = (None, wall.nth_day_before(ACT_2025, 1), ACT_2025)


def law_of(planned: Planned) -> Law:
    """The product's law with the same changes taken as in force."""
    named = {
        "end-of-turnout-test": planned.end_of_turnout,
        "other-voting-methods": planned.other_methods,
        "detriment-regulations": planned.detriment,
    }
    return current_law().assuming({change: on for change, on in named.items() if on is not None})


def plain(value: LegalValue) -> object:
    """A value as people say it."""
    return str(value.value) if isinstance(value.value, Fraction) else value.value


def questions(name: str, planned: Planned) -> Iterable[Question]:
    """Every nation, and every earlier receipt that may keep the older law."""
    events = BEFORE_AND_AFTER if RULES[name].saved_by else (None,)
    for nation, event in product(GREAT_BRITAIN, events):
        yield Question(nation.value, event, event, planned)


def check(tally: Tally, days: Iterable[date], planned: Planned) -> None:
    """Every rule on every day, for every question."""
    law, days = law_of(planned), list(days)
    for name, rule in RULES.items():
        parameter = law.parameter(name)
        for asked in questions(name, planned):
            nation = next(nation for nation in GREAT_BRITAIN if nation.value == asked.nation)
            events = {SAMPLE: asked.sample, EARLIER: asked.earlier}
            for day in days:
                value = parameter.at(day, nation=nation, events=events)
                tally.compare(f"{day} {asked}", {name: rule.value(day, asked)}, {name: plain(value)})


@pytest.mark.parametrize("version", VERSIONS)
def test_rules_on_some_days(comparing: Comparing, version: str) -> None:
    """Turns red if any value of any law file changes on another day than the Acts say, or says something else."""
    changes = {date(year, month, 1) for year in range(2006, 2033) for month in (1, 9)}
    near = {day for change in TURNING_POINTS | changes for day in (wall.nth_day_before(change, 1), change)}
    with comparing(f"rules on some days, law {version}") as tally:
        check(tally, sorted(near | set(EVERY_DAY[::61])), VERSIONS[version])


TURNING_POINTS = {
    date(2009, 9, 1),
    date(2011, 9, 1),
    date(2017, 3, 1),
    date(2017, 9, 13),
    date(2021, 9, 1),
    date(2022, 7, 21),
    date(2023, 7, 20),
    date(2023, 8, 10),
    date(2025, 12, 18),
    date(2026, 2, 18),
    date(2026, 12, 1),
    date(2027, 1, 1),
    date(2027, 4, 6),
}


@pytest.mark.full
@pytest.mark.parametrize("version", VERSIONS)
def test_rules_on_every_day(comparing: Comparing, version: str) -> None:
    """Turns red if any value of any law file is wrong on any day."""
    with comparing(f"rules on every day, law {version}") as tally:
        check(tally, EVERY_DAY, VERSIONS[version])


def test_pay_is_known_since_2000(comparing: Comparing) -> None:
    """Turns red if the fraction of pay is missing or wrong on a day before the other rules begin."""
    name = "pay.strike_deduction_fraction"
    days = wall.between(RULES[name].first_day, FIRST)
    with comparing("fraction of pay before October 2005") as tally:
        for nation, day in product(GREAT_BRITAIN, days):
            mine = RULES[name].value(day, Question(nation.value))
            tally.compare((nation, day), {name: mine}, {name: plain(current_law().at(name, day, nation=nation))})


def test_the_oracle_knows_every_rule() -> None:
    """Turns red if there is a law file that `regimes` does not know, or none for a rule that it knows."""
    assert {parameter.name for parameter in current_law().parameters()} == set(RULES)


def test_every_rule_is_chosen_by_its_own_date() -> None:
    """Turns red if a law file names another unit, another date of the dispute, or another event that saves."""
    for parameter in current_law().parameters():
        rule = RULES[parameter.name]
        savings = {value.saving.event for value in parameter.values if value.saving is not None}
        found = (parameter.unit, parameter.keyed_on, savings)
        assert found == (rule.unit, rule.keyed_on, {rule.saved_by} if rule.saved_by else set()), parameter.name


def test_planned_changes() -> None:
    """Turns red if a change without a day is forgotten, invented, or would bring something else."""
    found: dict[str, dict[str, object]] = {}
    for parameter in current_law().parameters():
        for value in parameter.planned:
            found.setdefault(str(value.change), {})[parameter.name] = plain(value)
    assert found == PLANNED_CHANGES
