"""The demonstration without Prefect: one case climbs every rung, and reopens when the agreement is broken."""

from __future__ import annotations

import hashlib
import itertools
import os
import sqlite3
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from app.demo import opening, performance, surroundings
from app.demo.performance import Performance, Told
from app.demo.plays import full_climb
from ballots.audit import audit_ballots
from ballots.repository import ballot_of, entitled, mandates_of
from casework import repository
from casework.agreements.models import Agreement, Clause
from casework.audit import audit_cases
from casework.lifecycle import Event, EventKind, Stage, apply, begin
from casework.pay.audit import audit_pay
from casework.pay.models import Claim, ClaimState, PaymentBatch
from core import history
from core import settings as settings_module
from core.clock import london_instant
from core.db import Database, database
from core.unit_of_work import reading
from notifications.audit import audit_notices
from notifications.lifecycle import Medium
from notifications.models import Notice
from tests.environment import given_back
from tests.sampling import every

pytestmark = pytest.mark.slow

MEMBERS = 58
BACK_TO = (Stage.OFFICER_NEGOTIATION,)
"""Where a broken agreement takes a case whose officer is known."""


@dataclass(frozen=True, slots=True)
class Played:
    """What is left after the last scene."""

    case_id: uuid.UUID
    told: list[Told]
    folder: Path


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The whole play, once, in a folder of its own."""
    folder = tmp_path_factory.mktemp("demo")
    with given_back():
        os.environ.pop("MANDATE_DATABASE_URL", None)
        surroundings.furnish(folder)
        told: list[Told] = []
        plays = (full_climb.PLAY,)
        with surroundings.mail_sink(folder / "mail") as port:
            os.environ["MANDATE_SMTP_PORT"] = str(port)
            settings_module.settings.cache_clear()
            begins = london_instant(performance.begins_on(plays))
            opening.furnish_register(folder, begins, plays, lambda _said: None)
            play = Performance(plays, opening.actors(plays), False, told.append)
            play.play()
            yield Played(play.parts[0].case_id, told, folder)
        database().engine.dispose()


def test_every_rung_is_climbed_in_order(played: Played) -> None:
    """Turns red if any stage is left out, or the case comes to one before its turn."""
    with reading() as uow:
        events = repository.events_of(uow, played.case_id)
        stages = [stage for stage, _ in itertools.groupby(_stages(events))]
    assert stages == [*list(Stage)[:16], *BACK_TO]


def _stages(events: list[Event]) -> Iterator[Stage]:
    state = begin(events[0])
    yield state.stage
    for event in events[1:]:
        state = apply(state, event)
        yield state.stage


def test_every_number_in_every_notice_is_the_registers(played: Played) -> None:
    """Turns red if a paper counts anything but the frozen list: ballot, result, scrutineer, action."""
    with reading() as uow:
        ballot = ballot_of(uow, played.case_id)
        assert ballot is not None
        frozen = len(entitled(uow, ballot.id))
        stated: dict[str, set[int]] = {}
        for notice in uow.session.scalars(select(Notice)):
            for name in ("total", "entitled"):
                if notice.facts.get(name) is not None:
                    stated.setdefault(notice.kind, set()).add(notice.facts[name])
    assert frozen == MEMBERS == ballot.entitled
    assert stated == {
        "notice_of_ballot": {frozen},
        "scrutineer_instruction": {frozen},
        "ballot_result_employer": {frozen},
        "ballot_result_members": {frozen},
        "notice_of_action": {frozen},
    }


def test_members_are_written_to_once_for_each_thing(played: Played) -> None:
    with reading() as uow:
        for kind in ("ballot_result_members", "instruction_sheet", "strike_call", "stand_down"):
            keys = list(uow.session.scalars(select(Notice.recipient_key).where(Notice.kind == kind)))
            assert (kind, len(keys), len(set(keys))) == (kind, MEMBERS, MEMBERS)


def test_a_reminder_of_a_deadline_reached_the_workplace(played: Played) -> None:
    """Turns red if `tells_workplace` is not asked: a file in the folder, not only a row."""
    with reading() as uow:
        reminders = uow.session.scalars(select(Notice).where(Notice.kind == "deadline_reminder_workplace")).all()
        mails = [each.message_id.strip("<>").partition("@")[0] for each in reminders if each.medium is Medium.MAIL]
    assert mails
    assert all((played.folder / "mail" / f"{name}.eml").exists() for name in mails)


def test_what_was_claimed_is_what_the_payment_file_pays(played: Played) -> None:
    """Turns red if a penny is lost between a claim and the file, or a claim is paid twice."""
    with reading() as uow:
        claims = uow.session.scalars(select(Claim)).all()
        batches = uow.session.scalars(select(PaymentBatch)).all()
        lines = [line for batch in batches for line in batch.lines]
        assert {claim.state for claim in claims} == {ClaimState.PAID}
        assert len(lines) == len(claims) > 0
        total = sum(claim.payable_pence or 0 for claim in claims)
        assert total == sum(line.pence for line in lines) == sum(batch.total_pence for batch in batches) > 0


def test_the_chain_of_history_is_whole_and_replay_gives_the_row(played: Played) -> None:
    with reading() as uow:
        assert history.verify(uow.session).whole
        case = repository.get(uow, played.case_id)
        state = repository.state_of(uow, case.id)
        assert (case.stage, case.entered_on, str(case.officer_id)) == (state.stage, state.entered_on, state.officer_id)


def test_a_reopened_case_keeps_its_history_its_agreement_and_its_spent_mandate(played: Played) -> None:
    """Turns red if reopening deletes, or leaves the dispute or its action alive."""
    with reading() as uow:
        case_id = played.case_id
        kinds = [event.kind for event in repository.events_of(uow, case_id)]
        state = repository.state_of(uow, case_id)
        agreements = uow.session.scalars(select(Agreement).where(Agreement.case_id == case_id)).all()
        clauses = uow.session.scalars(select(Clause)).all()
        ballot = ballot_of(uow, case_id)
        assert ballot is not None
        assert len(mandates_of(uow, ballot.id)) == 2
        assert ballot.dispute.settled_on is not None
    assert kinds[0] is EventKind.CASE_RAISED
    assert {EventKind.STRIKE_DAY_HELD, EventKind.SETTLEMENT_REACHED, EventKind.CASE_REOPENED} <= set(kinds)
    assert (state.times_reopened, state.asos_in_force, state.strike_days_held) == (1, False, 0)
    assert [each.signed_on is not None for each in agreements] == [True]
    assert len(clauses) == len(full_climb.CLAUSES)


def faults(database_file: Path) -> set[str]:
    """The codes of what every audit finds."""
    on = Database(f"sqlite:///{database_file}")
    try:
        with reading(on=on) as uow:
            chain = history.verify(uow.session)
            found = (*audit_cases(uow).findings, *audit_ballots(uow), *audit_pay(uow), *audit_notices(uow))
            return {finding.code for finding in found} | (set() if chain.whole else {"history_broken"})
    finally:
        on.engine.dispose()


@pytest.mark.parametrize(
    ("statement", "code"),
    every(
        3,
        [
            (None, None),
            ("UPDATE ballots SET result = json_set(result, '$.cast', 1)", "result_changed"),
            ("UPDATE ballots SET result = 'no JSON'", "row_unreadable"),
            ("UPDATE ballots SET entitled = 1", "ballot_changed"),
            ("UPDATE mandates SET last_day = '2028-01-01'", "mandate_changed"),
            ("DELETE FROM mandates WHERE kind = 'strike'", "mandate_changed"),
            ("UPDATE mandates SET kind = 'dance' WHERE kind = 'strike'", "row_unreadable"),
            ("UPDATE claims SET payable_pence = 1", "claim_changed"),
            ("UPDATE claims SET state = 'dancing'", "row_unreadable"),
            (
                "UPDATE payment_batches SET content = content || ' ', sha256 = DIGEST(content || ' ')",
                "payment_file_changed",
            ),
            ("UPDATE payment_batches SET total_pence = 1", "payment_file_changed"),
            ("DELETE FROM payment_batches", "payment_file_missing"),
            ("UPDATE notices SET body = x'00', sha256 = DIGEST(x'00')", "notice_changed"),
            ("UPDATE notices SET body = x'00'", "notice_changed"),
            ("UPDATE notices SET attachment = x'00' WHERE attachment IS NOT NULL", "notice_changed"),
            ("DELETE FROM notices WHERE kind = 'claim_decided'", "notice_missing"),
        ],
    ),
)
def test_what_is_altered_afterwards_is_found(
    played: Played, tmp_path: Path, statement: str | None, code: str | None
) -> None:
    """Red for a row whose comparison is left out of its audit, such as `told == notice.sha256`."""
    copy = tmp_path / "altered.db"
    with sqlite3.connect(played.folder / "mandate.db") as stored, sqlite3.connect(copy) as altered:
        stored.backup(altered)
        altered.create_function("DIGEST", 1, lambda content: hashlib.sha256(_bytes(content)).hexdigest())
        if statement:
            altered.execute("PRAGMA ignore_check_constraints = ON")
            assert altered.execute(statement).rowcount > 0
    assert faults(copy) == ({code} if code else set())


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
