"""The words of the data card in both languages."""

from __future__ import annotations

from anping.core.labels import Tier
from anping.core.text import Text

OUTCOMES = {
    "allow": Text("允許釋出", "Release allowed"),
    "allow-with-conditions": Text("允許釋出，附條件", "Release allowed, with conditions"),
    "refuse": Text("拒絕釋出", "Release refused"),
}

TIERS = {
    Tier.OPEN: Text("開放", "open"),
    Tier.REGISTERED: Text("登記取用", "registered access"),
    Tier.CONTROLLED: Text("受控取用", "controlled access"),
    Tier.INTERNAL: Text("內部使用", "internal use"),
}

FAMILIES = {
    "risk": Text("重新識別風險", "Re-identification risk"),
    "deid": Text("去識別化", "De-identification"),
    "counts": Text("次數表", "Tables of counts"),
    "utility": Text("可用性", "Utility"),
    "quality": Text("資料品質（ISO/IEC 25012）", "Data quality (ISO/IEC 25012)"),
    "discovery": Text("欄位裡的個資", "Personal data inside columns"),
    "singling_out": Text("能指認人的欄位組合", "Columns that single people out"),
    "detection": Text("個資偵測", "Detection of personal data"),
    "redaction": Text("自由文字的遮蔽", "Redaction of free text"),
    "intake": Text("收進資料", "Taking data in"),
    "corpus": Text("文件集", "Corpora of documents"),
    "learn": Text("模型的學習", "Learning of the model"),
    "consent": Text("同意與撤回", "Consents and withdrawals"),
    "predict": Text("評分", "Scoring"),
    "judge": Text("模型的檢驗", "Examination of the model"),
}

#: Lists of measures whose titles differ from row to row.
SERIES = {
    "deid.level": Text("各欄的概化層級", "Generalisation level of each column"),
    "deid.redacted": Text("各類型遮蔽的處數", "Mentions redacted, by type"),
    "risk.l_diversity.min": Text("各敏感欄位的 l-多樣性", "l-diversity of each sensitive column"),
    "risk.suda.contribution": Text(
        "各欄參與的 SUDA 分數占比", "Share of SUDA scores that each column is part of"
    ),
    "utility.distribution": Text("各欄的分布差距", "Distance of each column's distribution"),
    "utility.pairwise": Text(
        "各對欄位聯合分布的差距", "Distance of each pair of columns' joint distribution"
    ),
}
BEFORE_FOLD = Text("保護前的量測", "Before protection")
MORE_FOLD = Text("更多量測", "More measures")

_TECHNIQUES = {
    "pseudonymisation": "假名化",
    "generalisation": "概化",
    "suppression": "抑制",
    "masking": "遮罩",
    "rounding": "捨入",
    "top and bottom coding": "頂端與底端編碼",
    "randomisation": "隨機化",
    "noise addition": "加入雜訊",
    "permutation": "置換",
    "microaggregation": "微聚合",
    "record suppression": "紀錄抑制",
    "cell suppression": "儲存格抑制",
    "local suppression": "局部抑制",
    "redaction": "塗銷",
    "text redaction": "文字塗銷",
    "date shifting": "日期平移",
    "deterministic encryption": "確定性加密",
    "k-anonymity": "k-匿名",
}


def technique_title(names: str) -> Text:
    """Return ISO/IEC 20889 techniques joined by " + " in words; an unknown one names itself."""
    return Text("＋".join(_technique_zh(name) for name in names.split(" + ")), names)


def _technique_zh(name: str) -> str:
    zh = _TECHNIQUES.get(name.partition(" (")[0].casefold().replace("ization", "isation"))
    return f"{zh}（{name}）" if zh else name


