"""Row-level security for the hand-written entries of the chronology, as for actions."""

from alembic import op

from service.store.fence import AUDIENCE, guard

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration waiting for a lock would stop everyone behind it: give up and be run again instead.
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in guard("chronology_entries", f"audience && {AUDIENCE}"):
        op.execute(statement)
