"""How the answer goes with one column: partial dependence and accumulated local effects.

Sources: Friedman 2001, Annals of Statistics 29:1189 (partial dependence); Apley & Zhu 2020, JRSS B
82:1059 (accumulated local effects, which ask only of cells near a row's own).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.engine.natures import Nature
from anping.engine.prediction import Feature, Predictor
from anping.judge.asking import cells_of, numbers, plain, texts_of, with_cells
from anping.judge.needs import need_columns, need_rows
from anping.judge.section import Line, Mark, Picture, Plot, Section, Spot, Spots

Floats = NDArray[np.float64]
Shape = Literal["partial", "accumulated"]
_POINTS, _DRAWS = 11, 200
#: A point with fewer rows about it, or two columns that go together more closely, are warned of.
_FEW_ROWS, _CLOSE = 20, 0.7
_MOST_CATEGORIES = 8
_TICKS = 3
#: Other columns that are looked at for such a closeness.
_COMPARED = 60
_METHODS: dict[Shape, str] = {
    "partial": "partial dependence (Friedman 2001)",
    "accumulated": "accumulated local effects (Apley & Zhu 2020)",
}


@dataclass(frozen=True)
class EffectPoint:
    """The mean answer with a cell ``at``, its interval over rows, and how many rows are near it.

    ``label`` is the cell of a category. ``sparse`` says that few rows are near or that it lies beyond
    what training saw.
    """

    at: float
    label: str
    value: float
    low: float
    high: float
    n: int
    sparse: bool


@dataclass(frozen=True)
class Effect:
    """One column's curve; an accumulated one is of numbers and dates, and has its mean at the mean answer.

    ``of`` is the class whose chance is told, empty for a number. ``close`` names columns that go
    together with this one so closely that partial dependence asks of rows that hardly occur.
    """

    column: str
    shape: Shape
    of: str
    points: tuple[EffectPoint, ...]
    n: int
    nature: Nature = "number"
    close: tuple[str, ...] = ()

    @property
    def span(self) -> Measure:
        """By how much the mean answer differs between the highest and the lowest point with rows."""
        solid = [point for point in self.points if not point.sparse] or list(self.points)
        top, bottom = max(solid, key=lambda p: p.value), min(solid, key=lambda p: p.value)
        reach = max(0.0, top.low - bottom.high), top.high - bottom.low
        title = Text(f"{self.column}：平均答案的高低差", f"{self.column}: span of the mean answer")
        return Measure(
            f"judge.explanation.{self.shape}", top.value - bottom.value,
            "probability" if self.of else "target", self.n, title, self.column,
            Interval(reach[0], reach[1], 0.95, "bootstrap-percentile-ends"), _METHODS[self.shape],
        )  # fmt: skip


@dataclass(frozen=True)
class Effects:
    """The curves of some columns."""

    effects: tuple[Effect, ...]
    limits: tuple[Text, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The span of each curve."""
        return tuple(effect.span for effect in self.effects)

    def section(self) -> Section:
        """Return the part of the report."""
        return Section(
            "effects",
            Text("答案如何隨一個欄位改變", "How the answer goes with one column"),
            Text(
                "其他欄位不變，只換一欄時答案的平均（偏相依），以及只在各列自己的值附近比較所累積的變化（ALE）。色帶是抽樣誤差。",
                "The mean answer when one column is set and the others stay (partial dependence), and the "
                "changes added up near each row's own value (ALE). Bands are sampling error.",
            ),
            self.measures,
            pictures=tuple(_picture(column, self.effects) for column in _columns(self.effects)),
            notes=_notes(self.effects),
            limits=self.limits,
        )


def effects(
    predictor: Predictor,
    rows: pa.Table,
    columns: tuple[str, ...],
    *,
    seed: int,
    most: int = 300,
    local: int = 2000,
) -> Effects:
    """Return how the mean answer goes with each of ``columns``.

    Partial dependence asks of ``most`` rows at 11 quantiles or the 8 commonest categories;
    accumulated effects ask of ``local`` rows at the ends of their own bin. Of several classes the
    chance of the last is told. No truth is needed. Raises SchemaError for a column that the model does
    not read, ParameterError for no rows (``judge.no-rows``).
    """
    features = {feature.name: feature for feature in predictor.signature.features}
    need_columns(columns, list(features))
    need_rows(rows.num_rows)
    chosen = [features[name] for name in columns]
    draw = np.random.default_rng(seed)
    whole = plain(rows.take(pa.array(np.sort(draw.permutation(rows.num_rows)[:local]))))
    some = whole.slice(0, min(most, whole.num_rows))
    others = [name for name in features if name not in columns][:_COMPARED]
    ordered = {
        name: numbers(whole, features[name])
        for name in (*columns, *others)
        if features[name].nature != "category"
    }
    found = []
    for feature in chosen:
        close = _close(feature.name, ordered)
        of, nature = _of(predictor), feature.nature
        partial = _partial(predictor, (whole, some), feature, seed=seed)
        if partial is not None:
            n = some.num_rows
            found.append(Effect(feature.name, "partial", of, partial, n, nature, close))
        if nature != "category":
            points = _accumulated(predictor, whole, feature, seed=seed)
            if points is not None:
                n = whole.num_rows
                found.append(Effect(feature.name, "accumulated", of, points, n, nature))
    return Effects(tuple(found), (_LIMIT,))


