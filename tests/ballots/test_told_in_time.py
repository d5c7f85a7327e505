"""A bank holiday that people added is no working day for anybody: not for the deadline, and not for the linter."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ballots import barrister, law_handlers
from core.calendar import in_words, next_working_day
from core.nations import Nation
from tests.ballots.law import JO
from tests.ballots.scenes import WON, Ladder
from tests.days import day

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def late(ladder: Ladder) -> list[str]:
    """The sentences of the warns that the result was told late."""
    found = barrister.against_ballot(ladder.uow, ladder.ballot).findings
    return [each.sentence for each in found if each.code == "result_told_late"]


def test_the_gate_knows_the_added_bank_holidays(climb: Callable[[str], Ladder]) -> None:
    """Turns red if `_examined` does not give the linter the holidays of the ballot's nation."""
    ladder = climb("closed").act("result_declared", **WON)
    closes = ladder.ballot.closes_on
    due = next_working_day(closes, Nation.ENGLAND)
    ladder.on(f"{due:%a} {due.isoformat()}")
    assert late(ladder) == []
    after = next_working_day(due, Nation.ENGLAND)
    ladder.on(f"{after:%a} {after.isoformat()}")
    assert [f"the next working day was {in_words(due)}" in each for each in late(ladder)] == [True]
    law_handlers.add_holiday(ladder.uow, day(f"{due:%a} {due.isoformat()}"), (Nation.SCOTLAND,), "A day of thanks", JO)
    assert len(late(ladder)) == 1
    law_handlers.add_holiday(ladder.uow, day(f"{due:%a} {due.isoformat()}"), (Nation.ENGLAND,), "A day of thanks", JO)
    assert late(ladder) == []
