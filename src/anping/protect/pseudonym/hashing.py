"""HMAC-SHA-256 (RFC 2104, FIPS 198-1) of many messages under one key."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

#: The bytes of one HMAC.
SIZE = 32
_BLOCK = 64
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


def hmacs(messages: Iterable[bytes], secret: bytes) -> bytes:
    """Return the HMACs of the messages one after the other, :data:`SIZE` bytes each.

    The key's two blocks are hashed once and copied, which ``hmac.digest`` does for each message.
    """
    key = (sha256(secret).digest() if len(secret) > _BLOCK else secret).ljust(_BLOCK, b"\0")
    inner, outer = sha256(key.translate(_INNER)), sha256(key.translate(_OUTER))
    found = []
    for message in messages:
        first = inner.copy()
        first.update(message)
        second = outer.copy()
        second.update(first.digest())
        found.append(second.digest())
    return b"".join(found)
