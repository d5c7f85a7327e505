"""Where free text is kept: every column of it, filled past the handlers that would refuse some of what is tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from sqlalchemy import Column, Enum, String, Table, select
from sqlalchemy.exc import IntegrityError

from core.db import Base, Database

# fmt: off
NO_WORDS = frozenset({
    "about", "account_number", "action", "actor", "added_by", "after", "approved_by", "ask", "asked_by",
    "asked_since", "attachment_sha256", "authorised_by", "before", "body_sha256", "category", "change",
    "changed_by", "channel", "checked_by", "closed_by", "code", "confirmed_by", "content_type",
    "content_version", "created_by", "done_by", "email", "employer_reason", "end_to_end_id", "ended_by",
    "establishment_type", "evidence_sha256", "file_sha256", "first_approver", "flow", "fte", "hash", "host",
    "html_sha256", "idem_key", "issue", "key", "kind", "la_code", "label_of", "language", "lifted_by",
    "linked_urn", "may", "membership_number", "message_id", "message_kind", "method", "nation", "noted_by",
    "ordered_by", "outcome", "parameter", "password_hash", "payee_sha256", "payload_sha", "phase", "phone",
    "postcode", "prepared_by", "prev", "reading", "recipient_email", "recipient_key", "recipient_phone",
    "recipient_sha256", "recipient_webhook", "recorded_by", "ref", "register_key", "released_by",
    "request_sha256", "sample", "scrutineer_key", "second_approver", "sender", "service", "settled_by",
    "sha256", "sort_code", "source_key", "state", "status", "stored_by", "subject", "subject_ref", "tail",
    "ukprn", "urn", "value_sha256", "webhook",
})
# fmt: on
"""Columns whose text is the program’s own word, a digest or a number: its shape is held where it comes from."""
LONGEST = 300
LEFT_ALONE = frozenset({"stored_clock", "history_entries", "sign_ins", "sign_in_tries", "workers", "sweep_runs"})

ON_ONE_LINE = frozenset({"employers.name", "workplaces.name"})
"""What every import and every form refuses with a line end or anything else in it that nobody sees."""


def visible_of(text: str) -> str:
    """The text with a dash for each letter that nobody sees."""
    return "".join(each if each.isprintable() else "-" for each in text)


def cut(text: str, room: int | None) -> str:
    """The text, cut to its room with its last letter kept: many spaces and a letter do not become spaces alone."""
    return text if room is None or len(text) <= room else text[: room - 1] + text[-1]


def columns_of_words() -> list[tuple[Table, Column[str]]]:
    """Every column that holds what somebody wrote."""
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        if table.name not in LEFT_ALONE
        for column in table.columns
        if isinstance(column.type, String)
        and not isinstance(column.type, Enum)
        and not (column.primary_key or column.foreign_keys)
        and column.name not in NO_WORDS
        and not column.name.endswith("_id")
    ]


def fill(database: Database, texts: Sequence[str]) -> Mapping[str, int]:
    """
    Put the texts into every column of words, one to a cell in turn, as far as there is room in it; how many cells each
    column took. A cell that the database keeps empty as the row stands is left as it is.
    """
    cells: dict[str, int] = {}
    with database.writing() as session:
        for table, column in columns_of_words():
            name, room = f"{table.name}.{column.name}", getattr(column.type, "length", None)
            for number, key in enumerate(session.execute(select(*table.primary_key.columns)).all()):
                text = cut(texts[sum(cells.values()) % len(texts)], room)
                text = visible_of(text) if name in ON_ONE_LINE else text
                value = f"{text[: (room or LONGEST) - 4]}{number}" if column.unique else text
                same = [each == part for each, part in zip(table.primary_key.columns, key, strict=True)]
                with suppress(IntegrityError), session.begin_nested():
                    session.execute(table.update().where(*same).values({column.name: value}))
                    cells[name] = cells.get(name, 0) + 1
    return cells
