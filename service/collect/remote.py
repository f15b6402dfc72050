"""A sink that sends replayed messages to another installation: `POST /reports` with an API key."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import urllib3

from service.collect.file import Stored
from service.report import Message

TIMEOUT: Final = urllib3.Timeout(connect=5.0, read=30.0)
TRIES: Final = 6
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 60.0


class RemoteError(RuntimeError):
    """The other side does not take reports at all (away, wrong key); the message is Japanese."""


class RemoteSink:
    """Sends messages one by one over a kept connection; the same key again is no second report there."""

    def __init__(self, url: str, key: str, sleep: Callable[[float], None] = time.sleep) -> None:
        """`url` is the installation's address, `key` an API key with reports:write."""
        self._url = url.rstrip("/") + "/reports"
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._pool = urllib3.PoolManager(timeout=TIMEOUT, retries=False)
        self._sleep = sleep

    def __call__(self, messages: Sequence[Message]) -> list[Stored]:
        """Send all; raises RemoteError when trying again is of no use."""
        return [self._send(message) for message in messages]

    def close(self) -> None:
        """Close the connection."""
        self._pool.clear()

    def _send(self, message: Message) -> Stored:
        body = json.dumps(_body(message), ensure_ascii=False).encode()
        pause = FIRST_PAUSE_S
        for _ in range(TRIES):
            try:
                answer = self._pool.request(
                    "POST", self._url, body=body, headers=self._headers, redirect=False
                )
            except urllib3.exceptions.HTTPError:
                asked = None
            else:
                if answer.status == 202:
                    return Stored(created=True)
                if answer.status in {400, 413, 422}:
                    return Stored(created=False, refusal=_reason(answer.data))
                if answer.status != 429 and answer.status < 500:
                    raise RemoteError(
                        f"送り先が受け付けません（HTTP {answer.status}）。URLとキーを確かめてください。"
                    )
                asked = _seconds(answer.headers.get("Retry-After"))
            self._sleep(min(LONGEST_PAUSE_S, asked if asked is not None else pause))
            pause *= 2
        raise RemoteError("送り先に届きません。しばらく待ってから、同じ命令をもう一度実行してください。")


def _body(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {
        "key": message.key,
        "text": message.text,
        "posted_at": message.posted_at.isoformat(),
        "drill": message.drill,
    }
    if message.sender_municipality is not None:
        body["sender_municipality"] = message.sender_municipality
    if message.position is not None:
        body |= {"lat": message.position.lat, "lon": message.position.lon}
        if message.position.accuracy_m is not None:
            body["accuracy_m"] = message.position.accuracy_m
    return body


def _reason(data: bytes) -> str:
    try:
        problem = json.loads(data)
        said = [f"{error['field']}: {error['message']}" for error in problem.get("errors", ())]
        return " ".join(said) or str(problem["title"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "送り先が受け付けませんでした。"


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isdecimal() else None
