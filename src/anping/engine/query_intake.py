"""Rows of a query are spelled, checked, digested and staged, block by block."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import pyarrow as pa

from anping.core.digest import canonical_json, sha256
from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine import refusals as refusal
from anping.engine.kinds import Inference, Kind, misfits
from anping.engine.reading import Part, Reading
from anping.engine.refusals import Refusals
from anping.engine.spelling import Among, Declared, UnspellableError, spelled
from anping.engine.staging import Stage
from anping.engine.table import Table, missing_column


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
        self._numbers = count(1)
        self._kinds_met: dict[str, set[type]] = {name: set() for name in self._names}

    def take(self, block: Sequence[Any], stage: Stage) -> None:
        """Stage one block of rows."""
        kept: list[list[str | None]] = []
        among: list[dict[Among, set[str]]] = [{} for _ in self._columns]
        for values in block:
            cells = self._cells(next(self._numbers), tuple(values), among)
            if cells is not None:
                kept.append(cells)
        for name, shapes in zip(self._names, among, strict=True):
            for kinds, texts in shapes.items():
                self.inference.narrow(name, pa.array(sorted(texts), pa.string()), kinds)
        schema = pa.schema([(name, pa.string()) for name in self._names])
        columns = [
            pa.array([row[at] for row in kept], pa.string()) for at in range(len(self._names))
        ]
        stage.add(pa.record_batch(columns, schema=schema))
        self.rows += len(kept)

    def _cells(
        self, number: int, values: tuple[Any, ...], among: list[dict[Among, set[str]]]
    ) -> list[str | None] | None:
        cells: list[str | None] = []
        shapes: list[Among] = []
        for column, value in zip(self._columns, values, strict=True):
            try:
                text, kinds = spelled(value, column.declared)
                self._check_declared(column.name, text)
            except UnspellableError as error:
                raw = json.dumps([_raw(each) for each in values], ensure_ascii=False)
                self.refusals.add(error.refused(number, column.name), raw)
                return None
            cells.append(text)
            shapes.append(kinds)
            if value is not None:
                self._kinds_met[column.name].add(type(value))
        for known, text, kinds in zip(among, cells, shapes, strict=True):
            if text is not None:
                known.setdefault(kinds, set()).add(text)
        line = json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._digest.update(line)
        self._bytes += len(line)
        return cells

    def _check_declared(self, name: str, text: str | None) -> None:
        kind = self._declared.get(name)
        if kind is not None and text is not None and misfits(pa.array([text], pa.string()), kind):
            raise UnspellableError(lambda row, column: refusal.wrong_type(row, column, kind))

    def settle(self, *, empty_is_fine: bool) -> None:
        """Raise InputError unless what was read may be kept."""
        if self.refusals.total and not self.refusals.keep:
            raise self.refusals.error(self._place.file or "")
        if self.rows or (empty_is_fine and not self.refusals.total):
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


def _family(kind: type) -> str:
    return "number" if issubclass(kind, (int, float)) else kind.__name__


def _raw(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value if value is None or value == value else "NaN"  # noqa: PLR0124 - NaN differs from itself
    return str(value).encode("utf-8", "backslashreplace").decode()
