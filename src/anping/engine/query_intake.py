"""Rows of a query are spelled, checked, digested and staged, block by block."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from anping.core.digest import canonical_json, sha256
from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine import refusals as refusal
from anping.engine.kinds import Inference, Kind, misfits
from anping.engine.reading import Part, Reading, RefusedRow
from anping.engine.refusals import Refusals
from anping.engine.spelling import (
    Declared,
    SpelledColumn,
    UnspellableError,
    spelled_column,
)
from anping.engine.staging import Stage
from anping.engine.table import Table, missing_column

_AS_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class QueryColumn:
    """A column of a query and what the database declares it to be."""

    name: str
    declared: Declared


class QueryIntake:
    """What has been taken of the rows so far: staged, typed, refused, digested."""

    def __init__(
        self,
        columns: tuple[QueryColumn, ...],
        declared: dict[str, Kind],
        refusals: Refusals,
        place: Where,
    ) -> None:
        self._columns = columns
        self._names = [column.name for column in columns]
        for name in declared:
            if name not in self._names:
                raise missing_column(name, self._names)
        self._declared = declared
        self.refusals = refusals
        self._place = place
        self.inference = Inference(declared)
        self._digest = hashlib.sha256()
        self._bytes = 0
        self.rows = 0
        self._seen = 0
        self._kinds_met: dict[str, set[type]] = {name: set() for name in self._names}

    def take(self, block: Sequence[Any], stage: Stage) -> None:
        """Stage one block of rows."""
        made = self._spelled(block)
        refused = self._refused(made, block)
        self._seen += len(block)
        if refused:
            # A refused row says nothing about what its other columns can be.
            block = [row for at, row in enumerate(block) if at not in refused]
            made = self._spelled(block)
        for name, column, values in zip(self._names, made, _by_column(block, made), strict=True):
            self._kinds_met[name] |= {*map(type, values)} - {type(None)}
            for kinds, texts in column.shapes.items():
                self.inference.narrow(name, pa.array(texts, pa.string()), kinds)
        self._digest_rows([column.texts for column in made])
        schema = pa.schema([(name, pa.string()) for name in self._names])
        arrays = [pa.array(column.texts, pa.string()) for column in made]
        stage.add(pa.record_batch(arrays, schema=schema))
        self.rows += len(block)

    def _spelled(self, block: Sequence[Any]) -> list[SpelledColumn]:
        made = []
        for column, values in zip(self._columns, _by_column(block, self._columns), strict=True):
            found = spelled_column(values, column.declared)
            kind = self._declared.get(column.name)
            if kind is not None:
                for at in misfits(pa.array(found.texts, pa.string()), kind):
                    found.refused.setdefault(at, UnspellableError(_wrong_type(kind)))
            made.append(found)
        return made

    def _refused(self, made: Sequence[SpelledColumn], block: Sequence[Any]) -> set[int]:
        """Refuse every row with a value that no column holds, for the first such column."""
        refused = sorted({at for column in made for at in column.refused})
        for at in refused:
            name, error = next(
                (name, column.refused[at])
                for name, column in zip(self._names, made, strict=True)
                if at in column.refused
            )
            raw = json.dumps([_raw(value) for value in block[at]], ensure_ascii=False)
            self.refusals.add(error.refused(self._seen + at + 1, name), raw)
        return set(refused)

    def _digest_rows(self, cells: Sequence[Sequence[str | None]]) -> None:
        lines = "".join(f"{_AS_JSON(row)}\n" for row in zip(*cells, strict=True)).encode()
        self._digest.update(lines)
        self._bytes += len(lines)

    def settle(self, *, empty_is_fine: bool) -> None:
        """Raise InputError unless what was read may be kept."""
        if self.refusals.total and not self.refusals.keep:
            raise self.refusals.error(self._place.file or "")
        if self.rows or empty_is_fine:
            return
        raise InputError(
            "input.all-refused" if self.refusals.total else "input.no-rows",
            Text("沒有任何一列可以讀取。", "There is not one row that can be read."),
            where=self._place,
            hint=Text("請檢查資料表或查詢的條件。", "Check the table or the query's conditions."),
        )

    def reading(self, table: Table, kinds: Mapping[str, Kind]) -> Reading:
        """Return what was read, with its digest and what a person should know about it."""
        body = {
            "columns": [[name, kinds[name]] for name in self._names],
            "rows": self.rows,
            "sha256": self._digest.hexdigest(),
        }
        digest = sha256(canonical_json(body))
        part = Part(self._place.file or "", digest, self._bytes, self.rows, 0, self.refusals.total)
        return Reading(
            table=table,
            source_sha256=digest,
            source_bytes=self._bytes,
            format="database",
            rows=self.rows,
            refused=self.refusals.listed,
            refused_rows=self.refusals.total,
            parts=(part,),
            notes=tuple(self._told(kinds)),
        )

    def _told(self, kinds: Mapping[str, Kind]) -> Iterator[Text]:
        for column in self._columns:
            met = self._kinds_met[column.name]
            lies = column.declared in {"boolean", "number", "date", "moment"} and (
                kinds[column.name] not in _HONEST[column.declared]
            )
            if met and (lies or len({_family(each) for each in met}) > 1):
                yield Text(
                    f"欄位「{column.name}」的值與資料庫宣告的型別不符，改依所有的值判定為 "
                    f"{kinds[column.name]}。",
                    f"The values of “{column.name}” are not what the database declares; "
                    f"typed by all of them it is {kinds[column.name]}.",
                )


_HONEST: Mapping[str, frozenset[str]] = {
    "boolean": frozenset({"boolean", "integer"}),
    "number": frozenset({"integer", "real", "string"}),
    "date": frozenset({"date"}),
    "moment": frozenset({"timestamp", "instant"}),
}


def _by_column(block: Sequence[Any], columns: Sequence[Any]) -> list[tuple[Any, ...]]:
    return list(zip(*block, strict=True)) if block else [() for _ in columns]


def _wrong_type(kind: Kind) -> Callable[[int, str], RefusedRow]:
    return lambda row, column: refusal.wrong_type(row, column, kind)


def _family(kind: type) -> str:
    return "number" if issubclass(kind, (int, float)) else kind.__name__


def _raw(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value if value is None or value == value else "NaN"  # noqa: PLR0124 - NaN differs from itself
    return str(value).encode("utf-8", "backslashreplace").decode()
