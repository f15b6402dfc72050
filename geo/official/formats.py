"""Which official file is which: recognised by its columns, paired with its positions, read into rows."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from geo.coverage import Coverage
from geo.official import ksj, own, positions, registry, shelters
from geo.official.found import OfficialError, Row
from geo.official.ground import reference_problem
from geo.official.layer import Layer, Tick
from geo.official.opened import layers

ABR: Final = "公共データ利用規約（第1.0版）デジタル庁 アドレス・ベース・レジストリ"
ISJ: Final = "位置参照情報利用約款 国土交通省"
GSI: Final = "国土地理院コンテンツ利用規約"
KSJ: Final = "国土数値情報利用約款 国土交通省（データごとの条件はダウンロードの頁による）"
OWN: Final = "市区町村の資料"

Reading = Callable[[Layer, Coverage, Tick], Iterator[Row]]
PairReading = Callable[[Layer, Layer, Coverage, Tick], Iterator[Row]]

POSITIONS: Final = frozenset({"rep_lon", "rep_lat", "rep_srid"})
# N03-20240101_30, W05-09_30-g_Stream, but not N02-23_Station.
PREFECTURE_IN_NAME: Final = re.compile(r"_(\d{2})(?=$|[-_](?!\d))")


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of official file. `needs` are its columns, `lacks` those that another kind has besides;
    `pair` are the columns of the table of positions that belongs to it."""

    title: str
    licence: str
    needs: frozenset[str]
    read: Reading | None = None
    lacks: frozenset[str] = frozenset()
    pair: frozenset[str] | None = None
    read_pair: PairReading | None = None

    def fits(self, columns: frozenset[str]) -> bool:
        """Whether a layer with these columns is of this kind."""
        return self.needs <= columns and not self.lacks & columns


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


def _facilities(title: str, needs: frozenset[str], columns: ksj.Columns) -> Format:
    return Format(f"国土数値情報 {title}", KSJ, needs, partial(ksj.points, columns=columns))


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "abr-city": Format(
            "アドレス・ベース・レジストリ 市区町村",
            ABR,
            _of("lg_code", "city", "city_kana", "ward_kana"),
            lacks=_of("machiaza_id"),
            pair=POSITIONS | _of("lg_code"),
            read_pair=registry.cities,
        ),
        "abr-town": Format(
            "アドレス・ベース・レジストリ 町字",
            ABR,
            _of("lg_code", "machiaza_id", "machiaza_type", "oaza_cho", "chome", "koaza"),
            pair=POSITIONS | _of("lg_code", "machiaza_id"),
            read_pair=registry.towns,
        ),
        "abr-rsdt": Format(
            "アドレス・ベース・レジストリ 住居表示",
            ABR,
            _of("lg_code", "machiaza_id", "blk_id", "rsdt_id", "rsdt2_id", "blk_num", "rsdt_num"),
            pair=POSITIONS | _of("lg_code", "machiaza_id", "rsdt_id"),
            read_pair=registry.houses,
        ),
        "isj": Format("位置参照情報 大字・町丁目レベル", ISJ, positions.COLUMNS, positions.towns),
        "gsi-emergency": Format(
            "指定緊急避難場所", GSI, _of(shelters.NAME, shelters.ID, *shelters.DISASTERS), shelters.emergency
        ),
        "gsi-evacuation": Format(
            "指定避難所", GSI, _of(shelters.NAME, shelters.ID), shelters.evacuation, lacks=_of("洪水")
        ),
        "n02-station": Format(
            "国土数値情報 鉄道（駅）", KSJ, _of("N02_003", "N02_004", "N02_005"), ksj.stations
        ),
        "n02-railway": Format(
            "国土数値情報 鉄道（路線）",
            KSJ,
            _of("N02_003", "N02_004"),
            partial(ksj.lines, columns=ksj.RAILWAYS),
            lacks=_of("N02_005"),
        ),
        "n03": Format("国土数値情報 行政区域", KSJ, _of("N03_001", "N03_004", "N03_007"), ksj.areas),
        "w05": Format(
            "国土数値情報 河川", KSJ, _of("W05_001", "W05_004"), partial(ksj.lines, columns=ksj.RIVERS)
        ),
        "p29": _facilities("学校", _of("P29_001", "P29_004", "P29_005"), ksj.SCHOOLS),
        "p02": _facilities("公共施設", _of("P02_001", "P02_004"), ksj.PUBLIC),
        "p04": _facilities("医療機関", _of("P04_001", "P04_002"), ksj.HOSPITALS),
        "p11": _facilities("バス停留所", _of("P11_001", "P11_002"), ksj.BUS_STOPS),
        "own": Format("市区町村の地名表", OWN, own.COLUMNS, own.places),
    }
)


