"""Sealed words open with the same secret and purpose, and with nothing else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.sealed import SealError, seal, unseal

SECRET = b"a secret of tests"


@given(st.text(max_size=200))
def test_what_was_sealed_opens_again(words: str) -> None:
    assert unseal(SECRET, "line", seal(SECRET, "line", words)) == words


def test_nothing_else_opens_it() -> None:
    sealed = seal(SECRET, "line", "U4af4980629")
    assert "U4af" not in base64.urlsafe_b64decode(sealed).decode("latin-1")
    assert sealed != seal(SECRET, "line", "U4af4980629")
    for secret, purpose, words in (
        (b"another", "line", sealed),
        (SECRET, "mail", sealed),
        (SECRET, "line", ""),
        (SECRET, "line", "あ"),
        (SECRET, "line", "AAAA"),
        (SECRET, "line", seal(SECRET, "line", "")[:-8]),
    ):
        with pytest.raises(SealError):
            unseal(secret, purpose, words)


def test_one_flipped_bit_is_seen() -> None:
    raw = bytearray(base64.urlsafe_b64decode(seal(SECRET, "line", "U4af4980629")))
    for at in range(len(raw) * 8):
        raw[at // 8] ^= 1 << (at % 8)
        with pytest.raises(SealError):
            unseal(SECRET, "line", base64.urlsafe_b64encode(bytes(raw)).decode())
        raw[at // 8] ^= 1 << (at % 8)
