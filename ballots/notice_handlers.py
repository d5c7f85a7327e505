"""Use cases of notices that went wrong: a receipt that is withdrawn, a held notice that a person lets go."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from ballots import gate
from ballots.handlers import look_at_all, subjects_of
from core.errors import NotFound
from core.unit_of_work import UnitOfWork, asked_once
from notifications import listing, outbox, proof
from notifications.lifecycle import State
from notifications.models import Notice


def held(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[Notice]:
    """The notices about a case that wait for a person."""
    return [notice for notice in _held_or_proved(uow, case_id) if notice.state is State.HELD]


def proved(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[Notice]:
    """The notices about a case whose receipt is proved."""
    return [notice for notice in _held_or_proved(uow, case_id) if notice.state is State.EVIDENCED]


@asked_once
def _held_or_proved(uow: UnitOfWork, case_id: uuid.UUID) -> Sequence[Notice]:
    """The notices about a case that are held or proved, without their bytes, which may be many."""
    rows = (
        select(Notice)
        .where(Notice.subject_ref.in_(subjects_of(uow, case_id)), Notice.state.in_([State.HELD, State.EVIDENCED]))
        .options(*listing.WITHOUT_BYTES)
        .order_by(Notice.subject_ref, Notice.created_at, Notice.idem_key)
    )
    return uow.session.scalars(rows).all()


def withdraw_receipt(uow: UnitOfWork, case_id: uuid.UUID, notice_id: uuid.UUID, reason: str) -> None:
    """Withdraw every proof of a notice that turned out wrong; the gates that rested on it shut again."""
    _require(notice_id, proved(uow, case_id), "notice of this case with a proof of receipt,")
    proof.revoke(uow, notice_id, reason=reason)
    look_at_all(uow, case_id, outbox.get(uow, notice_id).subject_ref)


def release_notice(uow: UnitOfWork, case_id: uuid.UUID, notice_id: uuid.UUID, reason: str) -> None:
    """Let a held notice go after all, with the same bytes. `RuleViolation` when a stop stands against it today."""
    _require(notice_id, held(uow, case_id), "held notice of this case,")
    notice = outbox.get(uow, notice_id)
    gate.refuse(uow, notice)
    outbox.release(uow, notice_id, reason)
    look_at_all(uow, case_id, notice.subject_ref)


def _require(notice_id: uuid.UUID, among: Sequence[Notice], kind: str) -> None:
    if notice_id not in {notice.id for notice in among}:
        raise NotFound(kind, notice_id)
