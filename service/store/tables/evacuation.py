"""The evacuation board: units, the municipality's own lines, what officers say, what commanders decided."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
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

# One row a municipality that has units: locked by whoever writes, so that two commanders decide one after
# the other. `version` grows with each write, `edition` with each import of units.
evacuation_boards = Table(
    "evacuation_boards",
    metadata,
    Column("municipality", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("edition", Integer, nullable=False, server_default="0"),
    Column("interval_min", SmallInteger, nullable=False, server_default="60"),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    CheckConstraint("interval_min BETWEEN 5 AND 1440", name="interval"),
)

# Never changed and never deleted: an old decision shows the units that it was made for.
evacuation_units = Table(
    "evacuation_units",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("municipality", Text, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("households", Integer),
    Column("population", Integer),
    Column("reporters", ARRAY(Text), nullable=False, server_default="{}"),
    Column("made_at", DateTime(timezone=True), server_default=func.now()),
    UniqueConstraint("municipality", "edition", "code"),
    Index("ix_evacuation_units_geom", "geom", postgresql_using="gist"),
)

# The table of today; what it was before stands in `actions`.
evacuation_criteria = Table(
    "evacuation_criteria",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("municipality", Text, nullable=False, index=True),
    Column("position", SmallInteger, nullable=False),
    Column("hazard", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("condition", JSONB, nullable=False),
    CheckConstraint("level BETWEEN 3 AND 5", name="level"),
)

# An officer's word on a manual line; the last one counts. `unit` is a unit's code, NULL: everywhere.
evacuation_ticks = Table(
    "evacuation_ticks",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("municipality", Text, nullable=False),
    Column("criterion", Uuid, nullable=False),
    Column("unit", Text),
    Column("met", Boolean, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Index("ix_evacuation_ticks_municipality", "municipality", "drill"),
)

evacuation_shelters = Table(
    "evacuation_shelters",
    metadata,
    Column("municipality", Text, primary_key=True),
    Column("place_id", Text, primary_key=True),
    Column("drill", Boolean, primary_key=True),
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("at", DateTime(timezone=True), nullable=False),
    CheckConstraint("state IN ('open', 'closed', 'full')", name="state"),
)

# A reporter who was heard by radio or telephone.
evacuation_calls = Table(
    "evacuation_calls",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("municipality", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("reporter", Text, nullable=False),
    Column("heard_at", DateTime(timezone=True), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("drill", Boolean, nullable=False),
    Index("ix_evacuation_calls_municipality", "municipality", "drill", "heard_at"),
)

# Written once. `codes` are the units', `units` their ids, names and marks as seen; `frozen` is the whole
# board of that moment as UTF-8 JSON, to the byte, and `hash` its SHA-256.
evacuation_decisions = Table(
    "evacuation_decisions",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("municipality", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("codes", ARRAY(Text), nullable=False),
    Column("units", JSONB, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Uuid),
    Column("actor_name", Text, nullable=False),
    Column("organization_name", Text, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("frozen", LargeBinary, nullable=False),
    Column("hash", Text, nullable=False),
    Column("action", BigInteger, ForeignKey("actions.id"), nullable=False),
    Column("by_proxy", Boolean, nullable=False, server_default="false"),
    CheckConstraint("kind IN ('order', 'dismiss', 'lift')", name="kind"),
    CheckConstraint("NOT by_proxy OR (kind <> 'dismiss' AND level > 3)", name="proxy"),
    CheckConstraint("level BETWEEN 3 AND 5", name="level"),
    CheckConstraint("cardinality(codes) > 0 AND reason <> ''", name="said"),
    Index("ix_evacuation_decisions_municipality", "municipality", "drill", "number"),
)
