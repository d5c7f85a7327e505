"""Whether the migrations give the tables that the code declares, on each engine there is; `make check` runs this."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from tests.postgres import Absent, running

ROOT = Path(__file__).resolve().parents[2]


def configured(url: str) -> Config:
    """Alembic on one database."""
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def difference(url: str) -> str | None:
    """Upgrade an empty database; how it differs from the declared tables."""
    config = configured(url)
    command.upgrade(config, "head")
    try:
        command.check(config)
    except CommandError as error:
        return str(error)
    return None


def main() -> int:
    """Check both engines; without PostgreSQL, say that it was left out."""
    with tempfile.TemporaryDirectory() as folder:
        found = {"SQLite": difference(f"sqlite:///{Path(folder) / 'check.db'}")}
    try:
        with running() as server:
            found["PostgreSQL"] = difference(server.create())
    except Absent as absent:
        sys.stderr.write(f"The migrations were not checked on PostgreSQL. {absent}.\n")
    for engine, fault in found.items():
        if fault:
            sys.stderr.write(f"{engine}: {fault}\n")
    return int(any(found.values()))


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
