"""The section on groups of people: tables of metrics by group, what lies between, a picture each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anping.core.measure import Measure
from anping.core.text import Text, counted
from anping.engine.prediction import Task
from anping.judge.groups import Partition, intersections
from anping.judge.metrics import Scoring
from anping.judge.outcomes import Outcomes
from anping.judge.resampling import Resampling
from anping.judge.section import Grid, GridRow, Section, Spot, Spots
from anping.judge.subgroups import (
    DIFFERENCE,
    RATIO,
    Frame,
    Least,
    between,
    frame_of,
    hidden_of,
)

#: What is shown of each group, the leading metric first.
SHOWN: dict[Task, tuple[str, ...]] = {
    "binary": (
        "accuracy", "auc", "selection_rate", "base_rate", "recall", "false_positive_rate",
        "precision", "calibration_gap",
    ),
    "classes": ("accuracy", "macro_auc", "balanced_accuracy", "log_loss"),
    "number": ("mae", "rmse", "bias", "mean_predicted", "mean_truth"),
}  # fmt: skip
_CROSSED: dict[Task, tuple[str, ...]] = {
    "binary": ("accuracy", "selection_rate", "base_rate", "recall", "false_positive_rate"),
    "classes": ("accuracy",),
    "number": ("mae", "bias"),
}
#: So many groups by several columns are tabled at most.
_MOST = 60

_TITLE = Text("各群體的結果", "Results by group")
_LEAD = Text(
    "同一個模型對不同的人是否一樣好？欄位不必是模型的輸入。",
    "Is the same model as good for everybody? The columns need not be inputs of the model.",
)
_HIDDEN = Text(
    "{group}：{n} 組不顯示（少於 {rows} 列或某類少於 {few} 列，以及為免由差額推得而一併隱藏的組）。",
    "{group}: {groups} not shown (of fewer than {rows} rows, or {few} of a class, and those hidden "
    "with them so that no difference tells).",
)
_PAIRS = Text(
    "組間差異的區間同時涵蓋所有兩組的比較。",
    "Intervals of differences between groups cover all pairs of groups at once.",
)
_LIMIT = Text(
    "差異不等於歧視，沒有差異也不等於公平：原因要由了解業務的人判斷。",
    "A difference is not yet discrimination, nor is none yet fairness: somebody who knows the matter has "
    "to judge the causes.",
)


@dataclass(frozen=True, eq=False)
class Subgroups:
    """The frames by single columns and by several together, and their section."""

    single: tuple[Frame, ...]
    crossed: tuple[Frame, ...]
    section: Section


def examine_groups(
    outcomes: Outcomes,
    partitions: Sequence[Partition],
    scoring: Scoring,
    resampling: Resampling,
    *,
    least: Least,
    seed: int,
) -> Subgroups:
    """Return every metric by group of each partition, and of their intersections."""
    single = tuple(
        frame_of(outcomes, one, scoring, resampling, hidden=hidden_of(outcomes, one, least))
        for one in partitions
    )
    crossed = tuple(
        frame_of(
            outcomes, one, scoring, resampling,
            hidden=hidden_of(outcomes, one, least, lines=_lines(one, partitions)),
        )
        for one in intersections(partitions)
    )  # fmt: skip
    return Subgroups(single, crossed, _section(outcomes.task, single, crossed, least, seed=seed))


def _lines(one: Partition, single: Sequence[Partition]) -> list[Partition]:
    """Return what is shown of the same rows by fewer of its columns."""
    inside = [part for part in single if part.name in one.columns]
    if len(one.columns) == 2:
        return inside
    return [*inside, *intersections(inside)[:-1]]


def _section(
    task: Task, single: Sequence[Frame], crossed: Sequence[Frame], least: Least, *, seed: int
) -> Section:
    measures: list[Measure] = []
    grids, pictures, notes = [], [], [_PAIRS]
    for frame in (*single, *crossed):
        names = SHOWN[task] if frame in single else _CROSSED[task]
        grid, found = _grid(frame, names, seed=seed)
        measures += found
        measures += _between(frame, names, seed=seed)
        if frame.shown:
            grids.append(grid)
        if frame in single:
            pictures += _picture(frame, names[0])
        hidden = int(frame.hidden.sum())
        if hidden:
            notes.append(
                _HIDDEN.fill(
                    group=frame.partition.name, n=hidden, groups=counted(hidden, "group"),
                    rows=least.rows, few=least.of_a_class,
                )
            )  # fmt: skip
    return Section(
        "groups", _TITLE, _LEAD, tuple(measures), tuple(grids), tuple(pictures),
        notes=tuple(notes), limits=(_LIMIT,),
        details=frozenset(one.key for one in measures if "=" in one.subject and " × " in one.subject),
    )  # fmt: skip


def _grid(frame: Frame, names: Sequence[str], *, seed: int) -> tuple[Grid, list[Measure]]:
    rows, measures = [], []
    partition = frame.partition
    titles = next(
        ({name: one.metric.title for name, one in found.items()} for found in frame.metrics), {}
    )
    shown = [name for name in names if name in titles]
    for group, found in list(enumerate(frame.metrics))[:_MOST]:
        cells: list[Measure | Text | None] = []
        for name in shown:
            if frame.hidden[group]:
                cells.append(None)
                continue
            measure = found[name].measure(subject=partition.subject(group), seed=seed)
            cells.append(measure or Text("", ""))
            measures += [] if measure is None else [measure]
        rows.append(GridRow(partition.labels[group], tuple(cells)))
    head = (Text(partition.name, partition.name), *(titles[name] for name in shown))
    title = Text(f"依 {partition.name}", f"By {partition.name}")
    return Grid(title, head, tuple(rows)), measures


def _between(frame: Frame, names: Sequence[str], *, seed: int) -> list[Measure]:
    level = 0.95
    found = []
    for name in names:
        for kind in (DIFFERENCE, RATIO):
            one = between(frame, name, kind=kind, level=level)
            metric = None if one is None else one.metric
            if one is None or metric is None:
                continue
            if kind == RATIO and not (metric.share or metric.name in {"mae", "rmse"}):
                continue
            found.append(one.measure(frame.partition, seed=seed))
    return found


def _picture(frame: Frame, name: str) -> list[Spots]:
    spots, title = [], None
    for group in frame.shown:
        one = frame.metrics[group].get(name)
        if one is None:
            continue
        title = one.metric.title
        low, high = (None, None) if one.interval is None else (one.interval.low, one.interval.high)
        spots.append(Spot(frame.partition.labels[group], one.value, low, high))
    if title is None or len(spots) < 2:
        return []
    said = Text(
        f"{title.zh}依 {frame.partition.name}，線段為 95% 區間；數字在表中。",
        f"{title.en} by {frame.partition.name}, lines are 95 % intervals; the numbers stand in the table.",
    )
    name_of = frame.partition.name
    return [Spots(Text(f"{title.zh}：{name_of}", f"{title.en} by {name_of}"), said, title, tuple(spots))]  # fmt: skip
