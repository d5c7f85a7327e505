"""
The queries that the worker asks all day, on few open rows and on a hundred times as many: they must not grow with them.

Two hundred deadlines are due and two hundred reminders, whatever else is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from sqlalchemy import text

from bench.frame import Line, Run, by_turns, median, say, seconds, spread
from bench.ground import Ground, pointed_at, settle
from casework import deadlines
from core import work
from core.db import Database, database
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from flows.deadline_sweep import unreminded
from notifications import waiting
from tests.builders import a_case, a_workplace

SMALL, LARGE, DUE, A_CASE = 25_000, 2_500_000, 200, 100
ASKED = 20
FEW, MANY = "few", "many"

QUERIES: Mapping[str, Callable[[UnitOfWork], object]] = {
    "cases whose day has come": deadlines.cases_due,
    "reminders that are due": deadlines.to_remind,
    "what a sweep left": lambda uow: unreminded(uow, at_most=1),
    "work that waits": work.waiting,
    "notices that are due": lambda uow: waiting.due(uow, 500),
}

CASES = """
INSERT INTO cases (id, ref, workplace_id, pursuit, stage, entered_on, raised_on, events_count)
SELECT {id}, 'B-' || n, c.workplace_id, c.pursuit, c.stage, c.entered_on, c.raised_on, 1
FROM ({numbers}) AS numbers, (SELECT * FROM cases WHERE ref NOT LIKE 'B-%' LIMIT 1) AS c
"""
OPEN = """
INSERT INTO deadlines (id, case_id, kind, due_on, remind_on, tells_workplace, why)
SELECT {id}, c.id, 'head_answer', {later}, {before}, {no}, '{{}}'
FROM (SELECT id FROM cases WHERE ref LIKE 'B-%') AS c, ({numbers}) AS numbers
"""
OVERDUE = """
INSERT INTO deadlines (id, case_id, kind, due_on, remind_on, tells_workplace, why)
SELECT {id}, c.id, 'officer_accepts', '2026-08-31', '2026-08-28', {no}, '{{}}'
FROM (SELECT id FROM cases WHERE ref LIKE 'B-%' ORDER BY ref LIMIT {due}) AS c
"""
WORK_DONE = """
INSERT INTO pending_work (kind, subject_id, created_at, done_at)
SELECT 'advance_case', c.id, '2026-08-31 09:00:00', '2026-08-31 09:00:00'
FROM (SELECT id FROM cases WHERE ref LIKE 'B-%') AS c, ({numbers}) AS numbers
"""
SPELLINGS = {
    "sqlite": {
        "id": "lower(hex(randomblob(16)))",
        "later": "date('2026-09-10', '+' || n || ' days')",
        "before": "date('2026-09-07', '+' || n || ' days')",
        "no": "0",
    },
    "postgresql": {
        "id": "gen_random_uuid()",
        "later": "DATE '2026-09-10' + n::int",
        "before": "DATE '2026-09-07' + n::int",
        "no": "false",
    },
}


def figures(run: Run, grounds: list[Ground]) -> Iterator[Line]:
    """Each query on both sizes, by turns."""
    few, many = (SMALL, 10 * SMALL) if run.quick else (SMALL, LARGE)
    for ground in grounds:
        urls = {FEW: _filled(ground, few), MANY: _filled(ground, many)}
        for name, query in QUERIES.items():
            times = by_turns({size: partial(_asked, url, query) for size, url in urls.items()}, run.repeats)
            words = f"{few:,}: {spread(times[FEW])}; {many:,}: {spread(times[MANY])}"
            ratio = median(times[MANY]) / median(times[FEW])
            yield Line(f"{name}, {ground.name}", f"time at {many:,} open against {few:,}", words, ratio, "x", 1.5)


def _asked(url: str, query: Callable[[UnitOfWork], object], _repeat: int) -> float:
    """The middle one of several askings, each in a transaction of its own, once one has warmed the connection."""
    with pointed_at(url):
        times = []
        for _ in range(ASKED + 1):
            with reading() as uow:
                times.append(seconds(lambda uow=uow: query(uow)))  # type: ignore[misc]
        return median(times[1:])


def _filled(ground: Ground, count: int) -> str:
    say(f"{ground.name}: making {count:,} open deadlines, and as much work that is done")
    url = ground.prepared(lambda uow: _one_case(uow))
    with pointed_at(url):
        opened = database()
        with unit_of_work("staff:bench") as uow:
            dialect = opened.engine.dialect.name
            for statement, numbers in ((CASES, count // A_CASE), (OPEN, A_CASE), (OVERDUE, 0), (WORK_DONE, A_CASE)):
                words = SPELLINGS[dialect] | {"numbers": _numbers(dialect, numbers), "due": str(DUE)}
                uow.session.execute(text(statement.format(**words).replace(":", r"\:")))
        settle(opened)
        _check(opened)
    return url


def _one_case(uow: UnitOfWork) -> None:
    a_case(uow, a_workplace(uow))


def _numbers(dialect: str, upto: int) -> str:
    if dialect == "postgresql":
        return f"SELECT generate_series(1, {upto}) AS n"
    return f"WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < {upto}) SELECT n FROM up"  # noqa: S608


def _check(opened: Database) -> None:
    """What is asked must find what was put in: a fast query that finds nothing would be no figure."""
    with reading(on=opened) as uow:
        found = len(deadlines.cases_due(uow)), len(deadlines.to_remind(uow)), work.waiting(uow)
        if found != (DUE, DUE, 1):
            raise RuntimeError(f"the queries found {found}; wanted {DUE}, {DUE} and 1")
