"""How the methods of measures read in Chinese: a measure keeps its method as one English string."""

from __future__ import annotations

import re

from anping.core.text import Text
from anping.share.charts.scale import written

_METHODS = {
    "count": "計數",
    "adaptive sampling (Flajolet 1990), Wilson": "調適抽樣（Flajolet 1990），Wilson 區間",
    "1 / smallest equivalence class": "1 ÷ 最小等價類的人數",
    "1 / smallest class in the register": "1 ÷ 母體名冊中最小等價類的人數",
    "equivalence classes / memberships": "等價類數 ÷ 成員數",
    "prosecutor bound": "以檢察官風險為上界",
    "distinct l-diversity": "相異值的 l-多樣性",
    "most specific compatible record, at random": "在相容而最明確的紀錄中隨機選一筆",
    "commonest value of the most specific compatible records": "取相容而最明確的紀錄中最常見的值",
    "ARX Loss, arithmetic mean, gs-factor 0.5": "ARX Loss，算術平均，gs-factor 0.5",
    "suppressed rows count as lost entirely": "被抑制的列算作全部失去",
    "exact lattice search": "精確搜尋整個概化格",
    "n counts the nodes evaluated": "n 是評估過的節點數",
    "normalised certainty penalty (Xu et al. 2006) over released rows": "標準化確定性懲罰（Xu 等，2006），計於釋出的列",
    "filled cells / cells (ISO/IEC 25024 Com-I)": "有值的儲存格 ÷ 全部儲存格（ISO/IEC 25024 Com-I）",
    "cells that pass the type's validator / filled cells (ISO/IEC 25024 Acc-I, syntactic)": "通過該類型檢驗的儲存格 ÷ 有值的儲存格（ISO/IEC 25024 Acc-I，語法）",
    "distinct / filled (ISO/IEC 25024 Con-I, duplicates)": "相異值 ÷ 有值的儲存格（ISO/IEC 25024 Con-I，重複）",
    "rows that repeat no earlier row / rows (ISO/IEC 25024 Con-I, duplicates)": "不與前面任一列重複的列 ÷ 全部的列（ISO/IEC 25024 Con-I，重複）",
    "sex mark of the number agrees with the gender": "證號的性別碼與性別相符",
    "area agrees with the full address": "區域與完整地址相符",
    "age agrees with the date of birth within a year": "年齡與出生日期相差不到一年",
    "dates written in the commonest form": "以最常見的寫法書寫的日期",
    "rows whose combination no other row has / rows": "這組值獨一無二的列 ÷ 全部的列",
    "rows drawn at random whose combination no other row of the table has / rows drawn": "隨機抽出且這組值在全表獨一無二的列 ÷ 抽出的列",
    "same type": "類型相同",
    "same type and place": "類型與位置都相同",
    "same type, overlap of at least half": "類型相同，且至少重疊一半",
    "covered whole, under any type": "整段被遮住，不論歸為哪一類型",
    "covered whole by findings of any type, high-recall mode": "在高召回模式下，整段被任一類型的發現涵蓋",
    "bootstrap-percentile": "拔靴百分位區間",
    "bootstrap-percentile-grouped": "以人為單位的拔靴百分位區間",
    "bootstrap-percentile-ends": "拔靴百分位區間（取兩端）",
    "bootstrap-reflected": "反射式拔靴區間",
    "delong": "DeLong 區間",
    "delong-paired": "成對的 DeLong 區間",
    "wilson": "Wilson 區間",
    "wilson-smaller-class": "較少一類的 Wilson 區間",
    "newcombe": "Newcombe 區間",
    "wald-robust": "穩健變異數的 Wald 區間",
    "fitted on one half of the rows, tried on the other": "以一半的列配適，在另一半上試",
    "simultaneous bootstrap (greatest studentised deviation)": "同時涵蓋的拔靴區間（最大學生化離差）",
    "threshold of the costs": "由成本算得的門檻",
    "given": "使用者給定",
    "Shapley values over the columns that drifted most": "對漂移最大的欄位計算 Shapley 值",
    "share of cells": "占儲存格的比例",
    "share of rows": "占列數的比例",
    "difference of shares": "兩個比例之差",
    "maximum mean discrepancy, Gaussian kernel by random Fourier features, permutations": "最大平均差異：高斯核以隨機傅立葉特徵近似，置換檢定",
    "held-out": "在保留的資料列上檢驗",
    "cross-validation": "交叉驗證",
    "latest origin, weights of earlier ones": "最後一個起點，權重出自更早的起點",
    "latest origin, weights of the same": "最後一個起點，權重出自同一起點",
    "rolling origins, greedy selection (Caruana et al. 2004)": "滾動起點，貪婪選取（Caruana 等，2004）",
    "Diebold-Mariano, Harvey-Leybourne-Newbold 1997": "Diebold-Mariano 檢定（Harvey、Leybourne 與 Newbold 1997 修正）",
    "normal": "常態近似",
    "normal-of-squares": "平方誤差的常態近似",
    "released people of a class over its rows in the population (Nergiz et al. 2007)": "一類中釋出的人數 ÷ 該類在母體中的列數（Nergiz 等，2007）",
    "1 / records that agree with a record in every quasi-identifier, or lack it": "1 ÷ 每個準識別欄位都相符或缺值的紀錄數",
    "cells with at least one / filled cells looked at": "至少有一處的儲存格 ÷ 看過的有值儲存格",
    "1 - 0.05^(1/n): missed with probability at most 5 %": "1 − 0.05^(1/n)：漏看的機率至多 5%",
    "Zayatz 1991": "Zayatz（1991）",
    "Pitman's sampling formula, maximum likelihood (Hoshino 2001)": "Pitman 抽樣公式，最大概似（Hoshino，2001）",
    "slide negative binomial, maximum likelihood (Chen & Keller-McNulty 1998)": "滑動負二項模型，最大概似（Chen 與 Keller-McNulty，1998）",
    "decision rule (Dankar et al. 2012)": "決策規則（Dankar 等，2012）",
    "Gaussian copula (Rocher et al. 2019)": "高斯關聯結構（Rocher 等，2019）",
    "data intrusion simulation (Skinner & Elliot 2002)": "資料入侵模擬（Skinner 與 Elliot，2002）",
    "SSE/SST: squares within groups over all (Domingo-Ferrer and Mateo-Sanz 2002)": "SSE/SST：組內平方和 ÷ 總平方和（Domingo-Ferrer 與 Mateo-Sanz，2002）",
    "hypercube witness for each: a table that agrees with all published cells": "每格各以一個超立方體為證：與所有公布的格一致的另一張表",
    "k^m-anonymity (Terrovitis et al. 2008): all combinations counted, exact": "k^m-匿名（Terrovitis 等，2008）：計算所有組合，精確",
    "mean over people of 1 / the smallest equivalence class that they stand in": "各人「1 ÷ 其所在最小等價類的人數」的平均",
    "people who share the set of released tuples in all tables": "在所有表中釋出的值組完全相同的人",
    "random sample without replacement": "不放回的隨機抽樣",
    "randomised response: greatest log ratio within a column of the matrix": "隨機化回答：轉移矩陣各行中最大的對數比",
    "tested on raw held-out rows": "在保留的原始資料列上測試",
    "bootstrap-reflected-multinomial": "反射式拔靴法（多項分布）",
    "population stability index over kept groups, half a count added to each": "以保留的分組計算族群穩定度指標，各組加半個計數",
    "Kolmogorov-Smirnov distance at the edges of kept groups": "在保留的分組邊界上的柯爾莫哥洛夫－斯米爾諾夫距離",
    "Jensen-Shannon distance (base 2) over kept groups": "以保留的分組計算 Jensen–Shannon 距離（以 2 為底）",
    "Benjamini-Hochberg over all columns compared": "以 Benjamini–Hochberg 法就所有比較的欄位校正",
    "Kolmogorov-Smirnov in groups, limit of large n (conservative)": "分組的柯爾莫哥洛夫－斯米爾諾夫檢定，大樣本極限（保守）",
    "G test of homogeneity": "同質性 G 檢定",
    "day of arrival less the last day that at least small_count rows reach (ISO/IEC 25024 Cur-I)": "收進之日減去至少有最小列數到達的最後一日（ISO/IEC 25024 Cur-I）",
    "columns of the version before": "前一版的欄位",
    "kinds of the version before": "前一版的欄位種類",
    "no repeat in any earlier version (at least 20 cells each)": "先前各版都沒有重複（每版至少 20 格）",
    "lower prediction limit for the next version's share on Anscombe's scale": "下一版比率在 Anscombe 尺度上的預測下限",
    "the variance between versions is at least that of sampling": "版本間變異至少取抽樣變異",
    "distribution-free tolerance limits (Wilks 1941): cells beyond the value that small_count cells of an earlier version reach, rounded outwards": "無分布假設的容許界限（Wilks，1941）：先前某版有最小列數到達的值，向外取整，落在其外的格數",
    "both sides": "兩側",
    "prediction interval for the logarithm of growth from version to version": "版本間成長對數的預測區間",
    "upper prediction limit of the days between versions": "版本間隔天數的預測上限",
    "lower prediction limit of the days that the newest date moved on": "最新日期前進天數的預測下限",
    "Kolmogorov-Smirnov": "柯爾莫哥洛夫－斯米爾諾夫距離",
    "total variation": "總變異距離",
    "training rows": "在學習用的列上",
    "paired bootstrap of rows": "成對拔靴法（抽列）",
    "information value of the card's bins on the training rows": "以評分卡的箱在學習用的列上計算的資訊值",
    "population stability index over the bands of the score": "以分數帶計算的族群穩定度指標",
    "population stability index over the card's bins": "以評分卡的箱計算的穩定度指標",
    "Katz's interval": "Katz 區間",
    "katz": "Katz 區間",
    "bootstrap-reflected-by-class": "反射式拔靴法（兩類各自抽樣）",
    "reject inference: best": "拒絕推論：被拒者全部是好客戶",
    "reject inference: worst": "拒絕推論：被拒者全部是壞客戶",
    "reject inference: extrapolation": "拒絕推論：外推",
    "reject inference: augmentation": "拒絕推論：擴增",
    "reject inference: parcelling-1": "拒絕推論：分派，與同分數帶核准者一樣",
    "reject inference: parcelling-2": "拒絕推論：分派，同分數帶的 2 倍",
    "reject inference: parcelling-4": "拒絕推論：分派，同分數帶的 4 倍",
    "mean size of exact Shapley values (Lundberg & Lee 2017)": "精確 Shapley 值大小的平均（Lundberg 與 Lee，2017）",
    "mean size of sampled Shapley values (Štrumbelj & Kononenko 2014)": "抽樣估計的 Shapley 值大小的平均（Štrumbelj 與 Kononenko，2014）",
    "score lost when the column's cells are permuted (Breiman 2001)": "打亂一欄後損失的分數（Breiman，2001）",
    "partial dependence (Friedman 2001)": "偏相依（Friedman，2001）",
    "accumulated local effects (Apley & Zhu 2020)": "累積局部效應（Apley 與 Zhu，2020）",
    "counterfactual search, asked again of the model": "反事實搜尋，並再問一次模型",
    "distance to the nearest real row": "與最近真實列的距離",
    "same rows before and after": "同樣的列，改變前後相比",
    "decisions that differ on the same rows": "同樣的列上改變的決定",
    "rows drawn with weights e^(z) of the column": "依該欄以 e^z 為權重抽列",
    "worst slice of one column, at least 5 % of the rows": "單一欄位最差的一段，至少佔 5% 的列",
    "not corrected for having looked at many": "未因看過許多段而校正",
    "mean loss of the worst tenth (conditional value at risk)": "最差十分之一的平均損失（條件風險值）",
    "smallest change found within real rows' values, a lower bound": "在真實資料的值之內找到的最小改變，為下限",
    "learnt again": "再訓練",
    "answers of ONNX Runtime beside ours on drawn rows": "在抽出的列上與 ONNX Runtime 的回答比對",
    "Spearman, all pairs of models": "Spearman 相關，所有模型兩兩相比",
    "membership by loss (Yeom et al. 2018)": "以損失推論成員（Yeom 等，2018）",
    "membership by confidence (Salem et al. 2019)": "以信心推論成員（Salem 等，2019）",
    "membership by likelihood ratio of shadow models (Carlini et al. 2022)": "以影子模型的概似比推論成員（Carlini 等，2022）",
    "two sets of unseen rows": "兩批沒學過的列",
    "attribute inference (Fredrikson et al. 2014)": "屬性推論（Fredrikson 等，2014）",
    "members less unseen people (Yeom et al. 2018)": "學過的人減去沒學過的人（Yeom 等，2018）",
}

