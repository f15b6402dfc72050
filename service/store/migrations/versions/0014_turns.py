"""Fresh messages in the order of turns: a flood from one sender waits behind everybody else."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FRESH = sa.text("state = 'waiting' AND attempts = 0")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # One moment for all that is there rewrites nothing; what waits among it keeps the order of its numbers.
    turn = sa.Column("turn_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
    op.add_column("inbox", turn)
    op.alter_column("inbox", "turn_at", server_default=sa.text("clock_timestamp()"))
    op.drop_index("ix_inbox_fresh", "inbox")
    op.create_index("ix_inbox_fresh", "inbox", ["turn_at", "id"], postgresql_where=FRESH)
    sender = sa.text("(message ->> 'sender')")
    op.create_index("ix_inbox_sender", "inbox", ["channel", sender, "turn_at"], postgresql_where=FRESH)


def downgrade() -> None:
    op.drop_index("ix_inbox_sender", "inbox")
    op.drop_index("ix_inbox_fresh", "inbox")
    op.create_index("ix_inbox_fresh", "inbox", ["id"], postgresql_where=FRESH)
    op.drop_column("inbox", "turn_at")
