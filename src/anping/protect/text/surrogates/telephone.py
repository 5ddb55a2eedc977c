"""Surrogates of telephone numbers: the same country and area, another subscriber.

Source: numbering plan of Taiwan (電信號碼計畫; area codes 02 to 089, mobile 09).
"""

from __future__ import annotations

import re

from anping.protect.text.folding import fold
from anping.protect.text.surrogates.draw import Draw
from anping.protect.text.surrogates.layout import core, poured, reformed

_EXTENSION = re.compile(r"(?:#|EXT|分機|轉).*", re.DOTALL)
#: Area codes without the trunk 0, longest first, and the first digits of their subscribers.
_AREAS = (
    ("826", "0123456789"), ("836", "0123456789"), ("37", "0123456789"), ("49", "0123456789"),
    ("82", "0123456789"), ("89", "0123456789"), ("2", "2345678"), ("3", "245689"),
    ("4", "2345678"), ("5", "2345678"), ("6", "2345678"), ("7", "2345678"), ("8", "78"),
    ("9", "0123456789"),
)  # fmt: skip


def subscriber(text: str) -> str:
    """Return the national number without trunk prefix and extension: what names the subscriber."""
    number = core(_EXTENSION.sub("", fold(text)))
    for prefix in ("00886", "886"):
        if number.startswith(prefix) and len(number) > 9:
            return number[len(prefix) :].removeprefix("0")
    return number.removeprefix("0")


def telephone(text: str, draw: Draw) -> str:
    """Return another number of the same area, with its extension replaced, too."""
    cut = _EXTENSION.search(fold(text))
    end = len(text) if cut is None else cut.start()
    number, extension = text[:end], text[end:]
    whole = core(number)
    true = subscriber(number)
    if not whole.isdigit() or len(true) < 6:
        return reformed(number, draw) + _extended(extension, draw)
    kept = whole[: len(whole) - len(true)]
    made = _international(true, draw) if _is_abroad(number) else _national(true, draw)
    return poured(number, kept + made) + _extended(extension, draw)


def _is_abroad(number: str) -> bool:
    folded = fold(number).strip()
    return not core(folded).startswith(("0", "886")) and len(core(folded)) >= 9


def _national(true: str, draw: Draw) -> str:
    for area, firsts in _AREAS:
        if true.startswith(area) and len(true) > len(area):
            first = draw.one_of(firsts)
            return area + first + draw.digits(len(true) - len(area) - 1)
    return true[:1] + draw.digits(len(true) - 1)


def _international(true: str, draw: Draw) -> str:
    """Keep the first three digits: a country code, or an area of North America."""
    return true[:3] + draw.one_of("23456789") + draw.digits(len(true) - 4)


def _extended(extension: str, draw: Draw) -> str:
    return "".join(draw.digits(1) if mark.isdigit() else mark for mark in extension)
