"""Which surrogate each type of mention gets, and what makes two mentions one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from anping.protect.pseudonym.normal import normal
from anping.protect.text.surrogates import addresses, identifiers, network
from anping.protect.text.surrogates.draw import Draw
from anping.protect.text.surrogates.layout import core, poured, reformed
from anping.protect.text.surrogates.organisations import organisation
from anping.protect.text.surrogates.telephone import subscriber, telephone

#: Makes a fake of a written mention from a keyed stream.
Fake = Callable[[str, Draw], str]


def carrier(text: str, draw: Draw) -> str:
    """Return another mobile barcode carrier: its slash stays."""
    return poured(text, core(reformed(core(text), draw)))


_FAKES: Mapping[str, Fake] = {
    "TW_NATIONAL_ID": identifiers.national_id,
    "TW_RESIDENT_ID": identifiers.national_id,
    "TW_DRIVER_LICENSE": identifiers.national_id,
    "TW_BUSINESS_ID": identifiers.business_id,
    "CREDIT_CARD": identifiers.credit_card,
    "BANK_ACCOUNT": identifiers.account,
    "IBAN": identifiers.account,
    "TW_PASSPORT": identifiers.passport,
    "US_SSN": identifiers.social_security_number,
    "VEHICLE_PLATE": identifiers.plate,
    "EINVOICE_CARRIER": carrier,
    "PHONE": telephone,
    "EMAIL": network.email,
    "URL": network.url,
    "IP_ADDRESS": network.internet_address,
    "MAC_ADDRESS": network.hardware_address,
    "GPS_POSITION": network.position,
    "ADDRESS_FULL": addresses.address,
    "ADDRESS_PART": addresses.address,
    "ORGANISATION": organisation,
}
_FAMILIES = {
    "TW_RESIDENT_ID": "TW_NATIONAL_ID",
    "TW_DRIVER_LICENSE": "TW_NATIONAL_ID",
    "IBAN": "BANK_ACCOUNT",
    "ADDRESS_PART": "ADDRESS_FULL",
}
_SAME: Mapping[str, Callable[[str], str]] = {
    "PHONE": subscriber,
    "ADDRESS_FULL": addresses.street_of,
    "ADDRESS_PART": addresses.street_of,
}


def fake(kind: str) -> Fake:
    """Return what makes surrogates of a type; of an unknown one only the format is kept."""
    return _FAKES.get(kind, reformed)


def sameness(kind: str, text: str) -> str:
    """Return what is equal for two ways of writing one thing."""
    same = _SAME.get(kind)
    return (same(text) if same is not None else "") or normal(text)


def family(kind: str) -> str:
    """Return the name that separates the streams of types; one number may go by several types."""
    return _FAMILIES.get(kind, kind if kind in _FAKES else "format")
