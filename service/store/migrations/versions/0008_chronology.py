"""The hand-written lines of the chronology, the tray's index and its settled reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY = """
    CREATE FUNCTION entries_are_kept() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'entries are never changed' USING ERRCODE = 'restrict_violation'; END $$
"""
# Delivered with the commit, once a transaction: listeners read from their own cursor.
TELL = """
    CREATE FUNCTION tell_of_the_log() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('changes', 'log'); RETURN NULL; END $$
"""


def upgrade() -> None:
    # A migration waiting for a lock would stop everyone behind it: give up and be run again instead.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("reports", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_incidents_unplaced", "incidents", ["last_reported_at"], postgresql_where=sa.text("geom IS NULL")
    )
    _entries()
    op.execute(TELL)
    for table in ("actions", "chronology_entries"):
        op.execute(
            f"CREATE TRIGGER {table}_are_told AFTER INSERT ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tell_of_the_log()"
        )


def _entries() -> None:
    op.create_table(
        "chronology_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "written_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), server_default="", nullable=False),
        sa.Column("recipient", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), server_default="", nullable=False),
        sa.Column("author", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("organization", sa.Uuid(), nullable=True),
        sa.Column("organization_name", sa.Text(), server_default="", nullable=False),
        sa.Column("audience", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("strikes", sa.BigInteger(), nullable=True),
        sa.Column("drill", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint(
            "category IN ('received', 'sent', 'decided', 'done')",
            name=op.f("ck_chronology_entries_category"),
        ),
        sa.CheckConstraint("text <> '' AND author_name <> ''", name=op.f("ck_chronology_entries_said")),
        sa.ForeignKeyConstraint(
            ["strikes"], ["chronology_entries.id"], name=op.f("fk_chronology_entries_strikes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chronology_entries")),
        sa.UniqueConstraint("key", name=op.f("uq_chronology_entries_key")),
        sa.UniqueConstraint("strikes", name=op.f("uq_chronology_entries_strikes")),
    )
    _found_and_kept()


def _found_and_kept() -> None:
    op.create_index("ix_chronology_entries_at", "chronology_entries", ["at"])
    op.create_index(
        "ix_chronology_entries_audience", "chronology_entries", ["audience"], postgresql_using="gin"
    )
    op.execute(APPEND_ONLY)
    op.execute(
        "CREATE TRIGGER entries_are_kept BEFORE UPDATE OR DELETE ON chronology_entries "
        "FOR EACH ROW EXECUTE FUNCTION entries_are_kept()"
    )
    op.execute(
        "CREATE TRIGGER entries_are_kept_whole BEFORE TRUNCATE ON chronology_entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION entries_are_kept()"
    )
