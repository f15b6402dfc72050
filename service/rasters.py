"""Raster tiles that a map may show besides its own ground, by name in RASTER_LAYERS; none by default.

Whoever turns one on lets every browser at headquarters ask that publisher's host.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_GSI: Final = "https://cyberjapandata.gsi.go.jp/xyz"
_HAZARD: Final = "https://disaportaldata.gsi.go.jp/raster"
_GSI_SAYS: Final = "地理院タイル（国土地理院）"
_HAZARD_SAYS: Final = "ハザードマップポータルサイト（国土地理院）"


@dataclass(frozen=True, slots=True)
class Raster:
    """One layer: `url` with {z}/{x}/{y}, the attribution that its publisher asks for, and the deepest zoom
    for which it has tiles. `hazard` ones lie half-transparent over the others."""

    id: str
    name: str
    url: str
    attribution: str
    hazard: bool
    deepest: int

    @property
    def origin(self) -> str:
        """Scheme and host, as a content security policy names them."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def _ground(id_: str, name: str, path: str) -> Raster:
    return Raster(id_, name, f"{_GSI}/{path}", _GSI_SAYS, hazard=False, deepest=18)


def _hazard(id_: str, name: str, folder: str) -> Raster:
    return Raster(
        id_, name, f"{_HAZARD}/{folder}/{{z}}/{{x}}/{{y}}.png", _HAZARD_SAYS, hazard=True, deepest=17
    )


KNOWN: Final = {
    one.id: one
    for one in (
        _ground("gsi_pale", "地理院地図（淡色）", "pale/{z}/{x}/{y}.png"),
        _ground("gsi_std", "地理院地図（標準）", "std/{z}/{x}/{y}.png"),
        _ground("gsi_photo", "航空写真", "seamlessphoto/{z}/{x}/{y}.jpg"),
        _hazard("flood", "洪水浸水想定（想定最大規模）", "01_flood_l2_shinsuishin_data"),
        _hazard("inland_flood", "内水浸水想定", "02_naisui_data"),
        _hazard("storm_surge", "高潮浸水想定", "03_hightide_l2_shinsuishin_data"),
        _hazard("tsunami", "津波浸水想定", "04_tsunami_newlegend_data"),
        _hazard("debris_flow", "土砂災害警戒区域（土石流）", "05_dosekiryukeikaikuiki"),
        _hazard("steep_slope", "土砂災害警戒区域（急傾斜地の崩壊）", "05_kyukeishakeikaikuiki"),
        _hazard("landslide", "土砂災害警戒区域（地すべり）", "05_jisuberikeikaikuiki"),
    )
}


def chosen(names: str) -> tuple[Raster, ...]:
    """The layers of a comma list, in its order. Raises ValueError naming what is unknown."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in KNOWN]:
        raise ValueError(f"RASTER_LAYERS: {', '.join(unknown)} is not known; choose from {', '.join(KNOWN)}")
    return tuple(KNOWN[name] for name in dict.fromkeys(wanted))