_MODEL = re.compile(r"LightGBM (\d+) rounds, (.+)")
_LIMIT = re.compile(r"threshold (0?\.\d+)")
#: Methods with a number or a name in them, and how they read in Chinese.
_PATTERNS = (
    (re.compile(r"classes of one on all (\d+) columns but pseudonym and free text"),
     "假名與自由文字以外 {} 欄合起來只有一員的等價類"),
    (re.compile(r"population of ([\d,]+)"), "母體 {} 人"),
    (re.compile(r"range of (\d+) models"), "{} 個模型的範圍"),
    (re.compile(r"predicates on (\d+) columns"), "{} 欄的條件"),
    (re.compile(r"(\d+) nearest by (\d+) and by (\d+) columns"), "以 {1} 欄與 {2} 欄各取最近的 {0} 列"),
    (re.compile(r"nearest released row by (\d+) columns"), "以 {} 欄取最近的釋出列"),
    (re.compile(r"distance to the nearest released row by (\d+) columns"),
     "以 {} 欄計與最近釋出列的距離"),
    (re.compile(r"best fit over at most (\d+) rows, by pseudonym"), "至多 {} 列合計最相符的假名"),
    (re.compile(r"best fit over at most (\d+) rows, each alone"), "至多 {} 列中最相符的單一列"),
    (re.compile(r"likeliest composition that a minimal recoding with k = (\d+) allows"),
     "k = {} 的最小重新編碼所容許的最可能組成"),
    (re.compile(r"SUDA2, sets of at most (\d+) columns"), "SUDA2，至多 {} 欄的組合"),
)  # fmt: skip
_TARGET = re.compile(r"target (.+)", re.DOTALL)


def method_title(method: str) -> Text:
    """Return a measure's method in both languages; one that is not known stands as it is.

    A method in several parts, joined by "; ", is translated part by part.
    """
    parts = [_part(part) for part in method.split("; ")]
    return Text("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def _part(method: str) -> Text:
    if known := _METHODS.get(method):
        return Text(known, method)
    if found := _TARGET.fullmatch(method):
        return Text(f"目標欄位「{found[1]}」", f"target “{found[1]}”")
    if found := _MODEL.fullmatch(method):
        return Text(f"LightGBM {found[1]} 回合，{_part(found[2]).zh}", method)
    if found := _LIMIT.fullmatch(method):
        limit = written(float(found[1]), "percent")
        return Text(f"門檻 {limit}", f"threshold {limit}")
    known = next(
        (zh.format(*m.groups()) for at, zh in _PATTERNS if (m := at.fullmatch(method))), method
    )
    return Text(known, method)
