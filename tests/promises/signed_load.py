"""Signed LINE deliveries sent at a fixed rate; an answer that is late does not make the next one late."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from tests.service.api.line_events import body_of, signature, text_event

CONNECTIONS = 64


@dataclass(slots=True)
class Answers:
    """Status codes, and seconds from the moment a delivery was due to its acknowledgement."""

    codes: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def p99(self) -> float:
        return quantiles(self.seconds, n=100)[98]


def signed(texts: Sequence[str], first: int = 0, user: str = "U" + "1" * 32) -> list[bytes]:
    """One delivery with one event each, as HTTP requests."""
    return [_request(body_of(_said(first + n, words, user))) for n, words in enumerate(texts)]


def _said(number: int, words: str, user: str) -> dict[str, object]:
    return text_event(number, words, source={"type": "user", "userId": user})


def _request(body: bytes) -> bytes:
    head = (
        "POST /hooks/line HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"x-line-signature: {signature(body)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def send_at(port: int, requests: Sequence[bytes], per_second: float) -> Answers:
    """Send each at its time over up to CONNECTIONS kept connections."""
    answers = Answers()
    began = time.perf_counter() + 0.1
    queue: Iterator[tuple[int, bytes]] = enumerate(requests)
    await asyncio.gather(*(_sender(port, queue, began, per_second, answers) for _ in range(CONNECTIONS)))
    return answers


async def _sender(
    port: int, queue: Iterator[tuple[int, bytes]], began: float, per_second: float, answers: Answers
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number, request in queue:
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        await reader.readexactly(length)
        answers.seconds.append(time.perf_counter() - due)
        answers.codes[int(head[9:12])] += 1
    writer.close()
