"""全国地方公共団体コード: text, never numbers, because the zero of 北海道 to 栃木県 leads.

The 5-digit form (JIS X 0401 prefecture, JIS X 0402 municipality) is the one used inside; official
files print a sixth, the check digit. Tables here: 総務省「全国地方公共団体コード」(as of 2024-01-01).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_PREFECTURE_NAMES: Final = (
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 "
    "新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 "
    "奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 "
    "熊本県 大分県 宮崎県 鹿児島県 沖縄県"
)
PREFECTURES: Final = tuple(_PREFECTURE_NAMES.split())

# Designated city -> the first and the last code its wards may have (abolished wards included).
WARD_RANGES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "01100": (1101, 1110),  # 札幌市
        "04100": (4101, 4105),  # 仙台市
        "11100": (11101, 11110),  # さいたま市
        "12100": (12101, 12106),  # 千葉市
        "14100": (14101, 14118),  # 横浜市
        "14130": (14131, 14137),  # 川崎市
        "14150": (14151, 14153),  # 相模原市
        "15100": (15101, 15108),  # 新潟市
        "22100": (22101, 22103),  # 静岡市
        "22130": (22131, 22140),  # 浜松市
        "23100": (23101, 23116),  # 名古屋市
        "26100": (26101, 26111),  # 京都市
        "27100": (27101, 27128),  # 大阪市
        "27140": (27141, 27147),  # 堺市
        "28100": (28101, 28111),  # 神戸市
        "33100": (33101, 33104),  # 岡山市
        "34100": (34101, 34108),  # 広島市
        "40100": (40101, 40109),  # 北九州市
        "40130": (40131, 40137),  # 福岡市
        "43100": (43101, 43105),  # 熊本市
    }
)

# Codes replaced without a change of ground, or split; the first successor holds most of the people.
REPLACED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "22131": ("22138",),  # 浜松市中区 -> 中央区 (2024-01-01)
        "22132": ("22138",),  # 東区 -> 中央区
        "22133": ("22138",),  # 西区 -> 中央区
        "22134": ("22138",),  # 南区 -> 中央区
        "22135": ("22139", "22138"),  # 北区 -> 浜名区; 三方原地区 alone -> 中央区
        "22136": ("22139",),  # 浜北区 -> 浜名区
        "22137": ("22140",),  # 天竜区 -> 天竜区 with a new code
        "03305": ("03216",),  # 滝沢村 -> 滝沢市 (2014-01-01)
        "04423": ("04216",),  # 富谷町 -> 富谷市 (2016-10-10)
        "11446": ("11246",),  # 白岡町 -> 白岡市 (2012-10-01)
        "12402": ("12239",),  # 大網白里町 -> 大網白里市 (2013-01-01)
        "17344": ("17212",),  # 野々市町 -> 野々市市 (2011-11-11)
        "23304": ("23238",),  # 長久手町 -> 長久手市 (2012-01-04)
        "40305": ("40231",),  # 那珂川町 -> 那珂川市 (2018-10-01)
    }
)


class CodeError(ValueError):
    """The text is no 全国地方公共団体コード."""


def check_digit(code: str) -> str:
    """The sixth digit for the 5-digit `code`: weights 6 5 4 3 2, modulus 11, last digit of the rest.

    Raises CodeError when `code` is not five ASCII digits.
    """
    if len(code) != 5 or not (code.isascii() and code.isdigit()):
        raise CodeError(f"five digits expected, got {code!r}")
    total = sum(int(digit) * weight for digit, weight in zip(code, (6, 5, 4, 3, 2), strict=True))
    return str((11 - total % 11) % 10)


def six_digits(code: str) -> str:
    """`code` as official files print it, with its check digit."""
    five = five_digits(code)
    return five + check_digit(five)


def five_digits(code: str) -> str:
    """The 5-digit text of a code of five or six digits; the sixth is verified.

    Codes that lost a leading zero in a spreadsheet are not repaired here, because five digits may be
    either; see `with_leading_zero`. Raises CodeError.
    """
    text = code.strip()
    if len(text) == 6 and text.isascii() and text.isdigit():
        if check_digit(text[:5]) != text[5]:
            raise CodeError(f"check digit of {text!r} should be {check_digit(text[:5])}")
        text = text[:5]
    if len(text) != 5 or not (text.isascii() and text.isdigit()):
        raise CodeError(f"five or six digits expected, got {code!r}")
    if not 1 <= int(text[:2]) <= len(PREFECTURES):
        raise CodeError(f"no prefecture has the code {text[:2]} of {code!r}")
    return text


def with_leading_zero(number: int | str, *, has_check_digit: bool) -> str:
    """The 5-digit text of a code that a spreadsheet turned into a number (1101 or 11011 for 札幌市中央区).

    Only whoever knows the column can say whether it `has_check_digit`. Raises CodeError.
    """
    return five_digits(str(number).strip().zfill(6 if has_check_digit else 5))


def prefecture_of(code: str) -> str:
    """The 2-digit prefecture code of a municipality code, or of a prefecture code itself."""
    return code[:2] if len(code) == 2 else five_digits(code)[:2]


def prefecture_name(code: str) -> str:
    """「広島県」 for 34 or any code in it. Raises CodeError for an unknown prefecture."""
    number = int(prefecture_of(code))
    if not 1 <= number <= len(PREFECTURES):
        raise CodeError(f"no prefecture has the code {code!r}")
    return PREFECTURES[number - 1]


def with_wards(municipality: str) -> frozenset[str]:
    """The municipality, with its wards where it is a designated city."""
    first, last = WARD_RANGES.get(municipality, (1, 0))
    return frozenset({municipality, *(f"{number:05d}" for number in range(first, last + 1))})


def parent(code: str) -> str | None:
    """The designated city of a ward (26108 -> 26100), None for all else (特別区 stand alone)."""
    number = int(five_digits(code))
    for city, (first, last) in WARD_RANGES.items():
        if first <= number <= last:
            return city
    return None


def is_designated_city(code: str) -> bool:
    """True for a city that is divided into wards, whose towns carry the ward's code."""
    return five_digits(code) in WARD_RANGES


def same_city(one: str, other: str) -> bool:
    """True when both are the same municipality, or wards of the same designated city, or city and ward."""
    return (parent(one) or one) == (parent(other) or other)


def successors(code: str, mergers: Mapping[str, str] = MappingProxyType({})) -> tuple[str, ...]:
    """Today's codes for `code`, the chief one first; `(code,)` when nothing replaced it.

    `mergers` adds the table of merged municipalities that the gazetteer keeps (code -> successor).
    Chains are followed to their end.
    """
    seen: list[str] = []
    pending = [five_digits(code)]
    ends: list[str] = []
    while pending:
        now = pending.pop(0)
        if now in seen:
            continue
        seen.append(now)
        following = REPLACED.get(now) or ((mergers[now],) if mergers.get(now, now) != now else ())
        if following:
            pending.extend(following)
        elif now not in ends:
            ends.append(now)
    return tuple(ends)
