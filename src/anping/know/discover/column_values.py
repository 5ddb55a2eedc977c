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
    """The non-null values of one column that were looked at, folded and stripped, with their counts.

    ``kind`` is ``text``, ``number``, ``date`` or ``boolean``. ``rows``, ``filled`` (rows with a
    value) and ``distinct`` (different values) count over the whole column, sampled or not.
    """

    name: str
    kind: str
    counts: Counter[str]
    distinct: int
    rows: int
    filled: int

    @cached_property
    def n(self) -> int:
        """How many non-null values were looked at."""
        return self.counts.total()

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The values, each as often as it occurs, equal ones side by side."""
        return tuple(self.counts.elements())

    @cached_property
    def numbers(self) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
        """The values as numbers, or None unless at least 98 % of them are finite numbers."""
        if self.kind == "date" or not self.counts:
            return None
        parsed = [(_number(text), count) for text, count in self.counts.items()]
        known = [(number, count) for number, count in parsed if number is not None]
        values = np.repeat(
            np.array([number for number, _ in known], dtype=np.float64),
            np.array([count for _, count in known], dtype=np.int64),
        )
        return values if len(values) >= 0.98 * self.n else None

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
    whole = _counted(column)
    counts, rows = whole, len(column)
    if sample is not None and rows > sample:
        chosen = np.sort(np.random.default_rng(_SEED).choice(rows, sample, replace=False))
        counts = _counted(column.take(pa.array(chosen)))
    return ColumnValues(name, _kind(column.type), counts, len(whole), rows, whole.total())


def _counted(column: pa.ChunkedArray) -> Counter[str]:
    """Return how often each value occurs, as written; nulls and null words are left out."""
    if isinstance(column.type, pa.DictionaryType):
        column = column.cast(column.type.value_type)
    try:
        pairs = pc.value_counts(column)
        values = pairs.field("values").to_pylist()
        counts = pairs.field("counts").to_pylist()
    except pa.ArrowNotImplementedError:  # nested types have no value counts
        values = column.to_pylist()
        counts = [1] * len(values)
    counted: Counter[str] = Counter()
    for value, count in zip(values, counts, strict=True):
        if value is not None and not is_null_word(text := _written(value)):
            counted[text] += count
    return counted


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
