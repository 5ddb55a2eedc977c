"""Column names are checked before a row is read: present, distinct, and not somebody's data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from anping.core.errors import SchemaError, Where
from anping.core.text import Text

_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# Shapes that no column name has: Taiwan's identity and residence numbers, e-mail addresses.
_OF_A_PERSON = re.compile(r"[A-Z][A-D1289]\d{8}|\S+@\S+\.\S+", re.ASCII)
_CORRECT_THE_HEADER = Text(
    "請更正標題列，或以 column_names 給定欄位名稱；若檔案沒有標題列，請指定 header=False。",
    "Correct the header, or give the names as column_names; "
    "if the file has no header, say header=False.",
)


#: More columns than this are no table, and would cost memory without bound.
MOST_COLUMNS = 20_000


def check_number(columns: int, *, file: str) -> None:
    """Raise SchemaError if a table would have more columns than any honest one."""
    if columns > MOST_COLUMNS:
        raise SchemaError(
            "schema.too-many-columns",
            Text(
                f"欄位超過 {MOST_COLUMNS:,} 個。",
                f"There are more than {MOST_COLUMNS:,} columns.",
            ),
            where=Where(file=file),
            hint=Text(
                "請檢查分隔符號，或把表改成長格式（一列一個值）。",
                "Check the delimiter, or turn the table into long form (one value per row).",
            ),
        )


def check_is_header(names: Sequence[str], *, file: str, line: int) -> None:
    """Raise SchemaError if the first record is data, not column names.

    A row that is taken for a header is lost, and its values would become column names, which
    everybody may see. Numbers are taken for data unless they count on by one (years, days, hours).
    """
    counting = sorted(int(name) for name in names if _WHOLE.fullmatch(name))
    counts_on = all(after - before == 1 for before, after in pairwise(counting))
    for position, name in enumerate(names, start=1):
        is_number = _NUMBER.fullmatch(name) is not None
        if is_number and _WHOLE.fullmatch(name) and counts_on and len(counting) > 1:
            continue
        if is_number or _OF_A_PERSON.fullmatch(name):
            raise SchemaError(
                "schema.header-looks-like-data",
                Text(
                    f"第一列的第 {position} 個欄位像是資料，不像欄位名稱。",
                    f"Field number {position} of the first row looks like data, not like a name.",
                ),
                where=Where(file=file, row=line, column=f"#{position}"),
                hint=Text(
                    "若檔案沒有標題列，請指定 header=False；若它確實是標題列，"
                    "請以 column_names 給定欄位名稱。",
                    "If the file has no header, say header=False; "
                    "if it is the header, give the names as column_names.",
                ),
            )


def check_names(
    names: Sequence[str], *, file: str, line: int | None, expected: int | None = None
) -> None:
    """Raise SchemaError if a column name is empty or doubled, or their number is not expected.

    Columns are named by position: in a file without a header the names would be a person's data.
    """
    if expected is not None and expected != len(names):
        raise SchemaError(
            "schema.column-count",
            Text(
                f"檔案有 {expected} 個欄位，但給了 {len(names)} 個欄位名稱。",
                f"The file has {expected} columns but {len(names)} column names were given.",
            ),
            where=Where(file=file, row=line),
            hint=_CORRECT_THE_HEADER,
        )
    check_number(len(names), file=file)
    first_seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if not name.strip():
            raise SchemaError(
                "schema.empty-column-name",
                Text(f"第 {position} 個欄位沒有名稱。", f"Column number {position} has no name."),
                where=Where(file=file, row=line, column=f"#{position}"),
                hint=_CORRECT_THE_HEADER,
            )
        if name in first_seen:
            raise SchemaError(
                "schema.doubled-column-name",
                Text(
                    f"第 {first_seen[name]} 個與第 {position} 個欄位名稱相同。",
                    f"Columns number {first_seen[name]} and {position} have the same name.",
                ),
                where=Where(file=file, row=line, column=f"#{position}"),
                hint=_CORRECT_THE_HEADER,
            )
        first_seen[name] = position
