"""The print house's receipt file by the command line, the page and the API: one handler, one document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import letter_views
from app.cli import letters as cli_letters
from core.clock import set_stored_clock
from core.db import Database
from core.settings import settings
from core.unit_of_work import reading, unit_of_work
from notifications import outbox
from notifications.channels.folder import FolderChannel
from notifications.delivery import deliver_due
from notifications.lifecycle import Medium, State
from notifications.messages import Message
from notifications.models import Notice
from notifications.print_receipts import Reconciliation
from notifications.receipt_rows import HEADINGS
from tests.app.conftest import STANDS_AT, Command
from tests.notifications.samples import RECIPIENTS, SAMPLES

LAID_AT = STANDS_AT - timedelta(days=5)


@dataclass(frozen=True)
class Letter:
    """A letter in the folder, and the rows that speak of it."""

    database: Database
    name: str
    sha256: str

    def row(self, status: str, received_on: str = "") -> str:
        """What the print house says of it."""
        return f"{self.sha256},{self.name},2026-09-04,AB 12,{status},{received_on}"

    def file(self, path: Path, *rows: str) -> Path:
        """A receipt file."""
        path.write_text("\n".join([",".join(HEADINGS), *rows]) + "\n")
        return path

    @property
    def state(self) -> State:
        """Where its notice stands."""
        with reading(on=self.database) as uow:
            return uow.session.query(Notice).one().state


def laid(database: Database, folder: Path) -> Letter:
    """A letter that was laid five days ago."""
    with unit_of_work("staff:test", as_of=LAID_AT, on=database) as uow:
        message = Message("notice_of_ballot", SAMPLES["notice_of_ballot"])
        notice = outbox.prepare(uow, message, RECIPIENTS["employer"], medium=Medium.LETTER, subject_ref="ballot:1")
        outbox.approve(uow, notice.id, "officer:approver")
        outbox.queue(uow, notice.id)
    deliver_due(database, {Medium.LETTER: FolderChannel(folder)}, as_of=LAID_AT)
    with unit_of_work("staff:test", on=database) as uow:
        set_stored_clock(uow.session, STANDS_AT)
        notice = uow.session.query(Notice).one()
        return Letter(database, str(notice.attempts[0].provider_ref), notice.sha256)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home of one's own."""
    monkeypatch.setenv("MANDATE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def letter(migrated: Database, tmp_path: Path) -> Letter:
    """In the commands' database."""
    return laid(migrated, tmp_path / "letters")


@pytest.fixture
def shown(database: Database, tmp_path: Path) -> Letter:
    """In the dashboard's database."""
    return laid(database, tmp_path / "letters")


def test_the_command_tries_a_file_and_then_takes_it_in(command: Command, letter: Letter, tmp_path: Path) -> None:
    """Turns red if a dry run stores something, or the document is not the same."""
    file = letter.file(tmp_path / "posted.csv", letter.row("signed_for", "2026-09-05"), "abc,x,2026-09-04,,posted,")
    tried = command("letters", "receipt", file, "--dry-run", "--json")
    assert (tried.code, tried.document["dry_run"], letter.state) == (0, True, State.ACCEPTED)
    taken = command("letters", "receipt", file, "--json")
    again = command("letters", "receipt", file, "--json")

    assert letter.state is State.EVIDENCED
    assert {**tried.document, "dry_run": False} == taken.document
    assert taken.document["proved"] == 1
    assert taken.document["faults"] == [
        {
            "file": "posted.csv",
            "line": 3,
            "field": "sha256",
            "found": "abc",
            "wanted": "the 64 hexadecimal digits of the manifest",
        }
    ]
    assert (again.document["recorded"], again.document["unchanged"]) == (0, 1)


def test_the_command_says_what_it_found_in_words(command: Command, letter: Letter, tmp_path: Path) -> None:
    """Turns red if being posted sounds like proof, or a fault is not told with its line."""
    file = letter.file(tmp_path / "posted.csv", letter.row("posted"), letter.row("posted"), "abc,x,2026-09-04,,posted,")
    told = command("letters", "receipt", file)

    assert told.code == 0
    assert "posted.csv: 3 rows: 1 recorded, 0 unchanged, 1 repeated, 1 not usable." in told.out
    assert "0 of the recorded ones prove receipt; being posted does not." in told.out
    assert "Repeated, perhaps posted twice: line 3." in told.out
    assert "the 64 hexadecimal digits" in told.out


def test_letters_that_nobody_speaks_of_are_named_by_a_few(capsys: pytest.CaptureFixture[str]) -> None:
    """Turns red if a hundred file names come in one sentence, or nobody hears how many there are."""
    document = letter_views.document(Reconciliation(missing=[f"{each}.pdf" for each in range(100)]), "x", dry_run=False)
    cli_letters._tell(document)

    assert "Nothing is said of 100 letters laid up to the last day of posting: 0.pdf, 1.pdf, 2.pdf and 97 more." in (
        capsys.readouterr().out
    )


def test_a_file_of_which_nothing_can_be_used_ends_with_2(command: Command, letter: Letter, tmp_path: Path) -> None:
    """Turns red if a script would take it for done."""
    assert command("letters", "receipt", letter.file(tmp_path / "posted.csv", "abc,x,2026-09-04,,posted,")).code == 2
    assert command("letters", "receipt", tmp_path / "gone.csv").code == 2


def test_the_command_lists_what_the_print_house_says_nothing_of(command: Command, letter: Letter) -> None:
    """Turns red if the days of the policy are not counted, or `mandate status` is silent about it."""
    listed = command("letters", "list", "--json").document

    assert (listed["overdue"], listed["receipt_days"]) == (1, 3)
    assert [(each["name"], each["overdue"]) for each in listed["without_receipt"]] == [(letter.name, True)]
    assert "LATE" in command("letters", "list").out
    status = command("status", "--json").document
    assert status["letters_overdue"] == 1
    assert any("`mandate letters list`" in trouble for trouble in status["troubles"])


def test_the_secret_of_a_host_is_printed_for_hosts_that_are_allowed(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if a host that is not allowed has one, or the secret of all hosts is printed."""
    assert command("letters", "hook", "hooks.example.org").code == 2
    monkeypatch.setenv("MANDATE_WEBHOOK_SECRET", "a secret that is long enough")
    monkeypatch.setenv("MANDATE_WEBHOOK_HOSTS", "hooks.example.org")
    settings.cache_clear()
    told = command("letters", "hook", "HOOKS.example.org")

    assert (told.code, len(told.out.strip())) == (0, 64)
    assert "a secret" not in told.out
    assert command("letters", "hook", "other.example.org").code == 2


def test_the_page_takes_a_file_in_or_only_checks_it(client: TestClient, shown: Letter, tmp_path: Path) -> None:
    """Turns red if the second button stores something, or a fault is not shown with its line."""
    file = shown.file(tmp_path / "posted.csv", shown.row("courier", "2026-09-05"), "abc,<b>x</b>,2026-09-04,,posted,")
    assert shown.name in client.get("/letters").text
    checked = client.post("/letters/receipts", files={"file": (file.name, file.read_bytes())}, data={"do": "check"})
    assert (checked.status_code, shown.state) == (200, State.ACCEPTED)
    assert "Nothing is stored." in checked.text
    taken = client.post("/letters/receipts", files={"file": (file.name, file.read_bytes())}, data={"do": "take"})

    assert (taken.status_code, shown.state) == (200, State.EVIDENCED)
    assert "Line&nbsp;3" in taken.text
    assert "There is none." in taken.text


def test_the_page_says_what_is_wrong_beside_the_field(client: TestClient, shown: Letter) -> None:
    """Turns red if a file that cannot be read, or none, ends in anything but the form with a sentence."""
    none = client.post("/letters/receipts", files={"file": ("", b"")}, data={"do": "take"})
    broken = client.post("/letters/receipts", files={"file": ("a.csv", b"x,y\n1,2\n")}, data={"do": "take"})

    assert (none.status_code, broken.status_code) == (422, 422)
    assert "wanted the print house&#39;s receipt file" in none.text
    assert "a.csv: line 1: heading" in broken.text
    assert 'class="govuk-error-summary"' in broken.text


def test_the_api_gives_the_document_of_the_command(client: TestClient, shown: Letter, tmp_path: Path) -> None:
    """Turns red if the API judges by itself."""
    file = shown.file(tmp_path / "posted.csv", shown.row("posted"))
    asked = client.get("/api/letters").json()
    assert [(each["name"], each["overdue"]) for each in asked["without_receipt"]] == [(shown.name, True)]
    tried = client.post("/api/letters/receipts?dry_run=true", files={"file": (file.name, file.read_bytes())})
    taken = client.post("/api/letters/receipts", files={"file": (file.name, file.read_bytes())})

    assert (tried.status_code, tried.json()["dry_run"]) == (200, True)
    assert (taken.json()["recorded"], taken.json()["proved"]) == (1, 0)
    assert client.get("/api/letters").json()["without_receipt"] == []
    assert client.post("/api/letters/receipts", data={"x": "y"}).status_code == 422
