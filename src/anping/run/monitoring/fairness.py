"""How groups of people fare: what is said of them and, where labels are known, how rightly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.engine.natures import distinct_cells
from anping.run.monitoring.answers import Answers
from anping.run.monitoring.rules import Rules
from anping.stats.intervals import newcombe, wilson
from anping.stats.multiple import holm

Flags = NDArray[np.bool_]
TITLES = {
    "selected": Text("被判為正類的比例", "Share said to be positive"),
    "true_positive_rate": Text("真陽性率", "True positive rate"),
    "false_positive_rate": Text("偽陽性率", "False positive rate"),
    "accuracy": Text("正確率", "Accuracy"),
}
#: A share must have moved against the other groups by so much.
_MOVED = 0.05


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """A share in one group: ``hits`` of ``n`` now, ``before`` of ``before_n`` in the reference.

    ``others_moved`` is how far the same share moved in all other groups together; ``p`` (adjusted) is
    of the group having moved otherwise than they (difference of differences, normal approximation).
    """

    column: str
    group: str
    name: str
    before: int
    before_n: int
    hits: int
    n: int
    others_moved: float
    p: float
    moved: bool = False

    @property
    def value(self) -> float:
        """The share now."""
        return self.hits / self.n

    @property
    def change(self) -> Interval:
        """The interval of the change since the reference."""
        return newcombe(self.hits, self.n, self.before, self.before_n)

    def measures(self) -> tuple[Measure, ...]:
        """Return the share now and its change."""
        subject = f"{self.column}={self.group}"
        title = TITLES[self.name]
        return (
            Measure(f"monitor.group.{self.name}", self.value, "share", self.n, title, subject=subject, interval=wilson(self.hits, self.n), method="share of rows"),
            Measure(f"monitor.group.{self.name}_change", self.value - self.before / self.before_n, "share", self.n, Text(f"{title.zh}的變化", f"{title.en}, change"), subject=subject, interval=self.change, method="difference of shares"),
        )  # fmt: skip


def group_figures(
    reference: tuple[Mapping[str, pa.ChunkedArray], Answers],
    current: tuple[Mapping[str, pa.ChunkedArray], Answers],
    rules: Rules,
) -> tuple[GroupFigure, ...]:
    """Return the shares of every group of the named columns; none of a group that is too small.

    Where a column has one such group, it is left out too: it could be computed from the others.
    """
    found: list[GroupFigure] = []
    for column, cells in reference[0].items():
        if column in current[0]:
            found += _column(column, (cells, reference[1]), (current[0][column], current[1]), rules)
    adjusted = holm([each.p for each in found]).tolist() if found else []
    return tuple(
        replace(each, p=p, moved=p <= rules.alpha and _apart(each) >= _MOVED)
        for each, p in zip(found, adjusted, strict=True)
    )


def _apart(found: GroupFigure) -> float:
    return abs(found.value - found.before / found.before_n - found.others_moved)


def _column(
    column: str,
    before: tuple[pa.ChunkedArray, Answers],
    now: tuple[pa.ChunkedArray, Answers],
    rules: Rules,
) -> list[GroupFigure]:
    sides = [(_of_rows(cells), answers) for cells, answers in (before, now)]
    names = sorted(set(sides[0][0].tolist()) & set(sides[1][0].tolist()) - {""})
    told = [
        name
        for name in names
        if all(int((groups == name).sum()) >= rules.fewest_rows for groups, _ in sides)
    ]
    if len(told) < 2:
        return []
    found = []
    for name in told:
        counts = [_counts(groups == name, answers) for groups, answers in sides]
        others = [_counts(groups != name, answers) for groups, answers in sides]
        for share, (hits, n) in counts[1].items():
            earlier = counts[0].get(share, (0, 0))
            rest = others[0].get(share, (0, 0)), others[1].get(share, (0, 0))
            if min(n, earlier[1], rest[0][1], rest[1][1]) >= rules.fewest_labels:
                found.append(_figure((column, name, share), earlier, (hits, n), rest))
    return found


def _figure(
    names: tuple[str, str, str],
    before: tuple[int, int],
    now: tuple[int, int],
    rest: tuple[tuple[int, int], tuple[int, int]],
) -> GroupFigure:
    moved = rest[1][0] / rest[1][1] - rest[0][0] / rest[0][1]
    apart = now[0] / now[1] - before[0] / before[1] - moved
    error = sqrt(sum(_variance(*each) for each in (before, now, *rest)))
    p = 2 * (1 - NormalDist().cdf(abs(apart) / error)) if error else 1.0
    return GroupFigure(*names, *before, *now, moved, p)


def _variance(hits: int, n: int) -> float:
    """Return the variance of a share, one hit and one miss added so that none is 0 (Agresti & Caffo)."""
    share = (hits + 1) / (n + 2)
    return share * (1 - share) / (n + 2)


def _counts(rows: Flags, answers: Answers) -> dict[str, tuple[int, int]]:
    """Return hits and n of every share that can be told of these rows."""
    if answers.task == "number":
        return {}
    known = rows & ~np.isnan(answers.truth)
    right = answers.said == answers.truth
    found = {"accuracy": (int((known & right).sum()), int(known.sum()))}
    if answers.task == "binary":
        said, truth = answers.said == 1, answers.truth == 1
        found["selected"] = (int((rows & said).sum()), int(rows.sum()))
        for name, those in (
            ("true_positive_rate", known & truth),
            ("false_positive_rate", known & ~truth),
        ):
            found[name] = (int((those & said).sum()), int(those.sum()))
    return found


def _of_rows(cells: pa.ChunkedArray) -> NDArray[np.object_]:
    codes, distinct = distinct_cells(cells)
    found: NDArray[np.object_] = np.array([trimmed_text(cell) for cell in distinct], object)[codes]
    return found
