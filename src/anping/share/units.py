"""How the words of a measure that are the same everywhere read in both languages."""

from __future__ import annotations

from anping.core.text import Text

_SUBJECTS = {
    "before": Text("保護前", "before"),
    "after": Text("保護後", "after"),
    "raw": Text("原始資料", "raw data"),
    "protected": Text("保護後資料", "protected data"),
    "all": Text("全部", "all"),
    "held-out": Text("對照：保留的人", "people held out as control"),
}
_BEFORE = " before"

_UNITS = {
    "people": Text("人", "people"),
    "rows": Text("列", "rows"),
    "records": Text("筆", "records"),
    "classes": Text("類", "classes"),
    "values": Text("種值", "values"),
    "columns": Text("欄", "columns"),
    "spans": Text("處", "spans"),
    "cells": Text("格", "cells"),
    "table cells": Text("格", "cells"),
    "mentions": Text("處", "mentions"),
    "documents": Text("份", "documents"),
    "decisions": Text("個決定", "decisions"),
    "standard deviations": Text("個標準差", "standard deviations"),
    "level": Text("層", "level"),
    "distance": Text("", ""),
    "boolean": Text("", ""),
    "auc": Text("", ""),
    "macro_auc": Text("", ""),
    "r2": Text("", ""),
    "probability": Text("", ""),
    "epsilon": Text("", ""),
    "scale": Text("", ""),
    "share": Text("", ""),
    "ratio": Text("", ""),
}


def subject_title(subject: str) -> Text:
    """Return a measure's subject in words; a column's name is itself."""
    if subject.endswith(_BEFORE):
        column = subject.removesuffix(_BEFORE)
        return Text(f"{column}（保護前）", f"{column} (before)")
    return _SUBJECTS.get(subject, Text(subject, subject))


def is_before(subject: str) -> bool:
    """Return whether a measure was taken before protection: ``before``, or ``COLUMN before``."""
    return subject == "before" or subject.endswith(_BEFORE)


def unit_title(unit: str) -> Text:
    """Return a unit in words; shares are written in percent and need none."""
    return _UNITS.get(unit, Text(unit, unit))
