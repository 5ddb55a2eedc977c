"""What a cut-off does: how many are approved, how many of them fail, and what that earns.

Expected profit for each applicant is gain · P(approved and good) - loss · P(approved and bad); rows that
are refused earn nothing (Siddiqi 2006, ch. 8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.judge.section import Grid, GridRow, Section
from anping.stats.intervals import wilson

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
#: Approval rates that the table shows, besides the most profitable one.
_SHARES = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
#: Of fewer approved bad rows nothing is shown.
_SMALL = 5


@dataclass(frozen=True)
class Costs:
    """What a good loan earns and a bad one loses, in the lender's own unit."""

    gain: float = 1.0
    loss: float = 10.0


@dataclass(frozen=True)
class Cutoff:
    """Approving at or above ``score``: ``approval``, ``bad_rate`` of the approved, and ``profit``."""

    score: float
    approval: Measure
    bad_rate: Measure | None
    profit: Measure


@dataclass(frozen=True)
class Cutoffs:
    """The table, the best cut-off on these rows, and the costs that it rests on."""

    rows: tuple[Cutoff, ...]
    best: Cutoff
    costs: Costs

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All numbers."""
        found = (
            (one.approval, one.profit) if one.bad_rate is None else (one.approval, one.bad_rate, one.profit)
            for one in self.rows
        )  # fmt: skip
        return tuple(measure for row in found for measure in row)

    def section(self) -> Section:
        """Return what a report tells."""
        head = (Text("核准門檻", "Approved from"), Text("核准率", "Approval rate"),
                Text("核准者壞帳率", "Bad rate of the approved"),
                Text("每位申請人的期望利潤", "Expected profit for each applicant"))  # fmt: skip
        rows = tuple(
            GridRow(_points(one, best=one is self.best), (one.approval, one.bad_rate, one.profit))
            for one in self.rows
        )
        gain, loss = f"{self.costs.gain:g}", f"{self.costs.loss:g}"
        return Section(
            "cutoffs",
            Text("核准門檻", "Cut-offs"),
            Text(
                f"好客戶賺 {gain}、壞客戶賠 {loss}；每一列是一個門檻，門檻以上核准。",
                f"A good loan earns {gain}, a bad one loses {loss}; each line approves from a score on.",
            ),
            self.measures,
            (Grid(Text("門檻表", "Table of cut-offs"), head, rows),),
            limits=(
                Text(
                    "最佳門檻是在同一批列上挑的，期望利潤略為樂觀；成本由使用者給定。",
                    "The best cut-off was picked on the same rows: its profit is a little optimistic. The "
                    "costs are the user's.",
                ),
                Text(
                    "只有已核准者才有結果；被拒者見「拒絕推論」。",
                    "Outcomes are known of approved applicants alone; for the others see reject inference.",
                ),
            ),
        )


def cut_offs(scores: Floats, truth: Flags, costs: Costs | None = None) -> Cutoffs:
    """Return what cut-offs of ``scores`` (n,; higher is better) do, ``truth`` (n,) marking the bad."""
    costs = costs or Costs()
    levels = np.unique(scores)
    order = np.argsort(-scores, kind="stable")
    earned = np.cumsum(np.where(truth[order], -costs.loss, costs.gain))
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    best = float(scores[order][last[int(np.argmax(earned[last]))]])
    wanted = {float(np.quantile(scores, 1 - share, method="nearest")) for share in _SHARES}
    wanted |= {best, float(levels[0])}
    rows = tuple(_cutoff(score, scores, truth, costs) for score in sorted(wanted))
    return Cutoffs(rows, next(one for one in rows if one.score == best), costs)


def _cutoff(score: float, scores: Floats, truth: Flags, costs: Costs) -> Cutoff:
    approved = scores >= score
    n, many, bad = int(truth.size), int(approved.sum()), int((approved & truth).sum())
    earned = np.where(approved, np.where(truth, -costs.loss, costs.gain), 0.0)
    reach = 1.96 * float(earned.std(ddof=1)) / np.sqrt(n) if n > 1 else 0.0
    profit, key, how = float(earned.mean()), f"{score:g}", "held-out"
    rate = None
    if min(bad, many - bad) >= _SMALL:
        rate = Measure("judge.credit.bad_rate", bad / many, "share", many, Text("核准者的壞帳率", "Bad rate of the approved"), key, wilson(bad, many), how)  # fmt: skip
    return Cutoff(
        score,
        Measure("judge.credit.approval", many / n, "share", n, Text("核准率", "Approval rate"), key, wilson(many, n), how),
        rate,
        Measure("judge.credit.profit", profit, "per applicant", n, Text("期望利潤", "Expected profit"), key, Interval(profit - reach, profit + reach, 0.95, "normal"), how),
    )  # fmt: skip


def _points(one: Cutoff, *, best: bool) -> Text:
    score = f"{one.score:,.0f}"
    mark = ("（利潤最高）", " (most profit)") if best else ("", "")
    return Text(f"{score} 分{mark[0]}", f"{score} points{mark[1]}")
