"""The database: aware datetimes only, durable, one writer at a time, nothing half-written."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ForeignKey, event, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.db import Database, StoredEnum, UtcDateTime, assert_durable, create_engine, new_id
from core.errors import ConfigurationError
from tests.conftest import NOON
from tests.engines import Engine, opened


class Colour(StrEnum):
    """Two values."""

    RED = "red"
    GREEN = "green"


class Apart(DeclarativeBase):
    """Tables of this file only."""


class Thing(Apart):
    """A row with an instant, an enum and a parent."""

    __tablename__ = "things"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    colour: Mapped[Colour] = mapped_column(StoredEnum(Colour), default=Colour.RED)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("things.id"))


@pytest.fixture
def things(engine: Engine) -> Iterator[Database]:
    """An empty database with the one table."""
    with engine.lent() as url, opened(url) as database:
        Apart.metadata.create_all(database.engine)
        yield database


on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_a_naive_datetime_is_refused(things: Database) -> None:
    """Red when `process_bind_param` lets it pass: SQLite would drop the zone silently."""

    def store() -> None:
        with things.writing() as session:
            session.add(Thing(at=datetime(2026, 9, 1, 12, 0)))  # noqa: DTZ001 - naive is what is tested

    with pytest.raises(StatementError, match="without a time zone"):
        store()
    with things.reading() as session:
        assert session.scalars(select(Thing)).all() == []


@pytest.mark.parametrize("given_at", [NOON, NOON.astimezone(timezone(timedelta(hours=5))), None])
def test_an_instant_comes_back_in_utc(things: Database, given_at: datetime | None) -> None:
    with things.writing() as session:
        session.add(Thing(at=given_at))
    with things.reading() as session:
        (thing,) = session.scalars(select(Thing))
        assert thing.at == given_at
        assert thing.at is None or thing.at.tzinfo is UTC


@given(st.datetimes(timezones=st.timezones()).filter(lambda at: at.utcoffset() is not None))
def test_storing_keeps_the_instant_of_any_zone(at: datetime) -> None:
    try:
        wanted = at.astimezone(UTC)
    except OverflowError:
        return
    column, dialect = UtcDateTime(), create_engine("sqlite://").dialect
    stored = column.process_bind_param(at, dialect)
    assert stored is not None
    assert column.process_result_value(stored.replace(tzinfo=None), dialect) == wanted


def test_an_enum_is_stored_by_value_and_comes_back_as_itself(things: Database) -> None:
    with things.writing() as session:
        session.add(Thing(colour=Colour.GREEN))
    with things.reading() as session:
        assert session.scalar(text("SELECT colour FROM things")) == "green"
        assert session.scalars(select(Thing)).one().colour is Colour.GREEN


def test_a_value_that_the_enum_does_not_have_is_refused_both_ways(things: Database) -> None:
    """Red without `validate_strings`: the word would be stored, and the row could never be read again."""
    with things.writing() as session:
        session.execute(text("INSERT INTO things (id, colour) VALUES (1, 'blue')"))
    with things.reading() as session, pytest.raises(LookupError, match="blue"):
        session.scalars(select(Thing)).all()
    with things.reading() as session, pytest.raises(StatementError, match="blue"):
        session.execute(select(Thing).where(Thing.colour == "blue"))


def test_a_block_that_fails_leaves_nothing(things: Database) -> None:
    """Red when `writing` commits in a `finally`."""

    def failing() -> None:
        with things.writing() as session:
            session.add(Thing())
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    with things.reading() as session:
        assert session.scalars(select(Thing)).all() == []


def test_what_a_reader_changes_is_thrown_away(things: Database) -> None:
    with things.reading() as session:
        session.add(Thing())
        session.flush()
    with things.reading() as session:
        assert session.scalars(select(Thing)).all() == []


def test_foreign_keys_hold(things: Database) -> None:
    """Red when the pragma foreign_keys is not set."""

    def orphan() -> None:
        with things.writing() as session:
            session.add(Thing(parent_id=99))

    with pytest.raises(IntegrityError):
        orphan()


def test_a_reader_does_not_wait_for_a_writer(things: Database) -> None:
    with things.writing() as writer:
        writer.add(Thing())
        writer.flush()
        with things.reading() as reader:
            assert reader.scalars(select(Thing)).all() == []


@on_sqlite
def test_two_writers_that_read_before_they_write_take_turns(things: Database) -> None:
    """Red when `_begin` uses plain BEGIN for writers: one of them would fail half way or overwrite the other."""
    with things.writing() as session:
        session.add(Thing(id=1, parent_id=None))
    start = threading.Barrier(2)

    def append() -> None:
        start.wait()
        for _ in range(10):
            with things.writing() as session:
                last = session.scalars(select(Thing.id).order_by(Thing.id.desc()).limit(1)).one()
                session.add(Thing(id=last + 1, parent_id=last))

    writers = [threading.Thread(target=append) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with things.reading() as session:
        assert session.scalars(select(Thing.id).order_by(Thing.id)).all() == list(range(1, 22))


def test_a_database_that_keeps_what_was_committed_is_taken(things: Database) -> None:
    assert_durable(things.engine)


@pytest.mark.parametrize(
    ("pragma", "name"),
    [("synchronous=OFF", "synchronous"), ("synchronous=NORMAL", "synchronous"), ("foreign_keys=OFF", "foreign_keys")],
)
def test_one_that_would_lose_a_committed_act_is_not(tmp_path: Path, pragma: str, name: str) -> None:
    """Red when `assert_durable` does not ask for that promise."""
    database = Database(f"sqlite:///{tmp_path / 'things.db'}")

    def weaken(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(database.engine, "connect", weaken)
    with pytest.raises(ConfigurationError, match=name):
        assert_durable(database.engine)


def test_a_database_in_memory_is_not_durable() -> None:
    with pytest.raises(ConfigurationError, match="journal_mode=memory"):
        assert_durable(create_engine("sqlite://"))


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite+aiosqlite:///x.db", "postgresql+asyncpg://localhost/x"])
def test_other_databases_are_refused_and_the_address_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="MANDATE_DATABASE_URL") as refused:
        create_engine(url)
    assert "localhost" not in str(refused.value)


def test_the_folder_of_a_database_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'one' / 'two' / 'mandate.db'}")
    Apart.metadata.create_all(database.engine)
    assert (tmp_path / "one" / "two" / "mandate.db").exists()


def test_ids_are_random() -> None:
    assert new_id() != new_id()
    assert new_id().version == 4


@on_sqlite
def test_who_waits_to_write_comes_in_between_two_transactions_of_another(things: Database) -> None:
    """
    A batch writes one transaction after another. A person's act must not wait for the batch's end.

    Turns red if `_begin` leaves the waiting to SQLite, which after half a second looks only ten times a second.
    """
    order: list[str] = []
    held = threading.Event()

    def batch() -> None:
        for _ in range(2):
            with things.writing() as session:
                session.connection()
                held.set()
                time.sleep(0.55)
                order.append("batch")
            time.sleep(0.06)

    writer = threading.Thread(target=batch)
    writer.start()
    held.wait()
    with things.writing() as session:
        session.connection()
        order.append("act")
    writer.join()

    assert order == ["batch", "act", "batch"]
