"""Any text is read and located, in time, and what does not change the meaning does not change the reading."""

import json
import random
import re
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from geo.place import Location
from nlp import lexicon
from service.pipeline import Pipeline, Understood, reading_contract
from service.report import Message

NOW = datetime(2026, 7, 10, 9, 0, tzinfo=UTC)
LIMIT_S = 1.0
LIMIT_BYTES = 10_000
WORDS = sorted(
    {
        word
        for name in (
            "happenings",
            "things",
            "triggers",
            "status",
            "talk",
            "urgency",
            "place_kinds",
            "relations",
        )
        for row in lexicon.rows(name)
        for word in row["form"].replace("(?:", "|").replace(")", "|").split("|")
        if word and not set(word) & set("[]?*+(){}\\.^$<!=")
    }
)
PLACES = (
    "福山市",
    "松永町",
    "八木",
    "本町",
    "国道2号",
    "R2 ",
    "中央区",
    "34.5,133.2",
    "3丁目",
    "1-1-1",
    "大字",
    "東京都港区",
)
MIXED = st.text(
    st.one_of(
        st.characters(min_codepoint=0x3041, max_codepoint=0x30FF),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x4FFF),
        st.characters(min_codepoint=0xFF01, max_codepoint=0xFF9F),
        st.characters(min_codepoint=0x1F600, max_codepoint=0x1F64F),
        st.characters(min_codepoint=0, max_codepoint=0x7F),
        st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF),
        st.characters(),
    ),
    max_size=60,
)
GLUED = st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(PLACES), st.text(max_size=3)), max_size=30)
ANY = st.one_of(MIXED, GLUED.map("".join))
SENDERS = st.sampled_from([None, "34207", "99999", ""])


def understood(pipeline: Pipeline, *texts: str, sender: str | None = None) -> list[Understood]:
    return list(
        pipeline.understand([Message("file", "1", text, NOW, sender_municipality=sender) for text in texts])
    )


def _survives(pipeline: Pipeline, text: str, sender: str | None) -> None:
    started = time.process_time()
    [found] = understood(pipeline, text, sender=sender)
    assert time.process_time() - started < LIMIT_S
    assert found.reading.text == text
    assert len(found.places) == len(found.reading.mentions)
    for said in found.reading.observations:
        assert all(text[span.start : span.end] == span.text for span in said.evidence)
    reading_contract("1", found)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANY, SENDERS)
def test_any_text_is_read_and_located(pipeline: Pipeline, text: str, sender: str | None) -> None:
    _survives(pipeline, text, sender)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_ten_thousand_texts_are_read_and_located(pipeline: Pipeline, part: int) -> None:
    @seed(part)
    @settings(max_examples=2_500, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ANY, SENDERS)
    def survives(text: str, sender: str | None) -> None:
        _survives(pipeline, text, sender)

    survives()


UNITS = (
    *(
        "水が",
        "あああ…",
        "1",
        "12",
        "昭和1",
        "、",
        "1丁目",
        "1-1-",
        "R2 ",
        "R2",
        "福山市",
        "福山市松永町と",
        "東京都港区",
    ),
    *(
        "八木からはた本町国道2号から",
        "34.5,133.2 ",
        "うち、3人",
        "\ud800",
        "😱",
        "ｶﾞ",
        "\n・",
        "(",
        "九",
        "ずり落ち",
        "昔",
    ),
    *(
        "停電なし、",
        "崩れた道が",
        "橋の上流200m",
        "中学校",
        "けが人",
        "ため",
        "まで",
        "通れ",
        "んん",
        "さっきまで",
        "と聞い",
    ),
)


@pytest.mark.parametrize("unit", UNITS)
def test_ten_kilobytes_take_less_than_a_second(pipeline: Pipeline, unit: str) -> None:
    _survives(pipeline, _filled(unit), None)


def test_ten_kilobytes_of_anything_take_less_than_a_second(pipeline: Pipeline) -> None:
    draw = random.Random(10)  # noqa: S311
    for size in (2, 3, 5, 8, 1_000, 1_000):
        _survives(pipeline, _filled("".join(draw.choices([*UNITS, *PLACES, *WORDS], k=size))), None)


