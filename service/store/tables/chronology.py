"""What headquarters write into their running log by hand: one row an entry, written once."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY

from service.store.tables.names import metadata

# A trigger refuses UPDATE, DELETE and TRUNCATE: a wrong entry is struck by a later one (`strikes`), and both
# stay. `key` is the browser's own, so that a retry is not a second entry; `at` is when it happened,
# `written_at` when it was written.
chronology_entries = Table(
    "chronology_entries",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Uuid, nullable=False, unique=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("category", Text, nullable=False),
    Column("origin", Text, nullable=False, server_default=""),
    Column("recipient", Text, nullable=False, server_default=""),
    Column("text", Text, nullable=False),
    Column("response", Text, nullable=False, server_default=""),
    Column("author", Uuid),
    Column("author_name", Text, nullable=False),
    Column("organization", Uuid),
    Column("organization_name", Text, nullable=False, server_default=""),
    Column("audience", ARRAY(Text), nullable=False),
    Column("municipality", Text),
    Column("incident_id", Uuid),
    Column("strikes", BigInteger, ForeignKey("chronology_entries.id"), unique=True),
    Column("drill", Boolean, nullable=False, server_default="false"),
    CheckConstraint("category IN ('received', 'sent', 'decided', 'done')", name="category"),
    CheckConstraint("text <> '' AND author_name <> ''", name="said"),
    Index("ix_chronology_entries_at", "at"),
    Index("ix_chronology_entries_audience", "audience", postgresql_using="gin"),
)
