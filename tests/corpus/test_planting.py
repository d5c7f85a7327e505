"""Every defect that can be planted anywhere, in every clean pack that can hold it."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import pytest

from ballots.lint import lint
from ballots.pack_reading import read_pack
from core.findings import stops
from core.law import current_law
from tests.corpus.cases import Case, cases
from tests.corpus.planting import PLANTERS, Pack, with_days

LAW = current_law()
CLEAN: tuple[Case, ...] = (*cases("clean"), *cases("edges"))


def _stops(pack: Pack) -> set[str]:
    return {finding.code for finding in stops(lint(read_pack(pack), LAW))}


def _planted(what: str, clean: Sequence[Case]) -> tuple[int, list[str]]:
    """How many packs could hold the defect, and what was found wrongly in them, in words."""
    code, plant = PLANTERS[what]
    held, wrong = 0, []
    for case in clean:
        pack = with_days(copy.deepcopy(case.mapping()))
        if not plant(pack):
            continue
        held += 1
        if (found := _stops(pack)) != {code}:
            wrong.append(f"{case.name}: {sorted(found)}")
    return held, wrong


@pytest.mark.parametrize("what", PLANTERS)
def test_a_defect_is_found_in_packs_that_can_hold_it(what: str) -> None:
    """One pack in three. Turns red if a rule looks at one entry of several, or a defect draws a stop not its own."""
    start = list(PLANTERS).index(what) % 3
    held, wrong = _planted(what, CLEAN[start::3])
    assert wrong == []
    assert held >= 1


@pytest.mark.full
@pytest.mark.parametrize("what", PLANTERS)
def test_a_defect_is_found_in_every_pack_that_can_hold_it(what: str) -> None:
    """Turns red as above, for every pack."""
    held, wrong = _planted(what, CLEAN)
    assert wrong == []
    assert held >= 2
