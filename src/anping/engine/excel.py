"""A worksheet becomes rows of text, so that it is typed by all its values like any other file.

What a cell shows is taken, not how it is stored: a number as Excel shows it in 15 digits, a day as
ISO 8601, the stored result of a formula. Cells that hold an error are missing values. What a person
should know about merged cells, titles and errors is told in notes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine import refusals as refusal
from anping.engine.compression import damaged
from anping.engine.header import check_is_header, check_names
from anping.engine.intake import Intake, RawRows, Taken, fitting_declared
from anping.engine.reading import ReadOptions
from anping.engine.sheets import Grid, Heading, heading_of
from anping.engine.workbooks import SheetFacts, look_through

_CELLS = 1_000_000
_LISTED = 30


def read_sheet(intake: Intake) -> Taken:
    """Read one worksheet.

    Raises InputError if the workbook is damaged, encrypted or too large, or has several sheets with
    data and none is named; SchemaError for its column names.
    """
    file, options = intake.content.name, intake.options
    with intake.content.on_disk(intake.stage.folder / "workbook") as path:
        facts = look_through(path, file=file)
        with _workbook(path, file) as book:
            name, sheet = _chosen(book, options, file)
            grid = Grid.of(sheet)
            heading = heading_of(grid, options)
            names = _names(heading, options, file)
            intake.require_declared(names)
            rows = _stage(grid, heading, names, intake)
    notes = (*heading.notes, *_told(grid, heading, facts.get(name), options))
    return Taken(rows, names, intake.seen.sha256, notes=notes)


@contextmanager
def _workbook(path: Path, file: str) -> Iterator[Any]:
    """Yield the open workbook; whatever its library cannot read is damaged or encrypted."""
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            yield book
    except calamine.PasswordError as error:
        raise _encrypted(file) from error
    except (calamine.CalamineError, OSError, ValueError, OverflowError) as error:
        raise damaged(file) from error
    except BaseException as error:
        # A panic in the library is not an Exception; nothing else of that name exists.
        if type(error).__name__ == "PanicException":
            raise damaged(file) from error
        raise


def _chosen(book: Any, options: ReadOptions, file: str) -> tuple[str, Any]:
    names = list(book.sheet_names)
    asked = options.sheet
    if asked is not None:
        if asked in names:
            return asked, book.get_sheet_by_name(asked)
        if asked.isdecimal() and 1 <= int(asked) <= len(names):
            name = names[int(asked) - 1]
            return name, book.get_sheet_by_name(name)
    listed, filled, only = [], [], None
    for number, about in enumerate(book.sheets_metadata, start=1):
        sheet = book.get_sheet_by_name(about.name)
        if sheet.height and sheet.width:
            filled.append(about.name)
            only = sheet if len(filled) == 1 else None
        shown = str(about.visible).rpartition(".")[2] == "Visible"
        mark = "" if shown else " (hidden 隱藏)"
        listed.append(f"{number}. {about.name} {sheet.height:,}×{sheet.width:,}{mark}")
    if asked is None and only is not None:
        return filled[0], only
    if not filled:
        raise _no_data(file)
    raise _which_sheet(file, listed[:_LISTED])


def _names(heading: Heading, options: ReadOptions, file: str) -> tuple[str, ...]:
    names = options.column_names or heading.names
    if options.header and options.column_names is None:
        check_is_header(names, file=file, line=heading.line)
    check_names(names, file=file, line=heading.line, expected=len(heading.columns))
    return names


def _stage(grid: Grid, heading: Heading, names: tuple[str, ...], intake: Intake) -> int:
    step = max(1, _CELLS // max(1, len(names)))
    absent = frozenset(intake.options.null_markers)
    taken, lines, rows = 0, [], []
    for line, cells in grid.rows(heading.body, filled=intake.options.fill_merged):
        values = [_text(cells[at], moment=at in heading.moments) for at in heading.columns]
        if intake.options.trim_blanks:
            values = [value.strip(" \t") for value in values]
        if not any(values):
            continue
        if any("\0" in value for value in values):
            intake.refusals.add(refusal.nul_character(line, None), "")
            continue
        lines.append(line)
        rows.append([None if value in absent else value for value in values])
        if len(rows) >= step:
            taken += _add(lines, rows, names, intake)
            lines, rows = [], []
    return taken + _add(lines, rows, names, intake)


def _add(
    lines: Sequence[int],
    rows: Sequence[Sequence[str | None]],
    names: tuple[str, ...],
    intake: Intake,
) -> int:
    if not rows:
        return 0
    batch = pa.record_batch(
        [pa.array(column, pa.string()) for column in zip(*rows, strict=True)],
        schema=pa.schema([(name, pa.string()) for name in names]),
    )
    raw = RawRows(batch, tuple(lines), lambda at: "\t".join(cell or "" for cell in rows[at]))
    return intake.add(fitting_declared(raw, intake.declared, intake.refusals))


def _text(cell: Any, *, moment: bool) -> str:
    """Return what a cell shows."""
    if moment and type(cell) is date:
        return f"{cell.isoformat()} 00:00:00"
    return _SHOWN.get(type(cell), str)(cell)


def _number(value: float) -> str:
    """Return a number in the 15 digits that Excel keeps, without the noise of binary fractions."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(float(f"{value:.15g}"))


