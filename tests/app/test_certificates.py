"""Certificates of service as people and programs get them: the page, the API and the commands."""

from __future__ import annotations

import json
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
