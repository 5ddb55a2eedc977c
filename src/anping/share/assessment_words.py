"""The words of the identifiability assessment in both languages."""

from __future__ import annotations

from anping.core.text import Text

ASSESSMENT = {
    "title": Text("可識別性評估", "Identifiability assessment"),
    "standard": Text(
        "依 ISO/IEC 27559:2022 第 6 至 9 章的架構編排，並回答第 29 條工作小組意見書 05/2014（WP216）的三個"
        "問題。每個數字都是量測，出自本卷宗的證據；本頁沒有另外的判斷。",
        "Arranged as ISO/IEC 27559:2022, clauses 6 to 9, and answering the three questions of the "
        "Article 29 Working Party's Opinion 05/2014 (WP216). Every number is a measure from the "
        "evidence of this dossier; the page adds no judgement of its own.",
    ),
    "card": Text("資料卡", "Data card"),
    "answers": Text("三個問題的答案", "The three questions"),
    "answers_lead": Text(
        "三者皆不可能，才可視為匿名；否則就需要風險分析，也就是以下各章與釋出政策的決定。"
        "測試沒有顯示可能，不等於證明不可能。",
        "Data is anonymous if none of the three is possible; otherwise a risk analysis is needed: "
        "the clauses below and the decision by policy are that. What tests did not show possible "
        "is not thereby proven impossible.",
    ),
    "rests_on": Text("所依據的量測", "The measures it rests on"),
    "context": Text("情境（第 6 章）", "Context (clause 6)"),
    "context_lead": Text(
        "誰會拿到、為了什麼、受什麼約束；以及假設攻擊者知道什麼。",
        "Who gets it, for what, bound by what; and what an attacker is taken to know.",
    ),
    "access": Text("取用方式", "Access"),
    "recipient": Text("接收者", "Recipient"),
    "unnamed": Text("未指名", "not named"),
    "controls": Text("控制措施", "Controls"),
    "attackers": Text("對攻擊者的假設", "What an attacker is taken to know"),
    "data": Text("資料（第 7 章）", "Data (clause 7)"),
    "data_lead": Text(
        "資料是關於誰、各欄位的角色與處理；攻擊模型的最大與平均風險。",
        "Whom the data is about, what each column is and what was done to it; the highest and the "
        "average risk of each attack model.",
    ),
    "principals": Text("資料當事人", "Data principals"),
    "per_row": Text("{rows} 列；每一列視為一個人。", "{rows} rows; each row stands for a person."),
    "per_person": Text(
        "{people} 人，共 {rows} 列；隱私單位是人。",
        "{people} people in {rows} rows; the privacy unit is the person.",
    ),
    "models": Text("攻擊模型", "Attack models"),
    "identifiability": Text("可識別性（第 8 章）", "Identifiability (clause 8)"),
    "identifiability_lead": Text(
        "計數與估計（8.2.2）、實際執行的攻擊（8.2.3）、以及為降低風險所做的處理與代價（8.3）。",
        "Counts and estimates (8.2.2), attacks that were run (8.2.3), and what was done to lower the "
        "risk, and its price (8.3).",
    ),
    "quantified": Text("量化：母體與少數欄位", "Quantified: the population, and few columns"),
    "not_estimated": Text(
        "未提供母體大小；重新執行 anping risk --population 人數，即可估計。",
        "The population's size was not given; run anping risk --population NUMBER to estimate it.",
    ),
    "profiles": Text("與具名風險級別比較", "Held against the named risk profiles"),
    "profiles_lead": Text(
        "這些數字是國際慣例，不是法律；決定釋出的是經簽章的政策。",
        "These numbers are conventions, not law; a signed policy decides on a release.",
    ),
    "profile": Text("級別", "Profile"),
    "highest": Text("最大風險", "Highest risk"),
    "average": Text("平均風險", "Average risk"),
    "source": Text("來源", "Source"),
    "kept": Text("符合", "kept"),
    "not_kept": Text("不符合", "not kept"),
    "tested": Text("攻擊測試", "Adversarial testing"),
    "tested_lead": Text(
        "先看差距：成功率減去對照組與猜測中較高的一個；下方是 95% 區間。區間含 0 表示機率就能解釋。",
        "Read the difference first: the success less the better of control and guess, with its 95 % "
        "interval below. Where the interval holds 0, chance can explain it.",
    ),
    "no_attack": Text("沒有執行任何攻擊。", "No attack was run."),
    "mitigated": Text("降低風險的處理與代價", "Mitigation, and its price"),
    "governance": Text("治理（第 9 章）", "Governance (clause 9)"),
    "governance_lead": Text(
        "誰依什麼政策決定、何時到期重審，以及如何查驗。",
        "Who decided by which policy, when it ends and is looked at again, and how to check it.",
    ),
    "review": Text("重新評估", "To be assessed again"),
    "review_by": Text(
        "最遲 {date}；以及資料、接收者、目的或可取得的其他資料有變動時。",
        "By {date} at the latest; and when the data, the recipient, the purpose or other available "
        "data change.",
    ),
    "review_open": Text(
        "授權沒有期限；資料、接收者、目的或可取得的其他資料有變動時須重新評估。",
        "The licence has no end; assess again when the data, the recipient, the purpose or other "
        "available data change.",
    ),
    "incident": Text("事故", "Incidents"),
    "incident_words": Text(
        "若發現有人被認出，停止使用並通知提供者。",
        "If somebody is found to have been recognised, stop using the data and tell the provider.",
    ),
}
