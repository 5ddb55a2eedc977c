"""Read a hierarchy file's rows with their line numbers, and say what a table has beyond it."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Collection
from pathlib import Path

from anping.core.errors import PlanError, Where
from anping.core.text import Text
from anping.protect.deid.hierarchy_checks import Place

_LARGEST = 64 << 20


def read_text(column: str, path: Path) -> str:
    """Return a hierarchy file's text. Raises PlanError if it is not there, too large, or not UTF-8."""
    try:
        if path.stat().st_size > _LARGEST:
            raise unreadable(Where(file=path.name, column=column))
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise unreadable(Where(file=path.name, column=column)) from problem


def read_rows(column: str, path: Path) -> tuple[list[tuple[str, ...]], Place]:
    """Return the rows of a CSV file, blanks around cells trimmed, and what gives a row's place.

    ``;`` separates where the first line has one, else ``,``. Empty lines are passed over.
    """
    text = read_text(column, path)
    separator = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(text.splitlines(), delimiter=separator)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if row:
                rows.append(tuple(cell.strip() for cell in row))
                lines.append(reader.line_num)
    except csv.Error as problem:
        raise unreadable(Where(path.name, reader.line_num, column)) from problem
    return rows, lambda number: Where(path.name, (*lines[number : number + 1], None)[0], column)


def unreadable(where: Where) -> PlanError:
    """Return the error for a file that is no hierarchy."""
    return PlanError(
        "deid.hierarchy-unreadable",
        Text("讀不到概化階層檔。", "The hierarchy file cannot be read."),
        where=where,
        hint=Text(
            "確認檔案存在、格式正確且以 UTF-8 儲存。",
            "Check that it exists, is well formed, and is UTF-8.",
        ),
    )


def incomplete(unknown: Collection[str], known: Collection[str], *, where: Where) -> PlanError:
    """Return the error for leaves of the table that a hierarchy lacks: their number, no value.

    Where some would be known if they were spelt alike, the hint says how many.
    """
    spelt = {_loosely(leaf) for leaf in known}
    near = sum(_loosely(leaf) in spelt for leaf in unknown)
    count = len(unknown)
    hint = Text(
        "為每個值在階層檔中補一行，或改用自動建立的階層。",
        "Add one line per value to the hierarchy file, or use a built hierarchy.",
    )
    if near:
        hint = Text(
            f"其中 {near} 個只差大小寫、全半形、空白或開頭的 0，請先統一寫法；{hint.zh}",
            f"{near} of them differ only in case, width, blanks or leading zeros: spell them "
            f"alike first. {hint.en}",
        )
    return PlanError(
        "deid.hierarchy-incomplete",
        Text(
            f"欄位「{where.column}」有 {count} 個不同的值不在概化階層裡。",
            f"Column “{where.column}” has {count} distinct values outside its hierarchy.",
        ),
        where=where,
        hint=hint,
    )


def _loosely(leaf: str) -> str:
    folded = unicodedata.normalize("NFKC", leaf).casefold().replace("台", "臺")
    return "".join(folded.split()).lstrip("0")
