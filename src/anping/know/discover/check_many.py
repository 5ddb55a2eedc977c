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
#: Matches of one rule as a matrix of codes, shape (matches, longest), 0 behind each match's end.
Matrix = npt.NDArray[np.int64]
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
_ROC = 1911
_EXTENSION = (0x23, 0x65, ord("分"))
_COLON, _DOT, _BLANK = ord(":"), ord("."), ord(" ")
#: Shorter e-mail addresses and addresses have no part that is too long.
_SHORT_EMAIL, _SHORT_ADDRESS = 64, 26
_WEST, _REPUBLIC = ord("西"), (ord("民"), ord("中"))


def matrix(codes: Codes, starts: Places, ends: Places) -> Matrix:
    """Return the codes of matches, shape (matches, longest)."""
    columns = np.arange(int((ends - starts).max()))
    places = np.minimum(starts[:, None] + columns, len(codes) - 1)
    found: Matrix = codes[places].astype(np.int64)
    found[columns >= (ends - starts)[:, None]] = 0
    return found


def _packed(values: Matrix, kept: Mask, width: int) -> tuple[Matrix, Places]:
    """Return the kept entries moved to the left, filled with -1, and how many each row has."""
    place = np.cumsum(kept, axis=1) - 1
    rows, columns = np.nonzero(kept & (place < width))
    packed = np.full((len(values), width), -1, np.int64)
    packed[rows, place[rows, columns]] = values[rows, columns]
    return packed, kept.sum(axis=1)


def digits_of(codes: Matrix, width: int) -> tuple[Matrix, Places]:
    """Return the digits of each match, filled with -1 to ``width``, and how many it has."""
    return _packed(codes - _ZERO, (codes >= _ZERO) & (codes <= _NINE), width)


def _identity(codes: Matrix, second: str) -> Mask:
    value, count = _packed(codes, (codes != 0x20) & (codes != 0x2D) & (codes != 0), 10)
    digits = value[:, 1:] - _ZERO
    lettered = value[:, 1] > _NINE
    digits[lettered, 0] = _LETTER_UNITS[value[lettered, 1] & 127]
    fits = np.isin(value[:, 1], [ord(c) for c in second]) & (count == 10)
    total = _LETTER_SUM[value[:, 0] & 127] + digits @ _ID_WEIGHTS
    return np.asarray(fits & (total % 10 == 0))


