"""Surrogates of addresses on networks: names and blocks that are reserved, so that they reach nobody.

Sources: RFC 2606 (example domains), RFC 1918 and RFC 2544 (IPv4 blocks), RFC 3849 (2001:db8::/32),
IEEE 802 (the bit of locally administered MAC addresses).
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from anping.protect.text.folding import fold
from anping.protect.text.surrogates.draw import Draw
from anping.protect.text.surrogates.layout import core, poured, reformed
from anping.protect.text.surrogates.people import GIVEN_ENGLISH, SURNAMES_ENGLISH

_DOMAINS = ("example.com", "example.net", "example.org")
_PRIVATE = ("10.0.0.0", 24), ("172.16.0.0", 20), ("192.168.0.0", 16), ("127.0.0.0", 24)
#: Least latitude and longitude of the main island, and how far it reaches, in degrees.
_TAIWAN = ((22.0, 3.2), (120.2, 1.6))
_BENCHMARK = (int(IPv4Address("198.18.0.0")), 17)


def email(text: str, draw: Draw) -> str:
    """Return a mailbox at a reserved domain."""
    del text
    given, surname = draw.one_of(GIVEN_ENGLISH).lower(), draw.one_of(SURNAMES_ENGLISH).lower()
    return f"{given}.{surname}{draw.digits(3)}@{draw.one_of(_DOMAINS)}"


def url(text: str, draw: Draw) -> str:
    """Return a URL of the same scheme at a reserved domain, its path in the same format."""
    scheme, separator, rest = text.partition("://")
    _, slash, path = rest.partition("/")
    kept = scheme + separator if separator else ""
    return f"{kept}{draw.one_of(_DOMAINS)}{slash}{reformed(path, draw)}"


def internet_address(text: str, draw: Draw) -> str:
    """Return an address of the same private block, or of one that is not routed."""
    try:
        true = ip_address(fold(text).strip())
    except ValueError:
        return reformed(text, draw)
    if isinstance(true, IPv6Address):
        prefix = int(IPv6Address("2001:db8::"))
        return str(IPv6Address(prefix + draw.below(1 << 48) + (draw.below(1 << 48) << 48)))
    for start, bits in _PRIVATE:
        first = int(IPv4Address(start))
        if int(true) >> bits == first >> bits:
            return str(IPv4Address(first + 1 + draw.below((1 << bits) - 2)))
    first, bits = _BENCHMARK
    return str(IPv4Address(first + 1 + draw.below((1 << bits) - 2)))


def position(text: str, draw: Draw) -> str:
    """Return another latitude and longitude, anywhere in Taiwan, with as many decimals."""
    numbers = re.findall(r"-?\d+(?:\.(\d+))?", text)
    if len(numbers) != 2:
        return reformed(text, draw)
    made = iter(
        f"{low + draw.below(10**6) / 10**6 * span:.{len(decimals)}f}"
        for (low, span), decimals in zip(_TAIWAN, numbers, strict=True)
    )
    return re.sub(r"-?\d+(?:\.\d+)?", lambda _: next(made), text)


def hardware_address(text: str, draw: Draw) -> str:
    """Return a locally administered unicast MAC address, written as the true one."""
    length = len(core(text))
    made = f"{draw.below(16):X}{draw.one_of('26AE')}"
    made += "".join(f"{draw.below(16):X}" for _ in range(max(0, length - 2)))
    return poured(text, made[:length])
