"""What becomes of a notice: the same end for every order in which the same events come in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from sqlalchemy import select

from core import sweeps
from core.errors import StageError
from core.unit_of_work import UnitOfWork
from notifications import claims, climbing, inbox, proof, results
from notifications.channels import Sent
from notifications.channels.smtp import SmtpChannel
from notifications.claims import Claim
from notifications.lifecycle import EvidenceClass, Medium, Outcome, State
from notifications.models import Attempt, Notice
from notifications.pacing import Pace
from notifications.proof import ReceiptKind
from notifications.results import Result
from tests.notifications.conftest import Desk
from tests.notifications.test_inbox import report
from tests.notifications.test_mail_reports import content_of

LATEST = date(2026, 9, 14)
Event = Callable[[UnitOfWork, Notice], None]
End = tuple[date | None, EvidenceClass | None, bool, tuple[str, ...], State, bool]


def accepted(uow: UnitOfWork, notice: Notice) -> None:
    """The worker writes down that the relay took the mail; that was three days ago."""
    attempt = uow.session.query(Attempt).filter_by(notice_id=notice.id).one()
    parcel = replace(claims._parcel(notice), epoch=notice.epoch)
    claim = Claim(parcel, attempt.id, uow.now, uow.clock)
    uow.session.flush()
    recorded = results.record_all(uow, [Result(claim, Sent(Outcome.ACCEPTED))])
    assert list(recorded.outcomes) == [Outcome.ACCEPTED]
    uow.session.expire_all()
    attempt.finished_at = uow.now - timedelta(days=3)
    uow.session.flush()


def mail(action: str) -> Event:
    """A mail server's report comes in."""

    def take(uow: UnitOfWork, notice: Notice) -> None:
        inbox.take(uow, report(notice.message_id, action=action, own=action))

    return take


def corpus(name: str) -> Event:
    """A mail of the corpus comes in."""

    def take(uow: UnitOfWork, _notice: Notice) -> None:
        inbox.take(uow, content_of(name))

    return take


def acknowledged(uow: UnitOfWork, notice: Notice) -> None:
    """The employer answers."""
    proof.record_receipt(
        uow,
        notice.id,
        evidence_class="A",
        kind=ReceiptKind.ACKNOWLEDGED,
        received_on=uow.today,
        recorded_by="staff:test",
    )


EVENTS: Mapping[str, Event] = {
    "accepted": accepted,
    "bounced": mail("failed"),
    "delivered": mail("delivered"),
    "delayed": mail("delayed"),
    "out of office": corpus("out-of-office"),
    "read": corpus("read-receipt"),
    "acknowledged": acknowledged,
}


@contextmanager
def thrown_away(uow: UnitOfWork) -> Iterator[None]:
    """What the block does is undone after it."""
    with uow.session.begin_nested() as savepoint:
        yield
        uow.session.flush()
        savepoint.rollback()
    uow.session.expire_all()


def settled(uow: UnitOfWork, notice_id: uuid.UUID) -> End:
    """
    Where it ends once the sweep has been by: its proof, whether it is in doubt, what stands in evidence, its state; and
    whether a letter goes in its place where nothing shows receipt.
    """
    for each in climbing.bounced_before_their_result(uow):
        climbing.settle_bounce(uow, each)
    for each in climbing.silent(uow):
        climbing.take_silence(uow, each)
    status = proof.receipt_status(uow, [notice_id])[notice_id]
    uow.session.flush()
    notice = uow.session.get_one(Notice, notice_id, populate_existing=True)
    standing = tuple(
        sorted(each.kind for each in notice.evidence if not each.revoked_at and each.evidence_class != "C")
    )
    letter = uow.session.scalar(select(Notice.id).where(Notice.instead_of_id == notice_id)) is not None
    return status.received_on, status.evidence_class, status.in_doubt, standing, notice.state, letter and not standing


