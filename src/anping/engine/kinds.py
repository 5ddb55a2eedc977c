"""Column types are inferred from every value of a column, never from a sample.

A column takes the narrowest type that all its values write without loss. Numbers with leading
zeros, a plus sign, thousands separators, or more digits than the type holds stay text: they are
postal codes, telephone numbers and identifiers. Only the words true and false are booleans. Dates
and times are ISO 8601; ROC dates stay text, as written. A column of missing values only is text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import ParameterError, Where
from anping.core.text import Text

Kind = Literal["boolean", "integer", "real", "date", "timestamp", "instant", "string"]

#: The kinds that a text column may turn out to be, narrowest first.
NARROW: tuple[Kind, ...] = ("boolean", "integer", "real", "date", "timestamp", "instant")

ARROW: Mapping[Kind, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "real": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "instant": pa.timestamp("us", "UTC"),
    "string": pa.string(),
}

_DAY = r"[1-9]\d{3}-\d{2}-\d{2}"
_TIME = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
# Spreadsheets write 100000 as 1.00E+05. Beyond 15 digits a double no longer holds every integer.
_WHOLE_SCIENTIFIC = r"-?[1-9](\.\d{1,14})?[eE]\+(0?\d|1[0-4])"
# A whole number among reals has at most 15 digits, so that a double holds it exactly; an exponent
# needs a sign or a decimal point, so that codes such as 12E3 stay text.
_INFERRED: Mapping[Kind, str] = {
    "boolean": r"^(?i:true|false)$",
    "integer": rf"^(0|-?[1-9]\d{{0,18}}|{_WHOLE_SCIENTIFIC})$",
    "real": r"^-?((0|[1-9]\d{0,14}|(0|[1-9]\d{0,16})\.\d{0,30}|\.\d{1,30})"
    r"|(\d\.\d{1,30}[eE][+-]?\d{1,3}|\d[eE][+-]\d{1,3}))$",
    "date": rf"^{_DAY}$",
    "timestamp": rf"^{_DAY}{_TIME}$",
    "instant": rf"^([1-8]\d{{3}}|9[0-8]\d{{2}})-\d{{2}}-\d{{2}}{_TIME}(Z|[+-]\d{{2}}:?\d{{2}})$",
}
_COMPILED: Mapping[Kind, re.Pattern[str]] = {
    kind: re.compile(pattern.replace("$", r"\Z"), re.ASCII) for kind, pattern in _INFERRED.items()
}
# Arrow compiles an expression at every call, which costs more than matching this many texts.
_FEW = 200
_GREATEST = 2**63 - 1
_DAY_LETTERS = len("2024-05-01")
#: Kinds whose values mostly have one spelling.
_PLAIN: tuple[Kind, ...] = ("integer", "date", "real")
#: Kinds whose values can say how they were written.
_REVERSIBLE = frozenset(("boolean", *_PLAIN))
#: A whole number among reals has at most 15 digits.
_EXACT = 10**15
#: 1000-01-01, the first day whose year has four digits, in days since 1970-01-01.
_FIRST_DAY = -354_285
_DECLARED: Mapping[Kind, str] = {
    **_INFERRED,
    "boolean": r"^((?i:true|false)|0|1)$",
    "integer": rf"^(-?\d{{1,19}}|{_WHOLE_SCIENTIFIC})$",
    "real": r"^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$",
}
_NAMES: Mapping[str, Kind] = {
    "bool": "boolean",
    "int64": "integer",
    "double": "real",
    "float64": "real",
    "date32": "date",
    "date32[day]": "date",
    "timestamp[us]": "timestamp",
    "timestamp[us, tz=UTC]": "instant",
    "text": "string",
    **{kind: kind for kind in ARROW},
}


def kind_named(name: str, *, column: str) -> Kind:
    """Return the kind a declaration names (``integer`` or ``int64``); raise ParameterError."""
    kind = _NAMES.get(name)
    if kind is None:
        raise ParameterError(
            "input.unknown-type",
            Text("沒有這個名稱的欄位型別。", "There is no column type of that name."),
            where=Where(column=column),
            hint=Text(f"可用的型別：{'、'.join(ARROW)}", f"The types are: {', '.join(ARROW)}"),
        )
    return kind


def typed(values: pa.Array, kind: Kind) -> pa.Array:
    """Return texts as values of ``kind``; raise pyarrow.ArrowInvalid if one is none."""
    if kind != "integer":
        return values.cast(ARROW[kind])
    scientific = pc.match_substring(values, "e", ignore_case=True)
    if not pc.any(scientific, min_count=0).as_py():
        return values.cast(pa.int64())
    plain = pc.if_else(scientific, "0", values).cast(pa.int64())
    whole = pc.if_else(scientific, values, "0").cast(pa.float64()).cast(pa.int64())
    return pc.if_else(scientific, whole, plain)


def _casts(values: pa.Array, kind: Kind) -> bool:
    try:
        cast = typed(values, kind)
    except pa.ArrowInvalid:
        return False
    return kind != "real" or bool(pc.all(pc.is_finite(cast), min_count=0).as_py())


def fits(values: pa.Array, kind: Kind) -> bool:
    """Return whether every one of the texts writes a value of ``kind`` without loss."""
    pattern = _COMPILED[kind]
    if len(values) <= _FEW:
        shaped = all(pattern.match(text) for text in values.to_pylist())
    else:
        # One look at one value spares most columns most of the six expressions.
        shaped = pattern.match(values[0].as_py()) is not None and bool(
            pc.all(pc.match_substring_regex(values, _INFERRED[kind]), min_count=0).as_py()
        )
    return shaped and _casts(values, kind)


def misfits(values: pa.Array, kind: Kind) -> list[int]:
    """Return the indices of the texts that do not write a value of the declared ``kind``."""
    if kind == "string":
        return []
    shaped = pc.fill_null(pc.match_substring_regex(values, _DECLARED[kind]), True)
    if bool(pc.all(shaped, min_count=0).as_py()) and _casts(values, kind):
        return []
    return [
        index
        for index, shape in enumerate(shaped.to_pylist())
        if not shape or not _casts(values.slice(index, 1), kind)
    ]


def _plainly(values: pa.Array, first: str) -> tuple[tuple[Kind, ...], pa.Array] | None:
    """Return what texts can be that all write a number, or all a day, in its one plain form.

    With it come the values; None where that is not so. ``first`` is one of the texts. Written back,
    such values give the same texts, which is quicker to see than six expressions are matched.
    """
    for kind in _PLAIN:
        if _COMPILED[kind].match(first):
            cast = plainly_typed(values, kind)
            kinds = None if cast is None else _kinds_of(cast, kind)
            if kinds is not None:
                return kinds, cast
    return None


def _kinds_of(cast: pa.Array, kind: Kind) -> tuple[Kind, ...] | None:
    """Return the kinds of texts that are plainly these values."""
    if kind == "real":
        return ("real",)
    least, greatest = pc.min_max(
        cast.cast(pa.int64() if kind == "integer" else pa.int32())
    ).values()
    if kind == "date":
        return ("date",) if least.as_py() >= _FIRST_DAY else None
    exact = least.as_py() > -_EXACT and greatest.as_py() < _EXACT
    return ("integer", "real") if exact else ("integer",)


def plainly_typed(values: pa.Array, kind: Kind) -> pa.Array | None:
    """Return the texts as values of ``kind`` if the same texts can be had back from those."""
    if kind not in _REVERSIBLE:
        return None
    try:
        cast = values.cast(ARROW[kind])
    except pa.ArrowInvalid:
        return None
    if kind == "real" and not pc.all(pc.less(pc.abs(cast), _EXACT), min_count=0).as_py():
        return None
    if kind in {"integer", "date"}:
        plain = _shortest(values, cast) if kind == "integer" else _of_one_form(values)
        return cast if plain else None
    written = cast.cast(pa.string())
    if not written.equals(values):
        return None
    # An exponent has many spellings, and may write a whole number.
    exponents = kind == "real" and pc.any(pc.match_substring(written, "e"), min_count=0).as_py()
    return None if exponents else cast


def _shortest(texts: pa.StringArray, numbers: pa.Array) -> bool:
    """Return whether whole numbers are written in their one plain form, which is the shortest.

    Another form of the same number has zeros or signs before it, so that all the texts together
    are longer; one of other letters (a hexadecimal number) has a letter behind the digits'.
    """
    if _letters(texts).max(initial=0) > ord("9"):
        return False
    known = numbers.drop_null().to_numpy()
    negative = np.count_nonzero(known < 0)
    size = known.size + negative
    # The least number of 64 bits has no positive one; it is as long as the greatest.
    distance = np.abs(np.maximum(known, -_GREATEST)) if negative else known
    power, most = 10, int(distance.max(initial=0))
    while power <= most:
        size += np.count_nonzero(distance >= power)
        power *= 10
    return bool(size == (pc.sum(pc.binary_length(texts)).as_py() or 0))


def _of_one_form(texts: pa.StringArray) -> bool:
    """Return whether days, as such understood by Arrow, are written as ISO 8601 does: 2024-05-01.

    Of ten digits, hyphens, dots and slashes Arrow understands no other form.
    """
    letters, lengths = _letters(texts), pc.min_max(pc.binary_length(texts))
    plain = not letters.size or bool(letters.min() >= ord("-") and letters.max() <= ord("9"))
    shortest, longest = (each.as_py() for each in lengths.values())
    return plain and (longest is None or shortest == longest == _DAY_LETTERS)


def _letters(texts: pa.StringArray) -> npt.NDArray[np.uint8]:
    """Return the bytes of all the texts."""
    if not len(texts):
        return np.empty(0, np.uint8)
    ends = np.frombuffer(texts.buffers()[1], np.int32)
    start, end = ends[texts.offset], ends[texts.offset + len(texts)]
    return np.frombuffer(texts.buffers()[2] or b"", np.uint8)[start:end]


class Inference:
    """What each column of texts can still be, narrowed by every batch it is shown."""

    def __init__(self, declared: Mapping[str, Kind]) -> None:
        self._declared = declared
        self._possible: dict[str, tuple[Kind, ...]] = {}
        self._seen: set[str] = set()

    def narrow(
        self, column: str, values: pa.Array, among: Sequence[Kind] = NARROW
    ) -> pa.Array | None:
        """Show the column some texts, which can only be of the kinds ``among``.

        Returns the values that they write, where looking at them gave these: the texts can be had
        back from them.
        """
        possible = self._possible.get(column, NARROW)
        if column in self._declared or not possible:
            self._possible.setdefault(column, possible)
            return None
        first = pc.first(values).as_py()
        if first is None:
            self._possible[column] = possible
            return None
        self._seen.add(column)
        plain = _plainly(values, first)
        distinct = pc.unique(values).drop_null() if plain is None else None
        self._possible[column] = tuple(
            kind
            for kind in possible
            if kind in among and (kind in plain[0] if plain else fits(distinct, kind))
        )
        return plain[1] if plain else None

    def kind(self, column: str) -> Kind:
        """Return the declared kind, or the narrowest that every value seen so far allows."""
        if column in self._declared:
            return self._declared[column]
        possible = self._possible.get(column, ())
        return possible[0] if possible and column in self._seen else "string"
