"""The migrations on both engines: one head, up and down, what the code declares, and nothing stored is lost."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, func, inspect, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.types import Uuid

from casework.cases import Case, StageEntry
from casework.disputes import dispute_of, parts_of
from core.history import verify
from core.unit_of_work import reading, unit_of_work
from tests.builders import UP_TO_HEAD, UP_TO_STRIKE, a_case, happen
from tests.engines import Engine, opened
from tests.migrations import check

VERSIONS = sorted((check.ROOT / "migrations" / "versions").glob("*.py"))
OF_0002 = Path(__file__).with_name("at_0002.json")
"""A made-up case with strike days notified, as the tables of 0002 held it; papers are cut to their first bytes."""


@pytest.fixture
def url(engine: Engine) -> Iterator[str]:
    """An empty database."""
    with engine.lent() as url:
        yield url


def test_there_is_one_head() -> None:
    """Two heads would leave it open which schema is the newest."""
    assert len(ScriptDirectory.from_config(check.configured("sqlite://")).get_heads()) == 1


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_is_named_by_number_verb_and_object(path: Path) -> None:
    """The file's name says what it does."""
    assert re.fullmatch(r"\d{4}_[a-z]+(_[a-z]+)+", path.stem)


def test_the_migrations_give_what_the_code_declares(url: str) -> None:
    """Turns red if a column is dropped from a model."""
    assert check.difference(url) is None


def test_a_downgrade_gives_back_an_empty_database(url: str) -> None:
    """Up, down and up again. Turns red if 0002 leaves its function behind, or a downgrade an index."""
    config = check.configured(url)
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    looking = create_engine(url)
    assert set(inspect(looking).get_table_names()) <= {"alembic_version"}
    command.upgrade(config, "head")
    assert "case_events" in inspect(looking).get_table_names()
    looking.dispose()


HISTORY = (
    "INSERT INTO history_entries (seq, prev, hash, at, actor, action, subject, facts) "
    "VALUES (1, 'p', 'h', '2026-09-01', 'staff:test', 'a:b:c', 'case:1', '{}')"
)


@pytest.mark.parametrize("statement", ["UPDATE history_entries SET actor = 'nobody'", "DELETE FROM history_entries"])
def test_history_refuses_changes(url: str, statement: str) -> None:
    """Turns red if "history_entries" is left out of TABLES in 0002."""
    _refused(url, statement)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", ["history_entries", "case_events"])
def test_history_refuses_to_be_emptied(url: str, table: str) -> None:
    """Turns red if the trigger of 0002 is not BEFORE TRUNCATE too."""
    _refused(url, f"TRUNCATE {table}")


def _refused(url: str, statement: str) -> None:
    command.upgrade(check.configured(url), "head")
    with opened(url) as database:
        with database.writing() as session:
            session.execute(text(HISTORY))
        with pytest.raises(DatabaseError, match="never rewritten"), database.writing() as session:
            session.execute(text(statement))
        with database.reading() as session:
            assert session.scalar(text("SELECT actor FROM history_entries")) == "staff:test"


def test_a_database_of_the_first_version_keeps_what_it_holds(url: str) -> None:
    """
    Every row of every table that stands in both versions is there afterwards, and the program can read them.

    Turns red if 0005 drops `dispute_cases` without copying it first.
    """
    config = check.configured(url)
    command.upgrade(config, "0002")
    held = _fill(url)
    command.upgrade(config, "head")
    with opened(url) as database:
        tables = _reflected(database.engine)
        with database.reading() as session:
            found = {name: session.scalar(select(func.count()).select_from(tables[name])) for name in held}
        assert found == held
        with reading(on=database) as uow:
            case = uow.session.scalars(select(Case)).one()
            dispute = dispute_of(uow, case.id)
            assert dispute is not None
            assert (case.workplace.name, case.officer is not None) == ("School 100001", True)
            assert verify(uow.session).whole
    command.downgrade(config, "0002")
    with opened(url) as database, database.reading() as session:
        tables = _reflected(database.engine)
        assert {name: session.scalar(select(func.count()).select_from(tables[name])) for name in held} == held


