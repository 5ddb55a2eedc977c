"""The values of one column that discovery looks at, and what is known of the whole column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.engine.aggregate import plain_values
from anping.know.discover.occurrences import Occurrence, listed, occurring
from anping.know.discover.written import is_null_word, written_text

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ColumnValues:
    """The non-null values of one column that were looked at, folded and stripped, with their counts.

    ``kind`` is ``text``, ``number``, ``date`` or ``boolean``. ``rows``, ``filled`` (rows with a
    value) and ``distinct`` (different values) count over the whole column, sampled or not.
    ``every`` counts the values of all rows, or is None where they are too many to list.
    """

    name: str
    kind: str
    counts: Counter[str]
    distinct: int
    rows: int
    filled: int
    every: Counter[str] | None = None
    #: What all cells look like, counted in one pass (:mod:`.occurrences`); None: not all of them.
    looks: Counter[str] | None = None
    #: The cells that were looked at, as they stand, in the same rows for every column of a table.
    cells: pa.ChunkedArray | None = field(default=None, repr=False, compare=False)

    @cached_property
    def n(self) -> int:
        """How many non-null values were looked at."""
        return self.counts.total()

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The values, each as often as it occurs, equal ones side by side."""
        return tuple(self.counts.elements())

    @cached_property
    def numbers(self) -> Numbers | None:
        """The values as numbers, or None unless at least 98 % of them are finite numbers."""
        weighed = None if self.kind == "date" else as_numbers(self.counts)
        return None if weighed is None else np.repeat(*weighed)

    @cached_property
    def whole(self) -> bool:
        """Whether the values are numbers without a fraction."""
        return self.numbers is not None and bool(np.all(self.numbers == np.floor(self.numbers)))

    @cached_property
    def occurring(self) -> tuple[tuple[Occurrence, ...], int]:
        """The identifiers that occur in any cell, and how many cells were looked at for them."""
        if self.kind not in {"text", "number"}:
            return (), self.filled
        if self.looks is not None:
            return listed(self.looks), self.filled
        counts = self.counts if self.every is None else self.every
        return listed(occurring(counts)), counts.total()

    @property
    def unique_share(self) -> float:
        """Distinct values per non-null value, over the whole column."""
        return self.distinct / self.filled if self.filled else 0.0


def as_numbers(counts: Counter[str]) -> tuple[Numbers, npt.NDArray[np.int64]] | None:
    """Return the numbers among the values and how often each occurs, both of shape (values,).

    None unless at least 98 % of the cells are finite numbers.
    """
    parsed = [(_number(text), count) for text, count in counts.items()]
    known = [(number, count) for number, count in parsed if number is not None]
    weights = np.array([count for _, count in known], dtype=np.int64)
    if not counts or weights.sum() < 0.98 * counts.total():
        return None
    return np.array([number for number, _ in known], dtype=np.float64), weights


def kind_of(arrow: pa.DataType) -> str:
    """Return ``text``, ``number``, ``date`` or ``boolean``."""
    if pa.types.is_boolean(arrow):
        return "boolean"
    if pa.types.is_temporal(arrow):
        return "date"
    if pa.types.is_integer(arrow) or pa.types.is_floating(arrow) or pa.types.is_decimal(arrow):
        return "number"
    return "text"


def counted(cells: pa.ChunkedArray) -> Counter[str]:
    """Return how often each value occurs, as written; nulls and null words are left out."""
    if isinstance(cells.type, pa.DictionaryType):
        cells = cells.cast(cells.type.value_type)
    try:
        pairs = pc.value_counts(cells)
    except pa.ArrowNotImplementedError:  # nested types have no value counts
        return counted_values(cells, [1] * len(cells))
    return counted_values(pairs.field("values"), pairs.field("counts").to_pylist())


def counted_values(values: pa.Array | pa.ChunkedArray, counts: Iterable[int]) -> Counter[str]:
    """Return the counts by value as written; nulls and null words are left out."""
    found: Counter[str] = Counter()
    for value, count in zip(plain_values(values), counts, strict=True):
        if value is not None and not is_null_word(text := written_text(value)):
            found[text] += count
    return found


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return None
    return number if np.isfinite(number) else None
