from hypothesis import given
from hypothesis import strategies as st

from nlp.normalize import normalize


def test_half_width_kana_are_joined_and_point_back() -> None:
    normal = normalize("ｶﾞｹ崩れ")
    assert normal.text == "ガケ崩れ"
    assert normal.span(0, 2, "", "").text == "ｶﾞｹ"


def test_hashtags_emoji_and_double_blanks_become_one_blank() -> None:
    assert normalize("冠水😭😭 　#大雨 です").text == "冠水 大雨 です"


def test_hashtags_behind_a_text_are_a_sentence_of_their_own() -> None:
    assert normalize("冠水 #大雨 #災害").text == "冠水。大雨 災害"


def test_who_shouts_ends_a_sentence() -> None:
    assert normalize("冠水！！").text == normalize("冠水!! ").text == "冠水。。"


def test_of_an_endless_number_a_number_is_left() -> None:
    normal = normalize("9" * 5_000 + "人")
    assert normal.text == "9" * 20 + " 人"
    assert normal.span(19, 22, "", "").text == "9" * 4_981 + "人"


def test_circled_numbers_are_bullets_not_digits() -> None:
    assert normalize("①八木3丁目").text == "・八木3丁目"


def test_wide_digits_and_dashes() -> None:
    assert normalize("国道２号　２－３").text == "国道2号 2-3"


def test_lone_surrogates_and_control_characters_vanish() -> None:
    assert normalize("冠水\ud800\x00です\u202e").text == "冠水 です"


@given(st.text(max_size=200))
def test_every_span_is_cut_from_the_original(text: str) -> None:
    normal = normalize(text)
    for index in range(len(normal.text)):
        span = normal.span(index, index + 1, "", "")
        assert text[span.start : span.end] == span.text
        assert span.text


@given(st.text(max_size=200))
def test_offsets_never_run_backwards(text: str) -> None:
    normal = normalize(text)
    assert list(normal.starts) == sorted(normal.starts)


@given(st.text(alphabet="崩れ水道 \n。、2２ｶﾞ①", max_size=60))
def test_normal_text_is_a_fixed_point(text: str) -> None:
    once = normalize(text).text
    assert normalize(once).text == once
