"""Whoever changes a date or a number in a law file changes an answer that a test asserts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from core.law import Law, Parameter, current_law
from tests.meta.law_answers import CALCULATORS, Disagrees, freshness, shown
from tests.meta.law_changes import FILES, changes


class Noting(dict[str, Parameter]):
    """Parameters by name, and which of them were asked for."""

    def __init__(self, given: Mapping[str, Parameter]) -> None:
        super().__init__(given)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Parameter:
        self.asked.add(name)
        return super().__getitem__(name)


@cache
def read_by() -> dict[str, list[Disagrees]]:
    """Which calculators read each parameter. All of them agree with their answers under the law as it stands."""
    found: dict[str, list[Disagrees]] = {}
    for name, disagrees in CALCULATORS.items():
        noting = Noting({each.name: each for each in current_law().parameters()})
        assert not disagrees(Law(noting)), name
        for parameter in noting.asked:
            found.setdefault(parameter, []).append(disagrees)
    return found


def test_the_law_as_it_stands_is_what_is_asserted() -> None:
    """Turns red if an answer is another than the one it must be: the next test would prove nothing."""
    assert len(read_by()) > 20
    assert [path.stem for path in FILES if shown(path.stem, current_law())] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_date_and_number_changes_an_answer(path: Path, tmp_path: Path) -> None:
    """
    Turns red for a value or a date that could be changed in its file and no calculator's answer with it.

    A number that a calculator reckons with has to change what that calculator reckons: being shown is not enough.
    """
    unseen = []
    calculators = read_by().get(path.stem, [])
    for change in changes(path):
        law = change.law(tmp_path)
        if law is None or any(disagrees(law) for disagrees in calculators if change.is_reckoned_with):
            continue
        if (change.is_of_the_value and calculators) or not shown(path.stem, law):
            unseen.append(change.what)
    assert [each for each in unseen if (path.stem, each) not in ONLY_SHOWN] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_day_of_reading_decides_when_a_value_is_stale(path: Path, tmp_path: Path) -> None:
    """Turns red if a value is stale on the ninetieth day after its last reading, or not on the day after that."""
    assert not freshness(path.stem, current_law())
    read = [change for change in changes(path) if "last_checked" in change.what]
    assert read
    unseen = []
    for change in read:
        law = change.law(tmp_path)
        if law is not None and not freshness(path.stem, law):
            unseen.append(change.what)
    assert unseen == []


ONLY_SHOWN = frozenset(
    {
        ("ballots.turnout_counts_spoiled", "values[0].value True"),
        ("ballots.result_items", "values[0].value without its last word"),
    }
)
"""
Before March 2017 there was no turnout to reach, so nothing is reckoned with what counts for it. The votes of each
question are told of every result, whatever is in the list.
"""
