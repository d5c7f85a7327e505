"""
`mandate serve` is killed while cases advance; after each kill it, or its supervisor, goes on.

Real processes on a real database, mail to a real server. Kills hit the supervisor alone, the whole group, the worker,
the dashboard or Prefect's server, at seeded random moments while people record acts and the worker follows them. At the
end every case must stand where an undisturbed run of the same script brings it, and a checker that shares no code with
the program must find nothing to complain of.

MANDATE_SERVE_KILLS=50 MANDATE_SERVE_CASES=200 with `-m "full or slow"` is the full measure: fifty kills on each.
By default three are killed in the first few phases, among few cases, on SQLite.
SIGKILL is not a power cut: what the disk does with unsynced pages is not tested here.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app import runs
from app.serve_state import read_state
from app.serving import as_variables
from app.supervisor import started_ticks
from core.db import Database
from core.settings import Settings, settings
from tests.chaos import serve_script
from tests.chaos.serve_checker import Outcome, complaints, outcome, rows
from tests.chaos.serve_script import PHASES, Phase, dawn, furnish, people_act
from tests.engines import Engine, Sqlite
from tests.processes import ROOT, free_port, mandate, wait_for

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("MANDATE_SERVE_KILLS", "0"))
SAMPLE = (["worker"], ["group"], ["dashboard"], [])
"""Whom to kill in the first phases when no number is asked for."""
TARGETS = ("supervisor", "group", "worker", "worker", "dashboard")
WEIGHTS = {0: 8, 1: 5, 2: 3, 4: 2, 5: 2, 6: 4, 7: 3, 8: 1, 9: 2, 10: 2, 11: 2}
"""How much of the killing each phase gets: most where most is sent. `WITH_PREFECT` has kills of its own."""
WITH_PREFECT = 3
"""The phase whose kills happen with Prefect's server up."""