def _business(codes: Matrix) -> Mask:
    digits = codes - _ZERO
    products = digits * _BUSINESS_WEIGHTS
    total = (products // 10 + products % 10).sum(axis=1)
    return np.asarray(
        ((total % 5 == 0) | ((digits[:, 6] == 7) & ((total + 1) % 5 == 0))) & digits.any(axis=1)
    )


def _luhn(digits: Matrix, count: Places) -> Mask:
    # Right-aligned, so that every second digit from the right is doubled.
    width = digits.shape[1]
    turned = np.take_along_axis(digits, (count[:, None] - 1 - np.arange(width)) % width, axis=1)
    turned[np.arange(width) >= count[:, None]] = 0
    turned[:, 1::2] *= 2
    return np.asarray((turned - 9 * (turned > 9)).sum(axis=1) % 10 == 0)


def _card(codes: Matrix) -> Mask:
    digits, count = digits_of(codes, 19)
    two, three = digits[:, 0] * 10 + digits[:, 1], digits[:, :3] @ np.array([100, 10, 1])
    four = three * 10 + digits[:, 3]
    sixteen = (
        (digits[:, 0] == 4)
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
    kinds = sum((digits == digit).any(axis=1).astype(np.int64) for digit in range(10))
    return np.asarray((count >= 14) & (count <= 16) & (kinds > 2) & _luhn(digits, count))


def _national(codes: Matrix) -> tuple[Matrix, Places]:
    """Return the national digits of phone numbers: 0 for +886 and what follows it."""
    digits, count = digits_of(codes, 20)
    abroad = (digits[:, :3] == [8, 8, 6]).all(axis=1)
    drop = np.where(abroad, 2 + (digits[:, 3] == 0), 0)
    columns = np.minimum(np.arange(11) + drop[:, None], 19)
    moved = np.take_along_axis(digits, columns, axis=1)
    moved[abroad, 0] = 0
    return moved, count - drop


def _mobile(codes: Matrix) -> Mask:
    digits, count = _national(codes)
    return np.asarray((count == 10) & (digits[:, 0] == 0) & (digits[:, 1] == 9))


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
    codes = np.where(np.cumsum(extended, axis=1) > 0, 0, codes)
    digits, count = _national(codes)
    first = np.clip(digits[:, :4] @ np.array([1000, 100, 10, 1]), 0, 9_999)
    fits = (count == 9) | (count == 10)
    return np.asarray(fits & _landlines()[first, (count == 10).astype(np.int64)])


def _phone(codes: Matrix) -> Mask:
    # Every mobile or landline number written with + has between eight and fifteen digits.
    count = digits_of(codes, 20)[1]
    return np.asarray((codes[:, 0] == _PLUS) & (count >= 8) & (count <= 15))


def _social_security(codes: Matrix) -> Mask:
    digits = digits_of(codes, 9)[0]
    area = digits[:, :3] @ np.array([100, 10, 1])
    serial = digits[:, 5:] @ np.array([1000, 100, 10, 1])
    issued = (area != 0) & (area != 666) & (area < 900)
    return np.asarray(issued & (digits[:, 3:5].sum(axis=1) > 0) & (serial > 0))


def _numbers(codes: Matrix, most: int) -> tuple[Matrix, Matrix, Places]:
    """Return the numbers that digits write in each match, their lengths, and how many there are."""
    digit = (codes >= _ZERO) & (codes <= _NINE)
    begins = digit.copy()
    begins[:, 1:] &= ~digit[:, :-1]
    which = np.cumsum(begins, axis=1) - 1
    values = np.zeros((len(codes), most), np.int64)
    lengths = np.zeros((len(codes), most), np.int64)
    rows = np.arange(len(codes))
    for column in range(codes.shape[1]):
        here = digit[:, column] & (which[:, column] < most)
        at, group = rows[here], which[here, column]
        values[at, group] = values[at, group] * 10 + codes[here, column] - _ZERO
        lengths[at, group] += 1
    return values, lengths, begins.sum(axis=1)


def _ipv4(codes: Matrix) -> Mask:
    values, lengths, count = _numbers(codes, 4)
    plain = (values <= 255) & ((lengths == 1) | (values >= 10 ** (lengths - 1)))
    return np.asarray((count == 4) & plain.all(axis=1))


def _date(codes: Matrix) -> Mask:
    """Return which matches write a day of the calendar; months in letters are not asked here."""
    values, lengths, count = _numbers(codes, 3)
    year, month, day = values.T.copy()
    size = lengths[:, 0].copy()
    american = (count == 3) & (lengths[:, 2] == 4)
    year[american], month[american], day[american] = values[american][:, [2, 0, 1]].T
    size[american] = 4
    compact = count == 1
    whole = values[compact, 0]
    year[compact], month[compact], day[compact] = whole // 10_000, whole // 100 % 100, whole % 100
    size[compact] = lengths[compact, 0] - 4
    roc = size < 4
    han = (codes == ord("年")).any(axis=1)
    first = codes[:, 0]
    wrong = han & (((first == _WEST) & roc) | (np.isin(first, _REPUBLIC) & ~roc))
    year[roc] += _ROC
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    known = (month >= 1) & (month <= 12)
    last = _DAYS[np.where(known, month, 0)] + ((month == 2) & leap)
    fits = ((count == 3) | compact) & known & (day >= 1) & (day <= last) & (year >= 1)
    return np.asarray(fits & ~wrong)


def _has_letters(codes: Matrix) -> Mask:
    letters = ((codes | 0x20) >= 0x61) & ((codes | 0x20) <= 0x7A)
    return np.asarray(letters.any(axis=1))


def _email(codes: Matrix) -> Mask:
    dots = codes == _DOT
    return np.asarray(~(dots[:, 1:] & dots[:, :-1]).any(axis=1))


def _iban(codes: Matrix) -> Mask:
    """Return which are IBANs by ISO 7064: the first four characters moved behind, modulo 97."""
    kept = (codes != _BLANK) & (codes != 0)
    value, count = _packed(np.where(codes > _NINE, codes - 55, codes - _ZERO), kept, 34)
    rest = np.zeros(len(codes), np.int64)
    for column in range(4, 38):
        here = value[:, column] if column < 34 else value[:, column - 34]
        known = (here >= 0) & ((column < 34) | (count >= 15))
        rest = np.where(known, (rest * np.where(here > 9, 100, 10) + here) % 97, rest)
    return np.asarray((rest == 1) & (count >= 15) & (count <= 34))


def _passport(codes: Matrix) -> Mask:
    return np.asarray(codes[:, 0] != _ZERO)


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
    "ip": _ipv4,
    "email": _email,
    "address": lambda codes: np.ones(len(codes), bool),
    "passport": _passport,
    "calendar_date": _date,
}


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
        count = ((written >= _ZERO) & (written <= _NINE)).sum(axis=1)
        found &= (count >= entity.digits[0]) & (count <= entity.digits[1])
    if entity.checks is None:
        return found
    test, alone = _test(entity, written, ends - starts)
    if test is not None and not alone.all():
        found[~alone] &= test(written[~alone])
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
        return None, np.ones(len(written), bool)
    if name == "ip":
        return test, np.asarray((written == _COLON).any(axis=1))
    if name == "calendar_date":
        return test, _has_letters(written)
    if name == "email":
        return test, np.asarray(lengths > _SHORT_EMAIL)
    if name == "address":
        return test, np.asarray(lengths >= _SHORT_ADDRESS)
    return test, np.zeros(len(written), bool)
