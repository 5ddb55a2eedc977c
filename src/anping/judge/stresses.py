"""Ways in which rows go wrong on their way to a model: gaps, noise, typing and unit mistakes.

Each stress is a function of rows and a generator that gives the same rows with other cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anping.core.text import Text
from anping.engine.prediction import Feature, Signature
from anping.judge.asking import cells_of, numbers, spread, texts_of, with_cells

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Change = Callable[[pa.Table, np.random.Generator], pa.Table]
Kind = Literal["missing", "noise", "mistake"]

SHARES = (0.05, 0.1, 0.2)
_JITTERS = (0.1, 0.5, 1.0)
#: A value that no training row has.
_UNSEEN = "⁇"
#: Years of the Republic of China count from 1912, which is year 1.
_ROC = 1911
_YEARS = (1930.0, 2100.0)


@dataclass(frozen=True, eq=False)
class Stress:
    """One way: its ``name`` and ``subject`` (a column, a share or a size) for measures, and a title."""

    kind: Kind
    name: str
    subject: str
    title: Text
    change: Change


def overall_stresses(signature: Signature) -> Iterator[Stress]:
    """Yield the stresses of all columns at once: cells missing, numbers and categories off, typing."""
    named = [each for each in signature.features if each.nature == "category"]
    ordered = [each for each in signature.features if each.nature != "category"]
    for share in SHARES:
        part = f"{100 * share:.0f} %"
        yield Stress("missing", "missing", part, Text(f"任意 {100 * share:.0f}% 的儲存格遺漏", f"{part} of all cells missing at random"), _missing(signature.features, share))  # fmt: skip
    for size in _JITTERS if ordered else ():
        title = Text(
            f"數字加上 {size:g} 倍離散程度的雜訊", f"Numbers with noise of {size:g} spreads"
        )
        yield Stress("noise", "noise", f"{size:g} spreads", title, _jittered(ordered, size))
    for share in SHARES if named else ():
        part = f"{100 * share:.0f} %"
        yield Stress("noise", "flipped", part, Text(f"{100 * share:.0f}% 的類別換成別的", f"{part} of categories swapped for others"), _flipped(named, share))  # fmt: skip
    for share in SHARES[:2]:
        part = f"{100 * share:.0f} %"
        yield Stress("noise", "typing", part, Text(f"{100 * share:.0f}% 的儲存格打錯一個字", f"{part} of cells mistyped by one character"), _mistyped(signature.features, share))  # fmt: skip
    if named:
        yield Stress("mistake", "unseen", "10 %", Text("10% 的類別是訓練時沒見過的", "10 % of categories unseen in training"), _unseen(named, 0.1))  # fmt: skip


def column_stresses(rows: pa.Table, feature: Feature) -> Iterator[Stress]:
    """Yield the stresses of one column: all of it missing, and mistakes of units and calendars."""
    name = feature.name
    yield Stress("missing", "absent", name, Text(f"欄位「{name}」全部遺漏", f"Column “{name}” missing altogether"), _missing((feature,), 1.0))  # fmt: skip
    if feature.nature == "number":
        for factor in (10.0, 1000.0):
            yield Stress("mistake", f"times_{factor:.0f}", name, Text(f"欄位「{name}」的單位錯成 {factor:,.0f} 倍", f"Unit of “{name}” wrong by a factor of {factor:,.0f}"), _scaled(feature, factor))  # fmt: skip
    if feature.nature == "date" or _years(rows, feature):
        yield Stress("mistake", "calendar", name, Text(f"欄位「{name}」用了民國年", f"“{name}” in years of the Republic of China"), _roc(feature))  # fmt: skip


def _years(rows: pa.Table, feature: Feature) -> bool:
    if feature.nature != "number":
        return False
    own = numbers(rows, feature)
    told = own[np.isfinite(own)]
    if not told.size:
        return False
    low, high = np.quantile(told, [0.01, 0.99])
    return bool(_YEARS[0] <= low and high <= _YEARS[1] and (told == np.rint(told)).all())


def _blanked(cells: pa.ChunkedArray, blank: Flags) -> pa.ChunkedArray:
    return pc.if_else(pa.array(blank), pa.scalar(None, cells.type), cells)


def _missing(features: tuple[Feature, ...], share: float) -> Change:
    def change(rows: pa.Table, draw: np.random.Generator) -> pa.Table:
        for feature in features:
            blank = draw.random(rows.num_rows) < share
            rows = with_cells(rows, feature.name, _blanked(rows.column(feature.name), blank))
        return rows

    return change


def _written(rows: pa.Table, feature: Feature, values: Floats) -> pa.Table:
    kind = rows.schema.field(feature.name).type
    return with_cells(rows, feature.name, cells_of(values, feature, kind))


def _jittered(features: list[Feature], size: float) -> Change:
    def change(rows: pa.Table, draw: np.random.Generator) -> pa.Table:
        for feature in features:
            own = numbers(rows, feature)
            rows = _written(rows, feature, own + draw.normal(0, size * spread(own), own.size))
        return rows

    return change


def _flipped(features: list[Feature], share: float) -> Change:
    """Take another row's category in some rows, so that common ones come more often."""

    def change(rows: pa.Table, draw: np.random.Generator) -> pa.Table:
        for feature in features:
            own = texts_of(rows, feature.name)
            hit = draw.random(own.size) < share
            other = own[draw.integers(0, own.size, own.size)]
            rows = _texts(rows, feature, np.where(hit, other, own))
        return rows

    return change


