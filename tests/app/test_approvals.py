"""Papers that wait for a second person: where a page, the API and a command say so, and who approved them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from app.posted import new_nonce
from casework.cases import Case
from core.clock import set_stored_clock
from core.db import Database
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications.models import Notice
from tests.app.conftest import Command
from tests.ballots.scenes import disputed, planned
from tests.builders import an_officer

Made = Callable[..., str]
FORM = "act=ballot_notices_approved#record"


@pytest.fixture
def database(migrated: Database) -> Database:
    """Pages, API and commands look at one database."""
    return migrated


@pytest.fixture
def waiting(made: Made, database: Database) -> tuple[str, str]:
    """A case whose papers wait for a second person on 7 October, and who that may be."""
    officers: list[str] = []

    def make(uow: UnitOfWork) -> Case:
        officers.append(f"officer:{an_officer(uow, name='Kwame Fernshaw').id}")
        return planned(disputed(uow)).case

    ref = made(make)
    with unit_of_work("staff:test", on=database) as uow:
        set_stored_clock(uow.session, datetime(2026, 10, 7, 11, 0, tzinfo=UTC))
    return ref, officers[0]


def papers(database: Database) -> list[tuple[uuid.UUID, str]]:
    """Each paper of the ballot with its digest."""
    kinds = ("notice_of_ballot", "sample_voting_paper")
    with reading(on=database) as uow:
        return [(row.id, row.sha256) for row in uow.session.query(Notice).filter(Notice.kind.in_(kinds))]


def test_the_form_lists_each_paper_that_it_approves(
    client: TestClient, waiting: tuple[str, str], database: Database
) -> None:
    """Turns red if the form shows no papers, or takes staff for the second person unless told otherwise."""
    form = client.get(f"/cases/{waiting[0]}?act=ballot_notices_approved").text
    form = form.split('id="facts"')[1].split("</form>")[0]
    assert len(papers(database)) >= 2
    for key, digest in papers(database):
        assert f'href="/notices/{key}"' in form
        assert f"{digest[:12]}…" in form
    assert "/letter.pdf" in form
    assert re.search(r'<option value=""\s+selected', form)
    assert not re.search(r'<option value="staff"\s+selected', form)
    other = client.get(f"/cases/{waiting[0]}?act=ballot_cancelled").text
    assert "Read each paper first" not in other
    assert re.search(r'<option value="staff"\s+selected', other)


def test_the_paper_says_that_it_waits_and_then_who_approved_it(
    client: TestClient, waiting: tuple[str, str], database: Database
) -> None:
    """Turns red if the page of a notice does not lead to the act, or says when it was approved and not by whom."""
    ref, officer = waiting
    key, _ = papers(database)[0]
    before = client.get(f"/notices/{key}").text
    assert "Waits for a second person to approve it" in before
    assert f"/cases/{ref}?{FORM}" in before
    assert client.get(f"/api/notices/{key}").json()["approval"]["case_ref"] == ref
    sent = client.post(f"/cases/{ref}/acts/ballot_notices_approved", data={"nonce": new_nonce(), "acting_as": officer})
    assert sent.status_code == 303, sent.text
    after = client.get(f"/notices/{key}").text
    assert "Waits for a second person" not in after
    assert ", by Kwame Fernshaw, officer" in after
    assert client.get("/api/service").json()["approvals"] == []


def test_nobody_approves_without_saying_as_whom(client: TestClient, waiting: tuple[str, str]) -> None:
    """Turns red if a form that names nobody counts as staff; the papers stand in the form that comes back."""
    nothing = {"nonce": new_nonce(), "acting_as": ""}
    sent = client.post(f"/cases/{waiting[0]}/acts/ballot_notices_approved", data=nothing)
    assert sent.status_code == 422
    assert "Acting as: choose staff or an active officer" in sent.text
    assert "Read each paper first" in sent.text


def test_what_waits_for_approval_is_listed_for_a_person(
    client: TestClient, waiting: tuple[str, str], database: Database, command: Command
) -> None:
    """Turns red if `/service`, the API or `notice tasks` leave out what a second person has to approve."""
    ref, count = waiting[0], len(papers(database))
    page = client.get("/service").text
    assert f"/cases/{ref}?{FORM}" in page
    assert f"{count} papers" in page
    [line] = client.get("/api/service").json()["approvals"]
    assert (line["act"], line["case_ref"], line["count"]) == ("ballot_notices_approved", ref, count)
    told = command("notice", "tasks").out
    assert f"`mandate ballot approve {ref} --as officer:<id>`" in told
    assert "Nothing waits" not in told
    assert "Waits for a second person" in command("notice", "show", papers(database)[0][0]).out


def test_a_refusal_of_the_same_hand_says_how_to_act_as_somebody_else(
    waiting: tuple[str, str], command: Command
) -> None:
    """Turns red if the command line refuses staff and does not name `--as`."""
    refused = command("ballot", "approve", waiting[0])
    assert refused.code == 1
    assert "Act as somebody else: `--as officer:<id>`" in refused.out


@pytest.mark.parametrize("columns", ["80", "160"])
def test_no_id_is_broken_over_lines(
    waiting: tuple[str, str], database: Database, command: Command, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """Turns red if the table of notices folds the column that is to be copied."""
    monkeypatch.setenv("COLUMNS", columns)
    told = command("ballot", "show", waiting[0]).out
    for key, _ in papers(database):
        assert str(key) in told
