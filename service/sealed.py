"""Words that only this service can read again: a sender's address, so that a copied table tells nobody it.

Encrypt-then-MAC over HMAC-SHA256 alone: the keystream is HMAC(key, nonce ‖ counter), a pseudo-random function
in counter mode; the tag is HMAC(another key, nonce ‖ body). Both keys come from the service's secret. No
cipher is a dependency yet, and this needs none (docs/decisions/0023).
"""

import base64
import binascii
import hmac
import secrets
from typing import Final

NONCE_BYTES: Final = 16
TAG_BYTES: Final = 32
VERSION: Final = b"\x01"


class SealError(ValueError):
    """Not sealed by us, or with another secret, or changed since."""


def seal(secret: bytes, purpose: str, words: str) -> str:
    """`words` sealed for `purpose` (another purpose cannot open it), as URL-safe text."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    body = _masked(secret, purpose, nonce, words.encode("utf-8", "surrogatepass"))
    return base64.urlsafe_b64encode(VERSION + nonce + body + _tag(secret, purpose, nonce + body)).decode()


def unseal(secret: bytes, purpose: str, sealed: str) -> str:
    """The words again. Raises SealError."""
    try:
        raw = base64.urlsafe_b64decode(sealed.encode("ascii"))
    except (binascii.Error, UnicodeError) as wrong:
        raise SealError("no sealed words") from wrong
    version, nonce, rest = raw[:1], raw[1 : 1 + NONCE_BYTES], raw[1 + NONCE_BYTES :]
    body, tag = rest[:-TAG_BYTES], rest[-TAG_BYTES:]
    if version != VERSION or not hmac.compare_digest(tag, _tag(secret, purpose, nonce + body)):
        raise SealError("sealed with another secret, or changed")
    return _masked(secret, purpose, nonce, body).decode("utf-8", "surrogatepass")


def _masked(secret: bytes, purpose: str, nonce: bytes, body: bytes) -> bytes:
    key = hmac.digest(secret, f"seal:mask:{purpose}".encode(), "sha256")
    stream = b"".join(
        hmac.digest(key, nonce + counter.to_bytes(4, "big"), "sha256")
        for counter in range(len(body) // TAG_BYTES + 1)
    )
    return bytes(a ^ b for a, b in zip(body, stream, strict=False))


def _tag(secret: bytes, purpose: str, sealed: bytes) -> bytes:
    key = hmac.digest(secret, f"seal:tag:{purpose}".encode(), "sha256")
    return hmac.digest(key, sealed, "sha256")
