"""How many people could turn a decision by changes they can make, and how far they would have to go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.prediction import Predictor
from anping.judge.actions import Actions, likely_actions
from anping.judge.counterfactual import Counterfactual, Goal, counterfactuals, searcher_of
from anping.judge.section import Section
from anping.stats.bootstrap import bootstrap_interval
from anping.stats.intervals import wilson

Floats = NDArray[np.float64]
#: Fewer people say nothing of the others.
_FEWEST = 10
_ASKED = "counterfactual search, asked again of the model"


@dataclass(frozen=True, eq=False)
class Recourse:
    """The nearest allowed changes of people who were not answered as wanted; None where none was found."""

    goal: Goal
    actions: Actions
    found: tuple[Counterfactual | None, ...]
    valid: int
    measures: tuple[Measure, ...]
    limits: tuple[Text, ...]

    def section(self) -> Section:
        """Return the part of the report."""
        fixed = "、".join(self.actions.immutable) or "沒有"
        listed = ", ".join(self.actions.immutable) or "none"
        return Section(
            "recourse",
            Text("人能做什麼改變決定", "What people could do about a decision"),
            Text(
                f"對沒有得到「{self.goal.of}」的人，找出最小而且做得到的改變，再問一次模型。不能改的欄位：{fixed}；一次最多改 {self.actions.most} 欄。",
                f"For people who did not get “{self.goal.of}”, the smallest changes that they could make, "
                f"checked by asking the model again. Columns that stay: {listed}; at most "
                f"{self.actions.most} change together.",
            ),
            self.measures,
            limits=self.limits,
        )


def recourse(
    predictor: Predictor,
    rows: pa.Table,
    goal: Goal,
    *,
    actions: Actions | None = None,
    seed: int,
    most: int = 60,
) -> Recourse | None:
    """Return the changes open to at most ``most`` of the ``rows`` that are not answered as ``goal``.

    None where fewer than 10 are, or where nothing was asked for. The rows also tell which cells exist.
    Without ``actions`` the columns' names tell what may change.
    """
    signature = predictor.signature
    chosen = actions or likely_actions(signature)
    gaps = goal.gap(signature, predictor.predict(rows).values)
    away = np.flatnonzero(gaps < 0)
    if away.size < _FEWEST:
        return None
    draw = np.random.default_rng(seed)
    people = np.sort(draw.permutation(away)[:most])
    searcher = searcher_of(predictor, rows, actions=chosen, seed=seed)
    found = []
    for at in people:
        ways = counterfactuals(searcher, rows.slice(int(at), 1), goal, count=1)
        found.append(ways[0] if ways else None)
    ways_ = [one for one in found if one is not None]
    valid = _valid(predictor, ways_, goal)
    measures = _measures(found, valid, seed=seed)
    return Recourse(goal, chosen, tuple(found), valid, measures, _LIMITS)


_LIMITS = (
    Text(
        "改變的是模型的答案；現實中的結果不一定跟著改變，欄位之間的牽動也沒有算進去。",
        "What changes is the model's answer: the outcome in the world need not follow, and what one "
        "change does to other columns is not reckoned.",
    ),
    Text(
        "哪些欄位改不了，是由名稱猜測或由人指定；請確認後再告訴當事人。",
        "Which columns stay is guessed from names or given; look it over before telling people.",
    ),
)


def _valid(predictor: Predictor, ways: list[Counterfactual], goal: Goal) -> int:
    if not ways:
        return 0
    rows = pa.concat_tables([one.row for one in ways], promote_options="permissive")
    values = predictor.predict(rows).values
    return int((goal.gap(predictor.signature, values) >= 0).sum())


def _measures(found: list[Counterfactual | None], valid: int, *, seed: int) -> tuple[Measure, ...]:
    n = len(found)
    ways = [one for one in found if one is not None]
    none = n - len(ways)
    measures = [
        Measure(
            "judge.explanation.recourse.none", none / n, "share", n,
            Text("找不到可行改變的人", "People for whom no change was found"),
            interval=wilson(none, n), method=_ASKED, seed=seed,
        )
    ]  # fmt: skip
    if not ways:
        return tuple(measures)
    near = sum(one.plausible for one in ways)
    many = len(ways)
    measures += [
        Measure(
            "judge.explanation.recourse.valid", valid / many, "share", many,
            Text("找到的改變中，再問一次仍成立的", "Changes that hold when the model is asked again"),
            interval=wilson(valid, many), method=_ASKED, seed=seed,
        ),
        Measure(
            "judge.explanation.recourse.plausible", near / many, "share", many,
            Text("改變後仍像真實資料的", "Changed rows as near to real ones as real ones are"),
            interval=wilson(near, many), method="distance to the nearest real row", seed=seed,
        ),
    ]  # fmt: skip
    columns = np.array([len(one.changes) for one in ways], dtype=np.float64)
    costs = np.array([one.cost for one in ways])
    for name, values, unit, title in (
        ("columns", columns, "columns", Text("改變的欄位數（平均）", "Columns changed, mean")),
        ("cost", costs, "spreads", Text("改變的大小（平均，以離散程度為單位）", "Size of the changes, mean, in units of spread")),
    ):  # fmt: skip
        interval = bootstrap_interval(_mean_of(values), many, seed=seed, draws=500)
        measures.append(
            Measure(
                f"judge.explanation.recourse.{name}", float(values.mean()), unit, many, title,
                interval=interval, method=_ASKED, seed=seed,
            )
        )  # fmt: skip
    return tuple(measures)


def _mean_of(values: Floats) -> Callable[[NDArray[np.int64]], float]:
    return lambda rows: float(values[rows].mean())
