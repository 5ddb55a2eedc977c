"""Labelled tables of our own, made by a seeded script: other headers and other values than the peers'.

Six registers (clinic, school, shop, factory, court, telecom), each under Chinese, English and
meaningless headers. The generators, their spellings and their look-alikes (order numbers, versions,
prices, times, serials, tracking numbers) were written before the detector was run on them; names
are a short list written by hand, not the public statistics that the detector knows.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from anping.core.taiwan import divisions

ROWS = 300
#: What the columns are called: by a Chinese word, an English one, or nothing.
HEADERS = ("zh", "en", "none")

Draw = random.Random
Maker = Callable[[Draw, int], str]

_SURNAMES = "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾游詹胡施沈余盧梁趙顏柯翁魏孫戴"
_GIVEN = [
    "承恩",
    "品妤",
    "冠廷",
    "詠晴",
    "柏翰",
    "思妤",
    "宥廷",
    "子晴",
    "家豪",
    "淑芬",
    "美惠",
    "志明",
    "俊傑",
    "雅婷",
    "怡君",
    "宗翰",
    "佩珊",
    "建宏",
    "麗華",
    "秀英",
    "文雄",
    "國強",
    "玉蘭",
    "金龍",
    "阿水",
    "罔市",
    "筱涵",
    "彥廷",
    "宜庭",
    "佳穎",
    "振宇",
    "哲瑋",
    "依潔",
    "欣怡",
    "明哲",
    "孟儒",
    "珮瑜",
    "育誠",
    "昱翔",
    "芷瑄",
]
_ROMAN = [
    "Chen,Chih-Ming",
    "Lin,Mei-Hui",
    "Wang,Hsiao-Ming",
    "Huang,Ya-Ting",
    "Lee,Chia-Hao",
    "Wu,Pei-Shan",
    "Tsai,Yi-Chun",
    "Hsu,Kuan-Ting",
    "Cheng,Shu-Fen",
    "Liao,Po-Han",
]
_ROADS = ("民生東路", "建國北路", "四維三路", "文心南路", "光復路", "中華路", "三民路", "博愛街")
_MAILS = ("gmail.com", "yahoo.com.tw", "msa.hinet.net", "outlook.com", "school.edu.tw")
_ICD = ("E11.9", "I10", "J45.901", "K21.9", "M54.5", "F32.9", "N18.3", "J06.9", "H25.9", "E78.5")
_DRUGS = ("Metformin 500mg", "Amlodipine 5mg", "普拿疼 500mg", "Aspirin 100mg", "Omeprazole 20mg")
_COMPLAINTS = (
    "發燒三天，喉嚨痛，由母親陪同就診。",
    "血壓控制不佳，調整用藥，兩週後回診。",
    "右膝疼痛，爬樓梯加劇；建議復健。",
    "病人{name}表示夜間咳嗽，聯絡電話 {phone}。",
    "追蹤糖化血色素，家屬{name}詢問飲食，已衛教。",
)
_REMARKS = (
    "請週末配送，收件人{name}，電話 {phone}。",
    "管理員代收即可，謝謝。",
    "商品有刮傷，要求換貨，已回覆客戶。",
    "發票請寄 {name} 信箱。",
    "Please call {phone} before delivery, ask for {name}.",
)
_REASONS = ("竊盜", "詐欺", "公共危險", "傷害", "毒品", "偽造文書")
_LETTERS = {letter: value for value, letter in enumerate("ABCDEFGHJKLMNPQRSTUVXYWZIO", start=10)}


@dataclass(frozen=True, slots=True)
class Made:
    """A table's columns (header to cells) and the true semantic type of each."""

    name: str
    headers: str
    cells: dict[str, list[str]]
    types: dict[str, str]


def _digits(draw: Draw, length: int) -> str:
    return "".join(draw.choices("0123456789", k=length))


def name(draw: Draw, row: int) -> str:
    del row
    return draw.choice(_SURNAMES) + draw.choice(_GIVEN)


