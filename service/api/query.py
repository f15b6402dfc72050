"""The query of the items resource: OGC API – Features parameters and our property filters."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID

from starlette.datastructures import QueryParams

from nlp.reading import DamageType, Status
from service.problems import INVALID_INPUT, FieldError, ProblemError
from service.publish.geojson import JST
from service.report import Verification
from service.store.incidents import IncidentQuery

DEFAULT_LIMIT: Final = 1000
MAX_LIMIT: Final = 10_000
MAX_CODES: Final = 2_000  # there are 1,900 municipalities and wards
OPEN: Final = frozenset({"", ".."})

CODE: Final = re.compile(r"\d{2}(\d{3})?", re.ASCII)
RFC_3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d([Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d))?", re.ASCII
)
PLUS_LOST: Final = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:\d\d)$")
HOW_TIMES_ARE_WRITTEN: Final = (
    "日時はRFC 3339（例 2026-07-29T10:30:00+09:00）で、時差を付けて書いてください。"
)

T = TypeVar("T")


class BadValueError(ValueError):
    """A parameter's value does not fit; the text says in Japanese how it is written."""


class Reading:
    """Reads parameters one by one and remembers everything that is wrong with them."""

    def __init__(self, params: QueryParams) -> None:
        self._params = params
        self._read: set[str] = set()
        self._errors: list[FieldError] = []

    def value(self, name: str, parser: Callable[[str], T]) -> T | None:
        """The parsed parameter, None when it is not given or wrong."""
        self._read.add(name)
        given = self._params.getlist(name)
        if len(given) > 1:
            self._errors.append(FieldError(name, "一度だけ書いてください。複数の値はコンマで区切ります。"))
        elif given:
            try:
                return parser(given[0])
            except BadValueError as error:
                self._errors.append(FieldError(name, str(error)))
        return None

    def finish(self) -> None:
        """Raise ProblemError when anything was wrong or a parameter was never asked for."""
        unknown = sorted(set(self._params) - self._read)
        self._errors.extend(FieldError(name[:64], "このパラメーターはありません。") for name in unknown)
        if self._errors:
            raise ProblemError(INVALID_INPUT, errors=self._errors)


def parse(params: QueryParams) -> IncidentQuery:
    """The query that `params` asks for.

    `bbox` is lon, lat order in CRS84. Raises ProblemError `invalid-input` naming every parameter that is
    unknown (OGC API – Features, /req/core/query-param-unknown), doubled or wrong.
    """
    reading = Reading(params)
    since, until = reading.value("datetime", interval) or (None, None)
    query = IncidentQuery(
        bbox=reading.value("bbox", bbox),
        after=reading.value("after", cursor),
        limit=reading.value("limit", limit) or DEFAULT_LIMIT,
        types=reading.value("type", codes_of(DamageType)),
        statuses=reading.value("status", codes_of(Status)),
        municipalities=reading.value("municipality", municipality_codes),
        verifications=reading.value("verification", codes_of(Verification)),
        drill=reading.value("drill", truth),
        since=since,
        until=until,
    )
    reading.value("f", output_format)
    reading.finish()
    return query


def format_only(params: QueryParams) -> None:
    """Raise ProblemError unless `params` are empty or just `f`."""
    reading = Reading(params)
    reading.value("f", output_format)
    reading.finish()


def without(params: QueryParams, *names: str) -> dict[str, str]:
    """The parameters of a page's address but those in `names`, in a fixed order."""
    return {name: params[name] for name in sorted(set(params)) if name not in names}


def bbox(text: str) -> tuple[float, float, float, float]:
    """`west,south,east,north` or with heights between (which are ignored); degrees, CRS84.

    West greater than east is a box across 180° (RFC 7946, section 5.2).
    """
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError as error:
        raise BadValueError("西,南,東,北の順に、度の数値をコンマで区切って書いてください。") from error
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != 4:
        raise BadValueError("数値を4つ（高さを含むときは6つ）書いてください。")
    west, south, east, north = numbers
    # A comparison with NaN is false, so this refuses NaN, too.
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 and -90 <= north <= 90):
        raise BadValueError("経度は-180から180、緯度は-90から90の範囲で書いてください。")
    if south > north:
        raise BadValueError("南の緯度を北の緯度以下にしてください。")
    return west, south, east, north


