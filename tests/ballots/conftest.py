"""Cases at every rung of the ballot, each made once and copied for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from casework.cases import Case
from core.clock import set_stored_clock
from core.unit_of_work import unit_of_work
from tests.ballots import scenes
from tests.ballots.scenes import Ladder
from tests.conftest import NOON
from tests.engines import Engine, opened, with_tables

Rung = Callable[[Ladder], Ladder]
RUNGS: dict[str, Rung] = {
    "disputed": lambda ladder: ladder,
    "planned": scenes.planned,
    "noticed": scenes.noticed,
    "closed": scenes.closed,
    "won": scenes.won,
    "in_force": scenes.in_force,
    "striking": scenes.striking,
    "older": scenes.older,
}


def _make(url: str, rung: Rung) -> None:
    begins_at = NOON.replace(year=2025) if rung is scenes.older else NOON
    with_tables(url)
    with opened(url) as database, unit_of_work("staff:test", as_of=begins_at, on=database) as uow:
        reached = rung(scenes.disputed(uow))
        set_stored_clock(uow.session, reached.uow.now)


@pytest.fixture
def climb(engine: Engine) -> Iterator[Callable[[str], Ladder]]:
    """A case at a rung, on the day it came there, in a transaction of its own that ends with the test."""
    with ExitStack() as stack:

        def at(name: str) -> Ladder:
            rung = engine.shared(f"rung {name}", lambda url: _make(url, RUNGS[name]))
            database = stack.enter_context(opened(stack.enter_context(engine.lent(rung))))
            uow = stack.enter_context(unit_of_work("staff:test", on=database))
            return Ladder(uow, uow.session.query(Case).one().id)

        yield at
