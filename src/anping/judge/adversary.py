"""How small a change of a row turns the decision: who shades an application a little, wins how often.

Changes stay within what real rows hold, and leave alone what nobody can shade (sex, birth). What is
not found may still exist: the shares are lower bounds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.prediction import Predictor, Signature
from anping.judge.actions import Actions, likely_actions
from anping.judge.counterfactual import Goal, counterfactuals, searcher_of
from anping.judge.section import Grid, GridRow, Section
from anping.stats.intervals import wilson

Floats = NDArray[np.float64]
BUDGETS = (0.1, 0.25, 0.5, 1.0)
_METHOD = "smallest change found within real rows' values, a lower bound"


@dataclass(frozen=True, eq=False)
class Adversary:
    """For each budget, in units of spread, the share of decisions that so small a change turns."""

    flipped: tuple[Measure, ...]
    limits: tuple[Text, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All numbers."""
        return self.flipped

    def section(self) -> Section:
        """Return the part of the report."""
        title = Text("稍微改一點就翻案嗎", "Does a small change turn the decision")
        head = (Text("改變的大小", "Size of the change"), Text("翻轉的決定", "Decisions turned"))
        rows = tuple(
            GridRow(
                Text(f"至多 {one.subject} 倍離散程度", f"at most {one.subject} spreads"), (one,)
            )
            for one in self.flipped
        )
        return Section(
            "adversary",
            title,
            Text(
                "在真實資料有的值之內，最多改兩欄，能翻轉決定的最小改變；離散程度是一欄的典型差距。",
                "The smallest change of at most two columns, within values that real rows hold, that turns "
                "the decision. A spread is a column's typical difference.",
            ),
            self.measures,
            (Grid(title, head, rows),),
            limits=self.limits,
        )


def adversary(
    predictor: Predictor,
    rows: pa.Table,
    *,
    seed: int,
    threshold: float = 0.5,
    actions: Actions | None = None,
    most: int = 60,
) -> Adversary | None:
    """Return how often small changes turn the decisions of at most ``most`` rows; None of a number.

    Of several classes a decision is turned when the second likeliest becomes the likeliest.
    """
    signature = predictor.signature
    if signature.task == "number" or rows.num_rows < 2:
        return None
    chosen = actions or replace(likely_actions(signature), rising=(), most=2)
    draw = np.random.default_rng(seed)
    asked = rows.take(pa.array(np.sort(draw.permutation(rows.num_rows)[:most])))
    values = predictor.predict(asked).values
    searcher = searcher_of(predictor, rows, actions=chosen, seed=seed)
    costs = np.full(asked.num_rows, np.inf)
    for at in range(asked.num_rows):
        goal = _other(signature, values[at], threshold)
        ways = counterfactuals(searcher, asked.slice(at, 1), goal, count=1, budget=BUDGETS[-1])
        if ways:
            costs[at] = ways[0].cost
    n = asked.num_rows
    flipped = tuple(
        Measure(
            "judge.adversary.turned", float((costs <= budget).mean()), "share", n,
            Text(f"至多 {budget:g} 倍離散程度的改變翻轉的決定", f"Decisions turned by changes of at most {budget:g} spreads"),
            f"{budget:g}", wilson(int((costs <= budget).sum()), n), _METHOD, seed,
        )
        for budget in BUDGETS
    )  # fmt: skip
    return Adversary(flipped, (_LIMIT,))


_LIMIT = Text(
    "沒有找到的改變仍可能存在：比例是下限。懂模型的人可能找得更好。",
    "A change that was not found may exist: shares are lower bounds, and who knows the model may find "
    "better ones.",
)


def _other(signature: Signature, values: Floats, threshold: float) -> Goal:
    """Return the goal of turning one decision."""
    if signature.task == "binary":
        decided = int(values[1] >= threshold)
        aim = signature.classes[1 - decided]
        return Goal(aim, threshold=1 - threshold if decided else threshold)
    second = int(np.argsort(-values, kind="stable")[1])
    return Goal(signature.classes[second])
