"""Certificates of service as people and programs get them: the page, the API and the commands."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from casework.cases import Case
from core.clock import set_stored_clock
from core.db import Database
from core.unit_of_work import reading
from notifications.certificates.checking import check
from notifications.certificates.issuing import issues
from tests.app.conftest import Command
from tests.ballots.scenes import disputed, planned

Made = Callable[..., str]


@pytest.fixture
def database(migrated: Database) -> Database:
    """Pages, API and commands look at one database."""
    return migrated


@pytest.fixture
def notice(made: Made) -> uuid.UUID:
    """A notice of ballot that was drawn up and that nobody has approved yet."""
    kept: list[uuid.UUID] = []

    def make(uow: object) -> Case:
        ladder = planned(disputed(uow))  # type: ignore[arg-type]
        kept.append(ladder.papers("notice_of_ballot")[0].id)
        set_stored_clock(ladder.uow.session, ladder.uow.now)
        return ladder.case

    made(make)
    return kept[0]


def test_the_page_and_the_api_issue_the_same_and_record_it_once(
    client: TestClient, database: Database, notice: uuid.UUID
) -> None:
    """Turns red if either draws up something of its own, or a second press records another issue."""
    assert f'action="/notices/{notice}/certificate"' in client.get(f"/notices/{notice}").text
    pages = client.post(f"/notices/{notice}/certificate", data={"form": "pdf"})
    by_form = client.post(f"/notices/{notice}/certificate", data={"form": "json"})
    by_api = client.post(f"/api/notices/{notice}/certificate", params={"form": "json"})
    assert (pages.status_code, pages.headers["content-type"]) == (200, "application/pdf")
    assert by_form.content == by_api.content
    for content in (pages.content, by_api.content):
        assert check(content).findings == ()
    with reading(on=database) as uow:
        [issued] = issues(uow, notice)
    assert issued.digest == check(pages.content).digest
    assert issued.digest in client.get(f"/notices/{notice}").text
    assert client.get("/api/certificates").json()["certificates"][0]["digest"] == issued.digest


def test_looking_at_a_certificate_is_no_way_to_issue_one(client: TestClient, notice: uuid.UUID) -> None:
    """Turns red if a GET, which a browser may send by itself, issues."""
    assert client.get(f"/notices/{notice}/certificate").status_code == 405
    assert client.post(f"/notices/{uuid.uuid4()}/certificate", data={}).status_code == 404
    assert client.post(f"/api/notices/{notice}/certificate", params={"form": "doc"}).status_code == 422


def test_the_commands_lay_it_and_check_it(command: Command, notice: uuid.UUID, tmp_path: Path) -> None:
    """Turns red if a certificate that was altered is checked with exit code 0."""
    laid = command("notice", "certificate", str(notice), "--out", str(tmp_path / "proofs"), "--json").document
    for name in ("pdf", "json"):
        answer = command("notice", "verify", laid[name])
        assert answer.code == 0, answer.out
        assert laid["digest"] in answer.out
        assert "Everything in it fits." in answer.out
    assert laid["digest"] in command("audit", "certificates").out
    altered = tmp_path / "altered.json"
    altered.write_text(Path(laid["json"]).read_text().replace('"statutory": true', '"statutory": false'))
    answer = command("notice", "verify", str(altered), "--json")
    assert answer.code == 1
    assert next(each["code"] for each in json.loads(answer.out)["findings"]) == "seal_broken"
    assert command("notice", "verify", str(tmp_path / "none")).code == 2
    assert command("notice", "certificate", "x").code == 2
    assert command("notice", "certificate", str(uuid.uuid4()), "--out", str(tmp_path)).code == 3


def test_each_issue_is_listed_with_its_moment_and_whoever_asked_for_it(
    client: TestClient, command: Command, notice: uuid.UUID, tmp_path: Path
) -> None:
    """Turns red if `mandate audit certificates` or the notice's page leaves out when, or by whom."""
    assert "No certificate of service was issued." in command("audit", "certificates").out
    laid = command("notice", "certificate", str(notice), "--out", str(tmp_path), "--json").document
    listed = command("audit", "certificates").out
    [issue] = client.get("/api/certificates").json()["certificates"]
    assert issue["by"].startswith("staff")
    for each in (f"Notice {notice}", laid["digest"], ", issued by staff", f"entry {issue['seq']} of the history"):
        assert each in listed, listed
    assert re.search(r"day \d{1,2} \w+ 2026, \d\d:\d\d, issued by", listed)
    assert re.search(r"Issued .{10,80} by staff", client.get(f"/notices/{notice}").text)


def test_a_file_of_another_kind_is_no_broken_certificate(command: Command, tmp_path: Path) -> None:
    """Turns red if somebody who gives the wrong file is told that a certificate does not hold."""
    others = {"slip.pdf": b"%PDF-1.7\n/Type/EmbeddedFile", "list.json": b"[1, 2]", "photo.png": b"\x89PNG\r\n"}
    for name, content in others.items():
        (tmp_path / name).write_bytes(content)
        told = command("notice", "verify", str(tmp_path / name))
        assert (told.code, told.out) == (2, "")
        assert f"'{name}, which is not a certificate of service', wanted the file named certificate-" in told.err
    (tmp_path / "nothing.pdf").write_bytes(b"")
    told = command("notice", "verify", str(tmp_path / "nothing.pdf"))
    assert (told.code, "nothing.pdf, which is empty" in told.err) == (2, True)


def test_what_a_broken_certificate_claims_is_not_said_before_the_verdict(
    command: Command, notice: uuid.UUID, tmp_path: Path
) -> None:
    """Turns red if its own words come first, or what to do stands under every finding."""
    laid = command("notice", "certificate", str(notice), "--out", str(tmp_path), "--json").document
    sound = Path(laid["json"]).read_text()
    altered = tmp_path / "altered.json"
    altered.write_text(sound.replace('"statutory": true', '"statutory": false'))
    told = command("notice", "verify", str(altered))
    assert told.code == 1
    assert told.out.startswith("It does not hold; do not rely on it.")
    assert told.out.count("STOP") > 1
    assert told.out.count("To do: Do not rely on this file.") == 1
    for name in ("json", "pdf"):
        cut = tmp_path / f"cut.{name}"
        whole = Path(laid[name]).read_bytes()
        cut.write_bytes(whole[: len(whole) * 9 // 10])
        assert command("notice", "verify", str(cut)).code == 1
    hidden = tmp_path / "hidden.pdf"
    hidden.write_bytes(Path(laid["pdf"]).read_bytes().replace(b"application#2Fjson", b"application#2Fxson"))
    assert command("notice", "verify", str(hidden)).code == 1
