"""Whether the migrations give the tables that the code declares; `make check` runs this."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

ROOT = Path(__file__).resolve().parents[2]


def configured(url: str) -> Config:
    """Alembic on one database."""
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def main() -> int:
    """Upgrade an empty database and compare it with the declared tables."""
    with tempfile.TemporaryDirectory() as folder:
        config = configured(f"sqlite:///{Path(folder) / 'check.db'}")
        command.upgrade(config, "head")
        try:
            command.check(config)
        except CommandError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
