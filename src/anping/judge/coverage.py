"""Whether intervals and sets hold the truth as often as they claim, for everybody and for each group.

A conformal promise holds on average over all rows; for a group it may be broken (Foygel Barber et al.
2021, Information and Inference 10:455), which is why groups are looked at.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.engine.prediction import Prediction, Predictor
from anping.judge.deciding import decided
from anping.judge.groups import Partition
from anping.judge.measuring import METHOD
from anping.judge.outcomes import Flags, Outcomes
from anping.judge.policy import judging_policy
from anping.judge.resampling import Resampling
from anping.judge.section import Decision, Grid, GridRow, Section
from anping.stats.intervals import wilson

Floats = NDArray[np.float64]

_TITLE = Text("區間與集合的涵蓋率", "Coverage of intervals and sets")
_LEAD = Text(
    "宣稱涵蓋 {level} 的區間或集合，實際涵蓋多少？",
    "Of the intervals or sets that claim to hold the truth in {level}, how many do?",
)
_COVERED = Text("涵蓋真值的比例", "Share that holds the truth")
_WIDTH = {
    "number": Text("區間的平均寬度", "Mean width of the intervals"),
    "classes": Text("集合中的平均類別數", "Mean classes in the sets"),
}
_LIMIT = Text(
    "涵蓋率是平均：對某一個人，它什麼也沒說；資料改變後不再成立。",
    "Coverage is an average: of one person it says nothing, and after a change of the data it need not "
    "hold.",
)


def bounded_by(predictor: Predictor, rows: pa.Table, coverage: float) -> Prediction | None:
    """Return the prediction with intervals or sets of a coverage; None if the model has none such."""
    asked: Callable[..., Prediction] = predictor.predict
    if "coverage" not in inspect.signature(asked).parameters:
        return None
    try:
        return asked(rows, coverage=coverage)
    except ParameterError:
        return None


def examine_coverage(
    outcomes: Outcomes,
    said: Prediction,
    frames: Sequence[tuple[Partition, Flags]],
    resampling: Resampling,
) -> Section:
    """Return the coverage and width over all rows and by group, and whether the claim is kept."""
    claim = said.coverage or 0.0
    covered, width = _covered(outcomes, said)
    unit = "target unit" if outcomes.task == "number" else "classes per set"
    whole = _of(covered, np.ones(outcomes.n, np.bool_), resampling, subject="")
    wide = float(width.mean())
    width_title = _WIDTH["number" if outcomes.task == "number" else "classes"]
    measures = [
        whole,
        Measure(
            "judge.coverage.width", wide, unit, outcomes.n, width_title, method=METHOD,
            interval=resampling.interval(resampling.sums(width[:, None])[:, 0] / _rows(resampling)),
        ),
    ]  # fmt: skip
    grids = []
    for partition, hidden in frames:
        rows = []
        for group, label in enumerate(partition.labels):
            cell = None
            if not hidden[group]:
                cell = _of(covered, partition.codes == group, resampling, subject=partition.subject(group))  # fmt: skip
                measures.append(cell)
            rows.append(GridRow(label, (cell,)))
        head = (Text(partition.name, partition.name), _COVERED)
        grids.append(Grid(Text(f"依 {partition.name}", f"By {partition.name}"), head, tuple(rows)))
    return Section(
        "coverage", _TITLE, _LEAD.fill(level=f"{claim:.0%}"), tuple(measures), tuple(grids),
        decisions=(_decision(whole, claim),), limits=(_LIMIT,),
    )  # fmt: skip


def _rows(resampling: Resampling) -> Floats:
    """Return how many rows each resample has; people bring different numbers of them."""
    return resampling.sums(np.ones((resampling.n, 1)))[:, 0]


def _covered(outcomes: Outcomes, said: Prediction) -> tuple[Flags, Floats]:
    if outcomes.task == "number":
        assert said.low is not None
        assert said.high is not None
        inside = (said.low <= outcomes.truth) & (outcomes.truth <= said.high)
        return inside, np.asarray(said.high - said.low, dtype=np.float64)
    assert said.sets is not None
    chosen = said.sets[np.arange(outcomes.n), outcomes.truth.astype(np.int64)]
    return np.asarray(chosen, dtype=np.bool_), said.sets.sum(axis=1).astype(np.float64)


def _of(covered: Flags, inside: Flags, resampling: Resampling, *, subject: str) -> Measure:
    n = int(inside.sum())
    hits = int(covered[inside].sum())
    interval: Interval | None = wilson(hits, n, level=resampling.level)
    if resampling.grouped:
        drawn = resampling.sums(np.column_stack((covered & inside, inside)).astype(np.float64))
        with np.errstate(invalid="ignore", divide="ignore"):
            interval = resampling.interval(drawn[:, 0] / drawn[:, 1]) or interval
    return Measure(
        "judge.coverage", hits / n, "share", n, _COVERED, subject=subject, interval=interval,
        method=METHOD,
    )  # fmt: skip


def _decision(whole: Measure, claim: float) -> Decision:
    policy = judging_policy()
    limit = claim - policy.coverage.tolerance
    outcome = decided(whole.interval, limit, least=True)
    why = {
        "pass": Text("整個區間都在限值之上。", "The whole interval lies above the limit."),
        "fail": Text("整個區間都在限值之下。", "The whole interval lies below the limit."),
        "undecided": Text(
            "區間跨過限值：資料不足以判定。",
            "The interval crosses the limit: the rows do not suffice to decide.",
        ),
    }[outcome]
    source, guard = policy.coverage.source, policy.guard_band.source
    rule = Text(
        f"涵蓋率 ≥ {limit:.3g}。{source.zh}{guard.zh}",
        f"Coverage ≥ {limit:.3g}. {source.en} {guard.en}",
    )
    return Decision("coverage", outcome, whole, limit, rule, why)