def _roman(draw: Draw, row: int) -> str:
    del row
    family, given = draw.choice(_ROMAN).split(",")
    return f"{given} {family}"


def identity(draw: Draw, row: int, *, second: str = "12") -> str:
    del row
    letter, sex, rest = draw.choice("ABDEFHJKNTPQ"), draw.choice(second), _digits(draw, 7)
    value = _LETTERS[letter]
    body = [int(sex), *map(int, rest)]
    total = (
        value // 10
        + 9 * (value % 10)
        + sum(d * w for d, w in zip(body, range(8, 0, -1), strict=True))
    )
    return f"{letter}{sex}{rest}{-total % 10}"


def mobile(draw: Draw, row: int) -> str:
    tail = _digits(draw, 8)
    return (
        f"09{tail}",
        f"09{tail[:2]} {tail[2:5]} {tail[5:]}",
        f"+886 9{tail[:2]}-{tail[2:5]}-{tail[5:]}",
    )[row % 3]


def landline(draw: Draw, row: int) -> str:
    head = draw.choice("2345678")
    return (f"(02){head}{_digits(draw, 3)}-{_digits(draw, 4)}", f"04-{'2'}{head}{_digits(draw, 2)}-{_digits(draw, 4)}",
            f"07-{head}{_digits(draw, 6)}")[row % 3]  # fmt: skip


def born(draw: Draw, row: int, *, style: str = "roc") -> str:
    del row
    day = date(1936, 1, 1) + timedelta(days=draw.randrange(80 * 365))
    if style == "roc":
        return f"{max(1, day.year - 1911):03d}{day:%m%d}"
    return (
        f"民國{max(1, day.year - 1911)}年{day.month}月{day.day}日"
        if style == "words"
        else f"{day:%Y/%m/%d}"
    )


def _recent(draw: Draw, row: int, *, form: str = "%Y-%m-%d") -> str:
    del row
    day = date(2023, 1, 1) + timedelta(days=draw.randrange(900))
    return f"{day:{form}}" + (
        f" {draw.randrange(24):02d}:{draw.randrange(60):02d}:{draw.randrange(60):02d}"
        if ":" in form
        else ""
    )


def address(draw: Draw, row: int) -> str:
    del row
    place = draw.choice(divisions())
    section = draw.choice(("", "一段", "二段"))
    return f"{place.county}{place.township}{draw.choice(_ROADS)}{section}{draw.randrange(1, 400)}號{draw.choice(('', '3樓', '5樓之2'))}"


def township(draw: Draw, row: int) -> str:
    del row
    place = draw.choice(divisions())
    return place.county + place.township


def _postal(draw: Draw, row: int) -> str:
    del row
    return draw.choice(divisions()).postal_code


def mail(draw: Draw, row: int) -> str:
    return f"{draw.choice(('amy', 'kevin', 'ting', 'hsu', 'lin'))}{row}{draw.choice('._-')}{_digits(draw, 2)}@{draw.choice(_MAILS)}"


def business(draw: Draw, row: int) -> str:
    del row
    while True:
        digits = [draw.randrange(10) for _ in range(8)]
        products = [d * w for d, w in zip(digits, (1, 2, 1, 2, 1, 2, 4, 1), strict=True)]
        total = sum(p // 10 + p % 10 for p in products)
        if total % 5 == 0 and any(digits):
            return "".join(map(str, digits))


def _card(draw: Draw, row: int) -> str:
    body = draw.choice(("4", "52", "55")) + _digits(draw, 15)
    body = body[:15]
    total = sum((2 * d - 9 * (d > 4)) if n % 2 == 0 else d for n, d in enumerate(map(int, body)))
    number = body + str(-total % 10)
    return number if row % 2 else "-".join(number[at : at + 4] for at in range(0, 16, 4))


def plate(draw: Draw, row: int) -> str:
    letters = "".join(draw.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=3))
    return f"{letters}-{_digits(draw, 4)}" if row % 3 else f"{_digits(draw, 4)}-{letters[:2]}"


