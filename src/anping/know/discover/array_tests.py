"""The validators over whole Arrow arrays: the same answers as one by one, at the speed of numpy.

Forms are RE2 expressions and checksums are sums over matrices of digits. Only texts of ASCII come
here; each test answers for every text it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.taiwan import divisions
from anping.know.discover.written import Bytes, Mask, letters

ArrayTest = Callable[[pa.StringArray], Mask]

_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
#: By letter, what it adds to the sum of a national ID: its tens and nine times its units.
_LETTER_SUM = np.zeros(256, np.int16)
_LETTER_UNITS = np.zeros(256, np.int16)
for _place, _letter in enumerate(_LETTERS, start=10):
    for _code in (ord(_letter), ord(_letter.lower())):
        _LETTER_SUM[_code] = _place // 10 + 9 * (_place % 10)
        _LETTER_UNITS[_code] = _place % 10
_ID_WEIGHTS = np.array([8, 7, 6, 5, 4, 3, 2, 1, 1], np.int16)
_ID_LENGTH = 10
_IS_LETTER = np.zeros(256, bool)
_IS_LETTER[[*range(65, 91), *range(97, 123)]] = True
#: What stands second in a national ID, and in a resident certificate of either scheme.
ID_SECOND, RESIDENT_SECOND = "12", "89ABCDabcd"
_BUSINESS_WEIGHTS = np.array([1, 2, 1, 2, 1, 2, 4, 1])
_ZERO = np.uint8(ord("0"))
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_CARD = (
    r"^(?:4[0-9]{15}|5[1-5][0-9]{14}|2(?:2[2-9]|[3-6][0-9]|7[01])[0-9]{13}|2720[0-9]{12}"
    r"|3[47][0-9]{13}|35(?:2[89]|[3-8][0-9])[0-9]{12}|3(?:0[0-5]|[689][0-9])[0-9]{11}"
    r"|6(?:011|5[0-9]{2}|2[0-9]{2})[0-9]{12})$"
)
_LANDLINE = (
    r"^(?:02[2-9][0-9]{7}|03[2-9][0-9]{6}|037[0-9]{6}|04[2-9][0-9]{6,7}|049[0-9]{7}"
    r"|0[56][2-9][0-9]{6}|07[2-9][0-9]{6}|08[2-9][0-9]{6}|082[0-9]{6}|0826[0-9]{5}|0836[0-9]{5}"
    r"|089[0-9]{6})$"
)
_EMAIL = (
    r"^[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}$"
)
#: In so few bytes no part of an address is too long, and without counts the automaton is small.
_SHORT, _SHORT_EMAIL = (
    64,
    r"^[A-Za-z0-9][A-Za-z0-9._%+-]*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}$",
)
_FORMS: Mapping[str, str] = {
    "TW_PASSPORT": r"^[1-9][0-9]{8}$",
    "TW_NHI_CARD": r"^[0-9]{12}$",
    "TW_CITIZEN_CERTIFICATE": r"^[A-Z]{2}[0-9]{14}$",
    "US_SSN": (
        r"^(?:00[1-9]|0[1-9][0-9]|[1-57-8][0-9]{2}|6[0-57-9][0-9]|66[0-57-9])"
        r"-(?:0[1-9]|[1-9][0-9])-(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})$"
    ),
    "MAC_ADDRESS": (
        r"^(?i)(?:[0-9A-F]{2}(?::[0-9A-F]{2}){5}|[0-9A-F]{2}(?:-[0-9A-F]{2}){5}"
        r"|(?:[0-9A-F]{4}\.){2}[0-9A-F]{4})$"
    ),
    "VEHICLE_PLATE": (
        r"^(?i)(?:[A-HJ-NP-Z]{3}-?[0-9]{3,4}|[A-HJ-NP-Z]{2}-?[0-9]{3,4}"
        r"|[0-9]{3,4}-?[A-HJ-NP-Z]{2,3}|[A-HJ-NP-Z][0-9]-?[0-9]{3,4}|[0-9]{3,4}-?[A-HJ-NP-Z][0-9])$"
    ),
    "EINVOICE_CARRIER": r"^/[0-9A-Z.+-]{7}$",
}


def matching(texts: pa.StringArray, pattern: str) -> Mask:
    """Return which texts match an RE2 expression; a missing one does not."""
    found = pc.match_substring_regex(texts, pattern)
    return np.asarray(pc.fill_null(found, False).to_numpy(zero_copy_only=False), dtype=bool)


def _where(texts: pa.StringArray, shaped: Mask, test: Callable[[pa.StringArray], Mask]) -> Mask:
    """Return the test's answers for the shaped texts, and False for the others."""
    if len(shaped) and shaped.all():
        return test(texts)
    answers = np.zeros(len(texts), bool)
    if shaped.any():
        answers[shaped] = test(texts.filter(pa.array(shaped)))
    return np.asarray(answers)


