"""Organizations as stored: prefectures, municipalities, brigades with the area where they turn out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import shapely
import shapely.errors
import shapely.geometry
from sqlalchemy import Connection, text

from service.report import Organization

_COLUMNS = "o.id, o.kind, o.name, o.code"
WORLD = shapely.box(-180, -90, 180, 90)


class AreaError(ValueError):
    """A GeoJSON is no area; `reason` is area (none at all), crossing (itself) or outside (of the world)."""

    def __init__(self, reason: Literal["area", "crossing", "outside"]) -> None:
        super().__init__(reason)
        self.reason = reason


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


def set_area(conn: Connection, organization_id: UUID, area: Mapping[str, Any] | None) -> None:
    """Give an organization the area of a GeoJSON Polygon or MultiPolygon (lon lat), None for no area.

    Raises AreaError for what is no area on the earth.
    """
    conn.execute(
        text("UPDATE organizations SET area = ST_Multi(ST_GeomFromText(:shape, 4326)) WHERE id = :id"),
        {"id": organization_id, "shape": None if area is None else _shape(area)},
    )


def _shape(area: Mapping[str, Any]) -> str:
    """WKT of a GeoJSON area. Raises AreaError."""
    if area.get("type") not in {"Polygon", "MultiPolygon"}:
        raise AreaError("area")
    try:
        # Heights and doubled borders are usual in files of a GIS; a column of areas takes neither.
        found = shapely.force_2d(shapely.geometry.shape(dict(area)))
    except (ValueError, TypeError, LookupError, AttributeError, shapely.errors.ShapelyError):
        raise AreaError("area") from None
    if found.is_empty:
        raise AreaError("area")
    if not found.within(WORLD):
        raise AreaError("outside")
    parts = shapely.get_parts(found)
    if not shapely.is_valid(parts).all():
        raise AreaError("crossing")
    return str(shapely.union_all(parts).wkt)


def rename(conn: Connection, organization_id: UUID, name: str) -> None:
    """Give an organization another name."""
    conn.execute(
        text("UPDATE organizations SET name = :name WHERE id = :id"), {"id": organization_id, "name": name}
    )
