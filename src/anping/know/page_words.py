"""The words of the page on findings, in both languages."""

from __future__ import annotations

from anping.core.text import Text

WORDS = {
    "title": Text("哪些資料在哪裡", "What is where"),
    "lead": Text(
        "每一欄是什麼、憑什麼這樣說、會怎樣指認人。",
        "What each column is, why we say so, and how it points at people.",
    ),
    "without": Text(
        "頁面不含任何人的值：只列出值的樣式。",
        "No value of a person stands here: only what values look like.",
    ),
    "with_examples": Text(
        "遮罩後的例子仍留有一點個人資料：只給資料持有者自己看，請勿保存或轉寄。",
        "Masked examples still hold a little of a person: for the owner's own screen, not to be kept "
        "or passed on.",
    ),
    "columns_held": Text("欄數", "columns:"),
    "map": Text("分布圖", "Heat map"),
    "map_lead": Text(
        "顏色愈深，該類型占儲存格的比率愈高；虛線框表示只出現在其他欄位裡。",
        "The darker, the larger the share of cells; a dashed frame means only inside other columns.",
    ),
    "nothing": Text("沒有找到與人有關的資料。", "Nothing about people was found."),
    "table": Text("資料表", "Table"),
    "column": Text("欄位", "Column"),
    "type": Text("類型", "Type"),
    "role": Text("角色", "Role"),
    "confidence": Text("信心", "Confidence"),
    "prevalence": Text("符合比率", "Cells that fit"),
    "looked": Text("檢視數", "Looked at"),
    "checksum": Text("檢查碼通過（機率）", "Checksum passes (p by chance)"),
    "why": Text("依據", "Why"),
    "others": Text("也可能是", "Or else"),
    "tags": Text("法規標籤", "Legal tags"),
    "form": Text("值的樣式", "What values look like"),
    "examples": Text("遮罩後的例子", "Masked examples"),
    "decided": Text("由人決定", "decided by a person"),
    "open": Text("尚未確認", "not confirmed yet"),
    "inside": Text("欄位裡面還有什麼", "What else is inside"),
    "inside_lead": Text(
        "自由文字裡提到的人，以及混在別種值之中的識別碼。",
        "People in free texts, and identifiers among values of another kind.",
    ),
    "texts": Text("文字中", "in texts"),
    "ratings": Text("文字中的這些類型找得多準", "How well these types are found in texts"),
    "cells": Text("整格", "whole cells"),
    "share": Text("比率", "Share"),
    "sets": Text("哪些欄位合起來能指認人", "Which columns together single people out"),
    "sets_lead": Text(
        "只列最小的組合：少一欄就不到門檻。比率是獨一無二之列的比率。",
        "Minimal sets only: with a column less they fall below the threshold. The share is of rows "
        "that no other row equals.",
    ),
    "set": Text("組合", "Set"),
    "alone": Text("獨一無二的列", "Rows that stand alone"),
    "known": Text("已列為準識別", "Quasi-identifiers already"),
    "yes": Text("是", "yes"),
    "no": Text("否：請考慮確認為準識別", "no: consider confirming them as quasi-identifiers"),
    "missable": Text(
        "只檢視了抽出的列：在這個比率以下的類型可能漏看（機率至多 5%）。以 --full 可檢查每一列。",
        "Only drawn rows were looked at: a type in less than this share of them may have been missed "
        "(with probability at most 5 %). --full looks at every row.",
    ),
}

#: The parts of a column's score.
PARTS = {
    "values": Text("值", "values"),
    "header": Text("欄名", "header"),
    "neighbours": Text("鄰欄", "neighbours"),
}
SCORE = Text("加權（對數勝算）：", "weighed as log-odds: ")

#: What a code of evidence says; the part behind the colon fills the place.
EVIDENCE = {
    "header": Text("欄名「{}」", "header “{}”"),
    "coverage": Text("符合樣式的比率 {}", "share of the form {}"),
    "checksum": Text("檢查碼通過率 {}", "checksum pass rate {}"),
    "own-entity": Text("自訂的實體 {}", "entity of your own: {}"),
    "vocabulary": Text("在詞表中的比率 {}", "share in the vocabulary {}"),
    "range": Text("數值範圍 {}", "range {}"),
    "years-spread": Text("年份跨度 {}", "years spread over {}"),
    "round-thousands": Text("多為千的倍數", "mostly round thousands"),
    "round-hundreds": Text("多為百的倍數", "mostly round hundreds"),
    "median-length": Text("字數中位數 {}", "median length {}"),
    "unique": Text("獨特值比率 {}", "share of distinct values {}"),
    "few-values": Text("值的種類少", "few different values"),
    "numeric": Text("數值", "numbers"),
    "code-like": Text("像代碼", "look like codes"),
    "text": Text("文字", "texts"),
    "boolean": Text("是／否", "yes or no"),
    "no-values": Text("沒有值", "no values"),
    "small-numbers": Text("數字小，像版本號", "small numbers, as in versions"),
    "one-beginning": Text("開頭全同，像機器給的編號", "one beginning, as machines number"),
    "lengths": Text("長度 {}，像帳號", "lengths {}, as of accounts"),
    "bank-code": Text("以金融機構代碼開頭", "begin with a bank's code"),
    "coded": Text("代碼 {}，各約一半", "codes {}, about half each"),
    "handles": Text("像自取的帳號", "look like handles"),
    "doses": Text("藥名與劑量", "medicines and doses"),
    "neighbour": Text("鄰欄是 {}", "beside {}"),
    "coordinate": Text("臺灣範圍內的度數（{}）", "degrees within Taiwan ({})"),
    "public-place": Text(
        "與「{}」同表：公眾設施的聯絡處，表中沒有指向個人的欄位",
        "in the table of “{}”: how a public facility is reached; nothing here points at a person",
    ),
    "decided-before": Text("沿用先前的決定：{}", "decided before: {}"),
    "decided-elsewhere": Text("別表同名欄位的決定：{}", "decided for that name in {}"),
    "decided-before-of-other-values": Text(
        "先前的決定不再符合現在的值：{}", "decided before, of other values: {}"
    ),
}
