"""Organizations and who may see what, headquarters' rulings, and the record of what people did."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The municipality and its prefecture, as service.fuse gives them; nobody's is "unassigned".
AUDIENCE = """
    CASE WHEN municipality IS NULL THEN ARRAY['unassigned']
    ELSE ARRAY[left(municipality, 2), municipality] END
"""

BODY = """
    UPDATE changes SET body = body || jsonb_build_object('audience', CASE
        WHEN body->>'municipality' IS NULL THEN '["unassigned"]'::jsonb
        ELSE jsonb_build_array(left(body->>'municipality', 2), body->>'municipality') END,
        'ruling', CASE body->>'verification' WHEN 'unverified' THEN '{}'::jsonb
        ELSE jsonb_build_object('verification', body->'verification') END)
"""

APPEND_ONLY = """
    CREATE FUNCTION actions_are_kept() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'actions are never changed' USING ERRCODE = 'restrict_violation'; END $$
"""


def upgrade() -> None:
    # A migration waiting for a lock would stop everyone behind it: give up and be run again instead.
    op.execute("SET LOCAL lock_timeout = '5s'")
    _organizations()
    _audiences()
    _actions()


def _organizations() -> None:
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("parent", sa.Uuid(), nullable=True),
        sa.Column("area", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('prefecture', 'municipality', 'brigade')", name=op.f("ck_organizations_kind")
        ),
        sa.CheckConstraint(
            "length(code) = CASE kind WHEN 'prefecture' THEN 2 ELSE 5 END",
            name=op.f("ck_organizations_code"),
        ),
        sa.ForeignKeyConstraint(["parent"], ["organizations.id"], name=op.f("fk_organizations_parent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("kind", "code", "name", name=op.f("uq_organizations_kind_code_name")),
    )
    op.add_column("users", sa.Column("organization", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_users_organization"), "users", "organizations", ["organization"], ["id"])
    op.execute(
        "INSERT INTO organizations (kind, name, code) SELECT DISTINCT ON (u.municipality) "
        "'municipality', coalesce(m.name, u.municipality), u.municipality "
        "FROM users u LEFT JOIN municipalities m ON m.code = u.municipality WHERE u.municipality IS NOT NULL"
    )
    op.execute("UPDATE users SET organization = o.id FROM organizations o WHERE o.code = users.municipality")
    op.drop_column("users", "municipality")
    op.drop_constraint(op.f("ck_users_role"), "users")
    op.create_check_constraint(
        op.f("ck_users_role"), "users", "role IN ('viewer', 'officer', 'commander', 'administrator')"
    )


def _audiences() -> None:
    op.add_column("readings", sa.Column("home", sa.Text(), nullable=True))
    op.execute(
        "UPDATE readings SET home = r.sender_municipality FROM reports r WHERE r.id = readings.report_id"
    )
    op.add_column("incidents", sa.Column("audience", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column(
        "incidents",
        sa.Column("ruling", postgresql.JSONB(), server_default="{}", nullable=False),
    )
    op.execute(
        f"UPDATE incidents SET audience = {AUDIENCE}, ruling = CASE verification "  # noqa: S608 - constants
        "WHEN 'unverified' THEN '{}'::jsonb ELSE jsonb_build_object('verification', verification) END"
    )
    op.alter_column("incidents", "audience", nullable=False)
    op.create_index("ix_incidents_audience", "incidents", ["audience"], postgresql_using="gin")
    op.add_column(
        "changes",
        sa.Column("audience_before", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.execute(BODY)


def _actions() -> None:
    op.create_table(
        "actions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("organization_name", sa.Text(), server_default="", nullable=False),
        sa.Column("audience", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("body", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("drill", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("kind <> '' AND actor_name <> ''", name=op.f("ck_actions_said")),
        sa.ForeignKeyConstraint(["undoes"], ["actions.id"], name=op.f("fk_actions_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
        sa.UniqueConstraint("undoes", name=op.f("uq_actions_undoes")),
    )
    op.create_index("ix_actions_incident_id", "actions", ["incident_id", "id"])
    op.create_index("ix_actions_at", "actions", ["at"])
    op.create_index("ix_actions_audience", "actions", ["audience"], postgresql_using="gin")
    op.execute(APPEND_ONLY)
    op.execute(
        "CREATE TRIGGER actions_are_kept BEFORE UPDATE OR DELETE ON actions "
        "FOR EACH ROW EXECUTE FUNCTION actions_are_kept()"
    )
    op.execute(
        "CREATE TRIGGER actions_are_kept_whole BEFORE TRUNCATE ON actions "
        "FOR EACH STATEMENT EXECUTE FUNCTION actions_are_kept()"
    )
