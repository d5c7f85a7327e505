"""An SQLite file that several processes have open: nobody takes the write-ahead log away from under another."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text

from core.db import Database

ROOT = Path(__file__).parents[2]
LOOKS = """
import sys
from sqlalchemy import text
from core.db import Database
database = Database(sys.argv[1])
with database.reading() as session:
    print(session.execute(text("SELECT count(*) FROM acts")).scalar())
database.engine.dispose()
"""


def seen_by_another(url: str) -> int:
    """How many rows a process sees that comes, looks and goes."""
    looked = subprocess.run([sys.executable, "-c", LOOKS, url], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(looked.stdout)


def add(database: Database, number: int) -> None:
    with database.writing() as session:
        session.execute(text("INSERT INTO acts VALUES (:number)"), {"number": number})


def test_an_act_is_seen_by_others_after_other_processes_came_and_went(tmp_path: Path) -> None:
    """Mutation: in `_make_private`, leave out O_EXCL: the third process sees one row, and the second act is lost."""
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    database = Database(url)
    with database.writing() as session:
        session.execute(text("CREATE TABLE acts (number INTEGER)"))
    add(database, 1)
    with ExitStack() as stack:
        for _ in range(3):  # as many connections as a dashboard has that answers several at once
            stack.enter_context(database.reading()).execute(text("SELECT 1 FROM acts"))
    assert seen_by_another(url) == 1
    add(database, 2)
    assert seen_by_another(url) == 2
    database.engine.dispose()
