"""The series that forecasts are compared on: rows of M4 (Makridakis et al. 2020), evenly spaced."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks import report

Floats = NDArray[np.float64]
#: Only so many last points of a series are learnt from.
_POINTS = 1000


class Problem(NamedTuple):
    """Training series and what came after them; ``season`` is the competition's."""

    name: str
    frequency: str
    season: int
    train: list[Floats]
    truth: Floats

    @property
    def horizon(self) -> int:
        """How many steps are forecast."""
        return int(self.truth.shape[1])

    def table(self) -> pa.Table:
        """Return a row for each series and step; M4 tells no dates, so steps are numbered."""
        lengths = [series.size for series in self.train]
        names = [f"s{number:03d}" for number in range(len(self.train))]
        return pa.table(
            {
                "series": np.repeat(names, lengths),
                "step": np.concatenate([np.arange(length) for length in lengths]),
                "value": np.concatenate(self.train),
            }
        )


def problems() -> Iterator[Problem]:
    """Yield 40 hourly and 100 weekly series, where the data is there."""
    folder = report.shared("data", "m4")
    if folder is None:
        return
    for name, count, season, frequency in (("Hourly", 40, 24, "h"), ("Weekly", 100, 1, "W")):
        train, test = _rows(folder / f"m4_{name}-train.csv"), _rows(folder / f"m4_{name}-test.csv")
        later = {row[0]: row for row in test}
        chosen = [train[at] for at in np.linspace(0, len(train) - 1, count).astype(int)]
        yield Problem(
            name,
            frequency,
            season,
            [_numbers(row)[-_POINTS:] for row in chosen],
            np.stack([_numbers(later[row[0]]) for row in chosen]),
        )


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]


def _numbers(row: list[str]) -> Floats:
    return np.array([float(cell) for cell in row[1:] if cell])


def mase(problem: Problem, said: Floats) -> Floats:
    """Return (n,): each series' mean absolute error in units of its mean seasonal difference."""
    season = problem.season
    scale = np.array([np.abs(y[season:] - y[:-season]).mean() for y in problem.train])
    errors: Floats = np.abs(said - problem.truth).mean(axis=1) / scale
    return errors


def smape(problem: Problem, said: Floats) -> Floats:
    """Return (n,): each series' symmetric mean absolute percentage error."""
    size = np.abs(said) + np.abs(problem.truth)
    errors: Floats = (200 * np.abs(said - problem.truth) / size).mean(axis=1)
    return errors


def seasonal_naive(problem: Problem) -> Floats:
    """Return (n, h): the last season again."""
    return np.stack([np.resize(y[-problem.season :], problem.horizon) for y in problem.train])
