"""Texts become numbers of 64 bits, eight bytes of every text at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Bits = NDArray[np.uint64]

_EVERY_BIT = 2**64 - 1
_BYTES = 8
#: Makes the second hash another function of the same bytes (an odd multiplier: one to one).
_OTHER, _ANEW = np.uint64(0xD1342543DE82EF95), np.uint64(0x2545F4914F6CDD1D)


def text_hash(texts: pa.StringArray) -> Bits:
    """Return a hash (n,) of each text; that of a missing one means nothing.

    Texts of up to eight bytes and one length never share one; of n others two do with chance below
    n² / 2^65.
    """
    found = _begun(texts)
    for rows, piece in pieces(texts):
        found[rows] = mixed_bits(found[rows] ^ mixed_bits(piece))
    return found


def text_hashes(texts: pa.StringArray) -> tuple[Bits, Bits]:
    """Return :func:`text_hash` and a second hash that is independent of it, in one look."""
    found = _begun(texts)
    other = found * _ANEW
    for rows, piece in pieces(texts):
        found[rows] = mixed_bits(found[rows] ^ mixed_bits(piece))
        other[rows] = mixed_bits(other[rows] ^ mixed_bits(piece * _OTHER))
    return found, other


def _begun(texts: pa.StringArray) -> Bits:
    # A length must not look like a piece: the letter U+0001 would undo the length 1.
    return mixed_bits((_lengths(texts).astype(np.uint64) + np.uint64(1)) * _ANEW)


def _lengths(texts: pa.StringArray) -> NDArray[np.int32]:
    return np.diff(_ends(texts))


def _ends(texts: pa.StringArray) -> NDArray[np.int32]:
    """Return (n + 1,) where in the content the first text begins and where each ends."""
    offsets = texts.buffers()[1]
    if offsets is None or not len(texts):
        return np.zeros(1, np.int32)
    return np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]


def pieces(texts: pa.StringArray) -> Iterator[tuple[slice | NDArray[np.int64], Bits]]:
    """Yield, piece after piece of eight bytes, the texts that reach so far and their bytes there."""
    ends = _ends(texts)
    starts, lengths = ends[:-1].astype(np.int64), np.diff(ends)
    if not lengths.size:
        return
    padded = np.zeros(int(ends[-1]) + _BYTES, np.uint8)
    padded[:-_BYTES] = np.frombuffer(texts.buffers()[2] or b"", np.uint8)[: padded.size - _BYTES]
    words: Bits = np.ndarray((padded.size - 7,), np.dtype("<u8"), padded.data, 0, (1,))
    shortest, longest = int(lengths.min()), int(lengths.max())
    for begin in range(0, longest, _BYTES):
        if shortest == longest:
            # Texts of one length lie at equal distances.
            piece = words[int(starts[0]) + begin :: longest][: lengths.size]
            left = np.uint64(_EVERY_BIT >> (64 - 8 * min(longest - begin, _BYTES)))
            yield slice(None), piece & left
            continue
        everywhere = shortest > begin
        rows = slice(None) if everywhere else np.flatnonzero(lengths > begin)
        counts = np.minimum(lengths[rows] - begin, _BYTES).astype(np.uint64)
        kept = np.uint64(_EVERY_BIT) >> (np.uint64(64) - counts * np.uint64(8))
        yield rows, words[starts[rows] + begin] & kept


def mixed_bits(bits: Bits) -> Bits:
    """Return the bits well mixed, one to one (SplitMix64: Steele et al. 2014, OOPSLA)."""
    bits = bits + np.uint64(0x9E3779B97F4A7C15)
    bits ^= bits >> np.uint64(30)
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return bits
