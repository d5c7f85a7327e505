"""
The words by which schools, colleges and employers are found, kept true by the database itself.

Triggers write a row of `search_entries` for each workplace and employer as it is stored, changed or removed, whether by
an import or by hand. On SQLite an FTS5 index stands over the rows; on PostgreSQL each row holds its words as a
`tsvector` under a GIN index. Both fold case and accents. No member is in it.
"""

from __future__ import annotations

# ruff: noqa: S608 - every statement is put together from constants
import re
import unicodedata
import uuid
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    bindparam,
    cast,
    column,
    event,
    func,
    literal_column,
    select,
    table,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from casework.register.models import Employer, Workplace
from core.db import Base, StoredEnum

MOST_WORDS = 10
LONGEST_WORD = 60
WORD = re.compile(r"[^\W_]+")


class EntryKind(StrEnum):
    """What an entry is of."""

    WORKPLACE = "workplace"
    EMPLOYER = "employer"


class SearchEntry(Base):
    """What one workplace or employer is found by; written by triggers and by nothing else."""

    __tablename__ = "search_entries"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id"),
        Index("ix_search_entries_words", "words", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[EntryKind] = mapped_column(StoredEnum(EntryKind))
    subject_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    name: Mapped[str] = mapped_column(String(300))
    words: Mapped[Any] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


def words_of(text: str) -> tuple[str, ...]:
    """The words of what somebody typed, folded as the index folds them: ten at most, each of sixty letters at most."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    found = (each.group().lower()[:LONGEST_WORD] for each in WORD.finditer(plain))
    return tuple(dict.fromkeys(found))[:MOST_WORDS]


def found_by(dialect: str, kind: EntryKind, words: Sequence[str]) -> Select[tuple[uuid.UUID, str]]:
    """The ids and names of the entries of a kind in which every one of the words begins a word; at least one word."""
    statement = select(SearchEntry.subject_id, SearchEntry.name).where(SearchEntry.kind == kind)
    if dialect == "postgresql":
        asked = " & ".join(f"'{word}':*" for word in words)
        return statement.where(SearchEntry.words.op("@@")(cast(bindparam(None, asked, String), TSQUERY)))
    asked = " ".join(f'"{word}"*' for word in words)
    index = table("search_words", column("rowid"))
    matching: ColumnElement[bool] = literal_column("search_words").op("MATCH")(type_coerce(asked, String))
    return statement.where(SearchEntry.id.in_(select(index.c.rowid).where(matching)))


def best_first(words: Sequence[str]) -> tuple[Any, ...]:
    """How to order what is found: names that begin with the first word, then by name."""
    begins = func.lower(SearchEntry.name).startswith(words[0], autoescape=True)
    return begins.desc(), SearchEntry.name, SearchEntry.subject_id


OF_WORKPLACE = "name, la_name, postcode, urn, ukprn, postal_lines"

SQLITE_WORDS = (
    "NEW.name || ' ' || NEW.la_name || ' ' || NEW.postcode || ' ' || coalesce(NEW.urn, '') || ' ' || "
    "coalesce(NEW.ukprn, '') || ' ' || coalesce((SELECT group_concat(value, ' ') FROM json_each(NEW.postal_lines)), '')"
)
SQLITE = (
    "CREATE VIRTUAL TABLE search_words USING fts5(words, content='search_entries', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 2', prefix='2 3')",
    "CREATE TRIGGER search_entries_added AFTER INSERT ON search_entries BEGIN "
    "INSERT INTO search_words (rowid, words) VALUES (NEW.id, NEW.words); END",
    "CREATE TRIGGER search_entries_removed AFTER DELETE ON search_entries BEGIN "
    "INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', OLD.id, OLD.words); END",
    "CREATE TRIGGER search_entries_changed AFTER UPDATE ON search_entries BEGIN "
    "INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', OLD.id, OLD.words); "
    "INSERT INTO search_words (rowid, words) VALUES (NEW.id, NEW.words); END",
    "CREATE TRIGGER search_workplace_added AFTER INSERT ON workplaces BEGIN "
    "INSERT INTO search_entries (kind, subject_id, name, words) "
    f"VALUES ('workplace', NEW.id, NEW.name, {SQLITE_WORDS}); END",
    f"CREATE TRIGGER search_workplace_changed AFTER UPDATE OF {OF_WORKPLACE} ON workplaces BEGIN "
    f"UPDATE search_entries SET name = NEW.name, words = {SQLITE_WORDS} "
    "WHERE kind = 'workplace' AND subject_id = NEW.id; END",
    "CREATE TRIGGER search_workplace_removed AFTER DELETE ON workplaces BEGIN "
    "DELETE FROM search_entries WHERE kind = 'workplace' AND subject_id = OLD.id; END",
    "CREATE TRIGGER search_employer_added AFTER INSERT ON employers BEGIN "
    "INSERT INTO search_entries (kind, subject_id, name, words) VALUES ('employer', NEW.id, NEW.name, NEW.name); END",
    "CREATE TRIGGER search_employer_changed AFTER UPDATE OF name ON employers BEGIN "
    "UPDATE search_entries SET name = NEW.name, words = NEW.name WHERE kind = 'employer' AND subject_id = NEW.id; END",
    "CREATE TRIGGER search_employer_removed AFTER DELETE ON employers BEGIN "
    "DELETE FROM search_entries WHERE kind = 'employer' AND subject_id = OLD.id; END",
)
POSTGRESQL_STORED = (
    "ON CONFLICT (kind, subject_id) DO UPDATE SET name = EXCLUDED.name, words = EXCLUDED.words; RETURN NEW; END $$"
)
POSTGRESQL = (
    "CREATE FUNCTION search_lexemes(given text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$ "
    "SELECT array_to_tsvector(ARRAY(SELECT DISTINCT left(word, 60) FROM regexp_split_to_table(lower(regexp_replace("
    "normalize(given, NFKD), '[\\u0300-\\u036F]', '', 'g')), '[^[:alnum:]]+') AS word WHERE word <> '')) $$",
    "CREATE FUNCTION search_workplace() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF TG_OP = 'DELETE' THEN DELETE FROM search_entries WHERE kind = 'workplace' AND subject_id = OLD.id; "
    "RETURN OLD; END IF; INSERT INTO search_entries (kind, subject_id, name, words) "
    "VALUES ('workplace', NEW.id, NEW.name, search_lexemes(concat_ws(' ', NEW.name, NEW.la_name, NEW.postcode, "
    "NEW.urn, NEW.ukprn, (SELECT string_agg(line, ' ') FROM json_array_elements_text(NEW.postal_lines) AS line)))) "
    + POSTGRESQL_STORED,
    "CREATE FUNCTION search_employer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF TG_OP = 'DELETE' THEN DELETE FROM search_entries WHERE kind = 'employer' AND subject_id = OLD.id; "
    "RETURN OLD; END IF; INSERT INTO search_entries (kind, subject_id, name, words) "
    "VALUES ('employer', NEW.id, NEW.name, search_lexemes(NEW.name)) " + POSTGRESQL_STORED,
    f"CREATE TRIGGER search_workplace AFTER INSERT OR DELETE OR UPDATE OF {OF_WORKPLACE} ON workplaces "
    "FOR EACH ROW EXECUTE FUNCTION search_workplace()",
    "CREATE TRIGGER search_employer AFTER INSERT OR DELETE OR UPDATE OF name ON employers "
    "FOR EACH ROW EXECUTE FUNCTION search_employer()",
)
WATCHED = (SearchEntry.__table__, Workplace.__table__, Employer.__table__)


@event.listens_for(Base.metadata, "after_create")
def _keep_true(_target: Any, connection: Connection, tables: Sequence[Any] = (), **_more: Any) -> None:
    """Tables that are made from the code get what the migrations give."""
    if all(each in tables for each in WATCHED):
        for statement in POSTGRESQL if connection.dialect.name == "postgresql" else SQLITE:
            connection.exec_driver_sql(statement)
