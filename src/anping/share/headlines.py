"""The few figures at the top of the card, and the risk that k-anonymity does not cover."""

from __future__ import annotations

from dataclasses import dataclass

from anping.core.measure import Measure, find
from anping.core.text import Text
from anping.share.measure_table import shown_interval, shown_value

_ALL_COLUMNS = "risk.uniqueness.all_columns"


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure at the top of the card."""

    label: Text
    value: Text
    note: Text


_HEADLINES = (
    ("risk.prosecutor.max", "after", Text("最高重新識別風險", "Highest re-identification risk")),
    (
        "risk.class_size.min",
        "after",
        Text("每人至少隱身於幾人之中", "Fewest people one hides among"),
    ),
    (
        "risk.linkage.success",
        None,
        Text("連結攻擊實測成功率", "Measured success of linkage attack"),
    ),
    ("utility.auc", "protected", Text("模型品質（AUC）", "Model quality (AUC)")),
    ("utility.macro_auc", "protected", Text("模型品質（平均 AUC）", "Model quality (mean AUC)")),
    ("utility.r2", "protected", Text("模型品質（R²）", "Model quality (R²)")),
)


def headlines_of(measures: tuple[Measure, ...]) -> tuple[Headline, ...]:
    """Return the few figures that say how safe and how useful the release is."""
    found = []
    for name, subject, label in _HEADLINES:
        measure = find(measures, name, subject)
        if measure is not None:
            found.append(Headline(label, shown_value(measure), _note(measure, measures)))
    return tuple(found)


def _note(measure: Measure, measures: tuple[Measure, ...]) -> Text:
    """Return what stands under a figure: the same before protection, or its interval."""
    side = {"after": "before", "protected": "raw"}.get(measure.subject, "-")
    before = find(measures, measure.name, side)
    count = f"n\u00a0=\u00a0{measure.n:,}"
    if before is not None:
        was = shown_value(before)
        return Text(f"原始資料 {was.zh}，{count}", f"raw data {was.en}, {count}")
    if measure.interval is not None:
        ends = shown_interval(measure)
        return Text(f"95% 區間 {ends}", f"95% interval {ends}")
    return Text(count, count)


def beyond_k(measures: tuple[Measure, ...]) -> Text | None:
    """Return, in words, how many are unique on all released columns, or None if unmeasured.

    k-anonymity groups people by the quasi-identifiers alone; a reader must be told what the other
    columns still give away.
    """
    measure = find(measures, _ALL_COLUMNS, "after") or find(measures, _ALL_COLUMNS, "")
    if measure is None:
        return None
    share = shown_value(measure)
    count = f"n\u00a0=\u00a0{measure.n:,}"
    return Text(
        f"把假名與自由文字以外所有釋出的欄位合起來看，{share.zh} 是獨一無二的（{count}）。k-匿名只讓人在"
        "準識別欄位上分不出彼此，不涵蓋這件事：已經知道某人其他欄位內容的人，仍可能認出他的那一列。",
        f"On all released columns but the pseudonym and free text, taken together, {share.en} are "
        f"unique ({count}). k-anonymity makes people alike on the quasi-identifiers only and does "
        "not cover this: whoever already knows a person's other columns may still recognise that "
        "person's row.",
    )
