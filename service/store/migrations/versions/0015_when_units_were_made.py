"""When each edition of evacuation units was made, so that looking back shows the units of then."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Nobody knows of the editions that are there; they keep NULL.
    op.add_column("evacuation_units", sa.Column("made_at", sa.DateTime(timezone=True)))
    op.alter_column("evacuation_units", "made_at", server_default=sa.text("now()"))


def downgrade() -> None:
    op.drop_column("evacuation_units", "made_at")
