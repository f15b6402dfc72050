"""Tiny files in the formats of the public bodies, with their columns; places and numbers are invented."""

import gzip
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

TOWN_COLUMNS = (
    "lg_code,machiaza_id,machiaza_type,pref,pref_kana,pref_roma,county,county_kana,county_roma,city,city_kana,"
    "city_roma,ward,ward_kana,ward_roma,oaza_cho,oaza_cho_kana,oaza_cho_roma,chome,chome_kana,chome_number,"
    "koaza,koaza_kana,koaza_roma,machiaza_dist,rsdt_addr_flg,rsdt_addr_mtd_code,oaza_cho_aka_flg,"
    "koaza_aka_code,oaza_cho_gsi_uncmn,koaza_gsi_uncmn,status_flg,wake_num_flg,efct_date,ablt_date,src_code,"
    "post_code,remarks"
)
TOWN_POS_COLUMNS = (
    "lg_code,machiaza_id,rsdt_addr_flg,rep_lon,rep_lat,rep_srid,rep_scale,rep_src_code,plygn_fname,"
    "plygn_kcode,plygn_fmt,plygn_srid,plygn_scale,plygn_src_code,pos_oaza_cho_chome_code,pos_data_mnt_year,"
    "cns_bnd_s_area_kcode,cns_bnd_year"
)
CITY_COLUMNS = (
    "lg_code,pref,pref_kana,pref_roma,county,county_kana,county_roma,city,city_kana,city_roma,ward,ward_kana,"
    "ward_roma,efct_date,ablt_date,remarks"
)
CITY_POS_COLUMNS = (
    "lg_code,rep_lon,rep_lat,rep_srid,rep_scale,plygn_fname,plygn_kcode,plygn_fmt,plygn_srid,plygn_scale"
)
HOUSE_COLUMNS = (
    "lg_code,machiaza_id,blk_id,rsdt_id,rsdt2_id,city,ward,oaza_cho,chome,koaza,machiaza_dist,blk_num,"
    "rsdt_num,rsdt_num2,basic_rsdt_div,rsdt_addr_flg,rsdt_addr_mtd_code,status_flg,efct_date,ablt_date,"
    "src_code,remarks"
)
HOUSE_POS_COLUMNS = (
    "lg_code,machiaza_id,blk_id,rsdt_id,rsdt2_id,rsdt_addr_flg,rsdt_addr_mtd_code,rep_lon,rep_lat,rep_srid,"
    "rep_scale,rep_src_code,rsdt_addr_code_rdbl,rsdt_addr_data_mnt_date,basic_rsdt_div"
)
ISJ_COLUMNS = (
    '"都道府県コード","都道府県名","市区町村コード","市区町村名","大字町丁目コード","大字町丁目名","緯度","経度",'
    '"原典資料コード","大字・字・丁目区分コード"'
)
DISASTERS = (
    "洪水",
    "崖崩れ、土石流及び地滑り",
    "高潮",
    "地震",
    "津波",
    "大規模な火事",
    "内水氾濫",
    "火山現象",
)


def line(columns: str, **cells: str) -> str:
    """A row that fills the named columns."""
    names = columns.split(",")
    assert set(cells) <= set(names)
    return ",".join(cells.get(name, "") for name in names)


def packed(path: Path, member: str, lines: Sequence[str], encoding: str = "utf-8") -> Path:
    """A zip with one table, and beside it the metadata that publishers add."""
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(
            zipfile.ZipInfo(member, (2026, 8, 6, 12, 4, 0)), "\r\n".join(lines).encode(encoding) + b"\r\n"
        )
        made.writestr("META.xml", "<meta/>")
    return path


