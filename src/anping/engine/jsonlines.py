"""JSON Lines become text columns: nested objects flattened with dots, lists kept as JSON text.

A key that a line lacks is a missing value. The JSON type of a value bounds what its column can be:
a JSON string never becomes a number, so ``"007"`` and ``"12"`` stay text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from anping.engine import refusals as refusal
from anping.engine.encodings import is_marked, visible
from anping.engine.kinds import Inference, Kind, misfits
from anping.engine.reading import RefusedRow
from anping.engine.refusals import Refusals


class _WholeNumber(str):
    """The text of a JSON number without a fraction."""

    __slots__ = ()


class _Number(str):
    """The text of a JSON number with a fraction or an exponent."""

    __slots__ = ()


class _Truth(str):
    """``true`` or ``false``."""

    __slots__ = ()


_KINDS: Mapping[type, tuple[Kind, ...]] = {
    _Truth: ("boolean",),
    _WholeNumber: ("integer", "real"),
    _Number: ("real",),
    str: ("date", "timestamp", "instant"),
}


class _DoubledKeyError(ValueError):
    """One key twice in one object, or a key without a letter."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One object: its line, its raw text, and its values as marked text."""

    line: int
    raw: str
    values: dict[str, str]


class ObjectLines:
    """Reads lines of JSON objects; remembers the columns met so far and the line it is at."""

    def __init__(
        self,
        *,
        encoding: str,
        null_markers: tuple[str, ...],
        refusals: Refusals,
        inference: Inference,
        declared: Mapping[str, Kind],
    ) -> None:
        self._encoding = encoding
        self._null_markers = frozenset(null_markers)
        self._refusals = refusals
        self._inference = inference
        self._declared = declared
        self._columns: dict[str, None] = {}
        self._line = 1

    def read(self, chunks: Iterable[bytes]) -> Iterator[pa.RecordBatch]:
        """Yield batches of text columns; each batch has the columns met so far.

        ``chunks`` are UTF-8 with LF line ends.
        """
        held = b""
        for chunk in chunks:
            held += chunk
            cut = held.rfind(b"\n") + 1
            if cut:
                yield self._batch(held[:cut])
                held = held[cut:]
        if held:
            yield self._batch(held)

    def _batch(self, block: bytes) -> pa.RecordBatch:
        rows = []
        for raw in block.decode("utf-8", "surrogatepass").removesuffix("\n").split("\n"):
            line, self._line = self._line, self._line + 1
            if not raw.strip():
                continue
            row = self._row(line, raw)
            if isinstance(row, RefusedRow):
                self._refusals.add(row, visible(raw))
            else:
                rows.append(row)
        rows = self._fitting(rows)
        for name in self._columns:
            self._show(name, rows)
        names = list(self._columns)
        return pa.record_batch(
            [pa.array([row.values.get(name) for row in rows], pa.string()) for name in names],
            schema=pa.schema([(name, pa.string()) for name in names]),
        )

    def _row(self, line: int, raw: str) -> _Row | RefusedRow:
        if is_marked(raw):
            return refusal.undecodable(line, None, self._encoding)
        try:
            value = json.loads(
                raw,
                parse_int=_WholeNumber,
                parse_float=_number,
                parse_constant=_constant,
                object_pairs_hook=_object,
            )
            if not isinstance(value, dict):
                return refusal.not_an_object(line)
            if not value:
                return refusal.empty_object(line)
            flat = _flat(value)
            for text in flat.values():
                # A lone surrogate written as an escape is no text.
                (text or "").encode()
        except _DoubledKeyError:
            return refusal.doubled_key(line)
        except (ValueError, RecursionError):
            return refusal.invalid_json(line)
        present = {
            name: text
            for name, text in flat.items()
            if text is not None and text not in self._null_markers
        }
        # A column whose every value is missing is still a column.
        self._columns.update(dict.fromkeys(flat))
        return _Row(line, raw, present)

    def _show(self, name: str, rows: list[_Row]) -> None:
        by_type: dict[type, list[str]] = {}
        for row in rows:
            value = row.values.get(name)
            if value is not None:
                by_type.setdefault(type(value), []).append(str(value))
        for kind, values in by_type.items():
            self._inference.narrow(name, pa.array(values, pa.string()), _KINDS[kind])

    def _fitting(self, rows: list[_Row]) -> list[_Row]:
        wrong: dict[int, tuple[str, Kind]] = {}
        for name, kind in self._declared.items():
            values = pa.array([row.values.get(name) for row in rows], pa.string())
            for index in misfits(values, kind):
                wrong.setdefault(index, (name, kind))
        for index in sorted(wrong):
            refused = refusal.wrong_type(rows[index].line, *wrong[index])
            self._refusals.add(refused, visible(rows[index].raw))
        return [row for index, row in enumerate(rows) if index not in wrong]


def _number(text: str) -> _Number:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return _Number(repr(value))


def _constant(name: str) -> None:
    # NaN is how Python writes a missing number; JSON has no infinity, and no column can hold it.
    if name != "NaN":
        raise ValueError


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        name = key.strip()
        if not name or name in found:
            raise _DoubledKeyError
        found[name] = value
    return found


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for key, inner in value.items():
        name = prefix + key
        if isinstance(inner, dict) and inner:
            parts = _flat(inner, f"{name}.")
        else:
            parts = {name: None if inner is None else _text(inner)}
        if parts.keys() & found.keys():
            raise _DoubledKeyError
        found |= parts
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _Truth("true" if value else "false")
    if isinstance(value, str):
        return value
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Return JSON values with their numbers as numbers again, to be written as JSON text."""
    if isinstance(value, _WholeNumber):
        return int(value)
    if isinstance(value, _Number):
        return float(value)
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value
