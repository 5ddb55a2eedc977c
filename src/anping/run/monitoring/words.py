"""The words of the page on monitoring, in both languages."""

from __future__ import annotations

from anping.core.text import Text

STATUS = {
    "same": Text("無差異", "no difference"),
    "usual": Text("差異很小", "a small difference"),
    "watch": Text("留意", "to look at"),
    "drifted": Text("明顯移動", "moved clearly"),
    "few": Text("列數太少，不判定", "too few rows to tell"),
}
SEVERITY = {
    "alarm": Text("警報", "Alarm"),
    "warning": Text("警告", "Warning"),
    "note": Text("備註", "Note"),
}
WORDS = {
    "title": Text("模型監測", "Monitoring a model"),
    "reference": Text("參考期（學習時保留的列）", "Reference (rows held out when learning)"),
    "now": Text("現在", "Now"),
    "rows": Text("列", "rows"),
    "alerts": Text("發現", "Findings"),
    "no_alerts": Text(
        "沒有發現：輸入、分數與表現都在參考期的範圍內。",
        "Nothing found: inputs, scores and performance are as in the reference.",
    ),
    "cause": Text("原因", "Cause"),
    "window": Text("時段", "Window"),
    "performance": Text("表現", "Performance"),
    "performance_lead": Text(
        "先看表現。有標籤時量實際的；沒有標籤時由校準過的機率估計，估計看不到欄位與目標關係的改變。",
        "Performance first. With labels it is measured; without, it is expected from calibrated "
        "probabilities, which cannot see a change of the relation between columns and target.",
    ),
    "no_performance": Text(
        "參考期的標籤太少，沒有量。", "The reference has too few labels; not measured."
    ),
    "measure": Text("量測", "Measure"),
    "actual": Text("現在（依標籤）", "Now, by labels"),
    "expected": Text("現在（估計）", "Now, expected"),
    "p": Text("p（校正後）", "p (adjusted)"),
    "timeline": Text("各時段", "Window by window"),
    "timeline_lead": Text(
        "圓點是實際的，空心點是估計的，帶狀是參考期的 95% 區間。",
        "Filled dots are measured, open dots expected, the band is the reference's 95% interval.",
    ),
    "score": Text("平均分數", "Mean score"),
    "most": Text("最大 PSI", "Largest PSI"),
    "moved": Text("移動的欄位", "Columns that moved"),
    "causes": Text("分數的位移來自哪裡", "Where the shift of the score came from"),
    "causes_lead": Text(
        "各欄的部分加總為整個位移（Wasserstein 距離 {total}，n = {n}）；由數字推算，不是因果證明。",
        "The columns' parts add up to the whole shift (Wasserstein distance {total}, n = {n}); reckoned "
        "from numbers, no proof of causation.",
    ),
    "others": Text("其他所有欄位", "all other columns"),
    "part": Text("部分", "Part"),
    "share": Text("比例", "Share"),
    "drift": Text("分布", "Distributions"),
    "drift_lead": Text(
        "長條是現在，線是參考期。p 值以 Holm 法就所有欄位校正；「偶然上限」是同樣大小的樣本 100 次有 95 次不超過的 PSI。",
        "Bars are now, the line the reference. p-values are adjusted for all columns (Holm); “by chance” "
        "is the PSI that 95 of 100 samples of this size stay under.",
    ),
    "joint": Text(
        "所有欄位合起來：MMD {value}，p = {p}（{draws} 次置換，n = {n}）",
        "All columns together: MMD {value}, p = {p} ({draws} permutations, n = {n})",
    ),
    "of_score": Text("模型分數", "the model's score"),
    "column": Text("欄位", "Column"),
    "state": Text("結果", "Result"),
    "interval": Text("95% 區間", "95% interval"),
    "chance": Text("偶然上限", "By chance"),
    "groups": Text("各組比率", "Groups"),
    "group": Text("組", "Group"),
    "quality": Text("輸入的品質", "Quality of the inputs"),
    "no_faults": Text("沒有空白、讀不懂或沒見過的值。", "No empty, unreadable or unseen values."),
    "fault": Text("問題", "Fault"),
    "fairness": Text("各群體", "Groups of people"),
    "fairness_lead": Text(
        "少於規定列數的群體不列；p 是「與其他群體的變動不同」的檢定。",
        "Groups of fewer rows than the rules ask are left out; p is of having changed unlike the others.",
    ),
    "change": Text("變化", "Change"),
    "rules": Text("規則", "Rules"),
    "limits": Text("這份報告看不到什麼", "What this does not show"),
    "missing": Text("其他", "others"),
}
