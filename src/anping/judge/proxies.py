"""What gives a protected attribute away: how well each input, and all of them, tell it.

Leaving an attribute out of a model does not keep the model from it where other columns stand in for it.
Each input is tried on rows that it was not fitted to: fitted on one half of them, tried on the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.errors import MissingExtraError
from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.engine.natures import as_day, as_number, distinct_cells
from anping.engine.prediction import Feature, Signature
from anping.judge.groups import Partition
from anping.judge.learner import fit_and_predict
from anping.judge.outcomes import Flags, Outcomes
from anping.judge.ranking import macro_auc
from anping.judge.resampling import Resampling
from anping.judge.section import Grid, GridRow, Mark, Section, Spot, Spots
from anping.judge.split import split
from anping.stats.auc import auc_interval

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_BINS = 10
_MOST_VALUES = 50
_DRAWN = 12
#: Inputs that tell most, which enter the evidence; the others stand in the report.
_LEADING = 3
_FEWEST = 20

_TITLE = Text("受保護屬性的代理", "Proxies of protected attributes")
_LEAD = Text(
    "哪些輸入會洩漏受保護的屬性？0.5 是猜的，1 是完全說出；在沒有配適過的一半列上試。",
    "Which inputs give a protected attribute away? 0.5 is guessing, 1 tells it outright; tried on the "
    "half of the rows that was not fitted to.",
)
_TOLD = Text("說出該屬性的能力（AUC）", "How well it tells the attribute (AUC)")
_TOGETHER = Text("（所有輸入一起）", "(all inputs together)")
_ANSWER = Text("（模型的答案）", "(the model's answer)")
_ALONE = "fitted on one half of the rows, tried on the other"
_LIMIT = Text(
    "代理不等於不該用：能說出屬性的欄位也可能是正當的理由，由人判斷。",
    "A proxy need not be left out: a column that tells the attribute may have good reason to count. People "
    "judge that.",
)
_NO_LIBRARY = Text(
    "沒有安裝選用套件 learn，所以沒有量測所有輸入一起的能力。",
    "The optional part “learn” is not installed, so what all inputs tell together was not measured.",
)


@dataclass(frozen=True, eq=False)
class _Trial:
    """An attribute to be told: codes (n,) of its shown groups, and both halves of their rows."""

    partition: Partition
    codes: Rows
    count: int
    fitted: Rows
    tried: Rows
    resampling: Resampling


def examine_proxies(
    outcomes: Outcomes,
    rows: pa.Table,
    frames: Sequence[tuple[Partition, Flags]],
    *,
    signature: Signature,
    seed: int,
    draws: int = 200,
) -> Section:
    """Return, for each partition, how well each input, all together and the answer tell the group.

    ``rows`` are those of the outcomes. An input that is the attribute itself is passed over.
    """
    matrix = np.column_stack([_numbers(rows, one) for one in signature.features])
    measures: list[Measure] = []
    grids, pictures, limits = [], [], [_LIMIT]
    details: set[str] = set()
    for partition, hidden in frames:
        trial = _trial(outcomes, partition, hidden, seed=seed, draws=draws)
        if trial is None:
            continue
        found = [
            _measure(
                trial, one.name, Text(one.name, one.name), _alone(trial, matrix[:, place], one)
            )
            for place, one in enumerate(signature.features)
            if one.name not in partition.columns
        ]
        ranked = sorted((one for one in found if one), key=lambda one: -one.value)
        kept = [place for place, one in enumerate(signature.features) if one.name not in partition.columns]  # fmt: skip
        together = None
        try:
            together = _measure(
                trial, "all inputs", _TOGETHER, _fitted(trial, matrix[:, kept], seed=seed)
            )
        except MissingExtraError:
            limits.append(_NO_LIBRARY)
        answer = _measure(trial, "the answer", _ANSWER, _fitted_to_answer(trial, outcomes))
        first = [one for one in (together, answer) if one is not None]
        measures += [*first, *ranked]
        details |= {one.key for one in ranked[_LEADING:]}
        grids.append(_grid(partition, [*first, *ranked]))
        pictures += _picture(partition, [*first, *ranked[:_DRAWN]])
    return Section(
        "proxies", _TITLE, _LEAD, tuple(measures), tuple(grids), tuple(pictures),
        limits=tuple(dict.fromkeys(limits)), details=frozenset(details),
    )  # fmt: skip


def _trial(
    outcomes: Outcomes, partition: Partition, hidden: Flags, *, seed: int, draws: int
) -> _Trial | None:
    shown = np.flatnonzero(~hidden)
    inside = np.flatnonzero(~hidden[partition.codes])
    if shown.size < 2 or inside.size < _FEWEST:
        return None
    place = np.zeros(hidden.size, np.int64)
    place[shown] = np.arange(shown.size)
    people = None if outcomes.people is None else outcomes.people[inside]
    fitted, tried = split(inside.size, people, test_share=0.5, seed=seed)
    codes = place[partition.codes]
    if min(np.unique(codes[inside[half]]).size for half in (fitted, tried)) < shown.size:
        return None
    of_tried = None if people is None else people[tried]
    resampling = Resampling(tried.size, of_tried, draws=draws, seed=seed)
    return _Trial(partition, codes, shown.size, inside[fitted], inside[tried], resampling)


def _numbers(rows: pa.Table, feature: Feature) -> Floats:
    """Return an input in numbers (n,): days, numbers, or codes of its known values; NaN if missing."""
    places, distinct = distinct_cells(rows.column(feature.name))
    if feature.nature == "category":
        known = {name: float(code) for code, name in enumerate(feature.categories)}
        read = [known.get(trimmed_text(cell), float(len(known))) for cell in distinct[:-1]]
        read.append(np.nan)
    else:
        reader = as_day if feature.nature == "date" else as_number
        read = [reader(cell) for cell in distinct]
    found: Floats = np.array(read, dtype=np.float64)[places]
    return found


def _alone(trial: _Trial, values: Floats, feature: Feature) -> Floats:
    """Return chances (m, c) by the shares of the groups among rows of the same bin or value."""
    if feature.nature == "category":
        bins = np.where(np.isnan(values), -1, np.minimum(values, _MOST_VALUES)).astype(np.int64)
    else:
        known = values[trial.fitted]
        known = known[~np.isnan(known)]
        edges = (
            np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
            if known.size
            else known
        )
        bins = np.where(np.isnan(values), -1, np.searchsorted(edges, values, side="right"))
    bins = bins + 1
    counts = np.zeros((int(bins.max()) + 1, trial.count))
    np.add.at(counts, (bins[trial.fitted], trial.codes[trial.fitted]), 1.0)
    shares = np.bincount(trial.codes[trial.fitted], minlength=trial.count) / trial.fitted.size
    # A bin of few rows says little: it is pulled towards the shares of all rows.
    smoothed = (counts + trial.count * shares) / (counts.sum(axis=1) + trial.count)[:, None]
    chances: Floats = smoothed[bins[trial.tried]]
    return chances


def _fitted(trial: _Trial, matrix: Floats, *, seed: int) -> Floats:
    task = "binary" if trial.count == 2 else "classes"
    predicted = fit_and_predict(
        (matrix[trial.fitted].astype(np.float32), trial.codes[trial.fitted].astype(np.float64)),
        matrix[trial.tried].astype(np.float32),
        task=task,  # type: ignore[arg-type]
        classes=trial.count,
        seed=seed,
    )
    return np.column_stack((1 - predicted, predicted)) if trial.count == 2 else predicted


def _fitted_to_answer(trial: _Trial, outcomes: Outcomes) -> Floats:
    answer = outcomes.values if outcomes.task == "number" else outcomes.values[:, -1]
    return _alone(trial, answer, Feature("answer", "number"))


def _measure(trial: _Trial, name: str, title: Text, chances: Floats) -> Measure | None:
    truth = trial.codes[trial.tried].astype(np.float64)
    statistic = macro_auc(truth, chances)
    value = float(statistic(np.ones((1, truth.size)))[0])
    if not isfinite(value):
        return None
    interval: Interval | None
    if trial.count == 2 and not trial.resampling.grouped:
        interval = auc_interval(truth == 1, chances[:, 1])
    else:
        interval = trial.resampling.interval(trial.resampling.measured(statistic))
    of = trial.partition.name
    return Measure(
        "judge.proxy", value, "auc", truth.size,
        Text(f"{title.zh}：{_TOLD.zh}", f"{title.en}: {_TOLD.en}"),
        subject=f"{of} from {name}", interval=interval, method=_ALONE,
        seed=trial.resampling.seed,
    )  # fmt: skip


def _label(measure: Measure) -> Text:
    return Text(measure.title.zh.partition("：")[0], measure.title.en.partition(": ")[0])


def _grid(partition: Partition, measures: Sequence[Measure]) -> Grid:
    rows = tuple(GridRow(_label(one), (one,)) for one in measures)
    head = (Text("輸入", "Input"), _TOLD)
    return Grid(Text(f"屬性 {partition.name}", f"Attribute {partition.name}"), head, rows)


def _picture(partition: Partition, measures: Sequence[Measure]) -> list[Spots]:
    if not measures:
        return []
    spots = tuple(
        Spot(
            _label(one), one.value,
            None if one.interval is None else one.interval.low,
            None if one.interval is None else one.interval.high,
            "second" if place < 2 else "main",
        )
        for place, one in enumerate(measures)
    )  # fmt: skip
    of = partition.name
    said = Text(
        f"各輸入說出 {of} 的能力，線段為 95% 區間；數字在表中。",
        f"How well each input tells {of}, lines are 95 % intervals; the numbers stand in the table.",
    )
    mark = Mark(0.5, Text("猜測", "guessing"))
    return [Spots(Text(f"誰說出 {of}", f"What tells {of}"), said, _TOLD, spots, (mark,), (0.4, 1.0))]  # fmt: skip
