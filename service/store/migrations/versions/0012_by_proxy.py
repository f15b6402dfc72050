"""Decisions that the governor takes in the mayor's place (災害対策基本法 第60条第6項)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration waiting for a lock would stop everyone behind it: give up and be run again instead.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "evacuation_decisions", sa.Column("by_proxy", sa.Boolean(), nullable=False, server_default="false")
    )
    op.create_check_constraint(
        "proxy", "evacuation_decisions", "NOT by_proxy OR (kind <> 'dismiss' AND level > 3)"
    )
