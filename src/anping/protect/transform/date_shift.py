"""Date shifting: all dates of a person move by one secret number of days.

The offset is taken from HMAC-SHA-256 of the person under a key, so it is the same in every table
and column, intervals within a person stay exact, and nobody without the key can undo it. It is
uniform on -max..max without 0: with 0 one person in 2·max+1 would keep their true dates unnoticed;
leaving it out tells an attacker only that a shown date is not the true one. Season and long-term
trend survive; so does the order of one person's events, which is what an attacker with background
knowledge can still match.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.core import dates
from anping.protect.pseudonym.hashing import SIZE, hmacs
from anping.protect.transform.distinct import decoded, encoded

_CLOCK = re.compile(r"(?P<day>.*?)(?P<clock>[T\s]+\d{1,2}[:：時].*)", re.DOTALL)
_ROC_FIRST = date(1912, 1, 1)
_MICROSECONDS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@dataclass(frozen=True, slots=True)
class Shifted:
    """A shifted column, and how many cells were left empty because no date could be read."""

    column: pa.ChunkedArray
    unreadable: int


def offset_of(person: str, secret: bytes, *, max_days: int) -> int:
    """Return the person's offset in days: uniform on -max_days..max_days without 0."""
    return int(_offsets([person.encode()], secret, max_days)[0])


def offsets(
    persons: pa.StringArray, secret: bytes, *, max_days: int, unknown: Unknown
) -> npt.NDArray[np.int64]:
    """Return each row's offset in days. A row without a person (null) gets one of its own."""
    coded = persons.dictionary_encode()
    known = _offsets(coded.dictionary.cast(pa.binary()).to_pylist(), secret, max_days)
    days = np.append(known, 0)[pc.fill_null(coded.indices, len(known)).to_numpy()]
    alone = np.flatnonzero(pc.is_null(persons).to_numpy(zero_copy_only=False))
    if alone.size:
        numbers = [b"%d" % row for row in unknown.rows[alone]]
        days[alone] = _offsets(numbers, unknown.secret, max_days)
    return np.asarray(days, np.int64)


@dataclass(frozen=True)
class Unknown:
    """What the offsets of rows without a person come from: a secret drawn for one run, and ``rows``.

    ``rows`` are the rows' numbers in the table, so that a run shifts one row always alike.
    """

    secret: bytes = field(repr=False)
    rows: npt.NDArray[np.int64]


def _offsets(messages: Sequence[bytes], secret: bytes, max_days: int) -> npt.NDArray[np.int64]:
    """Return the first 128 bits of each HMAC modulo 2 max_days, as a number of days without 0."""
    halves = np.frombuffer(hmacs(messages, secret), ">u8").reshape(-1, SIZE // 8)[:, :2]
    modulus = np.uint64(2 * max_days)
    high, low = (halves[:, place].astype(np.uint64) % modulus for place in (0, 1))
    carried = np.uint64(2**64 % int(modulus))
    drawn = ((high * carried + low) % modulus).astype(np.int64) - max_days
    return np.where(drawn < 0, drawn, drawn + 1)


def date_shift(column: pa.ChunkedArray, days: npt.NDArray[np.int64]) -> Shifted:
    """Return the dates moved by ``days`` (one for each row), in the form each was written in.

    Dates, timestamps, and texts or whole numbers that ``core.dates`` reads (ROC and Gregorian), a
    time of day after the date kept. What cannot be read as a date, or would leave the calendar, is
    emptied and counted: it must not leave unshifted.
    """
    kind = column.type
    if pa.types.is_null(kind):
        return Shifted(column, 0)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _shift_typed(column, days)
    return _shift_written(column, days)


def _shift_typed(column: pa.ChunkedArray, days: npt.NDArray[np.int64]) -> Shifted:
    kind = column.type
    unit = 1
    if pa.types.is_timestamp(kind):
        unit = 86_400 * _MICROSECONDS[kind.unit]
    elif pa.types.is_date64(kind):
        unit = 86_400_000
    storage = pa.int32() if pa.types.is_date32(kind) else pa.int64()
    moved = pc.add(column.cast(storage).cast(pa.int64()), pa.array(days * unit))
    return Shifted(moved.cast(storage).cast(kind), 0)


def _shift_written(column: pa.ChunkedArray, days: npt.NDArray[np.int64]) -> Shifted:
    values, codes = encoded(column)
    readings = [_read(value) for value in values]
    pairs, places = np.unique(np.stack([codes, days]), axis=1, return_inverse=True)
    written = [
        None if code < 0 else _moved(readings[code], int(offset)) for code, offset in pairs.T
    ]
    result = decoded(written, places.reshape(-1).astype(np.int64), pa.string())
    unreadable = int(result.null_count - np.count_nonzero(codes < 0))
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        result = result.cast(column.type)
    return Shifted(result, unreadable)


def unreadable(values: Sequence[Any], counts: Sequence[int], *, max_days: int) -> int | None:
    """Return how many cells date shifting will empty; None where that depends on the person.

    ``values`` are a column's distinct cells that are not dates by type, ``counts`` their rows. It
    depends where a date is so near an end of its calendar that a shift may leave it.
    """
    lost = 0
    margin = timedelta(days=max_days)
    for value, count in zip(values, counts, strict=True):
        reading = None if value is None else _read(value)
        if reading is None:
            lost += 0 if value is None else count
            continue
        day = reading[0].day
        first = _ROC_FIRST if reading[0].roc else date.min
        if day - first < margin or date.max - day < margin:
            return None
    return lost


def _read(value: Any) -> tuple[dates.WrittenDate, str] | None:
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    clock = ""
    match = _CLOCK.fullmatch(text.strip())
    if match is not None:
        text, clock = match["day"], match["clock"]
    written = dates.parse(text)
    if written is None and text.isdigit() and len(text) == 6:
        written = dates.parse(f"0{text}")
    return None if written is None else (written, clock)


def _moved(reading: tuple[dates.WrittenDate, str] | None, offset: int) -> str | None:
    if reading is None:
        return None
    written, clock = reading
    try:
        day = written.day + timedelta(days=offset)
    except OverflowError:
        return None
    if written.roc and day < _ROC_FIRST:
        return None
    return written.write(day) + clock
