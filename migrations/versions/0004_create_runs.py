"""
Runs of flows that somebody asked for.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "flow_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flow", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("error", sa.String(length=80), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=True),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("failures", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_flow_requests_tries_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_requests")),
        sa.UniqueConstraint("key", name=op.f("uq_flow_requests_key")),
    )
    op.create_index("ix_flow_requests_state", "flow_requests", ["state"])
    op.create_table(
        "flow_request_subjects",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=True),
        sa.Column("after", sa.String(length=40), nullable=True),
        sa.Column("events_before", sa.Integer(), nullable=True),
        sa.Column("events_after", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["flow_requests.id"], name=op.f("fk_flow_request_subjects_request_id_flow_requests")
        ),
        sa.PrimaryKeyConstraint("request_id", "subject_id", name=op.f("pk_flow_request_subjects")),
    )
    op.create_index(op.f("ix_flow_request_subjects_subject_id"), "flow_request_subjects", ["subject_id"])


def downgrade() -> None:
    """Change it back."""
    op.drop_table("flow_request_subjects")
    op.drop_table("flow_requests")
