"""The routers of the evacuation board, and which of their bodies may be larger than a report."""

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import APIRouter

from service.api.evacuation import boards, criteria, decisions, said, units

ROUTERS: Final[Sequence[APIRouter]] = (
    boards.router,
    units.router,
    criteria.router,
    said.router,
    decisions.router,
)
BODY_LIMITS: Final[Mapping[str, int]] = {
    "/evacuation/units.geojson": units.MAX_BYTES,
    "/evacuation/decisions": decisions.MAX_BYTES,
}
