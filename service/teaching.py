"""Who may teach which name where: the rules of 「この名前はここ」, in words that say what to do.

A name is searched in every later message of its municipality, so a word that is not the name of one place
is refused; a point beyond the municipality is asked back once, and refused when it cannot be meant.
"""

from functools import cache
from typing import Final

from geo import codes
from geo.names import normal_form
from geo.taught import Unfit, unfit
from nlp import lexicon
from nlp.damage import is_thing
from service import problems
from service.access import Principal
from service.limits import Limiter
from service.store import places
from service.store.database import Connection
from service.store.taught import Lesson

TEACHINGS_PER_MINUTE: Final = 30  # of one person, taking back included: each may move dozens of pins
SMALLEST_RADIUS_M: Final = 10.0
DEFAULT_RADIUS_M: Final = 100.0
LARGEST_RADIUS_M: Final = 3_000.0
BORDER_SLACK_M: Final = 300.0  # our outlines are that coarse (geo/data, 90 % of the border)
FARTHEST_M: Final = 20_000.0  # beyond this it is a slip of the hand, not a place across the border

_LIKE_THIS: Final = "「天神橋」「てんぐ岩」のように、その場所だけを指す名前を入れてください。"
UNFIT_JA: Final = {
    Unfit.EMPTY: "場所の名前を入れてください。",
    Unfit.TOO_LONG: "長すぎます。場所の名前だけを、60文字までで入れてください。",
    Unfit.SENTENCE: "文ではなく、場所の名前だけを入れてください。句読点、括弧、改行は使えません。",
    Unfit.TOO_SHORT: f"1文字では、どの場所か決まりません。{_LIKE_THIS}",
    Unfit.NUMBER: f"数字や記号だけでは、どの場所か決まりません。{_LIKE_THIS}",
    Unfit.KIND_ONLY: f"橋や公民館などの種類だけでは、どの場所か決まりません。{_LIKE_THIS}",
    Unfit.COMMON: f"場所以外の意味でもよく使われる言葉のため、登録できません。{_LIKE_THIS}",
    Unfit.PREFECTURE: f"都道府県や市区町村の名前は登録できません。{_LIKE_THIS}",
}


def admit(limiter: Limiter, person: Principal) -> None:
    """Raise ProblemError `too-many-requests` when `person` has to wait."""
    wait = limiter.take(f"teach:{person.subject}", TEACHINGS_PER_MINUTE)
    if wait is not None:
        raise problems.ProblemError(problems.TOO_MANY_REQUESTS, retry_after_s=wait)


def require_own(person: Principal, municipality: str) -> None:
    """Raise ProblemError `forbidden` when `person` belongs to another municipality (or prefecture)."""
    if is_own(person, municipality):
        return
    raise problems.ProblemError(
        problems.FORBIDDEN, "担当する市区町村の場所だけを登録できます。担当の職員に依頼してください。"
    )


def is_own(person: Principal, municipality: str) -> bool:
    """Whether the municipality is the person's, of their prefecture, or the city of their ward."""
    own = person.jurisdiction
    return own is None or municipality.startswith(own) or own in codes_with(municipality)


def codes_with(municipality: str) -> frozenset[str]:
    """The municipality with its city, or with its wards: whose reports its names are looked for in."""
    first, last = codes.WARD_RANGES.get(municipality, (1, 0))
    wards = {f"{number:05d}" for number in range(first, last + 1)}
    return frozenset({municipality, codes.parent(municipality) or municipality, *wards})


def name_fault(name: str, municipalities: frozenset[str]) -> str | None:
    """What is wrong with a name, in Japanese; `municipalities` are the normal forms of all their names."""
    fault = unfit(name)
    key = normal_form(name)
    if fault is None and key in municipalities:
        fault = Unfit.PREFECTURE
    if fault is None and (key in _not_places() or (is_thing(key) and not key.endswith("地区"))):
        fault = Unfit.COMMON
    return None if fault is None else UNFIT_JA[fault]


def require_inside(conn: Connection, lesson: Lesson, name: str, *, confirmed: bool) -> None:
    """Raise ProblemError unless the point lies in the municipality called `name`, or nearby and `confirmed`.

    `outside-municipality` asks to confirm; `invalid-input` is said of a point that is too far away.
    """
    away = places.metres_outside(conn, codes_with(lesson.municipality), lesson.lat, lesson.lon)
    if away is None or away <= BORDER_SLACK_M:
        return
    if away > FARTHEST_M:
        raise problems.invalid(
            "lat", f"{name}から約{away / 1000:,.0f} km離れています。地図で{name}の中の場所を選んでください。"
        )
    if not confirmed:
        distance = f"約{away / 1000:.1f} km" if away >= 1000 else f"約{round(away, -1):.0f} m"
        raise problems.ProblemError(
            problems.OUTSIDE_MUNICIPALITY,
            f"{name}の境から{distance}外です。場所を確かめてください。"
            "間違いでなければ、確かめたことを示して、もう一度登録してください。",
        )


@cache
def _not_places() -> frozenset[str]:
    return frozenset(normal_form(row["form"]) for row in lexicon.rows("not_places"))
