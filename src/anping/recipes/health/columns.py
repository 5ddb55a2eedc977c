"""The columns of the hospital sample: what each means, what it can do to a person, how drawn."""

from __future__ import annotations

from typing import Final

from anping.core.columns import Role
from anping.core.text import Text
from anping.recipes.sample.cells import Column

_DIRECT, _QUASI = Role.DIRECT_IDENTIFIER, Role.QUASI_IDENTIFIER
_SPECIAL, _NONE = Role.SPECIAL_CATEGORY, Role.NONE

_RECORD: Final = Column("病歷號", "MEDICAL_RECORD_NO", _DIRECT,
    Text("10 位數；重複建檔者另有一號", "10 digits; a person entered twice has two"))  # fmt: skip
_NAME: Final = Column("姓名", "PERSON_NAME", _DIRECT,
    Text("姓氏、名字依內政部姓名統計權重抽出；4% 為外籍人士姓名",
         "surnames and given names by Ministry of the Interior weights; 4% foreign residents"))  # fmt: skip
_IDENTITY: Final = Column("身分證字號", "TW_NATIONAL_ID", _DIRECT,
    Text("國民身分證或（4%）新、舊式統一證號，檢查碼正確；1% 故意打錯",
         "national ID or (4%) new or old resident certificate, checksums right; 1% mistyped"))  # fmt: skip
_CARD: Final = Column("健保卡號", "TW_NHI_CARD", _DIRECT,
    Text("12 位數，前 4 碼為 0；2% 缺漏", "12 digits, the first 4 zero; 2% missing"))  # fmt: skip
_SEX: Final = Column("性別", "GENDER", _QUASI,
    Text("女性機率 0.51", "female with probability 0.51"))  # fmt: skip
_BLOOD: Final = Column("血型", "BLOOD_TYPE", _SPECIAL,
    Text("O 43.9%、A 26.3%、B 23.6%、AB 6.2%；5% 缺漏",
         "O 43.9%, A 26.3%, B 23.6%, AB 6.2%; 5% missing"))  # fmt: skip
_ADDRESS: Final = Column("地址", "ADDRESS_FULL", _DIRECT,
    Text("縣市依人口比例；臺／台、全形數字混用；1% 缺漏",
         "county by population; 臺 and 台, full-width digits mixed; 1% missing"))  # fmt: skip

