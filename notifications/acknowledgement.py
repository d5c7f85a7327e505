"""
Acknowledging a notice by its link: one click, no account.

Opening the link records nothing, since the scanners of mail servers open every link; only the button does, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from core.calendar import london_day
from core.settings import settings
from core.signing import key_for
from core.unit_of_work import UnitOfWork
from notifications import outbox, proof
from notifications.lifecycle import EvidenceClass, State
from notifications.messages import message_kind
from notifications.models import Evidence, Notice
from notifications.proof import ReceiptKind
from notifications.receipt_links import PURPOSE, beginning_of, wanted
from notifications.receivable import never_sent

ACTOR = "link:acknowledgement"


class LinkState(StrEnum):
    """What a link is good for."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page of a link shows. `acknowledged_at` is the moment of the first click; None before it."""

    label: str
    subject_line: str
    recipient_name: str
    dated_on: date
    sha256: str
    standing: LinkState
    acknowledged_at: datetime | None


def asked(uow: UnitOfWork, token: str) -> Asked | None:
    """What a link shows; None for one that we did not sign, or whose notice is not there. Changes nothing."""
    notice = _named(uow, token)
    if notice is None:
        return None
    clicked = _clicked(uow, notice)
    return Asked(
        label=message_kind(notice.kind).label,
        subject_line=notice.subject_line,
        recipient_name=notice.recipient_name,
        dated_on=london_day(notice.created_at),
        sha256=notice.sha256,
        standing=LinkState.ACKNOWLEDGED if clicked else LinkState.OVER if _is_over(uow, notice) else LinkState.OPEN,
        acknowledged_at=clicked.received_at if clicked else None,
    )


def acknowledge(uow: UnitOfWork, token: str) -> Notice | None:
    """
    Record the click as proof of receipt on the day it is made, once; None where the link is good for nothing.

    Whoever clicked has the notice, so the click is class A: a person answered.
    """
    notice = _named(uow, token)
    if notice is None:
        return None
    outbox.get(uow, notice.id)
    if _clicked(uow, notice) is None:
        if _is_over(uow, notice):
            return None
        proof.record_receipt(
            uow,
            notice.id,
            evidence_class=EvidenceClass.A,
            kind=ReceiptKind.ACKNOWLEDGED,
            received_on=uow.today,
            recorded_by=ACTOR,
        )
    return notice


def _named(uow: UnitOfWork, token: str) -> Notice | None:
    begins = beginning_of(token, key_for(settings(), PURPOSE))
    if begins is None:
        return None
    rows = uow.session.scalars(select(Notice).where(Notice.message_id.startswith(begins)).limit(2)).all()
    notice = rows[0] if len(rows) == 1 else None
    return notice if notice is not None and wanted(message_kind(notice.kind), notice.medium) else None


def _clicked(uow: UnitOfWork, notice: Notice) -> Evidence | None:
    mine = select(Evidence).where(
        Evidence.notice_id == notice.id, Evidence.recorded_by == ACTOR, Evidence.revoked_at.is_(None)
    )
    return uow.session.scalar(mine.order_by(Evidence.received_at).limit(1))


def _is_over(uow: UnitOfWork, notice: Notice) -> bool:
    last = (notice.queued_at or notice.created_at) + timedelta(days=settings().acknowledge_days)
    return never_sent(notice) or notice.state is State.CANCELLED or uow.now > last
