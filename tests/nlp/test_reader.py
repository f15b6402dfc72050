"""What is read from single messages: types, statuses, places, links, people; each rule by an example."""

import pytest

from nlp.people import find_quantities
from nlp.pipeline import Reader
from nlp.reading import DamageType, Reading


def said(reading: Reading) -> set[tuple[str, str]]:
    return {(item.type.value, item.status.value) for item in reading.observations}


def where(reading: Reading, kind: DamageType) -> list[str | None]:
    return [
        None if item.mention is None else reading.mentions[item.mention].span.text
        for item in reading.observations
        if item.type is kind
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("道のくえて車が通れん", {("road_damage", "present"), ("road_closure", "present")}),
        ("国道の路肩がくえて車が通れん", {("road_damage", "present"), ("road_closure", "present")}),
        ("八木で電気が来ません", {("power_outage", "present")}),
        ("八木の冠水は引きました", {("road_flooding", "resolved")}),
        ("電気も水道もだめ", {("power_outage", "present"), ("water_outage", "present")}),
        ("車の通らんねえ", {("road_closure", "present")}),
        ("山から石がぱらぱら落ちてきよる", {("precursor", "present")}),
        ("停電はありません", {("power_outage", "denied")}),
        ("レベル4土砂災害危険警報が出ました", set()),
        ("八木に氾濫特別警報", set()),
        ("土砂災害特別警報で公民館へ避難した", {("evacuation", "present")}),
        ("停電や断水はない", {("power_outage", "denied"), ("water_outage", "denied")}),
        ("土砂崩れ、けが人なし", {("landslide", "present"), ("casualty", "denied")}),
        ("堤防が切れそう", {("river_overflow", "feared")}),
        ("八木で停電、街灯も消えてます", {("power_outage", "present")}),
        ("八木の火事は消えました", {("fire", "resolved")}),
        ("けがの人、救急車に引き継ぎました", {("casualty", "present")}),
        ("けがの人、救急車に乗せました", {("casualty", "present")}),
        ("八木で火事だそうです", {("fire", "hearsay")}),
        ("八木の停電は復旧しました", {("power_outage", "resolved")}),
        ("国道2号は通れます", {("road_closure", "denied")}),
        ("県道は片側通行止め", set()),
        ("国道が完遂してます", {("road_flooding", "present")}),
        ("膝まで水が来よる、家の中や", {("inundation", "present")}),
        ("杉清 異常なし", {("none", "denied")}),
        ("涙腺決壊しました", set()),
        ("国道2号は通れますか？", set()),
        ("昔は八木でも堤防が切れたもんです", set()),
        ("八木の堤防が切れたと書きましたがデマです", {("river_overflow", "denied")}),
        ("ﾄﾞｼｬｸｽﾞﾚ", {("landslide", "present")}),
        ("電線が切れて電柱が傾いてる", {("fallen_tree", "present")}),
        ("川の水がもう越えるばい", {("river_overflow", "feared")}),
        ("八木の土手、もう越えるぞ", {("river_overflow", "feared")}),
        ("煙が見えるばい", {("fire", "present")}),
        ("体育館は満員で入れないと言われた", {("evacuation", "present")}),
        ("避難した集会所には毛布がないと言われました", {("evacuation", "present")}),
        ("役場に電話したら橋が落ちたと言われた", {("bridge_damage", "hearsay")}),
        ("ラインで断水って来たけど、うちは水出てる", {("water_outage", "denied")}),
        ("ニュースで停電って言いよったけど、こっちは電気ついとるばい", {("power_outage", "denied")}),
        ("ツイッターで見たけど、駅前が冠水してるって", {("road_flooding", "hearsay")}),
        ("LINEで「大橋が落ちた」ときたが、こちらでは確認していない", {("bridge_damage", "hearsay")}),
        ("ガスの臭いがしよる。元栓は締めたばってん", {("gas_leak", "present")}),
        ("ガスの臭いがしたので元栓を閉めました。今は臭いません", {("gas_leak", "resolved")}),
        ("停電したのは昨日で、もう復旧しています", {("power_outage", "resolved")}),
    ],
)
def test_type_and_status(reader: Reader, text: str, expected: set[tuple[str, str]]) -> None:
    assert said(reader.read(text)) == expected


