"""Two registers that no rule was tuned on: an insurer's policies and a city hall's applications.

They were written after the rules were; whoever tunes rules on them must write new ones.
"""

from __future__ import annotations

from functools import partial

from benchmarks.discover.made_tables import (
    Columns,
    Made,
    account,
    address,
    born,
    business,
    fraction,
    identity,
    landline,
    made_of,
    mail,
    mobile,
    name,
    numbered,
    plate,
    text,
    township,
    whole,
    words,
)

_REGISTERS: dict[str, Columns] = {
    "insurer": (
        ("要保者", "policyholder", "PERSON_NAME", name),
        ("要保者證件", "holder_doc", "TW_NATIONAL_ID", identity),
        ("保單碼", "policy_code", "NONE", numbered("P{day}{four}")),
        ("受扶養親屬", "dependant_kind", "FAMILY", words("配偶", "長子", "長女", "父親", "母親")),
        ("投保年紀", "entry_age", "AGE", partial(whole, low=18, high=80)),
        ("月繳保費", "monthly_premium", "NONE", partial(whole, low=300, high=9000)),
        ("繳費扣款帳戶", "debit_account", "BANK_ACCOUNT", account),
        ("行動聯絡", "reach_mobile", "PHONE", mobile),
        ("現居地", "living_at", "ADDRESS_FULL", address),
        ("罹病名稱", "illness", "DIAGNOSIS", words("高血壓", "第二型糖尿病", "氣喘", "乳癌", "痛風", "憂鬱症")),
        ("愛車號牌", "car_tag", "VEHICLE_PLATE", plate),
        ("核保註解", "uw_comment", "FREE_TEXT", partial(text, templates=(
            "要保人{name}有高血壓病史，建議加費承保。", "電訪 {phone}，本人確認告知事項無誤。",
            "文件齊備，標準體承保；無其他說明事項。"))),
        ("佣金率", "commission_pct", "NONE", partial(fraction, low=1, high=30, digits=2)),
        ("系統時戳", "sys_stamp", "NONE", numbered("2024-05-{row:02.0f}T08:15:{row:02.0f}Z")),
    ),
    "city hall": (
        ("申辦人", "filed_by", "PERSON_NAME", name),
        ("申辦案件碼", "filing_code", "NONE", numbered("113-{four}-{row:04d}")),
        ("誕生日", "natal_day", "DATE_OF_BIRTH", partial(born, style="roc")),
        ("白天聯絡電話", "daytime_phone", "PHONE", landline),
        ("電郵地址", "electronic_mail", "EMAIL", mail),
        ("所在里別區別", "precinct", "ADDRESS_PART", township),
        ("信仰別", "faith", "RELIGION", words("佛教", "道教", "基督教", "天主教", "無信仰")),
        ("支持政黨", "party_supported", "POLITICAL", words("國民黨", "民進黨", "民眾黨", "無黨籍")),
        ("代辦公司統編", "agent_gui", "TW_BUSINESS_ID", business),
        ("規費金額", "levy", "NONE", words("50", "100", "200", "500", "1200")),
        ("受理櫃檯", "counter", "NONE", words("1號櫃檯", "2號櫃檯", "3號櫃檯")),
        ("最高學歷別", "schooling", "EDUCATION", words("大學", "高中", "碩士", "國中", "專科")),
        ("承辦說明", "clerk_memo", "FREE_TEXT", partial(text, templates=(
            "{name}委託辦理，證件影本已核對。", "文件不全，已致電 {phone} 通知補件。",
            "依規定辦理完畢，發還正本。"))),
        ("處理工作天", "working_days", "NONE", partial(whole, low=1, high=45)),
    ),
}  # fmt: skip


def held_out_tables(seed: int = 43) -> tuple[Made, ...]:
    """Return the held-out registers under every kind of header."""
    return made_of(_REGISTERS, seed)
