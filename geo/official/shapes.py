"""Shapes of GeoJSON, TopoJSON and Shapefiles, also inside a zip or gzip, through GDAL."""

import gzip
import math
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyogrio

from geo.official.found import OfficialError, Refused
from geo.official.layer import Record, Tick, stem_of

AT_ONCE: Final = 2000


class Shapes:
    """One layer of shapes."""

    def __init__(self, path: Path, member: str, dated: str) -> None:
        """`member` is the name inside a zip, empty for a file of its own."""
        self.path = path
        self.dated = dated
        self._member = member
        self._known: dict[str, Any] | None = None

    @property
    def stem(self) -> str:
        """Its name without endings."""
        return stem_of(self._member or self.path.name)

    def columns(self) -> frozenset[str]:
        """The names of its attributes. Raises OfficialError."""
        return frozenset(str(name) for name in self._info()["fields"])

    def reference(self) -> str | None:
        """Its reference system: EPSG:… or WKT; GeoJSON without a statement is WGS 84."""
        system = self._info()["crs"]
        return None if system is None else str(system)

    def records(self, tick: Tick) -> Iterator[Record | Refused]:
        """Its shapes, numbered from 1. Raises OfficialError."""
        total = int(self._info()["features"])
        done = 0
        while done < total or (total < 0 and done == 0):
            options = {"skip_features": done, "max_features": AT_ONCE} if total >= 0 else {}
            meta, _, shapes, columns = self._asked(pyogrio.raw.read, encoding=self._encoding(), **options)
            if not len(shapes):
                break
            names = [str(name) for name in meta["fields"]]
            for at, shape in enumerate(shapes):
                cells = {name: cell_text(column[at]) for name, column in zip(names, columns, strict=True)}
                if shape is None:
                    yield Refused(done + at + 1, "図形がない")
                else:
                    yield Record(done + at + 1, cells, bytes(shape))
            done += len(shapes)
            tick(done, max(total, done))

    def _info(self) -> Mapping[str, Any]:
        if self._known is None:
            self._known = dict(self._asked(pyogrio.read_info, force_feature_count=True))
        return self._known

    def _encoding(self) -> str | None:
        """Shapefiles of 国土数値情報 are CP932 and mostly do not say so."""
        if not self._address().lower().endswith(".shp"):
            return None
        return "UTF-8" if str(self._info()["encoding"]).upper().replace("-", "") == "UTF8" else "CP932"

    def _address(self) -> str:
        whole = str(self.path.resolve())
        if self._member:
            return f"/vsizip/{{{whole}}}/{self._member}"
        return f"/vsigzip/{whole}" if whole.endswith(".gz") else whole

    def _asked(self, question: Any, **options: Any) -> Any:
        try:
            return question(self._address(), **options)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, zipfile.BadZipFile) as broken:
            raise OfficialError(f"{self.path.name} を図形として読めません（{self.stem}）。") from broken
        except (gzip.BadGzipFile, pyogrio.errors.FeatureError) as broken:
            raise OfficialError(
                f"{self.path.name} が途中で壊れています。もう一度ダウンロードしてください。"
            ) from broken


def cell_text(value: object) -> str:
    """An attribute as text: nothing for null, no .0 behind a whole number."""
    if value is None:
        return ""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() else str(value)
    return str(value).strip()
