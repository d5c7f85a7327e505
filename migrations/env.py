"""Runs migrations on the database of the settings, or on the one a caller names, one at a time."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Literal

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, event, text

from core.db import Base, StoredEnum, UtcDateTime, create_engine
from core.settings import settings

TABLES = (
    "ballots.calendar_keys",
    "ballots.models",
    "casework.agreements.models",
    "casework.cases",
    "casework.deadlines",
    "casework.disputes",
    "casework.pay.models",
    "casework.people.digests",
    "casework.people.models",
    "casework.register.models",
    "casework.register.search_index",
    "casework.stand_downs",
    "casework.webhooks.models",
    "core.clock",
    "core.failures",
    "core.history",
    "core.law_records",
    "core.requests",
    "core.sweeps",
    "core.work",
    "core.workers",
    "notifications.mailbox",
    "notifications.models",
)
MIGRATION_LOCK = 0x4D494752

for module in TABLES:
    import_module(module)


def plainly(kind: str, item: object, _context: Any) -> str | Literal[False]:
    """Write our own column types as the plain ones beneath them: a migration must not change when our code does."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, StoredEnum):
        return "sa.String(length=40)"
    return False


def declared(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave out what FTS5 keeps of its own beside the table that it stands over."""
    return not (kind == "table" and name is not None and name.startswith("search_words"))


def _made_here(index: Any, connection: Connection) -> bool:
    """Whether an index is for this database: one may be declared for another kind only (`ddl_if`)."""
    only = getattr(index, "_ddl_if", None)
    return only is None or only.dialect == connection.dialect.name


def run() -> None:
    """Migrate in one transaction; on PostgreSQL a second process waits for the first."""
    url = context.config.get_main_option("sqlalchemy.url") or settings().effective_database_url
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _without_foreign_keys)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=plainly,
            include_name=declared,
            include_object=lambda item, _name, kind, *_: kind != "index" or _made_here(item, connection),
        )
        with context.begin_transaction():
            context.run_migrations()
        _check_foreign_keys(connection)
    engine.dispose()


def _without_foreign_keys(connection: Any, _record: Any) -> None:
    # SQLite changes a table by making it anew: others that refer to it would refuse that. They are checked at the end.
    connection.execute("PRAGMA foreign_keys=OFF")


def _check_foreign_keys(connection: Connection) -> None:
    broken = (
        connection.execute(text("PRAGMA foreign_key_check")).first() if connection.dialect.name == "sqlite" else None
    )
    if broken:
        raise CommandError(f"the table {broken[0]} would refer to rows of {broken[2]} that are not there")


run()
