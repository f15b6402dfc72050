"""Organizations as stored: prefectures, municipalities, brigades with the area where they turn out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import shapely
import shapely.errors
import shapely.geometry
from sqlalchemy import Connection, text

from service.report import Organization

_COLUMNS = "o.id, o.kind, o.name, o.code"


@dataclass(frozen=True, slots=True)
class Listed:
    """An organization with the one above it and its area (GeoJSON MultiPolygon, EPSG:4326, lon lat)."""

    organization: Organization
    parent: UUID | None
    area: Mapping[str, Any] | None


def one(conn: Connection, organization_id: UUID) -> Organization | None:
    """The organization of this id."""
    row = conn.execute(
        text(f"SELECT {_COLUMNS} FROM organizations o WHERE o.id = :id"),  # noqa: S608
        {"id": organization_id},
    ).first()
    return None if row is None else Organization(*row)


def listed(conn: Connection) -> list[Listed]:
    """Every organization: prefectures, their municipalities, these with their brigades."""
    rows = conn.execute(
        text(
            f"SELECT {_COLUMNS}, o.parent, ST_AsGeoJSON(o.area, 6) FROM organizations o "  # noqa: S608
            "ORDER BY o.code, o.kind = 'brigade', o.name"
        )
    )
    return [
        Listed(Organization(*row[:4]), row[4], None if row[5] is None else json.loads(row[5])) for row in rows
    ]


def of_code(conn: Connection, code: str) -> Organization | None:
    """The prefecture (2 digits) or municipality (5) of this code."""
    row = conn.execute(
        text(f"SELECT {_COLUMNS} FROM organizations o WHERE o.code = :code AND o.kind <> 'brigade'"),  # noqa: S608
        {"code": code},
    ).first()
    return None if row is None else Organization(*row)


def add_brigade(conn: Connection, municipality: Organization, name: str) -> Organization | None:
    """A brigade of the municipality; None when it has one of this name."""
    made = conn.execute(
        text(
            "INSERT INTO organizations (kind, name, code, parent) VALUES ('brigade', :name, :code, :parent) "
            "ON CONFLICT DO NOTHING RETURNING id"
        ),
        {"name": name, "code": municipality.code, "parent": municipality.id},
    ).scalar()
    return None if made is None else Organization(made, "brigade", name, municipality.code)


def set_area(conn: Connection, organization_id: UUID, area: Mapping[str, Any] | None) -> bool:
    """Give an organization the area of a GeoJSON Polygon or MultiPolygon (lon lat), None for no area.

    False when that is no area: it crosses itself, is empty, or lies outside the world.
    """
    shape = None
    if area is not None:
        shape = _shape(area)
        if shape is None:
            return False
    conn.execute(
        text("UPDATE organizations SET area = ST_Multi(ST_GeomFromText(:shape, 4326)) WHERE id = :id"),
        {"id": organization_id, "shape": shape},
    )
    return True


def _shape(area: Mapping[str, Any]) -> str | None:
    """WKT of a GeoJSON area; None for what is none."""
    try:
        found = shapely.geometry.shape(dict(area))
    except (ValueError, TypeError, LookupError, AttributeError, shapely.errors.ShapelyError):
        return None
    inside = found.within(shapely.box(-180, -90, 180, 90))
    return str(found.wkt) if found.is_valid and not found.is_empty and inside else None


def rename(conn: Connection, organization_id: UUID, name: str) -> None:
    """Give an organization another name."""
    conn.execute(
        text("UPDATE organizations SET name = :name WHERE id = :id"), {"id": organization_id, "name": name}
    )
