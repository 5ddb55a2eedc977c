"""What a request asks, checked field by field against a model's signature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import isnan
from typing import Any

from anping.core.cells import trimmed_text
from anping.core.text import Text
from anping.engine.natures import as_day
from anping.engine.prediction import Feature, Signature
from anping.run.serving.limits import Limits
from anping.run.serving.problems import FieldProblem, RequestError, wrong_fields

Row = Mapping[str, Any]
_NAMES = ("instances", "instance", "coverage", "reasons", "alternatives", "key")
_MOST_TOLD = 20
_LONGEST_KEY = 200
#: Of a model with more columns no near name is looked for.
_MOST_NEAR = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: rows as they came, and what is wanted beside the prediction.

    ``key`` names whom or what the request is about; the same key meets the same model while a
    challenger is tried. ``single`` says that one row came outside a list.
    """

    rows: tuple[Row, ...]
    coverage: float | None = None
    reasons: bool = False
    alternatives: bool = False
    key: str | None = None
    single: bool = False


def read_asked(body: Mapping[str, Any], limits: Limits) -> Asked:
    """Return what a request's body asks. Raises RequestError (400, 413) naming the wrong entry."""
    unknown = [name for name in body if name not in _NAMES]
    if unknown:
        raise _wrong_entry(None)
    single = "instance" in body
    if single == ("instances" in body):
        raise _wrong_entry("instances")
    rows = [body["instance"]] if single else body["instances"]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _wrong_entry("instances")
    if len(rows) > limits.rows:
        raise _too_many(limits.rows)
    coverage, key = body.get("coverage"), body.get("key")
    if coverage is not None and not (_is_number(coverage) and 0 < coverage < 1):
        raise _wrong_entry("coverage")
    if key is not None and not (isinstance(key, str) and _is_text(key, _LONGEST_KEY)):
        raise _wrong_entry("key")
    for name in ("reasons", "alternatives"):
        if not isinstance(body.get(name, False), bool):
            raise _wrong_entry(name)
    return Asked(
        tuple(rows),
        None if coverage is None else float(coverage),
        body.get("reasons", False),
        body.get("alternatives", False),
        key,
        single,
    )


def check(rows: Sequence[Row], signature: Signature, limits: Limits) -> tuple[tuple[str, ...], ...]:
    """Return, for each row, the columns whose values are unlike what was seen in training.

    Raises RequestError (422) with the fields that do not fit: missing or unknown columns, wrong
    types, numbers far outside the range seen. No value is ever named.
    """
    names = frozenset(feature.name for feature in signature.features)
    found: list[FieldProblem] = []
    unlike = []
    for at, row in enumerate(rows):
        notes = []
        for feature in signature.features:
            problem, new = _looked_at(feature, row, at, limits)
            if problem is not None:
                found.append(problem)
            if new:
                notes.append(feature.name)
        if not row.keys() <= names:
            found.extend(_unknown(row, at, names, told=len(found)))
        unlike.append(tuple(notes))
    if found:
        raise wrong_fields(found[:_MOST_TOLD], more=max(0, len(found) - _MOST_TOLD))
    return tuple(unlike)


def _looked_at(
    feature: Feature, row: Row, at: int, limits: Limits
) -> tuple[FieldProblem | None, bool]:
    """Return what is wrong with a field, and whether it is right but unlike those of training."""
    if feature.name not in row:
        return _problem("missing", at, feature, Text("缺少這個欄位。", "It is missing.")), False
    value = row[feature.name]
    if value is None:
        # A model answers for an empty cell; that training had none is said, not refused.
        return None, not feature.missing
    if feature.nature == "category":
        return _category(feature, value, at, limits)
    number = value if feature.nature == "number" else _day(value)
    if not _is_number(number) or isnan(number):
        return _problem("type", at, feature, _WANTED[feature.nature]), False
    return _ranged(feature, float(number), at, limits)