def registry_towns(folder: Path, srid: str = "EPSG:6668") -> tuple[Path, Path]:
    """mt_town and mt_town_pos of 新宮市 (30207): a town, a 丁目, a 小字 without a position, one abolished."""
    names = [
        line(TOWN_COLUMNS, lg_code="302074", machiaza_id="0001000", machiaza_type="1", city="新宮市",
             oaza_cho="甲野町", oaza_cho_kana="コウノチョウ"),
        line(TOWN_COLUMNS, lg_code="302074", machiaza_id="0002001", machiaza_type="2", city="新宮市",
             oaza_cho="乙川", oaza_cho_kana="オトガワ", chome="３丁目", chome_kana="３チョウメ"),
        line(TOWN_COLUMNS, lg_code="302074", machiaza_id="0003101", machiaza_type="3", city="新宮市",
             oaza_cho="丙山", koaza="字奥"),
        line(TOWN_COLUMNS, lg_code="302074", machiaza_id="0004000", machiaza_type="1", city="新宮市",
             oaza_cho="丁田", ablt_date="2020-04-01"),
        line(TOWN_COLUMNS, lg_code="302075", machiaza_id="0005000", machiaza_type="1", oaza_cho="戊沢"),
    ]  # fmt: skip
    points = [
        line(TOWN_POS_COLUMNS, lg_code=code, machiaza_id=town, rep_lon=lon, rep_lat=lat, rep_srid=reference)
        for code, town, lon, lat, reference in (
            ("302074", "0001000", "135.990000", "33.720000", srid),
            ("302074", "0002001", "135.985000", "33.725000", "EPSG:4612"),
            ("302074", "0004000", "135.985000", "33.725000", "EPSG:4612"),
            ("302075", "0005000", "135.985000", "33.725000", "EPSG:4612"),
            ("302074", "0099000", "135.985000", "33.725000", "EPSG:4612"),
        )
    ]
    return (
        packed(folder / "mt_town_pref30.csv.zip", "mt_town_pref30.csv", [TOWN_COLUMNS, *names]),
        packed(folder / "mt_town_pos_pref30.csv.zip", "mt_town_pos_pref30.csv", [TOWN_POS_COLUMNS, *points]),
    )


def registry_cities(folder: Path) -> tuple[Path, Path]:
    """mt_city and mt_city_pos: a city, a ward, a city without a position."""
    names = [
        line(CITY_COLUMNS, lg_code="302074", city="新宮市", city_kana="シングウシ"),
        line(
            CITY_COLUMNS,
            lg_code="281069",
            city="神戸市",
            city_kana="コウベシ",
            ward="長田区",
            ward_kana="ナガタク",
        ),
        line(CITY_COLUMNS, lg_code="302015", city="和歌山市"),
    ]
    points = [
        line(CITY_POS_COLUMNS, lg_code="302074", rep_lon="135.992", rep_lat="33.724", rep_srid="EPSG:6668"),
        line(CITY_POS_COLUMNS, lg_code="281069", rep_lon="135.150", rep_lat="34.665", rep_srid="EPSG:6668"),
    ]
    return (
        packed(folder / "mt_city_all.csv.zip", "mt_city_all.csv", [CITY_COLUMNS, *names]),
        packed(folder / "mt_city_pos_all.csv.zip", "mt_city_pos_all.csv", [CITY_POS_COLUMNS, *points]),
    )


def registry_houses(folder: Path, *, towns: Sequence[str] = ("0002001", "0007000")) -> tuple[Path, Path]:
    """mt_rsdtdsp_rsdt and its positions: 乙川3丁目 4番 with houses 5, 5-2 and 6, 己町 1番1号, which has none.

    `towns` is the order of the towns in the table of positions.
    """
    houses = (
        ("0002001", "乙川", "３丁目", "4", "5", ""),
        ("0002001", "乙川", "３丁目", "4", "5", "2"),
        ("0002001", "乙川", "３丁目", "4", "6", ""),
        ("0007000", "己町", "", "1", "1", ""),
        ("0007000", "己町", "", "1", "2", ""),
    )
    names = [
        line(HOUSE_COLUMNS, lg_code="302074", machiaza_id=town, blk_id=block.zfill(3), rsdt_id=house.zfill(3),
             rsdt2_id=branch.zfill(3) if branch else "", city="新宮市", oaza_cho=name, chome=chome,
             blk_num=block, rsdt_num=house, rsdt_num2=branch)
        for town, name, chome, block, house, branch in houses
    ]  # fmt: skip
    points = [
        line(HOUSE_POS_COLUMNS, lg_code="302074", machiaza_id=town, blk_id=block.zfill(3),
             rsdt_id=house.zfill(3), rsdt2_id=branch.zfill(3) if branch else "", rep_lon="135.985",
             rep_lat=f"33.725{at}", rep_srid="EPSG:6668")
        for wanted in towns
        for at, (town, _, _, block, house, branch) in enumerate(houses)
        if town == wanted and (town, house) != ("0007000", "1")
    ]  # fmt: skip
    stem = "mt_rsdtdsp_rsdt"
    return (
        packed(folder / f"{stem}_pref30.csv.zip", f"{stem}_pref30.csv", [HOUSE_COLUMNS, *names]),
        packed(folder / f"{stem}_pos_pref30.csv.zip", f"{stem}_pos_pref30.csv", [HOUSE_POS_COLUMNS, *points]),
    )


