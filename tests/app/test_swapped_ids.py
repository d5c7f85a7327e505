"""Somebody of one association sends ids of another's: nothing of it is read, and nothing there is written."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import connect
from zlib import crc32

import pytest
from structlog.testing import capture_logs

from casework.cases import Case
from casework.lifecycle import Stage
from casework.people.roles import Role
from tests.app.grounds import AT_ONE_PLACE, Ground, standing_on
from tests.app.swaps import Swap, in_turn, swaps
from tests.app.wire import OWN_PAGE
from tests.engines import Engine, blank, file_of, opened

A_FEW, WANTED = 250, 100_000
TURNS = 3
"""How often each request is sent, each time by another of the roles it is for, and at another stage."""
CHUNK = 500
SEED = 35


def _streams(ground: Ground, turn: int = 0) -> list[Iterator[Swap]]:
    """Each place's requests in an order of its own, so that a few of them are of every kind."""
    dice = random.Random(SEED + turn)
    streams = [list(stream) for stream in swaps(ground.own, ground.others)]
    for stream in streams:
        dice.shuffle(stream)
    dice.shuffle(streams)
    return [iter(stream) for stream in streams]


def _role(swap: Swap, turn: int) -> Role:
    """One of the roles held at one association, another in each turn, of those the route is for, if it is for any."""
    allowed = swap.act.roles if swap.act else swap.door.roles or frozenset()
    roles: Sequence[Role] = [each for each in AT_ONE_PLACE if each in allowed] or AT_ONE_PLACE[:1]
    told = f"{swap.door.name} {swap.act and swap.act.name} {swap.named}"
    return roles[(crc32(told.encode()) + turn) % len(roles)]


def _at_a_stage_of_the_act(ground: Ground, swap: Swap, dice: random.Random) -> None:
    """The own case where the act is for it: what an act does with an id is asked only then."""
    if swap.act is None:
        return
    stage = dice.choice(sorted(swap.act.stages))
    with ground.database.writing() as session:
        case = session.get_one(Case, uuid.UUID(ground.own.by_kind["Case"][0]))
        case.stage = Stage(stage)


@dataclass(frozen=True)
class Apart:
    """
    Two associations without a dispute in common, in which an act at one school would rightly reach the other; and the
    database as it stood first. What was done at the own case would make each answer about it longer than the last.
    """

    ground: Ground
    file: Path
    first: Path

    def set_back(self) -> None:
        with closing(connect(self.first)) as first, closing(connect(self.file)) as now:
            first.backup(now)


@pytest.fixture
def apart(engines: Callable[[str], Engine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    """Made for each turn: `set_back` puts the sign-ins back too, which would end by their age before the third."""
    engine, first = engines("sqlite"), tmp_path_factory.mktemp("apart") / "first.db"
    with engine.lent(blank(engine)) as url, opened(url) as database, standing_on(database, shared=False) as ground:
        with closing(connect(file_of(url))) as now, closing(connect(first)) as kept:
            now.backup(kept)
        yield Apart(ground, file_of(url), first)


def test_there_are_a_hundred_thousand(apart: Apart) -> None:
    """Turns red if the places that take an id are no longer found, so that a full run sends fewer."""
    assert sum(len(list(each)) for each in swaps(apart.ground.own, apart.ground.others)) * TURNS >= WANTED


@pytest.mark.parametrize(
    ("turn", "count"), [(0, A_FEW), *(pytest.param(each, WANTED, marks=pytest.mark.full) for each in range(TURNS))]
)
def test_fm_35_no_swapped_id_reads_or_writes_another_associations_rows(apart: Apart, turn: int, count: int) -> None:
    """
    Turns red if a line is taken out of `_criteria`, if an act takes an id without asking whether it is the case's, or
    if a refusal says what it found.
    """
    ground, dice, statuses, read = apart.ground, random.Random(SEED + turn), Counter[int](), []
    before = ground.rows_of_theirs()
    for place, swap in enumerate(in_turn(_streams(ground, turn), count)):
        _at_a_stage_of_the_act(ground, swap, dice)
        key = ground.keys[_role(swap, turn)]
        headers = {**OWN_PAGE, "idempotency-key": uuid.uuid4().hex} if swap.door.is_api else OWN_PAGE
        with capture_logs() as logged:
            reply = ground.wire.ask(swap.door.method, swap.target, key, headers=headers, form=swap.form, json=swap.json)
        statuses[reply.status] += 1
        if found := ground.read_in(reply, swap.named) | ground.told_by(str(logged), swap.named):
            read.append((swap.door.name, swap.target, swap.form or swap.json, [ground.what_is(each) for each in found]))
        assert reply.status < 500, (swap, logged)
        if place % CHUNK == CHUNK - 1:
            assert _changed(ground, before) == [], swap
            apart.set_back()
    assert not read, read[:5]
    assert _changed(ground, before) == []
    assert sum(statuses.values()) >= min(count, WANTED // TURNS)
    assert len(statuses) > 3  # answered, refused, not there: the requests came as far as the routes


def _changed(ground: Ground, before: frozenset[str]) -> list[str]:
    """The other association's rows that are new, gone or other than they were."""
    return sorted(ground.rows_of_theirs() ^ before)
