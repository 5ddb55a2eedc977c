"""The normal form of an identifier, so that one person written two ways is one pseudonym.

``identifier`` folds width and case and removes blanks and separators: ``(０２) 1234-5678`` and
``0212345678`` are one. Two different record numbers that differ only in where a hyphen stands
(``1-12``, ``11-2``) would fall together; such a column takes ``exact``, which folds width and trims.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Literal

from anping.core.cells import cell_text

Normalisation = Literal["identifier", "exact"]

_SEPARATORS = frozenset(" \t\n\r\u3000-‐‑‒–—―−_./\\,;:()[]{}'\"`、。，．・·‧")
# In an e-mail address or a signed number these characters carry meaning.
_KEPT_IN_EMAIL = frozenset("-_.")


def normal(value: Any, normalisation: Normalisation = "identifier") -> str:
    """Return the normal form of one cell; ``""`` for a missing one."""
    text = unicodedata.normalize("NFKC", cell_text(value)).strip()
    if normalisation == "exact":
        return text
    removed = _SEPARATORS - _KEPT_IN_EMAIL if "@" in text else _SEPARATORS
    folded = "".join(mark for mark in text.upper() if mark not in removed)
    return folded.replace("台", "臺") or text
