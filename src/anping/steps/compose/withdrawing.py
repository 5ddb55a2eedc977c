"""Whose rows may be used: the register of consents held against a table, raw or protected."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.core.digest import canonical_json
from anping.core.errors import ParameterError, Where, WorkspaceError
from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.engine.links import raw_rows
from anping.engine.natures import distinct_cells
from anping.engine.table import Table, missing_column
from anping.govern.consent import Register, pseudonyms
from anping.steps.compose.learning_ports import CONSENT, LINKS, RAW
from anping.workspace.step import Context, Inputs, Keys, Outcome, Produced, Record

__all__ = ["CONSENT", "KEY", "LINKS", "RAW", "allowed", "people_in", "read_register", "taken_in"]

#: The key that people's pseudonyms in registers are made with; without it nobody can be found.
KEY = "consent"
#: Fewer rows or people than these are not told: they would point at somebody.
_FEW = 5
_REPLAY = Replay("consent", needs=("raw",))
Flags = NDArray[np.bool_]


def read_register(path: Path) -> Register:
    """Return the register of a consent asset."""
    return Register.from_json(json.loads(path.read_bytes()))


def taken_in(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Add the decisions of a file to the register; what was registered before stays."""
    earlier = read_register(inputs["earlier"].path) if "earlier" in inputs else None
    table = Table.open(inputs["table"].path)
    register = _registered(context, given, earlier, table)
    there = set(people_in(table, register, context.keys))
    path = context.path("consent.json")
    path.write_bytes(canonical_json(register.as_json()))
    found = len(there & register.people.keys())
    counts = {
        "consent.people": (len(register.people), len(register.people), Text("登錄的人數", "People registered")),
        "consent.people_found": (found, len(register.people), Text("其中在資料表裡的人數", "Of them, people of the table")),
        "consent.decisions": (sum(map(len, register.people.values())), len(register.people), Text("登錄的決定", "Decisions registered")),
    }  # fmt: skip
    measures = tuple(
        Measure(name, value, "decisions" if name.endswith("decisions") else "people", n, title, method="count")
        for name, (value, n, title) in counts.items()
        if value == 0 or min(value, n) >= _FEW
    )  # fmt: skip
    made = Produced("consent", path, "application/json", confidential=True)
    notes = () if found else (_NOBODY_FOUND,)
    return Outcome((made,), measures, limits=(_LIMIT,), notes=notes)


def _registered(context: Context, given: Any, earlier: Register | None, table: Table) -> Register:
    """Return the register with what the file adds. Raises ParameterError where nothing is given."""
    from anping.engine.read import read
    from anping.engine.reading import ReadOptions
    from anping.govern.consent_file import register_from

    column = given.person or (None if earlier is None else earlier.column)
    if column is None or (given.file is None and earlier is None):
        raise _nothing_given()
    if column not in table.columns:
        raise missing_column(column, table.columns)
    if given.file is None:
        assert earlier is not None
        return Register(column, earlier.people)
    first = read(given.file, into=context.path("looked-at.parquet"))
    texts = ReadOptions(types=dict.fromkeys(first.table.columns, "string"))
    told = read(given.file, into=context.path("consents.parquet"), options=texts).table
    key = context.keys.secret(KEY)
    fresh = register_from(
        told.arrow(),
        column,
        named=lambda people: pseudonyms(people, key),
        offset=given.offset,
        now=context.clock(),
        file=given.file.name,
    )
    return fresh if earlier is None else fresh.joined(earlier)


def people_in(table: Table, register: Register, keys: Keys) -> list[str]:
    """Return the pseudonyms of the people of a table, ``""`` among them where rows name nobody."""
    return pseudonyms(distinct_cells(_cells(table, register))[1], keys.secret(KEY))


def _cells(table: Table, register: Register) -> Any:
    if register.column not in table.columns:
        raise missing_column(register.column, table.columns)
    return table.column(register.column)


@dataclass(frozen=True, eq=False)
class Allowed:
    """Which rows (n,) of a table may be used for a purpose, and what proves that the others were not."""

    rows: Flags
    measures: tuple[Measure, ...]
    notes: tuple[Text, ...]


def allowed(context: Context, inputs: Inputs, *, purpose: str, given_only: bool) -> Allowed | None:
    """Return which rows of ``table`` nobody withdrew, or None without a register.

    Of a protected table the links tell whose row is whose. With ``given_only`` (data that rests on
    consent) only rows of people whose consent stands are used. Raises WorkspaceError where the raw
    table or the links are not those that the protected table was made with (``consent.other-raw``).
    """
    if "consent" not in inputs:
        return None
    register = read_register(inputs["consent"].path)
    table = Table.open(inputs["table"].path)
    people = of_rows(context, inputs, register, table)
    barred = register.withdrawn(purpose)
    names = np.array(people.names, dtype=object)
    if given_only:
        fine = [register.standing(name, purpose) is True for name in names]
    else:
        fine = [name not in barred for name in names]
    rows: Flags = np.array(fine, dtype=np.bool_)[people.codes]
    gone = np.array([name in barred for name in names], dtype=np.bool_)[people.codes]
    return Allowed(rows, _proof(rows, gone), _notes(rows, given_only=given_only))


