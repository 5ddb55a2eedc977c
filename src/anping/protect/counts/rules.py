"""What makes a cell of a table unsafe, as settings.

The rules and their names are those of Hundepool et al. (2012), "Statistical Disclosure Control",
chapter 4, and of the ESSnet handbook: minimum frequency, (n, k) dominance and the p % rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from anping.core.errors import ParameterError
from anping.core.text import Text


@dataclass(frozen=True, slots=True)
class CountRules:
    """When a cell is suppressed.

    ``threshold``: fewer people than this (but some). ``dominance``: the ``n`` largest contributors
    give more than ``percent`` of the sum, as a pair (n, percent). ``p_percent``: the second largest
    contributor can estimate the largest one within this per cent. ``protection`` is the share of its
    sum by which a cell under the threshold must be able to be larger. ``rounding``: published
    numbers go to the nearest multiple. ``totals``: margins are published too.
    """

    threshold: int = 5
    dominance: tuple[int, float] | None = None
    p_percent: float | None = None
    protection: float = 0.2
    rounding: int | None = None
    totals: bool = True

    def __post_init__(self) -> None:
        n, percent = self.dominance or (1, 50.0)
        fits = (
            self.threshold >= 1
            and n >= 1
            and 0 < percent < 100
            and (self.p_percent is None or 0 < self.p_percent <= 100)
            and 0 <= self.protection <= 1
            and (self.rounding is None or self.rounding >= 1)
        )
        if not fits:
            raise ParameterError(
                "counts.rules",
                Text("表格保護規則的數值不能用。", "A rule for the table has an unusable value."),
                hint=Text(
                    "threshold ≥ 1；dominance 為（人數 ≥ 1，0–100 之間的百分比）；p_percent 在 0–100；"
                    "protection 在 0–1；rounding ≥ 1。",
                    "threshold is 1 or more, dominance (1 or more people, a per cent under 100),"
                    " p_percent up to 100, protection 0 to 1, rounding 1 or more.",
                ),
            )
