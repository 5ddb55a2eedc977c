"""HMAC-SHA-256 (RFC 2104, FIPS 198-1) of many short messages under one key."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256

#: Bytes of a digest.
SIZE = 32


def hmacs(messages: Iterable[bytes], secret: bytes) -> bytes:
    """Return the digests of the messages, one after the other, :data:`SIZE` bytes each.

    The key is prepared once and copied, which ``hmac.digest`` does for each message anew.
    """
    keyed = hmac.new(secret, digestmod=sha256)
    digests = []
    for message in messages:
        one = keyed.copy()
        one.update(message)
        digests.append(one.digest())
    return b"".join(digests)
