"""Cases at every rung of the ballot, each made once and copied for every test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from casework.cases import Case
from core.db import Base, Database
from core.unit_of_work import unit_of_work
from tests.ballots import scenes
from tests.ballots.scenes import Ladder
from tests.conftest import NOON

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


def _make(path: Path, rung: Rung) -> None:
    making = Database(f"sqlite:///{path}")
    Base.metadata.create_all(making.engine)
    begins_at = NOON.replace(year=2025) if rung is scenes.older else NOON
    with unit_of_work("staff:test", as_of=begins_at, on=making) as uow:
        reached = rung(scenes.disputed(uow))
        path.with_suffix(".at").write_text(reached.uow.now.isoformat())
    making.engine.dispose()


@pytest.fixture(scope="session")
def rungs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the databases lie that tests are given copies of."""
    return tmp_path_factory.mktemp("rungs")


@pytest.fixture
def climb(tmp_path: Path, rungs: Path) -> Iterator[Callable[[str], Ladder]]:
    """A case at a rung, on the day it came there, in a transaction of its own that ends with the test."""
    with ExitStack() as stack:

        def at(name: str) -> Ladder:
            made = rungs / f"{name}.db"
            if not made.exists():
                _make(made, RUNGS[name])
            copy = tmp_path / f"ladder{len(list(tmp_path.glob('ladder*.db')))}.db"
            shutil.copy(made, copy)
            database = Database(f"sqlite:///{copy}")
            stack.callback(database.engine.dispose)
            reached_at = datetime.fromisoformat(made.with_suffix(".at").read_text())
            uow = stack.enter_context(unit_of_work("staff:test", as_of=reached_at, on=database))
            return Ladder(uow, uow.session.query(Case).one().id)

        yield at
