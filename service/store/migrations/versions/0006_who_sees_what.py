"""Row-level security behind the filters, people of organizations, shares, devices, sign-in by OIDC."""

import sqlalchemy as sa
from alembic import op

from service.store.fence import AUDIENCE, guard

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The incident's own row is seen by its audience; words only by those who answer for it.
OWNED = (
    "EXISTS (SELECT FROM incidents i WHERE i.id = {table}.incident_id "
    "AND NOT jsonb_exists_any(coalesce(i.ruling->'shared', '[]'), {audience}))"
)
SENT_FROM = (
    "CASE WHEN sender_municipality IS NULL THEN ARRAY['unassigned'] "
    "ELSE ARRAY[sender_municipality, left(sender_municipality, 2)] END && {audience}"
)


def upgrade() -> None:
    # A migration waiting for a lock would stop everyone behind it: give up and be run again instead.
    op.execute("SET LOCAL lock_timeout = '5s'")
    _fence()
    _people()
    _devices()
    _sign_in_attempts()
    _shares()


def _fence() -> None:
    # Numbers and times of all changes, without what changed.
    op.execute("CREATE VIEW change_times AS SELECT seq, at FROM changes")
    behind = "EXISTS (SELECT FROM readings WHERE readings.report_id = reports.id)"
    for table, condition in (
        ("incidents", f"audience && {AUDIENCE}"),
        ("actions", f"audience && {AUDIENCE}"),
        ("changes", f"audience_before && {AUDIENCE} OR jsonb_exists_any(body->'audience', {AUDIENCE})"),
        ("readings", OWNED.format(table="readings", audience=AUDIENCE)),
        ("reports", f"{behind} OR {SENT_FROM.format(audience=AUDIENCE)}"),
        ("photos", "EXISTS (SELECT FROM reports WHERE reports.id = photos.report_id)"),
    ):
        for statement in guard(table, condition):
            op.execute(statement)


def _people() -> None:
    op.alter_column("users", "password_hash", nullable=True)
    op.add_column("users", sa.Column("subject", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_users_subject"), "users", ["subject"])
    op.add_column("users", sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True))


def _devices() -> None:
    now = sa.text("now()")
    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("organization", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organization"], ["organizations.id"], name=op.f("fk_devices_organization")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("hash", name=op.f("uq_devices_hash")),
    )
    op.alter_column("sessions", "user_id", nullable=True)
    op.add_column("sessions", sa.Column("device", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_sessions_device"), "sessions", "devices", ["device"], ["id"], ondelete="CASCADE"
    )
    op.create_check_constraint(
        op.f("ck_sessions_holder"), "sessions", "(user_id IS NULL) <> (device IS NULL)"
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])


def _sign_in_attempts() -> None:
    op.create_table(
        "sign_in_attempts",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sign_in_attempts")),
    )


def _shares() -> None:
    op.create_table(
        "standing_shares",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("receiver", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("owner <> receiver", name=op.f("ck_standing_shares_others")),
        sa.ForeignKeyConstraint(["owner"], ["organizations.id"], name=op.f("fk_standing_shares_owner")),
        sa.ForeignKeyConstraint(["receiver"], ["organizations.id"], name=op.f("fk_standing_shares_receiver")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_shares")),
        sa.UniqueConstraint("owner", "receiver", name=op.f("uq_standing_shares_owner_receiver")),
    )
