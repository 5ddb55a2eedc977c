"""What an object store says about one stored object, and the name that stands for its content."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Stored:
    """An object in a store: its digest, its size in bytes, when it was put (UTC)."""

    digest: str
    size: int
    modified: datetime


def is_digest(name: str) -> bool:
    """Return whether a name is a SHA-256 in hex."""
    return _DIGEST.fullmatch(name) is not None
