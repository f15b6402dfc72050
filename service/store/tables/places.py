"""Names and where they are: the gazetteer's tables, and what officers taught."""

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
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from service.store.tables.names import metadata

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