@dataclass(frozen=True, eq=False)
class Named:
    """Whose each row is: ``codes`` (n,) into ``names``, pseudonyms."""

    codes: NDArray[np.int64]
    names: list[str]


def of_rows(context: Context, inputs: Inputs, register: Register, table: Table) -> Named:
    """Return whose each row of the table is, of a protected one by way of its links."""
    if "links" not in inputs and "raw" not in inputs:
        codes, cells = distinct_cells(_cells(table, register))
        return Named(codes, pseudonyms(cells, context.keys.secret(KEY)))
    _check_made_together(context.history, inputs)
    raw = Table.open(inputs["raw"].path)
    codes, cells = distinct_cells(_cells(raw, register))
    origin = raw_rows(Table.open(inputs["links"].path), protected=table.rows, raw=raw.rows)
    return Named(codes[origin], pseudonyms(cells, context.keys.secret(KEY)))


def _check_made_together(history: tuple[Record, ...], inputs: Inputs) -> None:
    """Raise WorkspaceError unless the table was made of this raw table, together with these links."""
    table = inputs["table"].asset.reference
    for record in history:
        made = {one["name"]: str(one["annotations"]["port"]) for one in record["subject"]}
        if table not in made:
            continue
        ending = made[table].removeprefix("protected")
        took = {one["annotations"]["port"]: one["name"] for one in record["predicate"]["materials"]}
        raw = took.get(f"table{ending}", "")
        links = next((name for name, port in made.items() if port == f"links{ending}"), "")
        asked = {port: inputs[port].asset.reference for port in ("raw", "links") if port in inputs}
        if asked == {"raw": raw, "links": links}:
            return
        raise _other_raw(table, raw, links)
    raise _other_raw(table, "", "")


def _proof(rows: Flags, gone: Flags) -> tuple[Measure, ...]:
    """Return how many rows were looked at and left out, and that none of the rest was withdrawn."""
    looked, out = rows.size, int((~rows).sum())
    used = int(rows.sum())
    found = [
        Measure("consent.rows", looked, "rows", looked, _LOOKED, method="count", replay=_REPLAY),
        Measure("consent.rows_of_withdrawn", int((rows & gone).sum()), "rows", used, _NONE,
                method="count", replay=_REPLAY),
    ]  # fmt: skip
    if not 0 < out < _FEW:
        found.append(
            Measure("consent.rows_left_out", out, "rows", looked, _LEFT, method="count", replay=_REPLAY)
        )  # fmt: skip
    return tuple(found)


def _notes(rows: Flags, *, given_only: bool) -> tuple[Text, ...]:
    out = int((~rows).sum())
    if not out:
        return (Text("沒有人撤回同意。", "Nobody's consent was withdrawn."),)
    zh = f"{out:,}" if out >= _FEW else f"少於 {_FEW}"
    en = f"{out:,}" if out >= _FEW else f"fewer than {_FEW}"
    why = (
        Text("當事人沒有有效的同意", "the person has no consent that stands")
        if given_only
        else Text("當事人撤回了同意", "the person withdrew consent")
    )
    return (Text(f"不用 {zh} 列：{why.zh}。", f"left out {en} rows: {why.en}"),)


_LOOKED = Text("對照同意登錄的列", "Rows held against the register of consents")
_LEFT = Text("因撤回或沒有同意而不用的列", "Rows left out for lack of consent")
_NONE = Text("用到的列中屬於撤回者的列", "Rows used whose person withdrew")
_LIMIT = Text(
    "登錄只說當事人告訴了什麼；沒有登錄的撤回無從得知。",
    "A register tells what people said to whoever keeps it; a withdrawal that nobody registered is not known.",
)
_NOBODY_FOUND = Text(
    "登錄裡沒有任何人在資料表裡：請檢查 --person 的欄位。",
    "Nobody of the register is in the table: check the column of --person.",
)


def _nothing_given() -> ParameterError:
    return ParameterError(
        "consent.nothing-given",
        Text(
            "還沒有同意登錄：要給檔案，並說資料表的哪一欄是當事人。",
            "There is no register yet: give a file, and the table's column that says who.",
        ),
        where=Where(),
        hint=Text(
            "anping consent 資料 --file consents.csv --person 欄位",
            "anping consent DATASET --file consents.csv --person COLUMN",
        ),
    )


def _other_raw(table: str, raw: str, links: str) -> WorkspaceError:
    return WorkspaceError(
        "consent.other-raw",
        Text(
            f"無法證明 {table} 的列屬於誰：需要當時的原始表與對照表。",
            f"Whose rows those of {table} are cannot be proved: it takes the raw table and the links of then.",
        ),
        hint=Text(
            f"再執行 anping protect，或以 --input raw={raw or '名稱@版本'} --input links={links or '名稱@版本'} 指定。",
            f"Run anping protect again, or name them with --input raw={raw or 'NAME@VERSION'} "
            f"--input links={links or 'NAME@VERSION'}.",
        ),
    )