@pytest.fixture
def sending(desk: Desk) -> uuid.UUID:
    """A notice whose worker has handed it over and has not said so yet, three days ago."""
    notice_id = desk.queue("notice_of_ballot", latest_receipt_on=LATEST)
    with desk.work() as uow:
        relay = SmtpChannel("127.0.0.1", 1, "disputes@union.test")
        (_,) = claims.claim_all(uow, [notice_id], {Medium.MAIL: relay}, None, Pace(0)).claims
        sweeps.succeeded(uow, climbing.MAILBOX, {})
    desk.now += timedelta(days=3)
    return notice_id


def _every_end(
    uow: UnitOfWork,
    notice_id: uuid.UUID,
    left: tuple[str, ...],
    ends: dict[End, tuple[str, ...]],
    so_far: tuple[str, ...] = (),
) -> None:
    """Walk every order of what is left, each beginning once, and keep an order for each end that comes out."""
    if not left:
        with thrown_away(uow):
            ends.setdefault(settled(uow, notice_id), so_far)
        return
    for name in left:
        with thrown_away(uow):
            EVENTS[name](uow, uow.session.get_one(Notice, notice_id, populate_existing=True))
            uow.session.flush()
            rest = tuple(each for each in left if each != name)
            _every_end(uow, notice_id, rest, ends, (*so_far, name))


def _ends(desk: Desk, notice_id: uuid.UUID, names: tuple[str, ...]) -> dict[End, tuple[str, ...]]:
    ends: dict[End, tuple[str, ...]] = {}
    with desk.work() as uow:
        sweeps.succeeded(uow, climbing.MAILBOX, {})
        _every_end(uow, notice_id, names, ends)
        uow.session.rollback()
    return ends


SIZES = (
    1,
    2,
    pytest.param(3, marks=pytest.mark.slow),
    *(pytest.param(each, marks=pytest.mark.full) for each in (4, 5, 6)),
)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_fm_20_every_order_of_the_same_events_comes_to_the_same_end(desk: Desk, sending: uuid.UUID, size: int) -> None:
    """
    A bounce before the hand-over is written down, a receipt before it, a report of delivery after a bounce: every order
    of every set of so many of the seven.

    Turns red if `_keep_delivery` leaves out the bounce, `_withdraw_what_machines_said` takes class A too, or
    `results._accept` leaves out what is proven already.
    """
    for names in combinations(EVENTS, size):
        ends = _ends(desk, sending, names)
        assert len(ends) == 1, f"{names} come to {ends}"


@pytest.mark.full
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_fm_20_every_order_of_all_seven_events_comes_to_the_same_end(desk: Desk, sending: uuid.UUID) -> None:
    """
    The employer's answer stands, and nothing that a machine said.

    Turns red if `_withdraw_what_machines_said` takes class A too.
    """
    ends = _ends(desk, sending, tuple(EVENTS))

    assert [end[1:] for end in ends] == [(EvidenceClass.A, False, ("acknowledged",), State.EVIDENCED, False)]


@pytest.mark.parametrize(
    ("names", "end"),
    [
        (("accepted", "bounced"), (None, True)),
        (("bounced", "delivered"), (None, True)),
        (("accepted", "delivered"), (EvidenceClass.B, False)),
        (("accepted", "delayed"), (None, False)),
        (("accepted", "read"), (EvidenceClass.B, False)),
        (("accepted",), (EvidenceClass.B, False)),
        (("bounced", "acknowledged"), (EvidenceClass.A, False)),
        (("delivered", "acknowledged"), (EvidenceClass.A, False)),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_fm_20_the_end_is_the_one_that_the_evidence_allows(
    desk: Desk, sending: uuid.UUID, names: tuple[str, ...], end: tuple[EvidenceClass | None, bool]
) -> None:
    """
    A read receipt proves nothing, but three days of silence do; a server that goes on trying is not silent.

    Turns red if `proof.record_silence` leaves out the signs, or `proof.WORTH` has a read receipt as class B.
    """
    [(_, worth, doubt, *_)] = _ends(desk, sending, names)

    assert (worth, doubt) == end


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_never_left_takes_no_receipt(desk: Desk) -> None:
    """
    The one event that is refused, whenever it comes.
    """
    notice_id = desk.queue("notice_of_ballot")
    with desk.work() as uow, pytest.raises(StageError):
        acknowledged(uow, uow.session.get_one(Notice, notice_id))
