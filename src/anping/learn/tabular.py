"""A model of one column of a table, from all the others: examined, searched, blended, calibrated."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError, Where
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.natures import nature_of
from anping.engine.prediction import Signature, Task
from anping.engine.table import Table, missing_column
from anping.learn.assembling import assembled, blended, lean
from anping.learn.columns import column_of
from anping.learn.design import Design
from anping.learn.encoder import encoder_of
from anping.learn.examination import Examination, examine
from anping.learn.folds import Folds, folds_of, hold_out, numbered
from anping.learn.generation import with_generated
from anping.learn.hands import Hands, OwnHands
from anping.learn.model import Model
from anping.learn.search import Effort, Searched, completed, search, search_of
from anping.learn.tabular_measures import measured
from anping.learn.target import Target, target_of

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Learning:
    """What is asked for.

    ``person`` keeps one person's rows on one side of every test; ``when`` tests on what came later.
    ``monotone`` names columns with which the answer may only rise (1) or fall (-1). ``held_out`` is the
    share of the rows that are kept for the examination. ``exclude`` names columns that are not learnt
    from, ``keep`` columns that are whatever is found.
    """

    task: Task | None = None
    person: str | None = None
    when: str | None = None
    monotone: Mapping[str, int] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    held_out: float = 0.2
    folds: int = 5
    effort: Effort = field(default_factory=Effort)
    seed: int = 20260101


@dataclass(frozen=True, eq=False)
class Learned:
    """The model, what was found before, what was measured, and the rows kept for the examination."""

    model: Model
    examination: Examination
    measures: tuple[Measure, ...]
    held_out: Rows
    limits: tuple[Text, ...]


def learn_tabular(
    table: Table | pa.Table,
    target: str,
    asked: Learning | None = None,
    *,
    keep: Path | None = None,
    progress: Progress = silent,
    ray: str | None = None,
) -> Learned:
    """Return a model that predicts the column ``target`` from the others.

    ``keep`` is a folder in which finished work is kept, so that an interrupted call goes on where it
    was. ``ray`` is the address of a Ray cluster that learns (see :mod:`anping.learn.ray_hands`): the
    model is the same, sooner. Raises SchemaError for a column that is not there, ParameterError for a target that cannot be
    learnt (``learn.one-class``, ``learn.many-classes``, ``learn.rare-class``), for no column to learn
    from (``learn.no-columns``), too few rows (``learn.too-few``), or a wrong setting.
    """
    asked = asked or Learning()
    rows = table.arrow() if isinstance(table, Table) else table
    _check(rows, target, asked)
    what = target_of(target, rows.column(target), task=asked.task)
    seen = examine(rows, what, asked=_left_out(asked), keep=asked.keep, when=asked.when)
    if not seen.columns:
        raise _no_columns()
    known = np.flatnonzero(what.known)
    learnt, kept = _divided(rows, what, known, asked)
    encoder = encoder_of(rows.take(pa.array(learnt)), seen.columns)
    design = Design(
        matrix=encoder.matrix(rows.take(pa.array(learnt))),
        target=what.values[learnt],
        task=what.task,
        classes=len(what.classes),
        codes=encoder.codes,
        monotone=_monotone(encoder.names, asked.monotone),
        seed=asked.seed % 2**31,
    )
    folds = folds_of(
        design.target, count=asked.folds, seed=asked.seed, **_apart(rows, learnt, asked)
    )
    encoder, design = with_generated(encoder, design, folds)
    with _hands(ray, design, folds) as hands:
        on = search_of(design, folds, keep=keep, hands=hands)
        found = search(on, asked.effort, progress=progress)
        weights = lean(found.trials, design, folds)
        chosen = completed(on, found.trials, weights), weights
    signature = Signature(target, what.task, what.classes, encoder.features)
    model = assembled(signature, encoder, design=design, folds=folds, chosen=chosen)
    model = replace(model, account=_account(asked, found, weights, seen))
    tested = folds.tested
    crossed = blended(found.trials, weights)[tested], design.target[tested]
    test = None if not kept.size else (rows.take(pa.array(kept)), what.values[kept])
    return Learned(
        model,
        seen,
        (*seen.measures, _tried(found), *measured(model, design, crossed=crossed, test=test)),
        kept,
        _limits(kept, found),
    )


def _hands(address: str | None, design: Design, folds: Folds) -> AbstractContextManager[Hands]:
    if address is None:
        return nullcontext(OwnHands(design, folds))
    from anping.learn.ray_hands import ray_hands

    return ray_hands(address, design, folds)


def _check(rows: pa.Table, target: str, asked: Learning) -> None:
    named = (target, asked.person, asked.when, *asked.monotone, *asked.exclude, *asked.keep)
    for name in named:
        if name is not None and name not in rows.column_names:
            raise missing_column(name, rows.column_names)
    if asked.when is not None and nature_of(rows.column(asked.when)) == "category":
        raise _wrong(
            "learn.when",
            Text(
                "預測時點的欄位要是日期或數字。",
                "The column of the moment of prediction must hold dates or numbers.",
            ),
            asked.when,
        )
    for column, way in asked.monotone.items():
        if way not in (-1, 1):
            raise _wrong(
                "learn.monotone",
                Text(
                    "單調限制只能是 1（只升）或 -1（只降）。",
                    "A column is bound to rise (1) or to fall (-1).",
                ),
                column,
            )
    if not 0 <= asked.held_out < 0.9 or asked.folds < 2:
        raise _wrong(
            "learn.held-out",
            Text(
                "保留檢驗的比例要在 0 到 0.9 之間，折數至少 2。",
                "The share held out lies between 0 and 0.9, and there are at least 2 folds.",
            ),
        )


def _left_out(asked: Learning) -> dict[str, Text]:
    found = {name: Text("被要求排除", "asked for") for name in asked.exclude}
    if asked.person is not None:
        found[asked.person] = Text("它說的是哪一個人", "it says whose row it is")
    if asked.when is not None:
        found[asked.when] = Text("它是預測的時點", "it is the moment of the prediction")
    return found


def _divided(rows: pa.Table, what: Target, known: Rows, asked: Learning) -> tuple[Rows, Rows]:
    if not asked.held_out:
        return known, known[:0]
    learnt, kept = hold_out(
        what.values[known], asked.held_out, seed=asked.seed, **_apart(rows, known, asked)
    )
    return known[learnt], known[kept]


def _apart(rows: pa.Table, chosen: Rows, asked: Learning) -> dict[str, Any]:
    """Return what keeps rows apart: people, or time."""
    taken = pa.array(chosen)
    if asked.when is not None:
        cells = rows.column(asked.when).take(taken)
        return {"when": column_of(asked.when, cells).matrix(cells)[:, 0]}
    if asked.person is None:
        return {}
    return {"people": numbered(rows.column(asked.person).take(taken).to_pylist())}


def _monotone(names: tuple[str, ...], asked: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(asked.get(name, 0) for name in names)


def _account(
    asked: Learning, found: Searched, weights: Floats, seen: Examination
) -> dict[str, Any]:
    return {
        "seed": asked.seed,
        "folds": asked.folds,
        "heldOut": asked.held_out,
        "seconds": asked.effort.seconds,
        "stoppedByClock": found.stopped_by_clock,
        "trials": [
            {**trial.config.as_json(), "loss": trial.loss, "weight": float(weight)}
            for trial, weight in zip(found.trials, weights, strict=True)
        ],
        "leftOut": {left.column: left.reason for left in seen.left_out},
    }


def _tried(found: Searched) -> Measure:
    count = len(found.trials)
    return Measure("learn.trials", count, "models", count, Text("試過的設定", "Settings tried"))


def _limits(kept: Rows, found: Searched) -> tuple[Text, ...]:
    limits = [
        Text(
            "模型只知道訓練資料裡的規律，不知道原因；資料改變後它的好壞也會改變。",
            "The model knows regularities of its training data, not causes; when the data change, so "
            "does how good it is.",
        )
    ]
    if not kept.size:
        limits.append(
            Text(
                "沒有保留檢驗用的列：量測值來自交叉驗證，略為樂觀。",
                "No rows were held out: what was measured by cross-validation is slightly optimistic.",
            )
        )
    if found.stopped_by_clock:
        limits.append(
            Text(
                "搜尋由時鐘中止：同樣的種子在別的機器可能試得更多。",
                "The clock ended the search: the same seed may try more on another machine.",
            )
        )
    return tuple(limits)


def _no_columns() -> ParameterError:
    return _wrong(
        "learn.no-columns",
        Text("沒有可以學習的欄位。", "There is no column to learn from."),
        hint=Text(
            "檢視每個欄位被排除的原因；必要時以 keep 保留。",
            "Look at why each column was left out; keep one that you need by name.",
        ),
    )


def _wrong(
    code: str, what: Text, column: str | None = None, *, hint: Text | None = None
) -> ParameterError:
    given = hint or Text("請更正後再試。", "Correct it and try again.")
    return ParameterError(code, what, where=Where(column=column), hint=given)
