"""FM-10: the print house never collects, prints twice, or says something else than it should."""

from __future__ import annotations

import random
import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from notifications import evidence_files, print_receipts, proof, tasks
from notifications.lifecycle import EvidenceClass, Medium, State
from notifications.models import Evidence
from notifications.print_receipts import Reconciliation
from notifications.receipt_rows import HEADINGS, read_receipts
from notifications.rendering import sha256
from notifications.tasks import TaskKind
from tests.notifications.conftest import Desk

pytestmark = pytest.mark.engines("sqlite", fully="postgresql")

POSTED_ON = date(2026, 9, 2)
HEAD = ",".join(HEADINGS)


def laid(desk: Desk, count: int = 1) -> list[uuid.UUID]:
    """Letters in the folder, the first laid first, the day before they are posted."""
    ids = []
    for number in range(count):
        ids.append(desk.queue("notice_of_ballot", medium=Medium.LETTER, subject_ref=f"ballot:{number}"))
        desk.sweep(timedelta(minutes=1))
    desk.now += timedelta(days=3)
    return ids


def line(desk: Desk, notice_id: uuid.UUID, status: str = "posted", **changed: str) -> str:
    """A row of the receipt file about a letter."""
    notice = desk.notice(notice_id)
    received = {"signed_for": "2026-09-03", "courier": "2026-09-03", "delivered": "2026-09-03"}
    cells = {
        "sha256": notice.sha256,
        "name": str(notice.attempts[-1].provider_ref),
        "posted_on": POSTED_ON.isoformat(),
        "tracking_ref": "AB 12",
        "status": status,
        "received_on": received.get(status, ""),
    }
    return ",".join({**cells, **changed}[heading] for heading in HEADINGS)


def take(desk: Desk, *lines: str) -> Reconciliation:
    """Read a receipt file of these rows."""
    content = ("\n".join([HEAD, *lines]) + "\n").encode()
    with desk.work() as uow:
        return print_receipts.take(uow, read_receipts("posted.csv", content))


def evidence(desk: Desk, notice_id: uuid.UUID) -> list[tuple[str, EvidenceClass, date]]:
    """What is on record for a letter, the withdrawn left out."""
    found = desk.notice(notice_id).evidence
    return [(each.kind, each.evidence_class, each.received_on) for each in found if each.revoked_at is None]


def test_fm_10_being_posted_is_no_proof_and_a_signature_is(desk: Desk) -> None:
    """
    Turns red if KINDS makes `posted` or `delivered` anything but class C.
    """
    posted, signed, courier, delivered = laid(desk, 4)
    found = take(
        desk,
        line(desk, posted),
        line(desk, signed, "signed_for"),
        line(desk, courier, "courier"),
        line(desk, delivered, "delivered"),
    )

    assert (found.rows, found.recorded, found.proved, found.faults, found.missing) == (4, 4, 2, [], [])
    assert evidence(desk, posted) == [("posted", EvidenceClass.C, POSTED_ON)]
    assert evidence(desk, delivered) == [("delivered", EvidenceClass.C, date(2026, 9, 3))]
    assert evidence(desk, signed) == [("signed_for", EvidenceClass.A, date(2026, 9, 3))]
    states = [desk.state(each) for each in (posted, delivered, signed, courier)]
    assert states == [State.ACCEPTED, State.ACCEPTED, State.EVIDENCED, State.EVIDENCED]
    with desk.work() as uow:
        assert [proof.received_on(uow, each) for each in (posted, signed)] == [None, date(2026, 9, 3)]


def test_the_file_itself_is_kept_as_the_evidence_of_its_rows(desk: Desk) -> None:
    """Turns red if only its digest is: nobody could look at what it said."""
    (notice_id,) = laid(desk)
    row = line(desk, notice_id, "signed_for")
    take(desk, row)
    content = f"{HEAD}\n{row}\n".encode()

    assert [each.sha256 for each in desk.notice(notice_id).evidence] == [sha256(content)]
    with desk.work() as uow:
        assert evidence_files.find(uow, sha256(content)).content == content


def test_fm_10_reading_a_file_twice_changes_nothing(desk: Desk) -> None:
    """
    Nor does a later file that says everything again and more.

    Turns red if `_record` does not look at what is recorded.
    """
    first, second, third = laid(desk, 3)
    rows = [line(desk, first), line(desk, second, "signed_for"), line(desk, third, "returned")]
    take(desk, *rows)
    with desk.work() as uow:
        before = uow.session.scalar(select(func.count()).select_from(Evidence))
    again = take(desk, *rows)
    later = take(desk, *rows, line(desk, first, "signed_for"))
    with desk.work() as uow:
        after = uow.session.scalar(select(func.count()).select_from(Evidence))

    assert (again.recorded, again.unchanged, again.faults) == (0, 3, [])
    assert (later.recorded, later.proved, later.unchanged) == (1, 1, 3)
    assert after == (before or 0) + 1
    assert desk.state(first) is State.EVIDENCED


