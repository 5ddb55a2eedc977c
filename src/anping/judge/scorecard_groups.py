"""Approval by group, with and without what is protected: rates, and the adverse impact ratio.

The ratio is a group's approval rate over that of the group with the highest; four fifths is a mark of
the US Uniform Guidelines (29 CFR 1607.4 D, 1978), no limit of Taiwanese law. Its interval is Katz's (Katz
et al. 1978, Biometrics 34:469).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.judge.section import Grid, GridRow, Section
from anping.stats.intervals import wilson

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
FOUR_FIFTHS = 0.8
#: A group of fewer rows is not told.
FEWEST = 30


@dataclass(frozen=True, eq=False)
class Grouping:
    """A protected attribute: its column, and of which of its named groups each row is, -1 for none."""

    column: str
    names: tuple[Text, ...]
    of: NDArray[np.int64]


@dataclass(frozen=True)
class GroupApproval:
    """One group under one model: who is approved, against the group that is approved most."""

    group: Text
    approval: Measure
    ratio: Measure | None


@dataclass(frozen=True)
class Approvals:
    """Approval by group for each model, by (column, model)."""

    found: Mapping[tuple[str, str], tuple[GroupApproval, ...]]
    titles: Mapping[str, Text]
    rate: float

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All numbers."""
        return tuple(
            measure
            for groups in self.found.values()
            for one in groups
            for measure in (one.approval, one.ratio)
            if measure is not None
        )

    def section(self) -> Section:
        """Return what a report tells."""
        columns = tuple(dict.fromkeys(column for column, _ in self.found))
        shown = f"{100 * self.rate:.0f}"
        return Section(
            "groups",
            Text("受保護屬性：用與不用並列", "Protected attributes: with and without"),
            Text(
                f"每個模型都核准分數最高的 {shown}%；看各群體的核准率，及其與核准率最高群體的比。",
                f"Each model approves its best {shown}%: the approval rate of each group, and its ratio to "
                "that of the group approved most.",
            ),
            self.measures,
            tuple(self._grid(column) for column in columns),
            notes=(
                Text(
                    "比值低於 0.8（五分之四）是美國 1978 年準則的警示線，不是臺灣法律的限值。",
                    "A ratio under 0.8 (four fifths) is a mark of US guidelines of 1978, no limit of "
                    "Taiwanese law.",
                ),
            ),
            limits=(
                Text(
                    "不用一個屬性不等於不受它影響：其他欄位可能說出同樣的事。",
                    "Leaving an attribute out does not take its influence away: other columns may tell it.",
                ),
            ),
        )

    def _grid(self, column: str) -> Grid:
        models = [model for name, model in self.found if name == column]
        heads = [
            head
            for model in models
            for head in (
                Text(f"{self.titles[model].zh}：核准率", f"{self.titles[model].en}: approval"),
                Text("不利影響比", "Adverse impact ratio"),
            )
        ]
        rows = []
        for at, one in enumerate(self.found[column, models[0]]):
            cells = [self.found[column, model][at] for model in models]
            flat = tuple(
                cell
                for each in cells
                for cell in (each.approval, each.ratio or Text("（基準）", "(reference)"))
            )
            rows.append(GridRow(one.group, flat))
        title = Text(f"依「{column}」", f"By “{column}”")
        return Grid(title, (Text("群體", "Group"), *heads), tuple(rows))


def approvals(
    groupings: Sequence[Grouping],
    risks: Mapping[str, Floats],
    titles: Mapping[str, Text],
    *,
    rate: float,
) -> Approvals:
    """Return approval by group where each model approves the share ``rate`` of least ``risks`` (n,).

    Groups of fewer than 30 rows are left out.
    """
    found: dict[tuple[str, str], tuple[GroupApproval, ...]] = {}
    for grouping in groupings:
        told = [at for at in range(len(grouping.names)) if int((grouping.of == at).sum()) >= FEWEST]
        for model, risk in risks.items():
            approved = risk <= np.quantile(risk, rate)
            if len(told) > 1:
                found[grouping.column, model] = _groups(grouping, told, approved, model)
    return Approvals(found, titles, rate)


def _groups(
    grouping: Grouping, told: Sequence[int], approved: Flags, model: str
) -> tuple[GroupApproval, ...]:
    counts = {
        at: (int((approved & (grouping.of == at)).sum()), int((grouping.of == at).sum()))
        for at in told
    }
    top = max(told, key=lambda at: counts[at][0] / counts[at][1])
    rows = []
    for at in told:
        hits, n = counts[at]
        name = grouping.names[at]
        subject = f"{model} · {grouping.column} · {name.en}"
        approval = Measure("judge.credit.group_approval", hits / n, "share", n, Text("群體的核准率", "Approval rate of a group"), subject, wilson(hits, n), "held-out")  # fmt: skip
        ratio = None if at == top else _ratio((hits, n), counts[top], subject)
        rows.append(GroupApproval(name, approval, ratio))
    return tuple(rows)


def _ratio(own: tuple[int, int], top: tuple[int, int], subject: str) -> Measure | None:
    """Return the ratio of two approval rates with Katz's interval; None where nobody is approved."""
    (hits, n), (most, m) = own, top
    if not hits or not most:
        return None
    value = (hits / n) / (most / m)
    spread = sqrt(1 / hits - 1 / n + 1 / most - 1 / m)
    reach = NormalDist().inv_cdf(0.975) * spread
    ends = Interval(exp(log(value) - reach), exp(log(value) + reach), 0.95, "katz")
    return Measure("judge.credit.adverse_impact", value, "ratio", n + m, Text("不利影響比", "Adverse impact ratio"), subject, ends, "held-out; Katz's interval")  # fmt: skip
