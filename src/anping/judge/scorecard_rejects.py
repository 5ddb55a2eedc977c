"""What refused applicants would have done: a band, never a number, because nobody saw it.

The ends need no assumption: all refused applicants bad, or all good (Manski 1989, worst-case bounds).
Between them stand three stories: the model's own chances hold for the refused too (extrapolation); the
approved of a score band stand for all of it (augmentation, Hsia 1978, by inverse approval rates); the
refused of a band are so many times as bad as its approved (parcelling; Siddiqi 2006, ch. 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.judge.section import Grid, GridRow, Section
from anping.stats.bootstrap import percentile_interval

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_BANDS, _DRAWS = 10, 200
#: A parcel is at least as bad as its band's approved, at most so many times.
PARCELS = (1.0, 2.0, 4.0)
_TITLES: Mapping[str, Text] = {
    "best": Text("被拒者全部是好客戶（下界）", "All refused are good (lower bound)"),
    "extrapolation": Text("外推：模型的機率也適用", "Extrapolation: the model's chances hold"),
    "augmentation": Text("擴增：同分數帶的核准者代表全體", "Augmentation: a band's approved stand for it"),
    "parcelling-1": Text("分派：與同分數帶核准者一樣", "Parcelling: as bad as the band's approved"),
    "parcelling-2": Text("分派：壞帳率為同分數帶的 2 倍", "Parcelling: 2 times as bad"),
    "parcelling-4": Text("分派：壞帳率為同分數帶的 4 倍", "Parcelling: 4 times as bad"),
    "worst": Text("被拒者全部是壞客戶（上界）", "All refused are bad (upper bound)"),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Asked:
    """``risk`` (n,) of approved rows and whether they were ``bad`` (n,); ``refused`` (m,) risks."""

    risk: Floats
    bad: Flags
    refused: Floats


@dataclass(frozen=True)
class RejectBand:
    """For each story the bad rate of all applicants and the Gini of the score on all of them."""

    bad_rates: Mapping[str, Measure]
    ginis: Mapping[str, Measure]
    refused: int

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All numbers."""
        return (*self.bad_rates.values(), *self.ginis.values())

    def section(self) -> Section:
        """Return what a report tells."""
        head = (Text("假設", "Story"), Text("全體壞帳率", "Bad rate of all applicants"),
                Text("全體吉尼係數", "Gini over all applicants"))  # fmt: skip
        rows = tuple(
            GridRow(_TITLES[key], (self.bad_rates[key], self.ginis[key])) for key in self.bad_rates
        )
        return Section(
            "rejects",
            Text("拒絕推論", "Reject inference"),
            Text(
                f"{self.refused:,} 位被拒者的結果沒有人知道：以下是各種假設下的全體，真相在上下界之間。",
                f"Nobody knows what the {self.refused:,} refused applicants would have done: this is what all "
                "applicants would be under each story; the truth lies between the bounds.",
            ),
            self.measures,
            (Grid(Text("各種假設下的全體申請人", "All applicants under each story"), head, rows),),
            limits=(
                Text(
                    "中間的假設都無法由資料檢驗；只有小額隨機核准才量得到真相。",
                    "No data can test the stories in between; only approving a few at random would.",
                ),
            ),
        )


def reject_band(asked: Asked, *, seed: int, level: float = 0.95) -> RejectBand | None:
    """Return the band, None where nobody was refused or the approved are of one class.

    Intervals are the percentile bootstrap of approved and refused rows, for one story at a time.
    """
    if not asked.refused.size or not asked.bad.any() or asked.bad.all():
        return None
    generator = np.random.default_rng(seed)
    value = _all(asked)
    drawn = [_all(_again(asked, generator)) for _ in range(_DRAWS)]

    def measure(name: str, key: str, title: Text, at: int) -> Measure:
        spread = percentile_interval([each[key][at] for each in drawn], level=level)
        own = value[key][at]
        ends = None if spread is None else Interval(
            min(spread.low, own), max(spread.high, own), level, spread.method
        )  # fmt: skip
        n = int(asked.risk.size + asked.refused.size)
        return Measure(name, own, "share" if at == 0 else "ratio", n, title, key, ends, f"reject inference: {key}", seed)  # fmt: skip

    rate = Text("全體申請人的壞帳率", "Bad rate of all applicants")
    gini = Text("全體申請人的吉尼係數", "Gini over all applicants")
    return RejectBand(
        {key: measure("judge.credit.all_bad_rate", key, rate, 0) for key in value},
        {key: measure("judge.credit.all_gini", key, gini, 1) for key in value},
        int(asked.refused.size),
    )


def _again(asked: Asked, generator: np.random.Generator) -> Asked:
    n, m = asked.risk.size, asked.refused.size
    rows, others = generator.integers(0, n, n), generator.integers(0, m, m)
    return Asked(asked.risk[rows], asked.bad[rows], asked.refused[others])


def _all(asked: Asked) -> dict[str, tuple[float, float]]:
    """Return, for each story, the bad rate and the Gini over approved and refused together."""
    risk = np.concatenate([asked.risk, asked.refused])
    own, ones = asked.bad.astype(np.float64), np.ones(asked.bad.size)
    cuts = np.unique(np.quantile(risk, np.linspace(0, 1, _BANDS + 1)[1:-1]))
    band, refused_band = (np.searchsorted(cuts, each) for each in (asked.risk, asked.refused))
    size = cuts.size + 1
    approved, bad = np.bincount(band, minlength=size), np.bincount(band, own, minlength=size)
    rate = (bad + own.mean()) / (approved + 1)
    several = np.bincount(refused_band, minlength=size)
    # A band without approved rows lends its refused to the nearest riskier stories: they keep 1.
    weight = np.where(approved > 0, 1 + several / np.maximum(approved, 1), 1.0)
    # Extrapolated chances are on the scale of the approved: their mean is put right.
    chance = np.clip(asked.refused * own.mean() / max(float(asked.risk.mean()), 1e-9), 0, 1)
    stories = {"best": np.zeros(asked.refused.size), "extrapolation": chance}
    stories |= {
        f"parcelling-{times:g}": np.minimum(rate[refused_band] * times, 1.0) for times in PARCELS
    }
    stories |= {"worst": np.ones(asked.refused.size)}
    found = {key: _both(risk, np.concatenate([own, each])) for key, each in stories.items()}
    found["augmentation"] = _both(asked.risk, own, weight[band] * ones)
    return {key: found[key] for key in _TITLES}


def _both(risk: Floats, bad: Floats, weight: Floats | None = None) -> tuple[float, float]:
    """Return the bad rate and the Gini of rows that are bad to the shares ``bad`` (n,)."""
    rows = np.ones(risk.size) if weight is None else weight
    _, codes = np.unique(risk, return_inverse=True)
    event, other = np.bincount(codes, rows * bad), np.bincount(codes, rows * (1 - bad))
    total = float(event.sum()), float(other.sum())
    rate = total[0] / sum(total)
    if min(total) <= 0:
        return rate, float("nan")
    below = np.cumsum(other) - other / 2
    return rate, 2 * float((event * below).sum()) / (total[0] * total[1]) - 1
