"""Which validator a semantic type's cells must pass."""

from __future__ import annotations

import re
from collections.abc import Callable

from anping.core.taiwan import locate
from anping.know.discover import validators as check
from anping.know.discover.cells import place, postal_code, vocabulary

_AGE = re.compile(r"[0-9]{1,3}(?:\.[0-9]+)?")


def _date(text: str) -> bool:
    return check.calendar_date(text.split(" ", maxsplit=1)[0].split("T", maxsplit=1)[0])


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
