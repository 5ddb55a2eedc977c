"""Decisions against the truth: the rates that follow from who was selected and who should have been.

Names as in Verma & Rubin 2018, Fairness Definitions Explained (FairWare), section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anping.core.text import Text

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
#: Of whom a rate is a share.
Of = Literal["rows", "positives", "negatives", "selected", "refused"]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share: of whom, which of the sums is counted (``hits``), and what people call it."""

    name: str
    title: Text
    of: Of
    higher_is_better: bool | None = None


RATES = {
    rate.name: rate
    for rate in (
        Rate("accuracy", Text("正確率", "Accuracy"), "rows", higher_is_better=True),
        Rate("selection_rate", Text("判為正類的比例", "Selection rate"), "rows"),
        Rate("base_rate", Text("實際為正類的比例", "Base rate"), "rows"),
        Rate("true_positive_rate", Text("召回率（真陽性率）", "Recall (true positive rate)"), "positives", higher_is_better=True),
        Rate("false_negative_rate", Text("偽陰性率", "False negative rate"), "positives", higher_is_better=False),
        Rate("false_positive_rate", Text("偽陽性率", "False positive rate"), "negatives", higher_is_better=False),
        Rate("true_negative_rate", Text("特異度（真陰性率）", "Specificity (true negative rate)"), "negatives", higher_is_better=True),
        Rate("positive_predictive_value", Text("精確率（陽性預測值）", "Precision (positive predictive value)"), "selected", higher_is_better=True),
        Rate("false_discovery_rate", Text("偽發現率", "False discovery rate"), "selected", higher_is_better=False),
        Rate("negative_predictive_value", Text("陰性預測值", "Negative predictive value"), "refused", higher_is_better=True),
        Rate("false_omission_rate", Text("偽遺漏率", "False omission rate"), "refused", higher_is_better=False),
    )
}  # fmt: skip

#: The sums that all rates follow from.
WIDTH = 4


def confusion_columns(truth: Flags, selected: Flags) -> Floats:
    """Return (n, 4): one, the truth, the decision, both; their sums give every rate."""
    columns = (np.ones(truth.size), truth, selected, truth & selected)
    found: Floats = np.column_stack(columns).astype(np.float64)
    return found


def counts(sums: Floats) -> dict[Of, Floats]:
    """Return how many each rate is a share of, from sums (..., 4)."""
    rows, positives, selected = sums[..., 0], sums[..., 1], sums[..., 2]
    return {
        "rows": rows,
        "positives": positives,
        "negatives": rows - positives,
        "selected": selected,
        "refused": rows - selected,
    }


def hits(sums: Floats) -> dict[str, Floats]:
    """Return the numerator of each rate, from sums (..., 4)."""
    rows, positives, selected, both = (sums[..., place] for place in range(WIDTH))
    wrongly = selected - both
    missed = positives - both
    right = rows - positives - wrongly
    return {
        "accuracy": both + right,
        "selection_rate": selected,
        "base_rate": positives,
        "true_positive_rate": both,
        "false_negative_rate": missed,
        "false_positive_rate": wrongly,
        "true_negative_rate": right,
        "positive_predictive_value": both,
        "false_discovery_rate": wrongly,
        "negative_predictive_value": right,
        "false_omission_rate": missed,
    }


def rates(sums: Floats) -> dict[str, Floats]:
    """Return every rate from sums (..., 4); NaN where nobody could be counted."""
    of, counted = counts(sums), hits(sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {name: counted[name] / of[rate.of] for name, rate in RATES.items()}
