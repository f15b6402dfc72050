"""Rulings to JSON and back, as kept in `incidents.ruling`, in changes and in the record of actions."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from geo.place import Level
from nlp.reading import DamageType, Status
from service.report import (
    Assignee,
    RuledPlace,
    RuledStatus,
    Ruling,
    Verification,
)

Given = TypeVar("Given")
Made = TypeVar("Made")


def time_to_json(at: datetime) -> str:
    """ISO 8601 in UTC. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    return at.astimezone(UTC).isoformat()


def ruling_to_json(ruling: Ruling) -> dict[str, Any]:
    """A ruling as kept in `incidents.ruling`; what was not decided is left out."""
    body: dict[str, Any] = {}
    if ruling.verification is not Verification.UNVERIFIED:
        body["verification"] = ruling.verification.value
    if ruling.shared:
        body["shared"] = list(ruling.shared)
    if ruling.confirmed_at is not None:
        body["confirmed_at"] = time_to_json(ruling.confirmed_at)
    if ruling.standing:
        body["standing"] = list(ruling.standing)
    if ruling.type is not None:
        body["type"] = ruling.type.value
    if ruling.status is not None:
        body["status"] = {"status": ruling.status.status.value, "at": time_to_json(ruling.status.at)}
    if ruling.place is not None:
        body["place"] = _place_to_json(ruling.place)
    if ruling.assigned is not None:
        who = ruling.assigned
        body["assigned"] = {"kind": who.kind, "id": str(who.id), "name": who.name}
    if ruling.reason:
        body["reason"] = ruling.reason
    if ruling.merged_into is not None:
        body["merged_into"] = str(ruling.merged_into)
    if ruling.version:
        body["version"] = ruling.version
    return body


def ruling_from_json(body: Mapping[str, Any]) -> Ruling:
    """The ruling of an incident's row, of a change's body or of an action's."""
    return Ruling(
        verification=Verification(body.get("verification", Verification.UNVERIFIED)),
        shared=tuple(body.get("shared", ())),
        confirmed_at=_maybe(body.get("confirmed_at"), datetime.fromisoformat),
        standing=tuple(body.get("standing", ())),
        type=_maybe(body.get("type"), DamageType),
        status=_maybe(body.get("status"), _status),
        place=_maybe(body.get("place"), _place),
        assigned=_maybe(body.get("assigned"), _assignee),
        reason=body.get("reason", ""),
        merged_into=_maybe(body.get("merged_into"), UUID),
        version=body.get("version", 0),
    )


def _maybe(given: Given | None, make: Callable[[Given], Made]) -> Made | None:
    return None if given is None else make(given)


def _status(body: Mapping[str, Any]) -> RuledStatus:
    return RuledStatus(Status(body["status"]), datetime.fromisoformat(body["at"]))


def _assignee(body: Mapping[str, Any]) -> Assignee:
    return Assignee(body["kind"], UUID(body["id"]), body["name"])


def _place_to_json(place: RuledPlace) -> dict[str, Any]:
    return {
        "lat": place.lat,
        "lon": place.lon,
        "radius_m": place.radius_m,
        "level": place.level.value,
        "municipality": place.municipality,
        "shape": place.shape,
        "place_text": place.place_text,
    }


def _place(body: Mapping[str, Any]) -> RuledPlace:
    return RuledPlace(**{**body, "level": Level(body["level"])})
