"""What people did: one row an action, written once and never changed."""

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
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from service.store.tables.names import metadata

# A trigger refuses UPDATE, DELETE and TRUNCATE. `actor_name` and `organization_name` are kept as they were;
# `owner` is the municipality that it concerns, `undoes` the action that this one takes back.
actions = Table(
    "actions",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("kind", Text, nullable=False),
    Column("actor", Uuid),
    Column("actor_name", Text, nullable=False),
    Column("organization_name", Text, nullable=False, server_default=""),
    Column("audience", ARRAY(Text), nullable=False),
    Column("owner", Text),
    Column("incident_id", Uuid),
    Column("unit", Text),
    Column("reason", Text, nullable=False, server_default=""),
    Column("body", JSONB, nullable=False, server_default="{}"),
    Column("undoes", BigInteger, ForeignKey("actions.id"), unique=True),
    Column("drill", Boolean, nullable=False, server_default="false"),
    CheckConstraint("kind <> '' AND actor_name <> ''", name="said"),
    Index("ix_actions_incident_id", "incident_id", "id"),
    Index("ix_actions_at", "at"),
    Index("ix_actions_audience", "audience", postgresql_using="gin"),
    # An action at the desk may concern many incidents: each finds it by its edit.
    Index(
        "ix_actions_edits",
        text("(body -> 'edits')"),
        postgresql_using="gin",
        postgresql_where=text("body ? 'edits'"),
    ),
)
