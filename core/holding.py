"""
Rows that one transaction holds, and what it knows until its end: locked once, read once.

Nobody else can write a held row before the transaction ends, and what this one writes is in the row it holds; reading
it again would tell nothing new. A rollback, even to a savepoint, forgets everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import event, select
from sqlalchemy.orm import Session, SessionTransaction

Row = TypeVar("Row")
KNOWN = "known until the transaction ends"


def known(session: Session) -> dict[Any, Any]:
    """What holds for the length of this transaction, by whatever key its owner chose."""
    kept: dict[Any, Any] = session.info.setdefault(KNOWN, {})
    return kept


def hold(session: Session, kind: type[Row], key: Any) -> Row | None:
    """The row of that primary key, nobody else writing it until commit; None when there is none."""
    row = held(session, kind, key)
    if row is None:
        row = session.get(kind, key, with_for_update=True, populate_existing=True)
    return None if row is None else made(session, row, key)


def held(session: Session, kind: type[Row], key: Any) -> Row | None:
    """The row, if this transaction holds it."""
    row: Row | None = known(session).get((kind, key))
    return row


def hold_all(session: Session, kind: type[Row], keys: Sequence[Any]) -> None:
    """Hold the rows of those ids, in the order of the ids so that two who do this never wait for each other."""
    column = kind.id  # type: ignore[attr-defined]
    rows = select(kind).where(column.in_(keys)).order_by(column).with_for_update()
    for row in session.scalars(rows, execution_options={"populate_existing": True}):
        made(session, row, row.id)  # type: ignore[attr-defined]


def made(session: Session, row: Row, key: Any) -> Row:
    """Hold a row that this transaction has locked, or has inserted and nobody else can see yet."""
    known(session)[type(row), key] = row
    return row


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _ended: SessionTransaction) -> None:
    session.info.pop(KNOWN, None)


@event.listens_for(Session, "after_transaction_end")
def _forget_at_the_end(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(KNOWN, None)
