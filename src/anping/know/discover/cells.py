"""Cell tests: does a whole cell look like one type, and how much does a column full of them say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from anping.core.taiwan import counties, divisions
from anping.know.discover import validators as check
from anping.know.discover.addresses import find_addresses
from anping.know.discover.lexicon import load
from anping.know.discover.name_cells import name_score

_ICD = re.compile(r"[A-TV-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?")
_DISEASE = re.compile(
    r".{1,12}(?:炎|癌|症|病|瘤|症候群|骨折|中風|過敏|衰竭|不全|感染|梗塞|出血|潰瘍|結石|肥大|障礙|高血壓|糖尿病|氣喘)"
)
_UNIT = re.compile(
    r".{1,12}(?:室|課|部|處|科|局|所|組|行|分行|公司|醫院|診所|學校|大學|中心|股|隊|院|協會|基金會|企業社|商行)"
)
#: Names of places that the public uses: kinds of facilities in 全國門牌 and open-data lists.
_FACILITY = re.compile(
    r".{1,30}(?:圖書館|博物[館院]|美術館|體育館|文化館|紀念館|展覽館|天文館|故事館|活動中心|遊客中心|運動中心|文化中心|公園|綠地|廣場"
    r"|車站|捷運站|火車站|轉運站|加油站|充電站|公車站|測站|監測站|淨水場|停車場|派出所|衛生所|公所|國民[小中]學|[國高][小中職]|幼兒園|托兒所"
    r"|教堂|藥局|藥房|門市|分店|旅館|飯店|民宿|餐廳|書店|郵局|農會|漁會|市場|夜市|公廁|廁所|游泳池|運動場|球場|棒球場|碼頭|漁港|機場|步道|瀑布"
    r"|遊樂[區園]|風景區|動物園|植物園|[寺廟宮祠])(?:[ (（].{1,20})?"
    r"|[A-Z].{1,60}[ -](?:Library|Museum|Gallery|Park|Square|Station|Hospital|Clinic|Pharmacy|School|College|University|Kindergarten"
    r"|Center|Centre|Office|Hotel|Inn|Restaurant|Church|Temple|Market|Theatre|Theater|Stadium|Pool|Airport|Harbou?r|Trail|Zoo|Garden"
    r"|Post Office|Police Station)"
)
_ID_SHAPE = re.compile(r"[A-Za-z][12][0-9]{8}")
_RESIDENT_SHAPE = re.compile(r"[A-Za-z][89ABCDabcd][0-9]{8}")
_EIGHT = re.compile(r"[0-9]{8}")
_RECORD = re.compile(r"[A-Za-z]{0,2}-?[0-9]{6,10}")
_ACCOUNT = re.compile(r"\(?[0-9]{3}\)?[ -]?[0-9][0-9 -]{5,16}")
_LINE = re.compile(r"[a-z0-9][a-z0-9._-]{3,19}")
_IMEI = re.compile(r"(?:01|35|86|91|99)[0-9]{13}")
_URL = re.compile(r"https?://[^ ]+")


@dataclass(frozen=True)
class CellTest:
    """How a type is recognised from whole cells.

    ``test`` says whether a cell is one. ``weight`` is the log-odds that a column full of passing
    cells is of this type when the header says nothing. With a checksum, ``shape`` selects the
    cells that the checksum is tried on, and ``chance`` is its random pass rate.
    """

    type: str
    test: Callable[[str], bool]
    weight: float
    coverage: float = 0.6
    shape: Callable[[str], bool] | None = None
    chance: float | None = None


def _full(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


@cache
def _postal() -> frozenset[str]:
    return frozenset(division.postal_code for division in divisions())


@cache
def _places() -> frozenset[str]:
    names = set(counties()) | {division.township for division in divisions()}
    names |= {division.county + division.township for division in divisions()}
    names |= {division.county_en for division in divisions()}
    names |= {name[:2] for name in counties()}
    return frozenset(names)


def postal_code(text: str) -> bool:
    """Return whether the cell is a postal code (3, 5 or 6 digits) of an existing township."""
    return text.isascii() and text.isdigit() and len(text) in {3, 5, 6} and text[:3] in _postal()


def place(text: str) -> bool:
    """Return whether the cell is a county, a township, or both."""
    return text.replace("台", "臺").replace(" ", "") in _places() or text in _places()


def full_address(text: str) -> bool:
    """Return whether most of the cell is one address down to the house number."""
    # An English address that begins with its house number has blanks; a number alone is none.
    if "號" not in text and "No" not in text and not (text[:1].isdigit() and " " in text):
        return False
    spans = find_addresses(text)
    return any(span.end - span.start >= 0.6 * len(text) for span in spans)


def line_id(text: str) -> bool:
    """Return whether the cell could be a LINE ID: 4 to 20 of a-z 0-9 . _ -, not all digits."""
    return _LINE.fullmatch(text) is not None and not text.isdigit()


def nhi_prefixed(text: str) -> bool:
    """Return whether the cell is twelve digits that begin with 0000, as most NHI cards do."""
    return check.nhi_card(text) and text.startswith("0000")


def passport_issued(text: str) -> bool:
    """Return whether the cell is nine digits that begin with 1, 2 or 3, as issued passports do."""
    return check.passport(text) and text[0] in "123"


def imei(text: str) -> bool:
    """Return whether the cell is an IMEI: 15 digits, a reporting body's code, a Luhn digit (3GPP TS 23.003, Annex B)."""
    return _IMEI.fullmatch(text) is not None and check.luhn(text)