def test_every_span_points_at_the_original(reader: Reader) -> None:
    text = "　＃八木３丁目でｶﾞｹ崩れ😱　停電はない"
    reading = reader.read(text)
    spans = [span for item in reading.observations for span in item.evidence]
    spans += [mention.span for mention in reading.mentions]
    assert spans
    assert all(text[span.start : span.end] == span.text and span.rule for span in spans)


def test_parts_go_from_wide_to_narrow(reader: Reader) -> None:
    mention = reader.read("福山市松永町の国道2号で土砂崩れ").mentions[0]
    assert [(part.text, part.kind) for part in mention.parts] == [
        ("福山市", "area"),
        ("松永町", "area"),
        ("国道2号", "road"),
    ]


def test_names_unknown_to_the_gazetteer_are_mentions(reader: Reader) -> None:
    mention = reader.read("鈴張橋から川島公民館の間が通行止め").mentions[0]
    assert [part.text for part in mention.parts] == ["鈴張橋"]
    assert [part.text for part in mention.until] == ["川島公民館"]
    assert mention.relation is not None
    assert mention.relation.kind == "between"


@pytest.mark.parametrize(
    ("text", "kind", "direction", "distance"),
    [
        ("八木橋の上流200mで倒木", "upstream", None, 200.0),
        ("八木小学校の北側で冠水", "side", "N", None),
        ("八木公民館の裏で土砂崩れ", "behind", None, None),
        ("八木駅付近で停電", "near", None, None),
        ("八木公民館の前、冠水", "front", None, None),
    ],
)
def test_relations(
    reader: Reader, text: str, kind: str, direction: str | None, distance: float | None
) -> None:
    relation = reader.read(text).mentions[0].relation
    assert relation is not None
    assert (relation.kind, relation.direction, relation.distance_m) == (kind, direction, distance)


@pytest.mark.parametrize("text", ["松本さんの部屋が停電", "駐車場と公園の水道が土砂崩れで止まった"])
def test_people_and_words_are_no_places(reader: Reader, text: str) -> None:
    assert reader.read(text).mentions == ()


def test_each_line_of_a_list_keeps_its_place(reader: Reader) -> None:
    reading = reader.read("巡回結果\n・川津 停電\n・杉清 異常なし")
    assert where(reading, DamageType.POWER_OUTAGE) == ["川津"]
    assert where(reading, DamageType.NONE) == ["杉清"]


@pytest.mark.parametrize("text", ["集落二十戸ほど蛇口から何も出ない", "倒木多数、処理中で通行不可"])
def test_counts_and_what_is_being_done_are_no_places(reader: Reader, text: str) -> None:
    assert reader.read(text).mentions == ()


def test_a_season_in_a_rivers_name_belongs_to_it(reader: Reader) -> None:
    reading = reader.read("栄町の夏井川、越水していません")
    assert any("夏井川" in mention.span.text for mention in reading.mentions)


def test_ashes_fall_elsewhere_than_at_their_mountain(reader: Reader) -> None:
    reading = reader.read("秋山の灰が松永町まで来て、車が真っ白です")
    assert where(reading, DamageType.VOLCANIC) == ["松永町"]


def test_a_river_and_the_place_at_it_are_no_list(reader: Reader) -> None:
    reading = reader.read("鈴張川、八木の護岸の天端まであと20センチ")
    assert len(where(reading, DamageType.PRECURSOR)) == 1


def test_places_in_a_list_share_a_damage(reader: Reader) -> None:
    assert where(reader.read("栄町、幸町、大里で停電"), DamageType.POWER_OUTAGE) == ["栄町", "幸町", "大里"]


def test_a_corrected_place(reader: Reader) -> None:
    reading = reader.read("さっきの冠水の件、栄町やのうて幸町でした")
    statuses = {
        reading.mentions[item.mention].span.text: item.status.value
        for item in reading.observations
        if item.mention is not None
    }
    assert statuses == {"栄町": "denied", "幸町": "present"}


def test_a_correction_says_what_is_so_by_where_it_is(reader: Reader) -> None:
    reading = reader.read("【訂正】栄町の決壊は誤報でした。決壊したのは幸町の水路")
    places = {
        item.status.value: reading.mentions[item.mention].span.text
        for item in reading.observations
        if item.mention is not None
    }
    assert places["denied"] == "栄町"
    assert places["present"].startswith("幸町")


