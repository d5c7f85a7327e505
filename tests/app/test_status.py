"""The status document: the same for command, page and API, and not silent about what is wrong."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import status
from app.cli import status as status_command
from app.routes import status as status_routes
from app.serve_state import held, write_state
from app.supervisor import Child, Duty
from casework.deadlines import DeadlineKind, set_deadline
from core import failures, sweeps, work, workers
from core.db import Database
from core.settings import Settings
from core.unit_of_work import UnitOfWork, unit_of_work
from core.why import Why
from core.workers import Presence, workers_folder
from notifications import outbox
from notifications.lifecycle import OUTCOME_STATES, Medium, Outcome, State
from notifications.messages import Message
from notifications.models import Attempt
from notifications.proof import RELAY
from tests.builders import a_case, an_officer
from tests.conftest import NOON
from tests.notifications.samples import RECIPIENTS, SAMPLES
from tests.processes import free_port

pytestmark = pytest.mark.engines("sqlite", "postgresql")

LATER = NOON + timedelta(minutes=20)


@pytest.fixture
def configured(tmp_path: Path) -> Settings:
    """A home of one's own, and no Prefect."""
    return Settings(home=tmp_path / "home", prefect_port=free_port())


@pytest.fixture
def told(database: Database, configured: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, object]]:
    """The document at an instant."""

    def at(instant: object = NOON) -> dict[str, object]:
        real = status.reading
        monkeypatch.setattr(status, "reading", lambda on: real(on=on, as_of=instant))
        document = status.document(database, configured)
        monkeypatch.setattr(status, "reading", real)
        return document

    return at


def swept(database: Database, at: object = NOON) -> None:
    with unit_of_work("staff:test", as_of=at, on=database) as uow:  # type: ignore[arg-type]
        for name in status.PERIODS:
            sweeps.succeeded(uow, name, {})


def queued(uow: UnitOfWork) -> None:
    message = Message("dispute_notified", SAMPLES["dispute_notified"])
    outbox.enqueue(uow, message, RECIPIENTS["employer"], medium=Medium.MAIL, subject_ref="case:1")


def test_where_all_is_well_there_is_no_trouble(database: Database, told: Callable[..., dict[str, object]]) -> None:
    """Mutation: call Prefect's absence a trouble: the worker goes on without it."""
    swept(database)
    document = told()
    assert document["troubles"] == []
    assert document["prefect"]["answers"] is False  # type: ignore[index]
    assert document["serve"] == {"running": False, "pid": None, "dashboard": None, "children": []}


def test_fm_21_a_sweep_that_never_ran_or_is_late_is_trouble(
    database: Database, told: Callable[..., dict[str, object]]
) -> None:
    """Turns red if `_sweep` calls a sweep without a row in time."""
    assert len(told()["troubles"]) == len(status.PERIODS)
    swept(database)
    assert told(NOON + timedelta(minutes=3))["troubles"] == [
        "The outbox delivery is late: it should succeed every minute."
    ]


def test_what_waits_too_long_is_trouble(database: Database, told: Callable[..., dict[str, object]]) -> None:
    """Mutation: count what waits without asking since when: a worker that is gone leaves it waiting for ever."""
    swept(database)
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        work.ask_for(uow, "advance_case", uuid.UUID(int=1))
        queued(uow)
    document = told()
    assert document["cases_to_advance"] == {"count": 1, "oldest_asked_at": NOON}
    assert document["notices"]["oldest_due_at"] == NOON  # type: ignore[index]
    assert document["troubles"] == []
    swept(database, LATER)
    assert told(LATER)["troubles"] == [
        "Cases wait to be advanced: no worker takes them, or they fail.",
        "Notices that are due do not go out.",
    ]


@pytest.fixture
def relayed(configured: Settings) -> Settings:
    """Mail goes to a relay."""
    configured.smtp_host, configured.smtp_port = "relay.union.test", 587
    return configured


