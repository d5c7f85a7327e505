"""
The home page, the board with a filter, search and a case's page over HTTP, against a bare page of Starlette.

The bare page asks the same queries of the same session of SQLAlchemy, fetches every row and sends a fixed body of the
same bytes. What is left between the two is ours: making the queries, the views, the templates, the guards. Beside it
stands the same by the driver alone, without SQLAlchemy. All answer in this process through the same client, so that no
network stands between.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Executable, event, text
from sqlalchemy.orm import ORMExecuteState, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from bench.frame import Line, Run, by_turns, median, say, spread
from bench.ground import Ground, pointed_at, settle
from casework.people.roles import Grant, Role
from core.db import Database, database
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from tests.app.signed_in import HERE, signed_in
from tests.builders import a_case, a_workplace, an_officer

CASES, EVENTS_A_CASE, OFFICERS, SCHOOLS_AN_EMPLOYER = 25_000, 40, 200, 10
ASKED, LIMIT = 4, 3.0
OURS, BARE, DRIVER = "ours", "bare", "driver"
ADDRESSES: Mapping[str, str] = {
    "home page": "/",
    "board, one employer": "/?employer=Employer+77&stage=head_meeting",
    "search": "/search?q=school+77",
    "case page": "/cases/B-77",
}
STAGES = (
    "raised", "members_meeting", "head_meeting", "officer_assigned", "officer_negotiation", "ballot_preparation",
    "asos_in_force", "pay_reimbursement",
)  # fmt: skip
EMPLOYERS = """
INSERT INTO employers (id, kind, register_key, name, postal_lines, language)
SELECT {id}, 'local-authority', 'bench:' || n, 'Employer ' || n, '[]', 'en' FROM ({numbers}) AS numbers
"""
WORKPLACES = """
INSERT INTO workplaces (id, urn, name, establishment_type, status, phase, la_code, la_name, postal_lines, postcode,
    nation, employer_id, employer_reason, employer_confidence, service, stpcd_binds, language, association_id)
SELECT {id}, {urn}, 'School ' || n, w.establishment_type, w.status, w.phase, {authority},
    'Authority ' || n % 150, w.postal_lines, w.postcode, w.nation, e.id, w.employer_reason, w.employer_confidence,
    w.service, w.stpcd_binds, 'en', w.association_id
FROM ({numbers}) AS numbers JOIN employers e ON e.register_key = 'bench:' || (n / {schools} + 1),
    (SELECT * FROM workplaces WHERE name NOT LIKE 'School %' LIMIT 1) AS w
"""
OPEN = """
INSERT INTO cases (id, ref, workplace_id, pursuit, stage, entered_on, raised_on, officer_id, events_count)
SELECT {id}, 'B-' || n, w.id, c.pursuit, {stage}, {entered}, {raised}, o.id, {events}
FROM (SELECT id, {number} AS n FROM workplaces WHERE name LIKE 'School %') AS w
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS m FROM officers) AS o ON o.m = n % {officers} + 1,
    (SELECT * FROM cases WHERE ref NOT LIKE 'B-%' LIMIT 1) AS c
"""
ISSUES = """
INSERT INTO case_issues (id, case_id, code, status)
SELECT {id}, id, 'meetings', 'open' FROM cases WHERE ref LIKE 'B-%'
"""
HAPPENED = """
INSERT INTO case_events (id, case_id, seq, kind, facts, happened_on, recorded_at, actor)
SELECT {id}, c.id, n, CASE WHEN n = 1 THEN 'case_raised' ELSE 'issue_added' END,
    CASE WHEN n = 1 THEN {raised_facts} ELSE {added_facts} END, {raised}, {recorded}, 'staff:bench'