def test_no_place_said(reader: Reader) -> None:
    assert where(reader.read("停電してます"), DamageType.POWER_OUTAGE) == [None]


def test_people_and_urgency(reader: Reader) -> None:
    reading = reader.read("八木で土砂崩れ。2人が下敷きになっています、助けて")
    assert reading.urgent
    assert reading.people == {"injured": 0, "missing": 0, "trapped": 2, "dead": 0}
    assert not reader.read("八木で堤防が切れそう").urgent


def test_quantities_stay_with_their_damage(reader: Reader) -> None:
    observation = reader.read("八木で50cm浸水、床上12軒").observations[0]
    assert (50.0, "cm") in {(q.value, q.unit) for q in observation.quantities}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("深さ1m20、まだ増える", [("1m20", 1.2, "m")]),
        ("2メートル50センチの水", [("2メートル50センチ", 2.5, "m")]),
        ("1メートル半まで", [("1メートル半", 1.5, "m")]),
        ("5m10時現在", [("5m", 5.0, "m")]),
        ("幅30cm50cmの石", [("30cm", 30.0, "cm"), ("50cm", 50.0, "cm")]),
        ("幅3m20名避難", [("3m", 3.0, "m"), ("20名", 20.0, "people")]),
        ("50m20号線", [("50m", 50.0, "m")]),
        ("膝下まで", [("膝下", None, "body")]),
        ("足首まで", [("足首", None, "body")]),
    ],
)
def test_amounts_as_they_are_said(said: str, found: list[tuple[str, float | None, str]]) -> None:
    assert [(said[start:end], value, unit) for start, end, value, unit in find_quantities(said)] == found


def test_drill(reader: Reader) -> None:
    assert reader.read("【訓練】八木で火災発生").drill


def test_order_of_a_batch_is_kept(reader: Reader) -> None:
    texts = [f"八木{number}丁目で停電" for number in range(1, 150)]
    assert [reading.text for reading in reader.pipe(texts)] == texts


@pytest.mark.parametrize(
    "text", ["国道2号で土砂崩れ、八木橋は通行止め", "八木で床上浸水3軒 けが人なし", "杉清の裏山が崩れそう"]
)
def test_width_and_emoji_do_not_change_a_reading(reader: Reader, text: str) -> None:
    wide = text.translate({code: code + 0xFEE0 for code in range(0x30, 0x3A)}) + "😱"
    assert said(reader.read(wide)) == said(reader.read(text))


def test_a_count_taken_back_does_not_count(reader: Reader) -> None:
    reading = reader.read("八木でけが3名と言いましたが1名の間違いでした。屋根の下敷き")
    assert reading.people["injured"] == 1


def test_a_pattern_cuts_no_town_in_two(reader: Reader) -> None:
    mention = reader.read("福山市川津 がけ崩れ").mentions[0]
    assert [(part.text, part.kind) for part in mention.parts] == [("福山市", "area"), ("川津", "area")]


def test_a_town_behind_its_city_needs_no_gazetteer(reader: Reader) -> None:
    assert reader.read("福山市薬研で停電").mentions[0].span.text == "福山市薬研"


def test_whom_the_ambulance_has_is_in_no_danger_here(reader: Reader) -> None:
    assert not reader.read("けがの人、救急車に引き継ぎました").urgent
    assert reader.read("2人が下敷きです。救急車をお願いします").urgent


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("福山市松永町4-5で停電", "4-5"),
        ("福山市松永町4ー5で停電", "4ー5"),
        ("福山市松永町4番5号で停電", "4番5号"),
        ("福山市松永町四番五号で停電", "四番五号"),
        ("福山市松永町4の5で停電", "4の5"),
        ("福山市松永町三丁目4-5で停電", "4-5"),
        ("福山市松永町の2の家で停電", None),
        ("福山市松永町2の3人で停電", None),
    ],
)
def test_the_number_of_a_house_belongs_to_its_town(reader: Reader, text: str, block: str | None) -> None:
    [mention] = reader.read(text).mentions
    assert [part.text for part in mention.parts if part.kind == "block"] == ([block] if block else [])
    assert mention.parts[1].text.startswith("松永町")
