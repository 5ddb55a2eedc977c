"""The validators over the matches of one rule at once: the same answers as one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

from anping.know.discover import validators as check
from anping.know.discover.entities import Entity

Codes = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
#: Matches of one rule as a matrix of codes, shape (longest, matches), 0 behind each match's end: a
#: step from one character to the next is then one operation over all matches.
Matrix = npt.NDArray[np.int32]
_ZERO, _NINE, _PLUS = 0x30, 0x39, 0x2B
_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_LETTER_SUM = np.zeros(128, np.int64)
_LETTER_UNITS = np.zeros(128, np.int64)
for _place, _letter in enumerate(_LETTERS, start=10):
    for _code in (ord(_letter), ord(_letter.lower())):
        _LETTER_SUM[_code] = _place // 10 + 9 * (_place % 10)
        _LETTER_UNITS[_code] = _place % 10
_ID_WEIGHTS = np.array([8, 7, 6, 5, 4, 3, 2, 1, 1])
_BUSINESS_WEIGHTS = np.array([1, 2, 1, 2, 1, 2, 4, 1])
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
ROC = 1911
_EXTENSION = (0x23, 0x65, ord("分"))
_COLON, _DOT, _BLANK, _HYPHEN = ord(":"), ord("."), ord(" "), ord("-")
_HUNDREDS, _THOUSANDS = np.array([100, 10, 1]), np.array([1000, 100, 10, 1])
_POWERS = 10 ** (np.arange(4) - 1).clip(0)
#: What a password holds and a mere word does not.
_TELLING = np.isin(np.arange(128), [ord(c) for c in "0123456789!@#$%^&*+_"])
#: Shorter e-mail addresses and addresses have no part that is too long.
SHORT_EMAIL, SHORT_ADDRESS = 64, 26
_WEST, _REPUBLIC = ord("西"), (ord("民"), ord("中"))


def matrix(codes: Codes, starts: Places, ends: Places) -> Matrix:
    """Return the codes of matches, shape (longest, matches)."""
    lengths = ends - starts
    rows = np.arange(int(lengths.max()))[:, None]
    found: Matrix = codes.take(starts + rows, mode="clip").astype(np.int32)
    found[rows >= lengths] = 0
    return found


def _packed(values: Matrix, kept: Mask, width: int) -> tuple[Matrix, Places]:
    """Return the kept entries moved to the front, filled with -1, and how many each match has."""
    place = np.cumsum(kept, axis=0)
    packed = np.full((width + 1, values.shape[1]), -1, np.int32)
    # What is not kept, and what is too much, lands in a last row that nobody reads.
    target = np.where(kept & (place <= width), place - 1, width)
    np.put_along_axis(packed, target, values, axis=0)
    return packed[:width], place[-1]


def digits_of(codes: Matrix, width: int) -> tuple[Matrix, Places]:
    """Return the digits of each match, filled with -1 to ``width``, and how many it has."""
    return _packed(codes - _ZERO, (codes >= _ZERO) & (codes <= _NINE), width)


def _identity(codes: Matrix, second: str) -> Mask:
    value, count = _packed(codes, (codes != _BLANK) & (codes != _HYPHEN) & (codes != 0), 10)
    digits = value[1:] - _ZERO
    lettered = value[1] > _NINE
    digits[0, lettered] = _LETTER_UNITS[value[1, lettered] & 127]
    fits = np.isin(value[1], [ord(c) for c in second]) & (count == 10)
    total = _LETTER_SUM[value[0] & 127] + _ID_WEIGHTS @ digits
    return np.asarray(fits & (total % 10 == 0))


def _business(codes: Matrix) -> Mask:
    digits = codes - _ZERO
    products = digits * _BUSINESS_WEIGHTS[:, None]
    total = (products // 10 + products % 10).sum(axis=0)
    return np.asarray(
        ((total % 5 == 0) | ((digits[6] == 7) & ((total + 1) % 5 == 0))) & digits.any(axis=0)
    )


def _luhn(digits: Matrix, count: Places) -> Mask:
    # Every second digit from the right is doubled; what stands behind the last is -1.
    place = np.arange(len(digits))[:, None]
    doubled = ((count - 1 - place) & 1) == 1
    value = np.maximum(digits, 0) << doubled
    return np.asarray((value - 9 * (value > 9)).sum(axis=0) % 10 == 0)


def _card(codes: Matrix) -> Mask:
    digits, count = digits_of(codes, 19)
    two, three = digits[0] * 10 + digits[1], _HUNDREDS @ digits[:3]
    four = three * 10 + digits[3]
    sixteen = (
        (digits[0] == 4)
        | ((two >= 51) & (two <= 55))
        | ((four >= 2220) & (four <= 2720))
        | ((four >= 3528) & (four <= 3589))
        | (four == 6011)
        | (two == 65)
        | (two == 62)
    )
    fits = (count == 16) & sixteen
    fits |= (count == 15) & ((two == 34) | (two == 37))
    fits |= (count == 14) & (
        ((three >= 300) & (three <= 305)) | (two == 36) | (two == 38) | (two == 39)
    )
    return np.asarray(fits & _luhn(digits, count))


def _luhn_card(codes: Matrix) -> Mask:
    digits, count = digits_of(codes, 19)
    kinds = np.bitwise_or.reduce(np.where(digits >= 0, 1 << np.maximum(digits, 0), 0), axis=0)
    several = np.bitwise_count(kinds) > 2
    return np.asarray((count >= 14) & (count <= 16) & several & _luhn(digits, count))


def _national(codes: Matrix) -> tuple[Matrix, Places]:
    """Return the national digits of phone numbers: 0 for +886 and what follows it."""
    digits, count = digits_of(codes, 20)
    abroad = (digits[0] == 8) & (digits[1] == 8) & (digits[2] == 6)
    drop = np.where(abroad, 2 + (digits[3] == 0), 0)
    moved = digits[:11].copy()
    for dropped in (2, 3):
        here = np.flatnonzero(drop == dropped)
        moved[:, here] = digits[dropped : dropped + 11, here]
    moved[0, abroad] = 0
    return moved, count - drop


def _mobile(codes: Matrix) -> Mask:
    digits, count = _national(codes)
    return np.asarray((count == 10) & (digits[0] == 0) & (digits[1] == 9))


@cache
def _landlines() -> Mask:
    """Return which first four digits go with nine or ten digits, shape (10000, 2)."""
    fits = np.zeros((10_000, 2), bool)
    for first in range(1_000):
        for more in range(2):
            fits[first, more] = check.landline(f"{first:04d}{'2' * (5 + more)}")
    return fits


def _landline(codes: Matrix) -> Mask:
    extended = np.isin(codes, _EXTENSION)
    codes = np.where(np.logical_or.accumulate(extended, axis=0), 0, codes)
    digits, count = _national(codes)
    first = np.clip(_THOUSANDS @ digits[:4], 0, 9_999)
    fits = (count == 9) | (count == 10)
    return np.asarray(fits & _landlines()[first, (count == 10).astype(np.int64)])


def _phone(codes: Matrix) -> Mask:
    # Every mobile or landline number written with + has between eight and fifteen digits.
    count = ((codes >= _ZERO) & (codes <= _NINE)).sum(axis=0)
    return np.asarray((codes[0] == _PLUS) & (count >= 8) & (count <= 15))


def _social_security(codes: Matrix) -> Mask:
    digits = digits_of(codes, 9)[0]
    area, serial = _HUNDREDS @ digits[:3], _THOUSANDS @ digits[5:]
    issued = (area != 0) & (area != 666) & (area < 900)
    return np.asarray(issued & (digits[3:5].sum(axis=0) > 0) & (serial > 0))


def _numbers(codes: Matrix, most: int) -> tuple[Matrix, Matrix, Places]:
    """Return the numbers that digits write in each match, their lengths, and how many there are.

    Shape (``most``, matches); numbers of more than nine digits are not told apart.
    """
    digit = (codes >= _ZERO) & (codes <= _NINE)
    begins = digit.copy()
    begins[1:] &= ~digit[:-1]
    which = np.cumsum(begins, axis=0)
    values = np.zeros((most, codes.shape[1]), np.int32)
    lengths = np.zeros((most, codes.shape[1]), np.int32)
    for number in range(most):
        of_number = digit & (which == number + 1)
        rows = np.flatnonzero(of_number.any(axis=1))
        lengths[number] = of_number.sum(axis=0)
        for row in rows.tolist():
            here = of_number[row]
            values[number] = np.where(
                here, values[number] * 10 + codes[row] - _ZERO, values[number]
            )
    return values, lengths, begins.sum(axis=0)


def _ip(codes: Matrix) -> Mask:
    version_six = (codes == _COLON).any(axis=0)
    if not version_six.any():
        return _ipv4(codes)
    found = np.zeros(codes.shape[1], bool)
    found[version_six] = _ipv6(codes[:, version_six])
    if not version_six.all():
        found[~version_six] = _ipv4(codes[:, ~version_six])
    return found


def _ipv6(codes: Matrix) -> Mask:
    """Return which have eight groups, or up to seven beside two colons in a row for the others."""
    colon = codes == _COLON
    begins = (codes != 0) & ~colon
    begins[1:] &= colon[:-1]
    groups = begins.sum(axis=0)
    doubled = (colon[1:] & colon[:-1]).any(axis=0)
    return np.asarray(np.where(doubled, groups <= 7, groups == 8))


def _ipv4(codes: Matrix) -> Mask:
    values, lengths, count = _numbers(codes, 4)
    plain = (values <= 255) & ((lengths == 1) | (values >= _POWERS[np.minimum(lengths, 3)]))
    return np.asarray((count == 4) & plain.all(axis=0))


def _date(codes: Matrix) -> Mask:
    """Return which matches write a day of the calendar; months in letters are not asked here."""
    values, lengths, count = _numbers(codes, 3)
    american = (count == 3) & (lengths[2] == 4)
    year, month, day = (
        np.where(american, values[other], values[own]) for own, other in ((0, 2), (1, 0), (2, 1))
    )
    size = np.where(american, 4, lengths[0])
    compact = count == 1
    whole = values[0, compact]
    year[compact], month[compact], day[compact] = whole // 10_000, whole // 100 % 100, whole % 100
    size[compact] = lengths[0, compact] - 4
    roc = size < 4
    han = (codes == ord("年")).any(axis=0)
    first = codes[0]
    republic = (first == _REPUBLIC[0]) | (first == _REPUBLIC[1])
    wrong = han & (((first == _WEST) & roc) | (republic & ~roc))
    year[roc] += ROC
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    known = (month >= 1) & (month <= 12)
    last = _DAYS[np.where(known, month, 0)] + ((month == 2) & leap)
    fits = ((count == 3) | compact) & known & (day >= 1) & (day <= last) & (year >= 1)
    return np.asarray(fits & ~wrong)


def _lettered(codes: Matrix) -> Mask:
    letters = ((codes | 0x20) >= 0x61) & ((codes | 0x20) <= 0x7A)
    return np.asarray(letters.any(axis=0))


def _email(codes: Matrix) -> Mask:
    dots = codes == _DOT
    return np.asarray(~(dots[1:] & dots[:-1]).any(axis=0))


def _iban(codes: Matrix) -> Mask:
    """Return which are IBANs by ISO 7064 and by length: the first four characters moved behind, modulo 97."""
    kept = (codes != _BLANK) & (codes != 0)
    value, count = _packed(np.where(codes > _NINE, codes - 55, codes - _ZERO), kept, 34)
    rest = np.zeros(codes.shape[1], np.int32)
    longest = min(int(count.max()), 34)
    for row in (*range(4, longest), 0, 1, 2, 3):
        here = value[row]
        moved = (rest * np.where(here > 9, 100, 10) + here) % 97
        rest = np.where(here >= 0, moved, rest)
    first, second = (np.clip(value[row] - 10, 0, 25) for row in (0, 1))
    return np.asarray((rest == 1) & (count == _iban_lengths()[first, second]))


@cache
def _iban_lengths() -> Matrix:
    """Return how many characters an IBAN has by the two letters of its country; -1: none has."""
    lengths = np.full((26, 26), -1, np.int32)
    for country, length in check.IBAN_LENGTHS.items():
        lengths[ord(country[0]) - 65, ord(country[1]) - 65] = length
    return lengths


def _passport(codes: Matrix) -> Mask:
    return np.asarray(codes[0] != _ZERO)


def _plate(codes: Matrix) -> Mask:
    """Return which have no letter that is not issued; the patterns let only a plate's form through."""
    upper = codes & ~0x20
    return np.asarray(~((upper == ord("I")) | (upper == ord("O"))).any(axis=0))