def tried(
    database: Database, outcome: Outcome, *after: timedelta, channel: str = RELAY, kind: str = "claim_decided"
) -> None:
    """A mail with attempts that came to that, each so long after noon; a notice of ballot is wanted two days on."""
    of_ballot = kind == "notice_of_ballot"
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        notice = outbox.prepare(
            uow,
            Message(kind, SAMPLES[kind]),
            RECIPIENTS["employer" if of_ballot else "member"],
            medium=Medium.MAIL,
            subject_ref=f"case:{uuid.uuid4()}",
            latest_receipt_on=NOON.date() + timedelta(days=2) if of_ballot else None,
        )
        notice.approved_by, notice.approved_at = "officer:2", NOON
        for state in (State.APPROVED, State.QUEUED):
            notice.state = state
        for epoch, each in enumerate(after, start=1):
            notice.lease_until, notice.epoch, at = NOON, epoch, NOON + each
            notice.state = State.SENDING
            told = {"channel": channel, "started_at": at, "finished_at": at, "outcome": outcome}
            uow.session.add(Attempt(notice_id=notice.id, epoch=epoch, **told))
            notice.state = OUTCOME_STATES[outcome]


def test_a_relay_that_takes_nothing_is_a_note_at_once(
    database: Database, told: Callable[..., dict[str, object]], relayed: Settings
) -> None:
    """Turns red if a dead relay is silent until a quarter of an hour has gone, or a note is counted as trouble."""
    swept(database)
    tried(database, Outcome.ACCEPTED, timedelta(minutes=-30))
    tried(database, Outcome.TEMP, timedelta(minutes=-45))
    assert told()["notes"] == []
    tried(database, Outcome.TEMP, timedelta(), timedelta(minutes=1))
    tried(database, Outcome.TEMP, timedelta(minutes=1))
    soon = told(NOON + timedelta(minutes=2))
    assert soon["notes"] == [
        "The relay relay.union.test:587 has refused 3 hand-overs of 2 mails since 12:00 (London time) and has taken "
        "none since. They are tried again by themselves."
    ]
    assert soon["troubles"] == []
    assert "The relay has taken no mail for more than a quarter of an hour." in str(told(LATER)["troubles"])
    assert "since 1 September 2026, 12:00" in str(told(NOON + timedelta(days=1))["notes"])


def test_a_relay_that_takes_a_mail_again_is_no_note(
    database: Database, told: Callable[..., dict[str, object]], relayed: Settings
) -> None:
    """Turns red if a relay is called dead that has taken or judged a mail since, or for what another way refused."""
    tried(database, Outcome.TEMP, timedelta())
    tried(database, Outcome.PERM, timedelta(minutes=1))
    tried(database, Outcome.TEMP, timedelta(minutes=2), channel="webhook")
    assert told(NOON + timedelta(minutes=3))["notes"] == []


def test_a_statutory_notice_near_its_last_day_makes_a_dead_relay_trouble(
    database: Database, told: Callable[..., dict[str, object]], relayed: Settings
) -> None:
    """Turns red if the quarter of an hour is waited for while the time for another way runs out."""
    swept(database)
    tried(database, Outcome.TEMP, timedelta(), kind="notice_of_ballot")
    (trouble,) = told(NOON + timedelta(minutes=1))["troubles"]  # type: ignore[misc]
    assert trouble.startswith(
        "The relay takes no mail, and 1 statutory notice waits for it whose last day of receipt is"
    )
    assert "Thursday 3 September 2026" in trouble
    relayed.next_channel_hours = 1
    assert told(NOON + timedelta(minutes=1))["troubles"] == []


def test_a_notice_for_a_later_day_is_not_due(database: Database, told: Callable[..., dict[str, object]]) -> None:
    """Mutation: in `_notices`, leave out `send_after <= uow.now`."""
    with unit_of_work("staff:test", as_of=LATER, on=database) as uow:
        queued(uow)
    assert told()["notices"]["oldest_due_at"] is None  # type: ignore[index]


