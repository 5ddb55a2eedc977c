"""FF1, the format-preserving encryption of NIST SP 800-38G (2016, method FFX[Radix]).

A permutation of the numbers below ``radix ** length``: ten Feistel rounds over AES in CBC-MAC. Its
companion FF3 is not here: it was broken (Durak and Vaudenay 2017) and NIST's draft of revision 1
removes it. The draft also asks for a domain of a million numbers or more, which is enforced.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

#: NIST SP 800-38G revision 1 (draft, 2019 and 2025): radix ** length is at least this.
SMALLEST_DOMAIN = 1_000_000
_ROUNDS = 10
_BLOCK = 16
_LARGEST_RADIX = 2**16
_NARROW_HALF, _NARROW = 2**32, 2**63

#: Whole numbers, shape (values,): uint64, or Python's own where the domain is larger than 2^63.
Numbers = npt.NDArray[Any]


def number_type(domain: int) -> npt.DTypeLike:
    """Return the type of the numbers below ``domain``."""
    return np.dtype(np.uint64) if domain <= _NARROW else np.dtype(object)


@dataclass(frozen=True)
class Ff1:
    """FF1 over numeral strings of ``length`` numerals, written as numbers (NUM_radix).

    ``key`` has 16, 24 or 32 bytes; ``tweak`` is public. Raises ValueError for a domain below
    :data:`SMALLEST_DOMAIN` or a radix beyond 2 to 65,536.
    """

    key: bytes = field(repr=False)
    radix: int
    length: int
    tweak: bytes = b""

    def __post_init__(self) -> None:
        if not 2 <= self.radix <= _LARGEST_RADIX or self.length < 2:
            msg = "FF1 takes a radix of 2 to 65,536 and two numerals or more"
            raise ValueError(msg)
        if self.domain < SMALLEST_DOMAIN:
            msg = f"FF1 takes a domain of {SMALLEST_DOMAIN:,} numbers or more"
            raise ValueError(msg)

    @property
    def domain(self) -> int:
        """How many numeral strings there are."""
        return int(self.radix**self.length)

    def encrypt(self, numbers: Numbers) -> Numbers:
        """Return what the numbers become (SP 800-38G, algorithm 7), shape (values,)."""
        left, right = self._halves(numbers)
        scramble = _Round(self)
        for turn in range(_ROUNDS):
            modulus = self._modulus(turn)
            left, right = right, (left + scramble(turn, right) % modulus) % modulus
        return self._joined(left, right)

    def decrypt(self, numbers: Numbers) -> Numbers:
        """Return the numbers that became ``numbers`` (algorithm 8), shape (values,)."""
        left, right = self._halves(numbers)
        scramble = _Round(self)
        for turn in reversed(range(_ROUNDS)):
            modulus = self._modulus(turn)
            # The modulus is added first, because unsigned numbers cannot go below 0.
            left, right = (right + (modulus - scramble(turn, left) % modulus)) % modulus, left
        return self._joined(left, right)

    @property
    def right_half(self) -> int:
        """The number of numerals of the second half, v in the standard."""
        return self.length - self.length // 2

    @property
    def narrow(self) -> bool:
        """Whether machine words hold every number on the way."""
        return self.radix**self.right_half <= _NARROW_HALF and self.domain <= _NARROW

    def _modulus(self, turn: int) -> Any:
        modulus = self.radix ** (self.right_half if turn % 2 else self.length // 2)
        return np.uint64(modulus) if self.narrow else modulus

    def _halves(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        wide = numbers.astype(np.uint64 if self.narrow else object)
        border = self.radix**self.right_half
        cut = np.uint64(border) if self.narrow else border
        return wide // cut, wide % cut

    def _joined(self, left: Numbers, right: Numbers) -> Numbers:
        border = self.radix**self.right_half
        joined = left * (np.uint64(border) if self.narrow else border) + right
        return joined.astype(number_type(self.domain))


class _Round:
    """The round function: what half of each number adds to the other half."""

    def __init__(self, cipher: Ff1) -> None:
        self.narrow = cipher.narrow
        self.size = -(-(cipher.radix**cipher.right_half - 1).bit_length() // 8)
        self.taken = 4 * -(-self.size // 4) + 4
        # CBC-MAC is AES block by block, each block mixed with the last answer: one such encryptor
        # serves all values at once.
        self.aes = Cipher(AES(cipher.key), ECB()).encryptor()  # noqa: S305 - the block cipher itself, as the standard uses it
        tweak = cipher.tweak
        header = (
            bytes([1, 2, 1])
            + cipher.radix.to_bytes(3, "big")
            + bytes([10, cipher.length // 2 % 256])
            + cipher.length.to_bytes(4, "big")
            + len(tweak).to_bytes(4, "big")
        )
        self.start = np.frombuffer(self.aes.update(header), np.uint8)
        self.prefix = tweak + bytes((-len(tweak) - self.size - 1) % _BLOCK)

    def __call__(self, turn: int, half: Numbers) -> Numbers:
        """Return y of the standard for each number."""
        count = len(half)
        written = np.empty((count, len(self.prefix) + 1 + self.size), np.uint8)
        written[:, : len(self.prefix)] = np.frombuffer(self.prefix, np.uint8)
        written[:, len(self.prefix)] = turn
        written[:, len(self.prefix) + 1 :] = self._bytes(half)
        state = np.broadcast_to(self.start, (count, _BLOCK))
        for place in range(0, written.shape[1], _BLOCK):
            state = self._aes(state ^ written[:, place : place + _BLOCK])
        return self._numbers(self._stretched(state))

    def _aes(self, blocks: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        return np.frombuffer(self.aes.update(blocks.tobytes()), np.uint8).reshape(-1, _BLOCK)

    def _stretched(self, state: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        blocks = [state]
        for number in range(1, -(-self.taken // _BLOCK)):
            counter = np.frombuffer(number.to_bytes(_BLOCK, "big"), np.uint8)
            blocks.append(self._aes(state ^ counter))
        return np.concatenate(blocks, axis=1)[:, : self.taken]

    def _bytes(self, numbers: Numbers) -> npt.NDArray[np.uint8]:
        if self.narrow:
            big = numbers.astype(">u8")
            return big.view(np.uint8).reshape(-1, 8)[:, 8 - self.size :]
        content = b"".join(int(number).to_bytes(self.size, "big") for number in numbers)
        return np.frombuffer(content, np.uint8).reshape(-1, self.size)

    def _numbers(self, content: npt.NDArray[np.uint8]) -> Numbers:
        if self.narrow:
            return np.ascontiguousarray(content).view(">u8").reshape(-1).astype(np.uint64)
        found = np.empty(len(content), object)
        found[:] = [int.from_bytes(row.tobytes(), "big") for row in content]
        return found