def _password(codes: Matrix) -> Mask:
    return np.asarray(_TELLING[np.minimum(codes, 127)].any(axis=0) & (codes[3] != 0))


@cache
def _postal_codes() -> Mask:
    """Return which three digits begin the postal code of a township, shape (1000,)."""
    return np.array([check.postal_code(f"{first:03d}") for first in range(1_000)])


def _postal_code(codes: Matrix) -> Mask:
    digits, count = digits_of(codes, 6)
    fits = (count == 3) | (count == 5) | (count == 6)
    return np.asarray(fits & _postal_codes()[np.clip(_HUNDREDS @ digits[:3], 0, 999)])


#: Array tests by the validator's name.
CHECKS: Mapping[str, Callable[[Matrix], Mask]] = {
    "national_id": lambda codes: _identity(codes, "12"),
    "resident_id": lambda codes: _identity(codes, "89ABCDabcd"),
    "business_id": _business,
    "credit_card": _card,
    "luhn_card": _luhn_card,
    "mobile": _mobile,
    "landline": _landline,
    "phone": _phone,
    "us_ssn": _social_security,
    "iban": _iban,
    "ip": _ip,
    "email": _email,
    "address": lambda codes: np.ones(codes.shape[1], bool),
    "passport": _passport,
    "calendar_date": _date,
    "plate": _plate,
    "spaced_plate": _plate,
    "password": _password,
    "postal_code": _postal_code,
}


