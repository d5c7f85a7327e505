"""Where a database stands beside this program: its number, whether it can be used, and bringing it up to date."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

import core
from core.away import how_away
from core.db import Database, assert_durable
from core.errors import ConfigurationError, ServiceUnavailable
from core.history import HistoryEntry

WHERE = ("host", "port")
"""Of what follows the question mark in an address, what says where the database is."""
MIGRATIONS = Path(core.__file__).parent.parent / "migrations"


@dataclass(frozen=True, slots=True)
class Standing:
    """`found` is the database's number, None without one; `wanted` the program's; `known`: it knows `found`."""

    found: str | None
    wanted: str
    known: bool
    has_tables: bool

    @property
    def empty(self) -> bool:
        """Whether nothing of this program is in the database yet."""
        return self.found is None and not self.has_tables

    @property
    def newer(self) -> bool:
        """Whether a later version of the program has numbered the database."""
        return self.found is not None and not self.known

    @property
    def behind(self) -> bool:
        """Whether the database wants a migration."""
        return self.known and self.found != self.wanted


def standing(database: Database) -> Standing:
    """Where a database stands. `ServiceUnavailable` when it cannot be reached."""
    try:
        with database.engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
            has_tables = inspect(connection).has_table(HistoryEntry.__tablename__)
    except OperationalError as error:
        raise _unreachable(database, error) from None
    scripts = ScriptDirectory(str(MIGRATIONS))
    known = {each.revision for each in scripts.walk_revisions()}
    return Standing(found, str(scripts.get_current_head()), found in known, has_tables)


def address_of(database: Database) -> str:
    """Where the database is, without its password; what else its address asks for may hold one and is left out too."""
    url = database.engine.url
    return url.set(query={name: url.query[name] for name in WHERE if name in url.query}).render_as_string()


def require_durable(database: Database) -> None:
    """`ServiceUnavailable` when it cannot be reached, `ConfigurationError` when a crash would lose a committed act."""
    try:
        assert_durable(database.engine)
    except OperationalError as error:
        raise _unreachable(database, error) from None


def _unreachable(database: Database, error: OperationalError) -> ServiceUnavailable:
    return ServiceUnavailable(f"The database {address_of(database)} {how_away(error)}")


def require_ready(database: Database) -> None:
    """`ConfigurationError` when the database has no tables yet, or wants another version of the program."""
    require_durable(database)
    found = standing(database)
    _require_not_newer(database, found)
    if found.empty:
        raise ConfigurationError(f"The database {address_of(database)} has no tables yet. Run `mandate init` first.")
    if found.behind:
        raise ConfigurationError(
            f"The database {address_of(database)} stands at migration {found.found}, and this program wants "
            f"{found.wanted}. Run `mandate init`, which keeps what the database holds."
        )


def _require_not_newer(database: Database, found: Standing) -> None:
    if found.newer:
        raise ConfigurationError(
            f"The database {address_of(database)} stands at migration {found.found}, and this program knows none after "
            f"{found.wanted}. Install the version of the program that the database was last used with, or a later one."
        )


def bring_up_to_date(database: Database) -> Standing:
    """
    Make the tables, or change them to what this program wants; what the database holds stays. Gives where it stood.

    Several may do so at once. `ConfigurationError` when a later version of the program has changed the database.
    """
    require_durable(database)
    found = standing(database)
    _require_not_newer(database, found)
    if found.empty or found.behind:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.set_main_option("sqlalchemy.url", database.url.replace("%", "%%"))
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise ConfigurationError(f"The database cannot be brought up to date: {error}") from error
    return found