_LIMIT = Text(
    "曲線是平均：對個別的列，答案可能往相反方向走；它說的是模型，不是原因。",
    "Curves are means: for a single row the answer may go the other way. They tell of the model, not "
    "of causes.",
)


def _of(predictor: Predictor) -> str:
    signature = predictor.signature
    return "" if signature.task == "number" else signature.classes[-1]


def _answer(predictor: Predictor, rows: pa.Table) -> Floats:
    values = predictor.predict(rows).values
    last: Floats = values.reshape(rows.num_rows, -1)[:, -1]
    return last


def _edges(cells: Floats) -> Floats:
    told: Floats = cells[np.isfinite(cells)]
    if not told.size:
        return told
    found: Floats = np.unique(np.quantile(told, np.linspace(0.01, 0.99, _POINTS), method="nearest"))
    return found


def _partial(
    predictor: Predictor, rows: tuple[pa.Table, pa.Table], feature: Feature, *, seed: int
) -> tuple[EffectPoint, ...] | None:
    whole, some = rows
    kind = some.schema.field(feature.name).type
    if feature.nature == "category":
        labels = list(feature.categories[:_MOST_CATEGORIES])
        cells = [pa.array([label] * some.num_rows, pa.string()) for label in labels]
        texts = texts_of(whole, feature.name)
        near = [int((texts == label).sum()) for label in labels]
        places = np.arange(len(labels), dtype=np.float64)
    else:
        own = numbers(whole, feature)
        places = _edges(own)
        labels = [""] * places.size
        cells = [cells_of(np.full(some.num_rows, at), feature, kind) for at in places]
        near = _near(places, own)
    if len(labels) < 2:
        return None
    asked = pa.concat_tables(
        [with_cells(some, feature.name, each) for each in cells], promote_options="permissive"
    )
    answers = _answer(predictor, asked).reshape(len(labels), some.num_rows)
    low, high = _band(answers, seed=seed)
    beyond = [_beyond(feature, float(at)) for at in places]
    return tuple(
        EffectPoint(float(at), label, float(mean), float(lo), float(hi), int(n), bool(n < _FEW_ROWS or far))
        for at, label, mean, lo, hi, n, far in zip(
            places, labels, answers.mean(axis=1), low, high, near, beyond, strict=True
        )
    )  # fmt: skip


def _beyond(feature: Feature, at: float) -> bool:
    if feature.nature == "category" or feature.low is None or feature.high is None:
        return False
    return not feature.low <= at <= feature.high


def _near(places: Floats, own: Floats) -> list[int]:
    """Return how many rows are nearer to each place than to the others."""
    told = own[np.isfinite(own)]
    middles = (places[1:] + places[:-1]) / 2
    counts = np.bincount(np.searchsorted(middles, told), minlength=places.size)
    return [int(count) for count in counts]


def _band(answers: Floats, *, seed: int) -> tuple[Floats, Floats]:
    """Return the interval of the mean over rows at each point, the same rows drawn for all."""
    draw = np.random.default_rng(seed)
    n = answers.shape[1]
    means = np.stack(
        [answers @ np.bincount(draw.integers(0, n, n), minlength=n) / n for _ in range(_DRAWS)]
    )
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    return low, high


def _accumulated(
    predictor: Predictor, rows: pa.Table, feature: Feature, *, seed: int
) -> tuple[EffectPoint, ...] | None:
    own = numbers(rows, feature)
    edges = _edges(own)
    told = np.flatnonzero(np.isfinite(own))
    if edges.size < 3:
        return None
    part, cells = rows.take(pa.array(told)), own[told]
    bins = np.clip(np.searchsorted(edges, cells, side="left") - 1, 0, edges.size - 2)
    kind = rows.schema.field(feature.name).type
    ends = [
        _answer(
            predictor, with_cells(part, feature.name, cells_of(edges[bins + step], feature, kind))
        )
        for step in (0, 1)
    ]
    steps = ends[1] - ends[0]
    mean = float(_answer(predictor, part).mean())
    counts = np.bincount(bins, minlength=edges.size - 1)
    curve = _curve(bins, steps, np.ones(steps.size), counts) + mean
    draw = np.random.default_rng(seed)
    drawn = np.stack(
        [
            _curve(bins, steps, np.bincount(draw.integers(0, steps.size, steps.size), minlength=steps.size).astype(np.float64), counts)
            for _ in range(_DRAWS)
        ]
    )  # fmt: skip
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0) + mean
    near = np.minimum(np.r_[counts[0], counts], np.r_[counts, counts[-1]])
    return tuple(
        EffectPoint(float(at), "", float(value), float(lo), float(hi), int(n), bool(n < _FEW_ROWS or _beyond(feature, float(at))))
        for at, value, lo, hi, n in zip(edges, curve, low, high, near, strict=True)
    )  # fmt: skip


