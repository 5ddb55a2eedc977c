"""Surrogates of numbers with a check digit: what was valid stays valid, what was not stays not.

Sources: letter values and weights of the national ID and the uniform ID number (Ministry of the
Interior, 2021-01-02); business number (Ministry of Finance, divisible by 5 since 2023-04-01);
ISO/IEC 7812-1 annex B (Luhn); ISO 13616 and ISO 7064 MOD 97-10 (IBAN).
"""

from __future__ import annotations

import re

from anping.protect.text.surrogates.draw import Draw
from anping.protect.text.surrogates.layout import core, poured, reformed

_VALUES = {letter: 10 + place for place, letter in enumerate("ABCDEFGHJKLMNPQRSTUVXYWZIO")}
#: Letters of registries that still issue: L, R, S and Y ended with their counties.
_ISSUED = "ABCDEFGHIJKMNOPQTUVWXZ"
_ID_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 1)
_BUSINESS_WEIGHTS = (1, 2, 1, 2, 1, 2, 4, 1)
_ID = re.compile(r"[A-Z][1289A-D]\d{8}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


def national_id(text: str, draw: Draw) -> str:
    """Return another national ID or resident certificate number; the sex mark stays."""
    true = core(text)
    if _ID.fullmatch(true) is None:
        return reformed(text, draw)
    letter, second = draw.one_of(_ISSUED), true[1]
    serial = f"{draw.below(6)}{draw.digits(6)}"
    wrong = (int(true[9]) - _id_check(true[0], second, true[2:9])) % 10
    check = (_id_check(letter, second, serial) + wrong) % 10
    return poured(text, f"{letter}{second}{serial}{check}")


def _id_check(letter: str, second: str, serial: str) -> int:
    value = _VALUES[letter]
    first = int(second) if second.isdigit() else _VALUES[second] % 10
    numbers = (first, *(int(digit) for digit in serial))
    total = value // 10 + value % 10 * 9
    total += sum(weight * number for weight, number in zip(_ID_WEIGHTS, numbers, strict=True))
    return -total % 10


def business_id(text: str, draw: Draw) -> str:
    """Return another business number."""
    true = core(text)
    if len(true) != 8 or not true.isdigit():
        return reformed(text, draw)
    valid = _is_business(true)
    made = draw.digits(8)
    while _is_business(made) != valid or made == "0" * 8:
        made = draw.digits(8)
    return poured(text, made)


def _is_business(number: str) -> bool:
    products = (int(d) * weight for d, weight in zip(number, _BUSINESS_WEIGHTS, strict=True))
    total = sum(product // 10 + product % 10 for product in products)
    return total % 5 == 0 or (number[6] == "7" and (total + 1) % 5 == 0)


def credit_card(text: str, draw: Draw) -> str:
    """Return another card number of the same network and length."""
    true = core(text)
    if not true.isdigit() or len(true) < 8:
        return reformed(text, draw)
    kept = {"4": 1, "5": 2, "3": 4}.get(true[0], 4)
    body = true[:kept] + draw.digits(len(true) - kept - 1)
    wrong = (int(true[-1]) - _luhn_check(true[:-1])) % 10
    return poured(text, f"{body}{(_luhn_check(body) + wrong) % 10}")


def _luhn_check(body: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(body)):
        number = int(digit) * (2 - place % 2)
        total += number - 9 if number > 9 else number
    return -total % 10


def account(text: str, draw: Draw) -> str:
    """Return another account: of the same bank (first three digits), or an IBAN of the country."""
    true = core(text)
    if _IBAN.fullmatch(true):
        made = core(reformed(true[4:], draw))
        remainder = _modulo_97(f"{made}{true[:2]}00")
        wrong = (_modulo_97(true[4:] + true[:4]) - 1) % 97
        return poured(text, f"{true[:2]}{(98 - remainder + wrong - 2) % 97 + 2:02d}{made}")
    if true.isdigit() and len(true) > 6:
        return poured(text, true[:3] + draw.digits(len(true) - 3))
    return reformed(text, draw)


def _modulo_97(text: str) -> int:
    return int("".join(str(int(mark, 36)) for mark in text)) % 97


def passport(text: str, draw: Draw) -> str:
    """Return another passport number with the same first character (its kind)."""
    true = core(text)
    return poured(text, true[:1] + core(reformed(true[1:], draw)))


def social_security_number(text: str, draw: Draw) -> str:
    """Return another US number; area 900 and on is never issued (SSA, POMS RM 10201.035)."""
    true = core(text)
    if len(true) != 9 or not true.isdigit():
        return reformed(text, draw)
    area, group, serial = 1 + draw.below(665), 1 + draw.below(99), 1 + draw.below(9999)
    return poured(text, f"{area:03d}{group:02d}{serial:04d}")


def plate(text: str, draw: Draw) -> str:
    """Return another plate of the same form; I and O are not issued."""
    true = core(text)
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    made = (draw.digits(1) if mark.isdigit() else draw.one_of(letters) for mark in true)
    return poured(text, "".join(made))