def _texts(rows: pa.Table, feature: Feature, texts: NDArray[np.str_]) -> pa.Table:
    return with_cells(rows, feature.name, pa.array([text or None for text in texts.tolist()], pa.string()))  # fmt: skip


def _unseen(features: list[Feature], share: float) -> Change:
    def change(rows: pa.Table, draw: np.random.Generator) -> pa.Table:
        for feature in features:
            own = texts_of(rows, feature.name)
            hit = draw.random(own.size) < share
            rows = _texts(rows, feature, np.where(hit, _UNSEEN, own))
        return rows

    return change


def _mistyped(features: tuple[Feature, ...], share: float) -> Change:
    """Swap, drop or double one character; of a number one digit, which may move its point."""

    def change(rows: pa.Table, draw: np.random.Generator) -> pa.Table:
        for feature in features:
            if feature.nature == "date":
                continue
            hit = np.flatnonzero(draw.random(rows.num_rows) < share)
            if feature.nature == "category":
                texts = texts_of(rows, feature.name).astype(object)
                for at in hit:
                    texts[at] = _slip(str(texts[at]), draw)
                rows = _texts(rows, feature, texts.astype(str))
                continue
            own = numbers(rows, feature)
            for at in hit:
                if np.isfinite(own[at]):
                    own[at] = _slipped(float(own[at]), draw)
            rows = _written(rows, feature, own)
        return rows

    return change


def _slip(text: str, draw: np.random.Generator) -> str:
    if not text:
        return text
    at, way = int(draw.integers(len(text))), int(draw.integers(3))
    if way == 0:
        return text[:at] + text[at + 1 :]
    if way == 1:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _slipped(number: float, draw: np.random.Generator) -> float:
    sign, text = ("-", f"{number:.15g}"[1:]) if number < 0 else ("", f"{number:.15g}")
    try:
        return float(sign + _slip(text, draw))
    except ValueError:
        return number


def _scaled(feature: Feature, factor: float) -> Change:
    def change(rows: pa.Table, _: np.random.Generator) -> pa.Table:
        return _written(rows, feature, numbers(rows, feature) * factor)

    return change


def _roc(feature: Feature) -> Change:
    def change(rows: pa.Table, _: np.random.Generator) -> pa.Table:
        own = numbers(rows, feature)
        shift = 365.2425 * _ROC if feature.nature == "date" else float(_ROC)
        return _written(rows, feature, np.maximum(own - shift, 1.0))

    return change
