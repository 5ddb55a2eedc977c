"""SUDA as measures: how many rows stand out on few columns, and which columns do it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pyarrow as pa

from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.risk.classes import EquivalenceClasses, as_table
from anping.protect.risk.special_uniques import (
    SpecialUniques,
    calibrated,
    data_intrusion_simulation,
    special_uniques,
)

#: Sets of so many columns are looked at, and a row is told that stands out on so few.
LARGEST, FEW = 3, 2

_MISSING = Text("缺漏值視為一種值。", "A missing value counts as a value.")
_RANKED = Text(
    "SUDA 分數只用來排序：愈高愈可能在母體中也獨特；它不是機率。",
    "A SUDA score ranks rows: the higher, the likelier to stand out in the population too. It is "
    "not a probability.",
)
_DRAWN = Text(
    "資料列是從母體中隨機抽出的，抽樣比例由使用者提供。",
    "The rows were drawn at random from the population; the user gave the sampling fraction.",
)


def measure_special_uniques(
    table: Table | pa.Table,
    quasi_identifiers: Sequence[str],
    *,
    classes: EquivalenceClasses,
    sampling_fraction: float | None = None,
    threshold: float = 0.2,
    subject: Literal["", "before", "after"] = "",
) -> tuple[Measure, ...]:
    """Return the shares of rows with a minimal sample unique, and what each column contributes.

    ``classes`` are those of the table on its quasi-identifiers. With ``sampling_fraction`` the DIS
    measure and the share of rows whose DIS-SUDA score is above ``threshold`` are measured too.
    Raises what :func:`special_uniques` raises.
    """
    source = as_table(table)
    found = special_uniques(source, quasi_identifiers, largest=LARGEST)
    measures = [*_shares(found), *_contributions(found, subject)]
    if sampling_fraction is not None:
        measures += _calibrated(found, classes, sampling_fraction, threshold)
    needs = ("protected",) if subject == "after" else ("raw",)
    again = Replay("risk.classes", needs, 1e-9) if subject else None
    return tuple(replace(m, subject=m.subject or subject, replay=again) for m in measures)


def _shares(found: SpecialUniques) -> Iterator[Measure]:
    rows, largest = found.scores.size, found.largest
    few = min(FEW, largest)
    for name, share, most in (
        ("special", found.scores > 0, largest),
        ("few", (found.smallest > 0) & (found.smallest <= few), few),
        ("share_above", found.scores >= found.score_of(1), 0),
    ):
        yield Measure(
            name=f"risk.suda.{name}",
            value=float(np.mean(share)),
            unit="share",
            n=rows,
            title=_standing_out(most),
            method=f"SUDA2, sets of at most {largest} columns",
            assumptions=(_MISSING, _RANKED),
        )


def _standing_out(most: int) -> Text:
    if not most:
        return Text(
            "SUDA 分數不低於「單一欄位即獨特」的列",
            "Rows whose SUDA score is at least that of standing out on one column",
        )
    return Text(
        f"只看至多 {most} 個準識別欄位就獨一無二的列",
        f"Rows that are unique on at most {most} quasi-identifiers",
    )


def _contributions(found: SpecialUniques, subject: str) -> Iterator[Measure]:
    """Return, per column, the share of all scores in sets that hold it; none where nobody scores."""
    total = float(found.scores.sum())
    if not total:
        return
    for column, score in found.contributions.items():
        yield Measure(
            name="risk.suda.contribution",
            value=score / total,
            unit="share",
            n=found.scores.size,
            title=Text(
                f"「{column}」參與的 SUDA 分數占比",
                f"Share of SUDA scores that “{column}” is part of",
            ),
            subject=f"{column} before" if subject == "before" else column,
            method=f"SUDA2, sets of at most {found.largest} columns",
            assumptions=(_MISSING, _RANKED),
        )


def _calibrated(
    found: SpecialUniques, classes: EquivalenceClasses, fraction: float, threshold: float
) -> Iterator[Measure]:
    ones, pairs = (int((classes.rows == size).sum()) for size in (1, 2))
    dis = data_intrusion_simulation(ones, pairs, sampling_fraction=fraction)
    yield Measure(
        name="risk.suda.dis",
        value=dis,
        unit="probability",
        n=found.scores.size,
        title=Text(
            "與唯一的一列相符時，認對人的機率（DIS）",
            "Chance that a match with a unique row is right (DIS)",
        ),
        method="data intrusion simulation (Skinner & Elliot 2002)",
        assumptions=(_DRAWN, _MISSING),
    )
    yield Measure(
        name="risk.suda.dis_share_above",
        value=float((calibrated(found, dis) > threshold).mean()),
        unit="share",
        n=found.scores.size,
        title=Text(
            f"DIS-SUDA 高於 {threshold * 100:.3g}% 的列",
            f"Rows with a DIS-SUDA above {threshold * 100:.3g}%",
        ),
        method=f"threshold {threshold:g}",
        assumptions=(_DRAWN, _MISSING, _RANKED),
    )
