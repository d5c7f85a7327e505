"""
A thousand kills while five thousand notices go out, on each database, with a mail server that has faults.

Each sweep is a process forked from one that has everything loaded, killed with SIGKILL at a moment drawn at random
while another works beside it; the next one goes on. The kills are spread so that notices are left for all of them. A
checker that shares no code with delivery then reads the server's log and the database. The same check finds out the
sweeps that mark before they send, or send before they claim. How long it takes is printed, and not judged.

SIGKILL is not a power cut: what the disk does with unsynced pages is not tested here.
"""

from __future__ import annotations

import gc
import heapq
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from notifications.delivery import Sweep
from notifications.lifecycle import Medium
from tests.chaos.outbox_checker import Findings, seen
from tests.chaos.outbox_ground import Ground, MarksThenSends, SendsThenClaims, forked, grounded, in_memory, killed, many
from tests.conftest import NOON
from tests.engines import Engine

pytestmark = pytest.mark.slow
SEED = "20260901"
SHORTEST, LONGEST = 0.002, 0.5
AT_ONCE = 2
A_LIFE = timedelta(minutes=1)
"""By the notices' clock: leases end after five lives, and what nobody knows of is sent again after fifteen more."""


def killed_often(ground: Ground, kills: int, share_done: Callable[[], float]) -> int:
    """
    Kill sweeps so often, two at a time; how many were begun for that.

    Lives grow longer while less is done than the share of kills so far, and shorter while more is.
    """
    chance, mean, hits, lives, now = random.Random(SEED), 0.05, 0, 0, NOON
    alive: list[tuple[float, int]] = []
    while hits < kills and lives < 3 * kills:
        while len(alive) < AT_ONCE:
            lives, now = lives + 1, now + A_LIFE
            child = forked(lambda at=now: ground.sweep(at, limit=100))  # type: ignore[misc]
            heapq.heappush(alive, (time.monotonic() + chance.uniform(0, 2 * mean), child))
        until, child = heapq.heappop(alive)
        time.sleep(max(0.0, until - time.monotonic()))
        hits += killed(child)
        mean = mean * 1.03 if share_done() < hits / kills else mean / 1.03
        mean = min(LONGEST, max(SHORTEST, mean))
    for _, child in alive:
        killed(child)
    ground.finish(now)
    return lives


def ordeal(ground: Ground, notices: int, kills: int, medium: Medium = Medium.MAIL) -> tuple[Findings, str]:
    """
    Queue, kill, finish, and judge; what the checker found, and a sentence of it all.

    In a process that has loaded nothing but this: forking one that has run other tests takes as long as a short life.
    """
    told = (ground.url, ground.folder, ground.port, ground.kind)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        return apart.submit(_ordeal, told, notices, kills, medium).result()


def _ordeal(told: tuple[str, Path, int, type[Sweep]], notices: int, kills: int, medium: Medium) -> tuple[Findings, str]:
    ground = Ground(*told)
    ground.queue(lambda uow: many(uow, notices, medium))
    ground.sweep(NOON, limit=3)  # so that every statement is compiled, and every module loaded
    ground.close()
    gc.collect()
    gc.freeze()
    began = time.monotonic()

    def share_done() -> float:
        if medium is Medium.LETTER:
            return sum(1 for _ in ground.letters.glob("*.pdf")) / notices
        return ground.log.stat().st_size / (notices * LINE_BYTES)

    lives = killed_often(ground, kills, share_done)
    seconds = time.monotonic() - began
    found = ground.findings(notices)
    return found, f"{kills} kills in {lives} lives, {notices} notices, {seconds:.0f} s: {found.sentence}"


LINE_BYTES = 186
"""Of a line in the log of the mail server, about."""


SIZES = [
    ("sqlite", 5_000, 1_000),
    ("postgresql", 400, 80),
    pytest.param("postgresql", 5_000, 1_000, marks=pytest.mark.full),
]


@pytest.mark.parametrize(("name", "notices", "kills"), SIZES)
def test_fm_01_a_thousand_kills_lose_nothing_and_double_nothing(
    name: str,
    notices: int,
    kills: int,
    engines: Callable[[str], Engine],
    record_property: Callable[[str, object], None],
) -> None:
    """
    Nothing lost, nothing doubled, nothing sent without an attempt on record; copies too many only where unknown.

    Turns red if `Sweep.deliver` records before it sends, or sends before it claims.
    """
    with in_memory() as folder, grounded(engines(name), folder, SEED) as ground:
        found, told = ordeal(ground, notices=notices, kills=kills)
        sys.stdout.write(f"\n{name}: {told}\n")
        record_property(name, told)
        assert found.complaints == []
        assert found.counts["extra copies"] <= found.counts["attempts unknown"]
        announced = ground.announced()
        assert {(line["message_id"], line["attempt"]) for line in seen(ground.log)} <= announced
        assert found.counts["notices accepted"] > 0.9 * notices


@pytest.mark.parametrize(("mutant", "kind"), [(MarksThenSends, "lost"), (SendsThenClaims, "unrecorded")])
def test_fm_01_the_same_check_finds_the_mutants_out(
    mutant: type[Sweep], kind: str, engines: Callable[[str], Engine]
) -> None:
    """
    A harness that finds nothing wrong with these would prove nothing.

    Turns red if `outbox_checker.check` complains of nothing.
    """
    with in_memory() as folder, grounded(engines("sqlite"), folder, SEED, mutant) as ground:
        found, told = ordeal(ground, notices=200, kills=40)
        sys.stdout.write(f"\n{mutant.__name__}: {told}\n")
        assert getattr(found, kind)


def test_fm_01_letters_are_laid_once_however_often_it_is_killed(engines: Callable[[str], Engine]) -> None:
    """
    The folder knows its own files: not one copy too many.

    Turns red if `FolderChannel._lay` names its file by the attempt.
    """
    with in_memory() as folder, grounded(engines("sqlite"), folder) as ground:
        found, told = ordeal(ground, notices=250, kills=50, medium=Medium.LETTER)
        sys.stdout.write(f"\nletters: {told}\n")
        assert found.complaints == []
        assert found.counts["letters"] == found.counts["notices accepted"] == 250
