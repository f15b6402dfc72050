"""The named scores by which candidates are compared: one table, each with its ceiling and its words.

A candidate's score is the plain sum, so a ceiling is also the most that one voice can decide. The order
of weight follows what was measured on field messages: municipality named in the text, then the sender's
municipality, then how the name fits, then the other places of the message and the phone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Weight:
    """The most that one score can add, and what it means in plain Japanese (`{name}` is the name said)."""

    ceiling: float
    words: str


WEIGHTS: Mapping[str, Weight] = MappingProxyType(
    {
        # More than all that another place of the name can have before it: the officer's word decides.
        "taught_here": Weight(1.00, "本部が教えた場所"),
        "municipality_named": Weight(0.40, "本文に市区町村名がある"),
        "prefecture_named": Weight(0.15, "本文に都道府県名がある"),
        "sender_municipality": Weight(0.30, "送信者の管轄と一致"),
        "sender_city": Weight(0.20, "送信者と同じ市の別の区"),
        "named_before": Weight(0.38, "本文の別の場所で挙がった市区町村と一致"),
        "exact_name": Weight(0.30, "『{name}』は地名表の名と一致"),
        "suffix_name": Weight(0.26, "『{name}』は町・大字などを補うと地名表の名と一致"),
        "former_name": Weight(0.24, "『{name}』は合併前の町村などの区域名と一致"),
        "reading_fits": Weight(0.22, "『{name}』は地名表の読みと一致"),
        "tail_name": Weight(0.20, "『{name}』は区域名に続く地名と一致"),
        "family_name": Weight(0.14, "『{name}』は上・下・東・西などの付く地名の一群と一致"),
        "prefix_only": Weight(0.12, "『{name}』で始まる地名の一群と一致"),
        "hall_named": Weight(0.12, "『{name}』の名の付く公民館・集会所・小学校などの周り"),
        "name_part": Weight(0.10, "『{name}』の名の一部が地名と一致"),
        "parts_inside": Weight(0.20, "続けて述べられた地名もこの中にある"),
        "number_found": Weight(0.20, "その番・号が住居表示の台帳にある"),
        "kind_fits": Weight(0.10, "種別が合う"),
        "namesake_city": Weight(0.12, "同じ名の市町村にある"),
        "only_one": Weight(0.15, "全国でこの名は一か所だけ"),
        "near_sender": Weight(0.07, "送信者の管轄の近く"),
        "near_other_places": Weight(0.15, "同じ通報の他の場所の近く"),
        "near_phone": Weight(0.20, "送信者の端末の位置に近い"),
    }
)

# Two candidates closer than this in score are not told apart by any voice: one named voice (the weakest
# place voice is 0.10) must speak for the better one.
DECISION_MARGIN = 0.05
# Where no candidate is good enough: a town's own name (0.30) and a former village's (0.24) are both a choice.
WEAK_MARGIN = 0.08
# Below this only a name without any anchor fits (exact_name alone is 0.30): refuse rather than guess.
ACCEPT = 0.38


def scored(name: str, share: float = 1.0) -> float:
    """The share (0 to 1) of a score's ceiling."""
    return round(WEIGHTS[name].ceiling * min(1.0, max(0.0, share)), 3)


def explained(scores: Mapping[str, float], said: str, place_name: str) -> str:
    """Why a candidate scores as it does, strongest voice first, as one Japanese clause."""
    voices = sorted(scores, key=lambda voice: -scores[voice])
    words = "、".join(WEIGHTS[voice].words.format(name=said) for voice in voices if scores[voice] > 0)
    return f"{place_name}：{words}" if words else place_name
