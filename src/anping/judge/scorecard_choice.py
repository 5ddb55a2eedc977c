"""Which of several models to take: the simplest that is not worse than the best beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.judge.section import Grid, GridRow, Section
from anping.stats.auc import auc, auc_interval
from anping.stats.bootstrap import percentile_interval, resamples
from anping.stats.separation import gini, gini_interval, separation, separation_interval

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_DRAWS = 300


@dataclass(frozen=True, eq=False)
class Contender:
    """A model that was asked about the same rows: its key, its name, and its risk (n,)."""

    key: str
    title: Text
    risk: Floats


@dataclass(frozen=True, eq=False)
class Choice:
    """What was measured of each contender, and which is recommended."""

    contenders: tuple[Contender, ...]
    recommended: Contender
    best: Contender
    measures: tuple[Measure, ...]
    name: str = "judge.credit"

    def section(self) -> Section:
        """Return what a report tells."""
        rows = tuple(
            GridRow(
                one.title,
                tuple(self._measure(name, one.key) for name in ("auc", "gini", "ks", "shortfall")),
            )
            for one in self.contenders
        )
        head = (Text("模型", "Model"), Text("AUC", "AUC"), Text("吉尼係數", "Gini"),
                Text("KS", "KS"), Text("比最好的少（AUC）", "Short of the best (AUC)"))  # fmt: skip
        said = self.recommended.title
        return Section(
            "choice",
            Text("模型並列與建議", "Models side by side, and a recommendation"),
            Text(
                "都以同一批學習時沒看過的列檢驗，由簡到繁排列。",
                "All are tested on the same rows, which none has seen, from the simplest to the most "
                "complex.",
            ),
            self.measures,
            (Grid(Text("區辨力", "Separation"), head, rows),),
            notes=(
                Text(
                    f"建議：{said.zh}——它是與最好的模型相差不出抽樣誤差的模型中最簡單的。",
                    f"Recommended: {said.en}, the simplest of those that chance cannot tell from the best.",
                ),
            ),
            limits=(
                Text(
                    "「差在抽樣誤差內」不是證明一樣好：列愈多，愈小的差也看得出來。",
                    "Within chance is no proof of being as good: more rows tell smaller differences apart.",
                ),
            ),
        )

    def _measure(self, name: str, key: str) -> Measure | Text:
        wanted = f"{self.name}.{name}"
        found = (m for m in self.measures if m.name == wanted and m.subject == key)
        return next(found, Text("", ""))


def choose(
    contenders: Sequence[Contender],
    truth: Flags,
    *,
    seed: int,
    level: float = 0.95,
    name: str = "judge.credit",
) -> Choice:
    """Return the choice among models given from the simplest to the most complex.

    ``truth`` (n,) marks the events. The shortfall of a model against the one of the highest AUC has a
    paired bootstrap interval; the first whose interval reaches 0 is recommended. Raises
    ParameterError when one class is empty. ``name`` begins the names of the measures.
    """
    areas = [auc(truth, one.risk) for one in contenders]
    at = int(np.argmax(areas))
    best, recommended, measures = contenders[at], None, []
    for one, area in zip(contenders, areas, strict=True):
        measures += _alone(one, truth, area, seed=seed, name=name)
        if one is best:
            recommended = recommended or one
            continue
        spread = _shortfall(best.risk, one.risk, truth, seed=seed, level=level)
        if spread is None or spread.low <= 0:
            recommended = recommended or one
        measures.append(
            Measure(
                f"{name}.shortfall", areas[at] - area, "probability", int(truth.size),
                Text("比最好的模型少的 AUC", "AUC short of the best model"), subject=one.key,
                interval=spread, method="held-out; paired bootstrap of rows", seed=seed,
            )
        )  # fmt: skip
    assert recommended is not None
    return Choice(tuple(contenders), recommended, best, tuple(measures), name)


def _alone(one: Contender, truth: Flags, area: float, *, seed: int, name: str) -> list[Measure]:
    n, risk = int(truth.size), one.risk
    return [
        Measure(f"{name}.auc", area, "probability", n, Text("AUC", "AUC"), one.key, auc_interval(truth, risk), "held-out"),
        Measure(f"{name}.gini", gini(truth, risk), "ratio", n, Text("吉尼係數", "Gini"), one.key, gini_interval(truth, risk), "held-out"),
        Measure(f"{name}.ks", separation(truth, risk), "ratio", n, Text("柯爾莫哥洛夫－斯米爾諾夫距離", "Kolmogorov-Smirnov"), one.key, separation_interval(truth, risk, seed=seed), "held-out", seed),
    ]  # fmt: skip


def _shortfall(
    best: Floats, other: Floats, truth: Flags, *, seed: int, level: float
) -> Interval | None:
    codes = [np.unique(risk, return_inverse=True)[1] for risk in (best, other)]

    def area(places: NDArray[np.int64], weights: Floats) -> float:
        event = np.bincount(places, weights * truth)
        rest = np.bincount(places, weights * ~truth)
        total = float(event.sum() * rest.sum())
        below = np.cumsum(rest) - rest / 2
        return float(event @ below) / total if total else float("nan")

    drawn = []
    for rows in resamples(truth.size, draws=_DRAWS, seed=seed):
        weights = np.bincount(rows, minlength=truth.size).astype(np.float64)
        drawn.append(area(codes[0], weights) - area(codes[1], weights))
    return percentile_interval(drawn, level=level)
