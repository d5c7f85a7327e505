"""
Re-timing live deadlines after a new bank holiday, against a bare loop that reads the same rows and compares their days.

All of them are results that employers are to be told tomorrow, each of a ballot of its own: the worst case, in which
every deadline moves, its case notes it in the history, its officer is written to, and the worker is asked to look.
Listing first what would move does the same and throws it away. The bare loop reads and compares, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, inspect, select

from app import law_acts
from ballots.law_acts import HolidayAdded
from ballots.models import Ballot, BallotCase
from bench.frame import Line, Run, by_turns, median, say, seconds, spread
from bench.ground import Ground
from casework.deadlines import Deadline, DeadlineKind
from core.calendar import SATURDAY, bank_holidays
from core.clock import set_stored_clock
from core.db import new_id
from core.nations import Nation
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from tests.ballots.scenes import WON, closed, disputed
from tests.builders import an_officer

LIVE, OFFICERS, TOGETHER = 5000, 50, 500
FIRST_COPY = 900_000
DECLARED, DUE, LATER, ELSEWHEN = date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20), date(2027, 3, 10)
BARE, NONE_MOVES = "a bare loop over the rows", "a holiday that moves none"
SAVED = "a holiday that moves all"


def figures(run: Run, grounds: list[Ground]) -> Iterator[Line]:
    """What a holiday costs that moves nothing, and one that moves everything; both recorded and committed."""
    count = run.size(LIVE)
    for ground in grounds:
        say(f"{ground.name}: making {count:,} live deadlines")
        template = ground.prepared(lambda uow: filled(uow, count))
        ways: Mapping[str, Callable[[], object]] = {
            BARE: lambda: compared(count),
            NONE_MOVES: lambda: added(ELSEWHEN, 0),
            SAVED: lambda: added(DUE, count),
        }

        def measured(way: Callable[[], object], at: Ground = ground, of: str = template) -> float:
            with at.fresh(of):
                return seconds(way)

        times = by_turns({name: lambda _, way=way: measured(way) for name, way in ways.items()}, run.repeats)  # type: ignore[misc]
        bare = f"the bare loop {spread(times[BARE], count)}"
        for name in (NONE_MOVES, SAVED):
            words = f"{spread(times[name], count)} a deadline; {bare}"
            ratio = median(times[name]) / median(times[BARE])
            yield Line(f"re-timing of {count:,}, {ground.name}", f"{name}: time against a bare loop", words, ratio, "x")


def compared(count: int) -> None:
    """The bare loop: one query, and the next working day of each row counted with plain dates."""
    holidays = bank_holidays(Nation.ENGLAND, DUE.year) | {DUE}
    statement = (
        select(Deadline.id, Deadline.due_on, Ballot.declared_on)
        .join(BallotCase, BallotCase.case_id == Deadline.case_id)
        .join(Ballot, Ballot.id == BallotCase.ballot_id)
        .where(Deadline.kind == DeadlineKind.RESULT_TO_EMPLOYERS, Deadline.met_on.is_(None))
        .where(Deadline.cancelled_on.is_(None))
    )
    with reading() as uow:
        rows = uow.session.execute(statement).tuples().all()
    moved = 0
    for _, due_on, declared_on in rows:
        assert declared_on is not None
        day = declared_on + timedelta(days=1)
        while day.weekday() >= SATURDAY or day in holidays:
            day += timedelta(days=1)
        moved += day != due_on
    if moved != count:
        raise RuntimeError(f"the bare loop found {moved} of {count}")


def added(day: date, moving: int) -> None:
    """The act behind `mandate law holiday --save`, as the command does it; it must move what it should."""
    act = law_acts.law_act("holiday")
    facts = HolidayAdded.model_validate(
        {
            "day": day,
            "nations": [Nation.ENGLAND],
            "name": "A day of thanks",
            "by": "Jo Example, head of legal",
            "read": "https://www.gov.uk/bank-holidays",
        }
    )
    with unit_of_work("staff:bench") as uow:
        found = law_acts.do(uow, act, facts, save=True)
    moves = [(each["from"], each["to"]) for each in found["moves"]]
    if moves != [(DUE, LATER)] * moving:
        raise RuntimeError(f"{len(moves)} deadlines moved, not {moving}")


def filled(uow: UnitOfWork, count: int) -> None:
    """Results declared today, each of one school's ballot: one made by the acts of people, the others its copies."""
    ladder = closed(disputed(uow)).act("result_declared", **WON)
    uow, first = ladder.uow, ladder.case
    if (uow.today, ladder.deadline(DeadlineKind.RESULT_TO_EMPLOYERS)) != (DECLARED, DUE):
        raise RuntimeError("the result is declared and due on other days than this bench was written for")
    officers = [an_officer(uow) for _ in range(OFFICERS)]
    first.officer = officers[0]
    uow.session.flush()
    deadline = uow.session.query(Deadline).filter_by(kind=DeadlineKind.RESULT_TO_EMPLOYERS, due_on=DUE).one()
    for begins in range(1, count, TOGETHER):
        numbers = range(begins, min(begins + TOGETHER, count))
        schools = _copied(uow, first.workplace, [{"urn": str(FIRST_COPY + number)} for number in numbers])
        changes = [
            {"ref": f"B-{number}", "workplace_id": school, "officer_id": officers[number % OFFICERS].id}
            for number, school in zip(numbers, schools, strict=True)
        ]
        cases = _copied(uow, first, changes)
        ballots = _copied(uow, ladder.ballot, [{"ref": f"BB-{number}"} for number in numbers])
        pairs = zip(ballots, cases, strict=True)
        uow.session.execute(insert(BallotCase), [{"ballot_id": ballot, "case_id": case} for ballot, case in pairs])
        _copied(uow, deadline, [{"case_id": case} for case in cases])
    set_stored_clock(uow.session, uow.now)


def _copied(uow: UnitOfWork, row: Any, changes: list[dict[str, Any]]) -> list[Any]:
    """Copies of a row, each with an id of its own and its changes; their ids."""
    own = {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
    copies = [{**own, **each, "id": new_id()} for each in changes]
    uow.session.execute(insert(type(row)), copies)
    return [each["id"] for each in copies]