def look_ups() -> tuple[Places, Places, Mask, Matrix, Mask, Mask, Places]:
    """Return what the tests look up, for compiled code.

    By letter what it adds to an identity number's sum, and its units; which first four digits go with
    landlines of nine or ten; lengths of IBANs by country; which digits begin postal codes; what a
    password holds; the days of the months.
    """
    return (
        _LETTER_SUM, _LETTER_UNITS, _landlines(), _iban_lengths(), _postal_codes(), _TELLING, _DAYS
    )  # fmt: skip


def checked(
    entity: Entity,
    codes: Codes,
    starts: Places,
    ends: Places,
    *,
    text: Callable[[int, int], str],
) -> Mask:
    """Return which matches of a rule that has a validator or a number of digits pass.

    ``text`` gives the folded text between two places, for those that are asked one by one.
    """
    found = np.ones(len(starts), bool)
    if not len(starts):
        return found
    written = matrix(codes, starts, ends)
    if entity.digits is not None:
        count = ((written >= _ZERO) & (written <= _NINE)).sum(axis=0)
        found &= (count >= entity.digits[0]) & (count <= entity.digits[1])
    if entity.checks is None:
        return found
    test, alone = _test(entity, written, ends - starts)
    if test is not None and not alone.any():
        return found & test(written)
    if test is not None and not alone.all():
        found[~alone] &= test(written[:, ~alone])
    for row in np.flatnonzero(alone & found).tolist():
        found[row] = bool(entity.validate(text(int(starts[row]), int(ends[row]))))
    return found


def _test(
    entity: Entity, written: Matrix, lengths: Places
) -> tuple[Callable[[Matrix], Mask] | None, Mask]:
    """Return the array test of a rule, if it has one, and which matches are asked one by one."""
    name = entity.validator
    test = CHECKS.get(name)
    if test is None or not entity.shipped:
        # Array tests rely on what the shipped patterns let through.
        return None, np.ones(len(lengths), bool)
    if name == "calendar_date":
        return test, _lettered(written)
    if name == "email":
        return test, np.asarray(lengths > SHORT_EMAIL)
    if name == "address":
        return test, np.asarray(lengths >= SHORT_ADDRESS)
    return test, np.zeros(len(lengths), bool)
