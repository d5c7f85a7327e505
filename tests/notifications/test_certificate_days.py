"""On which days a certificate may have something received: none before the copy was sent, as when it is recorded."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import london_day
from core.errors import BadInput
from notifications import proof
from notifications.certificates import issuing, sealing
from notifications.certificates.checking import check
from notifications.certificates.checking_copies import earliest_on
from notifications.certificates.gathering import Setting
from notifications.certificates.shape import Attempt, Copy
from notifications.lifecycle import EvidenceClass, Medium
from notifications.proof import TOLD, WORTH, ReceiptKind, Sign
from tests.notifications.conftest import Desk

pytestmark = pytest.mark.engines("sqlite")

LATEST = date(2026, 9, 14)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=270)).map(lambda since: datetime(2026, 3, 1, tzinfo=UTC) + since)


def copy_of(released: datetime, began: list[datetime]) -> Copy:
    """A copy as far as the rule looks at it."""
    attempts = [Attempt.model_construct(started_at=each) for each in began]
    return Copy.model_construct(queued_at=released, created_at=released, attempts=attempts)


@given(MOMENTS, st.lists(st.timedeltas(timedelta(), timedelta(days=60)), max_size=4), st.sampled_from([*ReceiptKind]))
def test_nothing_is_received_before_it_was_sent_unless_somebody_carried_it(
    released: datetime, waits: list[timedelta], kind: ReceiptKind
) -> None:
    """Turns red if `checking_copies.earliest_on` has the release for any kind, or not the first attempt."""
    began = [released + each for each in waits]
    first = earliest_on(copy_of(released, began), kind.value)
    if kind is ReceiptKind.HANDED_OVER or not began:
        assert first == london_day(released)
    else:
        assert first == min(london_day(each) for each in began) >= london_day(released)


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=9)), st.sampled_from([*Sign]))
def test_what_speaks_against_receipt_bears_the_day_it_came_in(released: datetime, wait: timedelta, sign: Sign) -> None:
    """Turns red if a bounce that a desk with another clock took in is called a fault of the certificate."""
    assert earliest_on(copy_of(released, [released + wait]), sign.value) == london_day(released)


def sent_late(desk: Desk) -> Any:
    """A notice that was released three days before the first attempt, and its id."""
    notice_id = desk.queue("notice_of_ballot", medium=Medium.LETTER, latest_receipt_on=LATEST)
    desk.sweep(timedelta(days=3))
    desk.now += timedelta(days=1)
    return notice_id


@pytest.mark.parametrize("kind", [each for each in TOLD if WORTH[each] is not EvidenceClass.C])
def test_whatever_day_may_be_recorded_holds_and_the_day_before_is_a_fault(desk: Desk, kind: ReceiptKind) -> None:
    """Turns red if recording a receipt and checking a certificate have two rules."""
    notice_id = sent_late(desk)
    with desk.work() as uow:
        first = proof.earliest_on(uow, desk.notice(notice_id), kind)
        told = {"evidence_class": WORTH[kind], "kind": kind, "recorded_by": "officer:1"}
        with pytest.raises(BadInput):
            proof.record_receipt(uow, notice_id, received_on=first - timedelta(days=1), **told)
        proof.record_receipt(uow, notice_id, received_on=first, **told)
    with desk.work() as uow:
        file = issuing.issue(uow, notice_id, Setting()).file
    assert check(file).findings == ()
    certificate = json.loads(file)["certificate"]
    certificate["copies"][0]["evidence"][0]["received_on"] = (first - timedelta(days=1)).isoformat()
    assert "evidence_day" in {each.code for each in check(sealing.file_of(certificate)).findings}