def _address_of(draw: Draw, row: int, *, private: bool) -> str:
    del row
    if private:
        return f"192.168.{draw.randrange(4)}.{draw.randrange(1, 255)}"
    return f"{draw.choice((36, 61, 111, 114, 220))}.{draw.randrange(256)}.{draw.randrange(256)}.{draw.randrange(1, 255)}"


def _mac(draw: Draw, row: int) -> str:
    del row
    return (
        "".join(draw.choices("0123456789abcdef", k=4))
        + "."
        + ".".join("".join(draw.choices("0123456789abcdef", k=4)) for _ in range(2))
    )


def _imei(draw: Draw, row: int) -> str:
    del row
    body = "35" + _digits(draw, 12)
    total = sum((2 * d - 9 * (d > 4)) if n % 2 else d for n, d in enumerate(map(int, body)))
    return body + str(-total % 10)


def account(draw: Draw, row: int) -> str:
    bank = draw.choice(("004", "012", "700", "808", "822"))
    return f"{bank}-{_digits(draw, (12, 14, 12, 13)[row % 4])}"


def text(draw: Draw, row: int, *, templates: tuple[str, ...]) -> str:
    return draw.choice(templates).format(name=name(draw, row), phone=mobile(draw, 0))


def _age(draw: Draw, row: int, *, low: int = 1, high: int = 95) -> str:
    del row
    return str(round(draw.triangular(low, high, low + (high - low) * 0.45)))


def whole(draw: Draw, row: int, *, low: int, high: int, step: int = 1) -> str:
    del row
    return str(draw.randrange(low, high, step))


def fraction(
    draw: Draw, row: int, *, low: float, high: float, digits: int = 1, form: str = "{}"
) -> str:
    del row
    return form.format(f"{draw.uniform(low, high):,.{digits}f}")


def _one_of(draw: Draw, row: int, *, words: tuple[str, ...]) -> str:
    del row
    return draw.choice(words)


def _numbered(draw: Draw, row: int, *, form: str) -> str:
    return form.format(
        row=row,
        day=_recent(draw, row, form="%Y%m%d"),
        digits=_digits(draw, 8),
        four=_digits(draw, 4),
    )


def _hex(draw: Draw, row: int, *, length: int) -> str:
    del row
    return "".join(draw.choices("0123456789abcdef", k=length))


def _version(draw: Draw, row: int, *, parts: int) -> str:
    del row
    return ".".join(str(draw.randrange(12)) for _ in range(parts))


def words(*words: str) -> Maker:
    return partial(_one_of, words=words)


def numbered(form: str) -> Maker:
    """Return a maker of codes of a form."""
    return partial(_numbered, form=form)


Columns = tuple[tuple[str, str, str, Maker], ...]

