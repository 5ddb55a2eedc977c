"""The mess of real files: each kind can be turned up, down or off.

A mess changes how a value is written, or hides it; it never changes who a record is about. Marks
are moved along, so the truth stays exact.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Final

import numpy as np

from anping.core.dates import WrittenDate
from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.recipes.sample.cells import EMPTY, Cell
from anping.recipes.sample.draw import Weighted, chance, pick
from anping.recipes.sample.people import encodable

_TO_FULL_WIDTH: Final = {ord("0") + n: ord("０") + n for n in range(10)}

#: How a birthday is written where forms are mixed, with the share of each form.
BIRTHDAY_FORMS: Final = Weighted.of(
    (
        ("roc-han", 45.0),
        ("roc-slash-padded", 30.0),
        ("roc-slash", 10.0),
        ("roc-compact", 6.0),
        ("roc-dot", 5.0),
        ("slash", 4.0),
    )
)

#: Characters that typists take for one another; every one can be written in Big5.
_TYPOS: Final = {
    "怡": "宜", "宜": "怡", "婷": "庭", "庭": "婷", "華": "樺", "玲": "伶", "明": "銘", "銘": "明",
    "宏": "弘", "豪": "毫", "志": "至", "雅": "亞", "惠": "慧", "慧": "惠", "芬": "芳", "珍": "貞",
    "貞": "珍", "偉": "瑋", "瑋": "偉", "傑": "杰", "俊": "駿", "翔": "祥", "祥": "翔", "珠": "朱",
    "蓉": "容", "欣": "心", "心": "欣", "廷": "庭", "翰": "瀚", "冠": "貫", "文": "紋", "建": "健",
    "承": "丞", "美": "梅", "秀": "琇", "淑": "叔", "玉": "鈺", "月": "玥", "素": "愫", "麗": "莉",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mess:
    """How much of each kind of mess a sample holds: a rate between 0 and 1; 0 turns it off.

    - ``duplicated_people``: share of people entered a second time, with a typo in the name, another
      form of address and phone, and a record number of its own;
    - ``missing_values``: scale of the missing rates (1: as documented by each sample). Income is
      missing not at random: more for the self-employed and for high earners;
    - ``mixed_dates``: share of birthdays not written in the column's main form;
    - ``full_width_digits``: share of addresses typed in full-width digits;
    - ``phone_forms``: share of phone numbers not written in the column's main form;
    - ``trailing_blanks``: share of names and words followed by blanks;
    - ``variant_tai``: share of addresses that write 台 for 臺;
    - ``invalid_identifiers``: share of identity numbers with one digit mistyped (the truth says so);
    - ``outliers``: share of amounts with a zero too many;
    - ``line_breaks``: share of notes with a line break inside;
    - ``broken_files``: 1 writes the folder of broken files, 0 leaves it out.
    """

    duplicated_people: float = 0.03
    missing_values: float = 1.0
    mixed_dates: float = 1.0
    full_width_digits: float = 0.05
    phone_forms: float = 1.0
    trailing_blanks: float = 0.03
    variant_tai: float = 0.4
    invalid_identifiers: float = 0.01
    outliers: float = 0.004
    line_breaks: float = 0.03
    broken_files: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            rate = getattr(self, field.name)
            if not 0.0 <= rate <= 1.0:
                raise ParameterError(
                    "recipes.mess-rate",
                    Text(
                        f"雜訊比例 {field.name} 必須介於 0 與 1 之間。",
                        f"The mess rate {field.name} must lie between 0 and 1.",
                    ),
                    hint=Text(
                        "用 0 關閉，用 1 全開。", "Use 0 to turn it off and 1 for all of it."
                    ),
                )


#: A sample as clean as no real file ever is.
TIDY: Final = Mess(**{field.name: 0.0 for field in fields(Mess)})


def full_width(text: str) -> str:
    """Return ``text`` with full-width digits."""
    return text.translate(_TO_FULL_WIDTH)


def write_birthday(day: date, form: str) -> str:
    """Return a day in one of :data:`BIRTHDAY_FORMS` (``roc-slash-padded``: ``074/03/12``)."""
    if form == "roc-slash-padded":
        return f"{day.year - 1911:03d}/{day.month:02d}/{day.day:02d}"
    return WrittenDate(day, form).write(day)


def birthday_form(mess: Mess, rng: np.random.Generator) -> str:
    """Return the form of one birthday: the ROC form in words unless forms are mixed."""
    form = BIRTHDAY_FORMS.one(rng)
    return form if chance(mess.mixed_dates, rng) else "roc-han"


def mistyped_name(name: str, rng: np.random.Generator) -> str:
    """Return the name with one character taken for another that sounds or looks like it."""
    places = [i for i, character in enumerate(name) if i and character in _TYPOS]
    if not places:
        return name
    place = pick(places, rng)
    typo = name[:place] + _TYPOS[name[place]] + name[place + 1 :]
    return typo if encodable(typo) else name


def mistyped_number(identity: str, rng: np.random.Generator) -> str:
    """Return an identity number with its last digit changed, so that the checksum fails."""
    return f"{identity[:-1]}{(int(identity[-1]) + int(rng.integers(1, 10))) % 10}"


def roughened_address(text: str, mess: Mess, rng: np.random.Generator) -> str:
    """Return an address with 台 for 臺 or full-width digits, as often as the mess says."""
    tai, wide = chance(mess.variant_tai, rng), chance(mess.full_width_digits, rng)
    written = text.replace("臺", "台") if tai else text
    return full_width(written) if wide else written


def blank_tailed(cell: Cell, mess: Mess, rng: np.random.Generator) -> Cell:
    """Return the cell with one to three blanks after it, as often as the mess says."""
    if cell.text and chance(mess.trailing_blanks, rng):
        return cell.followed_by(" " * int(rng.integers(1, 4)))
    return cell


def lost(cell: Cell, rate: float, mess: Mess, rng: np.random.Generator) -> Cell:
    """Return an empty cell with probability ``rate`` times the mess's scale."""
    return EMPTY if chance(rate * mess.missing_values, rng) else cell


def with_outlier(amount: int, mess: Mess, rng: np.random.Generator) -> int:
    """Return the amount, with a zero too many as often as the mess says."""
    return amount * 10 if chance(mess.outliers, rng) else amount
