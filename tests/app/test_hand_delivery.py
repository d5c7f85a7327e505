"""A delivery by hand: what the form, the API and the command ask, what is kept of it, and what a certificate says."""

from __future__ import annotations

import io
import json
import re
import sys
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.db import Database
from core.unit_of_work import reading
from notifications.certificates.annexes import annexes
from notifications.certificates.paragraphs import paragraphs
from notifications.certificates.shape import Certificate
from notifications.models import Evidence, EvidenceFile
from notifications.rendering import TEXT
from tests.app import test_service_pages as pages
from tests.app.conftest import Command
from tests.app.test_service_pages import BY_HAND, JPEG, receipt

database = pages.database
served = pages.served
clock_in_october = pages.clock_in_october
Served = tuple[str, uuid.UUID]

pytestmark = pytest.mark.usefixtures("clock_in_october")


def kept(database: Database) -> list[tuple[str, str]]:
    """What shows the receipts: the kind of evidence and of its file."""
    with reading(on=database) as uow:
        rows = uow.session.query(Evidence).all()
        files = [(row.kind, uow.session.get_one(EvidenceFile, row.sha256).content_type) for row in rows if row.sha256]
        assert len(files) == len(rows)
        return sorted(files)


def test_the_form_keeps_the_record_and_the_photograph(client: TestClient, served: Served, database: Database) -> None:
    """Turns red if `receiving.record` keeps only one of the two, or a second press records another."""
    for _ in range(2):
        answer: Any = receipt(client, served[1], JPEG)
        assert answer.status_code == 303, answer.text
    assert kept(database) == [("handed_over", "image/jpeg"), ("handed_over", TEXT)]
    with reading(on=database) as uow:
        [statement] = [each for each in uow.session.query(EvidenceFile) if each.content_type == TEXT]
        said = statement.content.decode()
    for each in ("Thursday 8 October 2026 at 09:00, London time", *list(BY_HAND.values())):
        assert each in said


def test_the_strongest_proof_without_a_paper_is_asked_for_twice(
    client: TestClient, served: Served, database: Database
) -> None:
    """Turns red if `receiving.require_a_paper` is not asked, or asks where a machine speaks."""
    for how in ("handed_over", "signed_for", "courier", "acknowledged"):
        answer: Any = receipt(client, served[1], b"", how=how, no_document="")
        assert answer.status_code == 422
        assert re.search(r'<a href="#no_document">\s*Add the file, or the confirmation that there is none', answer.text)
    assert kept(database) == []
    assert receipt(client, served[1], b"", how="posted", no_document="").status_code == 303  # type: ignore[attr-defined]


def test_a_delivery_by_hand_wants_its_place_time_and_people(
    client: TestClient, served: Served, database: Database
) -> None:
    """Turns red if a field is not asked for, or is asked of what went another way."""
    for name in BY_HAND:
        answer: Any = receipt(client, served[1], JPEG, **{name: " "})
        assert answer.status_code == 422
        assert f'<a href="#{name}">' in re.sub(r"\s+", " ", answer.text)
    for at, says in (("25:00", "wanted the London time of day"), ("23:59", "not in the future")):
        wrong: Any = receipt(client, served[1], JPEG, at=at)
        assert (wrong.status_code, says in wrong.text) == (422, True), at
    early: Any = receipt(client, served[1], JPEG, at="00:01", **{"received_on-day": "7"})
    assert (early.status_code, "a time after the notice was released" in early.text) == (422, True)
    with reading(on=database) as uow:
        assert uow.session.query(Evidence).count() == 0
    signed: Any = receipt(client, served[1], JPEG, how="signed_for", **dict.fromkeys(BY_HAND, ""))
    assert signed.status_code == 303


def test_each_choice_says_what_it_proves_and_what_it_does_not(client: TestClient, served: Served) -> None:
    """Turns red if the form names the kinds alone."""
    page = client.get(f"/notices/{served[1]}").text
    assert "Class A. Proves, by whoever carried it, that somebody was given it there on that day." in page
    assert "It does not prove that the recipient read it" in page
    assert "Class C. Proves that it was sent. It does not prove that it arrived" in page


def test_the_same_delivery_over_the_api_is_one_row_and_stands_in_the_certificate(
    client: TestClient, served: Served, database: Database
) -> None:
    """Turns red if the API records a second time, takes no word for a paper, or the certificate has no annex of it."""
    where, body = f"/api/notices/{served[1]}/hand-delivery", {"received_on": "2026-10-08", **BY_HAND}
    assert client.post(where, json=body).status_code == 422
    for _ in range(2):
        answer = client.post(where, json={**body, "no_document": True})
        assert answer.status_code == 201, answer.text
    assert kept(database) == [("handed_over", TEXT)]
    issued = client.post(f"/api/notices/{served[1]}/certificate", params={"form": "json"})
    certificate = Certificate.model_validate_json(json.dumps(issued.json()["certificate"]))
    *_, annex = annexes(certificate)
    assert annex.text is not None
    assert "Handed to: the receptionist" in annex.text
    [shown] = [each for each in paragraphs(certificate) if each.startswith("Served on")]
    assert shown.endswith("The record of how it was handed over stands in an annex. No slip or photograph was kept.")
    missing = client.post(where, json={**body, "document": "0" * 64})
    assert missing.status_code == 404


def test_the_command_keeps_the_record_too(command: Command, served: Served, database: Database) -> None:
    """Turns red if `mandate notice received` drops a part of the delivery, or takes half of it."""
    words = ("notice", "received", served[0], str(served[1]), "2026-10-08", "handed_over")
    half = command(*words, "--place", "Reception")
    assert (half.code, "--at" in half.err) == (2, True)
    options = [each for name, value in BY_HAND.items() for each in (OPTIONS[name], value)]
    told = command(*words, *options, "--no-document")
    assert told.code == 0, told.err
    assert kept(database) == [("handed_over", TEXT)]


class Terminal(io.StringIO):
    """What somebody types, line by line."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_at_a_terminal_the_parts_are_asked_for_and_the_missing_paper_is_confirmed(
    command: Command, served: Served, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if a "no" records all the same, or a part is not asked for."""
    words = ("notice", "received", served[0], str(served[1]), "2026-10-08", "handed_over")
    typed = "\n".join(BY_HAND.values())
    monkeypatch.setattr(sys, "stdin", Terminal(f"{typed}\nn\n"))
    refused = command(*words)
    assert refused.code == 1
    assert "counts as the strongest proof, and no slip, photograph or letter shows it" in refused.out + refused.err
    with reading(on=database) as uow:
        assert uow.session.query(Evidence).count() == 0
    monkeypatch.setattr(sys, "stdin", Terminal(f"{typed}\ny\n"))
    told = command(*words)
    assert told.code == 0, told.err
    assert "Class A. Proves, by whoever carried it" in told.out
    assert kept(database) == [("handed_over", TEXT)]


OPTIONS = {"place": "--place", "at": "--at", "delivered_by": "--delivered-by", "handed_to": "--handed-to"}
