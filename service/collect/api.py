"""Reports of other systems: JSON with an API key (`POST /reports`)."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat

from service.collect import clean
from service.problems import FieldError
from service.report import Message

CHANNEL: Final = "api"


def _without_surrogates(value: object) -> object:
    """JSON may carry lone surrogates (`"\\ud800"`), which pydantic would refuse whole."""
    return clean.clean_text(value) if isinstance(value, str) else value


class ReportIn(BaseModel):
    """One report as a system sends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[
        str, Field(description="送信側で一意な識別子。同じkeyをもう一度送っても二重になりません。")
    ]
    text: Annotated[
        str, BeforeValidator(_without_surrogates), Field(description="通報の本文（5,000文字まで）。")
    ]
    posted_at: Annotated[
        AwareDatetime | None, Field(description="投稿の日時。時差付きのISO 8601。無いときは受信の時刻。")
    ] = None
    sender: Annotated[
        str | None, Field(description="送信者の識別子。ハッシュ（HMAC-SHA256）だけを保存します。")
    ] = None
    sender_municipality: Annotated[
        str | None, Field(description="送信者の市区町村（全国地方公共団体コード5桁または6桁）。")
    ] = None
    lat: Annotated[FiniteFloat | None, Field(description="端末の緯度（世界測地系）。")] = None
    lon: Annotated[FiniteFloat | None, Field(description="端末の経度（世界測地系）。")] = None
    accuracy_m: Annotated[FiniteFloat | None, Field(description="位置の精度（メートル）。")] = None
    drill: Annotated[bool, Field(description="訓練の通報。")] = False


def message_of(
    report: ReportIn, *, subject: str, municipality: str | None, secret: bytes, now: datetime
) -> Message:
    """The report as a message.

    `subject` is the API key's opaque identifier: it keeps the `key`s of two systems apart. `municipality`
    is the key's own, used when the report names none. Raises ProblemError `invalid-input`.
    """
    errors: list[FieldError] = []
    key = clean.key_of(report.key, "key", errors)
    text = clean.text_of(report.text, "text", errors)
    posted_at = clean.time_of(report.posted_at, now, "posted_at", errors)
    said = clean.municipality_of(report.sender_municipality, "sender_municipality", errors)
    position = clean.position_of(report.lat, report.lon, report.accuracy_m, errors)
    if report.sender is not None and len(report.sender) > clean.MAX_SENDER_CHARACTERS:
        errors.append(FieldError("sender", f"{clean.MAX_SENDER_CHARACTERS}文字以内で書いてください。"))
    clean.raise_if_any(errors)
    return Message(
        channel=CHANNEL,
        key=f"{subject}:{key}",
        text=text,
        posted_at=posted_at,
        sender=clean.opaque_sender(secret, f"{CHANNEL}:{subject}", report.sender) if report.sender else None,
        sender_municipality=said or municipality,
        position=position,
        drill=report.drill,
    )
