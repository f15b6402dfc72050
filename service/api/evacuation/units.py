"""発令単位: read as GeoJSON, looked over before they are replaced, imported as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from shapely.geometry import MultiPolygon
from starlette.responses import JSONResponse, Response

from geo import districts
from geo.districts import Flaw
from service.api import query as queries
from service.api import schemas
from service.api.door import CSRF_HEADER, DeskWorker, IncidentReader
from service.api.etag import etagged
from service.api.evacuation import asked
from service.api.services import ServicesDep
from service.collect.clean import clean_text
from service.evacuation.model import Json, Standing, Unit
from service.problems import BOARD_CHANGED, INVALID_INPUT, FieldError, ProblemError, invalid
from service.publish.geojson import encode
from service.store import actions
from service.store.database import Connection
from service.store.evacuation import decisions, units
from service.store.evacuation.units import BoardRow, DrawnUnit

MAX_BYTES: Final = 20_000_000
MAX_UNITS: Final = 2_000
MAX_ERRORS: Final = 100
MAX_NAME: Final = 60
MAX_REPORTERS: Final = 20
LARGEST_COUNT: Final = 10_000_000
GEOJSON: Final = "application/geo+json"
SOURCE: Final = "市区町村が登録"
# What the columns of a municipality's own file may be called.
NAMES: Final = ("name", "名称", "地区名", "発令単位", "名前")
CODES: Final = ("code", "コード", "番号")
HOUSEHOLDS: Final = ("households", "世帯数")
POPULATION: Final = ("population", "人口")
REPORTERS: Final = ("reporters", "報告者", "分団")
FLAW_JA: Final[Mapping[Flaw, str]] = {
    Flaw.NO_AREA: "面（PolygonまたはMultiPolygon）ではありません。線や点は使えません。",
    Flaw.NOT_DEGREES: "座標が緯度・経度ではありません。世界測地系（JGD2011）の度で書き出してください。",
    Flaw.SWAPPED: "緯度と経度が逆です。GeoJSONでは経度、緯度の順に書きます。",
    Flaw.TOO_SMALL: "面積がないか、小さすぎます。",
    Flaw.OUTSIDE: "半分以上が市区町村の外にあります。",
    Flaw.PARTLY_OUTSIDE: "一部（{share}）が市区町村の外にあります。",
    Flaw.OVERLAP: "{other}番目の発令単位と重なっています（小さいほうの{share}）。",
    Flaw.LITTLE_OVERLAP: "{other}番目の発令単位とわずかに重なっています（小さいほうの{share}）。",
}
_NOTED: Final = frozenset({Flaw.PARTLY_OUTSIDE, Flaw.LITTLE_OVERLAP})

router = APIRouter(tags=["evacuation"], default_response_class=Response)


class FeatureIn(BaseModel):
    """One unit as drawn or exported; what else stands in it is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: Literal["Feature"]
    properties: dict[str, Any] | None = None
    geometry: dict[str, Any] | None = None


