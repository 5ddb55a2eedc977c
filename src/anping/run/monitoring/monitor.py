"""Watching a model: whether what it meets still looks like its examination, and it is still as good.

::

    from anping.run.monitoring.monitor import Monitoring, monitor

    found = monitor(model, reference, current, Monitoring(groups=("sex",), when="day"))
    for alert in found.alerts:
        print(alert.severity, alert.what.en, alert.cause.en)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.natures import Nature
from anping.engine.prediction import Feature, Predictor
from anping.engine.table import missing_column
from anping.run.monitoring.alerts import Alert, Found, alerts_of, gravest_first
from anping.run.monitoring.answers import Answers, answers_of
from anping.run.monitoring.causes import causes
from anping.run.monitoring.error_size import error_library
from anping.run.monitoring.fairness import group_figures
from anping.run.monitoring.input_drift import INDEPENDENT, FeatureDrift, drifts, joint_drift
from anping.run.monitoring.input_quality import input_faults
from anping.run.monitoring.performance import Performance, performances
from anping.run.monitoring.reading import Cells, cells_of
from anping.run.monitoring.rules import Rules, own_rules
from anping.run.monitoring.windows import Period, windows_of_rows, windows_of_time
from anping.stats.mean_discrepancy import MeanDiscrepancy

#: So many windows are looked at, the newest.
MOST_WINDOWS = 60
#: Of so many columns the drift is told as measures, those that moved most.
MOST_COLUMNS = 100
_DOING = Text("比較", "Comparing")
_LIMITS = (
    Text(
        "沒有標籤時的估計看不到「欄位與目標的關係」改變：只有延後到來的標籤看得到。",
        "What is expected without labels cannot see a change of the relation between columns and "
        "target: only labels, once they arrive, can.",
    ),
    Text(
        "分布移動不等於模型變差；先看表現，再看移動。",
        "That a distribution moved does not mean that the model got worse: look at performance first.",
    ),
    Text(
        "原因依數字推算，不是因果證明。",
        "Causes are reckoned from numbers; they are no proof of causation.",
    ),
)
_NO_ERRORS = Text(
    "未安裝 anping[learn]，所以沒有估計數值目標的誤差。",
    "anping[learn] is not installed, so the errors of a number were not estimated.",
)
_NO_TRUTH = Text(
    "參考期的標籤太少，沒有量表現。",
    "The reference has too few labels: performance was not measured.",
)


@dataclass(frozen=True)
class Monitoring:
    """What is asked for.

    ``target`` is the column of labels (the model's own target by default; it may be absent or empty in
    the current rows). ``groups`` are columns of people's groups. ``when`` is a column of dates, by
    whose ``period`` the current rows are divided; else ``every`` rows make a window (0: none).
    ``replaced`` says that the model is another than the one before.
    """

    target: str | None = None
    groups: tuple[str, ...] = ()
    when: str | None = None
    period: Period = "week"
    every: int = 0
    replaced: bool = False
    rules: Rules = field(default_factory=own_rules)
    seed: int = 20260101


@dataclass(frozen=True)
class Window:
    """What was measured in one window of time, and its alerts."""

    name: str
    n: int
    score: float
    drifted: tuple[str, ...]
    most: float
    performance: tuple[Performance, ...]
    alerts: tuple[Alert, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "window": self.name,
            "n": self.n,
            "mean score": self.score,
            "drifted": list(self.drifted),
            "largest PSI": self.most,
            "measures": [m.as_json() for each in self.performance for m in each.measures()],
            "alerts": [alert.as_json() for alert in self.alerts],
        }


@dataclass(frozen=True)
class Monitored:
    """What was found in all current rows together and in each window, and the alerts."""

    target: str
    reference_n: int
    n: int
    found: Found
    joint_n: tuple[int, int]
    windows: tuple[Window, ...]
    alerts: tuple[Alert, ...]
    rules: Rules
    seed: int
    limits: tuple[Text, ...]

    @property
    def pauses(self) -> tuple[Alert, ...]:
        """The alarms for which the rules would pause the model."""
        return tuple(
            alert
            for alert in self.alerts
            if alert.severity == "alarm" and alert.kind in self.rules.pauses
        )

    def measures(self) -> tuple[Measure, ...]:
        """Return every number as a measure."""
        found = self.found
        joint = () if found.joint is None else _joint(found.joint, self.joint_n, self.seed)
        alarms = sum(alert.severity == "alarm" for alert in self.alerts)
        return (
            Measure("monitor.alarms", alarms, "alerts", self.n, Text("警報數", "Alarms")),
            *(m for each in found.performance for m in each.measures()),
            *(m for each in _shown(found) for m in each.measures()),
            *joint,
            *(m for each in found.faults for m in each.measures()),
            *(m for each in found.groups for m in each.measures()),
            *(each.measure() for each in found.causes if each.name),
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "target": self.target,
            "reference rows": self.reference_n,
            "rows": self.n,
            "alerts": [alert.as_json() for alert in self.alerts],
            "windows": [window.as_json() for window in self.windows],
            "drift": [each.as_json() for each in self.found.all_drift],
            "measures": [measure.as_json() for measure in self.measures()],
            "limits": [limit.as_json() for limit in self.limits],
        }


@dataclass(frozen=True, eq=False)
class _Side:
    """One side's rows: the table, its columns as the model reads them, and what was said of it."""

    rows: pa.Table
    cells: Mapping[str, Cells]
    answers: Answers

    def take(self, rows: NDArray[np.int64]) -> _Side:
        cells = {name: each.take(rows) for name, each in self.cells.items()}
        return _Side(self.rows.take(pa.array(rows)), cells, self.answers.take(rows))

    @property
    def numbers(self) -> NDArray[np.float64]:
        return np.column_stack([each.numbers for each in self.cells.values()])


