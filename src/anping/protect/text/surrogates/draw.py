"""Keyed draws: what looks random and is always the same for one value under one key.

The stream of a value is HMAC-SHA-256 (RFC 2104) of its type, its normal form and a counter. Nothing
is kept: whoever holds the key draws the same again, and nobody else can.
"""

from __future__ import annotations

import hashlib
import hmac
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from struct import unpack

_WORD = 8


class Draw:
    """The stream of draws of one value under one key."""

    def __init__(self, secret: bytes, *names: str) -> None:
        # Each part with its length, so that two ways of cutting one text never fall together.
        message = b""
        for name in names:
            part = name.encode("utf-8", "surrogatepass")
            message += len(part).to_bytes(4, "big") + part
        self._message = message
        self._secret = secret
        self._block = b""
        self._count = 0

    def _next(self) -> bytes:
        counter = self._count.to_bytes(4, "big")
        self._count += 1
        return hmac.digest(self._secret, counter + self._message, hashlib.sha256)

    def below(self, bound: int) -> int:
        """Return a number from 0 to ``bound`` - 1; the bias is under ``bound`` / 2⁶⁴."""
        if len(self._block) < _WORD:
            self._block = self._next()
        word, self._block = self._block[:_WORD], self._block[_WORD:]
        return int.from_bytes(word, "big") % bound

    def numbers(self, count: int) -> list[int]:
        """Return that many numbers from 0 to 65,535, for choices among a few."""
        return list(unpack(f">{count}H", self.content(2 * count)))

    def content(self, count: int) -> bytes:
        """Return that many bytes."""
        content = self._block
        while len(content) < count:
            content += self._next()
        self._block = content[count:]
        return content[:count]

    def one_of(self, options: Sequence[str]) -> str:
        """Return one of the options, each alike."""
        return options[self.below(len(options))]

    def digits(self, count: int) -> str:
        """Return that many digits."""
        return str(self.below(10**count)).zfill(count) if count else ""

    def weighted(self, options: tuple[tuple[str, float], ...]) -> str:
        """Return one of the options by its weight."""
        ends = _ends(options)
        place = bisect_right(ends, self.below(1 << 53) / (1 << 53) * ends[-1])
        return options[min(place, len(options) - 1)][0]


@cache
def _ends(options: tuple[tuple[str, float], ...]) -> list[float]:
    return list(accumulate(weight for _, weight in options))
