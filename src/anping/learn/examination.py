"""What a table is fit to teach, looked at before anything is learnt from it.

Columns that would teach nothing, or tell the target itself, are left out with the reason; what is too
little to learn from is said in plain words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.natures import nature_of
from anping.learn.columns import Column, column_of
from anping.learn.target import LARGEST, Target
from anping.learn.telling import Telling, telling

Floats = NDArray[np.float64]
Reason = Literal[
    "asked",
    "empty",
    "constant",
    "identifier",
    "free-text",
    "huge",
    "target-copy",
    "after-the-event",
]
#: A column that alone tells the target this well is taken for a copy of it.
_COPY = 0.995
#: An empty cell that alone tells the target this well was filled after the event.
_AFTER = 0.97
#: A column that tells the target this well is worth a look, and better than all others by so much.
_SUSPECT, _AHEAD = 0.95, 0.1
_ALL_DIFFERENT, _ENOUGH_ROWS = 0.95, 50
#: Texts repeat where people have several rows, and names are shared: fewer distinct ones are enough.
_MOSTLY_DIFFERENT, _LONG_TEXT = 0.8, 40
_FEW_ROWS, _FEW_OF_A_CLASS, _ROWS_PER_COLUMN = 300, 50, 10


@dataclass(frozen=True)
class LeftOut:
    """A column that is not learnt from, and why."""

    column: str
    reason: Reason
    why: Text


@dataclass(frozen=True)
class Examination:
    """What was found: the columns to learn from, those left out, what to mind, and the numbers."""

    columns: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[Text, ...]
    measures: tuple[Measure, ...]


def examine(
    rows: pa.Table,
    target: Target,
    *,
    asked: Mapping[str, Text] | None = None,
    keep: Collection[str] = (),
    when: str | None = None,
) -> Examination:
    """Return what may be learnt from the rows that have a target.

    ``asked`` names columns that are left out for reasons of the caller's; ``keep`` columns that are
    kept whatever is found; ``when`` the column of the moment of prediction: dates that lie later in
    most rows are from after the event.
    """
    known = rows.filter(pa.array(target.known))
    values = target.values[target.known]
    asked = asked or {}
    left, kept, telling_of = [], [], {}
    for name in rows.column_names:
        if name == target.column:
            continue
        if name in asked:
            left.append(LeftOut(name, "asked", asked[name]))
            continue
        cells = known.column(name)
        reason = _useless(cells) or _after(name, known, when)
        if reason is None:
            column = column_of(name, cells)
            reason = _huge(column, cells)
        if reason is None:
            telling_of[name] = telling(column, cells, values, target)
            reason = _tells_too_much(telling_of[name])
        if reason is None or (name in keep and reason != "huge"):
            kept.append(name)
        else:
            left.append(LeftOut(name, reason, _WHY[reason]))
    warnings = (
        *_suspects(kept, telling_of),
        *_too_little(target, values, len(kept)),
    )
    return Examination(tuple(kept), tuple(left), warnings, _measures(known, kept, target, values))


def _useless(cells: pa.ChunkedArray) -> Reason | None:
    told = len(cells) - cells.null_count
    if not told:
        return "empty"
    distinct = pc.count_distinct(cells, mode="only_valid").as_py()
    if distinct < 2:
        return "constant"
    kind = cells.type
    enough = _ALL_DIFFERENT if pa.types.is_integer(kind) else _MOSTLY_DIFFERENT
    if told < _ENOUGH_ROWS or distinct < enough * told:
        return None
    if pa.types.is_integer(kind):
        ends = pc.min_max(cells).as_py()
        dense = distinct == told and ends["max"] - ends["min"] < 2 * told
        return "identifier" if dense else None
    if nature_of(cells) != "category":
        return None
    texts = cells.cast(pa.string()) if not pa.types.is_string(kind) else cells
    long = pc.mean(pc.utf8_length(texts)).as_py() >= _LONG_TEXT
    return "free-text" if long else "identifier"


def _after(name: str, rows: pa.Table, when: str | None) -> Reason | None:
    """Return whether most dates of a column lie later than the moment of prediction."""
    if when is None or name == when or nature_of(rows.column(name)) != "date":
        return None
    days, moments = (
        column_of(each, rows.column(each)).matrix(rows.column(each))[:, 0] for each in (name, when)
    )
    both = ~np.isnan(days) & ~np.isnan(moments)
    later = days[both] > moments[both]
    return "after-the-event" if later.size and later.mean() > 0.5 else None


def _huge(column: Column, cells: pa.ChunkedArray) -> Reason | None:
    if column.feature.nature != "number":
        return None
    return "huge" if np.any(np.abs(column.matrix(cells)) > LARGEST) else None


def _tells_too_much(found: Telling) -> Reason | None:
    if found.by_absence >= _AFTER:
        return "after-the-event"
    return "target-copy" if found.score >= _COPY else None


def _suspects(kept: Sequence[str], telling_of: Mapping[str, Telling]) -> list[Text]:
    """Return warnings of columns that alone tell the target much better than all others."""
    ranked = sorted(kept, key=lambda name: -telling_of[name].score if name in telling_of else 0.0)
    if not ranked or ranked[0] not in telling_of:
        return []
    best = telling_of[ranked[0]].score
    second = telling_of[ranked[1]].score if len(ranked) > 1 and ranked[1] in telling_of else 0.5
    if best < _SUSPECT or best - second < _AHEAD:
        return []
    return [
        Text(
            f"「{ranked[0]}」單獨就幾乎說出目標；若它在預測當下還不知道，請排除它。",
            f"“{ranked[0]}” alone nearly tells the target; leave it out if it is not known when a "
            "prediction is made.",
        )
    ]


def _too_little(target: Target, values: Floats, columns: int) -> list[Text]:
    found = []
    if values.size < _FEW_ROWS:
        found.append(
            Text(
                f"只有 {values.size} 列：檢驗的結果會很不確定。",
                f"There are {values.size} rows: what is measured will be very uncertain.",
            )
        )
    if target.task != "number":
        rarest = int(np.bincount(values.astype(np.int64)).min())
        if rarest < _FEW_OF_A_CLASS:
            found.append(
                Text(
                    f"最少的一類只有 {rarest} 列，少到難以學好。",
                    f"The rarest class has {rarest} rows, too few to be learnt well.",
                )
            )
    if columns and values.size < _ROWS_PER_COLUMN * columns:
        found.append(
            Text(
                f"每個欄位不到 {_ROWS_PER_COLUMN} 列（{values.size} 列、{columns} 欄），容易學到巧合。",
                f"There are fewer than {_ROWS_PER_COLUMN} rows for each column ({values.size} rows, "
                f"{columns} columns): coincidences may be learnt.",
            )
        )
    return found


def _measures(
    known: pa.Table, kept: Sequence[str], target: Target, values: Floats
) -> tuple[Measure, ...]:
    n = int(values.size)
    found = [
        Measure("learn.rows", n, "rows", int(target.values.size), Text("有目標的列數", "Rows with a target")),
        Measure("learn.columns", len(kept), "columns", known.num_columns - 1, Text("學習用的欄位", "Columns learnt from")),
    ]  # fmt: skip
    if kept and n:
        missing = sum(known.column(name).null_count for name in kept) / (n * len(kept))
        found.append(
            Measure(
                "learn.missing", missing, "share", n * len(kept), Text("空的儲存格", "Empty cells")
            )
        )
    if target.task != "number" and n:
        rarest = float(np.bincount(values.astype(np.int64), minlength=len(target.classes)).min())
        found.append(
            Measure(
                "learn.rarest_class",
                rarest / n,
                "share",
                n,
                Text("最少的一類所占比例", "Share of the rarest class"),
            )
        )
    if kept and n:
        repeated = n - known.select(list(kept)).group_by(list(kept)).aggregate([]).num_rows
        found.append(
            Measure(
                "learn.repeated_rows",
                repeated / n,
                "share",
                n,
                Text("與別列各欄都相同的列", "Rows that repeat another row in all columns"),
            )
        )
    return tuple(found)


_WHY: Mapping[Reason, Text] = {
    "empty": Text("沒有任何值", "it has no values"),
    "constant": Text("所有的值都相同", "all its values are equal"),
    "identifier": Text("大多數列的值都不同，是識別碼", "most rows have a value of their own: an identifier"),
    "free-text": Text("是自由文字", "it is free text"),
    "huge": Text("有超過 10 的 50 次方的數", "it has numbers beyond 10^50"),
    "target-copy": Text("單獨就說出目標，是目標的副本或換算", "it alone tells the target: a copy of it, or made from it"),
    "after-the-event": Text("在要預測的事發生之後才有值", "it is filled after the event that is to be predicted"),
    "asked": Text("被要求排除", "asked for"),
}  # fmt: skip
