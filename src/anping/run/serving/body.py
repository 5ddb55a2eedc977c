"""A request's bytes as plain values: strict JSON, of which nothing is repeated in an error.

RFC 8259, without its freedoms: no NaN or Infinity, no name twice, no lone surrogates, no number that
a float cannot hold, no more than a few levels.
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, NoReturn

from anping.core.text import Text
from anping.run.serving.problems import RequestError

#: {"instances": [{"column": value}]} has three; one more is told as a field of a wrong type.
_LEVELS = 4
_HINT = Text('請送出 {"instances": [{"欄位": 值}]}。', 'Send {"instances": [{"column": value}]}.')


class _BadValueError(ValueError):
    """JSON that says something no request may say."""


def read_json(content: bytes) -> dict[str, Any]:
    """Return the object that a body holds. Raises RequestError (400) for anything else."""
    try:
        value = json.loads(
            content.decode("utf-8"),
            parse_constant=_refused,
            parse_float=_number,
            parse_int=_whole,
            object_pairs_hook=_once,
        )
    except (ValueError, RecursionError) as error:
        raise _not_json() from error
    if not isinstance(value, dict):
        raise _not_json()
    if _too_deep(value, _LEVELS):
        raise _not_json()
    return value


def _refused(text: str) -> NoReturn:
    del text
    raise _BadValueError


def _number(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise _BadValueError
    return number


def _whole(text: str) -> int | float:
    # Whole numbers of more digits are floats; Python's own are without end.
    return int(text) if len(text) <= 18 else _number(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _BadValueError
    return found


def _too_deep(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        inside = list(value.values())
    elif isinstance(value, list):
        inside = value
    else:
        return False
    nested = [each for each in inside if isinstance(each, dict | list)]
    return levels == 0 or any(_too_deep(each, levels - 1) for each in nested)


def _not_json() -> RequestError:
    return RequestError(
        "serving.json",
        Text(
            "內容不是可接受的 JSON（UTF-8、一個物件、沒有 NaN、沒有重複的名稱）。",
            "The body is not JSON that is taken (UTF-8, one object, no NaN, no name twice).",
        ),
        status=400,
        hint=_HINT,
    )