def test_fm_10_the_order_of_the_rows_changes_nothing_but_is_told(desk: Desk) -> None:
    """
    Turns red if rows are matched by their place in the manifest.
    """
    ids = laid(desk, 6)
    rows = [line(desk, each, "signed_for") for each in ids]
    random.Random(10).shuffle(rows)
    found = take(desk, *rows)

    assert (found.recorded, found.proved, found.faults) == (6, 6, [])
    assert found.reordered > 0
    assert {desk.state(each) for each in ids} == {State.EVIDENCED}


def test_fm_10_a_lost_letter_is_missed(desk: Desk) -> None:
    """
    Turns red if `missing` is not told, or names letters that were laid after the last day of posting.
    """
    first, lost, third = laid(desk, 3)
    later = desk.queue("notice_of_ballot", medium=Medium.LETTER, subject_ref="ballot:later")
    desk.sweep()
    found = take(desk, line(desk, first), line(desk, third))

    assert found.missing == [desk.notice(lost).attempts[-1].provider_ref]
    assert desk.state(later) is State.ACCEPTED


def test_fm_10_a_letter_that_was_posted_twice_is_told(desk: Desk) -> None:
    """
    In one file, or in two: the recipient has two of it.

    Turns red if a second day of posting is recorded beside the first.
    """
    first, second = laid(desk, 2)
    once, twice = line(desk, first), line(desk, first, posted_on="2026-09-03")
    found = take(desk, once, once, twice, line(desk, second))
    later = take(desk, line(desk, second, posted_on="2026-09-03"))

    assert (found.recorded, found.repeated) == (2, [3, 4])
    assert (later.recorded, later.repeated) == (0, [2])
    assert evidence(desk, first) == [("posted", EvidenceClass.C, POSTED_ON)]


def test_a_letter_may_be_posted_and_then_signed_for_in_one_file(desk: Desk) -> None:
    """Turns red if any second row about a letter is a repeated one."""
    (notice_id,) = laid(desk)
    found = take(desk, line(desk, notice_id), line(desk, notice_id, "signed_for"))

    assert (found.recorded, found.proved, found.repeated) == (2, 1, [])


def test_fm_10_a_signature_for_another_posting_of_the_same_letter_is_told(desk: Desk) -> None:
    """
    It was posted on two days; which of them was signed for has to be asked of the print house.

    Turns red if `_adds_to` leaves out the day of posting.
    """
    (notice_id,) = laid(desk)
    found = take(desk, line(desk, notice_id), line(desk, notice_id, "signed_for", posted_on="2026-09-03"))

    assert (found.recorded, found.proved, found.repeated) == (1, 0, [3])
    assert desk.state(notice_id) is State.ACCEPTED


def test_fm_10_a_row_about_a_letter_that_was_never_laid_is_told(desk: Desk) -> None:
    """
    Turns red if the name is not looked up, or a mail's or a queued letter's name is taken for a laid letter's.
    """
    (known,) = laid(desk)
    queued = desk.queue("notice_of_ballot", medium=Medium.LETTER, subject_ref="ballot:queued")
    names = (
        f"2026-09-01-notice-of-ballot-{uuid.uuid4()}.pdf",
        f"2026-09-01-notice-of-ballot-{queued}.pdf",
        str(desk.notice(known).attempts[-1].provider_ref).replace("ballot", "action"),
        "../manifest.csv",
        "",
    )
    found = take(desk, *(line(desk, known, name=name) for name in names))

    assert [(fault.line, fault.field, fault.found) for fault in found.faults] == [
        (place, "name", name) for place, name in enumerate(names, start=2)
    ]
    assert (found.recorded, evidence(desk, known)) == (0, [])


def test_fm_10_other_bytes_than_those_approved_are_told_and_prove_nothing(desk: Desk) -> None:
    """
    Turns red if the digest is not compared: something else was posted under the notice's name.
    """
    (notice_id,) = laid(desk)
    found = take(desk, line(desk, notice_id, "signed_for", sha256="b" * 64))

    (fault,) = found.faults
    assert (fault.line, fault.field) == (2, "sha256")
    assert "not what was approved" in fault.wanted
    assert desk.state(notice_id) is State.ACCEPTED


@pytest.mark.parametrize(
    ("wrong", "field"), [({"posted_on": "2027-01-01"}, "posted_on"), ({"sha256": "b" * 64}, "sha256")]
)
def test_a_row_that_cannot_be_used_costs_no_good_row_of_the_same_letter(
    desk: Desk, wrong: dict[str, str], field: str
) -> None:
    """Turns red if a row counts as repeated because one that says nothing stands above it."""
    (notice_id,) = laid(desk)
    found = take(desk, line(desk, notice_id, **wrong), line(desk, notice_id), line(desk, notice_id))

    assert [(fault.line, fault.field) for fault in found.faults] == [(2, field)]
    assert (found.recorded, found.repeated) == (1, [4])
    assert evidence(desk, notice_id) == [("posted", EvidenceClass.C, POSTED_ON)]


