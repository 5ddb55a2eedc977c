"""The shape of a value: what it is written like, and nothing of what it says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anping.know.discover.tally import key_counts, tally
from anping.know.discover.written import Bytes, Mask, changed, letters, rows_holding, written

LONGEST = 24
_MORE = "…"
_WORD = np.frombuffer("字".encode(), np.uint8)
_LAST_ASCII = 0x7F
_ASCII = np.arange(256, dtype=np.uint8)
_ASCII[ord("0") : ord("9") + 1] = ord("9")
_ASCII[ord("A") : ord("Z") + 1] = ord("A")
_ASCII[ord("a") : ord("z") + 1] = ord("A")


def shape(text: str) -> str:
    """Return the shape of a value: runs of 9 (digit), A (ASCII letter), 字 (other letter) kept.

    A shape keeps its length up to 24 characters and every ASCII mark; nothing else of the value.
    """
    return "".join(map(_shape_of, text[:LONGEST])) + (_MORE if len(text) > LONGEST else "")


def _shape_of(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "A" if character.isascii() else "字"
    return character if character.isascii() else "·"


def shapes(texts: pa.StringArray) -> pa.StringArray:
    """Return :func:`shape` of every text; null where it is missing."""
    long = pc.greater(pc.utf8_length(texts), LONGEST).fill_null(False)
    if not pc.any(long, min_count=0).as_py():
        return _short_shapes(texts)
    short = _short_shapes(pc.utf8_slice_codeunits(texts, 0, LONGEST))
    return pc.if_else(long, pc.binary_join_element_wise(short, _MORE, ""), short)


def _short_shapes(texts: pa.StringArray) -> pa.StringArray:
    data, begins = letters(texts)
    shaped = _ASCII[data]
    odd = np.zeros(0, np.bool_)
    if data.max(initial=0) > _LAST_ASCII:
        ideographs, odd = _ideographs(data)
        places = np.flatnonzero(ideographs)
        for offset in range(3):
            shaped[places + offset] = _WORD[offset]
    buffers = [None, pa.py_buffer(begins.astype(np.int32)), pa.py_buffer(shaped)]
    found = pa.Array.from_buffers(pa.string(), len(texts), buffers)
    if odd.any():
        rows = rows_holding(odd, begins)
        found = changed(found, rows, _alone(texts.filter(pa.array(rows))))
    if not texts.null_count:
        return found
    return pc.if_else(pc.is_valid(texts), found, pa.scalar(None, pa.string()))


def _ideographs(data: Bytes) -> tuple[Mask, Mask]:
    """Return where Chinese letters of three bytes begin, and where other characters do."""
    lead = (data >= 0xE4) & (data <= 0xE9)
    # U+4DC0 to U+4DFF are hexagrams, which are no letters.
    hexagrams = np.zeros(len(data), bool)
    hexagrams[:-1] = (data[:-1] == 0xE4) & (data[1:] == 0xB7)
    return lead & ~hexagrams, (data >= 0xC0) & (~lead | hexagrams)


def _alone(texts: pa.StringArray) -> list[str]:
    unique = texts.dictionary_encode()
    known = [shape(text) for text in unique.dictionary.to_pylist()]
    return [known[place] for place in unique.indices.to_pylist()]


@dataclass(frozen=True)
class Shapes:
    """Tallies the shapes of the cells of each column."""

    columns: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch's tally; subjects are the places of ``columns``."""
        return tally(
            {
                place: key_counts(shapes(written(batch.column(name))))
                for place, name in enumerate(self.columns)
            }
        )


def shape_counts(counts: Counter[str]) -> Counter[str]:
    """Return how often each shape occurs among counted values."""
    found: Counter[str] = Counter()
    for text, count in counts.items():
        found[shape(text)] += count
    return found
