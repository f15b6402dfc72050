"""Row-level security for what headquarters read: tray, chronology, evacuation board, questions, lessons."""

from typing import Final

from alembic import op

from service.store.fence import AUDIENCE, MUNICIPAL, guard

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# A view reads as the owner of the tables, who is not held back. The fence stands in its own condition, for
# whoever the policies hold back.
_UNFENCED: Final = "(SELECT NOT row_security_active('incidents'::regclass))"
_OWN: Final = (
    f"i.audience && {AUDIENCE} AND NOT jsonb_exists_any(coalesce(i.ruling->'shared', '[]'), {AUDIENCE})"
)
_SENT_FROM: Final = (
    "CASE WHEN {0}.sender_municipality IS NULL THEN ARRAY['unassigned'] "
    "ELSE ARRAY[{0}.sender_municipality, left({0}.sender_municipality, 2)] END && " + AUDIENCE
)

# Where the policies hide readings, a report may seem to say nothing: ids tell that something was read.
KEYS: Final = """
    CREATE VIEW reading_keys AS
    SELECT report_id, ordinal, incident_id, geom IS NOT NULL AS has_point FROM readings
"""
# What whoever sees an incident, also one that is only shared, may know of the reports in it: no words.
TOLD_REPORTS: Final = f"""
    CREATE VIEW told_reports AS
    SELECT p.id, p.received_at, p.posted_at, p.channel, p.sender_municipality, p.urgent, p.drill, p.relevant,
        p.erased_at
    FROM reports p
    WHERE {_UNFENCED}
        OR EXISTS (SELECT FROM readings r JOIN incidents i ON i.id = r.incident_id
            WHERE r.report_id = p.id AND i.audience && {AUDIENCE})
        OR (NOT EXISTS (SELECT FROM readings r WHERE r.report_id = p.id) AND {_SENT_FROM.format("p")})
"""  # noqa: S608 - constants
TOLD_READINGS: Final = f"""
    CREATE VIEW told_readings AS
    SELECT r.report_id, r.ordinal, r.incident_id, r.type, r.status, r.place_text, r.municipality, r.said_at,
        r.quantities
    FROM readings r
    WHERE {_UNFENCED}
        OR EXISTS (SELECT FROM incidents i WHERE i.id = r.incident_id AND i.audience && {AUDIENCE})
"""  # noqa: S608 - constants
# Whoever may read a report's words sees all that was read from them, wherever it lies. OFFSET 0: few reports
# are asked for, and the planner would rather look at all of them first.
OBSERVATIONS: Final = f"""
    CREATE VIEW report_observations AS
    SELECT r.report_id, r.ordinal, r.incident_id, r.type, r.status, r.place_text, r.municipality, r.geom,
        r.shape, r.radius_m, r.level, r.ambiguous, r.candidates, r.why, r.evidence, r.quantities, r.urgent,
        r.people, r.said_at, r.drill, r.retracts, r.home, u.verification,
        r.geom IS NOT NULL OR u.geom IS NOT NULL AS on_map
    FROM readings r LEFT JOIN incidents u ON u.id = r.incident_id
    WHERE {_UNFENCED}
        OR EXISTS (SELECT FROM reports p WHERE p.id = r.report_id AND p.sender_municipality IS NOT NULL
            AND {_SENT_FROM.format("p")} OFFSET 0)
        OR EXISTS (SELECT FROM readings o JOIN incidents i ON i.id = o.incident_id
            WHERE o.report_id = r.report_id AND {_OWN} OFFSET 0)
"""  # noqa: S608 - constants
# One row a person, without who it is: whether one can write there, and when one last did. Of one person the
# report that can be answered speaks, as in service/store/questions.py.
REPORTERS: Final = f"""
    CREATE VIEW reporters_behind AS
    SELECT DISTINCT ON (r.incident_id, p.channel, coalesce(p.sender, p.id::text))
        r.incident_id, p.channel, p.address IS NOT NULL AND p.sender IS NOT NULL AS reachable,
        (SELECT max(q.asked_at) FROM questions q WHERE q.channel = p.channel AND q.sender = p.sender
            AND q.state IN ('waiting', 'sent')) AS asked_at
    FROM readings r JOIN reports p ON p.id = r.report_id
    WHERE p.erased_at IS NULL
        AND ({_UNFENCED} OR EXISTS (SELECT FROM incidents i WHERE i.id = r.incident_id AND {_OWN}))
    ORDER BY r.incident_id, p.channel, coalesce(p.sender, p.id::text), p.address IS NULL, p.posted_at DESC,
        p.id, r.ordinal
"""  # noqa: S608 - constants

# What nobody's sender says is every prefecture's only where it stands in no incident: else its owners'.
REPORTS: Final = f"""
    ALTER POLICY seen ON reports USING (
        EXISTS (SELECT FROM readings WHERE readings.report_id = reports.id)
        OR ({_SENT_FROM.format("reports")} AND (sender_municipality IS NOT NULL OR NOT EXISTS (
            SELECT FROM reading_keys k WHERE k.report_id = reports.id AND k.incident_id IS NOT NULL))))
"""  # noqa: S608 - constants
# A question is where its reading now stands; without one, where it was asked.
QUESTIONS: Final = f"""
    EXISTS (SELECT FROM readings r WHERE r.report_id = questions.report_id AND r.ordinal = questions.ordinal)
    OR (NOT EXISTS (SELECT FROM reading_keys k WHERE k.report_id = questions.report_id
            AND k.ordinal = questions.ordinal AND k.incident_id IS NOT NULL)
        AND EXISTS (SELECT FROM incidents i WHERE i.id = questions.incident_id AND {_OWN}))
"""  # noqa: S608 - constants
OF_MUNICIPALITIES: Final = (
    "evacuation_boards",
    "evacuation_units",
    "evacuation_criteria",
    "evacuation_ticks",
    "evacuation_shelters",
    "evacuation_calls",
    "evacuation_decisions",
    "taught_places",
)
POLICIES: Final = {
    **dict.fromkeys(OF_MUNICIPALITIES, MUNICIPAL),
    # The gazetteer is public; names that officers taught are their municipality's.
    "places": f"left(source, 7) <> 'taught:' OR {MUNICIPAL}",
    "relocations": "EXISTS (SELECT FROM taught_places t WHERE t.id = relocations.taught_id)",
    "questions": QUESTIONS,
    "organizations": f"code = ANY({AUDIENCE}) OR left(code, 2) = ANY({AUDIENCE})",
    "users": "EXISTS (SELECT FROM organizations o WHERE o.id = users.organization)",
}


def upgrade() -> None:
    # A migration waiting for a lock would stop everyone behind it: give up and be run again instead.
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (KEYS, TOLD_REPORTS, TOLD_READINGS, OBSERVATIONS, REPORTERS, REPORTS):
        op.execute(statement)
    for table, condition in POLICIES.items():
        for statement in guard(table, condition):
            op.execute(statement)
