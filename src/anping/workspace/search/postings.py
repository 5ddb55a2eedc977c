"""Postings: where a term stands, as numbers of 64 bits that sort by entry, field and place.

A number is the entry's (44 bits), the field's (4 bits) and the place's (16 bits). A block holds those of
4,096 entries and stores the lower 32 bits, little-endian.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from anping.workspace.search.entry import FIELDS, Entry
from anping.workspace.search.words import places, terms_of

#: Entries of one block.
BLOCK = 4096
_BLOCK_BITS, _FIELD_BITS, _PLACE_BITS = 12, 4, 16
_LOWER = _BLOCK_BITS + _FIELD_BITS + _PLACE_BITS
_ENTRY_SHIFT, _FIELD_SHIFT = _FIELD_BITS + _PLACE_BITS, _PLACE_BITS
#: Words beyond this place of a field are not searched.
_LAST_PLACE = 60_000
#: A blank between two texts of a field, so that no phrase spans them.
_GAP = 8
_MOST = np.iinfo(np.uint16).max
#: What a filter's exact values stand under, apart from words: those hold no colon.
_FILTER_FIELD = len(FIELDS)

Keys = npt.NDArray[np.uint64]
Lengths = npt.NDArray[np.uint16]


def filter_term(name: str, value: str) -> str:
    """Return the term of a filter's exact (folded) value."""
    # PostgreSQL has no zero byte in texts.
    return f"{name}:{value}".replace("\0", "")[:256]


def indexed(
    numbered: Iterable[tuple[int, Entry]], *, folded: Mapping[str, str]
) -> tuple[dict[tuple[str, int], list[int]], dict[int, int]]:
    """Return the lower postings of every (term, block), and how many places each entry takes.

    ``folded`` gives filters' values as they are compared.
    """
    found: dict[tuple[str, int], list[int]] = {}
    lengths: dict[int, int] = {}
    for number, entry in numbered:
        block, offset = divmod(number, BLOCK)
        length = 0
        for name, texts in entry.texts().items():
            field = FIELDS.index(name)
            base = (offset << _ENTRY_SHIFT) | (field << _FIELD_SHIFT)
            start = 0
            for text in texts:
                terms = terms_of(text)
                for term, place in terms:
                    at = min(start + place, _LAST_PLACE)
                    found.setdefault((term, block), []).append(base | at)
                length += places(terms)
                start += places(terms) + _GAP
        base = (offset << _ENTRY_SHIFT) | (_FILTER_FIELD << _FIELD_SHIFT)
        for name, values in entry.filters.items():
            for value in values:
                term = filter_term(name, folded[value])
                found.setdefault((term, block), []).append(base)
        lengths[number] = min(max(length, 1), _MOST)
    return found, lengths


def packed(before: bytes, more: Sequence[int]) -> bytes:
    """Return a block's body with more postings, ascending and each once."""
    old = np.frombuffer(before, "<u4")
    return np.union1d(old, np.array(more, "<u4")).astype("<u4").tobytes()


def unpacked(rows: Iterable[tuple[int, bytes]]) -> Keys:
    """Return the whole postings (n,), ascending, of a term's (block, body) rows."""
    parts = [
        np.frombuffer(body, "<u4").astype(np.uint64) | np.uint64(block << _LOWER)
        for block, body in sorted(rows, key=lambda row: row[0])
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def entry_of(keys: Keys) -> npt.NDArray[np.int64]:
    """Return the entries' numbers (n,)."""
    return (keys >> np.uint64(_ENTRY_SHIFT)).astype(np.int64)


def field_of(keys: Keys) -> npt.NDArray[np.int64]:
    """Return the places of the fields in :data:`FIELDS` (n,)."""
    return ((keys >> np.uint64(_FIELD_SHIFT)) & np.uint64((1 << _FIELD_BITS) - 1)).astype(np.int64)
