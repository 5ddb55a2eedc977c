"""Ways to reach a person: mobile and landline numbers, addresses, e-mail and LINE names.

Area codes and lengths follow the national numbering plan (電信號碼核配及管理辦法, Ministry of
Digital Affairs): 02 and 04 (Taichung) have eight digits, 03, 04 (Changhua), 049, 05, 06, 07 and 08
seven, 037, 082 and 089 six, 0836 five. E-mail domains end in ``.example`` or are ``example.com``
and its sisters, which RFC 2606 reserves, so that no letter can reach anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from anping.core.taiwan import Division
from anping.recipes.sample.draw import Weighted, chance, digits, pick

#: County: area code, digits of the local number, first digits in use.
AREA_CODES: Final = {
    "臺北市": ("02", 8, "2678"), "新北市": ("02", 8, "2678"), "基隆市": ("02", 8, "2"),
    "桃園市": ("03", 7, "34"), "新竹市": ("03", 7, "5"), "新竹縣": ("03", 7, "5"),
    "宜蘭縣": ("03", 7, "9"), "花蓮縣": ("03", 7, "8"), "苗栗縣": ("037", 6, "2356"),
    "臺中市": ("04", 8, "2"), "彰化縣": ("04", 7, "78"), "南投縣": ("049", 7, "2"),
    "雲林縣": ("05", 7, "56"), "嘉義市": ("05", 7, "2"), "嘉義縣": ("05", 7, "23"),
    "臺南市": ("06", 7, "2567"), "澎湖縣": ("06", 7, "9"), "高雄市": ("07", 7, "235678"),
    "屏東縣": ("08", 7, "78"), "臺東縣": ("089", 6, "2358"), "金門縣": ("082", 6, "3"),
    "連江縣": ("0836", 5, "2"),
}  # fmt: skip

_ROADS: Final = (
    "中山路",
    "中正路",
    "民族路",
    "民權路",
    "民生路",
    "復興路",
    "建國路",
    "和平路",
    "光復路",
    "成功路",
    "中華路",
    "文化路",
    "三民路",
    "博愛路",
    "四維路",
    "五福路",
    "自由路",
    "公園路",
    "大同路",
    "忠孝路",
    "仁愛路",
    "信義路",
    "忠義路",
    "青年路",
    "東興路",
    "永安街",
    "福德街",
    "新生街",
    "長安街",
    "興隆街",
    "廣福街",
    "文昌街",
    "延平路",
    "學府路",
    "進學路",
    "崇德路",
    "北屯路",
    "環河街",
    "育英街",
    "明德街",
    "康樂街",
    "豐年路",
)
_VILLAGES: Final = ("新興", "永福", "東明", "中和", "光華", "福安", "太平", "安樂", "龍山", "三和")
_SECTIONS: Final = "一二三四五"
_DOMAINS: Final = (
    "example.com", "example.org", "example.net", "mail.example", "webmail.example",
    "hinet.example", "post.example", "office.example",
)  # fmt: skip
_NICKNAMES: Final = {
    "F": ("amy", "mei", "vivian", "tina", "joanne", "annie", "grace", "shufen", "yating", "lily"),
    "M": ("kevin", "jason", "ming", "tony", "eric", "chihwei", "allen", "peter", "jerry", "leo"),
}  # fmt: skip
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"

#: How a mobile number is written, with the share of each form.
MOBILE_FORMS: Final = Weighted.of(
    (
        ("{0}-{1}-{2}", 40.0),
        ("{0}{1}{2}", 35.0),
        ("{0}-{1}{2}", 13.0),
        ("{0} {1} {2}", 4.0),
        ("+886 {3} {1} {2}", 4.0),
        ("+886-{3}-{1}-{2}", 4.0),
    )
)

#: How a landline number is written, with the share of each form.
LANDLINE_FORMS: Final = Weighted.of((("({a}){h}-{t}", 40.0), ("{a}-{h}{t}", 35.0),
                                     ("({a}) {h}-{t}", 15.0), ("{a}{h}{t}", 10.0)))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Landline:
    """An area code, a local number and an extension (empty: none)."""

    area: str
    local: str
    extension: str = ""

    def write(self, form: str = "({a}){h}-{t}") -> str:
        """Return the number in one of :data:`LANDLINE_FORMS`, the extension after ``#``."""
        text = form.format(a=self.area, h=self.local[:-4], t=self.local[-4:])
        return f"{text}#{self.extension}" if self.extension else text


def mobile(rng: np.random.Generator) -> str:
    """Return ten digits that begin ``09`` (mobile services)."""
    return f"09{digits(8, rng)}"


def write_mobile(number: str, form: str) -> str:
    """Return a ten-digit mobile number in one of :data:`MOBILE_FORMS`."""
    return form.format(number[:4], number[4:7], number[7:], number[1:4])


def landline(county: str, rng: np.random.Generator, *, office: bool = False) -> Landline:
    """Return a landline of ``county``; an office number has an extension half of the time."""
    area, length, first = AREA_CODES[county]
    local = pick(first, rng) + digits(length - 1, rng)
    extension = digits(3, rng) if office and chance(0.5, rng) else ""
    return Landline(area, local, extension)


def address(home: Division, rng: np.random.Generator) -> str:
    """Return an address in ``home``: road, section, lane, alley, number and floor as they occur.

    Townships and villages (鄉 鎮) name the village and neighbourhood half of the time; a section
    is present in 35 %, a lane in 30 % (an alley in a third of those), a floor in 45 %.
    """
    parts = [home.county, home.township]
    if home.township[-1] in "鄉鎮" and chance(0.5, rng):
        parts.append(f"{pick(_VILLAGES, rng)}村{int(rng.integers(1, 30))}鄰")
    parts.append(pick(_ROADS, rng))
    if chance(0.35, rng) and parts[-1].endswith("路"):
        parts.append(f"{pick(_SECTIONS, rng)}段")
    if chance(0.3, rng):
        parts.append(f"{int(rng.integers(2, 400))}巷")
        if chance(0.33, rng):
            parts.append(f"{int(rng.integers(1, 60))}弄")
    number = str(int(rng.integers(1, 480)))
    if chance(0.12, rng):
        number += f"之{int(rng.integers(1, 12))}"
    parts.append(f"{number}號")
    if chance(0.45, rng):
        parts.append(f"{int(rng.integers(2, 16))}樓")
        if chance(0.3, rng):
            parts[-1] += f"之{int(rng.integers(1, 9))}"
    return "".join(parts)


def email(sex: str, rng: np.random.Generator) -> str:
    """Return an address under a reserved domain: a nickname, letters and two to four digits."""
    tail = "".join(pick(_LETTERS, rng) for _ in range(3))
    number = digits(int(rng.integers(2, 5)), rng)
    return f"{pick(_NICKNAMES[sex], rng)}{pick(('.', '_', ''), rng)}{tail}{number}@{pick(_DOMAINS, rng)}"


def line_name(sex: str, rng: np.random.Generator) -> str:
    """Return a LINE ID: lower-case letters, digits, dot, dash and underscore."""
    tail = "".join(pick(_LETTERS, rng) for _ in range(3))
    return f"{pick(_NICKNAMES[sex], rng)}{pick('._-', rng)}{tail}{digits(4, rng)}"