def _curve(
    bins: NDArray[np.int64], steps: Floats, weights: Floats, counts: NDArray[np.int64]
) -> Floats:
    """Return the accumulated mean steps at the edges, less their mean over rows."""
    size = counts.size
    weighted = np.bincount(bins, steps * weights, minlength=size)
    many = np.bincount(bins, weights, minlength=size)
    means = np.divide(weighted, many, out=np.zeros(size), where=many > 0)
    curve = np.r_[0.0, np.cumsum(means)]
    middle = float(((curve[1:] + curve[:-1]) / 2 @ counts) / counts.sum())
    centred: Floats = curve - middle
    return centred


def _close(column: str, ordered: dict[str, Floats]) -> tuple[str, ...]:
    """Return the columns whose correlation of ranks with this one is high."""
    if column not in ordered:
        return ()
    found = []
    for name, other in ordered.items():
        both = np.isfinite(ordered[column]) & np.isfinite(other)
        if name == column or both.sum() < 30:
            continue
        ranks = [
            each[both].argsort().argsort().astype(np.float64) for each in (ordered[column], other)
        ]
        if min(np.unique(ordered[column][both]).size, np.unique(other[both]).size) < 3:
            continue
        if abs(float(np.corrcoef(ranks)[0, 1])) > _CLOSE:
            found.append(name)
    return tuple(found)


def _columns(found: tuple[Effect, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(effect.column for effect in found))


def _picture(column: str, found: tuple[Effect, ...]) -> Picture:
    mine = [effect for effect in found if effect.column == column]
    first = mine[0]
    answer = Text(f"「{first.of}」的機率", f"Chance of “{first.of}”") if first.of else Text("答案", "Answer")  # fmt: skip
    title = Text(column, column)
    top, bottom = (one(first.points, key=lambda point: point.value) for one in (max, min))
    told = Text(
        f"平均答案在 {bottom.value:.3g} 到 {top.value:.3g} 之間。",
        f"The mean answer lies between {bottom.value:.3g} and {top.value:.3g}.",
    )
    if first.nature == "category":
        spots = tuple(
            Spot(Text(point.label, point.label), point.value, point.low, point.high)
            for point in first.points
        )
        return Spots(title, told, answer, spots)
    lines = tuple(
        Line(
            _NAMES[effect.shape], tuple((point.at, point.value) for point in effect.points),
            tuple(point.low for point in effect.points), tuple(point.high for point in effect.points),
            "main" if effect.shape == "partial" else "second",
        )
        for effect in mine
    )  # fmt: skip
    ticks = _days(first.points[0].at, first.points[-1].at) if first.nature == "date" else ()
    return Plot(title, told, title, answer, lines, ticks=ticks)


_NAMES: dict[Shape, Text] = {
    "partial": Text("偏相依", "Partial dependence"),
    "accumulated": Text("累積局部效應", "Accumulated local effects"),
}


def _days(first: float, last: float) -> tuple[Mark, ...]:
    days = sorted({round(first + (last - first) * at / _TICKS) for at in range(_TICKS + 1)})
    written = [(day, date.fromordinal(day).isoformat()) for day in days]
    return tuple(Mark(float(day), Text(iso, iso)) for day, iso in written)


def _notes(found: tuple[Effect, ...]) -> tuple[Text, ...]:
    notes = []
    for effect in found:
        if effect.close:
            notes.append(
                Text(
                    f"「{effect.column}」與{'、'.join(effect.close)}關係密切：偏相依問到的列很少真的出現，請看 ALE。",
                    f"“{effect.column}” goes closely with {', '.join(effect.close)}: partial dependence asks of "
                    "rows that hardly occur; look at ALE.",
                )
            )
        sparse = sum(point.sparse for point in effect.points)
        if sparse:
            notes.append(
                Text(
                    f"「{effect.column}」的曲線有 {sparse} 點附近不到 {_FEW_ROWS} 列，或在訓練所見之外：那裡是外推。",
                    f"The curve of “{effect.column}” has {sparse} points with fewer than {_FEW_ROWS} rows near "
                    "them or beyond what training saw: there it extrapolates.",
                )
            )
    return tuple(dict.fromkeys(notes))
