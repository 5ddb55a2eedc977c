"""The forms in which a known identifier may be written in a text (folded and squeezed)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from anping.core import dates, taiwan
from anping.core.cells import cell_text
from anping.protect.text.folding import fold, is_han, squeezed_text

#: Surnames of two characters beside those of the statistics.
COMPOUND_SURNAMES = (
    "歐陽",
    "司馬",
    "上官",
    "諸葛",
    "司徒",
    "張簡",
    "范姜",
    "夏侯",
    "皇甫",
    "尉遲",
)
_ID = re.compile(r"[A-Z][1289A-D]\d{8}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_MOBILE = re.compile(r"(?:\+?886|0)9\d{8}")
_LANDLINE = re.compile(r"(?:\+?886|0)[2-8]\d{7,8}")
_WORD = re.compile(r"\S+")
_EXTENSION = re.compile(r"(?:#|分機|EXT).*", re.DOTALL)
_DIVISION = re.compile("[縣市]")
_STREET = re.compile("[路街道巷弄村里鄰段].*[號樓]")

#: The shortest form looked for in the texts of other rows: digits only, or with letters.
SHORTEST_DIGITS, SHORTEST_MIXED, SHORTEST_HAN, SHORTEST_IN_ROW = 7, 5, 2, 4

TITLES = tuple(
    _WORD.findall(
        "先生 小姐 女士 太太 夫人 同學 老師 醫師 醫生 護理師 經理 副理 襄理 主任 律師 教授 博士 董事長"
        " 總經理 專員 理專 阿姨 叔叔 伯伯 伯母 媽媽 爸爸 奶奶 爺爺 阿嬤 阿公 大哥 大姐 大姊"
    )
)


def type_of(value: str) -> str:
    """Return the taxonomy type that the shape of a known identifier suggests."""
    text = squeezed_text(value)
    if _ID.fullmatch(text):
        return "TW_NATIONAL_ID" if text[1] in "12" else "TW_RESIDENT_ID"
    if _EMAIL.fullmatch(fold(value).strip()):
        return "EMAIL"
    if _MOBILE.fullmatch(text) or _LANDLINE.fullmatch(_EXTENSION.sub("", text)):
        return "PHONE"
    if _STREET.search(text) or (_DIVISION.search(text) and taiwan.locate(value) is not None):
        return "ADDRESS_FULL"
    letters = text.replace("·", "")
    if (is_han(text) and 2 <= len(text) <= 4) or (letters.isascii() and letters.isalpha()):
        return "PERSON_NAME"
    return "IDENTIFIER"


def surname_and_given(name: str) -> tuple[str, str] | None:
    """Return the two parts of a Chinese name of two to four characters, or None."""
    if not (is_han(name) and 2 <= len(name) <= 4):
        return None
    compound = name[:2] in _compound_surnames() and len(name) > 2
    return (name[:2], name[2:]) if compound or len(name) == 4 else (name[:1], name[1:])


@cache
def _compound_surnames() -> frozenset[str]:
    listed = (name for name, _ in taiwan.names().surnames if len(name) > 1)
    return frozenset((*listed, *COMPOUND_SURNAMES))


def everywhere(value: Any) -> Iterator[str]:
    """Yield the forms of an identifier that are looked for in the text of every row."""
    text = squeezed_text(_EXTENSION.sub("", fold(cell_text(value))))
    for form in (text, *_phone_forms(text), *_address_forms(text)):
        if _long_enough(form):
            yield form


def in_own_row(value: Any) -> Iterator[str]:
    """Yield further forms that are looked for only in texts of the same row, as they are weak."""
    text = squeezed_text(cell_text(value))
    if text.isascii():
        if len(text) >= SHORTEST_IN_ROW and not _long_enough(text):
            yield text
        for word in cell_text(value).upper().split():
            if word.isascii() and word.isalpha() and len(word) >= SHORTEST_IN_ROW:
                yield word
    name = surname_and_given(text)
    if name is not None and len(name[1]) > 1:
        yield name[1]


def of_date(value: Any) -> Iterator[str]:
    """Yield the forms of a date: Gregorian and ROC, with and without leading zeros; none if unread."""
    written = dates.parse(cell_text(value).split(" ")[0].split("T")[0])
    if written is None:
        return
    day = written.day
    years = [str(day.year), f"西元{day.year}"]
    if day.year > 1911:
        roc = day.year - 1911
        years += [str(roc), f"{roc:03d}", f"民國{roc}", f"中華民國{roc}"]
    for year in years:
        yield f"{year}{day.month:02d}{day.day:02d}"
        yield f"{year}{day.month}{day.day}"
        yield f"{year}年{day.month}月{day.day}日"
        yield f"{year}年{day.month:02d}月{day.day:02d}日"


def _long_enough(form: str) -> bool:
    if form.isdigit():
        return len(form) >= SHORTEST_DIGITS
    return len(form) >= (SHORTEST_MIXED if form.isascii() else SHORTEST_HAN)


def _phone_forms(text: str) -> Iterator[str]:
    if _MOBILE.fullmatch(text) or _LANDLINE.fullmatch(text):
        national = text.removeprefix("+").removeprefix("886").removeprefix("0")
        yield f"0{national}"
        yield f"886{national}"


def _address_forms(text: str) -> Iterator[str]:
    """Yield an address without its postal code, and its street part without county and township."""
    if not _STREET.search(text):
        return
    body = text.lstrip("0123456789")
    yield body
    division = taiwan.locate(body)
    if division is not None:
        street = body.removeprefix(division.county).removeprefix(division.township)
        yield division.township + street
        if any(mark.isdigit() for mark in street) and len(street) >= 5:
            yield street
