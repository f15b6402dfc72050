"""Reporters who can be asked again, and what they were asked."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration waiting for a lock would stop everyone behind it: give up and be run again instead.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("reports", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("reports", sa.Column("about", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_reports_about"), "reports", "reports", ["about"], ["id"])
    op.create_index("ix_reports_about", "reports", ["about"])
    op.create_table(
        "questions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'withdrawn')", name=op.f("ck_questions_state")
        ),
        sa.CheckConstraint("answer IN ('present', 'resolved', 'unknown')", name=op.f("ck_questions_answer")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_questions_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    op.create_index("ix_questions_incident_id", "questions", ["incident_id"])
    op.create_index("ix_questions_report_id", "questions", ["report_id"])
    op.create_index(
        "ix_questions_waiting", "questions", ["asked_at"], postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_index("ix_questions_sender", "questions", ["channel", "sender", "asked_at"])
