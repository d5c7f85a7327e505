"""What a change of the law does not move: what stands there already, and what was undone before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from ballots import law_handlers
from ballots.law_handlers import Reader
from ballots.models import MandateRow
from ballots.retiming import effect
from casework.deadlines import DeadlineKind
from core.errors import NotFound
from core.law_records import ExtraHoliday
from core.nations import Nation
from core.unit_of_work import UnitOfWork
from tests.ballots.law import JO, with_value
from tests.ballots.scenes import Ladder
from tests.ballots.test_law_handlers import moved
from tests.days import day

pytestmark = pytest.mark.engines("sqlite")
Climb = Callable[[str], Ladder]


def test_a_withdrawal_is_not_withdrawn(uow: UnitOfWork) -> None:
    """Turns red if `withdraw` leaves out `row.withdraws_id is not None`: it would record a withdrawal of nothing."""
    done = law_handlers.add_holiday(uow, uow.today + timedelta(days=30), [Nation.ENGLAND], "A day of thanks", JO)
    undone = law_handlers.withdraw(uow, done.records[0].id, Reader(JO.by, "it was never proclaimed"))
    with pytest.raises(NotFound):
        law_handlers.withdraw(uow, undone.records[0].id, JO)
    assert uow.session.query(ExtraHoliday).count() == 2


def test_a_deadline_that_stands_there_already_does_not_move(climb: Climb) -> None:
    """
    Somebody re-timed it before the change was recorded, so it stands where the change puts it.

    Turns red if `_moves` leaves out `!= row.due_on`: the officer would be told of a move from a day to the same day.
    """
    ladder = climb("planned")
    longer = with_value("ballots.notice_of_ballot_days", 9, date(2026, 10, 20))
    found = effect(ladder.uow, ladder.uow.under(longer, {}))
    was, now = day("Tue 2026-10-13"), day("Sun 2026-10-11")
    assert moved(found) == {DeadlineKind.BALLOT_NOTICE_RECEIVED: (was, now)}
    law_handlers._apply(ladder.uow, found, "a test")
    again = effect(ladder.uow, ladder.uow.under(longer, {}))
    assert moved(again) == {}
    assert [change.was.parameter for change in again.values] == ["ballots.notice_of_ballot_days"]


def test_a_mandate_whose_lenient_end_differs_is_put_right(climb: Climb) -> None:
    """Turns red if `_mandate_move` compares the last day alone: the lenient one decides between a stop and a warn."""
    ladder = climb("won")
    rows = ladder.uow.session.query(MandateRow).all()
    right = {row.last_day_lenient for row in rows}
    for row in rows:
        row.last_day_lenient += timedelta(days=1)
    done = law_handlers.retime(ladder.uow)
    assert (done.new, len(done.effect.mandates), done.effect.moves) == (True, len(rows), ())
    assert {row.last_day_lenient for row in rows} == right
    assert not law_handlers.retime(ladder.uow).new
