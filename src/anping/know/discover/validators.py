"""Validators of identifiers: pure functions of one folded string that say whether it can be one.

``CHANCE`` is the share of random strings of the right shape that pass a validator: a checksum is
evidence only as far as chance would not explain it (measured on 10⁶ random strings each).

Sources: 內政部 checksum of the national ID and the uniform ID number (2021-01-02);
財政部 rule of the business number (divisible by 5 since 2023-04-01); ISO/IEC 7812-1 (Luhn);
ISO 13616 and ISO 7064 MOD 97-10 (IBAN); EIP-55 (Ethereum addresses); 電信號碼計畫 (numbering plan); IEEE 802 (MAC).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from ipaddress import ip_address

from anping.core import dates
from anping.core.taiwan import divisions
from anping.know.discover.keccak import keccak_256

#: The value of each letter of a national ID is its place in this order, plus ten.
_LETTER = {letter: 10 + place for place, letter in enumerate("ABCDEFGHJKLMNPQRSTUVXYWZIO")}
_ID_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 1, 1)
_BUSINESS_WEIGHTS = (1, 2, 1, 2, 1, 2, 4, 1)
_CARD = re.compile(
    r"4[0-9]{15}|5[1-5][0-9]{14}|2(?:2[2-9]|[3-6][0-9]|7[01])[0-9]{13}|2720[0-9]{12}"
    r"|3[47][0-9]{13}|35(?:2[89]|[3-8][0-9])[0-9]{12}|3(?:0[0-5]|[689][0-9])[0-9]{11}"
    r"|6(?:011|5[0-9]{2}|2[0-9]{2})[0-9]{12}"
)
_LANDLINE = re.compile(
    r"02[2-9][0-9]{7}|03[2-9][0-9]{6}|037[0-9]{6}|04[2-9][0-9]{6,7}|049[0-9]{7}|0[56][2-9][0-9]{6}"
    r"|07[2-9][0-9]{6}|08[2-9][0-9]{6}|082[0-9]{6}|0826[0-9]{5}|0836[0-9]{5}|089[0-9]{6}"
)
_PLATE = re.compile(
    r"[A-HJ-NP-Z]{3}-?[0-9]{3,4}|[A-HJ-NP-Z]{2}-?[0-9]{3,4}|[0-9]{3,4}-?[A-HJ-NP-Z]{2,3}"
    r"|[A-HJ-NP-Z][0-9]-?[0-9]{3,4}|[0-9]{3,4}-?[A-HJ-NP-Z][0-9]"
)
_MAC = re.compile(
    r"[0-9A-F]{2}([:-])(?:[0-9A-F]{2}\1){4}[0-9A-F]{2}|(?:[0-9A-F]{4}\.){2}[0-9A-F]{4}"
)
_EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WRITTEN = (
    (re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})"), "mdy"),
    (re.compile(r"([A-Za-z]{3})[a-z]*\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})"), "Mdy"),
    (re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3})[a-z]*\.?,? ([0-9]{4})"), "dMy"),
)
_LONG_NAMES = re.compile("[^\\x00-\\xff]{26}")
#: Base58 leaves out 0, O, I and l; the versions are Bitcoin's two and Tron's.
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VERSIONS = (0x00, 0x05, 0x41)
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32M, _BECH32_CHECK = 0x2BC830A3, 6
_SHORTEST_PASSWORD = 4
#: Characters of an IBAN by country (ISO 13616; SWIFT IBAN Registry, release 101).
IBAN_LENGTHS: dict[str, int] = {
    country: int(length)
    for length, countries in (
        entry.split(":")
        for entry in [
            "15:NO",
            "16:BE",
            "18:DK,FI,FK,FO,GL,NL,SD",
            "19:MK,SI",
            "20:AT,BA,EE,KZ,LT,LU,MN,XK",
            "21:CH,HR,LI,LV",
            "22:BG,BH,CR,DE,GB,GE,IE,ME,RS,VA",
            "23:AE,GI,IL,IQ,OM,SO,TL",
            "24:AD,CZ,ES,MD,PK,RO,SA,SE,SK,TN,VG",
            "25:LY,PT,ST",
            "26:IS,TR",
            "27:BI,DJ,FR,GR,IT,MC,MR,SM",
            "28:AL,AZ,BY,CY,DO,GT,HN,HU,LB,NI,PL,SV",
            "29:BR,EG,PS,QA,UA",
            "30:JO,KW,MU,YE",
            "31:MT,SC",
            "32:LC",
            "33:RU",
        ]
    )
    for country in countries.split(",")
}
_SEPARATORS = str.maketrans("", "", " -().")


def _weighted_id(tens_and_units: int, digits: list[int]) -> bool:
    total = tens_and_units // 10 + tens_and_units % 10 * 9
    total += sum(digit * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=True))
    return total % 10 == 0


def national_id(text: str) -> bool:
    """Return whether ``text`` is a 國民身分證統一編號: letter, 1 or 2, eight digits, checksum."""
    value = text.upper()
    if len(value) != 10 or value[0] not in _LETTER or value[1] not in "12":
        return False
    return _ascii_digits(value[1:]) and _weighted_id(_LETTER[value[0]], [int(d) for d in value[1:]])


def resident_id(text: str) -> bool:
    """Return whether ``text`` is a 統一證號, new ([A-Z][89]) or old ([A-Z][A-D]), with checksum."""
    value = text.upper()
    if len(value) != 10 or value[0] not in _LETTER or not _ascii_digits(value[2:]):
        return False
    if value[1] in "89":
        second = int(value[1])
    elif value[1] in "ABCD":
        second = _LETTER[value[1]] % 10
    else:
        return False
    return _weighted_id(_LETTER[value[0]], [second, *(int(digit) for digit in value[2:])])


def business_id(text: str) -> bool:
    """Return whether ``text`` is a 統一編號 by the rule of 2023-04-01 (divisible by 5)."""
    if len(text) != 8 or not _ascii_digits(text) or text == "00000000":
        return False
    total = 0
    for digit, weight in zip(text, _BUSINESS_WEIGHTS, strict=True):
        tens, units = divmod(int(digit) * weight, 10)
        total += tens + units
    return total % 5 == 0 or (text[6] == "7" and (total + 1) % 5 == 0)


def luhn(text: str) -> bool:
    """Return whether the digits of ``text`` satisfy the Luhn formula (ISO/IEC 7812-1 annex B)."""
    if not _ascii_digits(text):
        return False
    total = 0
    for place, digit in enumerate(reversed(text)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def credit_card(text: str) -> bool:
    """Return whether ``text`` is a payment card number: known issuer range, length and Luhn."""
    digits = text.translate(_SEPARATORS)
    return _CARD.fullmatch(digits) is not None and luhn(digits)


def card_shape(text: str) -> bool:
    """Return whether ``text`` has the issuer range and the length of a payment card."""
    return _CARD.fullmatch(text.translate(_SEPARATORS)) is not None


def luhn_card(text: str) -> bool:
    """Return whether ``text`` is 14 to 16 digits, not all the same, that satisfy Luhn."""
    return 14 <= len(text) <= 16 and len(set(text)) > 2 and luhn(text)


def iban(text: str) -> bool:
    """Return whether ``text`` is an IBAN: a country's length, and ISO 7064 MOD 97-10."""
    value = text.replace(" ", "").upper()
    if len(value) != IBAN_LENGTHS.get(value[:2]) or not value.isalnum() or not value.isascii():
        return False
    turned = value[4:] + value[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1


def eip55(text: str) -> bool:
    """Return whether an Ethereum address passes the checksum that its capital letters are (EIP-55).

    The letter at each place is a capital where the digest of the address has a digit of 8 or more.
    An address of one case only carries no checksum, and does not pass.
    """
    body = text[2:]
    if body in {body.lower(), body.upper()}:
        return False
    digest = keccak_256(body.lower().encode("ascii", "replace")).hex()
    return all(
        letter == (letter.upper() if digit >= "8" else letter.lower())
        for letter, digit in zip(body, digest, strict=False)
    )


def mobile(text: str) -> bool:
    """Return whether ``text`` is a Taiwanese mobile number, national or with +886."""
    digits = _national(text)
    return len(digits) == 10 and digits.startswith("09") and _ascii_digits(digits)


def landline(text: str) -> bool:
    """Return whether ``text`` is a Taiwanese landline: the area code decides the length."""
    return _LANDLINE.fullmatch(_national(text.split("#", maxsplit=1)[0].strip())) is not None


def phone(text: str) -> bool:
    """Return whether ``text`` is a mobile or landline number, or an international one with +."""
    if mobile(text) or landline(text):
        return True
    digits = text.translate(_SEPARATORS)
    return digits.startswith("+") and _ascii_digits(digits[1:]) and 8 <= len(digits) - 1 <= 15


def north_american_phone(text: str) -> bool:
    """Return whether ``text`` is a ten-digit number of the North American numbering plan's form."""
    digits = text.translate(_SEPARATORS)
    return len(digits) == 10 and _ascii_digits(digits) and digits[0] in "23456789"


def nhi_card(text: str) -> bool:
    """Return whether ``text`` has the shape of a 健保卡號: twelve digits. There is no checksum."""
    return len(text) == 12 and _ascii_digits(text)


def passport(text: str) -> bool:
    """Return whether ``text`` has the shape of a 護照號碼: nine digits. There is no checksum."""
    return len(text) == 9 and _ascii_digits(text) and text[0] != "0"


def plate(text: str) -> bool:
    """Return whether ``text`` has the shape of a 車牌 (letters I and O are not issued)."""
    return _PLATE.fullmatch(text.upper()) is not None


def spaced_plate(text: str) -> bool:
    """Return whether ``text`` is a plate with a blank in place of its hyphen."""
    return plate(text.replace(" ", "-"))


def address(text: str) -> bool:
    """Return whether no run of Chinese letters in an address is longer than names of places are."""
    return _LONG_NAMES.search(text.replace(" ", "")) is None


def postal_code(text: str) -> bool:
    """Return whether ``text`` is 3, 5 or 6 digits that begin with a township's postal code."""
    digits = text.replace("-", "")
    return _ascii_digits(digits) and len(digits) in {3, 5, 6} and digits[:3] in _postal_codes()


@cache
def _postal_codes() -> frozenset[str]:
    return frozenset(division.postal_code for division in divisions())


def password(text: str) -> bool:
    """Return whether ``text`` is no mere word: it holds a digit or a sign that words do not."""
    return len(text) >= _SHORTEST_PASSWORD and any(c.isdigit() or c in "!@#$%^&*+_" for c in text)


def base58check(text: str) -> bool:
    """Return whether ``text`` is a Bitcoin or Tron address: Base58 with a four-byte checksum."""
    number = 0
    for character in text:
        place = _BASE58.find(character)
        if place < 0:
            return False
        number = number * 58 + place
    if number >= 1 << 200:
        return False
    raw = number.to_bytes(25, "big")
    ones = len(text) - len(text.lstrip("1"))
    if len(raw) - len(raw.lstrip(b"\0")) != ones or raw[0] not in _VERSIONS:
        return False
    return sha256(sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def bech32(text: str) -> bool:
    """Return whether ``text`` is a Bitcoin address by BIP 173 or BIP 350."""
    prefix, _, body = text.rpartition("1")
    values = [_BECH32.find(character) for character in body]
    if prefix != "bc" or len(values) <= _BECH32_CHECK or min(values) < 0:
        return False
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    rest = 1
    for value in spread + values:
        top = rest >> 25
        rest = (rest & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            rest ^= generator if top >> bit & 1 else 0
    return rest == (1 if values[0] == 0 else _BECH32M)


def einvoice_carrier(text: str) -> bool:
    """Return whether ``text`` is a 手機條碼載具: a slash and seven of 0-9 A-Z . + -."""
    return re.fullmatch(r"/[0-9A-Z.+-]{7}", text) is not None


def citizen_certificate(text: str) -> bool:
    """Return whether ``text`` is a 自然人憑證 number: two letters and fourteen digits."""
    return re.fullmatch(r"[A-Z]{2}[0-9]{14}", text) is not None


def us_ssn(text: str) -> bool:
    """Return whether ``text`` is a US Social Security number outside the unissued ranges."""
    match = re.fullmatch(r"([0-9]{3})-([0-9]{2})-([0-9]{4})", text)
    if match is None:
        return False
    area, group, serial = match.groups()
    return area not in {"000", "666"} and area[0] != "9" and group != "00" and serial != "0000"


def ip(text: str) -> bool:
    """Return whether ``text`` is an IPv4 or IPv6 address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def mac(text: str) -> bool:
    """Return whether ``text`` is a MAC address with : - or . between its groups."""
    return _MAC.fullmatch(text.upper()) is not None


def email(text: str) -> bool:
    """Return whether ``text`` is an e-mail address of the usual ASCII form."""
    return _EMAIL.fullmatch(text) is not None and ".." not in text


def day(text: str) -> date | None:
    """Return the date that ``text`` writes: ROC or Gregorian (core.dates), or in English."""
    written = dates.parse(text)
    if written is not None:
        return written.day
    for pattern, order in _WRITTEN:
        match = pattern.fullmatch(text.strip())
        if match is not None:
            return _assemble(match.groups(), order)
    return None


@lru_cache(1 << 17)
def remembered_day(text: str) -> date | None:
    """Return :func:`day`, remembered: columns repeat the days of a calendar, and reading is slow."""
    return day(text)


def _assemble(parts: tuple[str | None, ...], order: str) -> date | None:
    numbers: dict[str, int] = {}
    for part, letter in zip(parts, order, strict=True):
        word = part or ""
        if letter == "M":
            if word.lower() not in _MONTHS:
                return None
            numbers["m"] = _MONTHS.index(word.lower()) + 1
        else:
            numbers[letter] = int(word)
    try:
        return date(numbers["y"], numbers["m"], numbers["d"])
    except ValueError:
        return None


def calendar_date(text: str) -> bool:
    """Return whether ``text`` writes a date that exists."""
    return day(text) is not None


def record_number(text: str) -> bool:
    """Return whether ``text`` is no date: a record number in groups can look like one."""
    return day(text) is None


def roc_birthday(text: str) -> bool:
    """Return whether ``text`` is six digits YYMMDD of an ROC year below 100, as registers have them."""
    return len(text) == 6 and _ascii_digits(text) and day("0" + text) is not None


def _national(text: str) -> str:
    digits = text.translate(_SEPARATORS)
    for prefix in ("+886", "00886", "886"):
        if digits.startswith(prefix):
            return "0" + digits[len(prefix) :].removeprefix("0")
    return digits


def _ascii_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


#: Validators by the name that the rule files use.
VALIDATORS: dict[str, Callable[[str], bool]] = {
    "national_id": national_id,
    "resident_id": resident_id,
    "business_id": business_id,
    "credit_card": credit_card,
    "luhn_card": luhn_card,
    "iban": iban,
    "eip55": eip55,
    "mobile": mobile,
    "landline": landline,
    "phone": phone,
    "north_american_phone": north_american_phone,
    "nhi_card": nhi_card,
    "passport": passport,
    "plate": plate,
    "spaced_plate": spaced_plate,
    "address": address,
    "postal_code": postal_code,
    "password": password,
    "base58check": base58check,
    "bech32": bech32,
    "einvoice_carrier": einvoice_carrier,
    "citizen_certificate": citizen_certificate,
    "us_ssn": us_ssn,
    "ip": ip,
    "mac": mac,
    "email": email,
    "calendar_date": calendar_date,
    "roc_birthday": roc_birthday,
    "record_number": record_number,
}

#: The share of random strings of the right shape that pass, for validators with a checksum.
CHANCE: dict[str, float] = {
    "national_id": 0.0995,
    "resident_id": 0.0995,
    "credit_card": 0.1,
    "luhn_card": 0.1,
    "business_id": 0.22,
    "iban": 1 / 97,
    # As EIP-55 says: fifteen letters on average.
    "eip55": 0.000247,
    # Four bytes and thirty bits; the prefix is part of the shape.
    "base58check": 2.0**-32,
    "bech32": 2.0**-30,
}