@dataclass
class Ground:
    """Where one series of kills happens, and what it did."""

    url: str
    home: Path
    mails: Path
    mail_port: int
    extra: dict[str, str] = field(default_factory=dict)
    parent: subprocess.Popen[bytes] | None = None
    killed: Counter[str] = field(default_factory=Counter)
    at_work: int = 0
    ever: set[tuple[int, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.database = Database(self.url)
        self.settings = Settings(
            home=self.home,
            database_url=self.url,
            letters_folder=self.home / "letters",
            smtp_host="127.0.0.1",
            smtp_port=self.mail_port,
            dashboard_port=free_port(),
            prefect_port=free_port(),
        )

    def start(self, *, prefect: bool = False) -> None:
        program = mandate("serve", *([] if prefect else ["--no-prefect"]))
        given = {**os.environ, **as_variables(self.settings), **self.extra}
        with (self.home.parent / "serve.log").open("ab") as output:
            self.parent = subprocess.Popen(program, cwd=ROOT, env=given, stdout=output, stderr=output)

    def pids(self) -> dict[str, int]:
        """The children that live, as the supervisor wrote them down."""
        children = read_state(self.home).get("children", [])
        living = {each["name"]: each for each in children if each["pid"]}
        found = {name: each["pid"] for name, each in living.items() if started_ticks(each["pid"]) == each["started"]}
        self.ever |= {(pid, str(started_ticks(pid))) for pid in found.values()}
        return found

    def kill(self, target: str) -> None:
        """SIGKILL, and a restart where the supervisor cannot see to it."""
        assert self.parent is not None
        self.at_work += self.is_busy()
        pids = self.pids()
        if target in {"supervisor", "group"}:
            self.parent.kill()
        for name, pid in pids.items():
            if target in {name, "group"}:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.killed[target] += 1
        if target in {"supervisor", "group"}:
            self.parent.wait()

    def is_busy(self) -> bool:
        """Whether there is anything that the worker has yet to do."""
        asked = "SELECT count(*) FROM pending_work WHERE done_at IS NULL"
        due = (
            "SELECT count(*) FROM notices WHERE state IN ('sending', 'unknown') OR (state IN ('queued', 'temp_wait') "
            "AND send_after <= (SELECT stands_at FROM stored_clock))"
        )
        return bool(rows(self.url, asked)[0][0] or rows(self.url, due)[0][0])

    def is_swept(self) -> bool:
        """Whether the deadlines of the day have been swept."""
        swept = (
            "SELECT count(*) FROM sweep_runs, stored_clock "
            "WHERE name = 'deadline_sweep' AND date(last_success_at) = date(stands_at)"
        )
        return bool(rows(self.url, swept)[0][0])

    def rest(self) -> None:
        """Wait until nothing is left to do."""
        wait_for(lambda: self.is_swept() and not self.is_busy(), pause=0.1)

    def stop(self) -> None:
        if self.parent is not None:
            self.parent.terminate()
            self.parent.wait(60)
        self.database.engine.dispose()


@contextmanager
def grounded(engine: Engine, folder: Path, **extra: str) -> Iterator[Ground]:
    """A ground on a copy of the cases, with a mail server in another process."""
    mails, home, port = folder / "mails", folder / "home", free_port()
    for each in (mails, home):
        each.mkdir(parents=True)
    program = [sys.executable, str(Path(__file__).parent / "mail_sink.py"), str(port), str(mails)]
    with (
        engine.lent(engine.template("the cases", furnish)) as url,
        subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server,
    ):
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        ground = Ground(url, home, mails, port, extra)
        try:
            yield ground
        finally:
            ground.stop()
            server.terminate()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    """What the script brings after each phase when nobody is killed: the plain runs, in this process."""
    folder = tmp_path_factory.mktemp("undisturbed")
    engine, after = Sqlite(folder), []
    with engine.lent(engine.template("the cases", furnish)) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MANDATE_HOME", str(folder))
        patch.setenv("MANDATE_DATABASE_URL", url)
        settings.cache_clear()
        for number, phase in enumerate(PHASES[: len(PHASES if KILLS else SAMPLE)]):
            dawn(Database(url), phase)
            people_act(Database(url), number)
            assert runs.sweep_deadlines(prefect=False) == ()
            assert runs.drain(prefect=False) == ()
            assert runs.deliver(prefect=False) == ()
            after.append(outcome(url))
    settings.cache_clear()
    return after


def planned(kills: int, chance: random.Random) -> list[list[str]]:
    """Whom to kill in each phase, in all of them or the first few."""
    if not kills:
        return [list(targets) for targets in SAMPLE]
    plan: list[list[str]] = [[] for _ in PHASES]
    with_prefect = max(1, kills // 10)
    for number in range(kills - with_prefect):
        (phase,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        plan[phase].append(TARGETS[number % len(TARGETS)])
    plan[WITH_PREFECT] = [
        ("prefect", "group", "worker", "supervisor", "prefect")[each % 5] for each in range(with_prefect)
    ]
    return plan


def lived_through(ground: Ground, number: int, targets: list[str], chance: random.Random) -> None:
    """One phase: the morning comes, people act, and meanwhile the killing is done; then everything comes to rest."""
    with_prefect = number == WITH_PREFECT and bool(targets)
    if with_prefect:
        _again(ground, prefect=True)
        wait_for(lambda: "up" in _states(ground, "prefect"))
    dawn(ground.database, PHASES[number])
    acting = threading.Thread(target=people_act, args=(ground.database, number))
    acting.start()
    for target in targets:
        wait_for(lambda: {"worker", "dashboard"} <= set(ground.pids()))
        if sum(ground.killed.values()) % 2 == 0:  # every second one while the worker is at it, the others at its start
            wait_for(lambda: "up" in _states(ground, "worker") or not ground.is_busy())
        time.sleep(chance.uniform(0.0, 2.5))
        ground.kill(target)
        if target in {"supervisor", "group"}:
            ground.start(prefect=with_prefect)
            wait_for(lambda: read_state(ground.home).get("pid") == ground.parent.pid)  # type: ignore[union-attr]
    acting.join()
    people_act(ground.database, number)  # nothing of it was lost: a second time records nothing more
    ground.rest()
    if with_prefect:
        _again(ground, prefect=False)


def _again(ground: Ground, *, prefect: bool) -> None:
    assert ground.parent is not None
    ground.parent.terminate()
    assert ground.parent.wait(60) == 0
    ground.start(prefect=prefect)
    wait_for(lambda: read_state(ground.home).get("pid") == ground.parent.pid)  # type: ignore[union-attr]


def _states(ground: Ground, name: str) -> list[str]:
    return [each["state"] for each in read_state(ground.home).get("children", []) if each["name"] == name]


def settle(ground: Ground, last: Phase) -> None:
    """On the last of the days, let the hours pass after which what may or may not have gone out is tried again."""
    for hour in range(10, 14):
        if not rows(ground.url, "SELECT count(*) FROM notices WHERE state IN ('queued', 'temp_wait', 'unknown')")[0][0]:
            break
        dawn(ground.database, last, hour)
        _again(ground, prefect=False)
        ground.rest()


@pytest.mark.parametrize("name", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def test_fm_01_killed_at_random_points_every_case_gets_where_it_should(
    name: str,
    engines: Callable[[str], Engine],
    tmp_path: Path,
    undisturbed: list[Outcome],
    record_property: Callable[[str, object], None],
) -> None:
    """
    Turns red if `core.work.take_all` leaves out `is_gone`: the restart waits for a lease that a standing clock never
    ends; if `Presence.arrive` does not lock the file; or with any mutant of the next test.
    """
    chance = random.Random(f"serve {name}")
    plan = planned(KILLS, chance)
    with grounded(engines(name), tmp_path) as ground:
        ground.start()
        for number, targets in enumerate(plan):
            lived_through(ground, number, targets, chance)
        settle(ground, PHASES[len(plan) - 1])
        ground.stop()
        told = {"kills": dict(ground.killed), "while there was work": ground.at_work}
        record_property(name, json.dumps(told))
        sys.stdout.write(f"\n{name}: {told}\n")
        assert complaints(ground.url, ground.home / "letters", ground.mails) == []
        assert undisturbed[-1].differences(outcome(ground.url)) == []
        assert sum(ground.killed.values()) == sum(map(len, plan))
        assert [pid for pid, began in ground.ever if started_ticks(pid) == began] == []


MUTANTS = {
    "finishes before it does": """
from core import requests, work
requests.take = lambda uow: None  # or the run of the killed worker would be taken up again
taken = work.take
def take(uow, rows):
    taken(uow, rows)
    for row in rows:
        row.done_at = uow.now
work.take = take
""",
    "marks before it sends": """
import time
from notifications.channels import Sent
from notifications.delivery import Sweep
from notifications.lifecycle import Outcome
from notifications.results import Result
def deliver(self, ids):
    taken = self.claim(ids)
    self.record([Result(claim, Sent(Outcome.ACCEPTED)) for claim in taken])
    time.sleep(0.2)  # so that a kill at any moment finds some between the two
    self.send(taken)
    return 60  # a batch of one each time
Sweep.deliver = deliver
""",
}


@pytest.mark.full
@pytest.mark.parametrize("mutant", MUTANTS)
def test_fm_01_the_checker_finds_the_mutants_out(mutant: str, engines: Callable[[str], Engine], tmp_path: Path) -> None:
    """
    A harness that finds nothing wrong with these would prove nothing.

    Turns red if `complaints` or `unwritten` gives an empty list.
    """
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "sitecustomize.py").write_text(MUTANTS[mutant])
    with grounded(engines("sqlite"), tmp_path, PYTHONPATH=str(changed)) as ground:
        dawn(ground.database, PHASES[0])
        people_act(ground.database, 0)
        ground.start()
        letters = "SELECT count(*) FROM notices WHERE state = 'accepted'"
        finished = "SELECT count(*) FROM pending_work WHERE done_at IS NOT NULL"
        for least in (0, 10, 20) if mutant.startswith("marks") else (0,):
            begun = finished if mutant.startswith("finishes") else letters
            wait_for(lambda least=least, begun=begun: rows(ground.url, begun)[0][0] > least)  # type: ignore[misc]
            before = ground.pids()
            ground.kill("worker")
            wait_for(lambda before=before: ground.pids().get("worker") not in {None, before["worker"]})  # type: ignore[misc]
        ground.rest()
        ground.stop()
        found = complaints(ground.url, ground.home / "letters", ground.mails)
        assert unwritten(ground) if mutant.startswith("finishes") else any(LOST.search(each) for each in found)


LOST = re.compile("0 copies|is not there once")


def unwritten(ground: Ground) -> list[str]:
    """The cases whose head teacher was never written to."""
    return [ref for ref, events in outcome(ground.url).events.items() if "head_letter_sent" not in events]


def test_the_script_moves_cases_in_every_phase_that_has_acts(undisturbed: list[Outcome]) -> None:
    """Turns red if the acts are left out of a phase: killing what stands still would prove nothing."""
    days = [number for number in range(1, len(undisturbed)) if PHASES[number].acts]
    assert days
    assert all(undisturbed[number].differences(undisturbed[number - 1]) for number in days)


@pytest.mark.skipif(not KILLS, reason="a sample plays the first phases only")
def test_the_script_moves_every_case(undisturbed: list[Outcome]) -> None:
    """Turns red if a phase loses its acts: the cases would not come to three ends."""
    assert Counter(undisturbed[-1].stages.values()) == {
        "officer_members_meeting": serve_script.CASES // 2,
        "ballot_preparation": serve_script.CASES // 2 - serve_script.BALLOTS,
        "ballot_result": serve_script.BALLOTS,
    }
