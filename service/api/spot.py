"""A point and how sure it is, as the requests of officers give them (WGS 84, metres)."""

from typing import Annotated

from pydantic import Field, FiniteFloat

from service import teaching

Lat = Annotated[FiniteFloat, Field(ge=-90, le=90, description="緯度（世界測地系）。")]
Lon = Annotated[FiniteFloat, Field(ge=-180, le=180, description="経度（世界測地系）。")]
RadiusM = Annotated[
    FiniteFloat,
    Field(
        ge=teaching.SMALLEST_RADIUS_M,
        le=teaching.LARGEST_RADIUS_M,
        description="位置の確かさ（半径、メートル）。",
    ),
]
