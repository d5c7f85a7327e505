"""
Indexes of the rows that are still open, however many are done: work that waits, reminders that have a day.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN_REMINDERS = "met_on IS NULL AND cancelled_on IS NULL AND reminded_on IS NULL"


def upgrade() -> None:
    """Change the schema."""
    op.drop_index("ix_pending_work_kind_done_at", "pending_work")
    _partial("ix_pending_work_open", "pending_work", ["kind", "subject_id"], "done_at IS NULL")
    op.drop_index("ix_deadlines_open_remind_on", "deadlines")
    _partial("ix_deadlines_open_remind_on", "deadlines", ["remind_on"], f"{OPEN_REMINDERS} AND remind_on IS NOT NULL")


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_deadlines_open_remind_on", "deadlines")
    _partial("ix_deadlines_open_remind_on", "deadlines", ["remind_on"], OPEN_REMINDERS)
    op.drop_index("ix_pending_work_open", "pending_work")
    op.create_index("ix_pending_work_kind_done_at", "pending_work", ["kind", "done_at"])


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
