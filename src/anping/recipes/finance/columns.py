"""The columns of the bank sample: what each means, what it can do to a person, how it was drawn."""

from __future__ import annotations

from typing import Final

from anping.core.columns import Role
from anping.core.text import Text
from anping.recipes.sample.cells import Column

_DIRECT, _QUASI = Role.DIRECT_IDENTIFIER, Role.QUASI_IDENTIFIER
_SENSITIVE, _NONE = Role.SENSITIVE, Role.NONE

CUSTOMERS: Final = (
    Column("客戶編號", "RECORD_ID", _DIRECT,
           Text("C＋10 位數；重複建檔者另有一號", "C and 10 digits; a person entered twice has two")),
    Column("姓名", "PERSON_NAME", _DIRECT,
           Text("姓氏、名字依內政部姓名統計權重抽出；4% 為外籍人士姓名",
                "surnames and given names by Ministry of the Interior weights; 4% foreign residents")),
    Column("身分證字號", "TW_NATIONAL_ID", _DIRECT,
           Text("國民身分證或（4%）新、舊式統一證號，檢查碼正確；1% 故意打錯",
                "national ID or (4%) new or old resident certificate, checksums right; 1% mistyped")),
    Column("出生日期", "DATE_OF_BIRTH", _QUASI,
           Text("民國年為主，寫法混雜；年齡 20–79 歲，五歲組權重見 people.ADULT_AGES",
                "mostly ROC years in mixed forms; ages 20–79 by five-year bands (people.ADULT_AGES)")),
    Column("性別", "GENDER", _QUASI, Text("女性機率 0.51", "female with probability 0.51")),
    Column("手機", "PHONE", _DIRECT,
           Text("09 開頭 10 碼，六種寫法；3% 缺漏", "10 digits from 09, six forms; 3% missing")),
    Column("市話", "PHONE", _DIRECT,
           Text("依縣市區碼與碼長；45% 沒有；部分有分機",
                "area code and length by county; 45% have none; some have extensions")),
    Column("電子郵件", "EMAIL", _DIRECT,
           Text("保留網域（RFC 2606），寄不到任何人；12% 缺漏",
                "reserved domains (RFC 2606), reach nobody; 12% missing")),
    Column("通訊地址", "ADDRESS_FULL", _DIRECT,
           Text("縣市依人口比例，鄉鎮市區、路街段巷弄號樓隨機；臺／台、全形數字混用；1% 缺漏",
                "county by population, the rest random; 臺 and 台, full-width digits mixed; 1% missing")),
    Column("郵遞區號", "ADDRESS_PART", _QUASI,
           Text("三碼，與地址一致", "three digits, agrees with the address")),
    Column("職業", "OCCUPATION", _QUASI,
           Text("依教育程度抽出（money.OCCUPATIONS）；2% 缺漏",
                "drawn by education (money.OCCUPATIONS); 2% missing")),
    Column("教育程度", "EDUCATION", _QUASI,
           Text("依年齡抽出（money.EDUCATION_BY_AGE）；3% 缺漏",
                "drawn by age (money.EDUCATION_BY_AGE); 3% missing")),
    Column("婚姻狀況", "MARITAL_STATUS", _QUASI,
           Text("依年齡抽出：未婚機率隨年齡下降", "by age: single less often as age rises")),
    Column("年收入", "INCOME", _SENSITIVE,
           Text("新臺幣元；對數常態（money.log_income）；非隨機缺漏：自營業者與高所得者缺漏較多；"
                "0.4% 多打一個零",
                "NTD; log-normal (money.log_income); missing not at random: more for the "
                "self-employed and high earners; 0.4% with a zero too many"), numeric=True),
    Column("信用額度", "CREDIT_LIMIT", _SENSITIVE,
           Text("新臺幣元；年收入 × 對數常態倍數（中位 0.25），信用差者減半",
                "NTD; income times a log-normal factor (median 0.25), halved for weak credit"),
           numeric=True),
    Column("負債比", "CREDIT_RATING", _SENSITIVE,
           Text("月還款占月收入比，Beta 分配，平均隨信用弱點升高",
                "monthly payments over monthly income; beta, mean rises with weak credit"),
           numeric=True),
    Column("逾期次數", "CREDIT_REPAYMENT", _SENSITIVE,
           Text("近一年逾期次數，Poisson，平均隨信用弱點升高",
                "late payments in a year; Poisson, mean rises with weak credit"), numeric=True),
    Column("公司統編", "TW_BUSINESS_ID", _QUASI,
           Text("任職公司統一編號，檢查碼正確；約每 6 人一家公司",
                "employer's business number, checksum right; about one company per 6 people")),
    Column("公司名稱", "ORGANISATION", _QUASI, Text("虛構公司", "invented companies")),
    Column("帳號", "BANK_ACCOUNT", _DIRECT,
           Text("銀行代碼 3 碼－帳號 14 碼", "bank code of 3 digits, account of 14")),
    Column("申請日期", "DATE", _NONE,
           Text("西元，2023-01-01 至 2025-12-31 均勻", "Gregorian, uniform over 2023 to 2025")),
    Column("客服備註", "FREE_TEXT", Role.FREE_TEXT,
           Text("自由文字，約六成提到個人資料，其餘沒有；另有像識別碼而不是的號碼",
                "free text; six in ten mention personal data; numbers that only look like it")),
    Column("違約", "CREDIT_DEFAULT", _SENSITIVE,
           Text("目標：0 或 1，由 money.default_logit 的羅吉斯模型加雜訊抽出",
                "target: 0 or 1, drawn from the noisy logistic model money.default_logit"),
           numeric=True),
)  # fmt: skip

LOANS: Final = (
    Column("申請編號", "RECORD_ID", _DIRECT, Text("L＋10 位數", "L and 10 digits")),
    Column("客戶編號", "RECORD_ID", _DIRECT, Text("對應 customers", "refers to customers")),
    Column("出生日期", "DATE_OF_BIRTH", _QUASI, Text("西元 ISO 日期", "Gregorian ISO date")),
    Column("產品", "CATEGORY", _NONE,
           Text("信用貸款 55%、汽車貸款 25%、房屋貸款 20%",
                "personal loan 55%, car loan 25%, mortgage 20%")),
    Column("申請金額", "TRANSACTION", _SENSITIVE,
           Text("年收入 × 產品倍數 × 對數常態", "income times a factor of the product, log-normal"),
           numeric=True),
    Column("期數", "NUMBER", _NONE, Text("月", "months"), numeric=True),
    Column("年利率", "NUMBER", _NONE,
           Text("百分比；產品基準加信用弱點加碼", "per cent; base of the product plus a risk margin"),
           numeric=True),
    Column("申請日期", "DATE", _NONE, Text("西元 ISO 日期", "Gregorian ISO date")),
    Column("撥款帳號", "BANK_ACCOUNT", _DIRECT, Text("與客戶帳號相同", "the customer's account")),
    Column("核准", "CATEGORY", _NONE,
           Text("Y 或 N，信用弱點越高越少核准", "Y or N, less often with weak credit")),
)  # fmt: skip
