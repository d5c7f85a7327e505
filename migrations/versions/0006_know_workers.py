"""
Who works, and who took a row: what a worker took that is gone is free at once.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TAKEN = ("pending_work", "notices")


def upgrade() -> None:
    """Add the workers, and the column that names the taker."""
    op.create_table(
        "workers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    for table in TAKEN:
        op.add_column(table, sa.Column("taken_by", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Forget who took what: a lease then runs out by itself."""
    for table in TAKEN:
        op.drop_column(table, "taken_by")
    op.drop_table("workers")