#: By register: the Chinese header, the English one, the true type (NONE: nothing personal), the maker.
REGISTERS: dict[str, Columns] = {
    "clinic": (
        ("就診者", "pt_name", "PERSON_NAME", name),
        ("身分證統編", "pt_idno", "TW_NATIONAL_ID", identity),
        ("出生年月", "birth_ymd", "DATE_OF_BIRTH", born),
        ("病歷代碼", "chart_id", "MEDICAL_RECORD_NO", numbered("{digits}")),
        ("生理性別", "sex_code", "GENDER", words("M", "F")),
        ("居住行政區", "home_district", "ADDRESS_PART", township),
        ("主要診斷碼", "dx_code", "DIAGNOSIS", words(*_ICD)),
        ("開立藥品", "rx_drug", "MEDICAL_TREATMENT", words(*_DRUGS)),
        ("收縮壓值", "sbp_mmhg", "HEALTH_CHECK", partial(whole, low=90, high=190)),
        ("血型別", "abo_type", "BLOOD_TYPE", words("A", "B", "O", "AB", "O", "A")),
        ("看診時刻", "visited_on", "NONE", partial(_recent, form="%Y-%m-%d %H:")),
        ("掛號流水", "reg_seq", "NONE", numbered("{row:05d}")),
        ("掛號費", "reg_fee", "NONE", words("50", "100", "150", "200")),
        ("病程描述", "soap_text", "FREE_TEXT", partial(text, templates=_COMPLAINTS)),
    ),
    "school": (
        ("學生姓名", "student_name", "PERSON_NAME", name),
        ("英文名字", "roman_name", "PERSON_NAME", _roman),
        ("學籍號", "student_no", "NONE", numbered("B11{four}{row:03d}")),
        ("家長手機", "parent_cell", "PHONE", mobile),
        ("住家電話", "home_tel", "PHONE", landline),
        ("戶籍住址", "registered_address", "ADDRESS_FULL", address),
        ("生日(國曆)", "bday", "DATE_OF_BIRTH", partial(born, style="words")),
        ("班級", "homeroom", "NONE", words("一年甲班", "二年三班", "三年乙班", "六年一班")),
        ("學期成績", "term_score", "NONE", partial(fraction, low=40, high=100)),
        ("曠課節數", "absences", "NONE", partial(whole, low=0, high=12)),
        ("原住民身分", "indigenous_group", "ETHNICITY", words("阿美族", "泰雅族", "排灣族", "無", "布農族")),
        ("父親學歷", "father_degree", "EDUCATION", words("大學", "高中職", "碩士", "國中", "專科")),
        ("導師評語", "teacher_remark", "FREE_TEXT", partial(text, templates=(
            "上課認真，樂於助人，數學可再加強。", "本學期由家長{name}接送，{phone}為緊急聯絡方式。",
            "與同學相處融洽；作業偶有遲交。"))),
        ("信箱帳號", "mail_account", "EMAIL", mail),
    ),
    "shop": (
        ("訂購人", "buyer", "PERSON_NAME", name),
        ("訂單號", "order_number", "NONE", numbered("S{day}{four}")),
        ("寄送地址", "ship_to", "ADDRESS_FULL", address),
        ("收件郵區", "ship_zip", "ADDRESS_PART", _postal),
        ("取貨手機", "pickup_mobile", "PHONE", mobile),
        ("會員信箱", "member_email", "EMAIL", mail),
        ("付款卡號", "paid_card", "CREDIT_CARD", _card),
        ("雲端載具", "inv_carrier", "EINVOICE_CARRIER", lambda d, _: "/" + "".join(d.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789+-.", k=7))),
        ("宅配單號", "parcel_no", "NONE", numbered("90{digits}{four}")),
        ("商品條碼", "ean13", "NONE", numbered("4710{digits}7")),
        ("售價", "list_price", "NONE", partial(fraction, low=50, high=30000, digits=0, form="NT${}")),
        ("件數", "pcs", "NONE", partial(whole, low=1, high=30)),
        ("下單時間", "ordered_ts", "NONE", numbered("17{digits}")),
        ("買家留言", "buyer_message", "FREE_TEXT", partial(text, templates=_REMARKS)),
    ),
    "factory": (
        ("作業員", "operator_name", "PERSON_NAME", name),
        ("員編", "badge", "NONE", numbered("E{row:06d}")),
        ("居留證字號", "arc_id", "TW_RESIDENT_ID", partial(identity, second="89")),
        ("原屬國", "home_country", "NATIONALITY", words("越南", "印尼", "菲律賓", "泰國")),
        ("實領薪", "net_pay", "INCOME", partial(whole, low=27000, high=60000, step=500)),
        ("薪轉戶頭", "payroll_acct", "BANK_ACCOUNT", account),
        ("機台序號", "machine_sn", "NONE", numbered("SN-{four}-{digits}")),
        ("韌體版號", "fw_ver", "NONE", partial(_version, parts=4)),
        ("控制器位址", "plc_ip", "IP_ADDRESS", partial(_address_of, private=True)),
        ("網卡位置", "nic_mac", "MAC_ADDRESS", _mac),
        ("爐溫", "furnace_c", "NONE", partial(fraction, low=600, high=900, digits=2)),
        ("批號", "lot", "NONE", numbered("L{day}-{four}")),
        ("良率", "yield_pct", "NONE", partial(fraction, low=80, high=99.9, form="{}%")),
        ("供應商統編", "supplier_ban", "TW_BUSINESS_ID", business),
    ),
    "court": (
        ("當事人", "party", "PERSON_NAME", name),
        ("案號字別", "docket", "NONE", lambda d, r: f"{d.randrange(108, 115)}年度{d.choice(('訴', '易', '簡'))}字第{r + 1}號"),
        ("國民身分證號", "citizen_id", "TW_NATIONAL_ID", identity),
        ("案由", "charge", "CRIMINAL_RECORD", words(*_REASONS)),
        ("送達處所", "service_address", "ADDRESS_FULL", address),
        ("涉案車輛", "vehicle_tag", "VEHICLE_PLATE", plate),
        ("護照字號", "passport_id", "TW_PASSPORT", numbered("3{digits}")),
        ("開庭日", "hearing_on", "NONE", partial(_recent, form="%Y.%m.%d")),
        ("出生日", "born_on", "DATE_OF_BIRTH", partial(born, style="slash")),
        ("婚姻別", "marital_code", "MARITAL_STATUS", words("已婚", "未婚", "離婚", "喪偶")),
        ("從事工作", "occupation_desc", "OCCUPATION", words("工程師", "司機", "服務業", "學生", "無業", "教師")),
        ("裁判費", "court_fee", "NONE", partial(whole, low=1000, high=90000)),
        ("卷宗頁數", "pages", "NONE", partial(whole, low=3, high=900)),
        ("筆錄", "transcript", "FREE_TEXT", partial(text, templates=(
            "被告{name}稱當日不在場，證人到庭具結後陳述。", "檢察官聲請調閱通聯紀錄 {phone}，准許之。",
            "本件候核辦，兩造均無意見。"))),
    ),
    "telecom": (
        ("用戶名", "subscriber", "PERSON_NAME", name),
        ("門號", "msisdn", "PHONE", lambda d, _: "8869" + _digits(d, 8)),
        ("手機序號", "imei", "DEVICE_ID", _imei),
        ("上網位址", "wan_ip", "IP_ADDRESS", partial(_address_of, private=False)),
        ("歲數", "age_yrs", "AGE", partial(_age, low=16, high=92)),
        ("帳寄縣市", "billing_city", "ADDRESS_PART", words(*{d.county for d in divisions()})),
        ("月租費", "plan_fee", "NONE", words("199", "399", "599", "999", "1399")),
        ("通話秒數", "call_secs", "NONE", partial(whole, low=1, high=7200)),
        ("基地台代碼", "cell_id", "NONE", numbered("466-92-{four}")),
        ("連線雜湊", "session_sha", "NONE", partial(_hex, length=40)),
        ("方案", "tariff", "NONE", words("4G吃到飽", "5G 輕速", "預付卡")),
        ("聯絡信箱", "e_mail_addr", "EMAIL", mail),
        ("建檔時戳", "created_epoch", "NONE", numbered("16{digits}")),
        ("軟體版本", "app_version", "NONE", partial(_version, parts=3)),
    ),
}  # fmt: skip


def made_tables(seed: int = 41) -> tuple[Made, ...]:
    """Return every register under every kind of header, ``ROWS`` rows each, some cells empty."""
    return made_of(REGISTERS, seed)


def made_of(registers: Mapping[str, Columns], seed: int) -> tuple[Made, ...]:
    """Return the tables of some registers."""
    made = []
    for register, columns in registers.items():
        for headers in HEADERS:
            # Text seeds are digested, so they are the same in every process.
            draw = random.Random(f"{seed} {register} {headers}")
            cells, types = {}, {}
            for place, (zh, en, kind, maker) in enumerate(columns, start=1):
                header = {"zh": zh, "en": en, "none": f"col_{place}"}[headers]
                missing = draw.choice((0.0, 0.0, 0.03, 0.1))
                values = [maker(draw, row) for row in range(ROWS)]
                cells[header] = ["" if draw.random() < missing else value for value in values]
                types[header] = kind
            made.append(Made(register, headers, cells, types))
    return tuple(made)
