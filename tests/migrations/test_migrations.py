"""The migrations: one head, named as the convention says, up and down, and equal to what the code declares."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DatabaseError

from tests.migrations import check

VERSIONS = sorted((check.ROOT / "migrations" / "versions").glob("*.py"))


@pytest.fixture
def url(tmp_path: Path) -> str:
    """An empty database."""
    return f"sqlite:///{tmp_path / 'migrated.db'}"


def test_there_is_one_head() -> None:
    """Two heads would leave it open which schema is the newest."""
    assert len(ScriptDirectory.from_config(check.configured("sqlite://")).get_heads()) == 1


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_is_named_by_number_verb_and_object(path: Path) -> None:
    """The file's name says what it does."""
    assert re.fullmatch(r"\d{4}_[a-z]+(_[a-z]+)+", path.stem)


def test_the_migrations_give_what_the_code_declares() -> None:
    """Mutation: drop one column from a model, and this fails."""
    assert check.main() == 0


def test_a_downgrade_gives_back_an_empty_database(url: str) -> None:
    """Up, down and up again."""
    config = check.configured(url)
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    assert set(inspect(create_engine(url)).get_table_names()) <= {"alembic_version"}
    command.upgrade(config, "head")
    assert "case_events" in inspect(create_engine(url)).get_table_names()


@pytest.mark.parametrize("statement", ["UPDATE history_entries SET actor = 'nobody'", "DELETE FROM history_entries"])
def test_history_refuses_changes(url: str, statement: str) -> None:
    """Mutation: leave "history_entries" out of TABLES in 0002, and this fails."""
    command.upgrade(check.configured(url), "head")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO history_entries (seq, prev, hash, at, actor, action, subject, facts) "
                "VALUES (1, 'p', 'h', '2026-09-01', 'staff:test', 'a:b:c', 'case:1', '{}')"
            )
        )
    with engine.begin() as connection, pytest.raises(DatabaseError, match="never rewritten"):
        connection.execute(text(statement))
