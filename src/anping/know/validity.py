"""Which validator a semantic type's cells must pass, one by one or many at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.taiwan import locate
from anping.know.discover import validators as check
from anping.know.discover.array_tests import ARRAY_TESTS, IPV4, day_part, place_part
from anping.know.discover.cells import place, postal_code, vocabulary
from anping.know.discover.written import Mask

_AGE = re.compile(r"[0-9]{1,3}(?:\.[0-9]+)?")
#: What of a text its validator looks at: many texts share the part, and it is tested once.
_PARTS: dict[str, Callable[[pa.StringArray], pa.StringArray]] = {
    "DATE": day_part,
    "DATE_OF_BIRTH": day_part,
    "ADDRESS_FULL": place_part,
}


def _date(text: str) -> bool:
    part = text.split(" ", maxsplit=1)[0].split("T", maxsplit=1)[0]
    return check.remembered_day(part) is not None


def _age(text: str) -> bool:
    return _AGE.fullmatch(text) is not None and float(text) <= 130


def _gender(text: str) -> bool:
    return text.lower() in vocabulary()["GENDER"]


def _address(text: str) -> bool:
    return locate(text) is not None


def _area(text: str) -> bool:
    return place(text) or postal_code(text)


_VALIDATORS: dict[str, Callable[[str], bool]] = {
    "TW_NATIONAL_ID": check.national_id,
    "TW_RESIDENT_ID": check.resident_id,
    "TW_DRIVER_LICENSE": check.national_id,
    "TW_PASSPORT": check.passport,
    "TW_NHI_CARD": check.nhi_card,
    "TW_CITIZEN_CERTIFICATE": check.citizen_certificate,
    "TW_BUSINESS_ID": check.business_id,
    "US_SSN": check.us_ssn,
    "CREDIT_CARD": check.credit_card,
    "EMAIL": check.email,
    "PHONE": check.phone,
    "IP_ADDRESS": check.ip,
    "MAC_ADDRESS": check.mac,
    "VEHICLE_PLATE": check.plate,
    "EINVOICE_CARRIER": check.einvoice_carrier,
    "DATE": _date,
    "DATE_OF_BIRTH": _date,
    "AGE": _age,
    "GENDER": _gender,
    "ADDRESS_FULL": _address,
    "ADDRESS_PART": _area,
}


def validator_of(semantic_type: str) -> Callable[[str], bool] | None:
    """Return the test that a cell of this type must pass, or None if the type has no fixed form."""
    return _VALIDATORS.get(semantic_type)


def passes(semantic_type: str, texts: pa.StringArray) -> Mask:
    """Return which texts (as written) pass the validator of a type that has one; nulls do not."""
    array_test = IPV4 if semantic_type == "IP_ADDRESS" else ARRAY_TESTS.get(semantic_type)
    if array_test is None:
        part = _PARTS.get(semantic_type)
        return _one_by_one(semantic_type, texts if part is None else part(texts))
    answers = array_test(texts)
    # Letters beyond ASCII may still have an ASCII capital; a colon may be IPv6.
    alone = ~pc.string_is_ascii(texts).fill_null(True).to_numpy(zero_copy_only=False)
    if semantic_type == "IP_ADDRESS":
        alone |= pc.match_substring(texts, ":").fill_null(False).to_numpy(zero_copy_only=False)
    if alone.any():
        answers[alone] = _one_by_one(semantic_type, texts.filter(pa.array(alone)))
    return answers


def _one_by_one(semantic_type: str, texts: pa.StringArray) -> Mask:
    unique = texts.dictionary_encode()
    answers = np.array(
        [*map(_VALIDATORS[semantic_type], unique.dictionary.to_pylist()), False], dtype=bool
    )
    return np.asarray(answers[unique.indices.fill_null(len(unique.dictionary)).to_numpy()])
