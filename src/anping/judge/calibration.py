"""Whether probabilities mean what they say: reliability, calibration error, slope and intercept.

Sources: Naeini et al. 2015, AAAI (expected calibration error; here over bins of equal numbers of
rows, as Nixon et al. 2019); Cox 1958, Biometrika 45:562 (slope and intercept).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.judge.measuring import METHOD
from anping.judge.outcomes import Outcomes
from anping.judge.resampling import Resampling
from anping.judge.section import Grid, GridRow, Line, Plot, Section
from anping.stats.intervals import wilson

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

#: Bins of the reliability table, at most.
BINS = 10
_EDGE = 1e-6
_STEPS = 50
#: Where every claim is this near to what came, the regression has no finite solution.
_SEPARATED = 1e-2

_TITLE = Text("校準", "Calibration")
_LEAD = {
    "binary": Text(
        "說 30% 的時候，是不是真的有 30% 發生？每一箱的列數相同。",
        "When it says 30 %, does it happen in 30 % of cases? Each bin has the same number of rows.",
    ),
    "classes": Text(
        "模型對自己的答案有多少把握，答對的比例是不是一樣多？",
        "Is the model right as often as it is sure of its answer?",
    ),
    "number": Text(
        "預測高的列，實際也一樣高嗎？",
        "Where it predicts more, is there more by as much?",
    ),
}
_ECE = Text("期望校準誤差（ECE）", "Expected calibration error (ECE)")
_SLOPE = Text("校準斜率（理想為 1）", "Calibration slope (ideally 1)")
_INTERCEPT = Text("校準截距（理想為 0）", "Calibration intercept (ideally 0)")
_GAP = Text("平均預測減平均實際", "Mean prediction less mean truth")
_LIMIT = Text(
    "校準誤差把列分成箱來比較：箱內的偏差可能互相抵銷；列少時數值偏高，區間已扣除偏高的部分，因此可能在數值之下。",
    "The calibration error compares bins: errors within a bin may cancel. Few rows make it larger; the "
    "interval is freed of that and may lie below it.",
)
_ASSUMED = Text("羅吉斯迴歸，對預測的對數勝算", "Logistic regression on the log-odds predicted")


@dataclass(frozen=True, eq=False)
class Claims:
    """What was claimed of n rows and what came true: a chance and 0 or 1, or two numbers."""

    claimed: Floats
    came: Floats
    bins: Rows
    count: int


def claims_of(outcomes: Outcomes, *, bins: int = BINS) -> Claims:
    """Return the claims: of the second class, of the likeliest class, or the numbers."""
    if outcomes.task == "binary":
        claimed, came = outcomes.scores, outcomes.positive.astype(np.float64)
    elif outcomes.task == "classes":
        claimed = outcomes.values.max(axis=1)
        came = (outcomes.values.argmax(axis=1) == outcomes.truth).astype(np.float64)
    else:
        claimed, came = outcomes.values, outcomes.truth
    edges = np.unique(np.quantile(claimed, np.linspace(0, 1, bins + 1)[1:-1]))
    codes = np.searchsorted(edges, claimed, side="right")
    _, places = np.unique(codes, return_inverse=True)
    return Claims(claimed, came, places.astype(np.int64), int(places.max()) + 1)


def calibration_error(sums: Floats) -> Floats:
    """Return the mean size of claimed less came over rows, from sums (..., bins, 3)."""
    rows, claimed, came = sums[..., 0], sums[..., 1], sums[..., 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.abs(claimed - came).sum(axis=-1) / rows.sum(axis=-1)
    return found


def bin_columns(claims: Claims) -> Floats:
    """Return (n, bins · 3): one, claimed and came, each in its row's bin."""
    columns = np.zeros((claims.claimed.size, claims.count, 3))
    rows = np.arange(claims.claimed.size)
    columns[rows, claims.bins] = np.column_stack((np.ones(rows.size), claims.claimed, claims.came))
    return columns.reshape(rows.size, -1)


