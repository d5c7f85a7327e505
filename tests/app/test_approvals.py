"""Papers that wait for a second person: where a page, the API and a command say so, and who approved them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import insert

from app import acts
from app.posted import new_nonce
from ballots import approving
from ballots.papers import BALLOT_PAPERS
from casework.cases import Case
from core.clock import set_stored_clock
from core.db import Database
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from notifications.lifecycle import State
from notifications.models import Notice
from tests.app.conftest import Command
from tests.app.signed_in import becomes
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


def carried(client: TestClient, ref: str) -> str:
    """The digest that the fresh form of the act carries."""
    return hidden(client.get(f"/cases/{ref}?act=ballot_notices_approved&digest={'0' * 64}").text)


def hidden(page: str) -> str:
    [found] = re.findall(r'<input type="hidden" name="digest" value="([^"]*)">', page)
    return str(found)


def approve(client: TestClient, waiting: tuple[str, str], **fields: str) -> Response:
    becomes(client, waiting[1])
    data = {"nonce": new_nonce(), **fields}
    return client.post(f"/cases/{waiting[0]}/acts/ballot_notices_approved", data=data)


def test_a_look_at_the_approval_shows_what_it_lets_go(
    client: TestClient, waiting: tuple[str, str], database: Database
) -> None:
    """Turns red when a preview shows only what is drawn up: approving four papers would "send nothing"."""
    shown = approve(client, waiting, digest=carried(client, waiting[0]), preview="yes").text
    told = shown.partition('id="preview"')[2]
    assert "It would send nothing." not in told
    assert told.count("Leaves with the next delivery.") == len(papers(database))


def drawn_up_again(database: Database) -> None:
    """One paper is taken back, and another stands in its place."""
    with unit_of_work("flow:test", on=database) as uow:
        old = uow.session.query(Notice).filter_by(kind="notice_of_ballot").first()
        assert old is not None
        columns = {each.key: getattr(old, each.key) for each in Notice.__table__.columns}
        columns |= {"id": uuid.uuid4(), "idem_key": f"{old.idem_key}:again", "message_id": "<again@mandate.invalid>"}
        columns |= {"sha256": "f" * 64}
        uow.session.execute(insert(Notice).values(columns))
        old.state = State.CANCELLED


def approved(database: Database) -> int:
    with reading(on=database) as uow:
        papers = uow.session.query(Notice).filter(Notice.kind.in_(BALLOT_PAPERS))
        return papers.filter(Notice.approved_by.is_not(None)).count()


def test_nothing_is_approved_in_place_of_what_the_form_showed(
    client: TestClient, waiting: tuple[str, str], database: Database
) -> None:
    """Turns red if the form carries no digest, the handler asks for none, or the form that comes back has the old."""
    read = carried(client, waiting[0])
    drawn_up_again(database)
    refused = approve(client, waiting, digest=read)
    assert refused.status_code == 422
    assert "What you read has changed since" in refused.text
    assert "Read it again, as it stands now" in refused.text
    assert approved(database) == 0
    assert "ffffffffffff…" in refused.text
    now = hidden(refused.text)
    assert now != read
    assert approve(client, waiting, digest=now).status_code == 303
    assert approved(database) == len(papers(database)) - 1


def test_a_form_that_comes_back_for_another_reason_passes_no_change_over(
    client: TestClient, waiting: tuple[str, str], database: Database
) -> None:
    """Turns red if any refusal renews the digest: papers that changed meanwhile would be approved unread."""
    read = carried(client, waiting[0])
    drawn_up_again(database)
    assert hidden(approve(client, waiting, digest=read, nonce="form:1").text) == read


def test_a_form_that_does_not_say_what_was_read_approves_nothing(
    client: TestClient, waiting: tuple[str, str], database: Database
) -> None:
    """Turns red if the page takes an approval without the digest that its form carries."""
    refused = approve(client, waiting)
    assert "did not say which papers you have read" in refused.text
    assert approved(database) == 0
    assert approve(client, waiting, digest=hidden(refused.text)).status_code == 303


def test_api_and_command_may_name_what_was_read(
    client: TestClient, waiting: tuple[str, str], database: Database, command: Command
) -> None:
    """
    Turns red if API or command line take no digest, or approve other papers than its own; or the state of a paper is
    told by its code.
    """
    ref, officer = waiting
    [line] = client.get("/api/service").json()["approvals"]
    shown = command("ballot", "show", ref).out
    assert f"--digest {line['digest']}" in shown
    assert "drawn up" in shown
    assert "rendered" not in shown
    drawn_up_again(database)
    refused = command("ballot", "approve", ref, "--as", officer, "--digest", line["digest"])
    assert refused.code == 1
    assert "What you read has changed since" in refused.out
    asked = {"Idempotency-Key": "key-00001", "Acting-As": officer}
    where = f"/api/cases/{ref}/acts/ballot_notices_approved"
    told = client.post(where, json={"digest": line["digest"]}, headers=asked).json()
    assert [each["code"] for each in told["findings"]] == ["papers_changed"]
    assert approved(database) == 0
    [line] = client.get("/api/service").json()["approvals"]
    assert client.post(where, json={"digest": line["digest"]}, headers=asked).status_code == 201


def test_the_commands_that_approve_are_those_that_there_are() -> None:
    """Turns red if a command is renamed and its one spelling is not."""
    from app.cli import action, ballot

    groups = {"ballot": ballot.COMMANDS, "action": action.COMMANDS}
    for act, spelled in approving.COMMANDS.items():
        program, group, name = spelled.split()
        assert (program, groups[group][name]) == ("mandate", act)
        assert acts.act_named(act).facts is approving.PapersRead


def test_the_form_lists_each_paper_that_it_approves(
    client: TestClient, waiting: tuple[str, str], database: Database
) -> None:
    """Turns red if the form shows no papers, or that of another act does."""
    form = client.get(f"/cases/{waiting[0]}?act=ballot_notices_approved").text
    form = form.split('id="facts"')[1].split("</form>")[0]
    assert len(papers(database)) >= 2
    for key, digest in papers(database):
        assert f'href="/notices/{key}"' in form
        assert f"{digest[:12]}…" in form
    assert "/letter.pdf" in form
    other = client.get(f"/cases/{waiting[0]}?act=ballot_cancelled").text
    assert "Read each paper first" not in other


def test_the_paper_says_that_it_waits_and_then_who_approved_it(
    client: TestClient, waiting: tuple[str, str], database: Database
) -> None:
    """Turns red if the page of a notice does not lead to the act, or says when it was approved and not by whom."""
    ref = waiting[0]
    key, _ = papers(database)[0]
    before = client.get(f"/notices/{key}").text
    assert "Waits for a second person to approve it" in before
    assert f"/cases/{ref}?{FORM}" in before
    assert client.get(f"/api/notices/{key}").json()["approval"]["case_ref"] == ref
    sent = approve(client, waiting, digest=carried(client, ref))
    assert sent.status_code == 303, sent.text
    after = client.get(f"/notices/{key}").text
    assert "Waits for a second person" not in after
    assert ", by Kwame Fernshaw, officer" in after
    assert client.get("/api/service").json()["approvals"] == []


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
    assert f"`mandate ballot approve {ref} --as officer:<id> --digest {line['digest']}`" in told
    assert line["digest"] == carried(client, ref)
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
