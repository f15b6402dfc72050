"""Places from official files: where a source came from, house numbers, areas by source, a version."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration waiting for a lock would stop everyone behind it: give up and be run again instead.
    op.execute("SET LOCAL lock_timeout = '5s'")
    _sources()
    _houses()
    _areas()


def _sources() -> None:
    op.create_table(
        "gazetteer_state",
        sa.Column("single", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("single", name=op.f("ck_gazetteer_state_single")),
        sa.PrimaryKeyConstraint("single", name=op.f("pk_gazetteer_state")),
    )
    op.execute("INSERT INTO gazetteer_state DEFAULT VALUES")
    op.add_column("place_sources", sa.Column("format", sa.Text(), server_default="packaged", nullable=False))
    op.add_column("place_sources", sa.Column("file", sa.Text(), server_default="", nullable=False))
    op.add_column("place_sources", sa.Column("version", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("places", sa.Column("properties", postgresql.JSONB(), nullable=True))


def _houses() -> None:
    op.create_table(
        "houses",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=False),
        sa.Column("town", sa.Text(), nullable=False),
        sa.Column("block", sa.Text(), nullable=False),
        sa.Column("house", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source"], ["place_sources.source"], name=op.f("fk_houses_source"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_houses_source", "houses", ["source"], unique=False)
    op.create_index(
        "ix_houses_municipality_town_block", "houses", ["municipality", "town", "block"], unique=False
    )


def _areas() -> None:
    op.add_column("municipalities", sa.Column("source", sa.Text(), server_default="packaged", nullable=False))
    op.drop_constraint(op.f("pk_municipalities"), "municipalities", type_="primary")
    op.create_primary_key(op.f("pk_municipalities"), "municipalities", ["code", "source"])