def logistic_slope(
    claimed: Floats, came: Floats, *, people: Rows | None = None, level: float = 0.95
) -> tuple[tuple[float, Interval], tuple[float, Interval]] | None:
    """Return slope and intercept of ``came`` on the log-odds of ``claimed``, with intervals.

    Intervals are Wald's with a robust variance, over people where they are numbered. None where the
    regression has no finite solution: the claims separate what came, or are all alike.
    """
    chance = np.clip(claimed, _EDGE, 1 - _EDGE)
    odds = np.log(chance / (1 - chance))
    if np.ptp(odds) == 0 or not 0 < came.sum() < came.size:
        return None
    design = np.column_stack((odds, np.ones(odds.size)))
    found = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        fitted = 1 / (1 + np.exp(-np.clip(design @ found, -35, 35)))
        weight = fitted * (1 - fitted)
        bend = design.T @ (design * weight[:, None])
        if np.linalg.cond(bend) > 1e12:
            return None
        step = np.linalg.solve(bend, design.T @ (came - fitted))
        found = found + step
        if np.abs(found).max() > 1e3:
            return None
        if np.abs(step).max() < 1e-10:
            break
    if np.abs(came - fitted).max() < _SEPARATED:
        return None
    return _wald(found, bend, design * (came - fitted)[:, None], people=people, level=level)


def straight_slope(
    claimed: Floats, came: Floats, *, people: Rows | None = None, level: float = 0.95
) -> tuple[tuple[float, Interval], tuple[float, Interval]] | None:
    """Return slope and intercept of the line of ``came`` on ``claimed``; None if all are alike."""
    if np.ptp(claimed) == 0:
        return None
    design = np.column_stack((claimed, np.ones(claimed.size)))
    bend = design.T @ design
    found = np.linalg.lstsq(design, came, rcond=None)[0]
    return _wald(found, bend, design * (came - design @ found)[:, None], people=people, level=level)


def _wald(
    found: Floats, bend: Floats, parts: Floats, *, people: Rows | None, level: float
) -> tuple[tuple[float, Interval], tuple[float, Interval]]:
    """Return both numbers with intervals by the sandwich of Huber and White."""
    if people is not None:
        _, codes = np.unique(people, return_inverse=True)
        summed = np.zeros((int(codes.max()) + 1, 2))
        np.add.at(summed, codes, parts)
        parts = summed
    inverse = np.linalg.inv(bend)
    reach = NormalDist().inv_cdf(0.5 + level / 2) * np.sqrt(
        np.diag(inverse @ (parts.T @ parts) @ inverse)
    )
    slope, intercept = (
        (float(value), Interval(float(value - r), float(value + r), level, "wald-robust"))
        for value, r in zip(found, reach, strict=True)
    )
    return slope, intercept


def examine_calibration(outcomes: Outcomes, resampling: Resampling, *, seed: int) -> Section:
    """Return the reliability table, the calibration error, slope, intercept and the mean gap."""
    claims = claims_of(outcomes)
    columns = bin_columns(claims)
    sums = columns.sum(axis=0).reshape(claims.count, 3)
    drawn = resampling.sums(columns).reshape(-1, claims.count, 3)
    measures = [*_overall(outcomes, sums, drawn, resampling, seed=seed)]
    fit = straight_slope if outcomes.task == "number" else logistic_slope
    lines = fit(claims.claimed, claims.came, people=outcomes.people, level=resampling.level)
    for (name, title, unit), found in zip(
        (("slope", _SLOPE, "ratio to 1"), ("intercept", _INTERCEPT, "log-odds")),
        lines or (),
        strict=False,
    ):
        value, interval = found
        how = () if outcomes.task == "number" else (_ASSUMED,)
        if outcomes.task == "number" and unit == "log-odds":
            unit = "target unit"  # noqa: PLW2901 - a number's intercept is in its own unit
        measures.append(
            Measure(
                f"judge.calibration.{name}", value, unit, outcomes.n, title,
                interval=interval, method=METHOD, assumptions=how,
            )
        )  # fmt: skip
    grid, more, picture = _reliability(outcomes, sums, drawn, resampling)
    return Section(
        "calibration", _TITLE, _LEAD[outcomes.task], (*measures, *more), (grid,), (picture,),
        limits=(_LIMIT,), details=frozenset(measure.key for measure in more),
    )  # fmt: skip


