"""A pattern tried only where it may begin finds exactly what `re` finds."""

import re
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import lexicon, places
from nlp.matching import Forms, search
from nlp.prefixes import contained, prefixes

ALPHABET = "あい水1"
LITERALS = st.text(ALPHABET, min_size=1, max_size=3)
LEAVES = st.one_of(
    LITERALS,
    st.sampled_from(
        ["[あい]", "[^あ]", "[あ-う水]", ".", r"\d", r"\w", "^", "$", r"\b", "(?=水)", "(?<!あ)", "(?<=い)"]
    ),
)


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map("|".join).map("(?:{})".format),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{0,2}", "{2}", "*?", "??", "?+"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
        inner.map("({})".format),
        inner.map("(?>{})".format),
        inner.map("(?!{})".format),
    )


PATTERNS = st.recursive(LEAVES, _combined, max_leaves=8)
TEXTS = st.text(ALPHABET + "x。", max_size=12)


@settings(max_examples=400, deadline=None)
@given(st.lists(PATTERNS, min_size=1, max_size=4), TEXTS, st.integers(0, 12), st.integers(0, 12))
def test_every_match_of_any_pattern_is_found(sources: list[str], text: str, start: int, end: int) -> None:
    patterns = [re.compile(source) for source in sources]
    forms = Forms(enumerate(patterns))
    assert _spans(forms, text) == [
        (number, match.span()) for number, pattern in enumerate(patterns) for match in pattern.finditer(text)
    ]
    assert list(forms.present(text)) == [n for n, pattern in enumerate(patterns) if pattern.search(text)]
    begins = forms.starts(text)
    for number, pattern in enumerate(patterns):
        plain = pattern.search(text, start, end)
        found = search(pattern, text, begins[number], start, end) if number in begins else None
        assert (found and found.span()) == (plain and plain.span())


def _spans(forms: Forms[int], text: str) -> list[tuple[int, tuple[int, int]]]:
    return [(number, match.span()) for number, match in forms.finditer(text)]


LISTS = tuple(
    re.compile(row[column])
    for path in sorted(resources.files("nlp.lexicon").iterdir(), key=lambda path: path.name)
    if path.name.endswith(".tsv") and not path.name.startswith("not_")
    for row in lexicon.rows(path.name.removesuffix(".tsv"))
    for column in ("form", "unless")
    if row.get(column)
) + tuple(value for value in vars(places).values() if isinstance(value, re.Pattern))
KNOWN = Forms(enumerate(LISTS))
WORDS = sorted({word for pattern in LISTS for word in re.findall(r"[ぁ-んァ-ヶ一-龥]{1,4}", pattern.pattern)})


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS) | st.text("、。がのはでた1２ \n", max_size=2), max_size=25).map("".join)
)
def test_the_word_lists_find_in_any_glued_words_what_re_finds(text: str) -> None:
    assert _spans(KNOWN, text) == [
        (number, match.span()) for number, pattern in enumerate(LISTS) for match in pattern.finditer(text)
    ]


@pytest.mark.parametrize(
    ("source", "beginnings"),
    [
        ("土砂崩れ|落石", {"土砂崩れ", "落石"}),
        ("[がは]?通り", {"が通り", "は通り", "通り"}),
        ("(?<!鉄)道(?!具)|県道", {"道", "県道"}),
        ("(?:は|も)*なし", {"は", "も", "なし"}),
        ("水|水位", {"水"}),
        ("(?:昭和|平成)[0-9]{2}年", {"昭和", "平成"}),
    ],
)
def test_beginnings_are_read_from_a_pattern(source: str, beginnings: set[str]) -> None:
    found = prefixes(re.compile(source))
    assert found is not None
    assert all(any(literal.startswith(short) for short in beginnings) for literal in found)
    assert all(any(literal.startswith(short) for literal in found) for short in beginnings)


def test_a_pattern_without_beginnings_is_known_by_what_it_holds() -> None:
    pattern = re.compile("[一-龥]{2,8}(?:街道|バイパス)|[^あ]駅")
    assert prefixes(pattern) is None
    assert contained(pattern) == frozenset({"街道", "バイパス", "駅"})
    assert prefixes(re.compile("(?i)ic")) is None
    assert prefixes(re.compile("(?:水)?")) is None
