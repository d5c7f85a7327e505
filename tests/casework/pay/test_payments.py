"""The payment file: every approved claim once, in one file, released by a second person."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import threading
import uuid
from datetime import timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError

from casework.cases import Case
from casework.pay.models import Claim, ClaimState, PaymentBatch, PaymentLine
from casework.pay.payments import (
    HEADINGS,
    FileLine,
    end_to_end_id,
    file_content,
    file_of,
    find_batch,
    is_safe_cell,
    prepare_batch,
    release,
)
from casework.register.models import Member
from core.clock import Clock
from core.db import Database
from core.errors import Conflict, NotFound, RuleViolation
from core.history import HistoryEntry, verify
from core.settings import settings
from core.unit_of_work import UnitOfWork, unit_of_work
from tests.builders import a_member, acting, at_pay, later
from tests.casework.pay.claiming import FINANCE_1, FINANCE_2, FINANCE_3, FIRST, SECOND, approved, batched, do, given
from tests.conftest import NOON
from tests.engines import Engine, blank, opened, with_tables


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The file read back."""
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def left_out(batch: PaymentBatch) -> list[tuple[str, str]]:
    """Code and claim of what a batch left out."""
    return [(finding["code"], finding["where"]) for finding in batch.left_out]


def test_the_file_holds_what_a_bank_upload_takes(uow: UnitOfWork, case: Case, member: Member) -> None:
    batch = batched(uow, case, member)
    (claim,) = [line.claim for line in batch.lines]
    assert batch.content.decode() == (
        "sort_code,account_number,payee,amount,reference\r\n"
        f"000000,{member.account_number},{member.name},200.00,MC-{claim.id.hex}\r\n"
    )
    assert batch.sha256 == hashlib.sha256(batch.content).hexdigest()
    assert (batch.lines_count, batch.total_pence, batch.ref) == (1, 20_000, "P-2026-0001")
    assert claim.state is ClaimState.IN_BATCH


@for_all(pence=st.integers(1, 10**9))
def test_an_amount_in_the_file_reads_back_to_the_same_pence(pence: int) -> None:
    content = file_content([FileLine("000000", "00000001", "A Member", pence, "MC-1")])
    assert int(rows_of(content)[0]["amount"].replace(".", "")) == pence
    assert tuple(rows_of(content)[0]) == HEADINGS


def test_the_reference_of_a_payment_is_stable_and_no_longer_than_banks_carry() -> None:
    claim_id = uuid.UUID(int=1)
    assert end_to_end_id(claim_id) == end_to_end_id(claim_id) == "MC-00000000000000000000000000000001"
    assert len(end_to_end_id(uuid.uuid4())) == 35


@pytest.mark.engines("sqlite", fully="postgresql")
@trying(max_examples=15)
@for_all(pence=st.lists(st.integers(1, 30_000), min_size=1, max_size=5))
def test_the_file_sums_to_what_was_approved(engine: Engine, pence: list[int]) -> None:
    """Red when the total is of the rule's figures, or a claim is dropped from the file without being left out."""
    with (
        engine.lent(blank(engine)) as url,
        opened(url) as database,
        unit_of_work("staff:test", as_of=NOON, on=database) as uow,
    ):
        case = at_pay(uow, FIRST, SECOND)
        claims = [approved(uow, case, a_member(uow, case.workplace), given(pence=each)) for each in pence]
        batch = prepare_batch(uow, case.id)
        due = sum(claim.payable_pence or 0 for claim in claims)
        assert sum(int(row["amount"].replace(".", "")) for row in rows_of(batch.content)) == due == batch.total_pence
        assert {row["reference"] for row in rows_of(batch.content)} == {end_to_end_id(claim.id) for claim in claims}


def test_a_second_batch_finds_nothing_to_pay(uow: UnitOfWork, case: Case, member: Member) -> None:
    """FM-50, double click. Red when `prepare_batch` leaves the claim's state as it was."""
    batched(uow, case, member)
    with pytest.raises(RuleViolation, match="nothing to pay") as refused:
        prepare_batch(acting(uow, FINANCE_1), case.id, "pressed twice")
    assert refused.value.findings[0].code == "nothing_approved"


def test_no_claim_has_a_second_line_whatever_the_code_does(uow: UnitOfWork, case: Case, member: Member) -> None:
    """FM-50. Red when `PaymentLine.claim_id` is no longer unique."""
    batch = batched(uow, case, member)
    (line,) = batch.lines
    uow.session.add(
        PaymentLine(claim_id=line.claim_id, batch_id=batch.id, payee_member_id=member.id, pence=1, end_to_end_id="X")
    )
    with pytest.raises(IntegrityError):
        uow.session.flush()
    uow.session.rollback()


