"""What the offline file and the printable page have in common: the situation, its words, its ground.

Coordinates are WGS 84 (EPSG:4326), lon lat in GeoJSON.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import shapely
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from shapely.geometry import mapping, shape

from web import form4, situation, words
from web.assets import STATIC, TEMPLATES
from web.situation import Counts, Feature, Line

JST: Final = timezone(timedelta(hours=9), "JST")
OUTLINE_TOLERANCE: Final = 0.001  # degrees, about 100 m: less than a printed line is wide
OUTLINE_DECIMALS: Final = 4
PREFECTURE_DIGITS: Final = 2  # JIS X 0401
MOST_NAMES: Final = 40  # names of municipalities on one map
COLUMNS_A_TABLE: Final = 6  # municipalities beside each other in 第4号様式, the sum not counted
LAND: Final = {"color": "#9aa2a8", "weight": 1, "fillColor": "#f7f6f1", "fillOpacity": 1}
JAPAN: Final = [[30.0, 129.0], [45.5, 146.0]]  # south-west and north-east, lat lon, when nothing is placed


@dataclass(frozen=True, slots=True)
class Situation:
    """What to show: incidents as Features of the public API, all municipalities' outlines as GeoJSON
    Features (`code`, `name` in their properties), when this was true, of what area, and whether all of it
    is a drill. Raises ValueError for a naive time."""

    features: Sequence[Feature]
    outlines: Sequence[Feature]
    made_at: datetime
    area: str
    drill: bool

    def __post_init__(self) -> None:
        if self.made_at.tzinfo is None:
            raise ValueError("a situation without a time zone has no time")


def environment() -> Environment:
    """Templates with escaping on; a name that is missing is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    # Jinja's own groupby sorts; the form has its order.
    made.filters["groupby_in_order"] = lambda rows, name: [
        (key, list(members)) for key, members in groupby(rows, key=attrgetter(name))
    ]
    return made


def context(shown: Situation, listed: Sequence[Line], language: str, *, numbered: bool) -> dict[str, Any]:
    """What all templates are filled with; `numbered` says that each incident has a mark of its own, and
    `language` is one of web.words.LANGUAGES."""
    at, counts = shown.made_at.astimezone(JST), situation.count(listed)
    form = form4.fill(listed)
    t, said = words.translator(language, _english()), words.sayer(language, _english())
    return {
        "lang": language,
        "t": t,
        "said": said,
        "sprite": _sprite(),
        "area": said(shown.area),
        "made_at": t("{day} {time}（日本時間）", day=_day(at, language), time=f"{at:%H:%M}"),
        "as_of": t("{time} 時点", time=f"{at:%H:%M}"),
        "drill": shown.drill,
        "lines": listed,
        "sections": [(name, list(members)) for name, members in groupby(listed, lambda line: line.section)],
        "unplaced": [line for line in listed if line.point is None],
        "rejected": len(shown.features) - len(listed),
        "people": situation.people(listed),
        "counts": counts,
        "zero": situation.Cell(),
        "cell": lambda row, section: _cell(counts, row, section, t),
        "form": form,
        "form_rows": form4.ROWS,
        "form_tables": _tables(form.columns),
        "number": lambda many: str(many) if many else "―",
        "age": lambda line: situation.age(line, shown.made_at, t),
        "incidents": form4.INCIDENTS,
        "own": form4.OWN,
        "numbered": numbered,
        "over": situation.OVER,
        "groups": situation.GROUP_WORDS,
        "classes": _mark_classes,
        "icon": lambda code: code if code in situation.SECTION_OF else "hazmat",
        "clock": _clock,
    }


def _day(at: datetime, language: str) -> str:
    return f"{at:%Y年%m月%d日}" if language == "ja" else f"{at:%Y-%m-%d}"


_english = cache(words.english)


def _tables(columns: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """The form's columns in tables that fit on paper: the sum first, then municipality by municipality."""
    several = [(form4.ALL, "計"), *columns]
    return [several[at : at + COLUMNS_A_TABLE + 1] for at in range(0, len(several), COLUMNS_A_TABLE + 1)]


def corners(placed: Sequence[Line], land: Sequence[Feature]) -> list[list[float]]:
    """South-west and north-east corner, lat lon, of the incidents, else of the outlines, else of Japan."""
    points = [line.point for line in placed if line.point is not None]
    if not points:
        boxes = [shape(one["geometry"]).bounds for one in land]
        points = [corner for west, south, east, north in boxes for corner in ((south, west), (north, east))]
    if not points:
        return JAPAN
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    return [[min(lats), min(lons)], [max(lats), max(lons)]]


def outlines(shown: Situation, listed: Iterable[Line]) -> list[Feature]:
    """The municipalities of the prefectures that appear, simplified together so that borders still meet."""
    touched = {str(line.properties["municipality"]) for line in listed if line.properties["municipality"]}
    prefectures = {code[:PREFECTURE_DIGITS] for code in touched}
    wanted = [one for one in shown.outlines if one["properties"]["code"][:PREFECTURE_DIGITS] in prefectures]
    if not wanted:
        return []
    whole = [shape(one["geometry"]) for one in wanted]
    simple = shapely.set_precision(
        shapely.coverage_simplify(whole, OUTLINE_TOLERANCE), 10**-OUTLINE_DECIMALS, mode="pointwise"
    )
    named = touched if len(touched) <= MOST_NAMES else set()
    return [
        {
            "type": "Feature",
            "geometry": _rounded(mapping(polygon)),
            "properties": {"style": LAND}
            | ({"outline": one["properties"]["name"]} if one["properties"]["code"] in named else {}),
        }
        for one, polygon in zip(wanted, simple, strict=True)
        if not polygon.is_empty
    ]


def _rounded(geometry: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": geometry["type"], "coordinates": _round(geometry["coordinates"])}


def _round(coordinates: Any) -> Any:
    if isinstance(coordinates, float | int):
        return round(float(coordinates), OUTLINE_DECIMALS)
    return [_round(part) for part in coordinates]


def _cell(counts: Counts, row: str, section: str, t: words.Translator) -> str:
    cell = counts.cells.get((row, section))
    if cell is None:
        return ""
    if not cell.unconfirmed:
        return str(cell.count)
    return t("{count}（{unconfirmed}）", count=cell.count, unconfirmed=cell.unconfirmed)


def _mark_classes(line: Line) -> str:
    """The state as marks.css knows it; an unknown one is shown as not sure."""
    return line.state if line.state in situation.STATES else "hearsay"


def _clock(moment: str) -> str:
    """ISO 8601 with offset as month, day, hour and minute in Japan."""
    return f"{datetime.fromisoformat(moment).astimezone(JST):%m/%d %H:%M}"


def _sprite() -> Markup:
    sprite = (STATIC / "icons" / "damage.svg").read_text(encoding="utf-8")
    return Markup(sprite.replace("<svg ", '<svg hidden aria-hidden="true" ', 1))  # noqa: S704 - our own file
