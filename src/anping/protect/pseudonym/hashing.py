"""HMAC-SHA-256 (RFC 2104, FIPS 198-1) of many short messages under one key."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

#: Bytes of a digest.
SIZE = 32
#: Bytes that SHA-256 takes at a time, and what RFC 2104 adds to the key for the inner and outer hash.
_BLOCK = 64
_INNER, _OUTER = 0x36, 0x5C


def hmacs(messages: Iterable[bytes], secret: bytes) -> bytes:
    """Return the digests of the messages, one after the other, :data:`SIZE` bytes each.

    Both hashes of the key's block are made once and copied, which ``hmac.digest`` does for each
    message anew.
    """
    block = (secret if len(secret) <= _BLOCK else sha256(secret).digest()).ljust(_BLOCK, b"\0")
    inner = sha256(bytes(byte ^ _INNER for byte in block)).copy
    outer = sha256(bytes(byte ^ _OUTER for byte in block)).copy
    digests = []
    for message in messages:
        one, two = inner(), outer()
        one.update(message)
        two.update(one.digest())
        digests.append(two.digest())
    return b"".join(digests)
