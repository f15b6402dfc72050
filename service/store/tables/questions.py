"""What reporters are asked: whether what they reported still is so."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)

from service.store.tables.names import metadata

# One row a person asked. `sender` is the opaque one of `reports`; the address stays there alone.
questions = Table(
    "questions",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("incident_id", Uuid, nullable=False, index=True),
    Column("report_id", Uuid, ForeignKey("reports.id"), nullable=False, index=True),
    Column("ordinal", SmallInteger, nullable=False),
    Column("channel", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("retry_at", DateTime(timezone=True)),
    Column("last_error", Text),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("sent_at", DateTime(timezone=True)),
    Column("answer", Text),
    Column("answered_at", DateTime(timezone=True)),
    CheckConstraint("state IN ('waiting', 'sent', 'failed', 'withdrawn')", name="state"),
    CheckConstraint("answer IN ('present', 'resolved', 'unknown')", name="answer"),
    Index("ix_questions_waiting", "asked_at", postgresql_where=text("state = 'waiting'")),
    Index("ix_questions_sender", "channel", "sender", "asked_at"),
)
