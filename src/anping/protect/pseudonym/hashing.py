"""HMAC-SHA-256 (RFC 2104, FIPS 198-1) of many short messages under one key."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

#: Bytes of a digest.
SIZE = 32


def hmacs(messages: Iterable[bytes], secret: bytes) -> bytes:
    """Return the digests of the messages, one after the other, :data:`SIZE` bytes each.

    The key is prepared once and copied, which ``hmac.digest`` does for each message anew.
    """
    copied = HMAC(secret, SHA256()).copy
    digests = []
    for message in messages:
        one = copied()
        one.update(message)
        digests.append(one.finalize())
    return b"".join(digests)
