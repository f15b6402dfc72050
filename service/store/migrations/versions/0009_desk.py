"""The desk: what later reports say against a ruling, what incidents were before it, actions by incident."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration waiting for a lock would stop everyone behind it: give up and be run again instead.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "incidents", sa.Column("contradicted", sa.Boolean(), server_default="false", nullable=False)
    )
    op.create_table(
        "aliases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.Uuid(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=True),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", "target", name=op.f("pk_aliases")),
    )
    op.create_index(op.f("ix_aliases_target"), "aliases", ["target"], unique=False)
    op.create_index("ix_aliases_geom", "aliases", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(
        "ix_aliases_municipality",
        "aliases",
        ["municipality"],
        unique=False,
        postgresql_where=sa.text("geom IS NULL"),
    )
    op.create_index(
        "ix_actions_edits",
        "actions",
        [sa.text("(body -> 'edits')")],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("body ? 'edits'"),
    )
