"""
What people record about the law: checks of its values, commencements of planned changes, added bank holidays.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the three tables."""
    _create(
        "law_checks",
        sa.Column("parameter", sa.String(length=120), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("value_sha256", sa.String(length=64), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("checked_by", sa.String(length=200), nullable=False),
    )
    op.create_index("ix_law_checks_parameter_value", "law_checks", ["parameter", "value_sha256"])
    _create(
        "law_commencements",
        sa.Column("change", sa.String(length=80), nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=False),
        sa.Column("instrument", sa.String(length=200), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=200), nullable=False),
    )
    _create(
        "extra_holidays",
        sa.Column("nation", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
    )


def _create(table: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("withdraws_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["withdraws_id"], [f"{table}.id"], name=op.f(f"fk_{table}_withdraws_id_{table}")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    """Forget what was recorded about the law."""
    op.drop_table("extra_holidays")
    op.drop_table("law_commencements")
    op.drop_index("ix_law_checks_parameter_value", "law_checks")
    op.drop_table("law_checks")
