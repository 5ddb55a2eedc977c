"""What fills the slots of the second corpus: identifiers in many writings, and look-alikes.

Numbers with a checksum are valid. Roads, domains and the writings of dates and telephones are lists
of this file, other than those of the samples. Nothing is taken from a person.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import numpy as np

from anping.core.taiwan import divisions
from anping.recipes.sample import identifiers
from anping.recipes.sample.draw import chance, digits, pick
from benchmarks.discover import second_corpus_names as people

_ROADS: Final = (
    "八德路", "松江路", "南京東路", "西園路", "龍江街", "景平路", "思源路", "莊敬路", "經國路", "英才路",
    "五權西路", "公益路", "崇善路", "裕農路", "九如路", "鼎山街", "廟前街", "寶慶街", "迪化街", "市府路",
    "工業九路", "科學大道", "縣民大道", "園區三路", "芝玉路",
)  # fmt: skip
_ROADS_EN: Final = (
    "Zhonghua W. Rd.",
    "Songjiang Rd.",
    "Dihua St.",
    "Xinsheng S. Rd.",
    "Wenxin Rd.",
)
_STREETS: Final = ("Rosewood Terrace", "Mill Lane", "Harbor Way", "Elm Street", "Kings Road")
_TOWNS: Final = ("Portland, OR 97201", "Ann Arbor, MI 48104", "Tampa, FL 33602", "Reno, NV 89501")
_DOMAINS: Final = ("mail.example", "corp.example", "school.example", "example.org", "post.example")
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_HAN: Final = "〇一二三四五六七八九"
_MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August",
                  "September", "October", "November", "December")  # fmt: skip
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVXYWZIO"

Draw = Callable[[np.random.Generator], str]


def _mobile(rng: np.random.Generator) -> str:
    number = f"09{digits(8, rng)}"
    a, b, c = number[:4], number[4:7], number[7:]
    forms = (f"{a}-{b}-{c}", f"{a}-{b}{c}", number, f"{a} {b} {c}", f"({a}){b}-{c}",
             f"+886-{a[1:]}-{b}-{c}", f"+886{a[1:]}{b}{c}", f"886-{a[1:]}-{b}{c}")  # fmt: skip
    return pick(forms, rng)


def _landline(rng: np.random.Generator) -> str:
    area, length, firsts = pick(
        (("02", 8, "2678"), ("03", 7, "345"), ("04", 8, "2"), ("049", 7, "2"), ("05", 7, "2567"),
         ("06", 7, "2567"), ("07", 7, "23567"), ("08", 7, "78"), ("089", 6, "23"), ("037", 6, "23")),
        rng,
    )  # fmt: skip
    local = pick(firsts, rng) + digits(length - 1, rng)
    head, tail = local[:-4], local[-4:]
    forms = (f"({area}) {head}-{tail}", f"({area}){local}", f"{area}-{head}{tail}",
             f"{area}-{head}-{tail}", f"{area} {head} {tail}", f"{area}{local}")  # fmt: skip
    extension = pick(("", "", "", f" 轉 {digits(3, rng)}", f"#{digits(3, rng)}"), rng)
    # The way "轉" is written is no part of the number: only "#" and 分機 belong to it.
    return pick(forms, rng) + (extension if extension.startswith("#") else "")


def _international(rng: np.random.Generator) -> str:
    area, local = f"{int(rng.integers(212, 979))}", f"{int(rng.integers(200, 999))}"
    last = digits(4, rng)
    forms = (f"+1 ({area}) {local}-{last}", f"({area}) {local}-{last}", f"{area}-{local}-{last}",
             f"+1-{area}-{local}-{last}", f"+44 20 7{digits(3, rng)} {last}",
             f"+81-90-{digits(4, rng)}-{last}")  # fmt: skip
    return pick(forms, rng)


def _born(rng: np.random.Generator) -> date:
    return date(1940, 1, 1) + timedelta(days=int(rng.integers(365 * 70)))


def _recent(rng: np.random.Generator) -> date:
    return date(2023, 1, 1) + timedelta(days=int(rng.integers(365 * 3)))


def _numeral(value: int) -> str:
    tens, ones = divmod(value, 10)
    if value < 10:
        return _HAN[value]
    return ("" if tens == 1 else _HAN[tens]) + "十" + (_HAN[ones] if ones else "")


def _roc_numeral(value: int) -> str:
    hundreds, rest = divmod(value, 100)
    if not hundreds:
        return _numeral(rest)
    return "一百" + (("零" + _HAN[rest]) if 0 < rest < 10 else "一十" if rest == 10 else
                     ("一" if 10 < rest < 20 else "") + _numeral(rest) if rest else "")  # fmt: skip


def _written(day: date, rng: np.random.Generator) -> str:
    roc = day.year - 1911
    forms = (
        f"{roc}年{day.month}月{day.day}日", f"民國{roc}年{day.month:02d}月{day.day:02d}日",
        f"{roc}/{day.month:02d}/{day.day:02d}", f"{roc}.{day.month}.{day.day}",
        f"{day.year}/{day.month}/{day.day}", f"{day:%Y-%m-%d}", f"{day.year}年{day.month}月{day.day}日",
        f"中華民國 {roc} 年 {day.month} 月 {day.day} 日", f"{day.year}.{day.month:02d}.{day.day:02d}",
    )  # fmt: skip
    if chance(0.05, rng):
        return f"民國{_roc_numeral(roc)}年{_numeral(day.month)}月{_numeral(day.day)}日"
    return pick(forms, rng)


def _written_english(day: date, rng: np.random.Generator) -> str:
    month = _MONTHS[day.month - 1]
    forms = (f"{month} {day.day}, {day.year}", f"{day.day} {month[:3]} {day.year}",
             f"{day:%Y-%m-%d}", f"{day:%m/%d/%Y}", f"{month[:3]} {day.day}, {day.year}")  # fmt: skip
    return pick(forms, rng)


def _address(rng: np.random.Generator) -> str:
    home = pick(divisions(), rng)
    county = home.county.replace("臺", pick("臺台", rng))
    post = pick(("", "", "", home.postal_code, home.postal_code + digits(3, rng)), rng)
    number = int(rng.integers(1, 400))
    village = f"{pick(('永和', '福星', '水源', '大湖'), rng)}里{int(rng.integers(1, 30))}鄰"
    street = pick(_ROADS, rng)
    street += pick(("", "", f"{pick('一二三四', rng)}段", f"{int(rng.integers(1, 5))}段"), rng)
    street += pick(("", "", f"{int(rng.integers(1, 400))}巷"), rng)
    if street.endswith("巷"):
        street += pick(("", f"{int(rng.integers(1, 60))}弄"), rng)
    house = pick((f"{number}號", f"{number}號", f"{number}之{int(rng.integers(1, 9))}號"), rng)
    floor = int(rng.integers(2, 25))
    level = pick(("", "", f"{floor}樓", f"{floor}樓之{int(rng.integers(1, 9))}", f"{floor}F",
                  f"{_numeral(floor)}樓", f"{floor}樓{int(rng.integers(1, 30)):02d}室"), rng)  # fmt: skip
    return post + county + home.township + pick(("", "", village), rng) + street + house + level


def _address_english(rng: np.random.Generator) -> str:
    if chance(0.5, rng):
        flat = pick(("", "", f", Apt {int(rng.integers(1, 60))}"), rng)
        street = pick(_STREETS, rng)
        return f"{int(rng.integers(1, 900))} {street}{flat}, {pick(_TOWNS, rng)}"
    home = pick(divisions(), rng)
    lane = pick(("", f"Ln. {int(rng.integers(1, 300))}, "), rng)
    floor = pick(("", f"{int(rng.integers(2, 20))}F, "), rng)
    return (
        f"{floor}No. {int(rng.integers(1, 400))}, {lane}{pick(_ROADS_EN, rng)}, {home.township_en}, "
        f"{home.county_en} {home.postal_code}, Taiwan (R.O.C.)"
    )


def _letters(count: int, rng: np.random.Generator, kinds: str = string.ascii_uppercase) -> str:
    return "".join(pick(kinds, rng) for _ in range(count))


def _email(rng: np.random.Generator) -> str:
    name = _letters(int(rng.integers(3, 8)), rng, string.ascii_lowercase)
    tail = pick(("", f".{_letters(4, rng, string.ascii_lowercase)}", digits(2, rng), "_tw"), rng)
    return f"{name}{tail}@{pick(_DOMAINS, rng)}"


def _iban(rng: np.random.Generator) -> str:
    country, body = pick((("DE", digits(18, rng)), ("FR", digits(11, rng) + digits(12, rng)),
                          ("GB", _letters(4, rng) + digits(14, rng))), rng)  # fmt: skip
    spelled = "".join(str(int(character, 36)) for character in f"{body}{country}00")
    whole = f"{country}{98 - int(spelled) % 97:02d}{body}"
    if chance(0.5, rng):
        return whole
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def _crypto(rng: np.random.Generator) -> str:
    if chance(0.4, rng):
        return f"0x{_letters(40, rng, '0123456789abcdef')}"
    body = b"\x00" + rng.bytes(20)
    body += hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4]
    value, text = int.from_bytes(body, "big"), ""
    while value:
        value, rest = divmod(value, 58)
        text = _BASE58[rest] + text
    return "1" + text


def _identity(rng: np.random.Generator) -> str:
    letter = pick(_LETTERS, rng)
    number = identifiers.national_id(letter, pick(("M", "F"), rng), rng)
    return number if chance(0.94, rng) else number.lower()


def _resident(rng: np.random.Generator) -> str:
    issue = identifiers.resident_id if chance(0.7, rng) else identifiers.old_resident_id
    return issue(pick(_LETTERS, rng), pick(("M", "F"), rng), rng)


def _card(rng: np.random.Generator) -> str:
    number, gap = identifiers.credit_card(rng), pick(("", "-", " "), rng)
    return gap.join(number[at : at + 4] for at in range(0, 16, 4))


def _account(rng: np.random.Generator) -> str:
    bank, number = identifiers.BANKS.one(rng), digits(int(rng.integers(11, 15)), rng)
    return pick((f"{bank}-{number}", f"({bank}){number}", f"{bank} {number}",
                 f"{number[:4]}-{number[4:6]}-{number[6:]}", number), rng)  # fmt: skip


def _ip(rng: np.random.Generator) -> str:
    if chance(0.15, rng):
        return f"2001:db8:{_letters(4, rng, '123456789abcdef')}::{_letters(3, rng, '123456789abc')}"
    parts = [int(rng.integers(11, 223)), *(int(rng.integers(256)) for _ in range(3))]
    return ".".join(map(str, parts))


def _mac(rng: np.random.Generator) -> str:
    pairs = [_letters(2, rng, "0123456789abcdef") for _ in range(6)]
    return pick((":", "-"), rng).join(pairs).upper() if chance(0.5, rng) else ":".join(pairs)


def _medical(rng: np.random.Generator) -> str:
    return pick(
        (digits(8, rng), f"{int(rng.integers(1, 9))}{digits(6, rng)}", f"M{digits(7, rng)}"), rng
    )


def _line(rng: np.random.Generator) -> str:
    return _letters(int(rng.integers(4, 9)), rng, string.ascii_lowercase) + pick(
        (digits(3, rng), f"_{digits(2, rng)}", ".tw", ""), rng
    )


def _password(rng: np.random.Generator) -> str:
    return f"{_letters(1, rng)}{_letters(5, rng, string.ascii_lowercase)}{digits(3, rng)}{pick('!#*', rng)}"


def _key(rng: np.random.Generator) -> str:
    mixed = string.ascii_letters + string.digits
    return pick((f"ghp_{_letters(36, rng, mixed)}", f"AKIA{_letters(16, rng)}",
                 f"sk-proj-{_letters(40, rng, mixed)}", f"glpat-{_letters(20, rng, mixed)}"), rng)  # fmt: skip


def _plate(rng: np.random.Generator) -> str:
    plate = identifiers.licence_plate(rng)
    return plate if chance(0.9, rng) else plate.replace("-", "")


def _record(rng: np.random.Generator) -> str:
    return pick((digits(6, rng), f"C{digits(7, rng)}", f"{_letters(2, rng)}{digits(8, rng)}"), rng)


def _secret_page(rng: np.random.Generator) -> str:
    return f"https://{pick(_DOMAINS, rng)}/u/{digits(5, rng)}?v={digits(2, rng)}"


def _price(rng: np.random.Generator) -> str:
    amount = int(rng.integers(100, 9_000_000))
    return pick((f"{amount:,}", str(amount), f"{amount:,}.00"), rng)


def _stamp(rng: np.random.Generator) -> str:
    return f"{_recent(rng):%Y-%m-%d}T{_clock(rng)}:{int(rng.integers(60)):02d}Z"


def _clock(rng: np.random.Generator) -> str:
    return f"{int(rng.integers(24)):02d}:{int(rng.integers(60)):02d}"


def _order(rng: np.random.Generator) -> str:
    return pick((digits(10, rng), f"SO{digits(9, rng)}", f"{_recent(rng):%Y%m%d}{digits(6, rng)}",
                 f"TW-{digits(4, rng)}-{digits(6, rng)}"), rng)  # fmt: skip


def _hexadecimal(lengths: tuple[int, ...], rng: np.random.Generator) -> str:
    return "-".join(_letters(length, rng, "0123456789abcdef") for length in lengths)


#: What identifies, by slot: the type, and how a value is drawn.
TELLING: Final[dict[str, tuple[str, Draw]]] = {
    "name": ("PERSON_NAME", people.chinese),
    "ename": ("PERSON_NAME", people.english),
    "indigenous": ("PERSON_NAME", people.indigenous),
    "org": ("ORGANISATION", people.organisation),
    "id": ("TW_NATIONAL_ID", _identity),
    "licence": ("TW_DRIVER_LICENSE", _identity),
    "arc": ("TW_RESIDENT_ID", _resident),
    "passport": ("TW_PASSPORT", identifiers.passport),
    "nhi": ("TW_NHI_CARD", identifiers.health_card),
    "mrn": ("MEDICAL_RECORD_NO", _medical),
    "mobile": ("PHONE", _mobile),
    "landline": ("PHONE", _landline),
    "intl": ("PHONE", _international),
    "email": ("EMAIL", _email),
    "url": ("URL", _secret_page),
    "ip": ("IP_ADDRESS", _ip),
    "mac": ("MAC_ADDRESS", _mac),
    "card": ("CREDIT_CARD", _card),
    "account": ("BANK_ACCOUNT", _account),
    "iban": ("BANK_ACCOUNT", _iban),
    "ubn": ("TW_BUSINESS_ID", identifiers.business_number),
    "plate": ("VEHICLE_PLATE", _plate),
    "carrier": ("EINVOICE_CARRIER", lambda rng: f"/{_letters(7, rng, string.digits + _LETTERS)}"),
    "donation": ("EINVOICE_DONATION_CODE", lambda rng: digits(int(rng.integers(3, 7)), rng)),
    "cert": ("TW_CITIZEN_CERTIFICATE", lambda rng: _letters(2, rng) + digits(14, rng)),
    "line": ("LINE_ID", _line),
    "secret": ("SECRET", _password),
    "secretkey": ("SECRET", _key),
    "crypto": ("CRYPTO_ADDRESS", _crypto),
    "ssn": (
        "US_SSN",
        lambda rng: (
            f"{int(rng.integers(101, 665))}-{int(rng.integers(10, 99))}-{int(rng.integers(1000, 9999))}"
        ),
    ),
    "record": ("RECORD_ID", _record),
    "zip": ("ADDRESS_PART", lambda rng: pick(divisions(), rng).postal_code),
    "dob": ("DATE_OF_BIRTH", lambda rng: _written(_born(rng), rng)),
    "edob": ("DATE_OF_BIRTH", lambda rng: _written_english(_born(rng), rng)),
    "date": ("DATE", lambda rng: _written(_recent(rng), rng)),
    "edate": ("DATE", lambda rng: _written_english(_recent(rng), rng)),
    "address": ("ADDRESS_FULL", _address),
    "eaddress": ("ADDRESS_FULL", _address_english),
    "titled": ("IGNORE", people.titled),
    "stamp": ("IGNORE", _stamp),
    # A year of birth alone: half a date of birth, so a finding there counts neither way.
    "rocyear": ("IGNORE", lambda rng: str(int(rng.integers(40, 95)))),
}

#: What identifies nobody and looks as if it did.
PLAIN: Final[dict[str, Draw]] = {
    "order": _order,
    "price": _price,
    "time": _clock,
    "place": people.place,
    "version": lambda rng: ".".join(str(int(rng.integers(20))) for _ in range(pick((3, 4), rng))),
    "uuid": lambda rng: _hexadecimal((8, 4, 4, 4, 12), rng),
    "hash": lambda rng: _hexadecimal((pick((32, 40, 64), rng),), rng),
    "small": lambda rng: str(int(rng.integers(2, 999))),
    "extension": lambda rng: digits(4, rng),
    "decimal": lambda rng: f"{rng.random() * 300:.2f}",
    "epoch": lambda rng: str(1_600_000_000 + int(rng.integers(10**8))),
    "eight": lambda rng: digits(8, rng),
    "serial": lambda rng: _letters(2, rng) + digits(8, rng),
}
