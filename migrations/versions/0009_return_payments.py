"""
Payments that the bank sends back: the day and the reason, and one payment of a claim at a time instead of for ever.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STANDS = "returned_on IS NULL"


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("payment_lines") as lines:
        lines.add_column(sa.Column("returned_on", sa.Date(), nullable=True))
        lines.add_column(sa.Column("returned_because", sa.Text(), nullable=True))
        lines.drop_constraint("uq_payment_lines_claim_id", type_="unique")
        lines.create_check_constraint("returned_whole", "(returned_on IS NULL) = (returned_because IS NULL)")
    where = {"sqlite_where": sa.text(STANDS), "postgresql_where": sa.text(STANDS)}
    op.create_index("uq_payment_lines_standing", "payment_lines", ["claim_id"], unique=True, **where)


def downgrade() -> None:
    """Change it back. Refused while a payment is on record as sent back: the older table has no place for that."""
    returned = sa.text("SELECT count(*) FROM payment_lines WHERE returned_on IS NOT NULL")
    count = op.get_bind().execute(returned).scalar_one()
    if count:
        raise RuntimeError(f"{count} payments were sent back by the bank; they have no place in the older tables.")
    op.drop_index("uq_payment_lines_standing", "payment_lines")
    with op.batch_alter_table("payment_lines") as lines:
        lines.drop_constraint("returned_whole", type_="check")
        lines.drop_column("returned_because")
        lines.drop_column("returned_on")
        lines.create_unique_constraint("uq_payment_lines_claim_id", ["claim_id"])
