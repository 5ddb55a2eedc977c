"""A sample of different values that two tables draw alike: a value is in both samples or in neither.

Every value has a hash under a secret key, and a sample at *level* L holds the values whose hash begins
with L zero bits: adaptive sampling (Wegman; Flajolet 1990, Computing 43:391). Samples of two tables,
taken to the higher level, tell how many values they share, by plain counting: each value was drawn
with probability 2^-L and independently of the others, so the intervals of proportions hold.

What is kept of a value is an HMAC-SHA-256 of its hash, cut to 64 bits, and how many zero bits its hash
begins with: without the key, neither value nor hash can be told or tried.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.measure import Interval
from anping.engine.text_hashes import Bits
from anping.stats.intervals import wilson

Zeros = npt.NDArray[np.uint8]

_NORMAL = 1.959964
#: A sample level never needs more zero bits than this.
_DEEPEST = 60


class Sample:
    """Different hashes with at least ``level`` leading zero bits, at most ``most`` of them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.level = 0
        self.held: Bits = np.empty(0, np.uint64)

    def add(self, hashes: Bits, *, level: int = 0) -> None:
        """Add hashes; ``level`` is that of the sample that they come from."""
        self.level = max(self.level, level)
        self.held = _at(self.held, self.level)
        near = int(hashes.size // (2 * self.most)).bit_length() - 1
        if near > self.level:
            # Of many different values most would be dropped below: they are not looked at.
            few = np.unique(_at(hashes, near))
            if few.size > self.most:
                self.level, self.held, hashes = near, _at(self.held, near), few
        new = _at(hashes, self.level)
        different = pa.array(new).unique().to_numpy() if new.size > self.most else new
        self.held = np.union1d(self.held, different)
        while self.held.size > self.most and self.level < _DEEPEST:
            self.level += 1
            self.held = _at(self.held, self.level)


@dataclass(frozen=True, eq=False)
class Values:
    """A sample as it is kept: keyed codes (n,), ascending, and the zero bits of each one's hash (n,)."""

    level: int
    codes: Bits
    zeros: Zeros

    @classmethod
    def of(cls, sample: Sample, key: bytes) -> Values:
        """Return what is kept of a sample."""
        codes = np.array([_code(key, one) for one in sample.held.tolist()], np.uint64)
        order = np.argsort(codes)
        return cls(sample.level, codes[order], _zeros(sample.held)[order])

    def at(self, level: int) -> Bits:
        """Return the codes at a level that is not lower."""
        return self.codes[self.zeros >= level]

    @property
    def distinct(self) -> tuple[float, Interval | None]:
        """How many different values there are: exact at level 0, else estimated from the sample."""
        size, scale = self.codes.size, 2.0**self.level
        if self.level == 0:
            return float(size), None
        spread = _NORMAL * math.sqrt(size * (1 - 1 / scale)) * scale
        low, high = max(float(size), size * scale - spread), size * scale + spread
        return size * scale, Interval(low, high, 0.95, "normal")

    def as_json(self) -> dict[str, Any]:
        """Return plain values; codes and zero bits as base64."""
        return {
            "level": self.level,
            "codes": base64.b64encode(self.codes.astype("<u8").tobytes()).decode(),
            "zeros": base64.b64encode(self.zeros.tobytes()).decode(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Values:
        """Read what :meth:`as_json` gives."""
        codes = np.frombuffer(base64.b64decode(value["codes"]), "<u8").astype(np.uint64)
        return cls(value["level"], codes, np.frombuffer(base64.b64decode(value["zeros"]), np.uint8))


@dataclass(frozen=True, slots=True)
class Share:
    """A share of ``n`` values that were looked at; ``interval`` is None where those are all of them."""

    value: float
    n: int
    interval: Interval | None = None

    @property
    def low(self) -> float:
        """The least that it may be."""
        return self.value if self.interval is None else self.interval.low


def contained(one: Values, other: Values) -> Share:
    """Return the share of ``one``'s different values that are also in ``other``; 0 of none."""
    level = max(one.level, other.level)
    mine, theirs = one.at(level), other.at(level)
    both = int(np.isin(mine, theirs, assume_unique=True).sum())
    return _share(both, mine.size, exact=level == 0)


def alike(one: Values, other: Values) -> Share:
    """Return the Jaccard index: the share of both tables' different values that are in both."""
    level = max(one.level, other.level)
    mine, theirs = one.at(level), other.at(level)
    both = int(np.isin(mine, theirs, assume_unique=True).sum())
    return _share(both, mine.size + theirs.size - both, exact=level == 0)


def _share(count: int, n: int, *, exact: bool) -> Share:
    if exact:
        return Share(count / n if n else 0.0, n)
    return Share(count / n if n else 0.0, n, wilson(count, n))


def _at(hashes: Bits, level: int) -> Bits:
    return hashes if level == 0 else hashes[hashes >> np.uint64(64 - level) == 0]


def _zeros(hashes: Bits) -> Zeros:
    """Return how many zero bits each hash (n,) begins with, at most 60."""
    found = np.zeros(hashes.size, np.uint8)
    for level in range(1, _DEEPEST + 1):
        found[hashes >> np.uint64(64 - level) == 0] = level
    return found


def _code(key: bytes, value: int) -> int:
    digest = hmac.digest(key, value.to_bytes(8, "little"), hashlib.sha256)
    return int.from_bytes(digest[:8], "little")
