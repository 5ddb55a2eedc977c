"""One-way pseudonyms: HMAC-SHA-256 (RFC 2104, FIPS 198-1) of the normal form of a value.

A plain hash of an identifier is undone by trying all identifiers; without the key an HMAC is not.
Equal key names give equal pseudonyms in every table, different names unlinkable ones.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from anping.protect.pseudonym import alphabet
from anping.protect.pseudonym.keys import Keys, subkey
from anping.protect.pseudonym.normal import Normalisation, normal

#: Characters of a pseudonym: 100 bits, so among 10^9 people two collide with chance under 10^-12.
LENGTH = 20


def pseudonyms(
    values: Iterable[Any], keys: Keys, *, key: str, normalisation: Normalisation = "identifier"
) -> list[str | None]:
    """Return the pseudonym of each value, :data:`LENGTH` Base32 characters; null stays null.

    Raises KeyStoreError if the key ``key`` is missing or short.
    """
    secret = subkey(keys, key, use="hmac")
    known: dict[str, str] = {}
    found: list[str | None] = []
    for value in values:
        text = normal(value, normalisation)
        if text and text not in known:
            digest = hmac.new(secret, text.encode(), sha256).digest()
            known[text] = alphabet.encode(digest)[:LENGTH]
        found.append(known[text] if text else None)
    return found
