"""
The drill: a dispute on strike stands down while its calls are being sent, and everybody is told in minutes.

One machine: a database on disk, a worker in a process of its own on the real clock, mail to a real server in another.
The order comes from the command line. What is asserted is read from the program's own rows (who was tried when) and
from what the mail server noted, which shares no code with it. Being an acceptance drill, it has bounds: the first
message within a minute of the order, 95 in a hundred tried within five, no call after it but those listed as under way.

MANDATE_DRILL=full is the full measure, 300 schools and 18,000 members; by default a thirtieth, or what is asked for
as SCHOOLSxMEMBERS.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app import stand_down_views
from app.stand_down_views import PersonStanding, StandDownPage
from casework.stand_downs import StandDown
from core.db import Database
from core.settings import settings
from core.unit_of_work import reading
from notifications.lifecycle import State
from notifications.models import Notice
from tests.app.signed_in import signed_in
from tests.chaos.drill_ground import DISPUTE, Drill, furnish
from tests.processes import ROOT, free_port, mandate, wait_for

pytestmark = pytest.mark.slow
SIZES = {"full": "300x18000", "": "10x600"}
ASKED = os.environ.get("MANDATE_DRILL", "")
SCHOOLS, MEMBERS = map(int, SIZES.get(ASKED, ASKED).split("x"))
DRILL = Drill(schools=SCHOOLS, members=MEMBERS, calls=min(MEMBERS // 2, 300))
FIRST_WITHIN, MOST_WITHIN = 60.0, 300.0
CALL, STOP = "Strike at ", "Stop: no industrial action at "
ORDER = ("dispute", "stand-down", DISPUTE, "--reason", "injunction", "--note", "The High Court granted an injunction")


@dataclass(frozen=True)
class Ground:
    """Where the drill takes place."""

    home: Path
    database: Database
    environment: dict[str, str]
    mails: Path

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The command line, in a process of its own."""
        return subprocess.run(
            mandate(*words), cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True
        )

    def noted(self) -> list[dict[str, Any]]:
        """What the mail server took, oldest first."""
        if not self.mails.exists():
            return []
        return [json.loads(line) for line in self.mails.read_text().splitlines()]

    def page(self) -> StandDownPage:
        """The stand-down as it stands now."""
        with reading(on=self.database) as uow:
            found = stand_down_views.standing_page(uow, DISPUTE)
        assert found is not None
        return found


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """A home with a furnished database, and a mail server that takes everything."""
    mails, port = tmp_path / "mails.jsonl", free_port()
    given = {
        "MANDATE_HOME": str(tmp_path),
        "MANDATE_SMTP_HOST": "127.0.0.1",
        "MANDATE_SMTP_PORT": str(port),
        "MANDATE_PREFECT_PORT": str(free_port()),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    environment = {**os.environ, **given}
    subprocess.run(mandate("init"), cwd=ROOT, env=environment, check=True, capture_output=True)
    database = Database(f"sqlite:///{tmp_path / 'mandate.db'}")
    furnish(database, DRILL)
    sink = [sys.executable, str(Path(__file__).parent / "drill_sink.py"), str(port), str(mails)]
    with subprocess.Popen(sink, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield Ground(tmp_path, database, environment, mails)
        server.terminate()
    database.engine.dispose()
    settings.cache_clear()


@contextmanager
def working(ground: Ground) -> Iterator[None]:
    """A worker, until the block ends."""
    with subprocess.Popen(mandate("worker"), cwd=ROOT, env=ground.environment, stderr=subprocess.DEVNULL) as worker:
        try:
            yield
        finally:
            worker.kill()


def test_everybody_is_told_within_minutes_and_no_call_leaves_after(ground: Ground) -> None:
    """Turns red if the gate, the order of telling or the worker's first look at stand-downs is taken away."""
    looks: list[StandDownPage] = []
    with working(ground):
        wait_for(lambda: len(ground.noted()) >= 20)
        began = time.monotonic()
        ground.run(*ORDER)
        seconds = time.monotonic() - began
        shown = _listed_live(ground, looks)
        again = ground.run(*ORDER)
        wait_for(lambda: not _keep(looks, ground.page()).goes_on, patience=900, pause=2)
    end = ground.page()
    _report(end, seconds)
    assert "Stand all action down" in again.stdout
    _everybody_told_once(ground, end)
    _no_call_after(ground, end)
    assert end.first_after is not None
    assert end.first_after <= FIRST_WITHIN
    assert end.most_after is not None
    assert end.most_after <= MOST_WITHIN
    assert shown
    assert any(0 < each.attempted < each.total for each in looks), "never seen half way"


def _keep(looks: list[StandDownPage], page: StandDownPage) -> StandDownPage:
    looks.append(page)
    return page


def _listed_live(ground: Ground, looks: list[StandDownPage]) -> bool:
    """The dashboard's page and the API say how far it has come, while it goes on."""
    wait_for(lambda: _keep(looks, ground.page()).attempted > 0, patience=120)
    with signed_in(ground.database) as client:
        page = client.get(f"/disputes/{DISPUTE}/standing?only=not_reached_yet")
        told = client.get(f"/api/disputes/{DISPUTE}/standing").json()["stand_down"]
    assert page.status_code == 200
    assert "hx-trigger" in page.text or not told["goes_on"]
    assert told["total"] == DRILL.concerned
    return "Not reached yet" in page.text


def _everybody_told_once(ground: Ground, end: StandDownPage) -> None:
    assert end.total == DRILL.concerned
    assert end.counts[PersonStanding.REACHED] == end.total, end.counts
    stops = Counter(each["to"] for each in ground.noted() if each["subject"].startswith(STOP))
    assert len(stops) == DRILL.members
    assert set(stops.values()) == {1}
    with reading(on=ground.database) as uow:
        assert uow.session.query(StandDown).count() == 1


def _no_call_after(ground: Ground, end: StandDownPage) -> None:
    """By the mail server's own clock; those that were in the worker's hands are listed, and may have left."""
    ordered = end.ordered_at.timestamp()
    after = {each["id"] for each in ground.noted() if each["subject"].startswith(CALL) and each["at"] > ordered}
    with reading(on=ground.database) as uow:
        calls = uow.session.query(Notice).filter_by(kind="strike_call").all()
        listed = {each.message_id for each in calls if each.id in {line.notice_id for line in end.under_way}}
        states = Counter(each.state for each in calls)
    assert after <= listed
    assert set(states) <= {State.ACCEPTED, State.CANCELLED}, states
    assert states[State.CANCELLED], "every call had left before the order came"


def _report(end: StandDownPage, seconds: float) -> None:
    sys.stderr.write(
        f"\n{DRILL.schools} schools, {DRILL.members:,} members: the order took {seconds:.1f} s with its process; "
        f"{end.total:,} concerned, the first tried {end.first_after:.1f} s after it, 95 in a hundred after "
        f"{end.most_after:.1f} s; {len(end.under_way)} calls were under way.\n"
    )
