"""Incidents as GeoJSON (RFC 7946: WGS 84, lon lat order), as docs/architecture.md describes a Feature."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from shapely import from_wkt
from shapely.geometry import mapping

from service.lifetimes import PACKAGED, Lifetimes
from service.publish.page import Link, Page
from service.report import Change, Incident, Ruling
from service.words import STATUS_JA, TYPE_JA

JST: Final = timezone(timedelta(hours=9), "JST")
PEOPLE: Final = ("injured", "missing", "trapped", "dead")
DIGITS: Final = 6  # decimals of a degree, about 0.1 m; more would be noise (RFC 7946, section 11.2)


class GeoJson:
    """The feed `geojson`: a FeatureCollection with the foreign members of OGC API – Features."""

    media_type = "application/geo+json"

    def render(self, page: Page) -> bytes:
        """The page as a FeatureCollection; `seq` is the change at which it is true."""
        document: dict[str, Any] = {
            "type": "FeatureCollection",
            "features": [feature(one, page.municipalities, page.lifetimes) for one in page.incidents],
            "numberMatched": page.matched,
            "numberReturned": len(page.incidents),
            "seq": page.seq,
            "links": [link_object(link) for link in page.links],
        }
        if page.made_at is not None:
            document["timeStamp"] = jst(page.made_at)
        return encode(document)


def feature(
    incident: Incident, municipalities: Mapping[str, str], lifetimes: Lifetimes = PACKAGED
) -> dict[str, Any]:
    """One incident as a Feature; `geometry` is None while its point is not known.

    `stale_at` is when it will count as old, so that whoever shows it needs no further event for that.
    """
    stale_at = lifetimes.stale_at(incident)
    confirmed_at = incident.ruling.confirmed_at
    point = None
    if incident.lat is not None and incident.lon is not None:
        point = {"type": "Point", "coordinates": [round(incident.lon, DIGITS), round(incident.lat, DIGITS)]}
    code = incident.municipality
    return {
        "type": "Feature",
        "id": str(incident.id),
        "geometry": point,
        "properties": {
            "type": incident.type.value,
            "type_ja": TYPE_JA[incident.type],
            "status": incident.status.value,
            "status_ja": STATUS_JA[incident.status],
            "verification": incident.verification.value,
            "place_text": incident.place_text,
            "municipality": code,
            "municipality_name": municipalities.get(code) if code is not None else None,
            "level": incident.level.value,
            "radius_m": None if incident.radius_m is None else round(incident.radius_m, 1),
            "ambiguous": incident.ambiguous,
            "urgent": incident.urgent,
            **{who: int(incident.people.get(who, 0)) for who in PEOPLE},
            "report_count": incident.report_count,
            "first_reported_at": jst(incident.first_reported_at),
            "last_reported_at": jst(incident.last_reported_at),
            "confirmed_at": None if confirmed_at is None else jst(confirmed_at),
            "stale_at": None if stale_at is None else jst(stale_at),
            "updated_at": None if incident.updated_at is None else jst(incident.updated_at),
            "drill": incident.drill,
            "version": incident.version,
            "seq": incident.seq,
            "contradicted": incident.contradicted,
            "ruled": ruled(incident.ruling),
            "ruling_version": incident.ruling.version,
            "merged_into": None if incident.ruling.merged_into is None else str(incident.ruling.merged_into),
            "shape": None if incident.shape is None else _shape(incident.shape),
        },
    }


def ruled(ruling: Ruling) -> list[str]:
    """What headquarters decided instead of the reports: type, status, place."""
    decided = {"type": ruling.type, "status": ruling.status, "place": ruling.place}
    return [name for name, value in decided.items() if value is not None]


def change(
    change: Change, municipalities: Mapping[str, str], lifetimes: Lifetimes = PACKAGED
) -> dict[str, Any]:
    """One change as the stream tells it: the feature as it was after it."""
    return {
        "seq": change.seq,
        "removed": change.removed,
        "feature": feature(change.incident, municipalities, lifetimes),
    }


def removal(change: Change) -> dict[str, Any]:
    """A change for those who may not see the incident any more: which one it was, and nothing of it."""
    gone = {"type": "Feature", "id": str(change.incident.id), "geometry": None, "properties": None}
    return {"seq": change.seq, "removed": True, "feature": gone}


def jst(moment: datetime) -> str:
    """ISO 8601 in Japan's time with offset, whole seconds. Raises ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a naive time has no place in a feed")
    return moment.astimezone(JST).isoformat(timespec="seconds")


def encode(document: Mapping[str, Any]) -> bytes:
    """Compact UTF-8 JSON, keys in the order given; raises ValueError for NaN and infinities."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def link_object(link: Link) -> dict[str, str]:
    """A link as OGC API – Common writes it."""
    return {"href": link.href, "rel": link.rel, "type": link.type, "title": link.title}


def _shape(wkt: str) -> dict[str, Any]:
    return _rounded(mapping(from_wkt(wkt)))


def _rounded(geometry: Mapping[str, Any]) -> dict[str, Any]:
    if "geometries" in geometry:
        return {"type": geometry["type"], "geometries": [_rounded(g) for g in geometry["geometries"]]}
    return {"type": geometry["type"], "coordinates": _round(geometry["coordinates"])}


def _round(coordinates: Any) -> Any:
    if isinstance(coordinates, float | int):
        return round(float(coordinates), DIGITS)
    return [_round(part) for part in coordinates]