def test_fm_10_other_bytes_are_told_wherever_their_row_stands(desk: Desk) -> None:
    """Turns red if a row is looked upon as repeated before its digest is compared."""
    (notice_id,) = laid(desk)
    found = take(desk, line(desk, notice_id), line(desk, notice_id, sha256="b" * 64))

    assert [(fault.line, fault.field) for fault in found.faults] == [(3, "sha256")]
    assert (found.recorded, found.repeated) == (1, [])


def test_a_row_that_cannot_be_used_says_nothing_of_how_far_the_posting_went(desk: Desk) -> None:
    """Turns red if a day of posting that cannot be makes letters missing which were laid since."""
    first, second = laid(desk, 2)
    later = desk.queue("notice_of_ballot", medium=Medium.LETTER, subject_ref="ballot:later")
    desk.sweep()
    found = take(desk, line(desk, first), line(desk, second, posted_on="2027-01-01"))

    assert found.missing == [desk.notice(second).attempts[-1].provider_ref]
    assert desk.state(later) is State.ACCEPTED


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"posted_on": "2026-08-30", "received_on": "2026-08-31"}, "received_on"),
        ({"received_on": "2027-01-01"}, "received_on"),
    ],
)
def test_a_day_that_cannot_be_is_told_with_its_column(desk: Desk, changed: dict[str, str], field: str) -> None:
    """Turns red if a refusal of `record_receipt` ends the whole file."""
    good, bad = laid(desk, 2)
    found = take(desk, line(desk, bad, "signed_for", **changed), line(desk, good, "signed_for"))

    assert [(fault.line, fault.field) for fault in found.faults] == [(2, field)]
    assert (desk.state(bad), desk.state(good)) == (State.ACCEPTED, State.EVIDENCED)


def test_a_second_day_of_receipt_is_a_contradiction(desk: Desk) -> None:
    """Turns red if the second day is recorded as well: a letter is received once."""
    (notice_id,) = laid(desk)
    take(desk, line(desk, notice_id, "signed_for"))
    found = take(desk, line(desk, notice_id, "courier", received_on="2026-09-04"))

    assert [fault.field for fault in found.faults] == ["received_on"]
    with desk.work() as uow:
        assert proof.received_on(uow, notice_id) == date(2026, 9, 3)


@pytest.mark.parametrize(
    ("status", "changed", "kind"),
    [("returned", {}, TaskKind.CHECK_ADDRESS), ("not_printed", {"posted_on": ""}, TaskKind.ASK_PRINT_HOUSE)],
)
def test_a_letter_that_came_back_or_was_never_made_is_somebodys_task(
    desk: Desk, status: str, changed: dict[str, str], kind: TaskKind
) -> None:
    """Turns red if nobody is asked, or what machines said for the letter still stands."""
    (notice_id,) = laid(desk)
    take(desk, line(desk, notice_id))
    found = take(desk, line(desk, notice_id, status, **changed))

    assert (found.recorded, found.returned) == (1, 1)
    assert (desk.state(notice_id), evidence(desk, notice_id)) == (State.REVOKED, [])
    with desk.work() as uow:
        assert [task.notice_id for task in tasks.open_tasks(uow, kind)] == [notice_id]


def test_what_a_person_signed_for_stands_though_a_copy_came_back(desk: Desk) -> None:
    """Turns red if `returned` withdraws class A: somebody had the letter."""
    (notice_id,) = laid(desk)
    take(desk, line(desk, notice_id, "signed_for"))
    take(desk, line(desk, notice_id, "returned"))

    assert desk.state(notice_id) is State.EVIDENCED
    with desk.work() as uow:
        assert [task.kind for task in tasks.open_tasks(uow)] == [TaskKind.CHECK_ADDRESS.value]


def test_fm_10_a_letter_that_nobody_speaks_of_is_somebodys_task_in_time(desk: Desk) -> None:
    """
    The print house never collected: after the days of the policy a person is asked, once, and until a receipt comes.

    Turns red if `overdue` counts from another day, or `alarm` asks again.
    """
    (notice_id,) = laid(desk)
    with desk.work() as uow:
        assert print_receipts.alarm(uow, 4) == 0
        assert print_receipts.alarm(uow, 0) == 0
    desk.now += timedelta(days=1, minutes=1)
    for _ in range(2):
        with desk.work() as uow:
            assert print_receipts.alarm(uow, 4) == 1
            assert [task.notice_id for task in tasks.open_tasks(uow, TaskKind.ASK_PRINT_HOUSE)] == [notice_id]
    take(desk, line(desk, notice_id))
    with desk.work() as uow:
        assert print_receipts.alarm(uow, 4) == 0
        assert list(tasks.open_tasks(uow)) == []