FROM ({numbers}) AS numbers, (SELECT id, {ref_number} AS r FROM cases WHERE ref LIKE 'B-%') AS c
"""
DUE = """
INSERT INTO deadlines (id, case_id, kind, due_on, tells_workplace, why)
SELECT {id}, c.id, CASE WHEN n = 1 THEN 'officer_accepts' ELSE 'result_to_employers' END, {due}, {no}, {why}
FROM ({numbers}) AS numbers, (SELECT id, {ref_number} AS r FROM cases WHERE ref LIKE 'B-%') AS c
"""
WHY = (
    '{"rule": "r", "inputs": {}, "arithmetic": "a", "citation": {"act": "A", "provision": "p", "url": "u"}, '
    '"certainty": "policy", "changes_if": ""}'
)
SPELLINGS = {
    "sqlite": {
        "id": "lower(hex(randomblob(16)))",
        "no": "0",
        "number": "CAST(substr(name, 8) AS INTEGER)",
        "ref_number": "CAST(substr(ref, 3) AS INTEGER)",
        "entered": "date('2026-09-01', '-' || (n % 90) || ' days')",
        "raised": "date('2026-03-01')",
        "recorded": "datetime('2026-09-01', '-' || (r % 45) || ' days') || '.000000'",
        "due": "date('2026-08-25', '+' || ((r * 7 + n * 31) % 300) || ' days')",
        "urn": "printf('%06d', 500000 + n)",
        "authority": "printf('%03d', n % 150)",
    },
    "postgresql": {
        "id": "gen_random_uuid()",
        "no": "false",
        "number": "CAST(substr(name, 8) AS integer)",
        "ref_number": "CAST(substr(ref, 3) AS integer)",
        "entered": "DATE '2026-09-01' - (n % 90)",
        "raised": "DATE '2026-03-01'",
        "recorded": "TIMESTAMPTZ '2026-09-01 09:00:00+00' - make_interval(days => (r % 45)::int)",
        "due": "DATE '2026-08-25' + ((r * 7 + n * 31) % 300)::int",
        "urn": "lpad((500000 + n)::text, 6, '0')",
        "authority": "lpad((n % 150)::text, 3, '0')",
    },
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page asked of SQLAlchemy and of the database, each with its parameters, and what it answered."""

    queries: tuple[tuple[Executable, Any], ...]
    statements: tuple[tuple[str, Any], ...]
    body: bytes


def figures(run: Run, grounds: list[Ground]) -> Iterator[Line]:
    """Each page on each database, by turns."""
    count = run.size(CASES)
    for ground in grounds:
        with pointed_at(_filled(ground, count)):
            opened = database()
            with signed_in(opened, Grant(Role.NATIONAL_OFFICIAL)) as client:
                for name, address in ADDRESSES.items():
                    yield _figure(f"{name}, {ground.name}", client, address, opened, run)


def _figure(name: str, client: TestClient, address: str, opened: Database, run: Run) -> Line:
    seen = _seen(client, address, opened)
    with TestClient(_bare(seen, opened), base_url=HERE) as plain:
        asked = {OURS: partial(_asked, client, address)} | {
            who: partial(_asked, plain, f"/{who}") for who in (BARE, DRIVER)
        }
        times = by_turns({who: _contender(ask) for who, ask in asked.items()}, run.repeats)
    words = (
        f"ours: {spread(times[OURS])}; bare: {spread(times[BARE])}; by the driver alone {spread(times[DRIVER])}, "
        f"{_ratio(times, DRIVER):.1f} x; {len(seen.statements)} statements, {len(seen.body) // 1000:,} kB"
    )
    return Line(name, "time against a bare page with the same queries", words, _ratio(times, BARE), "x", LIMIT)


def _ratio(times: Mapping[str, list[float]], to: str) -> float:
    return median(times[OURS]) / median(times[to])


def _contender(ask: Callable[[], float]) -> Callable[[int], float]:
    return lambda _repeat: median([ask() for _ in range(ASKED)])


def _asked(client: TestClient, address: str) -> float:
    started = time.perf_counter()
    answer = client.get(address)
    took = time.perf_counter() - started
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}; wanted 200")
    return took


def _seen(client: TestClient, address: str, opened: Database) -> Seen:
    """What a page does once it is warm."""
    client.get(address)
    queries: list[tuple[Executable, Any]] = []
    statements: list[tuple[str, Any]] = []

    def ask(state: ORMExecuteState) -> None:
        queries.append((state.statement, state.parameters))

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    with _listening(Session, "do_orm_execute", ask), _listening(opened.engine, "before_cursor_execute", hear):
        answer = client.get(address)
    return Seen(tuple(queries), tuple(statements), answer.content)


