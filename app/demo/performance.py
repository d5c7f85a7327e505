"""
Plays the demonstration: the clock jumps from due date to due date, sweeps and flows do their part, people theirs.

Nothing here knows how a case moves. It sets the clock, runs what a worker runs, and records acts through the same table
of acts as the page and the command line. All cases go through each day together, so that a flow runs once for all.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from sqlalchemy import select

from app import acts, runs
from app.demo import print_house
from app.demo.opening import Actors
from app.demo.screenplay import By, CaseInPlay, Facts, Play, Scene, School
from app.sentences import sentence
from ballots import law_handlers
from ballots.law_handlers import Reader, Which
from casework import repository
from casework.cases import Case, CaseEvent, Pursuit
from casework.deadlines import Deadline, are_open
from casework.handlers import open_case
from casework.lifecycle import EventKind, Stage
from casework.register import workplaces
from core.clock import london_instant, set_stored_clock
from core.db import database
from core.errors import MandateError
from core.law_findings import stale_values
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from flows.errors import Failure

MORNING, MIDDAY = time(9, 0), time(12, 0)
BY_ITSELF, POST_ROOM = "flow:", "staff:post-room"
LAW_READER = Reader("Morwenna Ashdown, legal officer", "the provisions, at www.legislation.gov.uk")
"""Invented, as everybody in the demonstration is."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened at a school; `by_itself` when no person did it."""

    on: date
    school: str
    ref: str
    stage: Stage
    said: str
    by_itself: bool = False


Tell = Callable[[Told], None]
Until = Callable[[UnitOfWork], Sequence[str]]
"""Gives the references of the cases that have come to where a performance is to stop."""


class PlayStopped(MandateError):
    """A step of a flow failed: the demonstration does not go on as if nothing had happened."""

    def __init__(self, failures: tuple[Failure, ...]) -> None:
        what = "; ".join(f"{each.subject}: {each.error} at {each.place}" for each in failures)
        super().__init__(f"A step failed, so the demonstration stopped: {what}.")


@dataclass(frozen=True, slots=True)
class Part:
    """One school's part in a play: its case, once it is raised, and who acts in it."""

    play: Play
    school: School
    actors: Actors
    case_id: uuid.UUID


def begins_on(plays: Sequence[Play]) -> date:
    """The first day of all."""
    return min(play.raised_on for play in plays)


def ends_on(plays: Sequence[Play]) -> date:
    """The last day of all."""
    return max(scene.on for play in plays for scene in play.scenes)


