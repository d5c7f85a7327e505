"""Who was not reached by a stand-down, and why: unmistakable where mail went nowhere, and fit to be acted on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from app.posted import new_nonce
from app.stand_down_people import LAID_FOR_NOBODY, Known, known, reason
from app.stand_down_views import before_order, standing_page
from ballots.models import Action, ActionStage
from casework.disputes import Dispute
from casework.register.models import Member
from casework.stand_downs import Party, StandDown, StandDownReason
from core.db import Database
from core.settings import settings
from core.unit_of_work import reading, unit_of_work
from notifications.lifecycle import Outcome, State
from notifications.models import Attempt, Notice
from tests.app.conftest import Command
from tests.app.test_standing import DISPUTE, DRILL, Words, ordered, tell
from tests.chaos.drill_ground import furnish

PHONE = "+447700900123"
WHY = {"reason": "error", "note": "A slip."}
REFUSED = "5.1.1 <somebody.else@school.example> unknown, ring 0114 496 0000"


@pytest.fixture
def database(migrated: Database) -> Database:
    """One for page, API and command."""
    return migrated


@pytest.fixture
def struck(database: Database) -> Database:
    """A dispute of two schools on strike."""
    furnish(database, DRILL)
    return database


def attempted(database: Database, state: State, outcome: Outcome, *, channel: str = "smtp", reply: str = "") -> None:
    """Every message was tried once, with one and the same end."""
    with unit_of_work("flow:outbox_delivery", on=database) as uow:
        at = uow.session.query(StandDown).one().ordered_at + timedelta(seconds=1)
        for notice in uow.session.query(Notice).filter(Notice.kind.startswith("stood_down")):
            notice.state, notice.epoch, notice.lease_until = State.SENDING, 1, uow.now
            ended = {"outcome": outcome, "reply_text": reply, "finished_at": at}
            uow.session.add(Attempt(notice_id=notice.id, epoch=1, channel=channel, started_at=at, **ended))
            uow.session.flush()
            notice.state = state


def test_what_was_laid_in_a_folder_reached_nobody(client: TestClient, struck: Database, command: Command) -> None:
    """Turns red if `STANDING` does not ask by which channel a mail was taken."""
    ordered(client)
    tell(struck)
    attempted(struck, State.ACCEPTED, Outcome.ACCEPTED, channel="folder")

    told = client.get(f"/api/disputes/{DISPUTE}/standing?only=not_reached_yet").json()["stand_down"]
    assert (told["counts"]["laid_in_a_folder"], told["counts"]["reached"]) == (DRILL.concerned, 0)
    assert {(each["standing"], each["why"]) for each in told["people"]} == {("laid_in_a_folder", LAID_FOR_NOBODY)}
    said = str(Words(client.get(f"/disputes/{DISPUTE}/standing").text))
    assert f"{DRILL.concerned} of {DRILL.concerned} tried, 0 reached" in said
    assert f"{DRILL.concerned} mails were laid in a folder of this machine and handed to nobody" in said
    assert "laid_in_a_folder" in client.get(f"/disputes/{DISPUTE}/standing.csv?only=not_reached_yet").text
    assert "handed to nobody" in command("dispute", "standing", DISPUTE).out


def test_a_relay_that_is_down_shows_at_once_and_why(client: TestClient, struck: Database, command: Command) -> None:
    """Turns red if `_hindered` leaves out those who are still being tried."""
    ordered(client)
    tell(struck)
    attempted(struck, State.TEMP_WAIT, Outcome.TEMP, reply="Connection refused")

    said = str(Words(client.get(f"/disputes/{DISPUTE}/standing").text))
    assert f"It did not go, and is tried again: Connection refused ({DRILL.concerned} people)" in said
    assert f"{DRILL.concerned} not reached: It did not go" in command("dispute", "standing", DISPUTE).out


def test_the_page_names_whom_to_ring_and_nothing_else_does(
    client: TestClient, struck: Database, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if the page has no name, number or reason, or the file, the API or the command has a name or number."""
    with unit_of_work("staff:test", on=struck) as uow:
        for number, member in enumerate(uow.session.query(Member)):
            member.name, member.phone = f"Ysolde Quennell {number}", PHONE
    ordered(client)
    tell(struck)
    attempted(struck, State.FAILED_PERMANENT, Outcome.PERM, reply=REFUSED)

    said = str(Words(client.get(f"/disputes/{DISPUTE}/standing?only=not_reached").text))
    assert "Ysolde Quennell 0" in said
    assert PHONE in said
    assert "It was refused for good: 5.1.1 … unknown, ring …" in said
    file = client.get(f"/disputes/{DISPUTE}/standing.csv").text
    api = client.get(f"/api/disputes/{DISPUTE}/standing")
    monkeypatch.setenv("COLUMNS", "400")
    listed = command("dispute", "standing", DISPUTE, "--not-reached").out
    for told in (file, api.text, listed):
        assert "refused for good" in " ".join(told.split())
        assert not [each for each in ("Ysolde", PHONE, "somebody.else", "496 0000") if each in told]
    assert {each["party_id"] for each in api.json()["stand_down"]["people"]} <= set(
        file.replace("\r\n", ",").split(",")
    )
    assert api.json()["stand_down"]["people"][0]["party_id"] in listed


