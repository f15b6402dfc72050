"""The evacuation board: units, lines, what officers say, what commanders decided."""

from typing import Final

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES: Final = (
    """
    CREATE TABLE evacuation_boards (
        municipality TEXT NOT NULL,
        version BIGINT DEFAULT '0' NOT NULL,
        edition INTEGER DEFAULT '0' NOT NULL,
        interval_min SMALLINT DEFAULT '60' NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
        CONSTRAINT pk_evacuation_boards PRIMARY KEY (municipality),
        CONSTRAINT ck_evacuation_boards_interval CHECK (interval_min BETWEEN 5 AND 1440)
    )
    """,
    """
    CREATE TABLE evacuation_units (
        id UUID DEFAULT gen_random_uuid() NOT NULL,
        municipality TEXT NOT NULL,
        edition INTEGER NOT NULL,
        code TEXT NOT NULL,
        name TEXT NOT NULL,
        geom geometry(MULTIPOLYGON,4326) NOT NULL,
        automatic BOOLEAN NOT NULL,
        source TEXT NOT NULL,
        households INTEGER,
        population INTEGER,
        reporters TEXT[] DEFAULT '{}' NOT NULL,
        CONSTRAINT pk_evacuation_units PRIMARY KEY (id),
        CONSTRAINT uq_evacuation_units_municipality_edition_code UNIQUE (municipality, edition, code)
    )
    """,
    "CREATE INDEX ix_evacuation_units_geom ON evacuation_units USING gist (geom)",
    """
    CREATE TABLE evacuation_criteria (
        id UUID NOT NULL,
        municipality TEXT NOT NULL,
        position SMALLINT NOT NULL,
        hazard TEXT NOT NULL,
        level SMALLINT NOT NULL,
        text TEXT NOT NULL,
        condition JSONB NOT NULL,
        CONSTRAINT pk_evacuation_criteria PRIMARY KEY (id),
        CONSTRAINT ck_evacuation_criteria_level CHECK (level BETWEEN 3 AND 5)
    )
    """,
    "CREATE INDEX ix_evacuation_criteria_municipality ON evacuation_criteria (municipality)",
    """
    CREATE TABLE evacuation_ticks (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        municipality TEXT NOT NULL,
        criterion UUID NOT NULL,
        unit TEXT,
        met BOOLEAN NOT NULL,
        since TIMESTAMP WITH TIME ZONE NOT NULL,
        reason TEXT NOT NULL,
        drill BOOLEAN NOT NULL,
        at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
        CONSTRAINT pk_evacuation_ticks PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_evacuation_ticks_municipality ON evacuation_ticks (municipality, drill)",
    """
    CREATE TABLE evacuation_shelters (
        municipality TEXT NOT NULL,
        place_id TEXT NOT NULL,
        drill BOOLEAN NOT NULL,
        state TEXT NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT pk_evacuation_shelters PRIMARY KEY (municipality, place_id, drill),
        CONSTRAINT ck_evacuation_shelters_state CHECK (state IN ('open', 'closed', 'full'))
    )
    """,
    """
    CREATE TABLE evacuation_calls (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        municipality TEXT NOT NULL,
        unit TEXT NOT NULL,
        reporter TEXT NOT NULL,
        heard_at TIMESTAMP WITH TIME ZONE NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        drill BOOLEAN NOT NULL,
        CONSTRAINT pk_evacuation_calls PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_evacuation_calls_municipality ON evacuation_calls (municipality, drill, heard_at)",
    """
    CREATE TABLE evacuation_decisions (
        id UUID DEFAULT gen_random_uuid() NOT NULL,
        number BIGINT GENERATED ALWAYS AS IDENTITY,
        municipality TEXT NOT NULL,
        kind TEXT NOT NULL,
        level SMALLINT NOT NULL,
        codes TEXT[] NOT NULL,
        units JSONB NOT NULL,
        decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
        recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
        reason TEXT NOT NULL,
        actor UUID,
        actor_name TEXT NOT NULL,
        organization_name TEXT NOT NULL,
        drill BOOLEAN NOT NULL,
        edition INTEGER NOT NULL,
        frozen BYTEA NOT NULL,
        hash TEXT NOT NULL,
        action BIGINT NOT NULL,
        CONSTRAINT pk_evacuation_decisions PRIMARY KEY (id),
        CONSTRAINT ck_evacuation_decisions_kind CHECK (kind IN ('order', 'dismiss', 'lift')),
        CONSTRAINT ck_evacuation_decisions_level CHECK (level BETWEEN 3 AND 5),
        CONSTRAINT ck_evacuation_decisions_said CHECK (cardinality(codes) > 0 AND reason <> ''),
        CONSTRAINT uq_evacuation_decisions_number UNIQUE (number),
        CONSTRAINT fk_evacuation_decisions_action FOREIGN KEY(action) REFERENCES actions (id)
    )
    """,
    """
    CREATE INDEX ix_evacuation_decisions_municipality ON evacuation_decisions (municipality, drill, number)
    """,
)

# What was decided, and the units that it was decided for, stay as they are.
KEPT: Final = """
    CREATE FUNCTION evacuation_is_kept() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        RAISE EXCEPTION 'decisions and units are never changed' USING ERRCODE = 'restrict_violation';
    END $$
"""


def upgrade() -> None:
    # A migration waiting for a lock would stop everyone behind it: give up and be run again instead.
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES:
        op.execute(statement)
    op.execute(KEPT)
    for table in ("evacuation_decisions", "evacuation_units"):
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION evacuation_is_kept()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_kept_whole BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION evacuation_is_kept()"
        )