def test_of_two_batches_racing_one_gets_the_claims(database: Database) -> None:
    """FM-50, two workers. Red when a writer's transaction begins with plain BEGIN and the line is not unique."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        case = at_pay(uow, FIRST, SECOND)
        for _ in range(3):
            approved(uow, case, a_member(uow, case.workplace))
    start, outcomes = threading.Barrier(2), []

    def race(actor: str) -> None:
        start.wait()
        try:
            with unit_of_work(actor, as_of=NOON, on=database) as own:
                outcomes.append(prepare_batch(own, case.id).lines_count)
        except RuleViolation as refused:
            outcomes.append(refused.findings[0].code)

    racers = [threading.Thread(target=race, args=(actor,)) for actor in (FINANCE_1, FINANCE_2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(map(str, outcomes)) == ["3", "nothing_approved"]
    with database.reading() as session:
        lines = select(PaymentLine.claim_id, func.count()).group_by(PaymentLine.claim_id)
        assert [count for _, count in session.execute(lines)] == [1, 1, 1]


def test_a_batch_that_is_rolled_back_leaves_its_claims_approved(database: Database) -> None:
    """FM-50, killed half way. Red when `prepare_batch` commits by itself."""
    with unit_of_work("staff:test", as_of=NOON, on=database) as uow:
        case = at_pay(uow, FIRST, SECOND)
        claim = approved(uow, case, a_member(uow, case.workplace))

    def killed() -> None:
        with unit_of_work(FINANCE_1, as_of=NOON, on=database) as uow:
            prepare_batch(uow, case.id)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    with database.reading() as session:
        assert session.get_one(Claim, claim.id).state is ClaimState.APPROVED
        assert session.scalars(select(PaymentBatch)).all() == []
        assert session.scalars(select(HistoryEntry).where(HistoryEntry.action == "pay:batch:prepared")).all() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sort_code": None, "account_number": None}, "no_account"),
        ({"account_number": "87654321"}, "payee_changed"),
        ({"sort_code": "111111"}, "payee_changed"),
        ({"name": "=HYPERLINK(1)"}, "payee_unsafe"),
        ({"name": "A\tMember"}, "payee_unsafe"),
    ],
)
def test_a_claim_that_cannot_be_paid_is_left_out_and_named(
    uow: UnitOfWork, case: Case, member: Member, changes: dict[str, str | None], code: str
) -> None:
    """FM-51. Red when `payee_fault` always answers None."""
    claim = approved(uow, case, member)
    payable = approved(uow, case, a_member(uow, case.workplace))
    for name, value in changes.items():
        setattr(member, name, value)
    batch = prepare_batch(acting(uow, FINANCE_1), case.id)
    assert [line.claim_id for line in batch.lines] == [payable.id]
    assert left_out(batch) == [(code, claim.ref)]
    assert claim.state is ClaimState.APPROVED
    assert member.name not in str(batch.left_out)


def test_a_confirmed_account_is_paid(uow: UnitOfWork, case: Case, member: Member) -> None:
    claim = approved(uow, case, member)
    member.account_number = "87654321"
    do(acting(uow, FINANCE_2), case, "payee_confirmed", claim=claim.id, account_ends="4321")
    batch = prepare_batch(acting(uow, FINANCE_1), case.id)
    assert rows_of(batch.content)[0]["account_number"] == "87654321"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Ann O'Neil", True),
        ("Smith, John", True),
        ("Siân Jones-Evans", True),
        ("=1+1", False),
        ("+44", False),
        ("-1", False),
        ("@SUM(A1)", False),
        ("\t=1", False),
        ("A\nB", False),
        ("A\rB", False),
        ("", False),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_refused(text: str, safe: bool) -> None:
    assert is_safe_cell(text) is safe


def test_a_batch_is_released_by_another_person_and_its_claims_are_paid(
    uow: UnitOfWork, case: Case, member: Member
) -> None:
    batch = batched(uow, case, member)
    released = release(acting(uow, FINANCE_2), batch.ref)
    assert (released.id, released.released_by, released.released_on) == (batch.id, FINANCE_2, uow.today)
    assert [line.claim.state for line in batch.lines] == [ClaimState.PAID]
    assert batch.lines[0].claim.payee_sha256 is None


def test_who_prepared_a_batch_does_not_release_it(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when `release` does not compare the two people."""
    batch = batched(uow, case, member)
    with pytest.raises(RuleViolation) as refused:
        release(acting(uow, FINANCE_1), batch.ref)
    assert [finding.code for finding in refused.value.findings] == ["same_person"]
    assert batch.released_by is None


