"""The truth about a sample: every planted identifier, what each column is, who each row is about.

Beside the tables stands a folder ``truth/`` with, for each file:

- ``<file>.spans.jsonl``: one JSON object per planted identifier, with ``row`` (0 for the first data
  row), ``column``, ``start`` and ``end`` (code points of the cell as written), ``type``, ``value``,
  ``person`` (null for an organisation's), ``valid`` and ``partial`` (see :class:`Planted`);
- ``<file>.columns.json``: ``{column: {"type": ..., "role": ...}}``;
- ``<file>.people.json``: the person index of each row.

``index.json`` names files with the same content (the same table in another encoding or format).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from anping.core.columns import Role
from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.recipes.sample.cells import Sheet
from anping.recipes.sample.forms import written_forms

__all__ = ["DIRECT_TYPES", "ColumnTruth", "Planted", "Truth", "read_truth", "written_forms"]

#: Types whose value alone points to one person.
DIRECT_TYPES: Final = frozenset(
    {
        "PERSON_NAME",
        "TW_NATIONAL_ID",
        "TW_RESIDENT_ID",
        "TW_NHI_CARD",
        "TW_PASSPORT",
        "MEDICAL_RECORD_NO",
        "RECORD_ID",
        "PHONE",
        "EMAIL",
        "LINE_ID",
        "ADDRESS_FULL",
        "CREDIT_CARD",
        "BANK_ACCOUNT",
        "VEHICLE_PLATE",
    }
)


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted identifier.

    ``valid`` is False where its checksum was broken on purpose. ``partial`` is True for a surname
    with a title: a detector may mark it or not, and a search for leaks passes it over.
    """

    row: int
    column: str
    start: int
    end: int
    type: str
    value: str
    person: int | None
    valid: bool = True
    partial: bool = False


@dataclass(frozen=True, slots=True)
class ColumnTruth:
    """What one column truly is."""

    column: str
    type: str
    role: Role


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about one file."""

    file: str
    spans: tuple[Planted, ...]
    columns: tuple[ColumnTruth, ...]
    people: tuple[int, ...]

    def direct(self) -> tuple[Planted, ...]:
        """Return the planted direct identifiers, mentions that point to nobody left out."""
        return tuple(s for s in self.spans if s.type in DIRECT_TYPES and not s.partial)

    def by_cell(self) -> dict[tuple[int, str], tuple[Planted, ...]]:
        """Return what is planted in each cell ``(row, column)`` that holds anything."""
        found: dict[tuple[int, str], tuple[Planted, ...]] = {}
        for span in self.spans:
            cell = (span.row, span.column)
            found[cell] = (*found.get(cell, ()), span)
        return found


def planted(sheet: Sheet) -> Iterable[Planted]:
    """Yield every planted identifier of a sheet, row by row."""
    for number, row in enumerate(sheet.rows):
        for column, cell in zip(sheet.columns, row, strict=True):
            for mark in cell.marks:
                yield Planted(
                    number, column.name, mark.start, mark.end, mark.type,
                    cell.text[mark.start : mark.end], mark.person, mark.valid, mark.partial,
                )  # fmt: skip


def write_truth(folder: Path, file: str, sheet: Sheet) -> None:
    """Write the truth of one table into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with (folder / f"{file}.spans.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
        for span in planted(sheet):
            stream.write(encode({name: getattr(span, name) for name in Planted.__slots__}) + "\n")
    columns = {
        column.name: {"type": column.type, "role": column.role.value} for column in sheet.columns
    }
    _write_json(folder / f"{file}.columns.json", columns)
    _write_json(folder / f"{file}.people.json", list(sheet.people))


def write_index(folder: Path, same: dict[str, str]) -> None:
    """Write which file's truth holds for which other file."""
    _write_json(folder / "index.json", same)


def read_truth(folder: Path, file: str) -> Truth:
    """Return the truth about ``file`` of the sample in ``folder``.

    Raises InputError when the sample has no truth about that file.
    """
    truth = folder / "truth"
    try:
        index = json.loads((truth / "index.json").read_text("utf-8"))
        name = index.get(file, file)
        lines = (truth / f"{name}.spans.jsonl").read_text("utf-8").split("\n")
        columns = json.loads((truth / f"{name}.columns.json").read_text("utf-8"))
        people = json.loads((truth / f"{name}.people.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise _no_truth(file) from error
    return Truth(
        file,
        tuple(Planted(**json.loads(line)) for line in lines if line),
        tuple(ColumnTruth(c, body["type"], Role(body["role"])) for c, body in columns.items()),
        tuple(people),
    )


def _no_truth(file: str) -> InputError:
    return InputError(
        "recipes.no-truth",
        Text("這個檔案沒有標準答案。", "There is no truth beside this file."),
        where=Where(file=file),
        hint=Text(
            "請指定由範例產生器寫出的資料夾與檔名。",
            "Name a folder and a file that a sample generator wrote.",
        ),
    )


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
