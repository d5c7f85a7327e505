"""What a database and its folder hold, read as it lies there: SQL and files, no model of the product."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

Row = dict[str, Any]
JSON_COLUMNS = frozenset(
    {"facts", "questions", "result", "workplace_ids", "days", "matters", "recipient_postal", "why", "by_category"}
)
DAY = frozenset({"on"})


class LeftBehind:
    """Tables by name, read once each; ids are their 32 hexadecimal digits on either engine."""

    def __init__(self, database: str, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self._tables: dict[str, list[Row]] = {}
        self._grouped: dict[tuple[str, str], dict[Any, list[Row]]] = {}

    def table(self, name: str) -> list[Row]:
        """Every row of a table, in no order."""
        if name not in self._tables:
            self._tables[name] = [_read(row) for row in self._rows(f'SELECT * FROM "{name}"')]
        return self._tables[name]

    def by(self, name: str, column: str) -> dict[Any, list[Row]]:
        """The rows of a table by one of its columns."""
        if (name, column) not in self._grouped:
            grouped: dict[Any, list[Row]] = defaultdict(list)
            for row in self.table(name):
                grouped[row[column]].append(row)
            self._grouped[name, column] = grouped
        return self._grouped[name, column]

    def of_id(self, name: str) -> dict[str, Row]:
        """The rows of a table by their id."""
        return {key: rows[0] for key, rows in self.by(name, "id").items() if rows}

    def _rows(self, statement: str) -> Iterator[Row]:
        if self.database.startswith("postgresql"):
            yield from _postgresql(self.database, statement)
            return
        path = Path(self.database.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            for row in connection.execute(statement):
                yield dict(row)


def _postgresql(url: str, statement: str) -> Iterator[Row]:
    import psycopg
    from psycopg.rows import dict_row

    with psycopg.connect(url.replace("+psycopg", "", 1), row_factory=dict_row) as connection:
        yield from connection.execute(statement)  # type: ignore[arg-type]


def _read(row: Row) -> Row:
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if not isinstance(value, str):
        return bytes(value) if isinstance(value, memoryview) else value
    if name in JSON_COLUMNS:
        return json.loads(value)
    if name.endswith("_on") or name in {"on", "first_day", "last_day"}:
        return date.fromisoformat(value)
    if name.endswith("_at") or name == "at":
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value
