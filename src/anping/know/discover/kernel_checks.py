"""The validators of :mod:`check_many`, compiled: one pass over the matches of all rules.

Each answers for what the shipped patterns let through, as the arrays do; what neither can tell is asked
one by one. Imported only where numba is there (extra ``fast``); see :mod:`compiled`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from anping.know.discover import check_many
from anping.know.discover.buffer import Mask, Places
from anping.know.discover.rules import Rules
from anping.know.discover.scoring import FAILED, PASSED, UNCHECKED
from anping.know.discover.standing import Matches

#: What stands for a verdict where a match is to be asked by itself.
ASK = -1
_KINDS = (
    "national_id", "resident_id", "business_id", "credit_card", "luhn_card", "mobile", "landline", "phone",
    "us_ssn", "iban", "ip", "email", "calendar_date", "address", "passport", "plate", "password", "postal_code",
)  # fmt: skip
(
    _NATIONAL, _RESIDENT, _BUSINESS, _CARD, _LUHN, _MOBILE, _LANDLINE, _PHONE,
    _SECURITY, _IBAN, _IP, _EMAIL, _DATE, _ADDRESS, _PASSPORT, _PLATE, _PASSWORD, _POSTAL,
) = range(len(_KINDS))  # fmt: skip
_NONE, _UNKNOWN = -1, -2
_LIKE = {"spaced_plate": "plate"}
_ZERO, _NINE, _PLUS, _COLON, _DOT, _BLANK, _HYPHEN = map(ord, "09+:. -")
_UPPER_A, _I, _O, _LOWER_A, _LOWER_Z = map(ord, "AIOaz")
_HASH, _E, _FEN = ord("#"), ord("e"), ord("分")
_YEAR, _WEST, _REPUBLIC, _MIDDLE = map(ord, "年西民中")
_ROOM = 64
Codes = npt.NDArray[np.uint16]
Digits = npt.NDArray[np.int64]


class Checks(NamedTuple):
    """By rule, which check it has (see ``_KINDS``) and how many digits; and what the checks look up."""

    kind: npt.NDArray[np.int16]
    least: npt.NDArray[np.int16]
    most: npt.NDArray[np.int16]
    letter_sum: Digits
    letter_units: Digits
    landlines: Mask
    iban: npt.NDArray[np.int32]
    postal: Mask
    telling: Mask
    days: Digits


@lru_cache(8)
def _checks(rules: Rules) -> Checks:
    count = len(rules.entities)
    kind, least, most = (np.full(count, fill, np.int16) for fill in (_NONE, -1, -1))
    for number, entity in enumerate(rules.entities):
        if entity.checks is not None:
            name = _LIKE.get(entity.validator, entity.validator)
            known = entity.shipped and name in _KINDS
            kind[number] = _KINDS.index(name) if known else _UNKNOWN
        if entity.digits is not None:
            least[number], most[number] = entity.digits
    return Checks(kind, least, most, *check_many.look_ups())


def verdicts(rules: Rules, codes: Codes, matches: Matches) -> Places:
    """Return the verdict on each match, :data:`ASK` for those to be asked by themselves."""
    found: Places = _verdicts(_checks(rules), codes, matches)
    return found


@numba.njit(cache=True, nogil=True)
def _verdicts(checks: Checks, codes: Codes, matches: Matches) -> Places:
    entities, starts, ends = matches
    found = np.empty(entities.size, np.int64)
    digits = np.empty(_ROOM, np.int64)
    for row in range(entities.size):
        entity, start, end = entities[row], starts[row], ends[row]
        kind, verdict = checks.kind[entity], UNCHECKED
        if checks.least[entity] >= 0:
            count = 0
            for place in range(start, end):
                count += _ZERO <= codes[place] <= _NINE
            if not checks.least[entity] <= count <= checks.most[entity]:
                found[row] = FAILED
                continue
        if kind == _UNKNOWN:
            verdict = ASK
        elif kind != _NONE:
            count = 0
            for place in range(start, min(end, start + _ROOM)):
                if _ZERO <= codes[place] <= _NINE:
                    digits[count] = codes[place] - _ZERO
                    count += 1
            passed = _passed(checks, kind, codes[start:end], digits[:count])
            verdict = ASK if passed < 0 else PASSED if passed else FAILED
        found[row] = verdict
    return found


@numba.njit(cache=True, nogil=True)
def _passed(checks: Checks, kind: int, codes: Codes, digits: Digits) -> int:  # noqa: C901, PLR0911, PLR0912 - the list of checks
    """Return 1 where a match passes a check, 0 where not, -1 where it is to be asked by itself."""
    if kind in (_NATIONAL, _RESIDENT):
        return int(_identity(checks, codes, kind == _RESIDENT))
    if kind == _BUSINESS:
        return int(_business(digits))
    if kind == _CARD:
        return int(_card(digits))
    if kind == _LUHN:
        return int(14 <= digits.size <= 16 and _several(digits) and _luhn(digits))
    if kind == _MOBILE:
        return int(_national(digits, 0) == 0 and _national(digits, 1) == 9 and _count(digits) == 10)
    if kind == _LANDLINE:
        return int(_landline(checks, codes, digits))
    if kind == _PHONE:
        return int(codes[0] == _PLUS and 8 <= digits.size <= 15)
    if kind == _SECURITY:
        return int(_security(digits))
    if kind == _IBAN:
        return int(_iban(checks, codes))
    if kind == _IP:
        return int(_ip(codes))
    if kind == _EMAIL:
        return _email(codes)
    if kind == _DATE:
        return _date(checks, codes)
    if kind == _ADDRESS:
        return 1 if codes.size < check_many.SHORT_ADDRESS else ASK
    if kind == _PASSPORT:
        return int(codes[0] != _ZERO)
    if kind == _PLATE:
        return int(_plate(codes))
    if kind == _PASSWORD:
        return int(_password(checks, codes))
    if kind == _POSTAL:
        first = digits[0] * 100 + digits[1] * 10 + digits[2] if digits.size > 2 else 0
        return int(digits.size in (3, 5, 6) and checks.postal[first])
    return ASK


@numba.njit(cache=True, nogil=True)
def _identity(checks: Checks, codes: Codes, resident: bool) -> bool:  # noqa: FBT001 - compiled code takes no keywords
    total, count = 0, 0
    for code in codes:
        if code in (_BLANK, _HYPHEN):
            continue
        if count == 0:
            total = checks.letter_sum[code & 127]
        elif count == 1:
            if resident:
                upper = code & ~0x20 if code > _NINE else code
                if not (_ZERO + 8 <= code <= _NINE or _UPPER_A <= upper < _UPPER_A + 4):
                    return False
            elif not _ZERO + 1 <= code <= _ZERO + 2:
                return False
            total += 8 * (checks.letter_units[code & 127] if code > _NINE else code - _ZERO)
        else:
            total += max(9 - count, 1) * (code - _ZERO)
        count += 1
    return count == 10 and total % 10 == 0


@numba.njit(cache=True, nogil=True)
def _business(digits: Digits) -> bool:
    total, any_digit = 0, 0
    for place in range(8):
        # The weights are 1 2 1 2 1 2 4 1.
        product = digits[place] * (4 if place == 6 else 1 + (place & 1) * (place != 7))
        total += product // 10 + product % 10
        any_digit |= digits[place]
    return any_digit > 0 and (total % 5 == 0 or (digits[6] == 7 and (total + 1) % 5 == 0))


@numba.njit(cache=True, nogil=True)
def _luhn(digits: Digits) -> bool:
    total = 0
    for place in range(digits.size):
        value = digits[digits.size - 1 - place] << (place & 1)
        total += value - 9 * (value > 9)
    return total % 10 == 0


@numba.njit(cache=True, nogil=True)
def _several(digits: Digits) -> bool:
    """Return whether there are more than two different digits."""
    kinds = 0
    for digit in digits:
        kinds |= 1 << digit
    count = 0
    for digit in range(10):
        count += (kinds >> digit) & 1
    return count > 2


@numba.njit(cache=True, nogil=True)
def _card(digits: Digits) -> bool:
    count = digits.size
    if not 14 <= count <= 16:
        return False
    two = digits[0] * 10 + digits[1]
    three = two * 10 + digits[2]
    four = three * 10 + digits[3]
    if count == 16:
        fits = (
            digits[0] == 4 or 51 <= two <= 55 or 2220 <= four <= 2720 or 3528 <= four <= 3589
            or four == 6011 or two in (62, 65)
        )  # fmt: skip
    elif count == 15:
        fits = two in (34, 37)
    else:
        fits = 300 <= three <= 305 or two in (36, 38, 39)
    return fits and _luhn(digits)


@numba.njit(cache=True, nogil=True)
def _dropped(digits: Digits) -> int:
    """Return how many digits of +886 stand before the national ones; the first becomes a 0."""
    if digits.size > 3 and digits[0] == 8 and digits[1] == 8 and digits[2] == 6:
        return 2 + int(digits[3] == 0)
    return 0


@numba.njit(cache=True, nogil=True)
def _count(digits: Digits) -> int:
    """Return how many national digits a telephone number has."""
    return digits.size - _dropped(digits)


@numba.njit(cache=True, nogil=True)
def _national(digits: Digits, place: int) -> int:
    """Return a national digit of a telephone number; -1 where it has none."""
    dropped = _dropped(digits)
    if place == 0 and dropped:
        return 0
    return int(digits[place + dropped]) if place + dropped < digits.size else -1


@numba.njit(cache=True, nogil=True)
def _landline(checks: Checks, codes: Codes, digits: Digits) -> bool:
    count = digits.size
    for number in range(codes.size):
        if codes[number] in (_HASH, _E, _FEN):
            # What follows is an extension.
            count = 0
            for place in range(number):
                count += _ZERO <= codes[place] <= _NINE
            break
    written = digits[:count]
    national = _count(written)
    if national not in (9, 10):
        return False
    first = 0
    for place in range(4):
        first = first * 10 + _national(written, place)
    return bool(checks.landlines[first, national - 9])


@numba.njit(cache=True, nogil=True)
def _security(digits: Digits) -> bool:
    area = digits[0] * 100 + digits[1] * 10 + digits[2]
    serial = digits[5] + digits[6] + digits[7] + digits[8]
    return area not in (0, 666) and area < 900 and digits[3] + digits[4] > 0 and serial > 0


@numba.njit(cache=True, nogil=True)
def _iban(checks: Checks, codes: Codes) -> bool:
    """Return whether a match is an IBAN; see :func:`check_many._iban`."""
    rest = count = head = 0
    scale = 1
    first = second = -1
    for code in codes:
        if code == _BLANK:
            continue
        value = int(code) - (55 if code > _NINE else _ZERO)
        if count < 4:
            # The first four go behind the others.
            by = 100 if value > 9 else 10
            head, scale = (head * by + value) % 97, scale * by % 97
            if count == 0:
                first = value - 10
            elif count == 1:
                second = value - 10
        else:
            rest = (rest * (100 if value > 9 else 10) + value) % 97
        count += 1
    if (rest * scale + head) % 97 != 1:
        return False
    return bool(count == checks.iban[min(max(first, 0), 25), min(max(second, 0), 25)])


@numba.njit(cache=True, nogil=True)
def _ip(codes: Codes) -> bool:
    colons = doubled = groups = 0
    before = np.uint16(_COLON)
    for code in codes:
        colons += code == _COLON
        doubled += (code == _COLON) & (before == _COLON)
        groups += (code != _COLON) & (before == _COLON)
        before = code
    if colons:
        # Two colons in a row stand for one group or more.
        return groups <= 7 if doubled else groups == 8
    count = length = value = 0
    fits = True
    for number in range(codes.size + 1):
        code = codes[number] if number < codes.size else _DOT
        if _ZERO <= code <= _NINE:
            value, length = value * 10 + int(code) - _ZERO, length + 1
        elif length:
            fits &= value <= 255 and (length == 1 or (length == 2 and value > 9) or value > 99)
            count, length, value = count + 1, 0, 0
    return fits and count == 4


@numba.njit(cache=True, nogil=True)
def _email(codes: Codes) -> int:
    if codes.size > check_many.SHORT_EMAIL:
        return ASK
    for place in range(codes.size - 1):
        if codes[place] == _DOT and codes[place + 1] == _DOT:
            return 0
    return 1


@numba.njit(cache=True, nogil=True)
def _date(checks: Checks, codes: Codes) -> int:
    """Return whether a match is a day of the calendar; see :func:`check_many._date`."""
    parts, lengths = np.zeros(3, np.int64), np.zeros(3, np.int64)
    count, before, han = 0, False, False
    for code in codes:
        if _LOWER_A <= (code | 0x20) <= _LOWER_Z:
            return ASK
        digit = _ZERO <= code <= _NINE
        if digit:
            count += not before
            if count <= 3:
                parts[count - 1] = parts[count - 1] * 10 + code - _ZERO
                lengths[count - 1] += 1
        han |= code == _YEAR
        before = digit
    if count == 1:
        size = lengths[0] - 4
        year, month, day = parts[0] // 10_000, parts[0] // 100 % 100, parts[0] % 100
    elif count == 3:
        size = lengths[0]
        year, month, day = parts[0], parts[1], parts[2]
        if lengths[2] == 4:
            size = 4
            year, month, day = parts[2], parts[0], parts[1]
    else:
        return 0
    first = codes[0]
    if han and ((first == _WEST and size < 4) or (first in (_REPUBLIC, _MIDDLE) and size >= 4)):
        return 0
    year += check_many.ROC if size < 4 else 0
    if not 1 <= month <= 12 or day < 1 or year < 1:
        return 0
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return int(day <= checks.days[month] + (month == 2 and leap))


@numba.njit(cache=True, nogil=True)
def _plate(codes: Codes) -> bool:
    letters = 0
    for code in codes:
        letters += code & ~0x20 in (_I, _O)
    return letters == 0


@numba.njit(cache=True, nogil=True)
def _password(checks: Checks, codes: Codes) -> bool:
    if codes.size < 4:
        return False
    telling = 0
    for code in codes:
        telling += checks.telling[min(code, 127)]
    return telling > 0
