"""Identifiers of Taiwan, random and valid by their published checksums.

No number is taken from a person; a random valid number can still belong to somebody, which is why
a sample is never to be matched against a real register.

Sources: letter values and weights of the national ID, 戶籍法施行細則 and the National Immigration
Agency's notice of the new resident certificate numbers (2021-01-02); business numbers, Ministry
of Finance notice of 2023-04-01 (divisible by 5); ISO/IEC 7812-1 (Luhn); licence plates, 道路交通
安全規則 (three letters and four digits since 2012-12-17, no I or O).
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from anping.recipes.sample.draw import Weighted, digits, pick

Sex = Literal["M", "F"]

LETTER_VALUES: Final = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))
_ID_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 1)
_BUSINESS_WEIGHTS: Final = (1, 2, 1, 2, 1, 2, 4, 1)
_PLATE_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"

#: The letter of the household registry that first registered a person, by county.
COUNTY_LETTERS: Final = {
    "臺北市": "A", "臺中市": "B", "基隆市": "C", "臺南市": "D", "高雄市": "E", "新北市": "F",
    "宜蘭縣": "G", "桃園市": "H", "嘉義市": "I", "新竹縣": "J", "苗栗縣": "K", "南投縣": "M",
    "彰化縣": "N", "新竹市": "O", "雲林縣": "P", "嘉義縣": "Q", "屏東縣": "T", "花蓮縣": "U",
    "臺東縣": "V", "金門縣": "W", "澎湖縣": "X", "連江縣": "Z",
}  # fmt: skip

#: Bank codes of the Financial Information Service Co. with their share of accounts in a sample.
BANKS: Final = Weighted.of(
    (
        ("700", 14.0),
        ("004", 8.0),
        ("005", 7.0),
        ("006", 8.0),
        ("007", 8.0),
        ("008", 6.0),
        ("009", 5.0),
        ("012", 7.0),
        ("013", 9.0),
        ("017", 4.0),
        ("050", 3.0),
        ("803", 2.0),
        ("806", 3.0),
        ("807", 4.0),
        ("808", 5.0),
        ("812", 5.0),
        ("822", 10.0),
    )
)


def _check_digit(letter: str, second: int, rest: str) -> str:
    value = LETTER_VALUES[letter]
    numbers = (second, *(int(digit) for digit in rest))
    total = value // 10 + value % 10 * 9
    total += sum(w * n for w, n in zip(_ID_WEIGHTS, numbers, strict=True))
    return str(-total % 10)


def national_id(letter: str, sex: Sex, rng: np.random.Generator) -> str:
    """Return a national ID: letter, 1 (male) or 2 (female), eight digits, the last one a check.

    The third character is 0 to 5, as for persons registered at birth.
    """
    second = 1 if sex == "M" else 2
    rest = f"{int(rng.integers(6))}{digits(6, rng)}"
    return f"{letter}{second}{rest}{_check_digit(letter, second, rest)}"


def resident_id(letter: str, sex: Sex, rng: np.random.Generator) -> str:
    """Return a resident certificate number as issued since 2021: 8 male, 9 female."""
    second = 8 if sex == "M" else 9
    rest = f"{int(rng.integers(7))}{digits(6, rng)}"
    return f"{letter}{second}{rest}{_check_digit(letter, second, rest)}"


def old_resident_id(letter: str, sex: Sex, rng: np.random.Generator) -> str:
    """Return a resident certificate number as issued before 2021: two letters, eight digits.

    The second letter is A or C for men, B or D for women; its value modulo 10 enters the checksum.
    """
    second = pick("AC" if sex == "M" else "BD", rng)
    rest = digits(7, rng)
    return f"{letter}{second}{rest}{_check_digit(letter, LETTER_VALUES[second] % 10, rest)}"


def national_checksum_holds(value: str) -> bool:
    """Return whether a ten-character national or resident number passes its checksum."""
    second = int(value[1]) if value[1].isdigit() else LETTER_VALUES[value[1]] % 10
    return _check_digit(value[0], second, value[2:9]) == value[9]


def business_number(rng: np.random.Generator) -> str:
    """Return an eight-digit business number whose weighted digit sums are divisible by 5."""
    while True:
        value = digits(8, rng)
        products = (w * int(d) for w, d in zip(_BUSINESS_WEIGHTS, value, strict=True))
        if value != "00000000" and sum(p // 10 + p % 10 for p in products) % 5 == 0:
            return value


def health_card(rng: np.random.Generator) -> str:
    """Return a health insurance card number: twelve digits, the first four zero (no checksum)."""
    return f"0000{digits(8, rng)}"


def passport(rng: np.random.Generator) -> str:
    """Return a passport number: nine digits, the first a 3 as in chip passports (no checksum)."""
    return f"3{digits(8, rng)}"


def medical_record(rng: np.random.Generator) -> str:
    """Return a medical record number of one hospital: ten digits (no checksum)."""
    return f"{int(rng.integers(1, 4))}{digits(9, rng)}"


def bank_account(rng: np.random.Generator) -> str:
    """Return a bank code and an account of fourteen digits: ``822-01234567890123``."""
    return f"{BANKS.one(rng)}-{digits(14, rng)}"


def credit_card(rng: np.random.Generator) -> str:
    """Return sixteen digits that pass Luhn, beginning 4 (Visa), 5 (Mastercard) or 35 (JCB)."""
    body = pick(("4", "51", "52", "53", "54", "55", "3562"), rng)
    body += digits(15 - len(body), rng)
    doubled = (2 * int(digit) for digit in body[::2])
    total = sum(p // 10 + p % 10 for p in doubled) + sum(int(digit) for digit in body[1::2])
    return f"{body}{-total % 10}"


def licence_plate(rng: np.random.Generator) -> str:
    """Return a plate: ``ABC-1234`` (four in five), or the older ``AB-1234`` and ``1234-AB``."""
    letters = "".join(pick(_PLATE_LETTERS, rng) for _ in range(3))
    number = digits(4, rng)
    form = int(rng.integers(10))
    if form < 8:
        return f"{letters}-{number}"
    return f"{letters[:2]}-{number}" if form == 8 else f"{number}-{letters[:2]}"
