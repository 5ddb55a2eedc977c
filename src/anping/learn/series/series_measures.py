"""What learning measures of its forecasts, beside the naive ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.learn.series.rolling import Rolled, per_series, scaled_errors
from anping.learn.series.spread import LEVELS
from anping.stats.bootstrap import bootstrap_interval
from anping.stats.intervals import wilson

if TYPE_CHECKING:
    from anping.learn.series.examination import Examined
    from anping.learn.series.panel import Panel
    from anping.learn.series.reading import Found

Floats = NDArray[np.float64]
_OURS = "combination"
#: An interval over series needs so many of them.
_SERIES = 5
_DRAWS = 500
_HONEST = "latest origin, weights of earlier ones"
_OWN = "latest origin, weights of the same"
_MASE = Text("平均絕對縮放誤差（MASE）", "Mean absolute scaled error (MASE)")
_SMAPE = Text("對稱平均絕對百分比誤差（sMAPE）", "Symmetric mean absolute percentage error (sMAPE)")
_RMSE = Text("均方根誤差", "Root mean squared error")


def measured(
    panel: Panel, rolled: Rolled, test: Examined | None, *, weights: Floats, found: Found
) -> tuple[Measure, ...]:
    """Return what was read, and what holds at the latest origin.

    That is the errors (n counts the forecasts; intervals are over series) of the combination and of
    every member, the coverage and width of the
    intervals, and the comparison with the naive ones.
    """
    counts = [
        Measure("series.series", panel.count, "series", found.rows, Text("序列", "Series")),
        Measure("series.steps", found.steps, "steps", found.rows, Text("有值的步", "Steps with a value")),
        Measure("series.gaps", found.gaps, "steps", found.steps + found.gaps, Text("補上的空缺步", "Gaps that were filled")),
    ]  # fmt: skip
    if test is None:
        return tuple(counts)
    how = _HONEST if test.honest else _OWN
    names = [(_OURS, test.said), *((name, test.rolled.of(name)) for name in rolled.names)]
    errors = [measure for name, said in names for measure in _errors(name, said, test, how)]
    shares = [
        Measure("series.weight", float(weight), "share", rolled.origins, Text("組合中的權重", "Weight in the combination"), subject=name, method="rolling origins, greedy selection (Caruana et al. 2004)")
        for name, weight in zip(rolled.names, weights, strict=True) if weight > 0
    ]  # fmt: skip
    return (*counts, *errors, *_coverage(test, how), *_against(test), *shares)


def _errors(name: str, said: Floats, test: Examined, how: str) -> list[Measure]:
    truth = test.rolled.truth
    n = int((~np.isnan(said - truth)).sum())
    scaled = per_series(scaled_errors(test.rolled, said))[0]
    away = np.abs(said - truth)
    size = np.abs(said) + np.abs(truth)
    shares = np.where(
        size > 0, 200 * away / np.where(size > 0, size, 1), np.where(np.isnan(size), np.nan, 0)
    )
    relative = per_series(shares)[0]
    squares = per_series(away**2)[0]
    found = [
        _mean("series.mase", scaled, "scales", title=_MASE, about=(name, how, n)),
        _mean("series.smape", relative, "%", title=_SMAPE, about=(name, how, n)),
    ]
    told = squares[~np.isnan(squares)]
    if told.size:
        found.append(
            Measure("series.rmse", float(np.sqrt(told.mean())), "value", n, _RMSE, subject=name, interval=_interval(told, root=True), method=how)
        )  # fmt: skip
    return [measure for measure in found if measure is not None]


def _mean(
    name: str, values: Floats, unit: str, *, title: Text, about: tuple[str, str, int]
) -> Measure | None:
    told = values[~np.isnan(values)]
    if not told.size:
        return None
    subject, how, n = about
    mean = float(told.mean())
    return Measure(
        name, mean, unit, n, title, subject=subject, interval=_interval(told),
        method=how,
    )  # fmt: skip


def _interval(values: Floats, *, root: bool = False) -> Interval | None:
    """Return the interval of the mean over series; None where there are few."""
    if values.size < _SERIES:
        return None

    def mean(rows: NDArray[np.int64]) -> float:
        drawn = float(values[rows].mean())
        return float(np.sqrt(drawn)) if root else drawn

    return bootstrap_interval(mean, values.size, seed=0, draws=_DRAWS)


def _coverage(test: Examined, how: str) -> list[Measure]:
    found = []
    for level, inside, width in zip(LEVELS, test.inside, test.width, strict=True):
        told = inside[~np.isnan(inside)]
        if not told.size or np.isnan(width):
            continue
        percent = f"{100 * level:g}"
        found += [
            Measure("series.coverage", float(told.mean()), "share", int(told.size), Text(f"{percent}% 區間涵蓋真值的比例", f"Share of truths within the {percent} % intervals"), subject=percent, interval=wilson(int(told.sum()), int(told.size)), method=how, assumptions=(_RELATED,)),
            Measure("series.width", width, "scales", int(told.size), Text(f"{percent}% 區間的平均寬度", f"Mean width of the {percent} % intervals"), subject=percent, method=how),
        ]  # fmt: skip
    return found


def _against(test: Examined) -> list[Measure]:
    titles = {
        "naive": Text("與天真預測之差的 p 值", "p-value of the difference from the naive forecast"),
        "seasonal-naive": Text("與季節天真預測之差的 p 值", "p-value of the difference from the seasonal naive forecast"),
    }  # fmt: skip
    differs = {
        "naive": Text("與天真預測的平均損失差（負的較好）", "Mean difference in loss from the naive forecast (negative is better)"),
        "seasonal-naive": Text("與季節天真預測的平均損失差（負的較好）", "Mean difference in loss from the seasonal naive forecast (negative is better)"),
    }  # fmt: skip
    method = "Diebold-Mariano, Harvey-Leybourne-Newbold 1997"
    found = []
    for name, compared in test.against.items():
        found += [
            Measure("series.difference", compared.difference, "scales", compared.n, differs[name], subject=name, method=method),
            Measure("series.p_value", compared.p_value, "probability", compared.n, titles[name], subject=name, method=method),
        ]  # fmt: skip
    return found


_RELATED = Text(
    "相鄰的步彼此相關：真正的不確定性大於這個區間。",
    "neighbouring steps are related: the true uncertainty is larger than this interval.",
)
