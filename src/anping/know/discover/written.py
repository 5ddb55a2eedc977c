"""How a cell is written: folded, without blanks around it; words that mean "no value" are none.

One cell at a time, or whole Arrow arrays at once with the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.engine.aggregate import plain_values
from anping.know.discover.fold import fold

#: Written forms that mean "no value"; 無 (none) is not among them, for it can be an answer.
NULL_WORDS = frozenset(
    [
        "",
        "na",
        "n/a",
        "n.a.",
        "null",
        "none",
        "nan",
        "-",
        "--",
        "?",
        "不詳",
        "未知",
        "無資料",
        "未填",
        "未提供",
    ]
)
_LONGEST_WORD = max(len(word.encode()) for word in NULL_WORDS)
_WORDS = pa.array(sorted(NULL_WORDS), pa.string())
#: Beyond this a float does not hold every whole number.
_EXACT = 1e15
#: Bytes up to the first may be a blank, and from the second on begin what folding may change.
_BLANK, _LEAST_MARK = 0x20, 0xC2

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


def is_null_word(text: str) -> bool:
    """Return whether a cell's text means "no value"."""
    return text.strip().lower() in NULL_WORDS


def written_text(value: object) -> str:
    """Return a cell as discovery reads it; a whole number among floats loses its ``.0``."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return fold(str(value)).strip()


def written(cells: pa.Array) -> pa.StringArray:
    """Return :func:`written_text` of every cell, null where a cell is missing or a null word."""
    kind = cells.type
    if pa.types.is_dictionary(kind):
        return written(cells.dictionary).take(cells.indices)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _without_null_words(_folded(cells.cast(pa.string())))
    if pa.types.is_integer(kind):
        return cells.cast(pa.string())
    try:
        unique = cells.dictionary_encode()
    except pa.ArrowNotImplementedError:  # nested types have no dictionary
        return _without_null_words(_texts(cells))
    return _without_null_words(_texts(unique.dictionary)).take(unique.indices)


def letters(texts: pa.StringArray) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """Return the UTF-8 bytes of an array of texts, and where each begins: shape (texts + 1,)."""
    _, offsets, data = texts.buffers()
    if data is None or len(texts) == 0:
        return np.zeros(0, np.uint8), np.zeros(len(texts) + 1, np.int64)
    places = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    first, last = int(places[0]), int(places[-1])
    return np.frombuffer(data, np.uint8)[first:last], places.astype(np.int64) - first


def rows_holding(hits: Mask, begins: npt.NDArray[np.int64]) -> Mask:
    """Return which texts hold one of the marked bytes; ``hits`` has shape (bytes,)."""
    found = np.zeros(len(begins) - 1, bool)
    places = np.flatnonzero(hits)
    found[np.searchsorted(begins, places, side="right") - 1] = True
    return found


def changed(texts: pa.StringArray, rows: Mask, others: Iterable[str]) -> pa.StringArray:
    """Return the texts with those of ``rows`` replaced, in order, by ``others``."""
    return pc.replace_with_mask(texts, pa.array(rows), pa.array(list(others), pa.string()))


def _texts(cells: pa.Array) -> pa.StringArray:
    return pa.array(
        [None if value is None else written_text(value) for value in plain_values(cells)],
        pa.string(),
    )


def _folded(texts: pa.StringArray) -> pa.StringArray:
    """Return the texts folded and stripped; only those with a byte that may change are looked at."""
    data, begins = letters(texts)
    if len(data) == 0:
        return texts
    # Most columns of codes and numbers are plain: two looks at the bytes tell so.
    if data.min() > _BLANK and data.max() < _LEAST_MARK:
        return texts
    # Every character that folding or stripping changes begins with one of these bytes.
    marks = (data == 0xC2) | (data == 0xE1) | (data == 0xE2) | (data == 0xEF)
    marks[:-2] |= (data[:-2] == 0xE3) & (data[1:-1] == 0x80) & (data[2:] == 0x80)
    doubtful = rows_holding(marks, begins)
    filled = begins[1:] > begins[:-1]
    doubtful[filled] |= data[begins[:-1][filled]] <= _BLANK
    doubtful[filled] |= data[begins[1:][filled] - 1] <= _BLANK
    doubtful &= pc.is_valid(texts).to_numpy(zero_copy_only=False)
    if not doubtful.any():
        return texts
    odd = texts.filter(pa.array(doubtful)).dictionary_encode()
    folded = [fold(text).strip() for text in odd.dictionary.to_pylist()]
    return changed(texts, doubtful, (folded[place] for place in odd.indices.to_pylist()))


def _without_null_words(texts: pa.StringArray) -> pa.StringArray:
    _, begins = letters(texts)
    if not np.any(np.diff(begins) <= _LONGEST_WORD):
        return texts
    empty = pc.is_in(pc.ascii_lower(texts), value_set=_WORDS)
    return pc.if_else(empty, pa.scalar(None, pa.string()), texts)
