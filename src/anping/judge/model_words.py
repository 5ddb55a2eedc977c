"""The words of the report on a model, in both languages."""

from __future__ import annotations

from anping.core.text import Text

WORDS = {
    "record": Text("檢驗紀錄", "What was tested"),
    "record_lead": Text(
        "依 ISO/IEC 17025:2017 第 7.8 節的形式：受檢項目、方法、環境、不確定度、決策規則、偏離與簽署。",
        "In the form of ISO/IEC 17025:2017, 7.8: items, methods, environment, uncertainty, decision rule, "
        "deviations and signature.",
    ),
    "about": Text("這份報告的依據", "What this report rests on"),
    "contents": Text("內容", "Contents"),
    "decisions": Text("判定", "Decisions"),
    "what": Text("項目", "What"),
    "outcome": Text("判定", "Outcome"),
    "value": Text("數值", "Value"),
    "rule": Text("決策規則", "Decision rule"),
    "measure": Text("量測", "Measure"),
    "interval": Text("95% 區間", "95 % interval"),
    "method": Text("方法", "Method"),
    "other": Text("其他量測", "Other measures"),
    "deviations": Text("偏離", "Deviations"),
    "no_deviations": Text("沒有偏離。", "None."),
    "limits": Text("這份報告沒有說什麼", "What this report does not show"),
    "suppressed": Text("不顯示", "not shown"),
    "numbers": Text("數字", "The numbers"),
    "made_by": Text("由安平製作", "Made by Anping"),
    "no_rule": Text(
        "沒有套用決策規則：沒有給公平樹的回答，模型也沒有區間。",
        "No decision rule was applied: the fairness tree was not answered and the model has no intervals.",
    ),
}

OUTCOMES = {
    "pass": Text("通過", "pass"),
    "fail": Text("不通過", "fail"),
    "undecided": Text("未定", "undecided"),
}

#: Units that are written behind a number.
UNITS = {
    "nats": Text("奈特", "nats"),
    "target": Text("目標單位", "target unit"),
    "target unit": Text("目標單位", "target unit"),
    "cost": Text("成本", "cost"),
    "classes": Text("類", "classes"),
    "classes per set": Text("類", "classes"),
    "rows": Text("列", "rows"),
    "people": Text("人", "people"),
    "columns": Text("欄", "columns"),
    "points": Text("分", "points"),
    "seconds": Text("秒", "seconds"),
}
