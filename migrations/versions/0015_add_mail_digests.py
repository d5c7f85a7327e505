"""
What each account chose to be told of by mail, how often, and the day it was last told.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "mail_digests",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("rhythm", sa.String(length=40), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_mail_digests_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_mail_digests")),
    )


def downgrade() -> None:
    """Change it back. Refused while somebody is told by mail: what they chose has no place in the older tables."""
    count = op.get_bind().execute(sa.text("SELECT count(*) FROM mail_digests WHERE rhythm <> 'never'")).scalar_one()
    if count:
        raise RuntimeError(f"{count} people who chose a digest have no place in the older tables.")
    op.drop_table("mail_digests")
