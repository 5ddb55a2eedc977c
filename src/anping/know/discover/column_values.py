"""The values of one column that discovery looks at: all of them, or a seeded sample."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
_SEED = 20_260_101


@dataclass(frozen=True)
class ColumnValues:
    """Non-null values of one column, stripped and folded, in row order.

    ``kind`` is ``text``, ``number``, ``date`` or ``boolean``; ``distinct`` counts over the whole
    column, ``rows`` is the whole column's length.
    """

    name: str
    kind: str
    texts: tuple[str, ...]
    distinct: int
    rows: int
    filled: int

    @property
    def n(self) -> int:
        """How many non-null values were looked at."""
        return len(self.texts)

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each distinct value occurs among those looked at."""
        return Counter(self.texts)

    @cached_property
    def numbers(self) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
        """The values as numbers, or None unless at least 98 % of them are finite numbers."""
        if self.kind == "date" or not self.texts:
            return None
        parsed = [_number(text) for text in self.texts]
        values = np.array([number for number in parsed if number is not None], dtype=np.float64)
        return values if len(values) >= 0.98 * len(parsed) else None

    @cached_property
    def whole(self) -> bool:
        """Whether the values are numbers without a fraction."""
        return self.numbers is not None and bool(np.all(self.numbers == np.floor(self.numbers)))

    @property
    def unique_share(self) -> float:
        """Distinct values per non-null value, over the whole column."""
        return self.distinct / self.filled if self.filled else 0.0


def is_null_word(text: str) -> bool:
    """Return whether a cell's text means "no value"."""
    return text.strip().lower() in NULL_WORDS


def column_values(name: str, column: pa.ChunkedArray, *, sample: int | None) -> ColumnValues:
    """Return the column's values: all rows, or ``sample`` rows drawn with a fixed seed."""
    kind = _kind(column.type)
    rows = len(column)
    distinct, filled = _distinct(column)
    taken = column
    if sample is not None and rows > sample:
        chosen = np.sort(np.random.default_rng(_SEED).choice(rows, sample, replace=False))
        taken = column.take(pa.array(chosen))
    texts = tuple(
        text
        for value in taken.to_pylist()
        if value is not None and not is_null_word(text := _written(value))
    )
    return ColumnValues(name, kind, texts, distinct, rows, filled)


def _distinct(column: pa.ChunkedArray) -> tuple[int, int]:
    """Return the distinct and the filled values of the whole column, null words left out."""
    if isinstance(column.type, pa.DictionaryType):
        column = column.cast(column.type.value_type)
    try:
        counts = pc.value_counts(column)
    except pa.ArrowNotImplementedError:
        return 0, len(column) - column.null_count
    distinct = filled = 0
    for value, count in zip(
        counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True
    ):
        if value is not None and not (isinstance(value, str) and is_null_word(value)):
            distinct += 1
            filled += count
    return distinct, filled


def _kind(arrow: pa.DataType) -> str:
    if pa.types.is_boolean(arrow):
        return "boolean"
    if pa.types.is_temporal(arrow):
        return "date"
    if pa.types.is_integer(arrow) or pa.types.is_floating(arrow) or pa.types.is_decimal(arrow):
        return "number"
    return "text"


def _written(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return fold(str(value)).strip()


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return None
    return number if np.isfinite(number) else None
