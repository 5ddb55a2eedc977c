"""A sample becomes a folder: tables, the truth beside them, broken files to try, and a page."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from anping.core.errors import ParameterError, Where
from anping.core.files import folder_aside
from anping.core.text import Text
from anping.recipes.sample.cells import Column, Sheet
from anping.recipes.sample.truth import write_index, write_truth

_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_BROKEN_ROWS: Final = 200
_RAGGED: Final = {17: -1, 42: 2, 101: -3, 150: 1}
LEAST_PEOPLE: Final = 20


@dataclass(frozen=True, slots=True)
class TableFile:
    """How one table is written: file name, encoding, line end, and its format."""

    name: str
    sheet: Sheet
    encoding: str = "utf-8"
    line_end: str = "\n"
    format: Literal["csv", "jsonl"] = "csv"


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """A table that was written: where, in which encoding and line end, and how many rows."""

    path: Path
    encoding: str
    line_end: str
    rows: int


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """What a generator wrote. ``tables[0]`` is the main table; ``truth`` is the folder beside."""

    folder: Path
    tables: tuple[WrittenTable, ...]
    broken: tuple[Path, ...]
    truth: Path
    readme: Path
    people: int
    seed: int

    @property
    def main(self) -> Path:
        """The main table."""
        return self.tables[0].path


@dataclass(frozen=True, slots=True)
class SampleContent:
    """Everything that goes into the folder, main table first, before anything is written."""

    tables: tuple[TableFile, ...]
    page: str
    people: int
    seed: int
    broken: bool = True
    #: Further files by name, as they are.
    beside: Mapping[str, str] = field(default_factory=dict)


def check_people(people: int) -> None:
    """Raise ParameterError when a sample of so few people would show nothing."""
    if people < LEAST_PEOPLE:
        raise ParameterError(
            "recipes.too-few-people",
            Text(
                f"範例至少要有 {LEAST_PEOPLE} 人。",
                f"A sample needs at least {LEAST_PEOPLE} people.",
            ),
            hint=Text("請提高人數。", "Ask for more people."),
        )


def write_sample(folder: Path, content: SampleContent) -> SampleFiles:
    """Write the whole sample into the new folder, or nothing.

    Raises ParameterError when ``folder`` exists: a sample is never written over anything.
    """
    if folder.exists():
        raise ParameterError(
            "recipes.folder-exists",
            Text("目的資料夾已經存在，不會覆寫。", "The folder exists and is not overwritten."),
            where=Where(file=folder.name),
            hint=Text("請換一個新的資料夾名稱。", "Name a new folder."),
        )
    with folder_aside(folder) as work:
        for table in content.tables:
            _write_table(work / table.name, table)
        _write_truths(work / "truth", content.tables)
        broken = _write_broken(work, content.tables[0]) if content.broken else ()
        for name, text in content.beside.items():
            (work / name).write_text(text, "utf-8", newline="\n")
        (work / "README.md").write_text(content.page, "utf-8")
    return SampleFiles(
        folder,
        tuple(
            WrittenTable(folder / t.name, t.encoding, t.line_end, len(t.sheet.rows))
            for t in content.tables
        ),
        tuple(folder / "broken" / name for name in broken),
        folder / "truth",
        folder / "README.md",
        content.people,
        content.seed,
    )


def _write_table(path: Path, table: TableFile) -> None:
    if table.format == "jsonl":
        _write_jsonl(path, table.sheet)
        return
    with path.open("w", encoding=table.encoding, newline="") as stream:
        writer = csv.writer(stream, lineterminator=table.line_end)
        writer.writerow(table.sheet.header)
        writer.writerows(table.sheet.texts())


def _write_jsonl(path: Path, sheet: Sheet) -> None:
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for row in sheet.texts():
            values = {
                column.name: _plain(column, text)
                for column, text in zip(sheet.columns, row, strict=True)
            }
            stream.write(encode(values) + "\n")


def _plain(column: Column, text: str) -> str | int | float | None:
    if not text:
        return None
    if column.numeric and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text


def _write_truths(folder: Path, tables: tuple[TableFile, ...]) -> None:
    first: dict[int, str] = {}
    same: dict[str, str] = {}
    for table in tables:
        name = first.setdefault(id(table.sheet), table.name)
        if name == table.name:
            write_truth(folder, name, table.sheet)
        else:
            same[table.name] = name
    write_index(folder, same)


def _write_broken(work: Path, table: TableFile) -> tuple[str, ...]:
    """Write the first rows with CR-only line ends, and again with a few ragged rows."""
    folder = work / "broken"
    folder.mkdir()
    stem = table.name.removesuffix(".csv")
    rows = [[re.sub(r"[\r\n]", " ", text) for text in row] for row in table.sheet.texts()]
    rows = [list(table.sheet.header), *rows[:_BROKEN_ROWS]]
    carriage, ragged = f"{stem}_cr_only.csv", f"{stem}_ragged.csv"
    _write_rows(folder / carriage, rows, "\r")
    spoilt = [_ragged(row, _RAGGED.get(number, 0)) for number, row in enumerate(rows)]
    _write_rows(folder / ragged, spoilt, "\n")
    bad = [number for number in _RAGGED if number < len(rows)]
    (work / "truth" / "broken.json").write_text(
        json.dumps({ragged: {"bad_rows": bad}, carriage: {"bad_rows": []}}, indent=1) + "\n",
        "utf-8",
    )
    return carriage, ragged


def _ragged(row: list[str], change: int) -> list[str]:
    return row[:change] if change < 0 else [*row, *["?"] * change]


def _write_rows(path: Path, rows: list[list[str]], line_end: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator=line_end).writerows(rows)