VISITS: Final = (
    Column("住院號", "RECORD_ID", _DIRECT, Text("V＋10 位數，每次住院一號",
           "V and 10 digits, one for each admission")),
    _RECORD, _NAME, _IDENTITY, _CARD,
    Column("生日", "DATE_OF_BIRTH", _QUASI,
           Text("民國年為主，寫法混雜；年齡 20–94 歲，偏高齡（sample.HOSPITAL_AGES）",
                "mostly ROC years in mixed forms; ages 20–94, leaning old (sample.HOSPITAL_AGES)")),
    _SEX,
    Column("電話", "PHONE", _DIRECT,
           Text("七成手機、三成市話，寫法混雜；2% 缺漏",
                "seven in ten mobile, the rest landlines, mixed forms; 2% missing")),
    _ADDRESS, _BLOOD,
    Column("身高", "HEALTH_CHECK", _SPECIAL,
           Text("公分；常態，40 歲男 170、女 158，每年減 0.06，標準差 6；2% 缺漏",
                "cm; normal, men 170 and women 158 at 40, less 0.06 a year, sd 6; 2% missing"),
           numeric=True),
    Column("體重", "HEALTH_CHECK", _SPECIAL,
           Text("公斤；＝BMI × 身高²；2% 缺漏；0.4% 多一個零",
                "kg; BMI times height squared; 2% missing; 0.4% with a zero too many"),
           numeric=True),
    Column("BMI", "HEALTH_CHECK", _SPECIAL,
           Text("對數常態，中位 24.2，對數標準差 0.15", "log-normal, median 24.2, log sd 0.15"),
           numeric=True),
    Column("收縮壓", "HEALTH_CHECK", _SPECIAL,
           Text("mmHg；隨年齡與 BMI 升高，標準差 12", "mmHg; rises with age and BMI, sd 12"),
           numeric=True),
    Column("舒張壓", "HEALTH_CHECK", _SPECIAL,
           Text("mmHg；46 + 0.26 × 收縮壓，標準差 7", "mmHg; 46 + 0.26 systolic, sd 7"),
           numeric=True),
    Column("空腹血糖", "HEALTH_CHECK", _SPECIAL,
           Text("mg/dL；隨年齡與 BMI 升高，糖尿病住院 1.45 倍；4% 缺漏",
                "mg/dL; rises with age and BMI, 1.45 times for diabetes; 4% missing"),
           numeric=True),
    Column("總膽固醇", "HEALTH_CHECK", _SPECIAL,
           Text("mg/dL；常態 188，標準差 34；8% 缺漏", "mg/dL; normal 188, sd 34; 8% missing"),
           numeric=True),
    Column("吸菸", "HEALTH_CHECK", _SPECIAL,
           Text("是：男 0.26、女 0.04；已戒：男 0.18、女 0.02",
                "是 (now): men 0.26, women 0.04; 已戒 (former): men 0.18, women 0.02")),
    Column("診斷碼", "DIAGNOSIS", _SPECIAL,
           Text("ICD-10-CM，38 種，依年齡、性別加權（clinic.DIAGNOSES）",
                "ICD-10-CM, 38 codes, weighted by age and sex (clinic.DIAGNOSES)")),
    Column("診斷名稱", "DIAGNOSIS", _SPECIAL, Text("與診斷碼一致", "agrees with the code")),
    Column("用藥", "MEDICAL_TREATMENT", _SPECIAL,
           Text("依診斷一至兩種，以頓號分隔；2% 缺漏", "one or two by diagnosis; 2% missing")),
    Column("入院日期", "DATE", _NONE,
           Text("西元；首次住院在 2023-01-01 至 2025-10-31 均勻",
                "Gregorian; first admission uniform from 2023-01-01 to 2025-10-31")),
    Column("出院日期", "DATE", _NONE,
           Text("入院日＋住院天數（1＋伽瑪分配）", "admission plus the stay (1 + gamma)")),
    Column("過去住院次數", "MEDICAL_TREATMENT", _SPECIAL,
           Text("本資料中先前的住院次數", "earlier admissions within the data"), numeric=True),
    Column("主治醫師", "PERSON_NAME", _DIRECT, Text("40 位醫師", "40 doctors")),
    Column("病程紀錄", "FREE_TEXT", Role.FREE_TEXT,
           Text("中英夾雜的自由文字，約六成提到個人資料",
                "free text in Chinese with English; six in ten mention personal data")),
    Column("30日再入院", "MEDICAL_TREATMENT", _SPECIAL,
           Text("目標：0 或 1，由 clinic.readmission_logit 的羅吉斯模型加雜訊抽出",
                "target: 0 or 1, from the noisy logistic model clinic.readmission_logit"),
           numeric=True),
)  # fmt: skip

PATIENTS: Final = (
    _RECORD, _NAME, _IDENTITY, _CARD,
    Column("出生日期", "DATE_OF_BIRTH", _QUASI, Text("西元 ISO 日期", "Gregorian ISO date")),
    _SEX,
    Column("手機", "PHONE", _DIRECT, Text("六種寫法；8% 缺漏", "six forms; 8% missing")),
    Column("市話", "PHONE", _DIRECT,
           Text("依縣市區碼與碼長；35% 沒有", "area code and length by county; 35% have none")),
    Column("電子郵件", "EMAIL", _DIRECT,
           Text("保留網域（RFC 2606）；40% 缺漏", "reserved domains (RFC 2606); 40% missing")),
    _ADDRESS,
    Column("郵遞區號", "ADDRESS_PART", _QUASI,
           Text("三碼，與地址一致", "three digits, agrees with the address")),
    Column("護照號碼", "TW_PASSPORT", _DIRECT,
           Text("3 開頭 9 位數；一成有登錄", "9 digits from 3; one in ten has one on file")),
    Column("緊急聯絡人", "PERSON_NAME", _DIRECT, Text("親屬姓名", "a relative's name")),
    Column("關係", "FAMILY", Role.SENSITIVE, Text("與病人的關係", "relation to the patient")),
    Column("緊急聯絡電話", "PHONE", _DIRECT, Text("親屬手機", "the relative's mobile number")),
    _BLOOD,
)  # fmt: skip
