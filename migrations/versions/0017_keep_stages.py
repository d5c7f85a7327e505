"""
The stages that each case came to, with the days: what replaying its events gives, kept so that it can be counted.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FILLED = """
INSERT INTO stage_entries (case_id, seq, stage, came_on, left_on)
WITH told AS (
    SELECT e.case_id, e.seq, e.happened_on, {stage} AS stage
    FROM history_entries h JOIN case_events e ON e.case_id = {case_id} AND e.seq = {seq}
    WHERE h.action = 'case:event:recorded'
), moved AS (
    SELECT told.*, lag(stage) OVER (PARTITION BY case_id ORDER BY seq) AS stood_at FROM told
), came AS (
    SELECT * FROM moved WHERE stood_at IS NULL OR stood_at <> stage
)
SELECT case_id, seq, stage, happened_on, lead(happened_on) OVER (PARTITION BY case_id ORDER BY seq) FROM came
"""
"""History says of each event where the case stood after it."""
UNTOLD = """
INSERT INTO stage_entries (case_id, seq, stage, came_on)
SELECT id, events_count, stage, entered_on FROM cases
WHERE NOT EXISTS (SELECT 1 FROM stage_entries WHERE stage_entries.case_id = cases.id)
"""
"""Of a case that history says nothing of, where it stands is all that is known."""
SPELLED = {
    "sqlite": {
        "stage": "json_extract(h.facts, '$.stage')",
        "case_id": "replace(substr(h.subject, 6), '-', '')",
        "seq": "json_extract(h.facts, '$.seq')",
    },
    "postgresql": {
        "stage": "h.facts->>'stage'",
        "case_id": "CAST(substr(h.subject, 6) AS uuid)",
        "seq": "CAST(h.facts->>'seq' AS integer)",
    },
}


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "stage_entries",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("came_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_stage_entries_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_stage_entries")),
    )
    there = op.get_bind()
    there.exec_driver_sql(FILLED.format(**SPELLED[there.dialect.name]))
    there.exec_driver_sql(UNTOLD)


def downgrade() -> None:
    """Change it back; the events give it anew."""
    op.drop_table("stage_entries")
