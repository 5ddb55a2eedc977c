"""Faults of what comes in: empty cells, cells that are no number, values that training had not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Measure
from anping.core.text import Text
from anping.run.monitoring.reading import Cells
from anping.run.monitoring.rules import Rules
from anping.stats.chi_square import chi_square_tail, same_distribution
from anping.stats.intervals import newcombe, wilson
from anping.stats.multiple import holm

Fault = Literal["missing", "unreadable", "unseen"]
#: A share must have grown by so much for a fault; smaller growth is told, not alerted.
_GROWN = 0.05
_GROWTH = Text("{zh}：比參考期增加", "{en}: growth since the reference")

TITLES: dict[Fault, Text] = {
    "missing": Text("空白的比例", "Share of empty cells"),
    "unreadable": Text("讀不成數字或日期的比例", "Share of cells that are no number or date"),
    "unseen": Text(
        "訓練時沒有的類別或範圍外數值的比例",
        "Share of categories, or numbers beyond the bounds, that training had not",
    ),
}


@dataclass(frozen=True, slots=True)
class InputFault:
    """How many of ``n`` cells had a fault, before and now; ``p`` is adjusted over all looked at."""

    name: str
    fault: Fault
    before: int
    before_n: int
    now: int
    n: int
    p: float
    grown: bool = False

    @property
    def growth(self) -> float:
        """By how much the share has grown."""
        return self.now / self.n - self.before / self.before_n

    def measures(self) -> tuple[Measure, ...]:
        """Return the share now and its growth."""
        share = Measure(
            name=f"monitor.quality.{self.fault}",
            value=self.now / self.n,
            unit="share",
            n=self.n,
            title=TITLES[self.fault],
            subject=self.name,
            interval=wilson(self.now, self.n),
            method="share of cells",
        )
        growth = Measure(
            name=f"monitor.quality.{self.fault}_growth",
            value=self.growth,
            unit="share",
            n=self.n,
            title=_GROWTH.fill(zh=TITLES[self.fault].zh, en=TITLES[self.fault].en),
            subject=self.name,
            interval=newcombe(self.now, self.n, self.before, self.before_n),
            method="difference of shares",
        )
        return share, growth


def input_faults(
    reference: Mapping[str, Cells], current: Mapping[str, Cells], rules: Rules
) -> tuple[InputFault, ...]:
    """Return each kind of fault of each column that occurs before or now."""
    found = [
        _counted(name, fault, _flags(cells, fault), _flags(current[name], fault))
        for name, cells in reference.items()
        if name in current and cells.missing.size and current[name].missing.size
        for fault in TITLES
    ]
    found = [each for each in found if each.before or each.now]
    adjusted = holm([each.p for each in found]).tolist() if found else []
    return tuple(
        replace(each, p=p, grown=_is_grown(each, p, rules))
        for each, p in zip(found, adjusted, strict=True)
    )


def _is_grown(found: InputFault, p: float, rules: Rules) -> bool:
    return p <= rules.alpha and found.growth >= _GROWN and found.n >= rules.fewest_rows


def _flags(cells: Cells, fault: Fault) -> NDArray[np.bool_]:
    if fault == "unseen":
        return cells.unseen
    return cells.missing if fault == "missing" else cells.unreadable


def _counted(
    name: str, fault: Fault, before: NDArray[np.bool_], now: NDArray[np.bool_]
) -> InputFault:
    hits, hits_now = int(before.sum()), int(now.sum())
    p = 1.0
    if hits_now / now.size > hits / before.size:
        value, freedom = same_distribution(
            [hits, before.size - hits], [hits_now, now.size - hits_now]
        )
        p = chi_square_tail(value, freedom) / 2 if freedom else 1.0
    return InputFault(name, fault, hits, before.size, hits_now, now.size, p)
