"""Places that headquarters teach: who taught them, and which reports are located again because of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration waiting for a lock would stop everyone behind it: give up and be run again instead.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("readings", sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_readings_taught",
        "readings",
        ["municipality"],
        unique=False,
        postgresql_where=sa.text("jsonb_path_exists(candidates, '$[*].scores.taught_here')"),
    )
    op.create_index(op.f("ix_reports_received_at"), "reports", ["received_at"], unique=False)
    _taught()
    _relocations()


def _taught() -> None:
    op.create_table(
        "taught_places",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("radius_m", sa.Double(), nullable=False),
        sa.Column("taught_by", sa.Text(), nullable=False),
        sa.Column(
            "taught_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("removed_by", sa.Text(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["replaces"], ["taught_places.id"], name=op.f("fk_taught_places_replaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taught_places")),
    )
    op.create_index(
        "uq_taught_places_standing",
        "taught_places",
        ["municipality", "key"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )


def _relocations() -> None:
    op.create_table(
        "relocations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("taught_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("anew", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("worker", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'located', 'kept', 'undoing', 'failed')",
            name=op.f("ck_relocations_state"),
        ),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_relocations_report_id")),
        sa.ForeignKeyConstraint(["taught_id"], ["taught_places.id"], name=op.f("fk_relocations_taught_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relocations")),
        sa.UniqueConstraint("taught_id", "report_id", name=op.f("uq_relocations_taught_id_report_id")),
    )
    op.create_index(
        "ix_relocations_open",
        "relocations",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'undoing')"),
    )
    op.create_index(op.f("ix_relocations_report_id"), "relocations", ["report_id"], unique=False)