def _duration(value: timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


_SHOWN: Mapping[type, Callable[[Any], str]] = {
    str: lambda cell: cell.replace("\r\n", "\n"),
    bool: lambda cell: "true" if cell else "false",
    float: _number,
    datetime: lambda cell: cell.isoformat(" "),
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _duration,
}


def _told(
    grid: Grid, heading: Heading, facts: SheetFacts | None, options: ReadOptions
) -> tuple[Text, ...]:
    notes = []
    merged = grid.merged_below(heading.body)
    if merged:
        filled = options.fill_merged
        notes.append(
            Text(
                f"資料中有 {merged:,} 處合併儲存格，值"
                + ("填入每一格。" if filled else "只在第一格；加上 fill_merged 可填入每一格。"),
                f"Merged cells among the rows: {merged:,}; their value stands in "
                + ("every cell." if filled else "the first cell (fill_merged repeats it)."),
            )
        )
    if facts is not None and facts.errors:
        notes.append(
            Text(
                f"{facts.errors:,} 個儲存格是錯誤值（例如 #N/A），視為缺值。",
                f"Cells that hold an error such as #N/A, taken as missing: {facts.errors:,}.",
            )
        )
    if facts is not None and facts.unstored:
        notes.append(
            Text(
                f"{facts.unstored:,} 個公式沒有存下結果，視為缺值；請用 Excel 開啟並存檔。",
                f"Formulas without a stored result, taken as missing: {facts.unstored:,}; "
                "open the file in Excel and save it.",
            )
        )
    return tuple(notes)


def _which_sheet(file: str, listed: list[str]) -> InputError:
    return InputError(
        "input.which-sheet",
        Text("要讀哪一個工作表？", "Which sheet is to be read?"),
        where=Where(file=file),
        hint=Text(
            f"請以 sheet 指定名稱或編號：{'；'.join(listed)}",
            f"Name one as the sheet, by name or number: {'; '.join(listed)}",
        ),
    )


def _no_data(file: str) -> InputError:
    return InputError(
        "input.empty",
        Text("活頁簿裡沒有資料。", "The workbook holds no data."),
        where=Where(file=file),
        hint=Text("請確認檔案已完整匯出。", "Check that the file was exported completely."),
    )


def _encrypted(file: str) -> InputError:
    return InputError(
        "input.encrypted",
        Text("活頁簿有密碼保護。", "The workbook is protected by a password."),
        where=Where(file=file),
        hint=Text("請用 Excel 移除密碼後另存。", "Remove the password in Excel and save it."),
    )