def _matrix(texts: pa.StringArray) -> npt.NDArray[np.int64]:
    """Return texts of one length as codes, shape (texts, length)."""
    data, _ = letters(texts)
    return data.reshape(len(texts), -1).astype(np.int64)


def identity_shaped(texts: pa.StringArray, second: str) -> Mask:
    """Return which texts are an ASCII letter, one of ``second``, and eight digits."""
    _, begins = letters(texts)
    long = np.diff(begins) == _ID_LENGTH
    return _where(texts, long, lambda some: _shaped(_places(some), second))


def _shaped(places: Bytes, second: str) -> Mask:
    answers = _IS_LETTER[places[0]] & byte_table(second)[places[1]]
    for place in places[2:]:
        answers &= place - _ZERO < 10  # uint8: what is below "0" becomes large
    return np.asarray(answers)


def _places(texts: pa.StringArray) -> Bytes:
    """Return the bytes of texts of one length, place by place: shape (length, texts)."""
    data, _ = letters(texts)
    return np.ascontiguousarray(data.reshape(len(texts), -1).T)


def _identity(second: str) -> ArrayTest:
    def checksum(texts: pa.StringArray) -> Mask:
        places = _places(texts)
        total = _LETTER_SUM[places[0]]
        lettered = places[1] > ord("9")
        total += _ID_WEIGHTS[0] * np.where(lettered, _LETTER_UNITS[places[1]], places[1] - _ZERO)
        for weight, place in zip(_ID_WEIGHTS[1:], places[2:], strict=True):
            total += weight * (place - _ZERO)
        return np.asarray(total % 10 == 0)

    return lambda texts: _where(texts, identity_shaped(texts, second), checksum)


def byte_table(some: str) -> Mask:
    """Return which bytes are one of some ASCII letters: shape (256,)."""
    known = np.zeros(256, bool)
    known[[ord(letter) for letter in some]] = True
    return known


