"""JSON that is read only in its canonical form, and checked against an exact shape.

A shape is a type (``str``), a tuple of types (``(int, float)``), a one-element list (a list of
that shape), a dict (an object with exactly those keys), or ``Optional(shape)``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from anping.core.digest import canonical_json

_MAXIMUM_DEPTH = 64
#: A whole number beyond this is no measured number: it does not fit a float (IEEE 754 binary64).
_MAXIMUM_NUMBER = 1 << 1000


@dataclass(frozen=True, slots=True)
class Optional:
    """A shape that may also be null."""

    shape: Any


def read_canonical(content: bytes) -> Any:
    """Return the value of canonical JSON bytes.

    Raises ValueError for anything that is not byte for byte what
    :func:`anping.core.digest.canonical_json` writes: blanks, other key order, doubled keys, other
    escapes, NaN.
    """
    try:
        value = json.loads(content.decode("utf-8"))
        again = canonical_json(value)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if again != content:
        raise ValueError("not canonical JSON")
    return value


def is_shallow(value: Any) -> bool:
    """Return whether a value is nested so little that no later reader or writer runs out of stack."""
    level = [value]
    for _ in range(_MAXIMUM_DEPTH):
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return True
    return False


def conform(value: Any, shape: Any, place: str = "$") -> None:
    """Raise ValueError naming the place where ``value`` departs from ``shape``."""
    if isinstance(shape, Optional):
        if value is not None:
            conform(value, shape.shape, place)
    elif isinstance(shape, dict):
        if not isinstance(value, dict) or value.keys() != shape.keys():
            raise ValueError(place)
        for key, inner in shape.items():
            conform(value[key], inner, f"{place}.{key}")
    elif isinstance(shape, list):
        if not isinstance(value, list):
            raise ValueError(place)  # noqa: TRY004 - wrong JSON is a wrong value, not a wrong call
        for number, item in enumerate(value):
            conform(item, shape[0], f"{place}[{number}]")
    elif not _is_a(value, shape):
        raise ValueError(place)


def _is_a(value: Any, shape: Any) -> bool:
    """Whether a scalar has a type or one of several; a number of either kind fits a float."""
    if not isinstance(value, shape) or (isinstance(value, bool) and shape is not bool):
        return False
    return shape is int or not isinstance(value, int) or abs(value) <= _MAXIMUM_NUMBER
