"""
Refuse changes of history.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("history_entries", "case_events")
ACTS = ("UPDATE", "DELETE")


def upgrade() -> None:
    """Change the schema."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% of % is refused: what happened is never rewritten', TG_OP, TG_TABLE_NAME; END $$"
        )
        for table in TABLES:
            op.execute(
                f"CREATE TRIGGER refuse_change_of_{table} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        return
    for table in TABLES:
        for act in ACTS:
            op.execute(
                f"CREATE TRIGGER refuse_{act.lower()}_of_{table} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{act} of {table} is refused: what happened is never rewritten'); END"
            )


def downgrade() -> None:
    """Change it back."""
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"DROP TRIGGER refuse_change_of_{table} ON {table}")
        op.execute("DROP FUNCTION refuse_change()")
        return
    for table in TABLES:
        for act in ACTS:
            op.execute(f"DROP TRIGGER refuse_{act.lower()}_of_{table}")
