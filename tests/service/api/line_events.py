"""LINE webhook payloads in the shapes of the Messaging API reference, and their signatures."""

import base64
import hashlib
import hmac
import json
from typing import Any

CHANNEL_SECRET = "0123456789abcdef0123456789abcdef"
USER = "U" + "4af4980629" * 3 + "ab"


def text_event(number: int, text: str, **more: Any) -> dict[str, Any]:
    return event(
        number, "message", message=message(number, "text", text=text, quoteToken="q3Plxr4AgKd"), **more
    )


def message(number: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": f"{444573844083572737 + number}", "type": kind, **more}


def event(number: int, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "mode": "active",
        "timestamp": 1_785_290_000_000 + number,
        "source": {"type": "user", "userId": USER},
        "webhookEventId": f"01FZ74A0TDDPYRVKNK77X{number:05d}",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": f"nHuyWiB7yP5Zw52FIkcQobQuGDXC{number:04d}",
        **more,
    }


def body_of(*events: Any) -> bytes:
    destination = "U" + "x" * 32
    return json.dumps({"destination": destination, "events": list(events)}, ensure_ascii=False).encode()


def signature(body: bytes, secret: str = CHANNEL_SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
