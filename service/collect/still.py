"""「まだ続いていますか」 in words: the question, its buttons, and what a press of them carries back to us."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final
from uuid import UUID

JST: Final = timezone(timedelta(hours=9), "JST")
# Code of the answer → what the button says and what then stands in the chat.
ANSWERS: Final = {"present": "まだ続いている", "resolved": "おさまった", "unknown": "わからない"}
THANKS: Final = {
    "present": "ありがとうございます。まだ続いていることを本部に伝えました。安全な場所にいてください。",
    "resolved": "ありがとうございます。おさまったことを本部に伝えました。変わったら文字で送ってください。",
    "unknown": "ありがとうございます。確かめに行く必要はありません。安全な場所にいてください。",
}
OVER: Final = "この問い合わせは終わりました。様子が変わったら、「どこで・何が」を文字で送ってください。"
_DATA: Final = re.compile(r"still/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(present|resolved|unknown)")


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of one of our questions."""

    question: UUID
    answer: str


def data_of(question: UUID, answer: str) -> str:
    """What a button carries back to us."""
    return f"still/{question}/{answer}"


def pressed(data: str) -> Pressed | None:
    """The button that `data` is of; None for buttons that are not ours."""
    found = _DATA.fullmatch(data)
    return None if found is None else Pressed(UUID(found[1]), found[2])


def question_text(type_ja: str, place_text: str, said_at: datetime, *, drill: bool) -> str:
    """The question to one reporter about what that person reported, in that person's words of the place."""
    at = f"{said_at.astimezone(JST):%H:%M}"
    where = f"「{place_text}」の" if place_text else ""
    return (
        f"{'【訓練】' if drill else ''}災害対策本部からお尋ねします。{at}に知らせていただいた{where}"
        f"{type_ja}は、まだ続いていますか。下のボタンで答えてください。危険な場所には近づかないでください。"
    )
