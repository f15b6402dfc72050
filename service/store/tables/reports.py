"""What was reported and what is happening: inbox, reports, readings, incidents and their changes."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from service.store.tables.names import metadata

# The queue. `message` holds the words until they are read; then they move to reports and it is NULL.
# `attempts` is also the fence: a worker may finish an entry only with the attempt that it claimed.
# `retry_at` is set with the first claim: when a tried entry is due (again). `turn_at` is the order of fresh
# entries: each further one of a sender who has many waiting comes later (service/store/inbox.py).
inbox = Table(
    "inbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("report_id", Uuid, nullable=False, unique=True, server_default=text("gen_random_uuid()")),
    Column("channel", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("message", JSONB),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("turn_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("worker", BigInteger),
    Column("retry_at", DateTime(timezone=True)),
    Column("last_error", Text),
    Column("done_at", DateTime(timezone=True)),
    UniqueConstraint("channel", "key"),
    CheckConstraint("state IN ('waiting', 'done', 'buried', 'erased')", name="state"),
    Index("ix_inbox_fresh", "turn_at", "id", postgresql_where=text("state = 'waiting' AND attempts = 0")),
    Index(
        "ix_inbox_sender",
        "channel",
        text("(message ->> 'sender')"),
        "turn_at",
        postgresql_where=text("state = 'waiting' AND attempts = 0"),
    ),
    Index("ix_inbox_tried", "retry_at", "id", postgresql_where=text("state = 'waiting' AND attempts > 0")),
    Index("ix_inbox_buried", "id", postgresql_where=text("state = 'buried'")),
)

photos = Table(
    "photos",
    metadata,
    Column("report_id", Uuid, ForeignKey("inbox.report_id"), primary_key=True),
    Column("jpeg", LargeBinary, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
)

# What one person said; the only place that keeps the words. `address` is where that person can be written
# to, sealed with the service's secret; `about` is the own earlier report that this one answers a question on.
# `settled_at`: when headquarters decided to leave it without a place.
reports = Table(
    "reports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("inbox_id", BigInteger, ForeignKey("inbox.id"), nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("reply", Text),
    Column("sender", Text),
    Column("sender_municipality", Text),
    Column("posted_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, index=True),
    Column("read_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("position", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("position_accuracy_m", Double),
    Column("relevant", Boolean, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("people", JSONB, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("erased_at", DateTime(timezone=True)),
    Column("address", Text),
    Column("about", Uuid, ForeignKey("reports.id"), index=True),
    Column("settled_at", DateTime(timezone=True)),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("verification", Text, nullable=False, server_default="unverified"),
    Column("place_text", Text, nullable=False),
    Column("municipality", Text),
    Column("geom", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("shape", Geometry("GEOMETRY", srid=4326, spatial_index=False)),
    Column("radius_m", Double),
    Column("level", Text, nullable=False),
    Column("ambiguous", Boolean, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("people", JSONB, nullable=False),
    Column("report_count", Integer, nullable=False),
    Column("first_reported_at", DateTime(timezone=True), nullable=False),
    Column("last_reported_at", DateTime(timezone=True), nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("audience", ARRAY(Text), nullable=False),
    Column("ruling", JSONB, nullable=False, server_default="{}"),
    Column("contradicted", Boolean, nullable=False, server_default="false"),
    Column("version", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False, unique=True),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("verification IN ('unverified', 'verified', 'rejected')", name="verification"),
    CheckConstraint("status IN ('present', 'feared', 'denied', 'hearsay', 'resolved')", name="status"),
    Index("ix_incidents_geom", "geom", postgresql_using="gist"),
    Index("ix_incidents_municipality_type", "municipality", "type"),
    Index("ix_incidents_last_reported_at", "last_reported_at"),
    Index("ix_incidents_unplaced", "last_reported_at", postgresql_where=text("geom IS NULL")),
    Index("ix_incidents_audience", "audience", postgresql_using="gin"),
)

# One observation a row: which report said what; membership in an incident is `incident_id` alone,
# so a fusion is undone by moving rows and summarising again. `moved_at`: when a person put it there.
readings = Table(
    "readings",
    metadata,
    Column("report_id", Uuid, ForeignKey("reports.id"), primary_key=True),
    Column("ordinal", SmallInteger, primary_key=True),
    Column("incident_id", Uuid, ForeignKey("incidents.id", deferrable=True), index=True),
    Column("type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("place_text", Text, nullable=False),
    Column("municipality", Text),
    Column("geom", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("shape", Geometry("GEOMETRY", srid=4326, spatial_index=False)),
    Column("radius_m", Double),
    Column("level", Text, nullable=False),
    Column("ambiguous", Boolean, nullable=False),
    Column("candidates", JSONB, nullable=False),
    Column("why", Text, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("quantities", JSONB, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("people", JSONB, nullable=False),
    Column("said_at", DateTime(timezone=True), nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("retracts", Boolean, nullable=False),
    Column("home", Text),
    Column("moved_at", DateTime(timezone=True)),
    Index(
        "ix_readings_taught",
        "municipality",
        postgresql_where=text("jsonb_path_exists(candidates, '$[*].scores.taught_here')"),
    ),
)

# What an incident was before headquarters gave it another type or place, or merged it: reports that would
# have joined that find `target`, the incident itself or what it was merged into. `body` as in changes.
aliases = Table(
    "aliases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("target", Uuid, primary_key=True, index=True),
    Column("municipality", Text),
    Column("geom", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("body", JSONB, nullable=False),
    Index("ix_aliases_geom", "geom", postgresql_using="gist"),
    Index("ix_aliases_municipality", "municipality", postgresql_where=text("geom IS NULL")),
)

change_seq = Sequence("change_seq", metadata=metadata)

# Written only under the writer lock, so that a smaller seq never appears after a larger one.
changes = Table(
    "changes",
    metadata,
    Column("seq", BigInteger, change_seq, primary_key=True, server_default=change_seq.next_value()),
    Column("incident_id", Uuid, nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("removed", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("audience_before", ARRAY(Text), nullable=False, server_default="{}"),
)

# Answers to be sent by the worker (LINE replies), at most one a report; their words are reports.reply.
replies = Table(
    "replies",
    metadata,
    Column("report_id", Uuid, ForeignKey("reports.id"), primary_key=True),
    Column("channel", Text, nullable=False),
    Column("reply_to", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("retry_at", DateTime(timezone=True)),
    Column("last_error", Text),
    CheckConstraint("state IN ('waiting', 'sent', 'expired', 'failed')", name="state"),
    Index("ix_replies_waiting", "report_id", postgresql_where=text("state = 'waiting'")),
)

workers = Table(
    "workers",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("done", BigInteger, nullable=False, server_default="0"),
)
