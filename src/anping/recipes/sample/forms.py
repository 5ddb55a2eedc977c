"""Every way an identifier may be written, for a search that must find it in any of them."""

from __future__ import annotations

import re
from typing import Final

from anping.core.dates import WrittenDate, parse

_TO_HALF: Final = {ord("０") + n: ord("0") + n for n in range(10)} | {0x3000: 0x20}
_TO_FULL: Final = {n: n + 0xFEE0 for n in range(0x21, 0x7F)}
_DATE_FORMS: Final = (
    "iso", "slash", "dot", "compact", "han", "roc-han", "roc-han-short", "roc-slash", "roc-dot",
    "roc-dash", "roc-compact",
)  # fmt: skip
_HAN_DIGITS: Final = "零一二三四五六七八九"
_DATES: Final = frozenset({"DATE_OF_BIRTH", "DATE"})
_NUMBERED: Final = frozenset({"BANK_ACCOUNT", "CREDIT_CARD", "TW_NHI_CARD", "VEHICLE_PLATE"})
# An older plate without its dash (AB1234) would be found inside digests and codes by accident.
_SHORTEST_BARE: Final = 7
_LETTERED: Final = frozenset(
    {"TW_NATIONAL_ID", "TW_RESIDENT_ID", "RECORD_ID", "EMAIL", "LINE_ID", "VEHICLE_PLATE"}
)


def half_width(text: str) -> str:
    """Return the text with ASCII digits and blanks for full-width ones, without outer blanks."""
    return text.translate(_TO_HALF).strip()


def written_forms(value: str, kind: str) -> frozenset[str]:
    """Return every form in which an identifier of type ``kind`` may be written.

    With and without separators, in full-width characters, in upper and lower case, dates in both
    calendars, addresses with 臺 and 台. A form is never shorter than the identifier's own digits:
    a phone number without its area code, or an old six-character plate without its dash, is not
    among them, for it would match by accident.
    """
    plain = half_width(value)
    if kind == "PHONE":
        forms = _phone_forms(plain)
    elif kind in _DATES:
        forms = _date_forms(plain)
    elif kind == "ADDRESS_FULL":
        forms = _address_forms(plain)
    elif kind == "PERSON_NAME":
        forms = _name_forms(plain)
    else:
        forms = _number_forms(plain) if kind in _NUMBERED else {plain}
        if kind in _LETTERED:
            forms |= {form.lower() for form in forms} | {form.upper() for form in forms}
    return frozenset(forms | {form.translate(_TO_FULL) for form in forms} | {value.strip()})


def _name_forms(name: str) -> set[str]:
    if name.isascii():
        given, _, surname = name.rpartition(" ")
        orders = {name, f"{surname} {given}", f"{surname}, {given}", f"{given}{surname}"}
        return orders | {order.upper() for order in orders} | {order.lower() for order in orders}
    split = 2 if len(name) > 3 else 1
    return {name, f"{name[:split]} {name[split:]}", f"{name[:split]}\u3000{name[split:]}",
            " ".join(name)}  # fmt: skip


def _phone_forms(phone: str) -> set[str]:
    body, _, extension = phone.partition("#")
    number = re.sub(r"\D", "", body)
    if number.startswith("886"):
        number = "0" + number[3:]
    forms = _mobile_forms(number) if number.startswith("09") else _landline_forms(number)
    if extension:
        forms |= {form + tail for form in forms for tail in (f"#{extension}", f" #{extension}",
                                                             f"分機{extension}")}  # fmt: skip
    return forms | {phone}


def _mobile_forms(number: str) -> set[str]:
    one, two, three = number[:4], number[4:7], number[7:]
    forms = {number, f"{one}-{two}{three}", f"({one}){two}{three}", f"({one}) {two}-{three}"}
    for gap in ("-", " ", "."):
        forms |= {
            gap.join((one, two, three)),
            gap.join((one, two + three)),
            gap.join((f"+886{gap}{one[1:]}", two, three)),
            f"+886{gap}{one[1:]}{two}{three}",
        }
    return forms | {f"886{number[1:]}", f"+886{number[1:]}", f"+886{number}"}


def _landline_forms(number: str) -> set[str]:
    forms = {number, f"886{number[1:]}", f"+886{number[1:]}"}
    for length in (2, 3, 4):
        area, local = number[:length], number[length:]
        for head in (f"({area})", f"({area}) ", f"{area}-", f"{area} ", f"+886-{area[1:]}-",
                     f"+886 {area[1:]} "):  # fmt: skip
            forms |= {
                head + local,
                f"{head}{local[:-4]}-{local[-4:]}",
                f"{head}{local[:-4]} {local[-4:]}",
            }
    return forms


def _date_forms(text: str) -> set[str]:
    written = parse(text)
    if written is None:
        return {text}
    day, year = written.day, written.day.year - 1911
    forms = {WrittenDate(day, form).write(day) for form in _DATE_FORMS}
    for gap in "/-.":
        forms |= {
            f"{year:03d}{gap}{day.month:02d}{gap}{day.day:02d}",
            f"{year}{gap}{day.month}{gap}{day.day}",
            f"{day.year}{gap}{day.month}{gap}{day.day}",
        }
    return forms | {f"民國{year}年{day.month:02d}月{day.day:02d}日",
                    f"{day.year}年{day.month:02d}月{day.day:02d}日"}  # fmt: skip


def _address_forms(address: str) -> set[str]:
    body = re.sub(r"^[\d-]+\s*", "", address).replace(" ", "")
    arabic = re.sub(
        "([一二三四五六七八九])段", lambda m: f"{_HAN_DIGITS.index(m.group(1))}段", body
    )
    forms = {address, body, arabic}
    forms |= {form.replace("樓", "F") for form in forms} | {
        form.replace("之", "-") for form in forms
    }
    return (
        forms
        | {form.replace("臺", "台") for form in forms}
        | {form.replace("台", "臺") for form in forms}
    )


def _number_forms(number: str) -> set[str]:
    bare = re.sub(r"[\s-]", "", number)
    forms = {number, number.replace("-", " ")}
    if len(bare) >= _SHORTEST_BARE:
        forms.add(bare)
    if len(bare) == 16 and bare.isdigit():
        groups = [bare[i : i + 4] for i in range(0, 16, 4)]
        forms |= {"-".join(groups), " ".join(groups)}
    bank, gap, account = number.partition("-")
    if gap and len(bank) == 3 and bank.isdigit() and account.isdigit():
        forms |= {account, f"({bank}){account}", f"({bank}) {account}", f"{bank} {account}"}
    return forms
