"""Where a paper that waits is addressed to, beside where the register has its recipient now."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import load_only

from casework import parties
from casework.register.models import Employer, Member, Workplace
from core.calendar import in_words, london_day
from core.findings import Finding, Severity
from core.unit_of_work import UnitOfWork
from notifications import listing
from notifications.language import ENGLISH
from notifications.lifecycle import Medium, State
from notifications.messages import registry
from notifications.models import Notice
from notifications.recipients import Recipient

WAITING = (State.RENDERED, State.APPROVED, State.QUEUED, State.TEMP_WAIT, State.HELD)
"""States of a paper that nobody has sent yet, or that is to be sent again."""
COLUMNS = (
    Notice.kind,
    Notice.medium,
    Notice.recipient_key,
    Notice.recipient_email,
    Notice.recipient_postal,
    Notice.created_at,
)


def replaced(uow: UnitOfWork, subjects: Collection[str]) -> tuple[Finding, ...]:
    """A warn for each paper about the subjects that waits and bears another address than the register gives now."""
    waiting = (
        select(Notice)
        .where(Notice.subject_ref.in_(subjects), Notice.state.in_(WAITING))
        .where(Notice.recipient_key.not_like(listing.TO_A_MEMBER))
        .options(load_only(*COLUMNS))
        .order_by(Notice.created_at, Notice.idem_key)
    )
    found = [(notice, _now(uow, notice.recipient_key)) for notice in uow.session.scalars(waiting)]
    return tuple(_finding(notice, now) for notice, now in found if now is not None and not _same(notice, now))


def _now(uow: UnitOfWork, key: str) -> Recipient | None:
    """An employer or a workplace as the register has it; None for anybody else."""
    kind, _, row_id = key.partition(":")
    if kind == "employer":
        employer = uow.session.get(Employer, uuid.UUID(row_id))
        return parties.employer(employer) if employer else None
    if kind == "workplace":
        workplace = uow.session.get(Workplace, uuid.UUID(row_id))
        return parties.head_teacher(workplace) if workplace else None
    return None


def reads(uow: UnitOfWork, key: str) -> str:
    """The language that a recipient reads by the register of now; English for anybody whom it does not know."""
    kind, _, row_id = key.partition(":")
    rows: dict[str, type[Employer] | type[Workplace] | type[Member]] = {
        "employer": Employer,
        "workplace": Workplace,
        "member": Member,
    }
    if kind not in rows:
        return ENGLISH
    asked = select(rows[kind].language).where(rows[kind].id == uuid.UUID(row_id))
    return uow.session.scalar(asked) or ENGLISH


def _same(notice: Notice, now: Recipient) -> bool:
    if notice.medium is Medium.MAIL:
        return notice.recipient_email == now.email
    return list(notice.recipient_postal) == list(now.postal_lines)


def _finding(notice: Notice, now: Recipient) -> Finding:
    known = registry().get(notice.kind)
    label = known.label if known else notice.kind
    by, address = ("mail", now.email) if notice.medium is Medium.MAIL else ("letter", ", ".join(now.postal_lines))
    drawn_up = in_words(london_day(notice.created_at))
    return Finding(
        "address_replaced",
        Severity.WARN,
        f"{label}, by {by}, drawn up on {drawn_up}: the register gives another address of {now.name} by now, "
        f"{address or 'none'}.",
        "Find out which is right. A paper keeps the address it was made with: if that is wrong, cancel what it belongs "
        "to and have its papers made again; if the register is wrong, correct it there.",
        where=notice.ref,
    )
