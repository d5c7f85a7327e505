"""
Keys of calendars that somebody keeps of their cases or of a ballot; how often a deadline has changed, and when last.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.add_column("deadlines", sa.Column("changes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deadlines", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "calendar_keys",
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("ballot_id", sa.Uuid(), nullable=True),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_calendar_keys_account_id_accounts")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballots.id"], name=op.f("fk_calendar_keys_ballot_id_ballots")),
        sa.PrimaryKeyConstraint("key_sha256", name=op.f("pk_calendar_keys")),
        sa.UniqueConstraint("request_sha256", name=op.f("uq_calendar_keys_request_sha256")),
    )
    op.create_index("ix_calendar_keys_account_id", "calendar_keys", ["account_id"])


def downgrade() -> None:
    """Change it back. Refused while a calendar is kept: its address has no place in the older tables."""
    count = op.get_bind().execute(sa.text("SELECT count(*) FROM calendar_keys")).scalar_one()
    if count:
        raise RuntimeError(f"{count} keys of calendars have no place in the older tables.")
    op.drop_table("calendar_keys")
    op.drop_column("deadlines", "changed_at")
    op.drop_column("deadlines", "changes")