def _business(texts: pa.StringArray) -> Mask:
    def checksum(shaped: pa.StringArray) -> Mask:
        digits = _matrix(shaped) - _ZERO
        products = digits * _BUSINESS_WEIGHTS
        total = (products // 10 + products % 10).sum(axis=1)
        seven = digits[:, 6] == 7
        valid = (total % 5 == 0) | (seven & ((total + 1) % 5 == 0))
        return np.asarray(valid & digits.any(axis=1))

    return _where(texts, matching(texts, "^[0-9]{8}$"), checksum)


def _card(texts: pa.StringArray) -> Mask:
    digits = pc.replace_substring_regex(texts, "[ ().-]", "")
    answers = matching(digits, _CARD)
    lengths = pc.binary_length(digits).fill_null(0).to_numpy()
    for length in (14, 15, 16):
        answers &= (lengths != length) | _where(digits, answers & (lengths == length), _luhn)
    return np.asarray(answers)


def _luhn(digits: pa.StringArray) -> Mask:
    numbers = _matrix(digits)[:, ::-1] - _ZERO
    numbers[:, 1::2] *= 2
    return np.asarray((numbers - 9 * (numbers > 9)).sum(axis=1) % 10 == 0)


def _phone(texts: pa.StringArray) -> Mask:
    # Most are mobile numbers without separators; the others are looked at closely.
    answers = matching(texts, "^09[0-9]{8}$")
    return np.asarray(answers | _where(texts, ~answers, _separated_phone))


def _separated_phone(texts: pa.StringArray) -> Mask:
    bare = pc.replace_substring_regex(texts, "[ ().-]", "")
    answers = matching(bare, r"^\+[0-9]{8,15}$") | matching(_national(bare), "^09[0-9]{8}$")
    line = pc.replace_substring_regex(texts, r"(?s)[\t-\r\x1c-\x20]*(?:#.*)?$", "")
    line = _national(pc.replace_substring_regex(line, "[ ().-]", ""))
    return np.asarray(answers | matching(line, _LANDLINE))


def _national(bare: pa.StringArray) -> pa.StringArray:
    return pc.replace_substring_regex(bare, r"^(?:\+886|00886|886)0?", "0")


def _email(texts: pa.StringArray) -> Mask:
    _, begins = letters(texts)
    if np.diff(begins).max(initial=0) <= _SHORT:
        answers = matching(texts, _SHORT_EMAIL)
    else:
        answers = matching(texts, _EMAIL)
    doubled = pc.fill_null(pc.match_substring(texts, ".."), False)
    return np.asarray(answers & ~doubled.to_numpy(zero_copy_only=False))


def _age(texts: pa.StringArray) -> Mask:
    def low(shaped: pa.StringArray) -> Mask:
        return np.asarray(shaped.cast(pa.float64()).to_numpy() <= 130)

    return _where(texts, matching(texts, r"^[0-9]{1,3}(?:\.[0-9]+)?$"), low)


def _form(pattern: str) -> ArrayTest:
    return lambda texts: matching(texts, pattern)


#: Tests by semantic type, of ASCII texts.
ARRAY_TESTS: Mapping[str, ArrayTest] = {
    **{kind: _form(pattern) for kind, pattern in _FORMS.items()},
    "TW_NATIONAL_ID": _identity(ID_SECOND),
    "TW_DRIVER_LICENSE": _identity(ID_SECOND),
    "TW_RESIDENT_ID": _identity(RESIDENT_SECOND),
    "TW_BUSINESS_ID": _business,
    "CREDIT_CARD": _card,
    "PHONE": _phone,
    "EMAIL": _email,
    "AGE": _age,
}
#: IPv4 is told by form; what holds a colon may be IPv6 and is looked at one by one.
IPV4: ArrayTest = _form(rf"^(?:{_OCTET}\.){{3}}{_OCTET}$")


@cache
def _place_length() -> int:
    return max(len(division.county + division.township) for division in divisions())


def day_part(texts: pa.StringArray) -> pa.StringArray:
    """Return the texts up to the first blank or T, where the time of a day begins."""
    return pc.replace_substring_regex(texts, "(?s)[ T].*$", "")


def place_part(addresses: pa.StringArray) -> pa.StringArray:
    """Return what the county and township of an address are read from, and nothing behind it.

    That is three characters of the leading postal code, and the names.
    """
    close = pc.replace_substring(addresses, " ", "")
    pattern = rf"(?s)^([0-9-]{{0,3}})[0-9-]*(.{{0,{_place_length()}}}).*$"
    return pc.replace_substring_regex(close, pattern, r"\1\2")


def named_part(addresses: pa.StringArray) -> pa.StringArray:
    """Return :func:`place_part` of the addresses without the postal code before them."""
    return place_part(pc.replace_substring_regex(addresses, "^[0-9 -]+", ""))
