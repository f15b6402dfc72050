"""How many sentences with a name that only headquarters know are placed by it.

    python -m tests.measure.taught

Invented names as villages have them (bynames, bends, pools, shops), each in four ways of saying.
"""

from datetime import UTC, datetime

from geo.gazetteer.layers import Layer
from geo.place import Level, Place
from service.pipeline import Pipeline, build_pipeline
from service.report import Message

FUKUYAMA, POINT = "34207", (34.5, 133.36)
NAMES = (
    "てんぐ岩 天神谷 鬼岩橋 下組公民館 ヤマト屋 旧役場跡 地蔵の辻 大曲り 一本松 "
    "弁天池 かっぱ淵 水神さん 宮の下 上の段 松の木坂 六地蔵 お大師さん 観音堂 "
    "丸山団地 中組 向島原 たぬき峠 石切場跡 ひょうたん池 馬場先 清水端 猿渡 "
    "三軒家 釜が谷 竜王さん 佐助どん 農協前 給食センター跡 ナカノ商店 かえで台 下の川原 "
    "八幡下 天狗の鼻 奥の院 どんどん橋 めがね橋 新田組 なかんじょ くぼんだ あらやしき "
    "大杉 お薬師さん 与平坂 セメント工場跡 ヘアピンカーブ "
)
WAYS = (
    "{}で道路が冠水しています",
    "{}付近でがけ崩れ。通れません",
    "今{}の前の道が水に浸かっとる",
    "{}　倒木で通行止め",
)


def placed(pipeline: Pipeline) -> int:
    """How many of the sentences have a damage at the taught point."""
    now = datetime.now(UTC)
    texts = [way.format(name) for name in NAMES.split() for way in WAYS]
    messages = [
        Message("file", str(at), text, now, sender_municipality=FUKUYAMA) for at, text in enumerate(texts)
    ]
    return sum(
        any(each.place_of(said.mention).lat == POINT[0] for said in each.reading.observations)
        for each in pipeline.understand(messages)
    )


def main() -> None:
    """Print the share with the names as mere gazetteer rows, then as taught ones."""
    pipeline = build_pipeline()
    total = len(NAMES.split()) * len(WAYS)
    for source in ("city", f"taught:{FUKUYAMA}"):
        rows = [
            Place(f"t{at}", name, "", "taught", Level.FACILITY, FUKUYAMA, *POINT, 50.0, source)
            for at, name in enumerate(NAMES.split())
        ]
        pipeline.renew({source: Layer(rows, pipeline.gazetteer.base.formers)})
        found = placed(pipeline)
        print(f"{source}: {found} of {total} ({100 * found / total:.0f} %)")


if __name__ == "__main__":
    main()
