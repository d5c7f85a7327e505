"""What is laid down is for its owner only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from core.db import Database
from core.folders import private_file, private_folder


@pytest.fixture(autouse=True)
def open_handed() -> Iterator[None]:
    """A umask that takes nothing away."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_every_folder_that_is_made_is_private_and_one_that_stands_keeps_its_mode(tmp_path: Path) -> None:
    """Red when `private_folder` is `mkdir(parents=True)`: the folders above would be open to all."""
    standing = tmp_path / "standing"
    standing.mkdir()
    made = private_folder(standing / "home" / "letters")
    private_folder(made)
    assert (mode(standing), mode(made.parent), mode(made)) == (0o777, 0o700, 0o700)


def test_a_file_is_private_and_written_from_its_start(tmp_path: Path) -> None:
    """Red when the mode is left out."""
    for content in (b"a longer letter", b"a letter"):
        with private_file(tmp_path / "letter") as file:
            file.write(content)
    assert (mode(tmp_path / "letter"), (tmp_path / "letter").read_bytes()) == (0o600, b"a letter")


def test_a_fresh_database_and_what_stands_beside_it_are_private(tmp_path: Path) -> None:
    """Red when SQLite makes its file by itself."""
    database = Database(f"sqlite:///{tmp_path / 'home' / 'mandate.db'}")
    with database.writing() as session:
        session.execute(text("CREATE TABLE names (name TEXT)"))
        beside = {each.name: mode(each) for each in (tmp_path / "home").iterdir()}
    database.engine.dispose()
    assert set(beside.values()) == {0o600}
    assert beside.keys() >= {"mandate.db", "mandate.db-wal"}
    assert mode(tmp_path / "home") == 0o700
