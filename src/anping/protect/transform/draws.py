"""Random numbers that belong to a row: the same for one run however often a row is looked at.

A row's number is encrypted by AES under a key drawn for the run. Without the key nobody tells the
result from chance (a block cipher is a pseudorandom permutation), and rows need no memory of what
was drawn for them, so they may pass in batches of any size, in any order, and more than once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import digest

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Places = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Numbers that are encrypted at once: a block of AES is twice the size of what is kept of it.
_AT_ONCE = 2**20


def run_key(seed: int | None) -> bytes:
    """Return 32 bytes from the operating system, or from ``seed``, which repeats them."""
    if seed is None:
        return secrets.token_bytes(32)
    return sha256(f"perturbation {seed}".encode()).digest()


@dataclass(frozen=True)
class Draws:
    """One stream of random numbers under a key of its own."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, key: bytes, *names: str) -> Draws:
        """Return the stream that ``names`` (a column, a use) tell from others of the same run."""
        return cls(digest(key, "\0".join(names).encode(), "sha256"))

    def words(self, places: Places) -> npt.NDArray[np.uint64]:
        """Return 64 uniform bits for each row number."""
        cipher = Cipher(algorithms.AES(self.key), modes.ECB())  # noqa: S305 - each number alone
        found = np.empty(places.size, np.uint64)
        for start in range(0, places.size, _AT_ONCE):
            some = places[start : start + _AT_ONCE]
            blocks = np.zeros((some.size, 2), np.int64)
            blocks[:, 0] = some
            made = np.frombuffer(cipher.encryptor().update(blocks.tobytes()), np.uint64)
            found[start : start + some.size] = made[::2]
        return found

    def uniform(self, places: Places) -> Floats:
        """Return a number in [0, 1) for each row number."""
        return np.asarray((self.words(places) >> np.uint64(11)) * 2.0**-53, np.float64)

    def first(self, count: int) -> Floats:
        """Return the numbers of the rows 0 to ``count`` - 1."""
        return self.uniform(np.arange(count, dtype=np.int64))

    def order(self, count: int) -> Places:
        """Return a uniform permutation of 0 to ``count`` - 1 (ties have a chance below n²/2^65)."""
        words = self.words(np.arange(count, dtype=np.int64))
        return np.argsort(words, kind="stable").astype(np.int64)
