"""What a scope lets through, as SQL: the condition that every list made for people carries."""

from collections.abc import Collection
from typing import Any

from geo import codes
from service.report import PREFECTURE_DIGITS, UNASSIGNED, Scope

MUNICIPALITY_DIGITS = 5  # JIS X 0402


def condition(scope: Scope, table: str = "i") -> tuple[str, dict[str, Any]]:
    """SQL over `table`.audience and its values: true for everything, indexed overlap for the rest."""
    if scope.audience is None:
        return "true", {}
    return f"{table}.audience && CAST(:scope AS text[])", {"scope": sorted(scope.audience)}


def owning(own: Scope, table: str = "i") -> tuple[str, dict[str, Any]]:
    """The first fence of every list for those who answer for incidents: `answered_for`."""
    return answered_for(own, table)


def answered_for(own: Scope, table: str) -> tuple[str, dict[str, Any]]:
    """SQL over `table` and its values: incidents that `own` answers for, not those only shared with it."""
    if own.audience is None:
        return "true", {}
    mine = f"{table}.audience && CAST(:own AS text[])"
    shared = f"jsonb_exists_any(coalesce({table}.ruling->'shared', '[]'), CAST(:own AS text[]))"
    return f"({mine} AND NOT {shared})", {"own": sorted(own.audience)}


def changing(scope: Scope) -> tuple[str, dict[str, Any]]:
    """SQL over table changes and its values: changes of what `scope` sees after them or saw before them."""
    if scope.audience is None:
        return "true", {}
    after = "jsonb_exists_any(body->'audience', CAST(:scope AS text[]))"
    return f"(audience_before && CAST(:scope AS text[]) OR {after})", {"scope": sorted(scope.audience)}


def reported(own: Scope) -> tuple[str, dict[str, Any]]:
    """SQL over table reports and its values: reports that `own` answers for, by the incidents in which they
    stand; those that stand in none, by their sender's municipality."""
    if own.audience is None:
        return "true", {}
    mine, values = owning(own)
    standing = (
        "SELECT FROM readings s JOIN incidents i ON i.id = s.incident_id WHERE s.report_id = reports.id"
    )
    # Of the keys: the second fence hides readings elsewhere, and the report would seem to stand nowhere.
    stands = "SELECT FROM reading_keys k WHERE k.report_id = reports.id AND k.incident_id IS NOT NULL"
    sender = (
        f"CASE WHEN reports.sender_municipality IS NULL THEN ARRAY['{UNASSIGNED}'] ELSE ARRAY["
        f"reports.sender_municipality, left(reports.sender_municipality, {PREFECTURE_DIGITS})] END"
    )
    return (
        f"(EXISTS ({standing} AND {mine}) OR (NOT EXISTS ({stands}) AND {sender} && CAST(:own AS text[])))",
        values,
    )


def municipal(own: Scope) -> tuple[str, dict[str, Any]]:
    """SQL over a column `municipality` and its values: what belongs to a municipality of `own`; a ward's
    people see their city's, too."""
    if own.audience is None:
        return "true", {}
    mine = f"(municipality = ANY(:own) OR left(municipality, {PREFECTURE_DIGITS}) = ANY(:own))"
    return mine, {"own": sorted(own.audience | cities_of(own.audience))}


def cities_of(audience: Collection[str]) -> frozenset[str]:
    """The cities of the wards among these codes."""
    municipalities = [code for code in audience if len(code) == MUNICIPALITY_DIGITS]
    return frozenset(city for city in map(codes.parent, municipalities) if city is not None)
