"""Cleaning and checking of everything that comes in, for all channels alike.

Messages of `FieldError`s are Japanese, say what to write, and never repeat the value.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from geo.codes import CodeError, five_digits
from geo.place import Position
from service.problems import INVALID_INPUT, FieldError, ProblemError

MAX_TEXT_CHARACTERS: Final = 5000  # what LINE allows in one message
MAX_KEY_CHARACTERS: Final = 200
MAX_SENDER_CHARACTERS: Final = 200
MAX_ACCURACY_M: Final = 100_000.0
FUTURE_TOLERANCE: Final = timedelta(minutes=10)  # clocks of phones that run ahead

# 択捉島 to 沖ノ鳥島, 与那国島 to 南鳥島, with a degree or so of sea around them.
SOUTH, NORTH, WEST, EAST = 19.0, 47.0, 121.0, 156.0

# Embeddings, overrides and isolates end at the next line at the latest: a reader closes what is open.
_BIDI_OPENERS: Final = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"}
_BIDI_ISOLATES: Final = {"\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
_LINE_BREAK: Final = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_KEY: Final = re.compile(r"[^\s\x00-\x1f\x7f]+")


def clean_text(text: str) -> str:
    """`text` without what no reader, screen or database should meet.

    Line ends become newlines; NUL and other control characters go; a lone surrogate becomes U+FFFD; tabs
    become spaces; direction overrides are closed at the end of their line, so that they turn nothing
    around them. White space at both ends goes. All else stays as written.
    """
    joined = _LINE_BREAK.sub("\n", text).replace("\t", " ")
    whole = _SURROGATE.sub("\ufffd", joined)
    kept = "".join(c for c in whole if c == "\n" or unicodedata.category(c) != "Cc")
    return "\n".join(_close_directions(line) for line in kept.split("\n")).strip()


def _close_directions(line: str) -> str:
    if not any(c in line for c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"):
        return line
    opened: list[str] = []
    kept: list[str] = []
    for c in line:
        closer = _BIDI_OPENERS.get(c) or _BIDI_ISOLATES.get(c)
        if closer is not None:
            opened.append(closer)
        elif c in "\u202c\u2069":
            if not opened or opened[-1] != c:
                continue  # closes nothing of this line
            opened.pop()
        kept.append(c)
    return "".join(kept) + "".join(reversed(opened))


def text_of(raw: str, field: str, errors: list[FieldError]) -> str:
    """The cleaned text; an error when it is empty or over 5,000 characters."""
    text = clean_text(raw)
    if not text:
        errors.append(FieldError(field, "本文を書いてください。"))
    if len(text) > MAX_TEXT_CHARACTERS:
        errors.append(FieldError(field, f"本文は{MAX_TEXT_CHARACTERS:,}文字までです。分けて送ってください。"))
    return text


def key_of(raw: str, field: str, errors: list[FieldError]) -> str:
    """The sender's own identifier of a message: 1 to 200 characters without spaces."""
    if not _KEY.fullmatch(raw) or len(raw) > MAX_KEY_CHARACTERS or _SURROGATE.search(raw):
        errors.append(
            FieldError(field, f"空白や制御文字のない{MAX_KEY_CHARACTERS}文字以内の識別子を書いてください。")
        )
    return raw


def time_of(raw: datetime | None, now: datetime, field: str, errors: list[FieldError]) -> datetime:
    """When it was posted, `now` when not said; an error for a time without zone or in the future."""
    if raw is None:
        return now
    if raw.tzinfo is None or raw.utcoffset() is None:
        errors.append(FieldError(field, "日時に時差（例 +09:00）を付けてください。"))
        return now
    try:
        ahead = raw - now > FUTURE_TOLERANCE
    except OverflowError:
        ahead = True
    if ahead:
        errors.append(FieldError(field, "未来の日時です。端末の時計を確かめてください。"))
        return now
    if raw.year < 1900:
        errors.append(FieldError(field, "日時の年を確かめてください。"))
        return now
    return raw


def municipality_of(raw: str | None, field: str, errors: list[FieldError]) -> str | None:
    """The 5-digit code of a municipality given with five or six digits; None when not given."""
    if raw is None or not raw.strip():
        return None
    try:
        code = five_digits(raw)
    except CodeError:
        errors.append(
            FieldError(field, "全国地方公共団体コード（5桁、または検査数字を付けた6桁）で書いてください。")
        )
        return None
    if code.endswith("000"):
        errors.append(FieldError(field, "都道府県ではなく、市区町村のコードを書いてください。"))
        return None
    return code


def position_of(
    lat: float | None, lon: float | None, accuracy_m: float | None, errors: list[FieldError]
) -> Position | None:
    """A phone's own position in WGS 84, degrees and metres; None when not given.

    Errors name `lat`, `lon` or `accuracy_m`: one of two missing, out of range, far from Japan.
    """
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        errors.append(FieldError("lat" if lat is None else "lon", "緯度と経度は両方書いてください。"))
        return None
    if in_japan(lat, lon):
        if accuracy_m is not None and not 0 <= accuracy_m <= MAX_ACCURACY_M:
            errors.append(FieldError("accuracy_m", "位置の精度は0から100,000メートルの間で書いてください。"))
            return None
        return Position(lat, lon, accuracy_m)
    if in_japan(lon, lat):
        errors.append(FieldError("lat", "緯度と経度が入れ替わっています。"))
        return None
    if not SOUTH <= lat <= NORTH:
        errors.append(FieldError("lat", "日本とその近海の緯度（19〜47度、世界測地系）で書いてください。"))
    if not WEST <= lon <= EAST:
        errors.append(FieldError("lon", "日本とその近海の経度（121〜156度、世界測地系）で書いてください。"))
    return None


def in_japan(lat: float, lon: float) -> bool:
    """True in or near Japan, by a rectangle; False for NaN."""
    return SOUTH <= lat <= NORTH and WEST <= lon <= EAST


def opaque_sender(secret: bytes, channel: str, sender: str) -> str:
    """A sender's identifier that is stable within the channel and leads back to nobody: HMAC-SHA256."""
    named = f"sender:{channel}:{sender}".encode("utf-8", "surrogatepass")
    return hmac.new(secret, named, hashlib.sha256).hexdigest()


def raise_if_any(errors: Sequence[FieldError]) -> None:
    """Raise ProblemError `invalid-input` naming every wrong field."""
    if errors:
        raise ProblemError(INVALID_INPUT, errors=errors)
