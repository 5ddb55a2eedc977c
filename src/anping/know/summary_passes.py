"""Passes over columns of too many values to list: what a batch comes to, to be added up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.dates import parse
from anping.know.discover.column_values import Numbers
from anping.know.discover.tally import key_counts, tally
from anping.know.discover.written import written

_EPOCH_ORDINAL = 719_163
_LONGEST_DATE = 24


def day_of(text: str) -> float | None:
    """Return the day since 1970 that a text writes, also as the ROC calendar does; None if none."""
    part = text.strip().split(" ", maxsplit=1)[0].split("T", maxsplit=1)[0]
    known = parse(part) if len(text) <= _LONGEST_DATE + 8 else None
    return None if known is None else float(known.day.toordinal() - _EPOCH_ORDINAL)


@dataclass(frozen=True)
class InBins:
    """Tallies, per column of numbers, the cells of each bin, and those beyond two limits.

    ``edges`` hold each column's inner edges, ``limits`` its range or None.
    """

    columns: tuple[str, ...]
    edges: tuple[tuple[float, ...], ...]
    limits: tuple[tuple[float, float] | None, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch's tally; subjects are the places of ``columns``."""
        found = {}
        for place, name in enumerate(self.columns):
            cells = pc.fill_null(batch.column(name).cast(pa.float64()), float("nan"))
            numbers = cells.to_numpy(zero_copy_only=False)
            counts = binned(numbers[np.isfinite(numbers)], self.edges[place], self.limits[place])
            found[place] = {key: n for key, n in counts.items() if n}
        return tally(found)


def binned(
    numbers: Numbers,
    edges: tuple[float, ...],
    limits: tuple[float, float] | None,
    weights: Numbers | None = None,
) -> dict[str, int]:
    """Return the cells of each bin by its place, and those ``below`` and ``above`` the limits.

    Each number counts once, or as often as ``weights`` (n,) say.
    """
    places = np.searchsorted(np.array(edges), numbers, side="left")
    counts = np.bincount(places, weights, minlength=len(edges) + 1)
    found = {str(place): int(n) for place, n in enumerate(counts.tolist())}
    if limits is not None:
        each = np.ones(numbers.size) if weights is None else weights
        found["below"] = int(each[numbers < limits[0]].sum())
        found["above"] = int(each[numbers > limits[1]].sum())
    if not np.all(numbers == np.floor(numbers)):
        found["fraction"] = 1
    return found


@dataclass(frozen=True)
class Days:
    """Tallies how many cells of each column of moments fall on each day since 1970."""

    columns: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch's tally; subjects are the places of ``columns``."""
        found = {}
        for place, name in enumerate(self.columns):
            days = batch.column(name).cast(pa.timestamp("us"), safe=False).cast(pa.date32())
            found[place] = key_counts(days.cast(pa.int32()).cast(pa.string()))
        return tally(found)


@dataclass(frozen=True)
class Labelled:
    """Tallies how many cells of each column hold each of the labels, as discovery reads cells."""

    columns: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch's tally; subjects are the places of ``columns``."""
        found = {}
        for place, name in enumerate(self.columns):
            texts = written(batch.column(name))
            wanted = pa.array(self.labels[place], pa.string())
            found[place] = key_counts(texts.filter(pc.is_in(texts, value_set=wanted)))
        return tally(found)
