"""Dataclasses to table rows and back, many at a time: one statement a table, whatever their number."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, text

from geo.place import Level
from nlp.reading import DamageType, Status
from service.report import Incident, Observation, ReadReport, Ruling, Verification
from service.store import codec

INCIDENT_COLUMNS = (
    "i.id, i.type, i.status, i.verification, i.place_text, i.municipality, ST_Y(i.geom), ST_X(i.geom), "
    "i.radius_m, i.level, ST_AsText(i.shape), i.ambiguous, i.urgent, i.people, i.report_count, "
    "i.first_reported_at, i.last_reported_at, i.drill, i.audience, i.ruling::text, "
    "i.contradicted, i.version, i.seq, i.updated_at"
)
OBSERVATION_COLUMNS = (
    "r.report_id, r.ordinal, r.type, r.status, r.place_text, r.municipality, ST_Y(r.geom), ST_X(r.geom), "
    "r.radius_m, r.level, ST_AsText(r.shape), r.ambiguous, r.candidates, r.why, r.evidence, r.quantities, "
    "r.urgent, r.people::text, r.said_at, r.drill, r.retracts, r.home"
)
# Members of an incident: what they rest on is not needed to sum them up, and is most of their weight.
MEMBER_COLUMNS = OBSERVATION_COLUMNS.replace("r.candidates, r.why, r.evidence, r.quantities, ", "")

# Most values are one of a few: `{}` above all.
_object = lru_cache(maxsize=4096)(json.loads)


@lru_cache(maxsize=4096)
def _ruling(body: str) -> Ruling:
    return codec.ruling_from_json(json.loads(body))


_TYPES = {one.value: one for one in DamageType}
_STATUSES = {one.value: one for one in Status}
_LEVELS = {one.value: one for one in Level}
_VERIFICATIONS = {one.value: one for one in Verification}


def insert_many(
    conn: Connection, table: Table, rows: Sequence[dict[str, Any]], *, replace: bool = False
) -> None:
    """Insert `rows`, which all have the same keys; `replace` overwrites a row with the same `id`.

    Geometries are EWKT text. One parameter carries all rows, so that a batch costs one round trip.
    """
    if not rows:
        return
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    statement = (
        f"INSERT INTO {table.name} ({columns}) "  # noqa: S608 - names of our own tables
        f"SELECT {columns} FROM jsonb_populate_recordset(NULL::{table.name}, CAST(:rows AS jsonb))"
    )
    if replace:
        changed = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name != "id")
        statement += f" ON CONFLICT (id) DO UPDATE SET {changed}"
    conn.execute(text(statement), {"rows": codec.dumps(rows)})


def report_row(report: ReadReport) -> dict[str, Any]:
    """The row of table `reports`."""
    waiting = report.waiting
    message = waiting.message
    position = message.position
    return {
        "id": str(waiting.report_id),
        "inbox_id": waiting.inbox_id,
        "channel": message.channel,
        "text": message.text,
        "reply": report.reply or None,
        "sender": message.sender,
        "sender_municipality": message.sender_municipality,
        "address": message.address,
        "posted_at": codec.time_to_json(message.posted_at),
        "received_at": codec.time_to_json(waiting.received_at),
        "position": None if position is None else codec.ewkt_point(position.lat, position.lon),
        "position_accuracy_m": None if position is None else position.accuracy_m,
        "relevant": report.relevant,
        "urgent": report.urgent,
        "people": dict(report.people),
        "drill": report.drill,
    }


def observation_row(observation: Observation, incident_id: str | None) -> dict[str, Any]:
    """The row of table `readings`."""
    return {
        "report_id": str(observation.report_id),
        "ordinal": observation.ordinal,
        "incident_id": incident_id,
        "type": observation.type.value,
        "status": observation.status.value,
        "place_text": observation.place_text,
        "municipality": observation.municipality,
        "geom": codec.ewkt_point(observation.lat, observation.lon),
        "shape": codec.ewkt_shape(observation.shape),
        "radius_m": observation.radius_m,
        "level": observation.level.value,
        "ambiguous": observation.ambiguous,
        "candidates": codec.choices_to_json(observation.candidates),
        "why": observation.why,
        "evidence": codec.evidence_to_json(observation.evidence),
        "quantities": list(observation.quantities),
        "urgent": observation.urgent,
        "people": dict(observation.people),
        "said_at": codec.time_to_json(observation.said_at),
        "drill": observation.drill,
        "retracts": observation.retracts,
        "home": observation.home,
    }


def observation_from_row(row: Sequence[Any]) -> Observation:
    """The observation of a row selected by OBSERVATION_COLUMNS."""
    return Observation(
        row[0],
        row[1],
        _TYPES[row[2]],
        _STATUSES[row[3]],
        row[4],
        row[5],
        row[6],
        row[7],
        row[8],
        _LEVELS[row[9]],
        codec.canonical_shape(row[10]),
        row[11],
        codec.choices_from_json(row[12]),
        row[13],
        codec.evidence_from_json(row[14]),
        tuple(row[15]),
        row[16],
        _object(row[17]),
        row[18],
        row[19],
        row[20],
        row[21],
    )


def member_from_row(row: Sequence[Any]) -> Observation:
    """The observation of a row selected by MEMBER_COLUMNS: without what it rests on."""
    return Observation(
        row[0],
        row[1],
        _TYPES[row[2]],
        _STATUSES[row[3]],
        row[4],
        row[5],
        row[6],
        row[7],
        row[8],
        _LEVELS[row[9]],
        codec.canonical_shape(row[10]),
        row[11],
        (),
        "",
        (),
        (),
        row[12],
        _object(row[13]),
        row[14],
        row[15],
        row[16],
        row[17],
    )


def incident_row(incident: Incident) -> dict[str, Any]:
    """The row of table `incidents`."""
    row = codec.incident_to_json(incident)
    row["geom"] = codec.ewkt_point(row.pop("lat"), row.pop("lon"))
    row["shape"] = codec.ewkt_shape(incident.shape)
    return row


def incident_from_row(row: Sequence[Any]) -> Incident:
    """The incident of a row selected by INCIDENT_COLUMNS."""
    return Incident(
        row[0],
        _TYPES[row[1]],
        _STATUSES[row[2]],
        _VERIFICATIONS[row[3]],
        row[4],
        row[5],
        row[6],
        row[7],
        row[8],
        _LEVELS[row[9]],
        codec.canonical_shape(row[10]),
        row[11],
        row[12],
        row[13],
        row[14],
        row[15],
        row[16],
        row[17],
        tuple(row[18]),
        _ruling(row[19]),
        row[20],
        row[21],
        row[22],
        row[23],
    )
