"""A session on PostgreSQL: durable, at READ COMMITTED, waiting for nothing for ever, leaving nothing half done."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from core.db import Database, assert_durable
from core.errors import ConfigurationError
from tests.core.test_db import Thing, things  # noqa: F401 - a fixture
from tests.engines import opened

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


def always(database: Database, setting: str) -> None:
    """What every later session of this database begins with."""
    with database.writing() as session:
        session.execute(text(f'ALTER DATABASE "{database.engine.url.database}" SET {setting}'))
    database.engine.dispose()


def cut(database: Database, backend: int | None) -> None:
    """End a session as its server ends it."""
    with opened(database.url) as other, other.reading() as session:
        assert session.scalar(text("SELECT pg_terminate_backend(:backend, 5000)"), {"backend": backend})


def test_one_that_would_lose_a_committed_act_is_not_taken(things: Database) -> None:  # noqa: F811
    """Red when `assert_durable` does not ask for synchronous_commit."""
    assert_durable(things.engine)
    always(things, "synchronous_commit = off")
    with pytest.raises(ConfigurationError, match="synchronous_commit=off"):
        assert_durable(things.engine)


def test_a_session_sees_what_was_committed_while_it_waited(things: Database) -> None:  # noqa: F811
    """Red without `isolation_level`: whoever waited for the history's lock would read an old head where that is set."""
    always(things, "default_transaction_isolation = 'repeatable read'")
    with things.reading() as session:
        assert session.scalars(select(Thing)).all() == []
        with things.writing() as other:
            other.add(Thing())
        assert len(session.scalars(select(Thing)).all()) == 1


def test_a_session_has_a_name_and_waits_for_nothing_for_ever(things: Database) -> None:  # noqa: F811
    """Red when a limit is left out of `_postgresql_engine`: an act would stand behind a hung one for ever."""
    wanted = {
        "application_name": "mandate",
        "lock_timeout": "30s",
        "statement_timeout": "5min",
        "idle_in_transaction_session_timeout": "10min",
    }
    with things.reading() as session:
        assert {name: session.scalar(text(f"SHOW {name}")) for name in wanted} == wanted


def test_what_the_address_asks_for_goes_before(things: Database) -> None:  # noqa: F811
    """Red when `connect_args` are not compared with the address: a lock is then waited for half a minute."""
    asked = {"application_name": "evening", "options": "-c lock_timeout=50"}
    url = things.engine.url.update_query_dict(asked).render_as_string(hide_password=False)
    with things.writing() as holding, opened(url) as impatient:
        holding.execute(text("LOCK TABLE things"))
        with impatient.reading() as session, pytest.raises(OperationalError, match="lock timeout"):
            session.execute(select(Thing)).all()
        with impatient.reading() as session:
            assert session.scalar(text("SHOW application_name")) == "evening"


def test_a_connection_that_was_cut_meanwhile_is_not_used(things: Database) -> None:  # noqa: F811
    """Red without `pool_pre_ping`: the first act after a restart of the server would fail."""
    with things.reading() as session:
        own = session.scalar(text("SELECT pg_backend_pid()"))
    cut(things, own)
    with things.writing() as session:
        session.add(Thing())


def test_a_connection_lost_in_the_middle_of_an_act_leaves_nothing_of_it(things: Database) -> None:  # noqa: F811
    """Red when `writing` commits after each statement, or takes up a new connection and goes on."""

    def losing() -> None:
        with things.writing() as session:
            session.add(Thing())
            session.flush()
            cut(things, session.scalar(text("SELECT pg_backend_pid()")))
            session.add(Thing())

    with pytest.raises(OperationalError) as lost:
        losing()
    assert lost.value.connection_invalidated
    with things.reading() as session:
        assert session.scalars(select(Thing)).all() == []
