"""Who may sign in and which machines may ask."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from service.store.tables.names import metadata

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

# Prefecture: `code` has two digits; municipality: five; brigade (分団): its municipality's, and `area` is
# where it turns out. `parent` is the municipality of a brigade.
organizations = Table(
    "organizations",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("parent", Uuid, ForeignKey("organizations.id")),
    Column("area", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("kind", "code", "name"),
    CheckConstraint("kind IN ('prefecture', 'municipality', 'brigade')", name="kind"),
    CheckConstraint("length(code) = CASE kind WHEN 'prefecture' THEN 2 ELSE 5 END", name="code"),
)

# Without an organization somebody sees everything: the administrator of the whole installation. `subject` is
# issuer and subject of whoever signs in by OIDC, who has no password here.
users = Table(
    "users",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text),
    Column("subject", Text, unique=True),
    Column("role", Text, nullable=False),
    Column("organization", Uuid, ForeignKey("organizations.id")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("disabled_at", DateTime(timezone=True)),
    CheckConstraint("role IN ('viewer', 'officer', 'commander', 'administrator')", name="role"),
)

# Screens on the wall: who holds the token sees what the organization sees (None: everything).
devices = Table(
    "devices",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("name", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("organization", Uuid, ForeignKey("organizations.id")),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("used_at", DateTime(timezone=True)),
)

# Of a person or of a device.
sessions = Table(
    "sessions",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id", ondelete="CASCADE")),
    Column("device", Uuid, ForeignKey("devices.id", ondelete="CASCADE")),
    Column("csrf", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("(user_id IS NULL) <> (device IS NULL)", name="holder"),
    Index("ix_sessions_user_id", "user_id"),
)

# A sign-in by OIDC that has been sent to the provider; its hash is that of the browser's cookie.
sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("state", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("next", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

# What `owner` answers for is shown to `receiver`, until somebody takes it back.
standing_shares = Table(
    "standing_shares",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("owner", Uuid, ForeignKey("organizations.id"), nullable=False),
    Column("receiver", Uuid, ForeignKey("organizations.id"), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("owner", "receiver", name="uq_standing_shares_owner_receiver"),
    CheckConstraint("owner <> receiver", name="others"),
)
