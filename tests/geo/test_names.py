import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo.names import FOLD, fold, is_weak, kanji_of, normal_form, number_of, surface_forms

# Two combining marks are left out: 「ヶ」 with one of them composes only after folding.
japanese = st.text(
    st.characters(min_codepoint=0x3040, max_codepoint=0x9FFF, exclude_characters="\u3099\u309a")
    | st.sampled_from("ヶヵｹ大字丁目1２一二十 　﨑髙"),
    max_size=12,
)


def test_fold_maps_one_character_to_one_that_stays() -> None:
    for old, new in FOLD.items():
        assert len(new) == 1
        assert ord(new) != old
        assert ord(new) not in FOLD
        assert len(unicodedata.normalize("NFKC", chr(old))) == 1


@given(japanese)
def test_fold_keeps_offsets_of_nfkc_text_and_is_idempotent(text: str) -> None:
    compatible = unicodedata.normalize("NFKC", text)
    assert len(compatible.translate(FOLD)) == len(compatible)
    assert fold(fold(text)) == fold(text)


@example("ワ゛")
@example("ワ゛゛")
@given(japanese)
def test_normal_form_is_idempotent(name: str) -> None:
    assert normal_form(normal_form(name)) == normal_form(name)


@given(st.integers(1, 99))
def test_numerals_there_and_back(number: int) -> None:
    assert number_of(kanji_of(number)) == number


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("大字三ヶ尻", "三ケ尻"),
        ("松永町三丁目", "松永町３丁目"),
        ("北一条西二十一丁目", "北1条西21丁目"),
        ("字川 津", "川津"),
        ("龍ヶ崎市", "竜ケ崎市"),
        ("宮﨑", "宮崎"),
        ("髙濱", "高浜"),
        ("ﾆｾｺ町", "ニセコ町"),
        ("四ッ谷", "四ツ谷"),
        ("塩竈市", "塩釜市"),
    ],
)
def test_spellings_meet(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(("one", "other"), [("松永町", "松永"), ("三丁目", "四丁目"), ("一本松", "1本松")])
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("大字三ヶ尻", "town", {"大字三ケ尻", "三ケ尻", "三が尻"}),
        ("松永町", "town", {"松永町", "松永"}),
        ("松永町三丁目", "chome", {"松永町三丁目", "松永町3丁目", "松永3丁目"}),
        ("関ヶ原町", "municipality", {"関ケ原町", "関が原町", "関ケ原", "関が原"}),
        ("上益城郡益城町", "municipality", {"益城町", "益城", "上益城郡益城町"}),
        ("神戸市長田区", "municipality", {"神戸市長田区", "長田区"}),
        ("町野村", "former_municipality", {"町野村", "町野"}),
        ("諏訪ノ森", "station", {"諏訪ノ森駅", "諏訪の森駅", "諏訪ノ森"}),
        ("福山市役所松永支所", "office", {"福山市役所松永支所", "松永支所"}),
        ("益城町役場", "office", {"益城町役場"}),
        ("市立八木中学校", "school", {"八木中学校", "八木中"}),
        ("広島県立福山高等学校", "school", {"福山高等学校", "福山高校"}),
        ("広島県", "prefecture", {"広島県", "広島"}),
        ("北海道", "prefecture", {"北海道"}),
    ],
)
def test_what_people_say(name: str, kind: str, said: set[str]) -> None:
    forms = surface_forms(name, kind)
    assert said <= set(forms)
    assert len(forms) == len(set(forms))
    assert forms[0] == fold(name)
    assert all(form == fold(form) for form in forms)


def test_no_phrase_is_made_of_a_short_name() -> None:
    assert "山の上" not in surface_forms("山ノ上", "town")
    assert "北海" not in surface_forms("北海道", "prefecture")
    assert "津" not in surface_forms("津市", "municipality")
    assert "中央" not in surface_forms("神戸市中央区", "municipality")


@pytest.mark.parametrize(
    "form", ["土砂", "津", "水道", "部屋", "３丁目", "三丁目", "公園", "あ", "ニカ", "十二", "橋"]
)
def test_hopeless_forms_are_weak(form: str) -> None:
    assert is_weak(form)


@pytest.mark.parametrize("form", ["松永", "八木", "松永町3丁目", "小屋浦", "ニセコ", "中央区"])
def test_names_are_not_weak(form: str) -> None:
    assert not is_weak(form)


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("八木中学校", "school", "八木中"),
        ("延岡市立方財小学校", "school", "方財小"),
        ("県立甲野高等学校", "school", "甲野高"),
        ("甲野小学校（体育館）", "school", "甲野小"),
        ("甲野小学校体育館", "school", "甲野小学校"),
        ("旧甲野中学校・グラウンド", "school", "旧甲野中"),
        ("甲野公民館 第2駐車場", "hall", "甲野公民館"),
        ("甲野会館（1階）", "hall", "甲野会館"),
        ("甲野市立図書館", "facility", "図書館"),
        ("甲野病院", "hospital", "甲野病院"),
    ],
)
def test_things_of_official_lists_are_found_as_people_call_them(name: str, kind: str, said: str) -> None:
    assert said in surface_forms(name, kind)
