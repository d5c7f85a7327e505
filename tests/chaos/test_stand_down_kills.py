"""
The process is killed in the middle of a stand-down, at every point at which it writes, sends or syncs; another goes on.

First calls to strike are being sent, then the order comes, then people are told. Wherever the kill falls, either
nothing was ordered and nobody told, or the order stands whole; afterwards no call leaves, and everybody is told by one
message, of which a copy is allowed for each attempt whose end nobody knows. What left the building is read from a file
that a channel of the test appends to.
"""

from __future__ import annotations

import itertools
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine as DatabaseEngine
from sqlalchemy import event, select

from app import acts
from ballots import gate, stand_down, stand_down_messages
from casework import stand_downs
from casework.cases import Case
from casework.stand_downs import StandDownReason
from core.db import Database
from core.unit_of_work import reading, unit_of_work
from notifications.channels import Channel, Parcel, Sent, Unconnected
from notifications.channels.folder import FolderChannel
from notifications.delivery import deliver_due
from notifications.journal import Journal
from notifications.lifecycle import Medium, Outcome, State
from notifications.models import Attempt, Notice
from tests.chaos.drill_ground import Drill, furnish
from tests.chaos.outbox_ground import forked, in_child
from tests.chaos.test_outbox_kills import Points
from tests.engines import Engine, Postgresql, opened, with_tables

pytestmark = pytest.mark.slow
DRILL = Drill(schools=2, members=5, calls=4)
EVERY = int(os.environ.get("MANDATE_STAND_DOWN_KILLS", "23"))
"""Each so-manieth point is tried; 1 is the full measure."""
SENT_BEFORE = 2
"""Calls that leave before the order comes."""
CALL = "strike_call"
STOPS = ("stood_down_member", "stood_down_rep", "stood_down_employer", "stood_down_officer")
FACTS = {"reason": "injunction", "note": "The High Court granted an injunction."}


class Noting(Unconnected):
    """Appends what is handed over to a file, and syncs it. A second copy is a second line."""

    name: ClassVar[str] = "noting"
    idempotent: ClassVar[bool] = False

    def __init__(self, path: Path, points: Points | None = None) -> None:
        self.path = path
        self.points = points

    def send(self, parcel: Parcel) -> Sent:
        """One line; a kill may fall before and after it."""
        if self.points:
            self.points()
        line = json.dumps({"id": str(parcel.notice_id), "kind": parcel.kind}) + "\n"
        with self.path.open("a") as file:
            file.write(line)
        if self.points:
            self.points()
        return Sent(Outcome.ACCEPTED, 250, "taken")


class Ground:
    """One database, one journal, and the file of what left."""

    def __init__(self, url: str, folder: Path) -> None:
        self.database = Database(url)
        self.left = folder / "left.jsonl"
        self.letters = folder / "letters"
        self.journal = Journal(folder / "journal" / "outbox-journal.jsonl")

    def channels(self, points: Points | None = None) -> Mapping[Medium, Channel]:
        """What leaves by mail is noted; nobody here has only a postal address."""
        return {Medium.MAIL: Noting(self.left, points), Medium.LETTER: FolderChannel(self.letters)}

    def send(self, limit: int = 500, now: datetime | None = None, points: Points | None = None) -> None:
        """One sweep of the delivery, the gate asked as the worker's flow asks it."""
        channels = self.channels(points)
        deliver_due(self.database, channels, as_of=now, limit=limit, journal=self.journal, keeper=gate.keeper)

    def order(self) -> None:
        """The act, as the page, the command line and the API do it."""
        with unit_of_work("officer:first", on=self.database) as uow:
            case = uow.session.scalars(select(Case).order_by(Case.ref)).first()
            assert case is not None
            act = acts.act_named("dispute_stood_down")
            acts.do(uow, case.id, act, act.facts.model_validate(FACTS), "form:the-one")

    def tell(self, now: datetime | None = None) -> int:
        """Some of the messages, a few to a transaction."""
        with unit_of_work("flow:outbox_delivery", as_of=now, on=self.database) as uow:
            return stand_down_messages.tell(uow, 3)

    def lines(self) -> list[dict[str, Any]]:
        """What left, in the order in which it did."""
        return [json.loads(line) for line in self.left.read_text().splitlines()] if self.left.exists() else []

    def story(self, points: Points | None = None) -> None:
        """Calls leave, the order comes, people are told; in between the delivery runs as it does."""
        self.send(SENT_BEFORE, points=points)
        self.order()
        while self.tell():
            self.send(3, points=points)
        self.send(points=points)

    def finish(self) -> None:
        """Another worker goes on, hour by hour; somebody presses again where nothing was ordered."""
        with reading(on=self.database) as uow:
            begun, ordered = uow.now, bool(stand_downs.disputes_standing_down(uow))
        if not ordered:
            assert not [line for line in self.lines() if line["kind"] in STOPS], "told of what was not ordered"
        self.order()
        for hour in range(1, 12):
            now = begun + timedelta(hours=hour)
            while self.tell(now):
                pass
            self.send(now=now)

    def close(self) -> None:
        """Nobody is connected any more."""
        self.database.engine.dispose()