@contextmanager
def _listening(to: Any, name: str, hear: Callable[..., None]) -> Iterator[None]:
    event.listen(to, name, hear)
    try:
        yield
    finally:
        event.remove(to, name, hear)


def _bare(seen: Seen, opened: Database) -> Starlette:
    """Two routes that send the body: after the queries through a session, and after the statements by the driver."""

    def by_session(_request: Request) -> HTMLResponse:
        with opened.reading() as session:
            for query, parameters in seen.queries:
                session.execute(query, parameters).all()
        return HTMLResponse(seen.body)

    def by_driver(_request: Request) -> HTMLResponse:
        pooled = opened.engine.raw_connection()
        try:
            cursor = pooled.cursor()
            for statement, parameters in seen.statements:
                if statement == "BEGIN":
                    pooled.rollback()  # ours looked who asks in a transaction of its own
                cursor.execute(statement, parameters)
                if cursor.description is not None:
                    cursor.fetchall()
            cursor.close()
        finally:
            pooled.rollback()
            pooled.close()
        return HTMLResponse(seen.body)

    return Starlette(routes=[Route(f"/{BARE}", by_session), Route(f"/{DRIVER}", by_driver)])


def _filled(ground: Ground, count: int) -> str:
    say(f"{ground.name}: making {count:,} open cases with {count * EVENTS_A_CASE:,} events")
    url = ground.prepared(_first)
    with pointed_at(url):
        opened = database()
        dialect = opened.engine.dialect.name
        with unit_of_work("staff:bench") as uow:
            for statement, numbers in (
                (EMPLOYERS, count // SCHOOLS_AN_EMPLOYER + 1),
                (WORKPLACES, count),
                (OPEN, 0),
                (ISSUES, 0),
                (HAPPENED, EVENTS_A_CASE),
                (DUE, 2),
            ):
                words = {
                    **SPELLINGS[dialect],
                    **_constants("::json" if dialect == "postgresql" else ""),
                    "numbers": _numbers(dialect, numbers),
                }
                spelled = statement.format(**words)
                if dialect == "postgresql":
                    spelled = spelled.replace("%", "%%")  # where the driver takes a sign for the place of a parameter
                uow.session.connection().exec_driver_sql(spelled)
        settle(opened)
        if dialect == "sqlite":
            with opened.engine.begin() as connection:
                connection.execute(text("ANALYZE"))
        _check(opened, count)
    return url


def _constants(as_json: str) -> dict[str, str]:
    stage = "CASE n % 8 " + " ".join(f"WHEN {n} THEN '{name}'" for n, name in enumerate(STAGES)) + " END"
    return {
        "stage": stage,
        "events": str(EVENTS_A_CASE),
        "officers": str(OFFICERS),
        "schools": str(SCHOOLS_AN_EMPLOYER),
        "raised_facts": f"""'{{"issues": ["meetings"]}}'{as_json}""",
        "added_facts": f"""'{{"issue": "meetings"}}'{as_json}""",
        "why": f"'{WHY}'",
    }


def _first(uow: UnitOfWork) -> None:
    school = a_workplace(uow, name="The first of all")
    a_case(uow, school)
    for _ in range(OFFICERS):
        an_officer(uow, school.association)


def _numbers(dialect: str, upto: int) -> str:
    if dialect == "postgresql":
        return f"SELECT generate_series(1, {upto}) AS n"
    return f"WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < {upto}) SELECT n FROM up"  # noqa: S608


def _check(opened: Database, count: int) -> None:
    """What is asked must find what was put in: a fast page that shows nothing would be no figure."""
    with reading(on=opened) as uow:
        found = [
            uow.session.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608
            for table in ("cases", "case_events", "deadlines", "search_entries")
        ]
    if found[0] != count + 1 or found[1] < count * EVENTS_A_CASE or found[2] < 2 * count or found[3] < count:
        raise RuntimeError(f"found {found} rows; wanted {count:,} cases and what belongs to them")
