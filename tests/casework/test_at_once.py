"""
Two acts at once on PostgreSQL, where they run side by side: SQLite lets the second begin when the first has ended.

The second act always begins while the first is done and not yet committed, and goes on once it waits for a lock.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from casework import handlers, repository
from casework.cases import Case, CaseEvent, Pursuit
from casework.lifecycle import EventKind
from casework.pay.claims import submit
from casework.pay.models import Claim, PaymentBatch
from casework.pay.payments import prepare_batch
from casework.register.imports import import_officers
from casework.register.intake import Taking
from casework.register.models import Officer, Workplace
from core.away import database_is_away
from core.db import Database
from core.errors import Conflict, MandateError
from core.history import HistoryEntry, verify
from core.unit_of_work import UnitOfWork, reading, unit_of_work
from core.work import PendingWork, ask_for, take_all
from notifications import outbox, quarantine
from notifications.comparing import compare
from notifications.delivery import deliver_due
from notifications.journal import Journal
from notifications.lifecycle import Medium
from notifications.messages import Message, message_kind
from notifications.models import JournalMark
from tests.builders import a_case, a_member, a_workplace, at_pay
from tests.casework.pay.claiming import FIRST, SECOND, approved, given
from tests.casework.register.files import OFFICER, write
from tests.conftest import NOON
from tests.notifications.conftest import Desk, desk  # noqa: F401 - a fixture
from tests.notifications.samples import SAMPLES, kind_of, recipient_for

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)

Does = Callable[[UnitOfWork], Any]


def working(database: Database, actor: str = "staff:test") -> Any:
    """A unit of work at noon."""
    return unit_of_work(actor, as_of=NOON, on=database)


def one_behind_the_other(database: Database, first: Does, second: Does) -> tuple[Any, Any]:
    """What both gave; the second one's error, if it was refused."""
    outcome: list[Any] = []

    def follow() -> None:
        try:
            with working(database, "staff:second") as uow:
                outcome.append(second(uow))
        except (MandateError, OperationalError) as error:
            outcome.append(error)

    following = threading.Thread(target=follow)
    with working(database, "staff:first") as uow:
        led = first(uow)
        uow.session.flush()
        following.start()
        while following.is_alive() and not waits(database):
            time.sleep(0.005)
    following.join()
    return led, outcome[0] if outcome else None


def waits(database: Database) -> bool:
    """Whether a transaction of this database waits for a lock."""
    with database.engine.connect() as connection:
        found = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(connection.scalar(found))


