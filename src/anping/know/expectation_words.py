"""The words of expectations: what each expects, how its limits were derived, what was found."""

from __future__ import annotations

from anping.core.text import Text

TITLES = {
    "column": Text("欄位仍在", "The column is there"),
    "new-column": Text("沒有新的欄位", "No new column"),
    "type": Text("欄位種類不變", "The column's kind is the same"),
    "completeness": Text("完整性：有值的比率", "Completeness: cells with a value"),
    "validity": Text("有效性：通過型別檢查的比率", "Validity: cells that pass the type's check"),
    "unique": Text("鍵：重複的值", "Key: repeated values"),
    "range": Text("範圍：落在範圍外的值", "Range: cells beyond it"),
    "values": Text("類別：已知類別的比率", "Categories: cells of known ones"),
    "format": Text("格式：已知樣式的比率", "Format: cells of a known shape"),
    "rows": Text("列數", "Rows"),
    "arrival": Text("時效：距前一版的天數", "Currentness: days since the version before"),
    "newest-day": Text("時效：最新日期前進的天數", "Currentness: days the newest date moved on"),
}

_SHARE = (
    "lower prediction limit for the next version's share on Anscombe's scale; the variance between "
    "versions is at least that of sampling"
)
METHODS = {
    "column": "columns of the version before",
    "new-column": "columns of the version before",
    "type": "kinds of the version before",
    "completeness": f"ISO/IEC 25024 Com-I; {_SHARE}",
    "validity": f"ISO/IEC 25024 Acc-I; {_SHARE}",
    "unique": "no repeat in any earlier version (at least 20 cells each)",
    "range": (
        "distribution-free tolerance limits (Wilks 1941): cells beyond the value that small_count "
        "cells of an earlier version reach, rounded outwards; both sides"
    ),
    "values": _SHARE,
    "format": _SHARE,
    "rows": "prediction interval for the logarithm of growth from version to version",
    "arrival": "upper prediction limit of the days between versions",
    "newest-day": "lower prediction limit of the days that the newest date moved on",
}

NO_HISTORY = Text(
    "這是第一個版本：沒有歷史可供學習期望，從下一版開始比較。",
    "This is the first version: there is no history to learn expectations from; the next one will be compared.",
)
ONE_VERSION = Text(
    "只有一個先前版本：版本之間通常差多少還無法得知，偏離只列為「留意」，不判為違反。",
    "There is one earlier version: how much versions usually differ is not known yet, so what "
    "differs is to be looked at and is not called broken.",
)
INDEPENDENT = Text(
    "各版本視為彼此獨立的樣本；若新版包含前一版的列，變化看起來會比實際小。",
    "Versions are taken as independent samples; where one holds the rows of the one before, changes "
    "look smaller than they are.",
)
BINNED = Text(
    "分布由每版保留的分組計數比較，計數四捨五入到小單位，同一組內的變化看不到。",
    "Distributions are compared by the counts in groups that were kept of each version, rounded to a "
    "small step; what changes within a group is not seen.",
)
