"""Any number of invented messages about places of one gazetteer, the same for the same seed.

Every sentence is put together from phrases written for this file; no person's words.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from geo.place import Place

START = datetime(2026, 7, 10, 9, 0, tzinfo=UTC)
HAPPENINGS = (
    "道路が冠水して車が通れません",
    "裏の斜面が崩れて土砂が道に出てます",
    "床下まで水が来ました。3軒",
    "川の水が堤防を越えそうです",
    "停電してます",
    "電柱が傾いて電線が垂れ下がってる",
    "倒木で片側通行になってます",
    "断水。給水車をお願いします",
    "橋の手前で路肩が崩れとる。通行止めにしました",
    "年寄り2人が家に取り残されてます。助けて",
    "異常なし",
    "冠水は引きました。通れます",
    "がけ崩れがあったらしいです。見てはいません",
    "けが人なし、建物被害なし",
    "煙が上がってる。消防車が向かってる",
)
CHATTER = ("明日の会合は7時からです", "お疲れさまです。弁当は詰所に置きました", "今日も雨ですね")


def invented(places: Sequence[Place], count: int, seed: int = 20260710) -> Iterator[dict[str, object]]:
    """`count` messages as rows of `hansho replay`, six seconds apart; one in twenty is only chatter."""
    draw = random.Random(seed)
    towns = [place for place in places if place.kind == "town"]
    for number in range(count):
        place = draw.choice(towns)
        said = draw.choice(CHATTER) if draw.random() < 0.05 else f"{place.name}、{draw.choice(HAPPENINGS)}"
        yield {
            "id": f"invented-{seed}-{number:06d}",
            "text": said,
            "sender_municipality": place.municipality,
            "posted_at": (START + timedelta(seconds=6 * number)).isoformat(),
        }