WORDS = {
    "data_card": Text("資料卡", "Data card"),
    "other_language": Text("English", "中文"),
    "skip": Text("跳到內容", "Skip to content"),
    "contents": Text("目錄", "Contents"),
    "version": Text("版本", "Version"),
    "released": Text("釋出日", "Released"),
    "tier": Text("層級", "Tier"),
    "records": Text("筆數", "Records"),
    "tags": Text("標籤", "Tags"),
    "columns": Text("欄位", "Columns"),
    "licence": Text("授權", "Licence"),
    "owner": Text("提供者", "Provider"),
    "recipient": Text("接收者", "Recipient"),
    "decided_by": Text("依政策", "Decided by policy"),
    "what_is_in_it": Text("裡面有什麼", "What is in it"),
    "what_is_in_it_lead": Text(
        "每個欄位的角色、做了什麼處理；概化過的欄位並舉例現在的值。",
        "What each column is and what was done to it; for generalised ones, what values look like.",
    ),
    "column": Text("欄位", "Column"),
    "role": Text("角色", "Role"),
    "treatment": Text("處理", "Treatment"),
    "examples": Text("現在的值如", "values now look like"),
    "kept": Text("原樣保留", "kept"),
    "removed": Text("已移除的欄位", "Columns removed"),
    "hides": Text("經過遮蔽", "masked"),
    "what_was_measured": Text("量測了什麼", "What was measured"),
    "what_was_measured_lead": Text(
        "每個數字都寫明量了多少（n）、不確定多少（區間）、怎麼量，以及你能不能自己重算。",
        "Every number says how many were measured (n), how uncertain it is (interval), how it was "
        "taken, and whether you can compute it again yourself.",
    ),
    "assessment": Text(
        "同樣的數字依 ISO/IEC 27559 編排：可識別性評估",
        "The same numbers as ISO/IEC 27559 arranges them: identifiability assessment",
    ),
    "measure": Text("量測", "Measure"),
    "subject": Text("對象", "Of"),
    "value": Text("值", "Value"),
    "interval": Text("區間", "Interval"),
    "method": Text("方法", "Method"),
    "attack": Text("攻擊", "Attack"),
    "difference": Text("差距", "Difference"),
    "success": Text("成功率", "Success"),
    "control": Text("對照組", "Control"),
    "guess": Text("猜測", "Guess"),
    "recompute": Text("可重算？", "Recomputable?"),
    "by_you": Text("你可以", "by you"),
    "by_owner": Text("僅提供者", "by the provider"),
    "not_replayable": Text("否", "no"),
    "entry": Text("項", "item"),
    "entries": Text("項", "items"),
    "pictures": Text("圖表", "Charts"),
    "picture_files": Text(
        "圖檔與其 Vega-Lite 規格在 charts/ 資料夾。",
        "The drawings and their Vega-Lite specifications are in the charts/ folder.",
    ),
    "decision": Text("為什麼可以釋出", "Why it may be released"),
    "decision_lead": Text(
        "釋出閘門逐條檢查政策，以下是每一條規則與結果。",
        "The release gate looked at every rule of the policy; here is each with its answer.",
    ),
    "other_rules": Text("其他成立的規則", "Other rules that held"),
    "all_columns": Text("全部欄位", "All columns"),
    "held": Text("成立", "held"),
    "failed": Text("不成立", "failed"),
    "limits": Text("這些不代表什麼", "What this does not show"),
    "may": Text("你可以做什麼", "What you may do"),
    "purposes": Text("允許的目的", "Permitted purposes"),
    "any_purpose": Text("不限目的", "any purpose"),
    "conditions": Text("條件", "Conditions"),
    "duties": Text("義務", "Duties"),
    "terms": Text("條款", "Terms"),
    "until": Text("使用期限", "Use until"),
    "no_end": Text("無期限", "no end date"),
    "yes": Text("可以", "yes"),
    "no": Text("不可以", "no"),
    "commercial": Text("商業使用", "Commercial use"),
    "redistribution": Text("再提供給他人", "Passing it on"),
    "derivatives": Text("製作衍生物", "Derived works"),
    "attribution": Text("須標示來源", "Credit required"),
    "required": Text("須", "yes"),
    "not_required": Text("不須", "no"),
    "chain": Text("證據鏈", "The chain of evidence"),
    "chain_lead": Text(
        "每一步都有一份簽章敘述，記入只能追加的紀錄。釋出本身的敘述在 evidence/ 資料夾。",
        "Every step left a signed statement in an append-only log. The statement of the release "
        "itself is in the evidence/ folder.",
    ),
    "by": Text("執行者", "by"),
    "statement": Text("敘述", "statement"),
    "verify": Text("如何查驗", "How to verify"),
    "verify_lead": Text(
        "不需要網路，也不需要信任我們。在任何電腦上安裝安平後，於此資料夾執行：",
        "You need no network and no trust in us. On any computer with Anping, in this folder:",
    ),
    "verify_replay": Text("並重算可重算的數字：", "And compute the recomputable numbers again:"),
    "verify_keys": Text(
        "查驗時會列出公鑰指紋；請用另一個管道（電話、見面）向提供者核對。",
        "The check prints key fingerprints; compare them with the provider through another "
        "channel, such as a telephone call.",
    ),
    "files": Text("資料檔", "Data files"),
    "size": Text("位元組", "bytes"),
    "glossary": Text("名詞解釋", "Glossary"),
    "made_by": Text("由安平產生", "Made by Anping"),
}

