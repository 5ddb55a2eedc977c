"""What columns added to answers, of any model: exact where it tells, else estimated by asking.

The estimate is the Shapley value with unknown columns taken from other rows (Štrumbelj & Kononenko
2014, Knowledge and Information Systems 41:647), over orders of the columns and their reverses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.engine.prediction import Contributions, Explained, Predictor, Task
from anping.judge.asking import with_cells

Floats = NDArray[np.float64]
_ORDERS = 8
_LOOKED_AT = 50
_FLOOR = 1e-9


@dataclass(frozen=True, eq=False)
class Attribution:
    """Contributions and whether they are ``exact`` or ``sampled``."""

    contributions: Contributions
    how: Literal["exact", "sampled"]


def attribution(
    predictor: Predictor,
    rows: pa.Table,
    *,
    background: pa.Table,
    seed: int,
    orders: int = _ORDERS,
) -> Attribution:
    """Return what each column added to the answers of ``rows``.

    A model that cannot tell is asked of rows in which some columns are another row's, of
    ``background``: 2 · ``orders`` · (columns + 1) answers for each row.
    """
    if isinstance(predictor, Explained):
        try:
            return Attribution(predictor.contributions(rows), "exact")
        except ParameterError as problem:
            if not problem.code.startswith("learn.no-"):
                raise
    return Attribution(_sampled(predictor, rows, background, seed=seed, orders=orders), "sampled")


def leading(
    predictor: Predictor, rows: pa.Table, *, seed: int, among: int = _LOOKED_AT
) -> tuple[str, ...]:
    """Return the columns that a model reads, those that add most to ``among`` rows first."""
    some = rows.slice(0, min(among, rows.num_rows))
    told = attribution(predictor, some, background=rows, seed=seed, orders=1).contributions
    names = [feature.name for feature in predictor.signature.features]
    sizes = np.abs(told.values).mean(axis=(0, 2))
    return tuple(names[at] for at in np.argsort(-sizes, kind="stable"))


def _sampled(
    predictor: Predictor, rows: pa.Table, background: pa.Table, *, seed: int, orders: int
) -> Contributions:
    signature = predictor.signature
    names = [feature.name for feature in signature.features]
    draw = np.random.default_rng(seed)
    one = rows.select(names)
    added: list[Floats] = []
    starts = []
    for _ in range(orders):
        order = draw.permutation(len(names))
        others = background.select(names).take(
            pa.array(draw.integers(0, background.num_rows, rows.num_rows))
        )
        for way in (order, order[::-1]):
            steps = [others]
            for at in way:
                steps.append(with_cells(steps[-1], names[at], one.column(names[at])))
            asked = pa.concat_tables([step.cast(one.schema) for step in steps])
            sums = _sums(signature.task, predictor.predict(asked).values)
            sums = sums.reshape(len(steps), rows.num_rows, -1)
            found = np.empty((rows.num_rows, len(names), sums.shape[2]))
            found[:, way] = np.diff(sums, axis=0).transpose(1, 0, 2)
            added.append(found)
            starts.append(sums[0])
    # The base is one for all rows; what differs between their starts is shared as the columns add.
    values, start = np.mean(added, axis=0), np.mean(starts, axis=0)
    base = start.mean(axis=0)
    sizes = np.abs(values)
    whole = sizes.sum(axis=1, keepdims=True)
    shares = np.divide(sizes, whole, out=np.full(sizes.shape, 1 / len(names)), where=whole > 0)
    values += (start - base)[:, None, :] * shares
    return Contributions(base, values)


def _sums(task: Task, values: Floats) -> Floats:
    """Return (n, c): answers before the link, numbers or log-odds."""
    if task == "number":
        return values[:, None]
    safe = np.clip(values, _FLOOR, 1 - _FLOOR)
    if task == "binary":
        odds: Floats = np.log(safe[:, 1:] / safe[:, :1])
        return odds
    logs: Floats = np.log(safe)
    return logs
