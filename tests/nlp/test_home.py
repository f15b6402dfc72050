"""What is a place only because the sender's municipality, or the one named, has a town of that name."""

from collections.abc import Sequence, Set

import pytest

from nlp.pipeline import Reader

NAMES = {
    "04202": {"門脇", "追分", "下部", "燕", "川", "鵜住居", "八幡", "太田名部"},
    "15202": {"川口", "寺泊"},
}


class Homes:
    """Two municipalities with a few names."""

    def names_in(self, code: str) -> frozenset[str]:
        return frozenset(NAMES.get(code, ()))

    def codes_called(self, name: str) -> Sequence[str]:
        return ("15202",) if name in ("長岡市", "長岡") else ()

    def readings_in(self, code: str) -> Set[str]:
        return frozenset({"うのすまい"} if code in NAMES else ())


@pytest.fixture(scope="module")
def at_home() -> Reader:
    names = ("長岡", "長岡市", "市川", "三重小", "城山公園", "府中")
    return Reader(names, {}, homes=Homes())


def places(reader: Reader, text: str, sender: str | None) -> list[str]:
    reading = next(reader.pipe([text], senders=[sender]))
    return [mention.span.text for mention in reading.mentions]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("門脇さ波来たど", "門脇"),
        ("浅い川の水が追分まで来ました", "追分"),
        ("下部の宿です。崖から小石が落ちてきます", "下部"),
        ("いま門脇の道が冠水", "門脇"),
        ("えっと今八幡の道なんですけど冠水してます", "八幡"),
        ("①太田名部　停電", "太田名部"),
        ("追分道路冠水", "追分"),
        ("燕の集会所に避難しました", "燕の集会所"),
        ("うのすまい小の３かいです", "うのすまい小"),
        ("ウノスマイ ﾐｽﾞ ｷﾀ", "ウノスマイ"),
    ],
)
def test_a_name_of_the_senders_municipality_is_a_place(at_home: Reader, text: str, place: str) -> None:
    assert places(at_home, text, "04202") == [place]


@pytest.mark.parametrize("text", ["門脇さんの家が床上浸水", "川で水が増えとる", "追分鉄道は動いとる"])
def test_a_person_a_common_word_and_a_firm_are_not(at_home: Reader, text: str) -> None:
    assert places(at_home, text, "04202") == []


def test_a_stranger_does_not_name_them(at_home: Reader) -> None:
    assert places(at_home, "追分まで灰が来ました", None) == []


def test_an_address_is_read_where_the_tokenizer_sees_another_city(at_home: Reader) -> None:
    assert places(at_home, "長岡市川口の道が冠水", None) == ["長岡市川口"]


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("三重小の坂が崩れました", "三重小", "facility"),
        ("城山公園で木が倒れました", "城山公園", "facility"),
        ("府中で停電です", "府中", "area"),
    ],
)
def test_what_kind_of_thing_a_known_name_is(at_home: Reader, text: str, name: str, kind: str) -> None:
    [mention] = at_home.read(text).mentions
    assert (mention.parts[0].text, mention.parts[0].kind) == (name, kind)