def _name(text: str) -> bool:
    return name_score(text) >= 0.5


def _date(text: str) -> bool:
    return check.day(text.split(" ", maxsplit=1)[0].split("T", maxsplit=1)[0]) is not None


def _nine(text: str) -> bool:
    return check.passport(text)


@cache
def vocabulary() -> dict[str, frozenset[str]]:
    """Return the closed vocabularies of ``data/values.yaml`` by type."""
    return {kind: frozenset(str(word) for word in words) for kind, words in load("values").items()}


#: Cheapest first; a checksum's weight comes from its p-value, not from ``weight``.
CELL_TESTS: tuple[CellTest, ...] = (
    CellTest(
        "TW_NATIONAL_ID", check.national_id, 0, 0.5, _full(_ID_SHAPE), check.CHANCE["national_id"]
    ),
    CellTest(
        "TW_RESIDENT_ID",
        check.resident_id,
        0,
        0.5,
        _full(_RESIDENT_SHAPE),
        check.CHANCE["resident_id"],
    ),
    CellTest(
        "CREDIT_CARD", check.credit_card, 0, 0.5, check.card_shape, check.CHANCE["credit_card"]
    ),
    CellTest("DEVICE_ID", imei, 0, 0.6, _full(_IMEI), check.CHANCE["luhn_card"]),
    CellTest(
        "TW_BUSINESS_ID", check.business_id, 0, 0.6, _full(_EIGHT), check.CHANCE["business_id"]
    ),
    CellTest("TW_PASSPORT", passport_issued, 0, 0.9, _nine, 1 / 3),
    CellTest("TW_NHI_CARD", nhi_prefixed, 0, 0.3, check.nhi_card, 1e-4),
    CellTest(
        "ADDRESS_PART",
        postal_code,
        0,
        0.85,
        _full(re.compile(r"[1-9][0-9]{2}(?:[0-9]{2,3})?")),
        0.41,
    ),
    CellTest("EMAIL", check.email, 6),
    CellTest("MAC_ADDRESS", check.mac, 6),
    CellTest("IP_ADDRESS", check.ip, 3.5),
    CellTest("URL", _full(_URL), 5),
    CellTest("PHONE", check.phone, 4.5),
    CellTest("VEHICLE_PLATE", check.plate, 2.5, 0.8),
    CellTest("EINVOICE_CARRIER", check.einvoice_carrier, 5),
    CellTest("TW_CITIZEN_CERTIFICATE", check.citizen_certificate, 4),
    CellTest("US_SSN", check.us_ssn, 4),
    CellTest("DATE", _date, 3.5, 0.8),
    CellTest("ADDRESS_PART", place, 4.5, 0.8),
    CellTest("ADDRESS_FULL", full_address, 5, 0.5),
    CellTest(
        "DIAGNOSIS",
        lambda text: _ICD.fullmatch(text) is not None or _DISEASE.fullmatch(text) is not None,
        3,
        0.7,
    ),
    CellTest("ORGANISATION", _full(_UNIT), 2.5, 0.7),
    CellTest("ORGANISATION", _full(_FACILITY), 4, 0.7),
    CellTest("PERSON_NAME", _name, 3.5, 0.6),
    CellTest("LINE_ID", line_id, -3, 0.8),
    CellTest("MEDICAL_RECORD_NO", _full(_RECORD), -3, 0.8),
    CellTest("BANK_ACCOUNT", _full(_ACCOUNT), -3, 0.8),
)
#: Types whose cells must pass a test: a header alone does not make a column one of these.
TESTED = frozenset(test.type for test in CELL_TESTS) - {
    "PERSON_NAME",
    "DIAGNOSIS",
    "ORGANISATION",
    "ADDRESS_PART",
    "DEVICE_ID",
}