def test_everybody_on_the_list_is_known_by_name(client: TestClient, struck: Database) -> None:
    """Turns red if `known` leaves out a table of the register."""
    ordered(client)
    with reading(on=struck) as uow:
        page = standing_page(uow, DISPUTE)
        assert page is not None
        people = {(each.party, each.party_id) for each in page.people}
        found = known(uow, people)
    assert {party for party, _ in people} >= {Party.OFFICER, Party.MEMBER, Party.EMPLOYER}
    assert found.keys() == people
    assert all(isinstance(each, Known) and each.name for each in found.values())


@pytest.mark.parametrize("outcome", [None, Outcome.ACCEPTED])
def test_what_has_not_failed_has_no_reason(outcome: Outcome | None) -> None:
    assert reason(outcome, 250, "queued") is None


def test_before_an_order_the_page_says_what_is_true(client: TestClient, struck: Database) -> None:
    """Turns red if the page says that action goes on where none is on, or offers the act where it is refused."""
    where = f"/disputes/{DISPUTE}/standing"
    assert "Action goes on as it was authorised" in client.get(where).text
    with unit_of_work("staff:test", on=struck) as uow:
        for action in uow.session.query(Action):
            action.stage = ActionStage.ENDED
        for notice in uow.session.query(Notice).filter(Notice.state == State.QUEUED):
            notice.state = State.CANCELLED
    live = client.get(where).text
    assert "No action is authorised or under way" in live
    assert "act=dispute_stood_down" in live
    with unit_of_work("staff:test", on=struck) as uow:
        dispute = uow.session.query(Dispute).filter_by(ref=DISPUTE).one()
        dispute.settled_on = uow.today
        uow.session.flush()
        refused = before_order(uow, DISPUTE).refused
    assert refused is not None
    ended = client.get(where).text
    assert refused in ended
    assert "act=dispute_stood_down" not in ended


def test_the_form_of_an_order_that_would_be_refused_is_the_refusal(client: TestClient, struck: Database) -> None:
    """Turns red if the page asks for the facts of an order that no facts can make good, before or after it is sent."""
    case = client.get("/api/cases").json()["cases"][0]["ref"]
    form, where = f"/cases/{case}?act=dispute_stood_down", f"/cases/{case}/acts/dispute_stood_down"
    assert f'action="{where}"' in client.get(form).text
    with unit_of_work("staff:test", on=struck) as uow:
        for action in uow.session.query(Action):
            action.stage = ActionStage.ENDED
        for notice in uow.session.query(Notice).filter(Notice.state == State.QUEUED):
            notice.state = State.CANCELLED
        uow.session.query(Dispute).filter_by(ref=DISPUTE).one().settled_on = uow.today
        uow.session.flush()
        refused = before_order(uow, DISPUTE).refused
    assert refused is not None
    for answer in (client.get(form), client.post(where, data={"nonce": new_nonce(), "acting_as": "staff", **WHY})):
        assert refused in answer.text
        assert f'action="{where}"' not in answer.text
    unread = client.post(where, data={"nonce": new_nonce(), "acting_as": "staff"})
    assert (unread.status_code, "choose one" in unread.text) == (422, False)


def test_an_order_that_concerned_nobody_lists_nobody(client: TestClient, struck: Database, command: Command) -> None:
    """Turns red if a list of none is shown with a bare nought."""
    with unit_of_work("staff:test", on=struck) as uow:
        dispute = uow.session.query(Dispute).filter_by(ref=DISPUTE).one()
        note, why = "By mistake.", StandDownReason.ERROR
        row = StandDown(dispute_id=dispute.id, reason=why, note=note, ordered_by="staff:test", ordered_at=uow.now)
        uow.session.add(row)
    said = str(Words(client.get(f"/disputes/{DISPUTE}/standing").text))
    assert "There was nobody to tell: the dispute had ended" in said
    assert "Nobody stands there" not in said
    assert "0 of 0" not in said
    assert "There was nobody to tell: the dispute had ended" in " ".join(
        command("dispute", "standing", DISPUTE).out.split()
    )


def test_an_officer_is_told_where_to_look_up_whom_to_ring(client: TestClient, struck: Database) -> None:
    """Turns red if the message asks officers to telephone people, and does not say where they stand."""
    ordered(client)
    tell(struck)
    with reading(on=struck) as uow:
        message = uow.session.query(Notice).filter_by(kind="stood_down_officer").one().body.decode()
    said = " ".join(message.split())
    assert f"/disputes/{DISPUTE}/standing" in said
    assert f"mandate dispute standing {DISPUTE} --not-reached" in said


def test_status_says_where_mail_goes(command: Command, migrated: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns red if nobody can see that mail goes to a folder, or that counts as a trouble."""
    told = command("status", "--json").document
    assert told["mail"]["relay"] is None
    assert not [each for each in told["troubles"] if "mail" in each.lower()]
    assert "handed to nobody, because MANDATE_SMTP_HOST names no mail server" in " ".join(command("status").out.split())
    monkeypatch.setenv("MANDATE_SMTP_HOST", "relay.example.org")
    settings.cache_clear()
    assert "Mail: handed to relay.example.org:25" in command("status").out