def complaints(ground: Ground) -> list[str]:
    """Everything that is wrong."""
    copies = Counter(line["id"] for line in ground.lines())
    with reading(on=ground.database) as uow:
        notices = {str(each.id): each for each in uow.session.scalars(select(Notice))}
        unknown = Counter(
            str(each.notice_id) for each in uow.session.scalars(select(Attempt)) if each.outcome is Outcome.UNKNOWN
        )
        rows = list(uow.session.scalars(select(stand_downs.StandDownRecipient)))
        ordered = list(uow.session.scalars(select(stand_downs.StandDown)))
        listed = {each for row in ordered for each in row.under_way}
    stops = [each for each in notices.values() if each.kind in STOPS]
    calls = {key: each for key, each in notices.items() if each.kind == CALL}
    found = [] if len(ordered) == 1 else [f"{len(ordered)} stand-downs"]
    found += [] if len(rows) == DRILL.concerned else [f"{len(rows)} written down"]
    found += [f"{each.kind} is {each.state}" for each in stops if each.state is not State.ACCEPTED]
    found += [] if len({each.recipient_key for each in stops}) == len(stops) == len(rows) else ["not one message each"]
    found += [
        f"{each.kind}: {copies[key]} copies, {unknown[key]} unknown"
        for key, each in notices.items()
        if each.kind in STOPS and not 1 <= copies[key] <= 1 + unknown[key]
    ]
    went = {key for key in calls if copies[key]}
    found += [f"{len(went)} calls left"] if len(went) > SENT_BEFORE else []
    found += [f"a call is {calls[key].state}" for key in calls if calls[key].state in GOING]
    first_stop = next((place for place, line in enumerate(ground.lines()) if line["kind"] in STOPS), None)
    late = [line for line in ground.lines()[first_stop:] if line["kind"] == CALL] if first_stop is not None else []
    return found + [f"a call left after the order: {line['id'] in listed}" for line in late]


GOING = (State.QUEUED, State.SENDING, State.TEMP_WAIT, State.UNKNOWN)


@pytest.fixture
def stage(engine: Engine, tmp_path: Path) -> Iterator[Callable[[], Ground]]:
    """Lays the ground anew: a copy of a furnished database, nothing sent yet."""
    grounds: list[tuple[Any, Ground]] = []
    numbers = itertools.count()

    def made(url: str) -> None:
        with_tables(url)
        with opened(url) as database:
            furnish(database, DRILL)

    template = engine.template("stand-down, killed", made)

    def laid() -> Ground:
        while grounds:
            lent, ground = grounds.pop()
            ground.close()
            lent.__exit__(None, None, None)
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        lent = engine.lent(template)
        ground = Ground(lent.__enter__(), folder)
        grounds.append((lent, ground))
        return ground

    yield laid
    for lent, ground in grounds:
        ground.close()
        lent.__exit__(None, None, None)


def watched(points: Points, engine: DatabaseEngine) -> None:
    """Only the database and the sends: what the journal syncs is the delivery's own test."""
    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(engine, name, points)


def test_killed_at_every_point_no_call_leaves_and_everybody_is_told_once(
    stage: Callable[[], Ground], engine: Engine
) -> None:
    """
    Turns red if `order` commits between its statements, if `tell` forgets `row.notice_id`, or if the gate lets a call
    whose worker died go out again.

    On PostgreSQL half as many points are tried: its copies take longer than the sweep.
    """
    every = EVERY * (2 if isinstance(engine, Postgresql) else 1)
    tried = 0
    for point in itertools.count(1, every):
        ground = stage()
        ground.close()

        def die(at: int = point, ground: Ground = ground) -> None:
            points = Points(at)
            watched(points, ground.database.engine)
            ground.story(points)

        survived = not in_child(die)
        ground.finish()
        assert complaints(ground) == [], f"killed at point {point}"
        tried += 1
        if survived:
            break
    assert tried > 1


def test_the_checker_finds_a_call_that_leaves_after_the_order(stage: Callable[[], Ground]) -> None:
    """Turns red if the checker lets a mutant pass that neither cancels calls nor asks the gate."""
    ground = stage()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stand_down, "_keep_back", lambda *_: ())
        ground.send(SENT_BEFORE)
        ground.order()
        while ground.tell():
            pass
        deliver_due(ground.database, ground.channels(), journal=ground.journal)
    assert [each for each in complaints(ground) if "calls left" in each]


def test_two_people_press_at_once_and_one_order_stands(stage: Callable[[], Ground]) -> None:
    """
    One as an act, which holds the dispute's cases first, the other by `order` alone: turns red if `_dispute` does not
    hold the cases before the dispute, as each would wait for what the other holds.
    """
    ground = stage()
    ground.close()
    children = [forked(ground.order), forked(lambda: _directly(ground))]
    for child in children:
        _, status = os.waitpid(child, 0)
        assert os.WEXITSTATUS(status) == 0
    ground.finish()
    assert complaints(ground) == []


def _directly(ground: Ground) -> None:
    with unit_of_work("officer:second", on=ground.database) as uow:
        case = uow.session.scalars(select(Case).order_by(Case.ref.desc())).first()
        assert case is not None
        stand_down.order(uow, case.id, StandDownReason(FACTS["reason"]), FACTS["note"])
