"""Reading rows that somebody may have altered by hand: one that cannot be read is named, and hides no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

UNREADABLE = (ValueError, TypeError, LookupError)
"""What comes of a value that is not of its column: text that is no JSON, a stage that is none."""
CHUNK = 500

Row = TypeVar("Row")
Key = TypeVar("Key")


def read_each(
    session: Session, rows: Select[tuple[Row]], key: InstrumentedAttribute[Key]
) -> Iterator[tuple[Key, Row | None]]:
    """Every row by its key, in the key's order; None for one that cannot be read."""
    keys = session.scalars(select(key).order_by(key)).all()
    for start in range(0, len(keys), CHUNK):
        yield from _chunk(session, rows, key, keys[start : start + CHUNK])


def _chunk(
    session: Session, rows: Select[tuple[Row]], key: InstrumentedAttribute[Key], keys: Sequence[Key]
) -> list[tuple[Key, Row | None]]:
    try:
        found = {getattr(row, key.key): row for row in session.scalars(rows.where(key.in_(keys)))}
    except UNREADABLE:
        return [(each, _one(session, rows, key, each)) for each in keys]
    return [(each, found.get(each)) for each in keys]


def _one(session: Session, rows: Select[tuple[Row]], key: InstrumentedAttribute[Key], wanted: Key) -> Row | None:
    try:
        return session.scalars(rows.where(key == wanted)).one_or_none()
    except UNREADABLE:
        return None
