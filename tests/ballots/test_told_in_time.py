"""A bank holiday that people added is no working day for anybody: not for the deadline, and not for the linter."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ballots import barrister, law_handlers
from core.calendar import in_words, next_working_day
from core.nations import Nation
from tests.ballots.law import JO
from tests.ballots.scenes import WON, Ladder

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def late(ladder: Ladder) -> list[str]:
    """The sentences of the warns that the result was told late."""
    found = barrister.against_ballot(ladder.uow, ladder.ballot).findings
    return [each.sentence for each in found if each.code == "result_told_late"]


@pytest.mark.parametrize(("nation", "is_late"), [(None, True), (Nation.SCOTLAND, True), (Nation.ENGLAND, False)])
def test_the_gate_knows_the_added_bank_holidays(
    climb: Callable[[str], Ladder], nation: Nation | None, is_late: bool
) -> None:
    """Turns red if `_examined` does not give the linter the holidays of the ballot's nation."""
    ladder = climb("closed").act("result_declared", **WON)
    due = next_working_day(ladder.ballot.closes_on, Nation.ENGLAND)
    ladder.on(f"{due:%a} {due.isoformat()}")
    assert late(ladder) == []
    if nation is not None:
        law_handlers.add_holiday(ladder.uow, due, (nation,), "A day of thanks", JO)
    after = next_working_day(due, Nation.ENGLAND)
    ladder.on(f"{after:%a} {after.isoformat()}")
    assert [f"the next working day was {in_words(due)}" in each for each in late(ladder)] == [True] * is_late
