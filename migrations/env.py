"""Runs migrations on the database of the settings, or on the one a caller names, one at a time."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Literal

from alembic import context
from sqlalchemy import text

from core.db import Base, StoredEnum, UtcDateTime, create_engine
from core.settings import settings

TABLES = (
    "ballots.models",
    "casework.agreements.models",
    "casework.cases",
    "casework.deadlines",
    "casework.disputes",
    "casework.pay.models",
    "casework.register.models",
    "core.clock",
    "core.failures",
    "core.history",
    "core.sweeps",
    "core.work",
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


def run() -> None:
    """Migrate in one transaction; on PostgreSQL a second process waits for the first."""
    url = context.config.get_main_option("sqlalchemy.url") or settings().effective_database_url
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=plainly,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
