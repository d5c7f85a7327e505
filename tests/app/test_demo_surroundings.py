"""Where the demonstration plays: it replaces an earlier demonstration and nothing else, and its mail really arrives."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from alembic import command

from app.demo import surroundings
from core.clock import set_stored_clock
from core.db import Database
from core.errors import ConfigurationError
from tests.conftest import NOON
from tests.environment import given_back
from tests.migrations.check import configured


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The demonstration speaks to its own process through the environment."""
    with given_back():
        yield


def made(folder: Path) -> Database:
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'mandate.db'}"
    command.upgrade(configured(url), "head")
    return Database(url)


def test_a_database_with_other_data_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Mutation: let `_is_demonstration` answer True, and a union's own database is deleted."""
    made(tmp_path).engine.dispose()
    before = (tmp_path / "mandate.db").read_bytes()
    with pytest.raises(ConfigurationError, match="no demonstration's"):
        surroundings.furnish(tmp_path)
    assert (tmp_path / "mandate.db").read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mandate.db").write_text("a letter somebody keeps here")
    with pytest.raises(ConfigurationError, match="no demonstration's"):
        surroundings.furnish(tmp_path)
    assert (tmp_path / "mandate.db").read_text() == "a letter somebody keeps here"


def test_an_earlier_demonstration_is_replaced_with_its_letters(tmp_path: Path) -> None:
    """Mutation: leave "letters" out of LAID_DOWN, and the letters of two demonstrations mix."""
    earlier = made(tmp_path)
    with earlier.writing() as session:
        set_stored_clock(session, NOON)
    earlier.engine.dispose()
    letter = tmp_path / "letters" / "old.pdf"
    letter.parent.mkdir()
    letter.write_bytes(b"old")
    kept = [tmp_path / name for name in (surroundings.RESULT, surroundings.TIMELINE)]
    for path in kept:
        path.write_text("old")
    assert surroundings.furnish(tmp_path).home == tmp_path
    assert not letter.exists()
    assert not any(path.exists() for path in kept)
    assert not (tmp_path / "mandate.db").exists()


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    """Mutation: drop LOCK_NB's error, and a second demonstration deletes the one that is being served."""
    refused = pytest.raises(ConfigurationError, match="still playing")
    with surroundings.held(tmp_path), refused, surroundings.held(tmp_path):
        raise AssertionError("held twice")
    with surroundings.held(tmp_path):
        pass


def test_mail_is_laid_down_before_it_is_accepted(tmp_path: Path) -> None:
    """Mutation: answer 250 without writing, and no file stands for the mail."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "union@example.org", "school@example.org", "A notice"
    mail["Message-ID"] = "<0123456789@example.org>"
    mail.set_content("Dear Head Teacher")
    with surroundings.mail_sink(tmp_path / "mail") as port, smtplib.SMTP("127.0.0.1", port) as relay:
        relay.send_message(mail)
        assert b"Dear Head Teacher" in (tmp_path / "mail" / "0123456789.eml").read_bytes()
