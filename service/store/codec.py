"""Dataclasses to JSON and back: the one place that knows how words of `service.report` look in jsonb."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely

from geo.place import Level, Position
from nlp.reading import DamageType, Status
from service.report import Evidence, Incident, Message, PlaceChoice, Verification
from service.store.rulings import ruling_from_json, ruling_to_json, time_to_json

__all__ = ["ruling_from_json", "ruling_to_json", "time_to_json"]

# 1e-7 degrees is about a centimetre.
SHAPE_DECIMALS = 7


def dumps(value: Any) -> str:
    """Compact JSON; Japanese stays readable. Raises ValueError for NaN and infinity."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def canonical_shape(wkt: str | None) -> str | None:
    """One spelling for one shape (WKT, EPSG:4326, lon lat), so that stored and fresh ones compare equal.

    Raises shapely's GEOSException for text that is not WKT.
    """
    if wkt is None:
        return None
    return str(shapely.to_wkt(shapely.from_wkt(wkt), rounding_precision=SHAPE_DECIMALS, trim=True))


def ewkt_point(lat: float | None, lon: float | None) -> str | None:
    """EWKT of a point in EPSG:4326, exact to the last bit; None when either is None."""
    if lat is None or lon is None:
        return None
    return f"SRID=4326;POINT({lon!r} {lat!r})"


def ewkt_shape(wkt: str | None) -> str | None:
    """EWKT of a WKT shape in EPSG:4326."""
    return None if wkt is None else f"SRID=4326;{wkt}"


def message_to_json(message: Message) -> dict[str, Any]:
    """A message as the inbox keeps it: without channel and key (columns) and photo (its own table)."""
    position = message.position
    return {
        "text": message.text,
        "posted_at": time_to_json(message.posted_at),
        "sender": message.sender,
        "sender_municipality": message.sender_municipality,
        "position": None if position is None else [position.lat, position.lon, position.accuracy_m],
        "reply_to": message.reply_to,
        "drill": message.drill,
        "address": message.address,
    }


def message_from_json(channel: str, key: str, body: Mapping[str, Any]) -> Message:
    """The message of an inbox row; the photo stays in its table."""
    position = body["position"]
    return Message(
        channel=channel,
        key=key,
        text=body["text"],
        posted_at=datetime.fromisoformat(body["posted_at"]),
        sender=body["sender"],
        sender_municipality=body["sender_municipality"],
        position=None if position is None else Position(*position),
        reply_to=body["reply_to"],
        drill=body["drill"],
        address=body.get("address"),
    )


def incident_to_json(incident: Incident) -> dict[str, Any]:
    """The state of an incident, as kept in `changes.body`."""
    updated = incident.updated_at
    return {
        "id": str(incident.id),
        "type": incident.type.value,
        "status": incident.status.value,
        "verification": incident.verification.value,
        "place_text": incident.place_text,
        "municipality": incident.municipality,
        "lat": incident.lat,
        "lon": incident.lon,
        "radius_m": incident.radius_m,
        "level": incident.level.value,
        "shape": incident.shape,
        "ambiguous": incident.ambiguous,
        "urgent": incident.urgent,
        "people": dict(incident.people),
        "report_count": incident.report_count,
        "first_reported_at": time_to_json(incident.first_reported_at),
        "last_reported_at": time_to_json(incident.last_reported_at),
        "drill": incident.drill,
        "audience": list(incident.audience),
        "ruling": ruling_to_json(incident.ruling),
        "contradicted": incident.contradicted,
        "version": incident.version,
        "seq": incident.seq,
        "updated_at": None if updated is None else time_to_json(updated),
    }


def incident_from_json(body: Mapping[str, Any]) -> Incident:
    """The incident of a change's body."""
    updated = body["updated_at"]
    return Incident(
        id=UUID(body["id"]),
        type=DamageType(body["type"]),
        status=Status(body["status"]),
        verification=Verification(body["verification"]),
        place_text=body["place_text"],
        municipality=body["municipality"],
        lat=body["lat"],
        lon=body["lon"],
        radius_m=body["radius_m"],
        level=Level(body["level"]),
        shape=body["shape"],
        ambiguous=body["ambiguous"],
        urgent=body["urgent"],
        people=body["people"],
        report_count=body["report_count"],
        first_reported_at=datetime.fromisoformat(body["first_reported_at"]),
        last_reported_at=datetime.fromisoformat(body["last_reported_at"]),
        drill=body["drill"],
        audience=tuple(body["audience"]),
        ruling=ruling_from_json(body["ruling"]),
        contradicted=body.get("contradicted", False),
        version=body["version"],
        seq=body["seq"],
        updated_at=None if updated is None else datetime.fromisoformat(updated),
    )


def choices_to_json(choices: Iterable[PlaceChoice]) -> list[dict[str, Any]]:
    """Candidate places as kept in `readings.candidates`, best first."""
    return [
        {
            "name": choice.name,
            "municipality": choice.municipality,
            "lat": choice.lat,
            "lon": choice.lon,
            "level": choice.level.value,
            "score": choice.score,
            "scores": dict(choice.scores),
            "why": choice.why,
        }
        for choice in choices
    ]


def choices_from_json(body: Iterable[Mapping[str, Any]]) -> tuple[PlaceChoice, ...]:
    """Candidate places of a readings row."""
    return tuple(PlaceChoice(**{**choice, "level": Level(choice["level"])}) for choice in body)


def evidence_to_json(evidence: Iterable[Evidence]) -> list[list[Any]]:
    """Evidence spans as kept in `readings.evidence`."""
    return [[span.start, span.end, span.label, span.rule] for span in evidence]


def evidence_from_json(body: Iterable[list[Any]]) -> tuple[Evidence, ...]:
    """Evidence spans of a readings row."""
    return tuple(Evidence(*span) for span in body)