def interval(text: str) -> tuple[datetime | None, datetime | None]:
    """An RFC 3339 instant, `start/end`, `../end` or `start/..`; a bare date means that day in Japan."""
    ends = text.split("/")
    if len(ends) == 1:
        return instant(text), instant(text, at_end=True)
    if len(ends) != 2 or (ends[0] in OPEN and ends[1] in OPEN):
        raise BadValueError("「開始/終了」の形で書いてください。片方は「..」にできます。")
    start = None if ends[0] in OPEN else instant(ends[0])
    end = None if ends[1] in OPEN else instant(ends[1], at_end=True)
    if start is not None and end is not None and start > end:
        raise BadValueError("開始を終了以前にしてください。")
    return start, end


def instant(text: str, *, at_end: bool = False) -> datetime:
    """An RFC 3339 time, or a date: its first (with `at_end` last) moment in Japan."""
    # In an address, `+` stands for a space: take 「10:30:00 09:00」 for the offset that was meant.
    text = PLUS_LOST.sub(r"\1+\2", text)
    if not RFC_3339.fullmatch(text):
        raise BadValueError(HOW_TIMES_ARE_WRITTEN)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = datetime.combine(moment, time.max if at_end else time.min, JST)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadValueError(HOW_TIMES_ARE_WRITTEN) from error


def limit(text: str) -> int:
    """A count from 1; more than the largest page asks for the largest page."""
    if not text.isascii() or not text.isdecimal() or int(text[:9]) < 1:
        raise BadValueError("1以上の整数で書いてください。")
    return min(int(text[:9]), MAX_LIMIT)


def truth(text: str) -> bool:
    """`true` or `false`."""
    if text not in {"true", "false"}:
        raise BadValueError("trueまたはfalseで書いてください。")
    return text == "true"


def number_within(least: float, most: float) -> Callable[[str], float]:
    """A parser of numbers from `least` to `most`."""

    def parse_number(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not least <= number <= most:
            raise BadValueError(f"{least:g}から{most:g}までの数値で書いてください。")
        return number

    return parse_number


def one_of(*words: str) -> Callable[[str], str]:
    """A parser of exactly one of `words`."""

    def parse_word(text: str) -> str:
        if text not in words:
            raise BadValueError(f"{'、'.join(words)}のどれかで書いてください。")
        return text

    return parse_word


def codes_of(kinds: type[StrEnum]) -> Callable[[str], frozenset[str]]:
    """A parser of comma lists of the codes of `kinds`."""
    return codes_among([kind.value for kind in kinds])


def codes_among(codes: Iterable[str]) -> Callable[[str], frozenset[str]]:
    """A parser of comma lists of some of `codes`."""
    known = frozenset(codes)

    def parse_codes(text: str) -> frozenset[str]:
        codes = frozenset(text.split(","))
        if not codes <= known:
            raise BadValueError("次のどれかをコンマで区切って書いてください: " + ", ".join(sorted(known)))
        return codes

    return parse_codes


def municipality_codes(text: str) -> frozenset[str]:
    """5-digit municipality codes, or 2-digit ones for whole prefectures."""
    codes = text.split(",")
    if len(codes) > MAX_CODES or not all(CODE.fullmatch(code) for code in codes):
        raise BadValueError("5桁の全国地方公共団体コード（都道府県は2桁）をコンマで区切って書いてください。")
    return frozenset(codes)


def cursor(text: str) -> str:
    """A page cursor as an earlier page gave it."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise BadValueError("前のページのnextリンクにある値をそのまま使ってください。") from error


def output_format(text: str) -> str:
    """`json` or `geojson`: the only ones."""
    if text not in {"json", "geojson"}:
        raise BadValueError("jsonまたはgeojsonを書いてください。")
    return text
