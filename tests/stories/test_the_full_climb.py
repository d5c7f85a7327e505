"""The demonstration without Prefect: one case climbs every rung, and reopens when the agreement is broken."""

from __future__ import annotations

import hashlib
import itertools
import os
import shlex
import shutil
import sqlite3
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from app import approvals, runs
from app.cli import main
from app.demo import opening, performance, stopping, surroundings
from app.demo.performance import Part, Performance, Told
from app.demo.plays import full_climb
from app.stand_down_views import standing_page
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
from core.unit_of_work import UnitOfWork, reading
from notifications.audit import audit_notices
from notifications.lifecycle import Medium, State
from notifications.models import Notice
from tests.environment import given_back
from tests.sampling import every

pytestmark = pytest.mark.slow

MEMBERS = 58
BACK_TO = (Stage.OFFICER_NEGOTIATION,)
"""Where a broken agreement takes a case whose officer is known."""


@dataclass
class Watch:
    """Notes the first day of each point where a demonstration may stop, and keeps the database as it was on some."""

    folder: Path
    came_on: dict[str, tuple[str, Sequence[str]]] = field(default_factory=dict)

    def __call__(self, uow: UnitOfWork) -> Sequence[str]:
        for name, point in stopping.POINTS.items():
            there = point.cases(uow)
            if there and name not in self.came_on:
                self.came_on[name] = (uow.today.isoformat(), there)
                if name in {"approval", "strike_notified"}:
                    copied(self.folder / "mandate.db", self.kept(name) / "mandate.db")
                    for journal in self.folder.glob("outbox-journal*.jsonl"):  # or nothing more is sent from there
                        shutil.copy(journal, self.kept(name))
        return ()

    def kept(self, name: str) -> Path:
        """The home with the database of that day."""
        return self.folder / "kept" / name


def copied(stored: Path, copy: Path) -> None:
    """Copy a database that may be in use."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(stored)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


@dataclass(frozen=True, slots=True)
class Played:
    """What is left after the last scene."""

    case_id: uuid.UUID
    told: list[Told]
    folder: Path
    parts: Sequence[Part]
    watch: Watch


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
            play, watch = Performance(plays, opening.actors(plays), False, told.append), Watch(folder)
            assert not play.play(watch)
            yield Played(play.parts[0].case_id, told, folder, play.parts, watch)
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


REF, DISPUTE = "2026-0001", "D-2026-0001"
POINTS = {
    "members_meeting": "2026-09-01",
    "head_meeting": "2026-09-08",
    "officer_assigned": "2026-09-19",
    "officer_members_meeting": "2026-09-21",
    "officer_negotiation": "2026-09-28",
    "ballot_preparation": "2026-10-05",
    "approval": "2026-10-06",
    "ballot_open": "2026-10-20",
    "ballot_result": "2026-11-18",
    "asos_authorised": "2026-11-20",
    "asos_in_force": "2026-12-07",
    "in_force": "2026-12-07",
    "strike_escalation": "2027-01-11",
    "strike_notified": "2027-01-14",
    "strike_action": "2027-01-14",
    "pay_reimbursement": "2027-01-29",
    "settled": "2027-03-30",
    "monitoring": "2027-04-01",
}


def test_each_point_where_it_may_stop_comes_on_its_day(played: Played) -> None:
    """Turns red if a point is looked for at noon only, or holds of a case before what it says is so."""
    assert played.watch.came_on == {name: (day, [REF]) for name, day in POINTS.items()}
    assert set(stopping.POINTS) - set(POINTS) == {Stage.CLOSED.value}


@pytest.fixture
def at(played: Played, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], list[str]]]:
    """Go to the home as it was at a point; the commands that are told there."""

    def home_of(name: str) -> list[str]:
        home = played.watch.kept(name)
        for variable, folder in {"HOME": home, "LETTERS_FOLDER": home / "letters", "JOURNAL_FOLDER": home}.items():
            monkeypatch.setenv(f"MANDATE_{variable}", str(folder))
        settings_module.settings.cache_clear()
        with reading() as uow:
            told = stopping.stopped(uow, name, played.parts)
        assert (told["on"], told["cases"]) == (POINTS[name], [REF])
        return list(told["next"])

    yield home_of
    database().engine.dispose()
    settings_module.settings.cache_clear()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], int]:
    """A command in the home of the moment; its exit code."""

    def ran(command: str) -> int:
        monkeypatch.setattr(sys, "argv", shlex.split(command))
        with pytest.raises(SystemExit) as ended:
            main.run()
        return int(ended.value.code or 0)

    return ran


def followed_up() -> None:
    """What a worker does once somebody has acted."""
    assert runs.sweep_deadlines(prefect=False) == ()
    assert runs.drain(prefect=False) == ()
    assert runs.deliver(prefect=False) == ()


def test_where_papers_wait_a_second_person_approves_them(
    at: Callable[[str], list[str]], run: Callable[[str], int]
) -> None:
    """Turns red if the demonstration stops before the papers are drawn up, or tells whoever authorised to approve."""
    [approve] = at("approval")
    assert run(approve) == 0
    with reading() as uow:
        assert approvals.waiting(uow) == ()
    followed_up()
    with reading() as uow:
        states = uow.session.scalars(select(Notice.state).where(Notice.kind == "notice_of_ballot")).all()
    assert set(states) == {State.ACCEPTED}


def test_where_a_strike_is_notified_its_dispute_stands_down(
    at: Callable[[str], list[str]], run: Callable[[str], int]
) -> None:
    """Turns red if the demonstration stops where no action is left to stand down, or names another dispute."""
    order, standing = at("strike_notified")
    assert f"stand-down {DISPUTE} " in order
    assert run(order) == 0
    followed_up()
    assert run(standing) == 0
    with reading() as uow:
        case = repository.find(uow, REF)
        kinds = [event.kind for event in repository.events_of(uow, case.id)]
        page = standing_page(uow, DISPUTE)
    assert kinds.count(EventKind.STRIKE_DAY_WITHDRAWN) == len(full_climb.STRIKE_DAYS)
    assert page is not None
    assert page.attempted == page.total > MEMBERS


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