@dataclass
class Performance:
    """One run of some plays under one clock. `tell` hears what happens, as it happens."""

    plays: Sequence[Play]
    actors: Mapping[str, Actors]
    prefect: bool
    tell: Tell
    parts: list[Part] = field(default_factory=list)
    played: int = 0
    _told: set[uuid.UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.today = begins_on(self.plays)

    def play(self, until: Until | None = None) -> bool:
        """
        From the first day to the last scene, stopping at every day on which something is due, or until there are
        cases somewhere; whether they came there.
        """
        self._set_clock(self.today, MORNING)
        for day in self._days():
            self._begin(day)
            if self._is_there(until):
                return True
            for play in self.plays:
                self._play_day(play, day)
            self._work()
            if self._is_there(until):
                return True
        return False

    def _is_there(self, until: Until | None) -> bool:
        """Whether cases came there, and are there still when what they asked for is done."""
        if until is None or not _any(until):
            return False
        self._work()
        return _any(until)

    def _days(self) -> Iterator[date]:
        """Every day that matters, in order: days of scenes, and days on which a deadline or reminder falls."""
        for written in sorted({scene.on for play in self.plays for scene in play.scenes}):
            while (due := self._next_due()) is not None and due < written:
                yield due
            yield written

    def _next_due(self) -> date | None:
        """The next day after today on which an open deadline falls, is over, or is recalled."""
        with reading() as uow:
            rows = uow.session.execute(select(Deadline.due_on, Deadline.remind_on).where(*are_open())).all()
        days = {row.due_on for row in rows} | {row.due_on + timedelta(days=1) for row in rows}
        days |= {row.remind_on for row in rows if row.remind_on}
        return min((day for day in days if day > self.today), default=None)

    def _begin(self, day: date) -> None:
        """The morning of a day: the deadline sweep, and what it asks for."""
        if day > self.today:
            self._set_clock(day, MORNING)
            self._check(runs.sweep_deadlines(prefect=self.prefect))
            self._advance()
        self._set_clock(day, MIDDAY)
        self._read_law_again()

    def _read_law_again(self) -> None:
        """Whoever looks after the law reads again what nobody has read for too long, before a case waits for it."""
        with unit_of_work("staff:legal") as uow:
            in_force = (value for each in uow.law.parameters() for value in each.values if value.covers(uow.today))
            names = sorted({value.parameter for value in stale_values(in_force, uow.today)})
            if names:
                planned = [each.name for each in uow.law.parameters() if each.planned]
                law_handlers.confirm(uow, names, LAW_READER)
                law_handlers.confirm(uow, planned, LAW_READER, which=Which(planned=True))
        if names:
            said = f"{LAW_READER.by}, reads the law again: {len(names)} values, each in its source"
            self.tell(Told(self.today, "The union's office", "The law", Stage.RAISED, said))

    def _set_clock(self, day: date, at: time) -> None:
        self.today = day
        with database().writing() as session:
            set_stored_clock(session, london_instant(day, at))

    def _play_day(self, play: Play, day: date) -> None:
        if play.raised_on == day:
            self._raise_cases(play)
        for scene in (each for each in play.scenes if each.on == day):
            for part in (each for each in self.parts if each.play is play):
                if scene.at in {None, part.school.urn}:
                    self._act(part, scene)

    def _raise_cases(self, play: Play) -> None:
        for school in play.schools:
            who = self.actors[school.urn]
            with unit_of_work(who[By.STAFF]) as uow:
                workplace = workplaces.find(uow, school.urn)
                case = open_case(uow, workplace, list(play.issues), Pursuit.CONCURRENT, f"demo:raised:{school.urn}")
                part = Part(play, school, who, case.id)
            self.parts.append(part)
            self._say(part, "Members raise two workload issues")

    def _act(self, part: Part, scene: Scene) -> None:
        given = scene.facts_for(CaseInPlay(part.case_id, part.school, part.play.voters, self.today))
        for facts in given:
            self._record(part, scene, facts)
        many = f" ({len(given)})" if len(given) > 1 else ""
        self._say(part, f"{scene.said}{many}")

    def _record(self, part: Part, scene: Scene, facts: Facts) -> None:
        act = acts.act_named(scene.act)
        self.played += 1
        with unit_of_work(part.actors[scene.by]) as uow:
            acts.do(uow, part.case_id, act, act.facts.model_validate(dict(facts)), f"demo:{self.played}")

    def _say(self, part: Part, said: str) -> None:
        with reading() as uow:
            case = repository.get(uow, part.case_id)
            told = Told(self.today, case.workplace.name, case.ref, case.stage, said)
        self.tell(told)

    def _work(self) -> None:
        """What a worker does after acts: advance what was asked for, deliver what is due. Letters are posted."""
        self._advance()
        if runs.anything_to_send():
            self._check(runs.deliver(prefect=self.prefect))
        with unit_of_work(POST_ROOM) as uow:
            print_house.post(uow)

    def _advance(self) -> None:
        self._check(runs.drain(prefect=self.prefect))
        self._say_what_happened_by_itself()

    def _say_what_happened_by_itself(self) -> None:
        since = london_instant(self.today)
        with reading() as uow:
            rows = uow.session.execute(
                select(CaseEvent, Case)
                .join(Case, Case.id == CaseEvent.case_id)
                .where(CaseEvent.actor.startswith(BY_ITSELF), CaseEvent.recorded_at >= since)
                .order_by(Case.ref, CaseEvent.seq)
            ).all()
            happened = [
                (
                    event.id,
                    Told(self.today, case.workplace.name, case.ref, case.stage, _in_words(event), by_itself=True),
                )
                for event, case in rows
                if event.id not in self._told
            ]
        for event_id, told in happened:
            self._told.add(event_id)
            self.tell(told)

    def _check(self, failures: tuple[Failure, ...]) -> None:
        if failures:
            raise PlayStopped(failures)


def _any(until: Until) -> bool:
    with reading() as uow:
        return bool(until(uow))


def _in_words(event: CaseEvent) -> str:
    return sentence(EventKind(event.kind), event.facts).removesuffix(".")
