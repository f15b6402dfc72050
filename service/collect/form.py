"""Reports of the phone form: text, the phone's own position, a photo."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from service.collect import clean, photo
from service.problems import FieldError
from service.report import Message

CHANNEL: Final = "form"


@dataclass(frozen=True, slots=True)
class Submission:
    """The form's fields as they came, empty text for what was left out; `photo` as the phone sent it."""

    text: str
    key: str
    posted_at: str = ""
    municipality: str = ""
    lat: str = ""
    lon: str = ""
    accuracy: str = ""
    photo: bytes = b""
    drill: bool = False


def message_of(submission: Submission, *, now: datetime) -> Message:
    """The submission as a message. Raises ProblemError `invalid-input` naming each wrong field.

    `key` is a UUID that the phone made, so that sending again after a lost answer is not a second report.
    A wrong clock must not cost a report: a time that cannot be used is replaced by `now`.
    """
    errors: list[FieldError] = []
    key = _key(submission.key, errors)
    text = clean.text_of(submission.text, "text", errors)
    lat = _number(submission.lat, "lat", errors)
    lon = _number(submission.lon, "lon", errors)
    accuracy = _number(submission.accuracy, "accuracy", errors)
    position = None if errors else clean.position_of(lat, lon, accuracy, errors)
    municipality = clean.municipality_of(submission.municipality, "municipality", errors)
    clean.raise_if_any(errors)
    picture = None
    if submission.photo:
        try:
            picture = photo.reencode(submission.photo)
        except photo.PhotoError as failure:
            clean.raise_if_any([FieldError("photo", str(failure))])
    return Message(
        channel=CHANNEL,
        key=key,
        text=text,
        posted_at=_time(submission.posted_at, now),
        sender_municipality=municipality,
        position=position,
        photo=picture,
        drill=submission.drill,
    )


def _key(raw: str, errors: list[FieldError]) -> str:
    try:
        return str(UUID(raw.strip()))
    except ValueError:
        errors.append(FieldError("key", "UUIDで書いてください。"))
        return ""


def _number(raw: str, field: str, errors: list[FieldError]) -> float | None:
    if not raw.strip():
        return None
    try:
        value = float(raw)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        errors.append(FieldError(field, "数値で書いてください。"))
        return None
    return value


def _time(raw: str, now: datetime) -> datetime:
    try:
        said = datetime.fromisoformat(raw.strip())
    except ValueError:
        return now
    unusable: list[FieldError] = []
    return clean.time_of(said, now, "posted_at", unusable)
