"""
Tokens for programs that are narrowed to some of their account's roles.

One change a file, named NNNN_verb_object. Constraints carry the names of the metadata's convention. Nothing that is
stored is dropped without a copy; a downgrade gives back what an upgrade changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NARROWED = "SELECT count(*) FROM api_tokens WHERE narrowed AND ended_at IS NULL"


def upgrade() -> None:
    """Change the schema."""
    op.add_column("api_tokens", sa.Column("narrowed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("api_tokens", sa.Column("roles", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Change it back. Refused while a narrowed token stands: in the older tables it would do all its account may."""
    count = op.get_bind().execute(sa.text(NARROWED)).scalar_one()
    if count:
        raise RuntimeError(f"{count} narrowed tokens have no place in the older tables. End them first.")
    op.drop_column("api_tokens", "roles")
    op.drop_column("api_tokens", "narrowed")
