"""The tables. Alembic's revisions make them; a test holds the two together.

Geometries are EPSG:4326. Times are timestamptz. Municipality codes are 5-digit text.
"""

from service.store.tables.actions import actions
from service.store.tables.chronology import chronology_entries
from service.store.tables.evacuation import (
    evacuation_boards,
    evacuation_calls,
    evacuation_criteria,
    evacuation_decisions,
    evacuation_shelters,
    evacuation_ticks,
    evacuation_units,
)
from service.store.tables.names import metadata
from service.store.tables.people import (
    api_keys,
    devices,
    organizations,
    sessions,
    sign_in_attempts,
    standing_shares,
    users,
)
from service.store.tables.places import (
    gazetteer_state,
    houses,
    municipalities,
    place_sources,
    places,
    relocations,
    taught_places,
)
from service.store.tables.questions import questions
from service.store.tables.reports import (
    aliases,
    change_seq,
    changes,
    inbox,
    incidents,
    photos,
    readings,
    replies,
    reports,
    workers,
)

__all__ = [
    "actions",
    "aliases",
    "api_keys",
    "change_seq",
    "changes",
    "chronology_entries",
    "devices",
    "evacuation_boards",
    "evacuation_calls",
    "evacuation_criteria",
    "evacuation_decisions",
    "evacuation_shelters",
    "evacuation_ticks",
    "evacuation_units",
    "gazetteer_state",
    "houses",
    "inbox",
    "incidents",
    "metadata",
    "municipalities",
    "organizations",
    "photos",
    "place_sources",
    "places",
    "questions",
    "readings",
    "relocations",
    "replies",
    "reports",
    "sessions",
    "sign_in_attempts",
    "standing_shares",
    "taught_places",
    "users",
    "workers",
]