def positions(folder: Path) -> Path:
    """位置参照情報 of a prefecture as downloaded: CP932, a backslash in the member's name."""
    rows = (
        ("甲野町", "302070001000", "33.720000", "135.990000", "1"),
        ("乙川三丁目", "302070002003", "33.725000", "135.985000", "3"),
        ("丙山字奥", "302070003101", "33.730000", "135.980000", "2"),
        ("丁田", "302070004000", "", "", "1"),
    )
    lines = [
        f'"30","和歌山県","30207","新宮市","{code}","{name}","{lat}","{lon}","0","{kind}"'
        for name, code, lat, lon, kind in rows
    ]
    return packed(folder / "30000-17.0b.zip", "30000-17.0b\\30_2023.csv", [ISJ_COLUMNS, *lines], "cp932")


def feature(shape: BaseGeometry, **properties: Any) -> dict[str, Any]:
    """A GeoJSON feature."""
    return {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": properties}


def collection(path: Path, features: Sequence[dict[str, Any]]) -> Path:
    """A GeoJSON file, gzipped when its name ends in .gz."""
    content = json.dumps(
        {"type": "FeatureCollection", "features": list(features)}, ensure_ascii=False
    ).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def shelters(folder: Path) -> Path:
    """指定緊急避難場所, gzipped: a school for floods and earthquakes, a park at sea, one without a name."""
    return collection(
        folder / "emergency.geojson.gz",
        [
            _shelter("E3020700001201", "新宮市立甲野小学校（体育館）", 135.99, 33.72, "洪水", "地震"),
            _shelter("E3020700002201", "乙川公園", 33.72, 135.99),
            _shelter("E3020700003201", "", 135.99, 33.72, "津波"),
        ],
    )


def _shelter(shelter_id: str, name: str, lon: float, lat: float, *disasters: str) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "NO": 1,
        "共通ID": shelter_id,
        "都道府県名及び市町村名": "和歌山県新宮市",
        "施設・場所名": name,
        "住所": "和歌山県新宮市甲野町1-1",
        **{kind: "1" if kind in disasters else "" for kind in DISASTERS},
        "指定避難所との住所同一": "",
        "備考": "",
    }
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    }


def shapefile(
    folder: Path,
    stem: str,
    shapes: Sequence[BaseGeometry],
    crs: str | None = "EPSG:6668",
    **columns: Sequence[str],
) -> Path:
    """A zipped Shapefile, CP932 without saying so, as 国土数値情報 publishes them; without crs no .prj."""
    inside = folder / stem
    inside.mkdir()
    pyogrio.raw.write(
        inside / f"{stem}.shp",
        geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
        field_data=[np.array(values, dtype=object) for values in columns.values()],
        fields=list(columns),
        geometry_type=shapes[0].geom_type,
        crs=crs or "EPSG:4326",
        driver="ESRI Shapefile",
        encoding="CP932",
    )
    made = folder / f"{stem}_GML.zip"
    with zipfile.ZipFile(made, "w") as archive:
        for path in sorted(inside.iterdir()):
            if path.suffix == ".cpg" or (path.suffix == ".prj" and crs is None):
                continue
            archive.write(path, path.name)
        archive.writestr(f"KS-META-{stem}.xml", "<meta/>")
    return made