def test_a_child_that_keeps_dying_is_trouble_while_its_supervisor_lives(
    database: Database, configured: Settings, told: Callable[..., dict[str, object]]
) -> None:
    """Mutation: show the children of a file whose supervisor is gone."""
    swept(database)
    duty = Duty("worker", lambda handle: [], {}, lambda pid: None, 1, 1, 1)
    dying = Child(duty, ends_in_a_row=3, last_end="exit status 1", restarts=3)
    with held(configured.home):
        write_state(configured.home, 8321, [dying])
        document = told()
        assert document["troubles"] == ["The worker keeps dying (exit status 1); it is started again and again."]
        assert document["serve"]["children"][0]["restarts"] == 3  # type: ignore[index]
    assert told()["troubles"] == []


def test_prefects_address_is_that_of_the_service_on_the_home(
    configured: Settings, told: Callable[..., dict[str, object]]
) -> None:
    """Mutation: in `as_served`, give the settings back as they are, or do so also when nobody holds the home."""
    with held(configured.home):
        write_state(configured.home, 8321, [], prefect="http://127.0.0.1:4999/api")
        assert told()["prefect"]["api"] == "http://127.0.0.1:4999/api"  # type: ignore[index]
    assert told()["prefect"]["api"] == f"http://127.0.0.1:{configured.prefect_port}/api"  # type: ignore[index]


def test_a_worker_of_this_machine_that_ended_is_not_shown(
    database: Database, configured: Settings, told: Callable[..., dict[str, object]]
) -> None:
    """Mutation: in `_workers`, leave out `ended`: a killed worker would be shown until another one looks."""
    presence = Presence(database, workers_folder(configured))
    presence.arrive()
    assert len(told()["workers"]) == 1  # type: ignore[arg-type]
    os.close(presence._handle)
    assert told()["workers"] == []


def test_workers_and_failures_are_named(
    database: Database, tmp_path: Path, told: Callable[..., dict[str, object]]
) -> None:
    """Mutation: leave the workers out."""
    Presence(database, tmp_path / "elsewhere").arrive()
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        failures.stand(uow, "workplace_case", "case:1", "ValueError", "casework/steps.py:1")
    document = told()
    assert [row["seen_seconds_ago"] <= 60 for row in document["workers"]] == [True]  # type: ignore[index, attr-defined]
    assert [row["subject"] for row in document["failures"]] == ["case:1"]  # type: ignore[index, attr-defined]
    assert workers.present_id() is None


def test_a_deadline_that_was_missed_and_a_case_that_fails_are_trouble(
    database: Database, told: Callable[..., dict[str, object]]
) -> None:
    """Mutation: leave either of them out of `_troubles`: a monitor would say that all is well."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        why = Why("Told by the test.", {}, "", "none", "policy", "none")
        yesterday = uow.today - timedelta(days=1)
        an_officer(uow)
        set_deadline(uow, a_case(uow).id, DeadlineKind.RESULT_TO_EMPLOYERS, yesterday, why)
        failures.stand(uow, "workplace_case", "case:1", "ValueError", "casework/steps.py:1")
    swept(database)
    assert told()["troubles"] == [
        "1 deadline is past its last good day and not met.",
        "1 thing failed and is tried again; it is listed with where it failed.",
    ]


def test_page_and_api_show_the_same(client: TestClient, database: Database) -> None:
    """Mutation: leave the router out of `app.web`."""
    document = client.get("/api/status").json()
    page = client.get("/status")
    assert page.status_code == 200
    assert document["troubles"]
    for trouble in document["troubles"]:
        assert trouble in page.text
    assert 'aria-current="true"' in page.text or 'aria-current="page"' in page.text


def test_a_note_stands_on_the_page_and_in_the_terminal(
    client: TestClient,
    database: Database,
    configured: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Turns red if the page says that all is well beside a note, or the command leaves notes out."""
    noted = {**status.document(database, configured), "notes": ["The relay refuses."], "troubles": []}
    monkeypatch.setattr(status_routes, "document", lambda *_: noted)
    shown = client.get("/status").text
    assert "The relay refuses." in shown
    assert "All is well" not in shown
    status_command._show(noted)
    assert "NOTE  The relay refuses." in capsys.readouterr().out
