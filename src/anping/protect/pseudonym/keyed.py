"""One-way pseudonyms: HMAC-SHA-256 (RFC 2104, FIPS 198-1) of the normal form of a value.

A plain hash of an identifier is undone by trying all identifiers; without the key an HMAC is not.
Equal key names give equal pseudonyms in every table, different names unlinkable ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from anping.protect.pseudonym.alphabet import ALPHABET
from anping.protect.pseudonym.hashing import SIZE, hmacs
from anping.protect.pseudonym.keys import Keys, subkey
from anping.protect.pseudonym.normal import Normalisation, normal

#: Characters of a pseudonym: 100 bits, so among 10^9 people two collide with chance under 10^-12.
LENGTH = 20
_LETTERS = np.frombuffer(ALPHABET.encode(), np.uint8)
# Five bytes are eight characters; three such blocks hold the twenty that are kept.
_BLOCKS, _BYTES, _MARKS = 3, 5, 8


def pseudonyms(
    values: Iterable[Any], keys: Keys, *, key: str, normalisation: Normalisation = "identifier"
) -> list[str | None]:
    """Return the pseudonym of each value, :data:`LENGTH` Base32 characters; null stays null.

    Raises KeyStoreError if the key ``key`` is missing or short.
    """
    secret = subkey(keys, key, use="hmac")
    texts = [normal(value, normalisation) or None for value in values]
    made: list[str | None] = tokens(pa.array(texts, pa.string()), secret).to_pylist()
    return made


def tokens(texts: pa.StringArray, secret: bytes) -> pa.StringArray:
    """Return the pseudonym of each normal form under the derived key; null stays null."""
    coded = texts.dictionary_encode()
    messages = coded.dictionary.cast(pa.binary()).to_pylist()
    size = _BLOCKS * _BYTES
    digests = np.frombuffer(hmacs(messages, secret), np.uint8).reshape(-1, SIZE)[:, :size]
    blocks = digests.reshape(-1, _BYTES).astype(np.uint64)
    bits = np.zeros(len(blocks), np.uint64)
    for byte in range(_BYTES):
        bits = bits << np.uint64(8) | blocks[:, byte]
    marks = np.empty((len(blocks), _MARKS), np.uint8)
    for mark in range(_MARKS):
        place = bits >> np.uint64(5 * (_MARKS - 1 - mark)) & np.uint64(31)
        marks[:, mark] = _LETTERS[place.astype(np.int64)]
    kept = np.ascontiguousarray(marks.reshape(len(messages), _BLOCKS * _MARKS)[:, :LENGTH])
    offsets = np.arange(0, (len(messages) + 1) * LENGTH, LENGTH, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(kept)]
    made = pa.Array.from_buffers(pa.string(), len(messages), buffers)
    return made.take(coded.indices)
