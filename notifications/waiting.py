"""Which notices wait to be sent, and in which order; how many stand in each state."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from core.unit_of_work import UnitOfWork
from notifications.lifecycle import Medium, Policy, State, leading_to
from notifications.messages import urgent_kinds
from notifications.models import Notice

DUE_STATES = leading_to(State.SENDING)


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that should go out now."""

    id: uuid.UUID
    medium: Medium
    policy: Policy


def due(
    uow: UnitOfWork, limit: int, media: Collection[Medium] = frozenset(Medium), *, statutory: bool = True
) -> Sequence[Due]:
    """
    Notices that should go out now by those media: urgent ones, then those with the nearest statutory date; without
    statutory ones if so told.
    """
    rows = (
        select(Notice.id, Notice.medium, Notice.policy)
        .where(*_is_due(uow), Notice.medium.in_(media))
        .order_by(
            Notice.kind.in_(urgent_kinds()).desc(),
            Notice.latest_receipt_on.asc().nulls_last(),
            Notice.send_after,
            Notice.idem_key,
        )
        .limit(limit)
    )
    wanted = rows if statutory else rows.where(Notice.statutory.is_(False))
    return [Due(*row) for row in uow.session.execute(wanted).tuples()]


def first_unsent(uow: UnitOfWork, media: Collection[Medium]) -> datetime | None:
    """The earliest instant from which a notice waits to go out by those media, whether or not past."""
    # Not the statement of `due`, whose faults it is to find: it reads one of the index, and asks for no instant.
    waiting = select(Notice.send_after).where(Notice.state.in_(DUE_STATES), Notice.medium.in_(media))
    return uow.session.scalar(waiting.order_by(Notice.send_after).limit(1))


def due_count(uow: UnitOfWork) -> int:
    """How many notices should go out now."""
    return uow.session.scalar(select(func.count()).select_from(Notice).where(*_is_due(uow))) or 0


def first_due(uow: UnitOfWork) -> datetime | None:
    """The instant from which the oldest of those was due."""
    return uow.session.scalar(select(func.min(Notice.send_after)).where(*_is_due(uow)))


def _is_due(uow: UnitOfWork) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Notice.state.in_(DUE_STATES), Notice.send_after <= uow.now


def counts(uow: UnitOfWork) -> dict[State, int]:
    """How many notices stand in each state; every state is a key."""
    rows = uow.session.execute(select(Notice.state, func.count()).group_by(Notice.state)).tuples()
    return dict.fromkeys(State, 0) | dict(rows.all())
