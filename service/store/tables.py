"""The tables. Alembic's revisions make them; a test holds the two together.

Geometries are EPSG:4326. Times are timestamptz. Municipality codes are 5-digit text.
"""

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
    MetaData,
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

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# The queue. `message` holds the words until they are read; then they move to reports and it is NULL.
# `attempts` is also the fence: a worker may finish an entry only with the attempt that it claimed.
# `retry_at` is set with the first claim: when a tried entry is due (again).
inbox = Table(
    "inbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("report_id", Uuid, nullable=False, unique=True, server_default=text("gen_random_uuid()")),
    Column("channel", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("message", JSONB),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("worker", BigInteger),
    Column("retry_at", DateTime(timezone=True)),
    Column("last_error", Text),
    Column("done_at", DateTime(timezone=True)),
    UniqueConstraint("channel", "key"),
    CheckConstraint("state IN ('waiting', 'done', 'buried', 'erased')", name="state"),
    Index("ix_inbox_fresh", "id", postgresql_where=text("state = 'waiting' AND attempts = 0")),
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

# What one person said; the only place that keeps the words.
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
    Column("version", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False, unique=True),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("verification IN ('unverified', 'verified', 'rejected')", name="verification"),
    CheckConstraint("status IN ('present', 'feared', 'denied', 'hearsay', 'resolved')", name="status"),
    Index("ix_incidents_geom", "geom", postgresql_using="gist"),
    Index("ix_incidents_municipality_type", "municipality", "type"),
    Index("ix_incidents_last_reported_at", "last_reported_at"),
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
    Column("moved_at", DateTime(timezone=True)),
    Index(
        "ix_readings_taught",
        "municipality",
        postgresql_where=text("jsonb_path_exists(candidates, '$[*].scores.taught_here')"),
    ),
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
)

# One row. Its number grows with every change of places, houses or areas: who holds them in memory compares.
gazetteer_state = Table(
    "gazetteer_state",
    metadata,
    Column("single", Boolean, primary_key=True, server_default=text("true")),
    Column("version", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("single", name="single"),
)

# `format` is "packaged" for the tables that the program carries, else how the official file was read;
# `version` is that of gazetteer_state when the source last changed.
place_sources = Table(
    "place_sources",
    metadata,
    Column("source", Text, primary_key=True),
    Column("checksum", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("dated", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("format", Text, nullable=False, server_default="packaged"),
    Column("file", Text, nullable=False, server_default=""),
    Column("version", BigInteger, nullable=False, server_default="0"),
)

places = Table(
    "places",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, ForeignKey("place_sources.source", ondelete="CASCADE"), nullable=False),
    Column("place_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kana", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("municipality", Text, nullable=False),
    Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
    Column("radius_m", Double, nullable=False),
    Column("properties", JSONB),
    UniqueConstraint("source", "place_id"),
    Index("ix_places_geom", "geom", postgresql_using="gist"),
    Index("ix_places_municipality_name", "municipality", "name"),
)

# 住居表示, millions of rows, never read as a whole: `town` is geo.names.normal_form of 町名 with its 丁目,
# `block` 街区符号, `house` 住居番号 (empty: the block itself).
houses = Table(
    "houses",
    metadata,
    Column("source", Text, ForeignKey("place_sources.source", ondelete="CASCADE"), nullable=False),
    Column("municipality", Text, nullable=False),
    Column("town", Text, nullable=False),
    Column("block", Text, nullable=False),
    Column("house", Text, nullable=False),
    Column("lat", Double, nullable=False),
    Column("lon", Double, nullable=False),
    Index("ix_houses_source", "source"),
    Index("ix_houses_municipality_town_block", "municipality", "town", "block"),
)

# Several sources may know one code: the one loaded last speaks, "packaged" only where no other does.
municipalities = Table(
    "municipalities",
    metadata,
    Column("code", Text, primary_key=True),
    Column("source", Text, primary_key=True, server_default="packaged"),
    Column("name", Text, nullable=False),
    Column("kana", Text, nullable=False),
    Column("prefecture", Text, nullable=False),
    Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    Index("ix_municipalities_geom", "geom", postgresql_using="gist"),
)

# Who taught which place, and who took it back. The place itself is a row of `places` with source
# `taught:<municipality>` and this id; `key` is geo.names.normal_form of the name.
taught_places = Table(
    "taught_places",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("municipality", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("lat", Double, nullable=False),
    Column("lon", Double, nullable=False),
    Column("radius_m", Double, nullable=False),
    Column("taught_by", Text, nullable=False),
    Column("taught_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("replaces", Uuid, ForeignKey("taught_places.id")),
    Column("removed_by", Text),
    Column("removed_at", DateTime(timezone=True)),
    Index(
        "uq_taught_places_standing",
        "municipality",
        "key",
        unique=True,
        postgresql_where=text("removed_at IS NULL"),
    ),
)

# Which report is to be located again because of which taught place: the queue of that work, and what undoes
# it. `before` holds the report's readings as they were; `anew`: it was first read with the place, so it is
# undone by reading it again. `attempts` is the fence, as in the inbox.
relocations = Table(
    "relocations",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("taught_id", Uuid, ForeignKey("taught_places.id"), nullable=False),
    Column("report_id", Uuid, ForeignKey("reports.id"), nullable=False, index=True),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("before", JSONB),
    Column("anew", Boolean, nullable=False, server_default="false"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("worker", BigInteger),
    Column("last_error", Text),
    Column("done_at", DateTime(timezone=True)),
    UniqueConstraint("taught_id", "report_id"),
    CheckConstraint("state IN ('waiting', 'located', 'kept', 'undoing', 'failed')", name="state"),
    Index("ix_relocations_open", "id", postgresql_where=text("state IN ('waiting', 'undoing')")),
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

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("name", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("municipality", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
)

users = Table(
    "users",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("municipality", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("role IN ('viewer', 'officer', 'administrator')", name="role"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("csrf", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)
