"""
Index what workplaces and employers are found by: a table, triggers that keep it true, and an index over the words.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

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
SQLITE_FILLED = (
    "INSERT INTO search_entries (kind, subject_id, name, words) SELECT 'workplace', id, name, "
    + SQLITE_WORDS.replace("NEW.", "workplaces.")
    + " FROM workplaces",
    "INSERT INTO search_entries (kind, subject_id, name, words) SELECT 'employer', id, name, name FROM employers",
)
POSTGRESQL_FILLED = (
    "UPDATE workplaces SET name = name",
    "UPDATE employers SET name = name",
)
"""A trigger writes an entry for each row that is updated, though nothing of it changes."""


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "search_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_search_entries_kind_subject_id")),
    )
    there = op.get_bind()
    if there.dialect.name == "postgresql":
        op.create_index("ix_search_entries_words", "search_entries", ["words"], postgresql_using="gin")
    on_postgresql = there.dialect.name == "postgresql"
    for statement in (*POSTGRESQL, *POSTGRESQL_FILLED) if on_postgresql else (*SQLITE, *SQLITE_FILLED):
        there.exec_driver_sql(statement)


def downgrade() -> None:
    """Change it back."""
    there = op.get_bind()
    if there.dialect.name == "postgresql":
        for kind in ("workplace", "employer"):
            there.exec_driver_sql(f"DROP TRIGGER search_{kind} ON {kind}s")
            there.exec_driver_sql(f"DROP FUNCTION search_{kind}()")
        there.exec_driver_sql("DROP FUNCTION search_lexemes(text)")
    else:
        for trigger in ("workplace", "employer"):
            for act in ("added", "changed", "removed"):
                there.exec_driver_sql(f"DROP TRIGGER search_{trigger}_{act}")
        there.exec_driver_sql("DROP TABLE search_words")
    op.drop_table("search_entries")
