"""
Colleges without a URN, and what became of a school.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("workplaces", schema=None) as batch_op:
        batch_op.alter_column("urn", existing_type=sa.String(length=6), nullable=True)
        batch_op.add_column(sa.Column("ukprn", sa.String(length=8), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_workplaces_ukprn"), ["ukprn"])
        batch_op.create_check_constraint(
            batch_op.f("ck_workplaces_has_a_number"), "urn IS NOT NULL OR ukprn IS NOT NULL"
        )
    op.create_table(
        "workplace_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("urn", sa.String(length=6), nullable=False),
        sa.Column("linked_urn", sa.String(length=6), nullable=False),
        sa.Column("linked_name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("established_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workplace_links")),
        sa.UniqueConstraint("urn", "linked_urn", "kind", name=op.f("uq_workplace_links_urn_linked_urn_kind")),
    )
    with op.batch_alter_table("workplace_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workplace_links_linked_urn"), ["linked_urn"], unique=False)


def downgrade() -> None:
    """Change it back. Refused while a college is stored: without a URN it has no place in the older table."""
    colleges = op.get_bind().scalar(sa.text("SELECT count(*) FROM workplaces WHERE urn IS NULL"))
    if colleges:
        raise RuntimeError(f"{colleges} colleges stand without a URN; remove them before going back.")
    with op.batch_alter_table("workplace_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workplace_links_linked_urn"))
    op.drop_table("workplace_links")
    with op.batch_alter_table("workplaces", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_workplaces_has_a_number"), type_="check")
        batch_op.drop_constraint(batch_op.f("uq_workplaces_ukprn"), type_="unique")
        batch_op.drop_column("ukprn")
        batch_op.alter_column("urn", existing_type=sa.String(length=6), nullable=False)