def monitor(
    predictor: Predictor,
    reference: pa.Table,
    current: pa.Table,
    asked: Monitoring | None = None,
    *,
    progress: Progress = silent,
) -> Monitored:
    """Return what changed between ``reference`` (rows of the examination, with labels) and ``current``.

    Raises SchemaError for a column that is not there, and ParameterError for no rows (``run.no-rows``)
    or no dates (``run.no-dates``).
    """
    asked = asked or Monitoring()
    target = asked.target or predictor.signature.target
    _check(predictor, reference, current, asked)
    before, now = (_side(predictor, rows, target) for rows in (reference, current))
    found, joint_n = _whole(predictor, before, now, asked)
    windows = tuple(_each_window(before, now, asked, progress))
    alerts = alerts_of(found, asked.rules)
    seen = {(alert.kind, alert.columns) for alert in alerts}
    newest = windows[-1].alerts if len(windows) > 1 else ()
    later = tuple(alert for alert in newest if (alert.kind, alert.columns) not in seen)
    limits = [*_LIMITS]
    if predictor.signature.task == "number" and error_library() is None:
        limits.append(_NO_ERRORS)
    if not found.performance:
        limits.append(_NO_TRUTH)
    return Monitored(
        target, reference.num_rows, current.num_rows, found, joint_n, windows,
        gravest_first((*alerts, *later)), asked.rules, asked.seed, tuple(limits),
    )  # fmt: skip


def _check(predictor: Predictor, reference: pa.Table, current: pa.Table, asked: Monitoring) -> None:
    for rows in (reference, current):
        names = [feature.name for feature in predictor.signature.features]
        for name in (*names, *asked.groups):
            if name not in rows.column_names:
                raise missing_column(name, rows.column_names)
        if not rows.num_rows:
            raise ParameterError(
                "run.no-rows",
                Text("沒有列可以比較。", "There are no rows to compare."),
                hint=Text("請給有資料的表。", "Give tables that hold rows."),
            )
    if asked.when is not None and asked.when not in current.column_names:
        raise missing_column(asked.when, current.column_names)


def _side(predictor: Predictor, rows: pa.Table, target: str) -> _Side:
    signature = predictor.signature
    cells = {f.name: cells_of(rows.column(f.name), f) for f in signature.features}
    truth = rows.column(target) if target in rows.column_names else None
    return _Side(rows, cells, answers_of(signature, predictor.predict(rows), truth))


