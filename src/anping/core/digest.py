"""Digests name content. Content that holds people is named by a keyed digest.

A plain SHA-256 of a small raw file lets anyone who guesses the file confirm the guess; an
HMAC-SHA-256 under the workspace's digest key (RFC 2104) does not.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

_CHUNK = 1 << 20


def sha256(content: bytes) -> str:
    """Return the SHA-256 of ``content`` in hex."""
    return hashlib.sha256(content).hexdigest()


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex, read in chunks."""
    state = hashlib.sha256()
    # One buffer for all chunks: finding memory for each takes nearly as long as its digest.
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    with path.open("rb", buffering=0) as stream:
        while size := stream.readinto(buffer):
            state.update(view[:size])
    return state.hexdigest()


def keyed(key: bytes, digest: str) -> str:
    """Return the HMAC-SHA-256 of a hex digest under ``key``, in hex."""
    return hmac.new(key, bytes.fromhex(digest), hashlib.sha256).hexdigest()


def canonical_json(value: Any) -> bytes:
    """Return JSON with sorted keys, no blanks, UTF-8 and no NaN, so equal values give equal bytes."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()
