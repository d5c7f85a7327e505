"""
Comparing what a file says with what is stored, and storing the difference in bulk.

Planning only reads; `apply` writes. Nothing here commits.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from core.db import Base, new_id

Values = Mapping[str, Any]
KEYS_PER_QUERY = 500
ROWS_PER_STATEMENT = 1000


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows of one table to insert and to update, and how many stay as they are."""

    table: type[Base]
    inserts: tuple[dict[str, Any], ...]
    updates: tuple[dict[str, Any], ...]
    unchanged: int

    @property
    def updated_ids(self) -> frozenset[uuid.UUID]:
        """The ids of the rows to update."""
        return frozenset(row["id"] for row in self.updates)


def plan(
    session: Session,
    table: type[Base],
    key: tuple[str, ...],
    wanted: Sequence[Values],
    *,
    only_when_new: Values | None = None,
    touched: frozenset[uuid.UUID] = frozenset(),
) -> Changes:
    """
    What has to change for `table` to hold the rows wanted, each found again by its columns `key`.

    `only_when_new` are values for new rows that a person may have changed since. A row that refers to an id in
    `touched` counts as updated: something that it belongs to changes.
    """
    stored = _stored(session, table, key, wanted)
    inserts, updates, unchanged = [], [], 0
    for values in wanted:
        row = stored.get(tuple(values[name] for name in key))
        if row is None:
            inserts.append({"id": new_id(), **(only_when_new or {}), **values})
        elif _differs(row, values) or not touched.isdisjoint(_ids(values)):
            updates.append({**values, "id": row["id"]})
        else:
            unchanged += 1
    return Changes(table, tuple(inserts), tuple(updates), unchanged)


def apply(session: Session, changes: Changes, stored: Callable[[int], None] | None = None) -> None:
    """
    Store the changes; objects that the session holds already are read again when next looked at.

    `stored` is called with the number of rows that were just stored.
    """
    # Into the table itself: the mapped class would send rows that differ in what is absent one statement each.
    inserting = insert(changes.table.__table__)  # type: ignore[arg-type]  # a mapped class has a Table there
    for statement, rows in ((inserting, changes.inserts), (update(changes.table), changes.updates)):
        for start in range(0, len(rows), ROWS_PER_STATEMENT):
            some = rows[start : start + ROWS_PER_STATEMENT]
            session.execute(statement, list(some))
            if stored:
                stored(len(some))
    if changes.updates:
        session.expire_all()


def _stored(
    session: Session, table: type[Base], key: tuple[str, ...], wanted: Sequence[Values]
) -> dict[tuple[Any, ...], Values]:
    if not wanted:
        return {}
    columns = [getattr(table, name) for name in {"id", *key, *wanted[0]}]
    keys = list(dict.fromkeys(values[key[0]] for values in wanted))
    stored: dict[tuple[Any, ...], Values] = {}
    for start in range(0, len(keys), KEYS_PER_QUERY):
        some = select(*columns).where(getattr(table, key[0]).in_(keys[start : start + KEYS_PER_QUERY]))
        for row in session.execute(some).mappings():
            stored[tuple(row[name] for name in key)] = {str(name): value for name, value in row.items()}
    return stored


def _differs(row: Values, values: Values) -> bool:
    return any(row[name] != value for name, value in values.items() if name != "id")


def _ids(values: Values) -> frozenset[uuid.UUID]:
    return frozenset(value for value in values.values() if isinstance(value, uuid.UUID))
