"""Importing by the page and by the API: first what would happen, then that it does."""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from app import uploads
from app.worker import Worker
from casework.register.models import ImportRun, Workplace
from core.db import Database
from core.errors import LONGEST_FOUND, BadInput
from core.history import HistoryEntry
from core.settings import settings
from core.unit_of_work import reading
from tests.casework.register.files import MEMBER, SCHOOL, write
from tests.casework.register.test_workbooks import book, table

pytestmark = pytest.mark.engines("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def home(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where uploads are kept, and nothing else."""
    monkeypatch.setenv("MANDATE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


@pytest.fixture
def schools(tmp_path: Path) -> Path:
    """One row that can be used and one that cannot."""
    return write(tmp_path / "schools.csv", [SCHOOL | {"EstablishmentName": "École <b>"}, SCHOOL | {"URN": "12"}])


def _send(client: TestClient, file: Path, address: str = "/imports", **fields: str) -> Response:
    with file.open("rb") as content:
        return client.post(address, files={"file": (file.name, content)}, data={"kind": "workplaces", **fields})


def _stored(database: Database) -> int:
    with reading(on=database) as uow:
        return uow.session.scalar(select(func.count()).select_from(Workplace)) or 0


def _files(home: Path) -> list[str]:
    return sorted(path.name for path in home.rglob("*") if path.is_file())


def test_a_file_is_tried_then_taken_in_then_gone(
    client: TestClient, database: Database, schools: Path, home: Path
) -> None:
    """Turns red if checking stores, confirming does not, or the file of people stays behind."""
    sent = _send(client, schools)
    assert (sent.status_code, _stored(database)) == (303, 0)
    address = sent.headers["location"]
    found = client.get(address).text
    assert "Nothing is stored yet" in found
    assert "Take in 1 row and leave out 1" in found
    assert "six digits, the first not 0" in found
    confirmed = client.post(f"{address}/confirm")
    assert (confirmed.status_code, confirmed.headers["location"], _stored(database)) == (303, address, 1)
    assert "The file was taken in" in client.get(address).text
    assert _files(home) == ["rejects.csv", "report.json", "upload.json"]
    with reading(on=database) as uow:
        entry = uow.session.scalars(select(HistoryEntry).order_by(HistoryEntry.seq.desc())).first()
    assert entry is not None
    assert entry.actor.startswith("account:")


def test_confirming_twice_takes_in_once(client: TestClient, database: Database, schools: Path) -> None:
    """Turns red if a second click finds the file gone, or makes a second run."""
    address = _send(client, schools).headers["location"]
    answers = [client.post(f"{address}/confirm").status_code for _ in range(2)]
    with reading(on=database) as uow:
        assert (answers, uow.session.scalar(select(func.count()).select_from(ImportRun))) == ([303, 303], 1)


def test_what_was_not_committed_is_not_told_as_taken_in(client: TestClient, database: Database, schools: Path) -> None:
    """Turns red if the report is written inside the unit of work: nothing would be stored, and the page say it was."""
    address = _send(client, schools).headers["location"]

    def disk_is_full(_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("no space left"))

    event.listen(database.engine, "commit", disk_is_full)
    refused = client.post(f"{address}/confirm")
    event.remove(database.engine, "commit", disk_is_full)
    assert (refused.status_code, _stored(database)) == (503, 0)
    assert "Nothing is stored yet" in client.get(address).text
    assert (client.post(f"{address}/confirm").status_code, _stored(database)) == (303, 1)


def test_rejects_are_downloaded_before_and_after(client: TestClient, schools: Path) -> None:
    """Turns red if they go with the file."""
    address = _send(client, schools).headers["location"]
    before = client.get(f"{address}/rejects.csv")
    client.post(f"{address}/confirm")
    after = client.get(f"{address}/rejects.csv")
    assert before.content == after.content
    assert after.content.decode("utf-8-sig").splitlines()[1].endswith('3,,URN,12,"six digits, the first not 0"')
    assert after.headers["content-disposition"] == 'attachment; filename="rejects.csv"'


def test_a_file_given_up_is_removed(client: TestClient, schools: Path, home: Path) -> None:
    """Turns red if `cancel` leaves the file."""
    address = _send(client, schools).headers["location"]
    assert client.post(f"{address}/cancel").headers["location"] == "/imports"
    assert _files(home) == []
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "kind", "sentence"),
    [
        ("r.csv", b"URN\n1\n", "workplaces", "wanted a column EstablishmentName"),
        ("r.xlsx", b"PK\x03\x04", "workplaces", "a workbook that is damaged"),
        ("r.csv", b"URN\n1\n", "pupils", "wanted one of workplaces, colleges"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_on_the_form(
    client: TestClient, home: Path, name: str, content: bytes, kind: str, sentence: str
) -> None:
    """Turns red if the refusal is a page without a form, or leaves the file behind."""
    answer = client.post("/imports", files={"file": (name, content)}, data={"kind": kind})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "The file was not taken in" in answer.text
    assert '<form method="post" action="/imports"' in answer.text
    assert _files(home) == []


def test_a_form_with_nothing_chosen_asks_for_both_in_plain_words(client: TestClient, home: Path) -> None:
    """As a browser sends it: an empty file without a name. Turns red if `try_file` does not ask `_missing`."""
    answer = client.post("/imports", files={"file": ("", b"")}, data={"sheet": ""})
    assert answer.status_code == 422
    for field, sentence in (("kind", "Choose what the file holds"), ("file", "Choose the file")):
        assert answer.text.count(sentence) == 2, "once in the summary, once at the field"
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}"' in answer.text
    assert "found" not in answer.text
    assert _files(home) == []


def test_a_file_of_another_kind_is_named_as_such(client: TestClient, database: Database, tmp_path: Path) -> None:
    """Turns red if `Kind.take_in` lets the missing heading through: it says nothing to who chose the wrong line."""
    file = write(tmp_path / "members.csv", [MEMBER])
    answer = _send(client, file, kind="officers")
    assert answer.status_code == 422
    assert "members.csv has the columns of “Members”, and it was given as “Officers”." in answer.text
    assert MEMBER["name"] not in answer.text
    told = _send(client, file, "/api/imports/officers").json()["findings"][0]
    assert (told["where"], "Import it as “Members”." in told["sentence"]) == ("kind", True)


def test_text_that_nobody_sees_is_told_of(client: TestClient, tmp_path: Path) -> None:
    """Turns red if headings in UTF-16 without its mark are repeated, or a control character is shown as it stands."""
    headings = ",".join(SCHOOL).encode("utf-16-le")
    answer = client.post("/imports", files={"file": ("r.csv", headings)}, data={"kind": "workplaces"})
    assert "found &#39;NUL characters, as in UTF-16 text or a file of no text&#39;" in answer.text
    assert "\0" not in answer.text
    file = write(tmp_path / "schools.csv", [SCHOOL | {"Town": "Maid\0stone"}])
    address = _send(client, file).headers["location"]
    assert "Maid&lt;U+0000&gt;stone" in client.get(address).text


def test_a_form_without_a_file_and_a_file_too_large_are_refused(
    client: TestClient, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if the length is not looked at before the file is read."""
    assert "Choose the file" in client.post("/imports", data={"kind": "members"}).text
    assert client.post("/api/imports/members").json()["findings"][0]["where"] == "file"
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    large = client.post("/imports", files={"file": ("r.csv", b"x" * 70_000)}, data={"kind": "members"})
    assert (large.status_code, "at most 0 megabytes" in large.text) == (422, True)
    over = client.post("/imports", files={"file": ("r.csv", b"x" * 1_000)}, data={"kind": "members"})
    assert over.status_code == 422
    assert _files(home) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "a\\b/c.csv", 'x";<script>.csv'])
def test_the_name_of_a_file_leads_nowhere(client: TestClient, home: Path, schools: Path, name: str) -> None:
    """Turns red if `_clean` gives a name back as it was sent: a file would be laid outside the shelf."""
    client.post("/imports", files={"file": (name, schools.read_bytes())}, data={"kind": "workplaces"})
    assert _files(home) or name == ".."
    for path in home.rglob("*.csv"):
        assert re.fullmatch(r"uploads/[0-9a-f]{32}/(file/[\w .()-]+|rejects\.csv)", str(path.relative_to(home)))
    assert not [path for path in home.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]


def test_what_is_older_than_an_hour_is_forgotten(
    client: TestClient, schools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if files of people pile up."""
    address = _send(client, schools).headers["location"]
    monkeypatch.setattr(uploads, "KEPT_SECONDS", -1)
    _send(client, schools)
    assert client.get(address).status_code == 404


def test_a_file_older_than_an_hour_is_not_found_and_goes_by_the_workers_clock(
    client: TestClient, schools: Path, home: Path
) -> None:
    """Turns red if `find` or `Worker._keep_time` does not call `forget_old`, or it takes what is younger."""

    def an_hour_ago() -> None:
        for folder in (home / "uploads").iterdir():
            os.utime(folder, (time.time() - 3601,) * 2)

    address = _send(client, schools).headers["location"]
    uploads.forget_old()
    assert client.get(address).status_code == 200
    an_hour_ago()
    assert client.get(address).status_code == 404
    assert _files(home) == []
    _send(client, schools)
    an_hour_ago()
    # The rest of what the worker does by the clock wants a database; the file goes whether it is there or not.
    with suppress(Exception):
        Worker()._keep_time()
    assert _files(home / "uploads") == []


@pytest.mark.parametrize("address", ["/imports", "/api/imports/workplaces?dry_run=true"])
def test_a_long_name_is_cut_to_what_a_file_system_takes(client: TestClient, schools: Path, address: str) -> None:
    """Turns red if `_clean` counts letters: these have three bytes each, and the answer was a fault."""
    name = "\u6f22" * 100 + ".csv"
    answer = client.post(address, files={"file": (name, schools.read_bytes())}, data={"kind": "workplaces"})
    assert answer.status_code in {200, 303}


def test_what_cannot_be_laid_down_leaves_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if `keep` does not forget on every error, or does not look at the size of what was copied."""
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    with pytest.raises(BadInput, match="found 'a larger file'"):
        uploads.keep("workplaces", "r.csv", None, io.BytesIO(b"x" * 11))
    uploads.forget(uploads.keep("workplaces", "r.csv", None, io.BytesIO(b"x" * 10)))
    monkeypatch.setattr(uploads, "_write", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        uploads.keep("workplaces", "r.csv", None, io.BytesIO(b"x"))
    assert list((home / "uploads").iterdir()) == []


def test_a_refusal_tells_neither_where_the_file_lies_nor_more_than_its_beginning(
    client: TestClient, schools: Path, home: Path
) -> None:
    """Turns red if `_content` gives the path, or `BadInput`, `Reject` or the form repeats what was sent at length."""
    address = _send(client, schools).headers["location"]
    upload = uploads.find(address.rsplit("/", 1)[-1])
    uploads.drop_file(upload)
    refused = client.post(f"{address}/confirm")
    assert (refused.status_code, str(home) in refused.text) == (422, False)
    usual = len(_send(client, schools, kind="pupils").text)
    long = "<" * 50_000
    assert len(_send(client, schools, kind=long).text) < usual + 10_000
    assert len(_send(client, schools, sheet=long).text) < usual + 10_000
    headings = client.post("/imports", files={"file": ("r.csv", b"'," * 200_000)}, data={"kind": "workplaces"})
    assert len(headings.text) < usual + 10_000
    row = schools.read_bytes().replace(b"\r\n12,", b"\r\n" + b"1" * 50_000 + b",")
    api = client.post("/api/imports/workplaces?dry_run=true", files={"file": ("r.csv", row)})
    assert len(api.json()["rejects"][0]["found"]) == LONGEST_FOUND


def test_a_workbooks_sheet_is_asked_for_by_name(client: TestClient, tmp_path: Path) -> None:
    """Turns red if the form does not hand the sheet on."""
    file = book(tmp_path / "r.xlsx", {"Old": table([SCHOOL]), "New": table([SCHOOL, SCHOOL | {"URN": "118001"}])})
    assert "wanted the name of the sheet to read" in _send(client, file).text
    address = _send(client, file, sheet="New").headers["location"]
    assert "<dt>Rows in the file</dt><dd>2</dd>" in client.get(address).text


def test_the_api_answers_with_the_same_document(
    client: TestClient, database: Database, schools: Path, home: Path
) -> None:
    """Turns red if a dry run stores, or the file stays."""
    dry = _send(client, schools, "/api/imports/workplaces?dry_run=true")
    assert (dry.status_code, _stored(database)) == (200, 0)
    real = _send(client, schools, "/api/imports/workplaces")
    assert (real.status_code, _stored(database)) == (201, 1)
    assert {**real.json(), "dry_run": True} == dry.json()
    assert (real.json()["rows"], real.json()["stored"], real.json()["rejects"][0]["line"]) == (2, 1, 3)
    assert _send(client, schools, "/api/imports/workplaces").json()["unchanged"] == 1
    assert _files(home) == []


def test_the_api_refuses_what_the_command_refuses(client: TestClient, schools: Path) -> None:
    """Turns red if an unknown kind or a broken file ends in a fault of the program."""
    unknown = _send(client, schools, "/api/imports/pupils")
    assert (unknown.status_code, unknown.json()["findings"][0]["where"]) == (422, "kind")
    broken = client.post("/api/imports/links", files={"file": ("l.csv", b"nothing")})
    assert broken.status_code == 422
    assert "wanted a column URN" in broken.json()["error"]


def test_another_sites_page_cannot_send_a_file(client: TestClient, database: Database, schools: Path) -> None:
    """Turns red if the routes stand outside `SameOrigin`."""
    with schools.open("rb") as content:
        answer = client.post(
            "/api/imports/workplaces",
            files={"file": ("schools.csv", content)},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
    assert (answer.status_code, _stored(database)) == (403, 0)