class UnitsIn(BaseModel):
    """A GeoJSON FeatureCollection."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: Literal["FeatureCollection"]
    features: list[FeatureIn]


@router.get(
    "/evacuation/units.geojson",
    responses=schemas.answers("EvacuationUnits", 400, 401, 403, 503, media_type=GEOJSON),
)
def units_now(
    request: Request,
    services: ServicesDep,
    reader: IncidentReader,
    municipality: str | None = None,
    edition: int | None = None,
    at: str | None = None,
) -> Response:
    """発令単位の形。登録がなければ大字・町から自動で作ったもの。`level`は今の警戒レベル（訓練を除く）。

    `edition`で以前の版も、`at`（RFC 3339の日時）でその時点の発令単位と警戒レベルも読めます。
    """
    moment = None if at is None else _instant(at)
    board = asked.board_of(services, reader, municipality)
    asked.make_units(services, board)
    with services.database.transaction(reader.scope) as conn:
        row = units.board(conn, board.code)
        then = row.edition if moment is None else units.edition_at(conn, board.code, moment)
        wanted = then if edition is None else min(max(edition, 0), row.edition)
        found = units.features(conn, board.code, wanted)
        levels = decisions.standing(conn, board.code, drill=False, at=moment) if edition is None else {}
    head = encode({"type": "FeatureCollection", "municipality": board.code, "edition": wanted})[:-1]
    features = ",".join(_feature(unit, shape, source, levels.get(unit.code)) for unit, shape, source in found)
    return etagged(request, head + b',"features":[' + features.encode() + b"]}", GEOJSON)


def _instant(at: str) -> datetime:
    try:
        return queries.instant(at)
    except ValueError as wrong:
        raise invalid("at", str(wrong)) from wrong


@router.put(
    "/evacuation/units.geojson",
    responses=schemas.answers("EvacuationImport", 400, 401, 403, 409, 413, 415, 429, 503),
)
def import_units(
    request: Request,
    services: ServicesDep,
    officer: DeskWorker,
    given: UnitsIn,
    municipality: str,
    replaces: int,
    preview: bool = False,
) -> Response:
    """発令単位を入れ替える。`preview=true`は確かめるだけで、何も変えません。

    `replaces`は見ていた版の番号です。図形ごとの誤りは`errors`に並べ、1つでもあれば入れ替えません。
    """
    board = asked.writable(services, officer, municipality, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        ground = units.ground_of(conn, board.codes)
        drawn, errors = _drawn(given.features)
        warnings: list[Json] = []
        if not errors:
            errors, warnings = _looked_over(drawn, ground)
        row = units.board(conn, board.code, lock=True)
        if row.edition != replaces:
            raise ProblemError(
                BOARD_CHANGED, "発令単位がほかの人に入れ替えられました。読み込み直してください。"
            )
        errors += _in_force_gone(conn, board.code, drawn)
        if errors:
            raise ProblemError(INVALID_INPUT, errors=errors[:MAX_ERRORS])
        before = units.of_edition(conn, board.code, row.edition)
        report = _compared(drawn, before, warnings)
        report["coverage"] = districts.covered_share([unit.area for unit in drawn], ground)
        if not preview:
            report["edition"] = _store(conn, row, drawn)
            body = {key: report[key] for key in ("units", "added", "removed", "edition")}
            actions.record(conn, asked.action(board, officer, "evacuation.units", "", body, drill=False))
    return JSONResponse({**report, "preview": preview}, headers=asked.NO_STORE)


def _store(conn: Connection, row: BoardRow, drawn: Sequence[DrawnUnit]) -> int:
    edition = units.replace(conn, row, drawn, SOURCE)
    units.touch(conn, row.municipality)
    return edition


def _drawn(features: Sequence[FeatureIn]) -> tuple[list[DrawnUnit], list[FieldError]]:
    """The units that could be read, and what is wrong with the others, by number from 1."""
    if not 1 <= len(features) <= MAX_UNITS:
        return [], [FieldError("features", f"発令単位は1件から{MAX_UNITS}件までです。")]
    found: list[DrawnUnit] = []
    errors: list[FieldError] = []
    names: set[str] = set()
    keys: set[str] = set()
    for number, feature in enumerate(features, 1):
        properties = feature.properties or {}
        name = _text(properties, NAMES)
        code = _text(properties, CODES) or name
        area = districts.drawn_area(feature.geometry)
        faults = [
            *(
                [f"名前がありません。属性に{'、'.join(NAMES[:3])}のどれかを入れてください。"]
                if not name
                else []
            ),
            *([f"名前とコードは{MAX_NAME}文字までです。"] if max(len(name), len(code)) > MAX_NAME else []),
            *(["同じ名前の発令単位がほかにあります。"] if name and name in names else []),
            *(["同じコードの発令単位がほかにあります。"] if code and code in keys else []),
            *([FLAW_JA[area]] if isinstance(area, Flaw) else []),
        ]
        names.add(name)
        keys.add(code)
        errors += [FieldError(f"features.{number}", f"{number}番目：{fault}") for fault in faults]
        if not faults and isinstance(area, MultiPolygon):
            found.append(_unit(code, name, area, properties))
    return found, errors


def _unit(code: str, name: str, area: MultiPolygon, properties: Mapping[str, Any]) -> DrawnUnit:
    return DrawnUnit(
        code, name, area, _count(properties, HOUSEHOLDS), _count(properties, POPULATION), _names(properties)
    )


def _looked_over(drawn: Sequence[DrawnUnit], ground: Any) -> tuple[list[FieldError], list[Json]]:
    errors: list[FieldError] = []
    warnings: list[Json] = []
    for one in districts.findings([unit.area for unit in drawn], ground):
        other = "" if one.other is None else one.other + 1
        words = FLAW_JA[one.flaw].format(other=other, share=f"{one.share:.0%}")
        message = f"{one.index + 1}番目：{words}"
        if one.flaw in _NOTED:
            warnings.append({"field": f"features.{one.index + 1}", "message": message})
        else:
            errors.append(FieldError(f"features.{one.index + 1}", message))
    return errors, warnings[:MAX_ERRORS]


def _in_force_gone(conn: Connection, municipality: str, drawn: Sequence[DrawnUnit]) -> list[FieldError]:
    """A unit under an order may not vanish: nobody could lift it any more."""
    kept = {unit.code for unit in drawn}
    lost = {
        code
        for drill in (False, True)
        for code, standing in decisions.standing(conn, municipality, drill=drill).items()
        if standing.level is not None and code not in kept
    }
    if not lost:
        return []
    return [
        FieldError(
            "features",
            f"発令中の発令単位{len(lost)}件が、新しい一覧にありません。同じコードの発令単位を含めるか、"
            "先に解除を記録してください。",
        )
    ]


def _compared(drawn: Sequence[DrawnUnit], before: Iterable[Unit], warnings: list[Json]) -> Json:
    old = {unit.code: unit.name for unit in before}
    new = {unit.code: unit.name for unit in drawn}
    return {
        "units": len(drawn),
        "added": [name for code, name in new.items() if code not in old],
        "removed": [name for code, name in old.items() if code not in new],
        "warnings": warnings,
        "edition": None,
    }


def _text(properties: Mapping[str, Any], keys: Sequence[str]) -> str:
    for key in keys:
        value = properties.get(key)
        if isinstance(value, str) and (plain := clean_text(value).strip()):
            return " ".join(plain.split())
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def _count(properties: Mapping[str, Any], keys: Sequence[str]) -> int | None:
    plain = _text(properties, keys)
    return int(plain) if plain.isdecimal() and int(plain) <= LARGEST_COUNT else None


def _names(properties: Mapping[str, Any]) -> tuple[str, ...]:
    """Who should report: a list, or names with 、 between them."""
    given = next((properties[key] for key in REPORTERS if key in properties), "")
    parts = given if isinstance(given, list) else str(given).replace(",", "、").replace(";", "、").split("、")
    found = [clean_text(part).strip()[:MAX_NAME] for part in parts if isinstance(part, str)]
    return tuple(dict.fromkeys(name for name in found if name))[:MAX_REPORTERS]


def _feature(unit: Unit, shape: str, source: str, standing: Standing | None) -> str:
    properties = {
        "code": unit.code,
        "name": unit.name,
        "households": unit.households,
        "population": unit.population,
        "reporters": list(unit.reporters),
        "automatic": unit.automatic,
        "source": source,
        "level": None if standing is None else standing.level,
    }
    head = encode({"type": "Feature", "id": str(unit.id), "properties": properties}).decode()
    return f'{head[:-1]},"geometry":{shape}}}'