def _filled(unit: str) -> str:
    return unit * (LIMIT_BYTES // len(unit.encode("utf-8", "surrogatepass"))) or unit[: LIMIT_BYTES // 3]


_EVERY = {
    row["id"]: row["text"]
    for path in sorted(files("tests.nlp").joinpath("stories").iterdir(), key=lambda path: path.name)
    if path.name.endswith(".jsonl")
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
}
STORIES = dict(list(_EVERY.items())[::3])  # a third of them, for the suite's time


def _meaning(found: Understood) -> object:
    """What the map shows: types, statuses, municipalities and points."""
    return sorted(
        (said.type, said.status, *_where(found.place_of(said.mention))) for said in found.reading.observations
    )


def _where(place: Location) -> tuple[str, ...]:
    return (str(place.municipality), str(place.lat), str(place.lon))


def _wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _half(text: str) -> str:
    """Katakana of half width, their sound marks behind them."""
    return "".join(
        "".join(HALF.get(part, part) for part in unicodedata.normalize("NFD", char))
        if char in KATAKANA
        else char
        for char in text
    )


KATAKANA = frozenset(map(chr, range(0x30A1, 0x30F5)))
HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFFA0)}
HALF |= {"\u3099": "ﾞ", "\u309a": "ﾟ"}
CHANGES: dict[str, Callable[[str], str]] = {
    "wide": _wide,
    "half width": _half,
    "composed": lambda text: unicodedata.normalize("NFKC", text),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "spaces around": lambda text: f"  {text}\u3000 ",
    "spaces inside": lambda text: text.replace("、", "、 ").replace("。", "。\u3000"),
    "emoji behind": lambda text: f"{text}😱🙏",
    "emoji in front": lambda text: f"🚨{text}",
    "emoji inside": lambda text: text.replace("。", "。😱"),
    "invisible": "\u200b".join,
    "hashtags behind": lambda text: f"{text} #災害 #拡散希望",
    "hashtag on a line": lambda text: f"{text}\n#防災",
    "hashtag in front": lambda text: f"#災害 {text}",
    "plain endings": lambda text: text.replace("ています", "ている").replace("ております", "ている"),
    "spoken endings": lambda text: re.sub("てます(?!か)", "てる", text),
    "polite endings": lambda text: re.sub("て(?:い)?る(?=。|$|、)", "ています", text),
    "です": lambda text: re.sub("(?<=[一-龥])(?=。|$)", "です", text),
    "without です": lambda text: re.sub("です(?=。|$)", "", text),
}
# Rules of the word lists that look at the very last character (笑, とっと), or for a bare noun (土砂。).
BY_RULE = frozenset({"M-063", "U-010", "F-036"})
# Of 241 messages; the network's answer is a matter of degree, and a few stand at a threshold.
MOST_CHANGED = 2


@pytest.fixture(scope="module")
def meanings(pipeline: Pipeline) -> dict[str, object]:
    """What the stories say as they stand."""
    return dict(zip(STORIES, map(_meaning, understood(pipeline, *STORIES.values())), strict=True))


@pytest.mark.parametrize("change", CHANGES)
def test_what_means_the_same_reads_the_same(
    pipeline: Pipeline, meanings: dict[str, object], change: str
) -> None:
    changed = {
        name: other
        for name, text in STORIES.items()
        if name not in BY_RULE and (other := CHANGES[change](text)) != text
    }
    after = map(_meaning, understood(pipeline, *changed.values()))
    differing = {
        name: (meanings[name], other)
        for name, other in zip(changed, after, strict=True)
        if meanings[name] != other
    }
    assert len(differing) <= MOST_CHANGED, differing


def test_the_order_and_company_of_messages_do_not_matter(pipeline: Pipeline) -> None:
    texts = list(STORIES.values())
    alone = {text: understood(pipeline, text)[0] for text in texts}
    random.Random(64).shuffle(texts)  # noqa: S311
    assert [alone[text] for text in texts] == understood(pipeline, *texts)