GLOSSARY = (
    (
        Text("直接識別欄位", "Direct identifier"),
        Text(
            "單獨就能指出是誰的欄位，如姓名、身分證字號。",
            "A column that names a person by itself: a name, a national ID.",
        ),
    ),
    (
        Text("準識別欄位", "Quasi-identifier"),
        Text(
            "合在一起可能指出是誰的欄位，如生日、住址、性別。",
            "Columns that may point to a person together: birth date, address, sex.",
        ),
    ),
    (
        Text("等價類", "Equivalence class"),
        Text(
            "準識別值完全相同、彼此分不出來的一群人。",
            "The people whose quasi-identifiers are all the same: nobody can tell them apart.",
        ),
    ),
    (
        Text("檢察官風險", "Prosecutor risk"),
        Text(
            "攻擊者知道某人在資料裡時，認出他的機率上限。",
            "The highest chance of finding a person known to be in the data.",
        ),
    ),
    (
        Text("行銷者風險", "Marketer risk"),
        Text("平均能被正確認出的比例。", "The average share of records that can be found."),
    ),
    (
        Text("連結攻擊與對照", "Linkage attack and control"),
        Text(
            "真的拿原始資料去認保護後的資料；對照是把答案打亂後再試一次，看純靠運氣能猜中多少。",
            "Someone really tried to match raw records to protected ones; the control is the same "
            "attempt with exchanged answers, which shows what luck alone achieves.",
        ),
    ),
    (
        Text("資訊損失", "Information loss"),
        Text(
            "概化後失去多少精細度：0% 沒有失去，100% 什麼都看不出來。",
            "How much detail generalisation took: 0% none, 100% everything.",
        ),
    ),
    (
        Text("AUC", "AUC"),
        Text(
            "模型把兩類排對順序的機率；0.5 等於亂猜，1 是全對。",
            "The chance that a model ranks a pair rightly; 0.5 is guessing, 1 is perfect.",
        ),
    ),
    (
        Text("95% 區間", "95% interval"),
        Text(
            "以同樣方法重複量測，約 95% 的區間會包含真值。",
            "Were the measurement repeated, about 95% of such intervals would hold the truth.",
        ),
    ),
    (
        Text("見證者", "Witness"),
        Text(
            "擁有者以外、保存紀錄摘要並簽章的一方；有他才能發現紀錄被整本改寫。",
            "A party outside the owner who keeps and signs the log's digest; only with one can a "
            "complete rewrite be found out.",
        ),
    ),
)
