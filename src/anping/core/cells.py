"""A cell as text: the one spelling that hierarchies, attacks, pseudonyms and models agree on."""

from __future__ import annotations

from typing import Any


def cell_text(value: Any) -> str:
    """Return a cell as text: null and NaN are ``""``, whole floats lose ``.0``, blanks stay."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is the value that differs from itself
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def trimmed_text(value: Any) -> str:
    """Return :func:`cell_text` without outer blanks."""
    return cell_text(value).strip()