def count(database: Database, kind: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def assert_whole(database: Database) -> None:
    with database.reading() as session:
        assert verify(session).whole


@pytest.fixture
def workplace_id(database: Database) -> uuid.UUID:
    with working(database) as uow:
        return a_workplace(uow).id


def opening(workplace_id: uuid.UUID, issue: str = "meetings", key: str | None = None) -> Does:
    def open_it(uow: UnitOfWork) -> str:
        workplace = uow.session.get_one(Workplace, workplace_id)
        return handlers.open_case(uow, workplace, [issue], Pursuit.CONCURRENT, key).ref

    return open_it


def test_two_workers_set_the_first_mark_of_a_journal(database: Database, tmp_path: Path) -> None:
    """Turns red if `_set_marks` does not lock: the second would break the primary key."""
    journal = Journal(tmp_path / "journal")
    journal.begin(NOON)
    found = compare(lambda: reading(on=database), journal)
    assert found.marks

    def remember(uow: UnitOfWork) -> str:
        quarantine._set_marks(uow, found)
        return "marked"

    assert one_behind_the_other(database, remember, remember) == ("marked", "marked")
    assert count(database, JournalMark) == 1


def test_a_case_opened_twice_under_one_key_is_one(database: Database, workplace_id: uuid.UUID) -> None:
    """Turns red without OPEN_LOCK in `open_case`: the second would break the unique key."""
    twice = opening(workplace_id, key="one form")
    assert one_behind_the_other(database, twice, twice) == ("2026-0001", "2026-0001")
    assert count(database, Case) == 1


def test_two_cases_have_two_numbers(database: Database, workplace_id: uuid.UUID) -> None:
    """Turns red without OPEN_LOCK in `open_case`: both would be 2026-0001."""
    refs = one_behind_the_other(database, opening(workplace_id), opening(workplace_id, "observation"))
    assert refs == ("2026-0001", "2026-0002")
    assert_whole(database)


def test_one_issue_of_a_workplace_is_in_one_open_case(database: Database, workplace_id: uuid.UUID) -> None:
    """Turns red without OPEN_LOCK in `open_case`."""
    _, refused = one_behind_the_other(database, opening(workplace_id), opening(workplace_id))
    assert isinstance(refused, Conflict)
    assert count(database, Case) == 1


def test_an_act_recorded_twice_under_one_key_happened_once(database: Database) -> None:
    """Turns red if `record` looks for the key before it holds the case."""
    with working(database) as uow:
        case_id = a_case(uow).id

    def record(uow: UnitOfWork) -> Any:
        return handlers.record(uow, case_id, EventKind.ISSUE_ADDED, {"issue": "cover"}, key="one click")

    led, followed = one_behind_the_other(database, record, record)
    assert led == followed
    assert count(database, CaseEvent) == 2
    assert_whole(database)


def test_two_acts_on_two_cases_make_one_chain(database: Database) -> None:
    """Turns red without the lock in `core.history`: both entries would follow the same one."""
    with working(database) as uow:
        ids = [a_case(uow).id for _ in range(2)]

    def adding(case_id: uuid.UUID) -> Does:
        return lambda uow: handlers.record(uow, case_id, EventKind.ISSUE_ADDED, {"issue": "cover"})

    one_behind_the_other(database, adding(ids[0]), adding(ids[1]))
    assert count(database, HistoryEntry) == 4
    assert_whole(database)


def test_of_two_acts_that_wait_for_each_other_one_is_undone_as_a_whole(database: Database) -> None:
    """Turns red if the error of a deadlock is none that passes: "40" in POSTGRES_PASSING."""
    with working(database) as uow:
        ids = [a_case(uow).id for _ in range(2)]
    both_hold, errors = threading.Barrier(2), []

    def crosswise(mine: uuid.UUID, other: uuid.UUID) -> None:
        try:
            with working(database) as uow:
                repository.get(uow, mine, for_update=True)
                both_hold.wait()
                for case_id in (other, mine):
                    handlers.record(uow, case_id, EventKind.ISSUE_ADDED, {"issue": "cover"})
        except OperationalError as error:
            errors.append(error)

    people = [threading.Thread(target=crosswise, args=pair) for pair in (ids, ids[::-1])]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert [database_is_away(error) for error in errors] == [True]
    assert count(database, CaseEvent) == 4
    assert_whole(database)


def test_a_worker_does_not_take_what_an_act_still_counts_on(database: Database) -> None:
    """
    An act finds a row that waits and adds none; a worker that took that row before the act was committed would look
    too early, and nothing would make it look again.

    Turns red if `ask_for` reads the row that waits without FOR SHARE.
    """
    subject = uuid.uuid4()
    with working(database) as uow:
        ask_for(uow, "advance_case", subject)
    with working(database) as act:
        ask_for(act, "advance_case", subject)
        with working(database) as worker:
            assert take_all(worker, "advance_case") == []
    with working(database) as worker:
        assert [row.subject_id for row in take_all(worker, "advance_case")] == [subject]
    assert count(database, PendingWork) == 1


def test_an_act_does_not_count_on_what_a_worker_is_taking(database: Database) -> None:
    """Turns red if `ask_for` waits for the worker's row or counts it: without SKIP LOCKED."""
    subject = uuid.uuid4()
    with working(database) as uow:
        ask_for(uow, "advance_case", subject)
    with working(database) as worker:
        assert len(take_all(worker, "advance_case")) == 1
        with working(database) as act:
            ask_for(act, "advance_case", subject)
    assert count(database, PendingWork) == 2


def test_two_workers_drain_without_waiting(database: Database) -> None:
    """Turns red without SKIP LOCKED in `take_all`: the second would wait, and the test with it."""
    with working(database) as uow:
        ask_for(uow, "advance_case", uuid.uuid4())
    with working(database) as one:
        assert len(take_all(one, "advance_case")) == 1
        with working(database) as other:
            ask_for(other, "advance_case", uuid.uuid4())
            assert len(take_all(other, "advance_case")) == 1


def test_two_imports_at_once_store_each_row_once(database: Database, tmp_path: Path) -> None:
    """Turns red without IMPORT_LOCK: the second would compare with what it cannot see, and break a unique key."""
    file = write(tmp_path / "officers.csv", [OFFICER])
    first, second = one_behind_the_other(
        database, lambda uow: import_officers(uow, Taking(file)), lambda uow: import_officers(uow, Taking(file))
    )
    assert (first.stored, second.stored, second.unchanged) == (1, 0, 1)
    assert count(database, Officer) == 1


def test_of_two_people_approving_at_once_one_approved(desk: Desk) -> None:  # noqa: F811
    """Turns red if `outbox.get` does not hold the row: the second name would stand over the first."""
    kind = message_kind(kind_of("dispute_notified"))
    message = Message(kind.name, SAMPLES["dispute_notified"])
    with desk.work() as uow:
        to = recipient_for(kind.audience)
        notice_id = outbox.prepare(uow, message, to, medium=Medium.MAIL, subject_ref="ballot:1").id
    one_behind_the_other(
        desk.database,
        lambda uow: outbox.approve(uow, notice_id, "officer:first"),
        lambda uow: outbox.approve(uow, notice_id, "officer:second"),
    )
    assert desk.notice(notice_id).approved_by == "officer:first"


def test_two_deliverers_send_a_notice_once(desk: Desk) -> None:  # noqa: F811
    """Turns red if a claim does not say `epoch` in its WHERE."""
    ids = [desk.queue(subject_ref=f"ballot:{number}") for number in range(4)]
    begin, reports = threading.Barrier(2), []

    def deliver() -> None:
        begin.wait()
        reports.append(deliver_due(desk.database, desk.channels, as_of=desk.now))

    deliverers = [threading.Thread(target=deliver) for _ in range(2)]
    for deliverer in deliverers:
        deliverer.start()
    for deliverer in deliverers:
        deliverer.join()
    assert sum(report.accepted for report in reports) == len(ids)
    assert {len(desk.notice(each).attempts) for each in ids} == {1}
    assert [report.failures for report in reports] == [[], []]


def test_a_member_who_claims_twice_at_once_has_one_claim(database: Database) -> None:
    """Turns red if `submit` does not hold the case: the second would break the unique key of a round."""
    with working(database) as uow:
        case = at_pay(uow, FIRST, SECOND)
        case_id, number = case.id, a_member(uow, case.workplace).membership_number

    def claim(uow: UnitOfWork) -> Any:
        return submit(uow, case_id, number, given()).id

    _, refused = one_behind_the_other(database, claim, claim)
    assert isinstance(refused, Conflict)
    assert count(database, Claim) == 1


def test_two_batches_of_two_cases_have_two_numbers(database: Database) -> None:
    """Turns red without BATCH_LOCK in `prepare_batch`: both would be P-2026-0001."""
    with working(database) as uow:
        ids = []
        for pence in (100, 200):
            case = at_pay(uow, FIRST, SECOND)
            approved(uow, case, a_member(uow, case.workplace), given(pence=pence))
            ids.append(case.id)

    def prepare(case_id: uuid.UUID) -> Does:
        return lambda uow: prepare_batch(uow, case_id).ref

    assert one_behind_the_other(database, prepare(ids[0]), prepare(ids[1])) == ("P-2026-0001", "P-2026-0002")
    assert count(database, PaymentBatch) == 2
