"""Different senders can be counted behind the second fence, where who sent a report is nobody's to read."""

from typing import Final

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# As the owner of the tables these read what the caller may not. They tell a number, and ids of incidents of
# which the policies let the caller see only the own ones.
VOICES: Final = """
    CREATE FUNCTION voices_of(incident uuid) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
        SELECT count(DISTINCT coalesce(p.channel || '/' || p.sender, CAST(p.id AS text)))
        FROM readings r JOIN reports p ON p.id = r.report_id WHERE r.incident_id = incident
    $$
"""
TOLD_BY_THE_SAME: Final = """
    CREATE FUNCTION told_by_the_same(incident uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
        SELECT DISTINCT r.incident_id FROM readings o JOIN reports q ON q.id = o.report_id
        JOIN reports p ON p.channel = q.channel AND p.sender = q.sender
        JOIN readings r ON r.report_id = p.id WHERE o.incident_id = incident
    $$
"""


def upgrade() -> None:
    # A migration waiting for a lock would stop everyone behind it: give up and be run again instead.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(VOICES)
    op.execute(TOLD_BY_THE_SAME)
