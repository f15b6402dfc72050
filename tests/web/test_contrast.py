"""The colours of day and night against each other, by the formula of WCAG 2.1 (1.4.3 and 1.4.11)."""

import re

import pytest

from web.assets import STATIC

TOKENS = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
TEXT, MARK = 4.5, 3.0

GROUPS = ("people", "water", "ground", "fire", "building", "road", "lifeline", "other", "over")
# Foreground, the backgrounds it is written on, and the ratio asked of it.
PAIRS = (
    ("text", ("bg", "bg-soft", "bg-raised", "accent-soft", "danger-soft"), TEXT),
    ("text-soft", ("bg", "bg-soft", "bg-raised", "accent-soft"), TEXT),
    ("accent", ("bg", "bg-soft", "bg-raised", "accent-soft", "danger-soft"), TEXT),
    ("danger", ("bg", "bg-soft", "bg-raised", "accent-soft"), TEXT),
    ("ok", ("bg", "bg-soft", "bg-raised", "accent-soft"), TEXT),
    ("on-accent", ("accent",), TEXT),
    ("on-danger", ("danger",), TEXT),
    ("drill-text", ("drill-bg",), TEXT),
    ("mark-text", ("mark",), TEXT),
    ("map-label", ("map-land", "map-sea", "map-halo"), TEXT),
    ("line-strong", ("bg", "bg-soft", "bg-raised"), MARK),
    ("focus", ("bg", "bg-soft", "bg-raised", "map-land", "map-sea"), MARK),
    *((f"group-{group}", ("face", "bg", "map-land", "map-sea"), MARK) for group in GROUPS),
)


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


DAY = tokens(TOKENS.split("@media (prefers-color-scheme: dark)")[0])
NIGHT = tokens(TOKENS.split("@media (prefers-color-scheme: dark)")[1].split(':root[data-theme="night"]')[0])


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [DAY, NIGHT], ids=["day", "night"])
def test_every_pair_can_be_told_apart(theme: dict[str, str]) -> None:
    faint = [
        (ink, paper, round(contrast(theme[ink], theme[paper]), 2))
        for ink, papers, least in PAIRS
        for paper in papers
        if contrast(theme[ink], theme[paper]) < least
    ]
    assert faint == []


def test_no_colour_is_left_out() -> None:
    """A new token has to be put into a pair; lines that only decorate and halos need none."""
    paired = {name for ink, papers, _ in PAIRS for name in (ink, *papers)}
    assert set(DAY) - paired == {"line", "map-border", "focus-halo"}


def test_night_is_one_theme_however_it_is_chosen() -> None:
    chosen = tokens(TOKENS.split(':root[data-theme="night"]')[1].split("}")[0])
    assert chosen == NIGHT
    assert set(NIGHT) == set(DAY)


def test_the_formula() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
