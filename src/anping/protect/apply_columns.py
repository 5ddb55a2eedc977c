"""Carry out the transforms of a plan that need no other row: everything before k-anonymity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import ParameterError, Where
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.protect.plan import Plan
from anping.protect.plan_entries import (
    DateShift,
    Drop,
    Mask,
    Pseudonym,
    Redact,
    Round,
    TopBottom,
    Transform,
    crossed_bounds,
)
from anping.protect.pseudonym import keyed, reversible
from anping.protect.pseudonym.keys import Keys, subkey
from anping.protect.text.dictionary import IdentifierDictionary
from anping.protect.text.redact import FindSpans, Redacted, RowForms, redact
from anping.protect.transform.date_shift import date_shift, offsets
from anping.protect.transform.distinct import map_distinct
from anping.protect.transform.mask import mask
from anping.protect.transform.numbers import Bounds, quantile_bound, round_to, top_bottom


@dataclass(frozen=True)
class Column:
    """One column on its way: its cells, what was measured, and what was decided on the way."""

    name: str
    cells: pa.ChunkedArray
    measures: tuple[Measure, ...] = ()
    notes: tuple[Text, ...] = ()
    redacted: Redacted | None = None


@dataclass(frozen=True)
class Means:
    """What transforms need beside the column: people (``""``: unknown), keys, and the detector."""

    persons: Sequence[str] | None
    keys: Keys
    find_spans: FindSpans | None
    known: IdentifierDictionary
    own_forms: RowForms
    progress: Progress = silent


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column without a dictionary: one would still hold values of removed rows."""
    kind = column.type
    return column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column


def transformed(raw: pa.Table, plan: Plan, means: Means) -> Mapping[str, Column]:
    """Return every column that is not dropped after its own transforms, in the table's order."""
    shifts: dict[tuple[str, int], npt.NDArray[np.int64]] = {}
    results: dict[str, Column] = {}
    for name in raw.column_names:
        transforms = plan.columns[name]
        if any(isinstance(transform, Drop) for transform in transforms):
            continue
        column = Column(name, plain(raw.column(name)))
        for transform in transforms:
            if isinstance(transform, DateShift):
                days = shifts.setdefault(
                    (transform.key, transform.max_days), _days(transform, means)
                )
                column = _shift(column, days)
            else:
                column = _apply(column, transform, means)
        results[name] = column
    return results


def _apply(column: Column, transform: Transform, means: Means) -> Column:
    match transform:
        case Pseudonym():
            made = map_distinct(
                column.cells,
                lambda values: (keyed if transform.method == "hmac" else reversible).pseudonyms(
                    values, means.keys, key=transform.key, normalisation=transform.normalise
                ),
            )
            return replace(column, cells=made)
        case Mask():
            cells = mask(
                column.cells, keep_first=transform.keep_first, keep_last=transform.keep_last
            )
            return replace(column, cells=cells)
        case TopBottom():
            return _coded(column, transform)
        case Round():
            return replace(column, cells=round_to(column.cells, transform.to))
        case Redact():
            return _redacted(column, means)
        case _:
            return column


def _coded(column: Column, transform: TopBottom) -> Column:
    low, high = transform.low, transform.high
    if transform.low_quantile is not None:
        low = quantile_bound(column.cells, transform.low_quantile)
    if transform.high_quantile is not None:
        high = quantile_bound(column.cells, transform.high_quantile)
    if low is not None and high is not None and low >= high:
        raise crossed_bounds(column.name)
    coded = top_bottom(column.cells, Bounds(low, high))
    title = Text("以上下限代替的儲存格數", "Cells moved to a bound")
    zh, en = (
        " ".join(
            f"{name} {bound:,.10g}"
            for name, bound in zip(names, (low, high), strict=True)
            if bound is not None
        )
        for names in (("下限", "上限"), ("low", "high"))
    )
    return replace(
        column,
        cells=coded.column,
        measures=(*column.measures, _counted("deid.coded", column, coded.cells, title)),
        notes=(*column.notes, Text(zh, en)) if zh else column.notes,
    )


def _days(transform: DateShift, means: Means) -> npt.NDArray[np.int64]:
    secret = subkey(means.keys, transform.key, use="date-shift")
    return offsets(means.persons or (), secret, max_days=transform.max_days)


def _shift(column: Column, days: npt.NDArray[np.int64]) -> Column:
    shifted = date_shift(column.cells, days)
    title = Text("讀不出日期而清空的儲存格數", "Cells emptied because no date could be read")
    measure = _counted("deid.dates.unreadable", column, shifted.unreadable, title)
    return replace(column, cells=shifted.column, measures=(*column.measures, measure))


def _redacted(column: Column, means: Means) -> Column:
    if means.find_spans is None:
        raise ParameterError(
            "protect.no-detector",
            Text(
                "要遮蔽自由文字，卻沒有給偵測器。",
                "Text is to be redacted, but no detector is given.",
            ),
            where=Where(column=column.name),
            hint=Text(
                "傳入 find_spans（例如 know 的 find_spans）。",
                "Pass find_spans, for example the one of the discovery room.",
            ),
        )
    texts = column.cells.to_pylist()
    result = redact(
        texts,
        find_spans=means.find_spans,
        known=means.known,
        own_forms=means.own_forms,
        progress=means.progress,
    )
    cells = pa.chunked_array([pa.array(result.texts, pa.string())])
    title = Text("有內容被遮蔽的文字數", "Texts in which something was replaced")
    measure = _counted("deid.redacted.texts", column, result.changed, title)
    return replace(column, cells=cells, redacted=result, measures=(*column.measures, measure))


def _counted(name: str, column: Column, count: int, title: Text) -> Measure:
    n = len(column.cells) - column.cells.null_count
    return Measure(name, float(count), "cells", n, title, subject=column.name, method="count")
