"""Groups of rows by columns that people care about, and by what such columns say together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.engine.natures import as_day, as_number, distinct_cells, nature_of
from anping.engine.table import missing_column

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

#: A column of numbers with more values than these is cut into bands.
_VALUES = 10
_BANDS = 4
#: The most frequent values stand for themselves, the others together.
_MOST = 12
_MISSING = Text("（缺）", "(missing)")
_OTHERS = Text("（其他）", "(other)")


@dataclass(frozen=True, eq=False)
class Partition:
    """Rows divided by one or more columns: ``codes`` (n,) number the groups, ``labels`` name them.

    ``parts`` (g, k) tells which group of each of the k single columns a group lies in.
    """

    columns: tuple[str, ...]
    labels: tuple[Text, ...]
    codes: Rows
    parts: Rows

    @property
    def name(self) -> str:
        """The columns' names, joined."""
        return " × ".join(self.columns)

    @property
    def sizes(self) -> Rows:
        """How many rows each group has."""
        return np.bincount(self.codes, minlength=len(self.labels)).astype(np.int64)

    def subject(self, group: int) -> str:
        """Return what a group is called in a measure: ``sex=F``, ``sex=F × area=north``."""
        names = self.labels[group].en.split(" × ") if len(self.columns) > 1 else None
        if names is None or len(names) != len(self.columns):
            return f"{self.name}={self.labels[group].en}"
        return " × ".join(f"{c}={n}" for c, n in zip(self.columns, names, strict=True))


def partition_by(rows: pa.Table, asked: str) -> Partition:
    """Return the groups of one column; ``asked`` is its name, or ``age:25,40,65`` with cuts.

    A column of numbers or dates with many values is cut at its quartiles, others keep their 12 most
    frequent values. Raises SchemaError for an unknown column, ParameterError for cuts that are no
    numbers (``judge.cuts``) or a column with a single value (``judge.one-group``).
    """
    column, cuts = _asked(rows, asked)
    cells = rows.column(column)
    places, distinct = distinct_cells(cells)
    nature = nature_of(cells)
    if nature != "category" and (cuts or len(distinct) - 1 > _VALUES):
        read = as_day if nature == "date" else as_number
        numbers = np.array([read(cell) for cell in distinct], dtype=np.float64)[places]
        return _banded(column, numbers, cuts, days=nature == "date")
    if cuts:
        raise _no_cuts(column)
    return _valued(column, places, [trimmed_text(cell) for cell in distinct])


def intersections(single: Sequence[Partition]) -> tuple[Partition, ...]:
    """Return the groups by each two columns together, and by all where there are three or more."""
    sets = [*combinations(range(len(single)), 2)]
    if len(single) > 2:
        sets.append(tuple(range(len(single))))  # type: ignore[arg-type]
    return tuple(crossed([single[place] for place in chosen]) for chosen in sets)


def crossed(single: Sequence[Partition]) -> Partition:
    """Return the groups by several columns together; those that no row is in are left out."""
    codes = np.column_stack([one.codes for one in single])
    parts, places = np.unique(codes, axis=0, return_inverse=True)
    labels = tuple(
        Text(
            " × ".join(one.labels[code].zh for one, code in zip(single, line, strict=True)),
            " × ".join(one.labels[code].en for one, code in zip(single, line, strict=True)),
        )
        for line in parts.tolist()
    )
    names = tuple(one.name for one in single)
    return Partition(names, labels, places.reshape(-1).astype(np.int64), parts.astype(np.int64))


def _asked(rows: pa.Table, asked: str) -> tuple[str, tuple[float, ...]]:
    if asked in rows.column_names:
        return asked, ()
    column, colon, written = asked.rpartition(":")
    if not colon or column not in rows.column_names:
        raise missing_column(asked, rows.column_names)
    try:
        cuts = tuple(sorted({float(cut) for cut in written.split(",")}))
    except ValueError as problem:
        raise _no_cuts(column) from problem
    return column, cuts


def _banded(column: str, numbers: Floats, cuts: tuple[float, ...], *, days: bool) -> Partition:
    known = numbers[~np.isnan(numbers)]
    if not cuts:
        quartiles = np.quantile(known, np.linspace(0, 1, _BANDS + 1)[1:-1])
        cuts = tuple(sorted({_rounded(float(cut), known, days=days) for cut in quartiles}))
    codes = np.searchsorted(np.array(cuts), numbers, side="right")
    ends = [_written(cut, days=days) for cut in cuts]
    labels = [Text(f"< {ends[0]}", f"< {ends[0]}")]
    labels += [Text(f"{low} – < {high}", f"{low} – < {high}") for low, high in pairwise(ends)]
    labels.append(Text(f"≥ {ends[-1]}", f"≥ {ends[-1]}"))
    codes = np.where(np.isnan(numbers), len(labels), codes)
    return _present(column, codes, [*labels, _MISSING])


def _rounded(cut: float, known: Floats, *, days: bool) -> float:
    """Return a cut with as few digits as still tell it from the spread: nobody's own value."""
    if days:
        return float(round(cut))
    spread = float(np.subtract(*np.quantile(known, (0.9, 0.1)))) or 1.0
    digits = 1 - int(np.floor(np.log10(abs(spread))))
    return round(cut, digits)


def _written(cut: float, *, days: bool) -> str:
    if not days:
        return f"{cut:,.10g}"
    return date.fromordinal(round(cut)).isoformat()


def _valued(column: str, places: Rows, names: list[str]) -> Partition:
    counts: Counter[str] = Counter()
    sizes = np.bincount(places, minlength=len(names)).tolist()
    for name, size in zip(names, sizes, strict=True):
        counts[name] += size
    counts.pop("", None)
    kept = sorted(counts, key=lambda name: (-counts[name], name))[:_MOST]
    kept = sorted(name for name in kept if counts[name])
    code_of = {name: code for code, name in enumerate(kept)}
    others, missing = len(kept), len(kept) + 1
    codes = np.array([missing if not name else code_of.get(name, others) for name in names])
    labels = [Text(name, name) for name in kept]
    return _present(column, codes[places], [*labels, _OTHERS, _MISSING])


def _present(column: str, codes: Rows, labels: list[Text]) -> Partition:
    there, places = np.unique(codes, return_inverse=True)
    if there.size < 2:
        raise ParameterError(
            "judge.one-group",
            Text("這一欄把所有列分在同一組。", "This column puts all rows into one group."),
            where=Where(column=column),
            hint=Text("請選另一欄，或給分界。", "Choose another column, or give cuts."),
        )
    named = tuple(labels[code] for code in there.tolist())
    parts = np.arange(there.size, dtype=np.int64)[:, None]
    return Partition((column,), named, places.reshape(-1).astype(np.int64), parts)


def _no_cuts(column: str) -> ParameterError:
    return ParameterError(
        "judge.cuts",
        Text(
            "分界必須是數字，而且欄位必須是數字或日期。",
            "Cuts are numbers, and the column is one of numbers or dates.",
        ),
        where=Where(column=column),
        hint=Text("例如 age:25,40,65。", "For example age:25,40,65."),
    )