def test_staff_at_another_door_is_no_second_person(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when `release` compares the actors' letters."""
    approved(uow, case, member)
    batch = prepare_batch(acting(uow, "staff:dashboard"), case.id)
    with pytest.raises(RuleViolation, match="another person has to release"):
        release(acting(uow, "staff:finance"), batch.ref)


def test_a_batch_is_released_from_a_case_of_its_own(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when the act does not hand its case on: the stage that was checked would be another case's."""
    batch = batched(uow, case, member)
    other = at_pay(uow, FIRST, SECOND)
    with pytest.raises(NotFound, match="payment batch of this case"):
        do(acting(uow, FINANCE_2), other, "payment_batch_released", batch=batch.ref)
    assert batch.released_by is None
    do(acting(uow, FINANCE_2), case, "payment_batch_released", batch=batch.ref)
    assert batch.released_by == FINANCE_2


def test_who_confirmed_a_changed_account_neither_prepares_nor_releases(
    uow: UnitOfWork, case: Case, member: Member
) -> None:
    """Red when `_payable`, or `release`, does not ask who confirmed: one person would send pay to a new account."""
    claim = approved(uow, case, member)
    member.account_number = "87654321"
    do(acting(uow, FINANCE_1), case, "payee_confirmed", claim=claim.id, account_ends="4321")
    with pytest.raises(RuleViolation) as refused:
        prepare_batch(acting(uow, FINANCE_1), case.id)
    assert [finding.code for finding in refused.value.findings] == ["nothing_approved", "confirmed_by_you"]
    batch = prepare_batch(acting(uow, FINANCE_2), case.id)
    with pytest.raises(RuleViolation) as refused:
        release(acting(uow, FINANCE_1), batch.ref)
    assert [finding.code for finding in refused.value.findings] == ["confirmed_by_you"]
    assert release(acting(uow, FINANCE_3), batch.ref).released_by == FINANCE_3


def test_a_release_pressed_twice_is_one_release(uow: UnitOfWork, case: Case, member: Member) -> None:
    batch = batched(uow, case, member)
    release(acting(uow, FINANCE_2), batch.ref)
    release(acting(uow, "officer:finance-3"), str(batch.id))
    assert batch.released_by == FINANCE_2
    entries = select(func.count()).where(HistoryEntry.action == "pay:batch:released")
    assert uow.session.scalar(entries) == 1


def test_the_file_is_given_out_as_it_was_prepared(uow: UnitOfWork, case: Case, member: Member) -> None:
    """Red when `file_of` builds the file again from the register."""
    batch = batched(uow, case, member)
    prepared = batch.content
    member.account_number, member.name = "11111111", "Somebody Else"
    uow.session.flush()
    assert file_of(uow, batch.ref) == prepared


@pytest.mark.parametrize("tampering", ["content", "line", "total", "both", "everything"])
def test_a_tampered_file_is_neither_released_nor_given_out(
    uow: UnitOfWork, case: Case, member: Member, tampering: str
) -> None:
    """FM-51. Red when `release` does not call `_check_whole`, or that does not ask history for the digest."""
    batch = batched(uow, case, member)
    if tampering == "everything":
        batch.content = batch.content.replace((member.account_number or "").encode(), b"87654321")
        batch.sha256 = hashlib.sha256(batch.content).hexdigest()
    if tampering in {"content", "both"}:
        batch.content = batch.content.replace(b"200.00", b"900.00")
    if tampering == "both":
        batch.sha256 = hashlib.sha256(batch.content).hexdigest()
    if tampering == "line":
        batch.lines[0].pence += 1
    if tampering == "total":
        batch.total_pence += 1
    uow.session.flush()
    for forbidden in (release, file_of):
        with pytest.raises(Conflict, match="not what was prepared"):
            forbidden(acting(uow, FINANCE_2), batch.ref)


@pytest.mark.parametrize(("days", "refused"), [(0, True), (31, True), (32, False)])
def test_an_equal_total_within_the_days_wants_a_second_reason(
    uow: UnitOfWork, case: Case, member: Member, days: int, refused: bool
) -> None:
    """FM-50, the file made twice. Red when `_is_repeat` always answers False."""
    assert settings().repeat_total_days == 31
    batched(uow, case, member)
    second = approved(uow, case, a_member(uow, case.workplace))
    then = later(acting(uow, FINANCE_1), days)
    if not refused:
        assert prepare_batch(then, case.id).total_pence == 20_000
        return
    with pytest.raises(RuleViolation) as wanted:
        prepare_batch(then, case.id)
    assert [finding.code for finding in wanted.value.findings] == ["repeat_total"]
    assert "came to £200.00 as well" in wanted.value.findings[0].sentence
    assert second.state is ClaimState.APPROVED
    batch = prepare_batch(then, case.id, "another member of the same school, the same salary")
    assert (batch.total_pence, batch.repeat_reason) == (20_000, "another member of the same school, the same salary")


def test_one_batch_may_gather_the_claims_of_all_cases(uow: UnitOfWork, case: Case, member: Member) -> None:
    approved(uow, case, member)
    other = at_pay(uow, FIRST, SECOND)
    approved(uow, other, a_member(uow, other.workplace))
    assert prepare_batch(uow).lines_count == 2


def test_a_batch_of_one_case_leaves_the_others_claims(uow: UnitOfWork, case: Case, member: Member) -> None:
    approved(uow, case, member)
    other = at_pay(uow, FIRST, SECOND)
    waiting = approved(uow, other, a_member(uow, other.workplace))
    assert prepare_batch(uow, case.id).lines_count == 1
    assert waiting.state is ClaimState.APPROVED


@pytest.mark.parametrize("key", ["P-2026-0001", "00000000-0000-0000-0000-000000000009"])
def test_a_batch_that_is_not_there_is_not_found(uow: UnitOfWork, key: str) -> None:
    with pytest.raises(NotFound, match="payment batch"):
        find_batch(uow, key)


def test_batches_are_numbered_by_year(uow: UnitOfWork, case: Case, member: Member) -> None:
    batched(uow, case, member)
    approved(uow, case, a_member(uow, case.workplace), given(pence=19_000))
    next_year = Clock(NOON + timedelta(days=365))
    assert prepare_batch(UnitOfWork(uow.session, next_year, FINANCE_1), case.id).ref == "P-2027-0001"


class Crash(BaseException):
    """The process dies here."""


def crash_at(database: Database, number: int) -> None:
    """Let the process die before the statement of that number."""
    statements = itertools.count(1)

    def count(*_: object) -> None:
        if next(statements) == number:
            raise Crash

    event.listen(database.engine, "before_cursor_execute", count)


def pay_out(database: Database) -> None:
    """What finance does, taken up wherever it was left: prepare what is approved, release what is prepared."""
    with unit_of_work(FINANCE_1, as_of=NOON, on=database) as uow:
        if uow.session.scalars(select(Claim).where(Claim.state == ClaimState.APPROVED)).all():
            prepare_batch(uow)
    with unit_of_work(FINANCE_2, as_of=NOON, on=database) as uow:
        for batch in uow.session.scalars(select(PaymentBatch)).all():
            release(uow, batch.ref)


@pytest.mark.engines("sqlite", fully="postgresql")
def test_a_crash_before_any_statement_pays_every_claim_once(engine: Engine) -> None:
    """FM-50, every crash point. Red when `prepare_batch` commits between the lines and the claims' states."""

    def two_claims(url: str) -> None:
        with_tables(url)
        with opened(url) as database, unit_of_work("staff:test", as_of=NOON, on=database) as uow:
            case = at_pay(uow, FIRST, SECOND)
            for _ in range(2):
                approved(uow, case, a_member(uow, case.workplace))

    before = engine.template("two approved claims", two_claims)
    crashes, finished = 0, False
    while not finished:
        with engine.lent(before) as url:
            with opened(url) as dying:
                crash_at(dying, crashes + 1)
                try:
                    pay_out(dying)
                    finished = True
                except Crash:
                    crashes += 1
            with opened(url) as after:
                pay_out(after)
                assert_each_paid_once(after)
    assert crashes > 30


def assert_each_paid_once(database: Database) -> None:
    """Every claim stands in one file."""
    with database.reading() as session:
        files = [row["reference"] for batch in session.scalars(select(PaymentBatch)) for row in rows_of(batch.content)]
        claims = session.scalars(select(Claim)).all()
        assert sorted(files) == sorted(end_to_end_id(claim.id) for claim in claims)
        assert {claim.state for claim in claims} == {ClaimState.PAID}
        assert verify(session).whole
