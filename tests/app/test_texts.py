"""Which language a notice is in, on its page; and supplied texts tried at the command line before they are needed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from casework import parties
from core.db import Database
from core.settings import settings
from core.unit_of_work import unit_of_work
from notifications import outbox
from notifications.lifecycle import Medium
from notifications.messages import Message
from notifications.models import Notice
from tests.app.conftest import Command
from tests.builders import an_employer
from tests.notifications.samples import SAMPLES

TEXTS = Path(__file__).parents[1] / "notifications" / "texts"


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation's folder of texts, with the Welsh texts for tests."""
    folder = tmp_path / "texts"
    shutil.copytree(TEXTS, folder)
    monkeypatch.setenv("MANDATE_TEXTS_FOLDER", str(folder))
    settings.cache_clear()
    yield folder
    monkeypatch.delenv("MANDATE_TEXTS_FOLDER")
    settings.cache_clear()


def drawn_up(database: Database, kind: str) -> Notice:
    """A notice to an employer who reads Welsh."""
    with unit_of_work("staff:test", on=database) as uow:
        employer = an_employer(uow, language="cy")
        facts = {**SAMPLES[kind], "employer_name": employer.name}
        message = Message(kind, facts)
        notice = outbox.prepare(
            uow, message, parties.employer(employer), medium=Medium.MAIL, subject_ref=f"dispute:{employer.id}"
        )
        return uow.session.scalars(select(Notice).where(Notice.id == notice.id)).one()


def test_a_notice_in_english_to_a_reader_of_welsh_says_so(client: TestClient, database: Database) -> None:
    """Turns red if the page shows the register's language as the notice's, or says nothing."""
    shown = client.get(f"/notices/{drawn_up(database, 'dispute_notified').id}").text
    assert (
        "English. The recipient reads Welsh; no text of this kind was supplied in Welsh when it was drawn up." in shown
    )


def test_a_notice_in_welsh_says_so(client: TestClient, database: Database, texts: Path) -> None:
    """Turns red if a supplied text is not used, or its notice is said to be in English."""
    notice = drawn_up(database, "notice_of_ballot")
    shown = client.get(f"/notices/{notice.id}").text
    assert "<dt>Language</dt><dd>Welsh</dd>" in shown
    assert "SHA-256 of its layout" in shown


def test_supplied_texts_are_tried_at_the_command_line(command: Command, texts: Path) -> None:
    """Turns red if `mandate letters texts` exits 0 although one cannot be used."""
    tried = command("letters", "texts", "--json")
    assert tried.code == 0
    assert {each["kind"]: each["fault"] for each in tried.document["texts"]} == {
        "notice_of_ballot": None,
        "claim_paid": None,
    }
    (texts / "cy" / "claim_paid" / "subject.txt.j2").unlink()
    failed = command("letters", "texts")
    assert failed.code == 1
    assert "found no such file" in " ".join(failed.out.split())


def test_without_supplied_texts_everything_goes_in_english(command: Command) -> None:
    """Turns red if an absent folder is an error."""
    told = command("letters", "texts")
    assert (told.code, "Everything goes in English" in " ".join(told.out.split())) == (0, True)
