"""The words of the page on quality, in both languages."""

from __future__ import annotations

from anping.core.text import Text

STATUS = {
    "kept": Text("符合", "kept"),
    "watch": Text("留意", "to look at"),
    "broken": Text("違反", "broken"),
    "same": Text("無差異", "no difference"),
    "usual": Text("在往常範圍內", "as usual"),
    "drifted": Text("超過往常", "more than usual"),
}
UNITS = {
    "days": Text("天", "days"),
    "rows": Text("列", "rows"),
    "cells": Text("格", "cells"),
    "columns": Text("欄", "columns"),
}
WORDS = {
    "title": Text("資料品質", "Data quality"),
    "version": Text("版本", "Version"),
    "rows": Text("列", "rows"),
    "learned": Text("期望學自版本", "Expectations learned from versions"),
    "first": Text("第一個版本，沒有歷史。", "The first version: there is no history."),
    "measures": Text("量測（ISO/IEC 25012）", "Measures (ISO/IEC 25012)"),
    "measure": Text("量測", "Measure"),
    "value": Text("值", "Value"),
    "expectations": Text("期望", "Expectations"),
    "expectations_lead": Text(
        "每條界限都由先前的版本推得：寫明學自幾版、多少格；p 值以 Holm 法就全部期望校正，水準 {level}%。",
        "Every limit is derived from the versions before and says from how many versions and cells; "
        "p-values are adjusted for all expectations (Holm), level {level}%.",
    ),
    "expected": Text("期望", "Expected"),
    "found": Text("實際", "Found"),
    "subject": Text("對象", "Subject"),
    "from": Text("學自", "Learned from"),
    "versions": Text("版", "versions"),
    "state": Text("結果", "Result"),
    "whole": Text("整張表", "the whole table"),
    "p": Text("p（校正後）", "p (adjusted)"),
    "exact": Text("確定規則", "exact rule"),
    "beyond": Text("範圍 {low} 至 {high} 之外", "beyond {low} to {high}"),
    "drift": Text("分布偏移", "Drift"),
    "drift_lead": Text(
        "長條是這一版，線是先前各版合計；下方小圖是各版的 PSI，虛線為往常上限。p 值以 "
        "Benjamini–Hochberg 法就所有欄位校正。",
        "Bars are this version, the line the versions before; below, the PSI of each version with what "
        "is usual at most, dashed. p-values are adjusted for all columns (Benjamini-Hochberg).",
    ),
    "column": Text("欄位", "Column"),
    "interval": Text("95% 區間", "95% interval"),
    "limit": Text("往常上限", "Usual at most"),
    "no_limit": Text(
        "先前版本不足三個，往常多少還不知道；PSI 以慣例 0.1 與 0.25 分級（Siddiqi 2006），不是推得的。",
        "Fewer than three earlier versions: what is usual is not known yet. PSI bands of 0.1 and 0.25 "
        "are a convention (Siddiqi 2006), not derived.",
    ),
    "groups": Text("各組的比率", "Shares of the groups"),
    "group": Text("組", "Group"),
    "before": Text("先前", "Before"),
    "now": Text("這一版", "Now"),
    "nothing": Text("沒有可比較的欄位。", "No column can be compared."),
    "limits": Text("這份報告沒有顯示的", "What this report does not show"),
    "hidden": Text(
        "敏感欄位的值不顯示，類別只在達到最小列數時才列名。",
        "Values of sensitive columns are not shown; categories are named only where enough rows hold them.",
    ),
}
