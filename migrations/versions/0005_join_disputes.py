"""
Several schools of one employer in one dispute.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LIVE = sa.text("settled_on IS NULL")


def upgrade() -> None:
    """
    Change the schema: a case keeps each part it had in a dispute, with the days it began and ended.

    Up to now a dispute was one case's, named after it, and a case that reopened forgot the ones before: they are put
    back by their references.
    """
    op.create_table("parts", sa.Column("case_id", sa.Uuid()), sa.Column("leg_id", sa.Uuid()))
    op.execute(
        "INSERT INTO parts (case_id, leg_id) SELECT case_id, leg_id FROM dispute_cases "
        "UNION SELECT cases.id, dispute_legs.id FROM disputes "
        "JOIN dispute_legs ON dispute_legs.dispute_id = disputes.id "
        "JOIN cases ON disputes.ref = 'D-' || cases.ref OR disputes.ref LIKE 'D-' || cases.ref || '-%'"
    )
    op.drop_index("ix_dispute_cases_leg_id", "dispute_cases")
    op.drop_table("dispute_cases")
    op.create_table(
        "dispute_cases",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("leg_id", sa.Uuid(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_dispute_cases_case_id_cases")),
        sa.ForeignKeyConstraint(["leg_id"], ["dispute_legs.id"], name=op.f("fk_dispute_cases_leg_id_dispute_legs")),
        sa.PrimaryKeyConstraint("case_id", "leg_id", name=op.f("pk_dispute_cases")),
    )
    op.create_index(op.f("ix_dispute_cases_leg_id"), "dispute_cases", ["leg_id"])
    op.create_index(
        "uq_dispute_cases_live", "dispute_cases", ["case_id"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )
    op.execute(
        "INSERT INTO dispute_cases (case_id, leg_id, joined_on, settled_on) "
        "SELECT parts.case_id, parts.leg_id, disputes.declared_on, disputes.settled_on FROM parts "
        "JOIN dispute_legs ON dispute_legs.id = parts.leg_id JOIN disputes ON disputes.id = dispute_legs.dispute_id"
    )
    op.drop_table("parts")
    op.add_column("ballots", sa.Column("scope", sa.String(length=40), nullable=False, server_default="separate"))


def downgrade() -> None:
    """Change it back. Refused while a dispute has several schools: the older tables would take each for its own."""
    several = op.get_bind().scalar(
        sa.text("SELECT count(*) FROM (SELECT leg_id FROM dispute_cases GROUP BY leg_id HAVING count(*) > 1) AS shared")
    )
    if several:
        raise RuntimeError(f"{several} disputes have several schools; they have no place in the older tables.")
    op.drop_column("ballots", "scope")
    op.create_table("parts", sa.Column("case_id", sa.Uuid()), sa.Column("leg_id", sa.Uuid()))
    op.execute(
        "INSERT INTO parts (case_id, leg_id) SELECT case_id, leg_id FROM (SELECT case_id, leg_id, row_number() OVER "
        "(PARTITION BY case_id ORDER BY CASE WHEN settled_on IS NULL THEN 0 ELSE 1 END, settled_on DESC, joined_on DESC) "
        "AS place FROM dispute_cases) AS placed WHERE place = 1"
    )
    op.drop_index("uq_dispute_cases_live", "dispute_cases")
    op.drop_index(op.f("ix_dispute_cases_leg_id"), "dispute_cases")
    op.drop_table("dispute_cases")
    op.create_table(
        "dispute_cases",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("leg_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_dispute_cases_case_id_cases")),
        sa.ForeignKeyConstraint(["leg_id"], ["dispute_legs.id"], name=op.f("fk_dispute_cases_leg_id_dispute_legs")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_dispute_cases")),
    )
    op.create_index(op.f("ix_dispute_cases_leg_id"), "dispute_cases", ["leg_id"])
    op.execute("INSERT INTO dispute_cases (case_id, leg_id) SELECT case_id, leg_id FROM parts")
    op.drop_table("parts")