@dataclass(frozen=True, slots=True)
class Job:
    """One layer to be loaded, with its table of positions where it has one."""

    format: str
    layer: Layer
    positions: Layer | None = None

    @property
    def title(self) -> str:
        """What it is, in Japanese."""
        return FORMATS[self.format].title

    @property
    def file(self) -> str:
        """The names of the files that it is read from."""
        paths = [self.layer.path, *([self.positions.path] if self.positions else [])]
        return "、".join(path.name for path in paths)

    def rows(self, ground: Coverage, tick: Tick) -> Iterator[Row]:
        """Its rows in order. Raises OfficialError."""
        kind = FORMATS[self.format]
        if problem := reference_problem(self.layer.reference()):
            raise OfficialError(f"{self.layer.path.name}：{problem}。")
        if self.positions is not None and kind.read_pair is not None:
            return kind.read_pair(self.layer, self.positions, ground, tick)
        assert kind.read is not None  # noqa: S101 - plan() gives every pair its positions
        return kind.read(self.layer, ground, tick)

    def source(self, municipalities: Iterable[str]) -> str:
        """The name of the source whose rows these replace: the kind and where, whatever the edition.

        The registry's file names say both. A municipality has several tables of its own: their names count.
        """
        if self.format.startswith("abr-"):
            return self.layer.stem
        where = _where(self.layer.stem, municipalities)
        return f"own-{where}-{self.layer.stem}" if self.format == "own" else f"{self.format}-{where}"


def _where(stem: str, municipalities: Iterable[str]) -> str:
    """The prefecture in the file's name, else what holds all rows: a code, a prefecture or jp."""
    if named := PREFECTURE_IN_NAME.findall(stem):
        return str(named[-1])
    found = sorted(set(municipalities))
    prefectures = {code[:2] for code in found}
    if len(prefectures) != 1:
        return "jp"
    return found[0] if len(found) == 1 else prefectures.pop()


def plan(paths: Sequence[Path], said: str | None = None) -> list[Job]:
    """What is to be loaded from `paths`; a table of positions is found among them or beside its partner.

    `said` names the format instead of the columns. Raises OfficialError.
    """
    if said is not None and said not in FORMATS:
        raise OfficialError(f"{said} という形式はありません（{'、'.join(FORMATS)}）。")
    known: list[tuple[str, Layer]] = []
    loose: list[Layer] = []
    for path in paths:
        opened = layers(path)
        told = [(name, layer) for layer in opened if (name := _recognised(layer, said))]
        known += told
        loose += [layer for layer in opened if not any(layer is one for _, one in told)]
        if not told and not any(_is_positions(layer) for layer in opened):
            raise OfficialError(_unknown(path, opened))
    jobs = [Job(name, layer, _partner(name, layer, loose)) for name, layer in known]
    used = {job.positions.path.resolve() for job in jobs if job.positions is not None}
    for layer in loose:
        if _is_positions(layer) and layer.path.resolve() not in used:
            jobs.append(_from_positions(layer))
    return jobs


def _recognised(layer: Layer, said: str | None) -> str | None:
    columns = layer.columns()
    if said is not None:
        return said if FORMATS[said].needs <= columns else None
    return next((name for name, kind in FORMATS.items() if kind.fits(columns)), None)


def _is_positions(layer: Layer) -> bool:
    return layer.columns() >= POSITIONS


def _partner(name: str, layer: Layer, loose: Iterable[Layer]) -> Layer | None:
    pair = FORMATS[name].pair
    if pair is None:
        return None
    at = layer.path
    beside = sorted(at.parent.glob(at.name.replace("_pref", "_pos_pref").replace("_all", "_pos_all")))
    beside += sorted(at.parent.glob(at.name.replace("_city", "_pos_city", 1)))
    candidates = [*loose, *(one for path in beside if path != at for one in layers(path))]
    for candidate in candidates:
        if candidate.stem.replace("_pos", "") == layer.stem and pair <= candidate.columns():
            return candidate
    raise OfficialError(
        f"{at.name} には位置がありません。位置の表（_pos の付くファイル）も並べて指定してください。"
    )


def _from_positions(layer: Layer) -> Job:
    """A table of positions alone: its table of names stands beside it, or there is nothing to load."""
    at = layer.path
    beside = at.parent / at.name.replace("_pos", "")
    if beside != at and beside.is_file():
        for names in layers(beside):
            name = _recognised(names, None)
            if name is not None and FORMATS[name].pair is not None:
                return Job(name, names, layer)
    raise OfficialError(
        f"{at.name} には名がありません。名の表（_pos の付かないファイル）も並べて指定してください。"
    )


def _unknown(path: Path, opened: Sequence[Layer]) -> str:
    seen = "、".join(sorted(opened[0].columns())[:8]) or "なし"
    return (
        f"{path.name} の形式が分かりません（見出し：{seen}）。公開されたままのファイルを指定するか、"
        "見出しを name,kana,kind,lat,lon,note にしてください。"
    )
