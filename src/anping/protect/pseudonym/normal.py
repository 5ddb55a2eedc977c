"""The normal form of an identifier, so that one person written two ways is one pseudonym.

``identifier`` folds width and case and removes blanks and separators: ``(０２) 1234-5678`` and
``0212345678`` are one. Two different record numbers that differ only in where a hyphen stands
(``1-12``, ``11-2``) would fall together; such a column takes ``exact``, which folds width and trims.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.cells import cell_text

Normalisation = Literal["identifier", "exact"]

_SEPARATORS = frozenset(" \t\n\r\u3000-‐‑‒–—―−_./\\,;:()[]{}'\"`、。，．・·‧")
# In an e-mail address or a signed number these characters carry meaning.
_KEPT_IN_EMAIL = frozenset("-_.")
_REMOVED, _REMOVED_FROM_EMAIL = (
    re.compile("[" + re.escape("".join(sorted(marks))) + "]+")
    for marks in (_SEPARATORS, _SEPARATORS - _KEPT_IN_EMAIL)
)
# Printable ASCII but the sign of an e-mail address: what Arrow can fold as Python does.
_SIMPLE = "^[ -?A-~]*$"
_SEPARATOR = "[" + "".join(re.escape(mark) for mark in sorted(_SEPARATORS) if mark.isascii()) + "]"
_PLAIN = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def normal(value: Any, normalisation: Normalisation = "identifier") -> str:
    """Return the normal form of one cell; ``""`` for a missing one."""
    text = value if isinstance(value, str) else cell_text(value)
    # ASCII is its own compatibility form.
    text = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()
    if normalisation == "exact":
        return text
    removed = _REMOVED_FROM_EMAIL if "@" in text else _REMOVED
    return removed.sub("", text.upper()).replace("台", "臺") or text


def normal_texts(cells: pa.Array, normalisation: Normalisation = "identifier") -> pa.StringArray:
    """Return the normal form of every cell; null for one that is missing or blank."""
    if pa.types.is_integer(cells.type) and (pc.min(cells).as_py() or 0) >= 0:
        return cells.cast(pa.string())
    if pa.types.is_string(cells.type) and is_plain(cells):
        return pc.if_else(pc.equal(cells, ""), None, cells)
    coded = (cells if not pa.types.is_nested(cells.type) else _as_texts(cells)).dictionary_encode()
    values = coded.dictionary
    simple = pa.types.is_string(values.type) and pc.match_substring_regex(values, _SIMPLE)
    if not simple or not pc.all(simple).as_py():
        forms = pa.array([normal(each, normalisation) for each in values.to_pylist()], pa.string())
    elif normalisation == "exact":
        forms = pc.ascii_trim(values, " ")
    else:
        trimmed = pc.ascii_upper(pc.ascii_trim(values, " "))
        folded = pc.replace_substring_regex(trimmed, _SEPARATOR, "")
        # A text of nothing but separators stays as it was written.
        forms = pc.if_else(pc.equal(folded, ""), pc.ascii_trim(values, " "), folded)
    return pc.if_else(pc.equal(forms, ""), None, forms).take(coded.indices)


def is_plain(cells: pa.StringArray) -> bool:
    """Return whether all texts are ASCII digits and capitals only: their own normal form."""
    return not _content(cells).translate(None, _PLAIN)


def holds(cells: pa.StringArray, part: bytes) -> bool:
    """Return whether a part may stand in any text; it may as well where one ends and one begins."""
    return part in _content(cells)


def _content(cells: pa.StringArray) -> bytes:
    """Return the texts' bytes, one text after the other."""
    _, offsets, content = cells.buffers()
    if content is None or not len(cells):
        return b""
    ends = np.frombuffer(offsets, np.int32)
    start, end = int(ends[cells.offset]), int(ends[cells.offset + len(cells)])
    return bytes(content.slice(start, end - start).to_pybytes())


def _as_texts(cells: pa.Array) -> pa.StringArray:
    return pa.array([None if cell is None else str(cell) for cell in cells.to_pylist()])
