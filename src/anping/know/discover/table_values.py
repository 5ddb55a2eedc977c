"""One look at a table: what is known of every whole column, and the sample that evidence rests on.

Exact over all rows, whatever their number: the rows that are filled, the distinct values, and how
often each occurs where there are at most ``FEW_VALUES`` of them. What asks Python about every value
(which type it is) looks at a sample of rows, drawn with a fixed seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.aggregate import distinct_mapped, frequencies_if_few, null_counts
from anping.engine.drawing import Drawing
from anping.engine.stream import at_once, mapped, rows_at
from anping.engine.table import Table
from anping.know.discover.column_values import ColumnValues, counted, counted_values, kind_of
from anping.know.discover.occurrences import occurrences
from anping.know.discover.own_columns import OWN, own_cells
from anping.know.discover.rules import Rules, standard_rules
from anping.know.discover.tally import TALLY, key_counts, tallied, tally
from anping.know.discover.written import written

#: Up to this many rows all values are looked at; above, a seeded sample of this size.
SAMPLE_ROWS = 20_000
#: Up to this many distinct values a column's values are counted one by one.
FEW_VALUES = 50_000
_SEED = 20_260_101
#: So many cells of whole columns are in memory at once.
_CELLS = 20_000_000
_COUNTING = Text("計算各欄的值", "Counting the values of columns")


def table_values(
    table: Table,
    *,
    sample: int | None = SAMPLE_ROWS,
    full: bool = False,
    progress: Progress = silent,
    rules: Rules | None = None,
) -> tuple[ColumnValues, ...]:
    """Return every column's values, in the table's order.

    The values to look at are those of ``sample`` rows drawn with a fixed seed when there are more
    (None: all rows always). With ``full`` every cell, sampled or not, is also tested for the
    identifiers of :data:`~anping.know.discover.occurrences.OCCURRING`, and for a user's own
    entities among the ``rules``, in one pass.
    """
    found: list[ColumnValues] = []
    columns = table.columns
    progress(_COUNTING, 0, len(columns))
    for block in _blocks(table):
        if table.rows <= FEW_VALUES or sample is None:
            found += _small(table, block, sample)
        else:
            found += _large(
                table, block, sample, rules=(rules or standard_rules()) if full else None
            )
        progress(_COUNTING, len(found), len(columns))
    return tuple(found)


def sampled_rows(rows: int, sample: int | None) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the places of the rows to look at, ascending: all, or ``sample`` of them."""
    if sample is None or rows <= sample:
        return np.arange(rows)
    return np.sort(np.random.default_rng(_SEED).choice(rows, sample, replace=False))


