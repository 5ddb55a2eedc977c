"""What a scorecard is worth: on rows it has not seen, and what whole points cost."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Measure
from anping.core.text import Text
from anping.learn.scorecard import Scorecard
from anping.stats.auc import auc, auc_difference_interval, auc_interval
from anping.stats.separation import gini, gini_interval, separation, separation_interval

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def measured(
    card: Scorecard, rows: pa.Table, truth: Flags, *, exact: Floats, how: str
) -> tuple[Measure, ...]:
    """Return AUC, Gini and Kolmogorov-Smirnov of the points, and the loss by rounding.

    ``truth`` (n,) marks the events of the rows, ``exact`` (n,) are their log-odds before rounding.
    A sample of one class has no such measures.
    """
    n = int(truth.size)
    size = Measure(
        "scorecard.characteristics", len(card.characteristics), "columns", n,
        Text("評分卡的欄位數", "Characteristics of the card"), method="count",
    )  # fmt: skip
    if not truth.any() or truth.all():
        return (size,)
    scores = card.scores(rows).astype(np.float64)
    risk, seed = -scores, 20260101
    lost = auc(truth, exact) - auc(truth, risk)
    off = np.abs(card.scale.points(exact) - scores).max()
    return (
        size,
        Measure("scorecard.auc", auc(truth, risk), "probability", n, Text("AUC", "AUC"), interval=auc_interval(truth, risk), method=how),
        Measure("scorecard.gini", gini(truth, risk), "ratio", n, Text("吉尼係數", "Gini"), interval=gini_interval(truth, risk), method=how),
        Measure("scorecard.ks", separation(truth, risk), "ratio", n, Text("柯爾莫哥洛夫－斯米爾諾夫距離", "Kolmogorov-Smirnov"), interval=separation_interval(truth, risk, seed=seed), method=how, seed=seed),
        Measure("scorecard.rounding_loss", lost, "probability", n, Text("點數取整損失的 AUC", "AUC lost by whole points"), interval=auc_difference_interval(truth, exact, risk), method=how),
        Measure("scorecard.rounding_most", float(off), "points", n, Text("點數取整最大的差", "Largest difference by whole points"), method=how),
    )  # fmt: skip
