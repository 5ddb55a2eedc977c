"""The columns of the credit sample: what each means, what it can do to a person, how it was drawn."""

from __future__ import annotations

from typing import Final

from anping.core.columns import Role
from anping.core.text import Text
from anping.recipes.sample.cells import Column

_DIRECT, _QUASI = Role.DIRECT_IDENTIFIER, Role.QUASI_IDENTIFIER
_SENSITIVE, _NONE = Role.SENSITIVE, Role.NONE

APPLICATIONS: Final = (
    Column("申請編號", "RECORD_ID", _DIRECT, Text("A＋10 位數", "A and 10 digits")),
    Column("身分證字號", "TW_NATIONAL_ID", _DIRECT,
           Text("檢查碼正確；4% 為統一證號", "checksums right; 4% are resident certificates")),
    Column("申請日期", "DATE", _NONE,
           Text("2024-01-01 至 2025-12-31 均勻", "uniform over 2024 and 2025")),
    Column("性別", "GENDER", _QUASI, Text("女性機率 0.51；不直接影響違約",
                                       "female with probability 0.51; no effect of its own on default")),
    Column("年齡", "AGE", _QUASI, Text("申請時足歲，20–81", "in years at application, 20–81"), numeric=True),
    Column("教育程度", "EDUCATION", _QUASI, Text("依年齡抽出；2% 缺漏", "drawn by age; 2% missing")),
    Column("職業", "OCCUPATION", _QUASI, Text("依教育程度抽出", "drawn by education")),
    Column("年資", "NUMBER", _NONE,
           Text("現職年數：Gamma(1.5, 4) 與年齡 − 20 取小", "years with the employer: the lesser of Gamma(1.5, 4) and age − 20"),
           numeric=True),
    Column("年收入", "INCOME", _SENSITIVE,
           Text("新臺幣元；對數常態（money.log_income）；自營業者與高所得者缺漏較多",
                "NTD; log-normal (money.log_income); missing more for the self-employed and high earners"),
           numeric=True),
    Column("負債比", "CREDIT_RATING", _SENSITIVE,
           Text("月還款占月收入比，Beta 分配", "monthly payments over monthly income, beta"), numeric=True),
    Column("逾期次數", "CREDIT_REPAYMENT", _SENSITIVE,
           Text("近一年逾期次數，Poisson", "late payments in a year, Poisson"), numeric=True),
    Column("查詢次數", "NUMBER", _SENSITIVE,
           Text("近三個月聯徵查詢次數，Poisson；2025 年 7 月起多 8 成（行銷活動）",
                "credit enquiries in three months, Poisson; 1.8 times as many from July 2025 (a campaign)"),
           numeric=True),
    Column("額度使用率", "NUMBER", _SENSITIVE,
           Text("信用卡已用額度比，Beta 分配；−1 表示沒有信用卡（12%），是代碼不是數值",
                "used share of the card's limit, beta; −1 means no card (12%), a code and no amount"),
           numeric=True),
    Column("申請金額", "TRANSACTION", _SENSITIVE,
           Text("新臺幣元；年收入 × 對數常態倍數", "NTD; income times a log-normal factor"), numeric=True),
    Column("核准", "CATEGORY", _NONE,
           Text("Y 或 N：舊規則看逾期、負債比與查詢次數（applicants）",
                "Y or N by an old rule on late payments, debt ratio and enquiries (applicants)")),
    Column("違約", "CREDIT_DEFAULT", _SENSITIVE,
           Text("目標：核准後一年內是否違約；被拒者空白，真相在 truth/outcomes.csv",
                "target: default within a year of approval; empty where refused, the truth is in truth/outcomes.csv"),
           numeric=True),
)  # fmt: skip