def _blocks(table: Table) -> Iterator[tuple[str, ...]]:
    size = max(1, _CELLS // max(1, min(table.rows, FEW_VALUES)))
    for start in range(0, len(table.columns), size):
        yield table.columns[start : start + size]


def _small(table: Table, columns: Sequence[str], sample: int | None) -> Iterator[ColumnValues]:
    """Yield the values of a table whose rows are so few that they fit in memory."""
    rows = rows_at(table, np.arange(table.rows), columns=columns)
    chosen = pa.array(sampled_rows(table.rows, sample))
    for name in columns:
        column = rows.column(name)
        every = counted(column)
        cells = column if len(chosen) == table.rows else column.take(chosen)
        looked = every if len(chosen) == table.rows else counted(cells)
        kind, filled = kind_of(column.type), every.total()
        yield ColumnValues(name, kind, looked, len(every), table.rows, filled, every, cells=cells)


def _large(
    table: Table, columns: Sequence[str], sample: int | None, *, rules: Rules | None
) -> Iterator[ColumnValues]:
    """Yield the values of columns of a large table; with ``rules`` every cell is tested."""
    drawing = Drawing(table.source, positions=sampled_rows(table.rows, sample))
    counts = dict(
        zip(columns, at_once(table, lambda name: _few(drawing, name), columns), strict=True)
    )
    looked = drawing.rows_drawn(columns)
    distinct = {name: different for name, (different, _) in counts.items()}
    many = [name for name in columns if distinct[name] > FEW_VALUES]
    texts = [name for name in many if kind_of(table.schema.field(name).type) == "text"]
    figures, looks = _text_figures(table, texts, distinct, rules=rules)
    if rules is not None:
        looks |= _number_looks(table, [name for name in many if name not in texts], rules)
    figures |= _plain_figures(table, [name for name in many if name not in texts], distinct)
    for name in columns:
        every = counts[name][1]
        filled, different = figures[name] if every is None else (every.total(), len(every))
        kind, cells = kind_of(table.schema.field(name).type), looked.column(name)
        yield ColumnValues(
            name,
            kind,
            counted(cells),
            different,
            table.rows,
            filled,
            every,
            looks.get(name),
            cells,
        )


def _few(table: Table, column: str) -> tuple[int, Counter[str] | None]:
    """Return how many values differ, and how often each occurs where they are few."""
    different, found = frequencies_if_few(table, column, most=FEW_VALUES, count=f"{column} rows")
    if found is None:
        return different, None
    return different, counted_values(found.column(0), found.column(1).to_pylist())


def _plain_figures(
    table: Table, columns: Sequence[str], distinct: dict[str, int]
) -> dict[str, tuple[int, int]]:
    """Return filled rows and distinct values of numbers and dates, whose spelling is one."""
    if not columns:
        return {}
    nulls = {found.column: found.nulls for found in null_counts(table)}
    floats = tuple(n for n in columns if pa.types.is_floating(table.schema.field(n).type))
    passed = mapped(table, NotNumbers(floats), columns=floats, schema=TALLY) if floats else ()
    found = {floats[place]: counts["nan"] for place, counts in tallied(passed).items()}
    figures = {}
    for name in columns:
        not_numbers = found.get(name, 0)
        filled = table.rows - nulls[name] - not_numbers
        figures[name] = (filled, distinct[name] - (not_numbers > 0))
    return figures


def _text_figures(
    table: Table, columns: Sequence[str], distinct: dict[str, int], *, rules: Rules | None
) -> tuple[dict[str, tuple[int, int]], dict[str, Counter[str]]]:
    """Return filled rows and distinct values of texts as they are written once folded, and looks."""
    if not columns:
        return {}, {}
    function = FilledCells(tuple(columns), full=rules is not None, rules=_with_own(rules))
    found = tallied(mapped(table, function, columns=columns, schema=TALLY))
    figures, looks = {}, {}
    for place, name in enumerate(columns):
        counts = found.get(place, Counter())
        different = distinct[name]
        filled, changed = counts.pop("filled", 0), counts.pop("changed", 0)
        if changed:
            different = distinct_mapped(table, AsWritten(name), columns=[name], kind=pa.string())
        figures[name] = (filled, different)
        if rules is not None:
            looks[name] = counts
    return figures, looks


def _with_own(rules: Rules | None) -> Rules | None:
    """Return rules that hold a user's own entities; None: there is nothing more to look for."""
    return rules if rules is not None and rules.own else None


def _number_looks(table: Table, columns: Sequence[str], rules: Rules) -> dict[str, Counter[str]]:
    """Return what the whole numbers of columns look like: cards and phones are stored as such."""
    types = {name: table.schema.field(name).type for name in columns}
    whole = [name for name, kind in types.items() if pa.types.is_integer(kind)]
    if not whole:
        return {}
    found = tallied(
        mapped(
            table,
            FilledCells(tuple(whole), full=True, rules=_with_own(rules)),
            columns=whole,
            schema=TALLY,
        )
    )
    for counts in found.values():
        del counts["filled"], counts["changed"]
    return {name: found.get(place, Counter()) for place, name in enumerate(whole)}


@dataclass(frozen=True)
class FilledCells:
    """Tallies the cells that hold a value, and those that folding changes or null words empty.

    With ``full`` also how many look like each kind of identifier, and, with ``rules``, like an own
    entity (keys ``own/TYPE``).
    """

    columns: tuple[str, ...]
    full: bool = False
    rules: Rules | None = None

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch's tally; subjects are the places of ``columns``."""
        counts: dict[int, Counter[str]] = {}
        for place, name in enumerate(self.columns):
            cells = batch.column(name)
            texts = written(cells)
            same = cells.type == pa.string() and texts.equals(cells)
            counts[place] = occurrences(texts, None) if self.full else Counter()
            if self.rules is not None:
                held = own_cells(key_counts(texts), self.rules)
                counts[place].update({f"{OWN}{kind}": n for kind, n in held.items()})
            counts[place] += Counter(filled=len(texts) - texts.null_count, changed=int(not same))
        return tally(counts)


@dataclass(frozen=True)
class NotNumbers:
    """Tallies the NaN of each column, which are missing values."""

    columns: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch's tally; subjects are the places of ``columns``."""
        counts = {}
        for place, name in enumerate(self.columns):
            cells = batch.column(name)
            if pa.types.is_floating(cells.type):
                numbers = cells.drop_null().to_numpy(zero_copy_only=False)
                counts[place] = {"nan": int(np.count_nonzero(np.isnan(numbers)))}
        return tally(counts)


@dataclass(frozen=True)
class AsWritten:
    """Makes a column's cells as discovery reads them."""

    column: str

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the column ``made``."""
        return pa.record_batch([written(batch.column(self.column))], names=["made"])
