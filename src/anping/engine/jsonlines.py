"""JSON Lines become text columns: nested objects flattened with dots, lists kept as JSON text.

A key that a line lacks is a missing value. The JSON type of a value bounds what its column can be:
a JSON string never becomes a number, so ``"007"`` and ``"12"`` stay text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa

from anping.engine import refusals as refusal
from anping.engine.encodings import is_marked, visible
from anping.engine.header import check_number
from anping.engine.intake import Intake, RawRows, Taken, fitting_declared
from anping.engine.kinds import Kind
from anping.engine.lines import line_blocks
from anping.engine.reading import RefusedRow
from anping.engine.refusals import Refusals

#: Texts of JSON objects with the numbers of the lines on which they begin.
Objects = list[tuple[int, str]]

#: Turns one object into the object to flatten; None passes it over. ValueError refuses it.
Reshape = Callable[[dict[str, Any]], dict[str, Any] | None]

_CELLS = 4_000_000


class _WholeNumber(str):
    """The text of a JSON number without a fraction."""

    __slots__ = ()


class _Number(str):
    """The text of a JSON number with a fraction or an exponent."""

    __slots__ = ()


class _Truth(str):
    """``true`` or ``false``."""

    __slots__ = ()


# No column can be called that: a name is stripped of blanks.
_PLACE = " place "
_KINDS: Mapping[type, tuple[Kind, ...]] = {
    _Truth: ("boolean",),
    _WholeNumber: ("integer", "real"),
    _Number: ("real",),
    str: ("date", "timestamp", "instant"),
}


class UnfitError(ValueError):
    """An object that cannot be a row; it knows why."""

    def __init__(self, refused: Callable[[int], RefusedRow]) -> None:
        super().__init__()
        self.refused = refused


@dataclass(frozen=True, slots=True)
class _Row:
    """One object: its line, its raw text, and its values as marked text."""

    line: int
    raw: str
    values: dict[str, str]


def read_json_lines(intake: Intake) -> Taken:
    """Read a file of one JSON object per line."""
    decoded = intake.decoded()
    objects = json_lines(intake.told(decoded, decoded), intake.refusals)
    reader = ObjectRows(intake, decoded.encoding)
    rows = reader.take(objects)
    return Taken(
        rows, reader.columns, decoded.sha256, decoded.encoding, newline=decoded.newline, sparse=True
    )


def json_lines(chunks: Iterable[bytes], refusals: Refusals) -> Iterator[Objects]:
    """Yield the lines of a text in blocks; a line that never ends is refused."""
    for block in line_blocks(chunks):
        text = block.content.decode("utf-8", "surrogatepass" if not block.endless else "replace")
        if block.endless:
            refusals.add(refusal.too_long(block.line), visible(text))
        else:
            yield [*enumerate(text.removesuffix("\n").split("\n"), start=block.line)]


class ObjectRows:
    """Turns texts of JSON objects into rows; remembers the columns met so far."""

    def __init__(self, intake: Intake, encoding: str, reshape: Reshape | None = None) -> None:
        self._intake = intake
        self._encoding = encoding
        self._reshape = reshape
        self._null_markers = frozenset(intake.options.null_markers)
        self._columns: dict[str, None] = {}
        self._staged: set[str] = set()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns met so far."""
        return tuple(self._columns)

    def take(self, objects: Iterable[Objects]) -> int:
        """Stage the objects as batches of the columns met so far; return how many were taken."""
        return sum(self._take(block) for block in objects)

    def _take(self, block: Objects) -> int:
        rows = []
        for line, raw in block:
            if not raw.strip():
                continue
            row = self._row(line, raw)
            if isinstance(row, RefusedRow):
                self._intake.refusals.add(row, visible(raw))
            elif row is not None:
                rows.append(row)
        check_number(len(self._columns), file=self._intake.content.name)
        step = max(1, _CELLS // max(1, len(self._columns)))
        return sum(self._stage(rows[at : at + step]) for at in range(0, len(rows), step))

    def _stage(self, rows: list[_Row]) -> int:
        columns = self._filled(rows)
        names = list(columns)
        batch = pa.record_batch(
            [pa.array(columns[name], pa.string()) for name in names],
            schema=pa.schema([(name, pa.string()) for name in names]),
        )
        lines = tuple(row.line for row in rows)
        positions = pa.array(range(len(rows)), pa.int64())
        marked = RawRows(batch.append_column(_PLACE, positions), lines, lambda at: rows[at].raw)
        kept = fitting_declared(marked, self._intake.declared, self._intake.refusals)
        self._show([rows[at] for at in kept.column(_PLACE).to_pylist()])
        if kept.num_rows:
            self._intake.stage.add(kept.drop_columns([_PLACE]))
            self._staged.update(names)
        return int(kept.num_rows)

    def _filled(self, rows: list[_Row]) -> dict[str, list[str | None]]:
        """Return the columns that have values in some row, and those that were never staged.

        A column that is missing in a whole batch costs nothing: objects may have thousands of keys
        and each only some of them.
        """
        met = {name for row in rows for name in row.values}
        # A batch without any column would forget how many rows it has.
        met.update(islice(self._columns, 1))
        columns: dict[str, list[str | None]] = {
            name: [None] * len(rows)
            for name in self._columns
            if name in met or name not in self._staged
        }
        for at, row in enumerate(rows):
            for name, text in row.values.items():
                columns[name][at] = text
        return columns

    def _row(self, line: int, raw: str) -> _Row | RefusedRow | None:
        if is_marked(raw):
            return refusal.undecodable(line, None, self._encoding)
        try:
            flat = self._values(raw)
        except UnfitError as error:
            return error.refused(line)
        except (ValueError, RecursionError):
            return refusal.invalid_json(line)
        if flat is None:
            return None
        present = {
            name: text
            for name, text in flat.items()
            if text is not None and text not in self._null_markers
        }
        # A column whose every value is missing is still a column.
        self._columns.update(dict.fromkeys(flat))
        return _Row(line, raw, present)

    def _values(self, raw: str) -> dict[str, str | None] | None:
        value = parsed(raw)
        if not isinstance(value, dict):
            raise UnfitError(refusal.not_an_object)
        if not value:
            raise UnfitError(refusal.empty_object)
        shaped = value if self._reshape is None else self._reshape(value)
        if shaped is None:
            return None
        flat = _flat(shaped)
        if "\\u" in raw:
            # Only an escape can write a lone surrogate or a NUL, and neither is text.
            written = "".join(f"{name}{text}" for name, text in flat.items())
            written.encode()
            if "\0" in written:
                raise UnfitError(lambda line: refusal.nul_character(line, None))
        return flat

    def _show(self, rows: list[_Row]) -> None:
        by_type: dict[tuple[str, type], list[str]] = {}
        for row in rows:
            for name, value in row.values.items():
                by_type.setdefault((name, type(value)), []).append(str(value))
        for (name, kind), values in by_type.items():
            self._intake.inference.narrow(name, pa.array(values, pa.string()), _KINDS[kind])


def parsed(raw: str) -> Any:
    """Return JSON as values, numbers as marked text; raise ValueError if it is not JSON."""
    return json.loads(
        raw,
        parse_int=_WholeNumber,
        parse_float=_number,
        parse_constant=_constant,
        object_pairs_hook=_object,
    )


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
            raise UnfitError(refusal.doubled_key)
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
            raise UnfitError(refusal.doubled_key)
        found |= parts
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _Truth("true" if value else "false")
    if isinstance(value, str):
        return value
    return json.dumps(plain(value), ensure_ascii=False)


def plain(value: Any) -> Any:
    """Return JSON values with their numbers as numbers again, to be written as JSON text."""
    if isinstance(value, _WholeNumber):
        return int(value)
    if isinstance(value, _Number):
        return float(value)
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return value
