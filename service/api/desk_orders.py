"""What may be asked at the desk, as JSON: one kind of order a class, told apart by `kind`."""

import math
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat
from shapely import MultiPoint, Polygon
from shapely.geometry import shape as shape_of
from shapely.geometry.base import BaseGeometry

from geo.place import Level
from geo.sphere import metres_between
from nlp.reading import DamageType, Status
from service.collect.clean import clean_text
from service.desk import MOST_AT_ONCE, Seen
from service.problems import invalid
from service.report import RuledPlace

LONGEST_REASON: Final = 300
LONGEST_NAME: Final = 60
MOST_CORNERS: Final = 500
SMALLEST_RADIUS_M: Final = 10.0
LARGEST_RADIUS_M: Final = 20_000.0


def _cleaned(value: object) -> object:
    """JSON may carry lone surrogates, which pydantic would refuse whole."""
    return clean_text(value) if isinstance(value, str) else value


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(_Body):
    """One incident as it was seen."""

    id: Annotated[UUID, Field(description="事案")]
    version: Annotated[int, Field(ge=0, lt=2**31, description="見ていた`ruling_version`")]

    def seen(self) -> Seen:
        """As the service knows it."""
        return Seen(self.id, self.version)


Targets = Annotated[tuple[Target, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]
Reason = Annotated[
    str,
    BeforeValidator(_cleaned),
    Field(max_length=LONGEST_REASON, description="理由。記録に残り、消せません。"),
]
Name = Annotated[str, BeforeValidator(_cleaned), Field(max_length=LONGEST_NAME)]


class _Several(_Body):
    incidents: Targets
    reason: Reason = ""

    def seen(self) -> tuple[Seen, ...]:
        """The incidents as the service knows them."""
        return tuple(one.seen() for one in self.incidents)


class Verify(_Several):
    """確認済みにする。"""

    kind: Literal["verify"]


class Reopen(_Several):
    """確認・棄却をやめて、未確認に戻す。"""

    kind: Literal["reopen"]


class Reject(_Several):
    """誤報・いたずらとして棄却する。理由が要ります。"""

    kind: Literal["reject"]
    reason: Annotated[str, BeforeValidator(_cleaned), Field(min_length=1, max_length=LONGEST_REASON)]


class SetType(_Several):
    """被害種別を直す。nullなら通報のとおりに戻す。"""

    kind: Literal["type"]
    type: DamageType | None


class SetStatus(_Several):
    """状態を決める（解消など）。nullなら通報のとおりに戻す。"""

    kind: Literal["status"]
    status: Status | None


class AssigneeIn(_Body):
    """担当する人または分団。"""

    kind: Literal["person", "unit"]
    id: UUID


class Assign(_Several):
    """担当を決める。nullなら外す。"""

    kind: Literal["assign"]
    assignee: AssigneeIn | None


class SetPlace(_Several):
    """場所を決める。点と半径、または線か面。`place`がなければ通報のとおりに戻す。"""

    class Place(_Body):
        """場所（世界測地系）。"""

        lat: Annotated[FiniteFloat, Field(ge=-90, le=90)]
        lon: Annotated[FiniteFloat, Field(ge=-180, le=180)]
        radius_m: Annotated[FiniteFloat, Field(ge=SMALLEST_RADIUS_M, le=LARGEST_RADIUS_M)] = 50.0
        level: Level = Level.POSITION
        shape: dict[str, Any] | None = None
        place_text: Annotated[Name | None, Field(description="場所の名前。なければ通報の言葉のまま。")] = None

    kind: Literal["place"]
    incidents: Annotated[tuple[Target, ...], Field(min_length=1, max_length=1)]
    place: Place | None


class MergeIn(_Several):
    """`incidents`の通報をすべて`into`へ移す。"""

    kind: Literal["merge"]
    into: Target


class ReadingIn(_Body):
    """通報の中の1つの読み取り。"""

    report: UUID
    ordinal: Annotated[int, Field(ge=0, lt=2**15)]


class SplitIn(_Several):
    """`readings`を、新しい事案に分ける。"""

    kind: Literal["split"]
    incidents: Annotated[tuple[Target, ...], Field(min_length=1, max_length=1)]
    readings: Annotated[tuple[ReadingIn, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class UndoIn(_Body):
    """操作を取り消す。"""

    kind: Literal["undo"]
    action: Annotated[int, Field(ge=1, lt=2**63)]
    reason: Reason = ""


OrderIn = Annotated[
    Verify | Reopen | Reject | SetType | SetStatus | Assign | SetPlace | MergeIn | SplitIn | UndoIn,
    Field(discriminator="kind"),
]


def place_of(given: SetPlace.Place) -> RuledPlace:
    """The place that was given; a shape brings its own point and radius.

    Raises ProblemError `invalid-input` for a shape that is none.
    """
    lat, lon, radius, wkt = given.lat, given.lon, given.radius_m, None
    if given.shape is not None:
        drawn = _drawn(given.shape)
        point = drawn.representative_point()
        lat, lon, wkt = point.y, point.x, drawn.wkt
        corners = MultiPoint(_corners(drawn)).geoms
        radius = max(metres_between(lat, lon, corner.y, corner.x) for corner in corners)
        if not math.isfinite(radius) or radius > LARGEST_RADIUS_M:
            raise invalid("place.shape", "範囲が広すぎます。20 kmまでで描いてください。")
    name = (given.place_text or "").strip() or None
    return RuledPlace(lat, lon, max(radius, SMALLEST_RADIUS_M), given.level, None, wkt, name)


def _drawn(given: dict[str, Any]) -> BaseGeometry:
    wrong = invalid("place.shape", "線か面を、交わらないように描いてください。")
    if given.get("type") not in {"LineString", "Polygon"} or "coordinates" not in given:
        raise wrong
    try:
        drawn = shape_of({"type": given["type"], "coordinates": given["coordinates"]})
        corners = _corners(drawn)
    except (ValueError, TypeError, IndexError, AttributeError):
        raise wrong from None
    inside = all(
        len(one) == 2 and math.isfinite(sum(one)) and abs(one[0]) <= 180 and abs(one[1]) <= 90
        for one in corners
    )
    if drawn.is_empty or not inside or len(corners) > MOST_CORNERS or not drawn.is_valid:
        raise wrong
    return drawn


def _corners(drawn: BaseGeometry) -> list[tuple[float, ...]]:
    return list(drawn.exterior.coords if isinstance(drawn, Polygon) else drawn.coords)