def _whole(
    predictor: Predictor, before: _Side, now: _Side, asked: Monitoring
) -> tuple[Found, tuple[int, int]]:
    found = _measured(before, now, asked)
    joint = joint_drift([*before.cells.values()], [*now.cells.values()], seed=asked.seed)
    sides = [
        ({name: side.rows.column(name) for name in asked.groups}, side.answers)
        for side in (before, now)
    ]
    groups = group_figures(sides[0], sides[1], asked.rules)
    names = [*(each.name for each in found.broken), *(each.name for each in found.moved)]
    moved = list(dict.fromkeys(names))
    why = causes(predictor, before.rows, now.rows, moved, seed=asked.seed)
    whole = Found(
        found.drift, found.labels, found.score, found.faults, found.performance, groups, why,
        None if joint is None else joint[0], asked.replaced,
    )  # fmt: skip
    return whole, (0, 0) if joint is None else joint[1]


def _measured(before: _Side, now: _Side, asked: Monitoring, *, without: str | None = None) -> Found:
    rules, seed = asked.rules, asked.seed
    inputs = {name: cells for name, cells in before.cells.items() if name != without}
    return Found(
        drifts(inputs, now.cells, rules, seed=seed),
        drifts(_labels(before), _labels(now), rules, seed=seed),
        drifts(before.answers.cells, now.answers.cells, rules, seed=seed),
        input_faults(before.cells, now.cells, rules),
        performances(
            before.answers, now.answers, rules, columns=(before.numbers, now.numbers), seed=seed
        ),
    )  # fmt: skip


def _labels(side: _Side) -> dict[str, Cells]:
    """Return the labels as a column whose drift is told, where any are known."""
    signature, truth = side.answers.signature, side.answers.truth
    missing = np.isnan(truth)
    if missing.all():
        return {}
    nature: Nature = "number" if signature.task == "number" else "category"
    feature = Feature(signature.target, nature, signature.classes)
    return {signature.target: Cells(feature, truth, missing, np.zeros(truth.size, bool))}


def _windows(current: pa.Table, asked: Monitoring) -> tuple[tuple[str, NDArray[np.int64]], ...]:
    if asked.when is not None:
        windows = windows_of_time(current.column(asked.when), asked.when, asked.period)
    else:
        windows = windows_of_rows(current.num_rows, asked.every) if asked.every else ()
    return windows[-MOST_WINDOWS:]


def _each_window(
    before: _Side, now: _Side, asked: Monitoring, progress: Progress
) -> Iterator[Window]:
    # The mean score of a few people would tell of them: such windows are left out.
    least = asked.rules.fewest
    windows = [each for each in _windows(now.rows, asked) if each[1].size >= least]
    for done, (name, rows) in enumerate(windows):
        progress(_DOING, done, len(windows))
        yield _window(name, before, now.take(rows), asked)


def _window(name: str, before: _Side, now: _Side, asked: Monitoring) -> Window:
    # The date by which the rows are divided differs from window to window by itself.
    found = _measured(before, now, asked, without=asked.when)
    return Window(
        name=name,
        n=now.answers.size,
        score=float(now.answers.score.mean()),
        drifted=tuple(each.name for each in found.drifted),
        most=max((each.distances.stability for each in found.drift), default=0.0),
        performance=found.performance,
        alerts=alerts_of(found, asked.rules, window=name),
    )


def _shown(found: Found) -> tuple[FeatureDrift, ...]:
    """Return the drift that is told as measures: of very many columns those that moved most."""
    ranked = sorted(found.drift, key=lambda each: (not each.significant, -each.distances.stability))
    return (*found.score, *found.labels, *ranked[:MOST_COLUMNS])


def _joint(told: MeanDiscrepancy, n: tuple[int, int], seed: int) -> tuple[Measure, ...]:
    method = "maximum mean discrepancy, Gaussian kernel by random Fourier features, permutations"
    return (
        Measure("monitor.joint.discrepancy", told.value, "distance", n[1], Text("所有欄位合起來的距離（MMD）", "Distance of all columns together (MMD)"), method=method, seed=seed, assumptions=(INDEPENDENT,)),
        Measure("monitor.joint.p", told.p, "probability", n[1], Text("所有欄位合起來的 p 值", "p-value of all columns together"), method=method, seed=seed, assumptions=(INDEPENDENT,)),
    )  # fmt: skip