def _overall(
    outcomes: Outcomes, sums: Floats, drawn: Floats, resampling: Resampling, *, seed: int
) -> list[Measure]:
    unit = "target unit" if outcomes.task == "number" else "share"
    error = float(calibration_error(sums))
    errors = calibration_error(drawn)
    whole, again = sums.sum(axis=0), drawn.sum(axis=1)
    gap = float((whole[1] - whole[2]) / whole[0])
    gaps = (again[:, 1] - again[:, 2]) / again[:, 0]
    return [
        Measure(
            "judge.calibration.error", error, unit, outcomes.n, _ECE,
            interval=resampling.reflected(error, errors), method=METHOD, seed=seed,
        ),
        Measure(
            "judge.calibration.gap", gap, unit, outcomes.n, _GAP,
            interval=resampling.interval(gaps), method=METHOD, seed=seed,
        ),
    ]  # fmt: skip


def _reliability(
    outcomes: Outcomes, sums: Floats, drawn: Floats, resampling: Resampling
) -> tuple[Grid, list[Measure], Plot]:
    unit = "target unit" if outcomes.task == "number" else "share"
    rows, measures, points, bounds = [], [], [], []
    for place in range(sums.shape[0]):
        n = round(float(sums[place, 0]))
        claimed, came = sums[place, 1] / n, sums[place, 2] / n
        interval = _of_bin(sums[place], drawn[:, place], resampling, share=unit == "share")
        subject = f"bin {place + 1}"
        said = Measure("judge.calibration.predicted", float(claimed), unit, n, Text("平均預測", "Mean prediction"), subject=subject, method=METHOD)  # fmt: skip
        true = Measure("judge.calibration.observed", float(came), unit, n, Text("實際", "Observed"), subject=subject, interval=interval, method=METHOD)  # fmt: skip
        measures += [said, true]
        rows.append(GridRow(Text(f"第 {place + 1} 箱", f"Bin {place + 1}"), (said, true)))
        points.append((float(claimed), float(came)))
        bounds.append((came, came) if interval is None else (interval.low, interval.high))
    head = (Text("箱", "Bin"), Text("平均預測", "Mean prediction"), Text("實際", "Observed"))
    grid = Grid(Text("可靠度表", "Reliability table"), head, tuple(rows))
    return grid, measures, _plot(outcomes, points, bounds)


def _of_bin(sums: Floats, drawn: Floats, resampling: Resampling, *, share: bool) -> Interval | None:
    if share and not resampling.grouped:
        return wilson(float(sums[2]), round(float(sums[0])), level=resampling.level)
    with np.errstate(invalid="ignore", divide="ignore"):
        return resampling.interval(drawn[:, 2] / drawn[:, 0])


def _plot(
    outcomes: Outcomes, points: list[tuple[float, float]], bounds: list[tuple[float, float]]
) -> Plot:
    ends = [end for point in points for end in point]
    low, high = (0.0, 1.0) if outcomes.task == "binary" else (min(ends), max(ends))
    ideal = Line(Text("理想", "ideal"), ((low, low), (high, high)), tone="reference")
    found = Line(
        Text("這個模型", "this model"),
        tuple(points),
        tuple(float(each[0]) for each in bounds),
        tuple(float(each[1]) for each in bounds),
    )
    return Plot(
        Text("可靠度", "Reliability"),
        Text(
            "各箱的實際值對平均預測，帶狀為 95% 區間；虛線是完全校準。數字在旁邊的表中。",
            "What was observed in each bin against the mean prediction, the band its 95 % interval; "
            "the dashed line is perfect calibration. The numbers stand in the table.",
        ),
        Text("平均預測", "Mean prediction"),
        Text("實際", "Observed"),
        (ideal, found),
    )
