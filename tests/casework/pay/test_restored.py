"""Payment files and a restored database: what left is known by the journal, and no claim is paid twice."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from casework.pay import payments, restored
from casework.pay.models import Claim, ClaimState, PaymentBatch, PaymentLine
from core.db import Database
from core.errors import Conflict, ServiceUnavailable
from core.settings import settings
from core.unit_of_work import UnitOfWork, unit_of_work
from notifications import quarantine
from notifications.journal import Journal
from notifications.reconciling import reconcile
from tests.builders import a_member, acting, at_pay
from tests.casework.pay.claiming import FINANCE_1, FINANCE_2, FINANCE_3, FIRST, SECOND, approved, do
from tests.conftest import NOON
from tests.engines import Engine, opened

BY, BECAUSE = "Jo Example, treasurer", "the bank's statement was looked at"


@pytest.fixture(autouse=True)
def journal_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal on another disk than the database."""
    monkeypatch.setenv("MANDATE_JOURNAL_FOLDER", str(tmp_path / "journal"))
    settings.cache_clear()


@contextmanager
def work(database: Database) -> Iterator[UnitOfWork]:
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        yield uow


def two_claims(database: Database) -> uuid.UUID:
    """A case with two approved claims."""
    with work(database) as uow:
        case = at_pay(uow, FIRST, SECOND)
        for _ in range(2):
            approved(uow, case, a_member(uow, case.workplace))
        return case.id


def paid(database: Database, case_id: uuid.UUID) -> str:
    """The claims in a file that was released and handed over for the bank."""
    with work(database) as uow:
        batch = payments.prepare_batch(acting(uow, FINANCE_1), case_id)
        payments.release(acting(uow, FINANCE_3), batch.ref)
        payments.hand_over(uow, batch.ref)
        return batch.ref


def taken_in(database: Database) -> tuple[int, int]:
    with work(database) as uow:
        others = reconcile(uow, quarantine.journal_of(uow)).others
        return restored.take_in(uow, [*others, *restored.lost_files(uow)])


@contextmanager
def copy_of(database: Database, engine: Engine) -> Iterator[Database]:
    database.engine.dispose()
    with engine.lent(database.url) as url, opened(url) as backup:
        yield backup


def states(database: Database) -> list[ClaimState]:
    with work(database) as uow:
        return sorted(uow.session.scalars(select(Claim.state)))


def test_fm_38_a_restored_database_pays_nobody_twice(database: Database, engine: Engine) -> None:
    """
    Backup, one file paid, restore: nothing is prepared or released before a named person has looked, and the file is
    known again by its digest.

    Turns red if `prepare_batch` does not ask for the quarantine, or `hand_over` writes no line.
    """
    case_id = two_claims(database)
    with copy_of(database, engine) as backup:
        ref = paid(database, case_id)
        with work(backup) as uow, pytest.raises(Conflict, match="restore status"):
            payments.prepare_batch(acting(uow, FINANCE_1), case_id)
        assert quarantine.look(backup, Journal.beside(backup)) is not None
        assert taken_in(backup) == (1, 0)
        with work(backup) as uow:
            quarantine.end(uow, quarantine.journal_of(uow), BY, BECAUSE)
        assert states(backup) == [ClaimState.PAID] * 2
        with work(backup) as uow:
            batch = payments.find_batch(uow, ref)
            assert (batch.prepared_by, batch.released_by) == (FINANCE_1, FINANCE_3)
            assert payments.file_of(uow, ref) == batch.content
            assert uow.session.scalar(select(func.count()).select_from(PaymentLine)) == 2
        assert taken_in(backup) == (0, 0)


def test_a_file_that_was_prepared_before_the_backup_is_released_again(database: Database, engine: Engine) -> None:
    """Turns red if a batch that stands unreleased is made a second time."""
    case_id = two_claims(database)
    with work(database) as uow:
        ref = payments.prepare_batch(acting(uow, FINANCE_1), case_id).ref
    with copy_of(database, engine) as backup:
        with work(database) as uow:
            payments.release(acting(uow, FINANCE_3), ref)
            payments.hand_over(uow, ref)
        assert taken_in(backup) == (1, 0)
        assert states(backup) == [ClaimState.PAID] * 2
        with work(backup) as uow:
            assert uow.session.scalar(select(func.count()).select_from(PaymentBatch)) == 1


def test_claims_that_stood_otherwise_are_left_out_until_they_stand_as_they_did(
    database: Database, engine: Engine
) -> None:
    """
    The approvals were given after the backup. Approved again, the claim is not paid a second time but known.

    Turns red if `_payable` does not ask for lost payments.
    """
    with work(database) as uow:
        case = at_pay(uow, FIRST, SECOND)
        case_id = case.id
        claim_id = approved(uow, case, a_member(uow, case.workplace)).id
        claim = uow.session.get_one(Claim, claim_id)
        before = claim.first_approver, claim.second_approver
    with copy_of(database, engine) as backup:
        paid(database, case_id)
        with work(backup) as uow:
            table = Claim.__table__
            uow.session.execute(table.update().values(state="calculated", first_approver=None, second_approver=None))
        assert taken_in(backup) == (0, 1)
        with work(backup) as uow:
            case = uow.session.get_one(Claim, claim_id).case
            for approver in before:
                do(acting(uow, str(approver)), case, "claim_approved", claim=claim_id)
        with work(backup) as uow, pytest.raises(Exception, match="nothing to pay") as refused:
            payments.prepare_batch(acting(uow, FINANCE_1), case_id)
        assert "paid_before_restore" in {finding.code for finding in refused.value.findings}  # type: ignore[attr-defined]
        assert taken_in(backup) == (1, 0)
        assert states(backup) == [ClaimState.PAID]


def test_a_file_that_nobody_fetched_is_simply_made_again(database: Database, engine: Engine) -> None:
    """Released, but it never left. Turns red if the release itself writes the line: nothing would be lost by paying."""
    case_id = two_claims(database)
    with copy_of(database, engine) as backup:
        with work(database) as uow:
            ref = payments.prepare_batch(acting(uow, FINANCE_1), case_id).ref
            payments.release(acting(uow, FINANCE_3), ref)
        assert quarantine.look(backup, Journal.beside(backup)) is None
        assert paid(backup, case_id) == ref


def test_no_file_is_handed_over_that_the_journal_cannot_tell_of(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns red if the error of the journal is swallowed."""
    case_id = two_claims(database)
    with work(database) as uow:
        ref = payments.prepare_batch(acting(uow, FINANCE_1), case_id).ref
        payments.release(acting(uow, FINANCE_2), ref)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "write", full)
    with work(database) as uow, pytest.raises(ServiceUnavailable, match="No space left"):
        payments.hand_over(uow, ref)


def test_the_line_of_a_file_names_nobody(database: Database) -> None:
    """Turns red if names or accounts stand in the journal."""
    paid(database, two_claims(database))
    [line] = [each for each in Journal.beside(database).entries() if each["event"] == "payment_file"]
    assert set(line) == {
        "at", "event", "batch", "sha256", "total_pence", "references",
        "prepared_by", "prepared_on", "released_by", "released_on",
    }  # fmt: skip
    assert line["references"].count("MC-") == 2
