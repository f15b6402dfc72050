"""Whether a place said only leads to the next: 「津市、白山町川口で」 happens at 川口, not in all of 津."""

from geo import codes
from geo.place import Level, Location
from geo.sphere import metres_between

_WIDE = (Level.MUNICIPALITY, Level.PREFECTURE)


def leads_to(outer: Location, inner: Location) -> bool:
    """Whether `inner`, which has a point, lies in `outer`: its prefecture, its municipality (also one of
    several that `outer` may be), or the former municipality around it."""
    if inner.lat is None or inner.lon is None or inner.municipality is None:
        return False
    if outer.ambiguous:
        wide = {each.place.municipality for each in outer.candidates if each.place.level in _WIDE}
        return any(_holds(code, inner.municipality) for code in wide)
    if outer.level in _WIDE:
        return outer.municipality is not None and _holds(outer.municipality, inner.municipality)
    if outer.level is not Level.FORMER_MUNICIPALITY or outer.municipality != inner.municipality:
        return False
    if outer.lat is None or outer.lon is None or (outer.radius_m or 0) <= (inner.radius_m or 0):
        return False
    return metres_between(outer.lat, outer.lon, inner.lat, inner.lon) <= (outer.radius_m or 0)


def _holds(outer: str, inner: str) -> bool:
    """Whether a municipality code is another's, its city's or its prefecture's (two digits)."""
    if inner.startswith(outer):
        return True
    try:
        return codes.parent(inner) == outer
    except codes.CodeError:
        return False