def _category(
    feature: Feature, value: Any, at: int, limits: Limits
) -> tuple[FieldProblem | None, bool]:
    if not isinstance(value, str | int):
        return _problem("type", at, feature, _WANTED["category"]), False
    if isinstance(value, str) and not _is_text(value, limits.text):
        what = Text(
            f"不是 {limits.text} 字以內的文字。", f"It is no text of at most {limits.text} letters."
        )
        return _problem("text", at, feature, what), False
    return None, trimmed_text(value) not in feature.categories


def _ranged(
    feature: Feature, number: float, at: int, limits: Limits
) -> tuple[FieldProblem | None, bool]:
    low, high = feature.low, feature.high
    if low is None or high is None or low <= number <= high:
        return None, False
    bounds = (366.0,) if feature.nature == "date" else (abs(low), abs(high), 1.0)
    reach = limits.reach * max(high - low, *bounds)
    if low - reach <= number <= high + reach:
        return None, True
    what = Text(
        "遠在訓練資料的範圍之外；請檢查單位。",
        "It lies far outside the range of the training data; check the unit.",
    )
    return _problem("range", at, feature, what), False


_WANTED = {
    "number": Text("要是數字或 null。", "It must be a number or null."),
    "date": Text("要是日期文字（2026-01-31）或 null。", "It must be a date (2026-01-31) or null."),
    "category": Text("要是文字或 null。", "It must be a text or null."),
}


def _unknown(row: Row, at: int, names: frozenset[str], *, told: int) -> Iterator[FieldProblem]:
    """Yield a problem for each unknown column: its name came from outside and is not repeated.

    Near names are looked for as long as fewer than are listed were ``told``: a request of many unknown
    names must not keep the others waiting.
    """
    for place, name in enumerate(name for name in row if name not in names):
        near = place + told < _MOST_TOLD and len(names) <= _MOST_NEAR
        close = get_close_matches(name[:100], names, n=1, cutoff=0.8) if near else []
        also = Text(f"也許是「{close[0]}」？", f" Did you mean “{close[0]}”?") if close else None
        what = Text("模型沒有這個欄位。", "The model has no such column.")
        if also is not None:
            what = Text(what.zh + also.zh, what.en + also.en)
        yield FieldProblem("unknown", at, None, what)


def _problem(code: str, at: int, feature: Feature, what: Text) -> FieldProblem:
    return FieldProblem(code, at, feature.name, what)


def _day(value: Any) -> float:
    return as_day(value) if isinstance(value, str) and _is_text(value, 40) else float("nan")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: str, most: int) -> bool:
    """Return whether a text is short enough, and can be written as UTF-8."""
    if len(value) > most:
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


_SWITCH = Text("請給 true 或 false。", "Give true or false.")
_TAKEN = {
    "instances": Text(
        '請給 instance（一列）或 instances（列的清單，至少一列）其中之一，每列是 {"欄位": 值}。',
        'Give either instance (a row) or instances (a list of at least one row), a row as {"column": value}.',
    ),
    "coverage": Text(
        "請給 0 與 1 之間的數字，例如 0.9。", "Give a number between 0 and 1, such as 0.9."
    ),
    "key": Text(
        f"請給至多 {_LONGEST_KEY} 字的文字。", f"Give a text of at most {_LONGEST_KEY} letters."
    ),
    "reasons": _SWITCH,
    "alternatives": _SWITCH,
}


def _wrong_entry(name: str | None) -> RequestError:
    listed = ", ".join(_NAMES)
    what = (
        Text("請求裡有不認得的項目。", "The request has an entry that is not known.")
        if name is None
        else Text(f"請求的 {name} 不對。", f"The request's {name} is not right.")
    )
    return RequestError(
        "serving.request",
        what,
        status=400,
        hint=_TAKEN.get(name or "", Text(f"可用的項目：{listed}", f"The entries are: {listed}")),
    )


def _too_many(most: int) -> RequestError:
    return RequestError(
        "serving.rows",
        Text(f"一次至多 {most:,} 列。", f"At most {most:,} rows at a time."),
        status=413,
        hint=Text(
            "分批送出，或用 anping predict。", "Send them in batches, or use anping predict."
        ),
    )