def test_a_reopened_case_remembers_the_dispute_it_settled(url: str) -> None:
    """
    The older tables kept a case's latest dispute alone; the one before is put back by its reference.

    Turns red if 0005 copies `dispute_cases` and does not look at the disputes' references.
    """
    config = check.configured(url)
    command.upgrade(config, "0002")
    _fill(url)
    with opened(url) as database, database.writing() as session:
        ref = session.scalar(text("SELECT ref FROM disputes"))
        case, employer = session.execute(
            text("SELECT dispute_cases.case_id, dispute_legs.employer_id FROM dispute_cases, dispute_legs")
        ).one()
        dispute, leg = (uuid.UUID(int=number) for number in (1, 2))
        spelled = str if database.engine.dialect.name == "postgresql" else (lambda key: key.hex)
        values = {"dispute": spelled(dispute), "leg": spelled(leg), "case": case, "employer": employer}
        session.execute(text("UPDATE disputes SET settled_on = '2026-11-20'"))
        session.execute(
            text("INSERT INTO disputes (id, ref, matters, declared_on) VALUES (:dispute, :ref, '[]', '2026-11-23')"),
            {**values, "ref": f"{ref}-30"},
        )
        session.execute(
            text("INSERT INTO dispute_legs (id, dispute_id, employer_id) VALUES (:leg, :dispute, :employer)"), values
        )
        session.execute(text("UPDATE dispute_cases SET leg_id = :leg WHERE case_id = :case"), values)
    command.upgrade(config, "head")
    with opened(url) as database, reading(on=database) as uow:
        found = [(part.leg.dispute.ref, part.joined_on, part.settled_on) for part in parts_of(uow, _only_case(uow))]
        assert [(ref_, settled_on) for ref_, _, settled_on in found] == [(f"{ref}-30", None), (ref, date(2026, 11, 20))]
    command.downgrade(config, "0002")
    with opened(url) as database, database.reading() as session:
        [kept] = session.scalars(text("SELECT leg_id FROM dispute_cases")).all()
        assert uuid.UUID(str(kept)) == leg


def test_the_stages_that_cases_came_to_are_filled_from_history(url: str) -> None:
    """Turns red if 0017 reads another event's stage, or does not end the stage before."""
    config = check.configured(url)
    command.upgrade(config, "head")
    with opened(url) as database, unit_of_work("staff:test", on=database) as uow:
        for events in (UP_TO_STRIKE, UP_TO_HEAD):
            happen(uow, a_case(uow), *events)
    kept = _stages(url)
    command.downgrade(config, "0016")
    command.upgrade(config, "head")
    assert _stages(url) == kept
    assert len(kept) > len(UP_TO_HEAD)


def _stages(url: str) -> list[tuple[Any, ...]]:
    with opened(url) as database, reading(on=database) as uow:
        rows = uow.session.scalars(select(StageEntry).order_by(StageEntry.case_id, StageEntry.seq))
        return [(row.case_id, row.seq, row.stage, row.came_on, row.left_on) for row in rows]


def _only_case(uow: Any) -> uuid.UUID:
    case: Case = uow.session.scalars(select(Case)).one()
    return case.id


def _reflected(engine: Any) -> dict[str, Any]:
    metadata = MetaData()
    metadata.reflect(engine)
    return dict(metadata.tables)


def _fill(url: str) -> dict[str, int]:
    """Insert the stored rows; how many a table got."""
    stored: dict[str, list[dict[str, Any]]] = json.loads(OF_0002.read_text(encoding="utf-8"))
    with opened(url) as database, database.writing() as session:
        metadata = MetaData()
        metadata.reflect(database.engine)
        for table in metadata.sorted_tables:
            for row in stored.get(table.name, []):
                values = {name: _value(cell, table.c[name].type) for name, cell in row.items()}
                session.execute(table.insert().values(values))
    return {name: len(rows) for name, rows in stored.items()}


def _value(cell: Any, kind: Any) -> Any:
    """A cell of the file as the driver takes it; SQLite keeps an id as its hexadecimal digits."""
    match cell:
        case {"uuid": digits}:
            return uuid.UUID(digits) if isinstance(kind, Uuid) else digits
        case {"instant": spelled}:
            return datetime.fromisoformat(spelled)
        case {"date": spelled}:
            return date.fromisoformat(spelled)
        case {"bytes": spelled}:
            return base64.b64decode(spelled)
        case {"json": document}:
            return document
    return cell
