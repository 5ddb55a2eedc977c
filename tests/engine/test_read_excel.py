from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from anping.core.errors import InputError, SchemaError
from anping.engine.read import read
from anping.engine.reading import Reading

Read = Callable[..., Reading]


def workbook(*rows: list[Any], merge: tuple[str, ...] = (), epoch: Any = None) -> bytes:
    book = openpyxl.Workbook()
    if epoch is not None:
        book.epoch = epoch
    for row in rows:
        book.active.append(row)
    for cells in merge:
        book.active.merge_cells(cells)
    return saved(book)


def saved(book: Any) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


MOMENT = datetime(2024, 1, 2, 3, 4, 5)  # noqa: DTZ001 - a cell has no time zone
MIDNIGHT = datetime(2024, 1, 3)  # noqa: DTZ001 - a cell has no time zone


def told(reading: Reading) -> str:
    return " ".join(note.en for note in reading.notes)


def test_cells_become_what_they_show(read_bytes: Read) -> None:
    content = workbook(
        ["編號", "整數", "實數", "真假", "日", "時刻", "時分", "時長"],
        ["007", 1, 0.1 + 0.2, True, date(2024, 1, 2), MOMENT, time(3, 4), timedelta(hours=30)],
        ["王小明", 12345678901234, 1e-7, False, date(1900, 3, 1), date(2024, 1, 3), time(23, 59, 59), timedelta(minutes=1)],
    )  # fmt: skip

    reading = read_bytes(content, name="a.xlsx")

    assert reading.table.arrow().to_pydict() == {
        "編號": ["007", "王小明"],
        "整數": [1, 12345678901234],
        "實數": [0.3, 1e-7],
        "真假": [True, False],
        "日": [date(2024, 1, 2), date(1900, 3, 1)],
        "時刻": [MOMENT, MIDNIGHT],
        "時分": ["03:04:00", "23:59:59"],
        "時長": ["30:00:00", "0:01:00"],
    }
    assert (reading.format, reading.encoding, reading.notes) == ("excel", None, ())


def test_the_date_system_of_1904(read_bytes: Read) -> None:
    content = workbook(["d"], [date(2024, 1, 2)], epoch=CALENDAR_MAC_1904)
    assert read_bytes(content, name="a.xlsx").table.arrow().to_pydict() == {"d": [date(2024, 1, 2)]}


def test_titles_and_merged_headings_are_told(read_bytes: Read) -> None:
    content = workbook(
        ["客戶表"],
        ["單位：元", None, None, "製表 113 年"],
        ["編號", "地址", None, "金額"],
        [None, "縣市", "路名", None],
        ["1", "台北", "中山", 5],
        ["2", "台中", None, 6],
        ["3", None, None, 7],
        merge=("A1:D1", "A3:A4", "B3:C3", "D3:D4", "B6:C7"),
    )

    reading = read_bytes(content, name="a.xlsx")
    assert reading.table.arrow().to_pydict() == {
        "編號": [1, 2, 3],
        "地址_縣市": ["台北", "台中", None],
        "地址_路名": ["中山", None, None],
        "金額": [5, 6, 7],
    }
    assert "down to number 2 are titles" in told(reading)
    assert "names of 2 columns" in told(reading)
    assert "Merged cells among the rows: 1" in told(reading)

    filled = read_bytes(content, name="a.xlsx", fill_merged=True).table.arrow().to_pydict()
    assert filled["地址_縣市"] == ["台北", "台中", "台中"]
    assert filled["地址_路名"] == ["中山", "台中", "台中"]


def test_a_merged_heading_of_one_line_is_numbered(read_bytes: Read) -> None:
    content = workbook(["id", "scores", None, None], [1, 2, 3, 4], merge=("B1:D1",))
    assert read_bytes(content, name="a.xlsx").table.columns == (
        "id", "scores", "scores_2", "scores_3",
    )  # fmt: skip


def test_lines_above_may_be_skipped_and_a_heading_left_out(read_bytes: Read) -> None:
    content = workbook(["x", "y"], [None, None], ["a", "b"], [1, 2])
    assert read_bytes(content, name="a.xlsx", skip_lines=2).table.columns == ("a", "b")
    reading = read_bytes(workbook([1, "x"], [2, "y"]), name="a.xlsx", header=False)
    assert reading.table.arrow().to_pydict() == {"column_1": [1, 2], "column_2": ["x", "y"]}


def test_errors_and_formulas_are_told(read_bytes: Read) -> None:
    book = openpyxl.Workbook()
    for row in (["a", "b"], [1, "=A2"], [2, 3]):
        book.active.append(row)
    book.active["B4"] = "#N/A"
    book.active["B4"].data_type = "e"
    book.active["A4"] = 4

    reading = read_bytes(saved(book), name="a.xlsx")

    assert reading.table.arrow().to_pydict() == {"a": [1, 2, 4], "b": [None, 3, None]}
    assert "error such as #N/A, taken as missing: 1" in told(reading)
    assert "without a stored result, taken as missing: 1" in told(reading)


def test_a_sheet_is_asked_for(read_bytes: Read) -> None:
    book = openpyxl.Workbook()
    book.active.title = "一月"
    book.active.append(["a"])
    book.active.append([1])
    for name in ("二月", "空白"):
        book.create_sheet(name)
    assert read_bytes(saved(book), name="a.xlsx").rows == 1

    book["二月"].append(["b"])
    book["二月"].append([2])
    book["二月"].append([3])
    book["二月"].sheet_state = "hidden"
    content = saved(book)
    with pytest.raises(InputError) as caught:
        read_bytes(content, name="a.xlsx")
    assert caught.value.code == "input.which-sheet"
    assert "1. 一月 2×1; 2. 二月 3×1 (hidden 隱藏); 3. 空白 0×0" in caught.value.hint.en
    assert read_bytes(content, name="a.xlsx", sheet="二月").rows == 2
    assert read_bytes(content, name="a.xlsx", sheet="2").rows == 2
    with pytest.raises(InputError) as caught:
        read_bytes(content, name="a.xlsx", sheet="4")
    assert caught.value.code == "input.which-sheet"


def test_rows_and_names_are_checked_as_in_text(read_bytes: Read) -> None:
    content = workbook(["a", "b"], [1, "x"], [2, 3])
    reading = read_bytes(content, name="a.xlsx", types={"b": "integer"}, quarantine=True)
    assert [(row.row, row.column, row.code) for row in reading.refused] == [
        (2, "b", "input.wrong-type")
    ]
    for heading, code in (
        (["a", "a"], "schema.doubled-column-name"),
        (["a", None], "schema.empty-column-name"),
        (["a", "A123456789"], "schema.header-looks-like-data"),
    ):
        with pytest.raises(SchemaError) as caught:
            read_bytes(workbook(heading, [1, 2]), name="a.xlsx")
        assert caught.value.code == code


def test_a_sheet_without_rows(read_bytes: Read) -> None:
    for content, code in ((workbook(), "input.empty"), (workbook(["a", "b"]), "input.no-rows")):
        with pytest.raises(InputError) as caught:
            read_bytes(content, name="a.xlsx")
        assert caught.value.code == code


def test_a_sheet_of_all_columns(read_bytes: Read) -> None:
    content = workbook([f"c{n}" for n in range(16_384)], list(range(16_384)))
    reading = read_bytes(content, name="a.xlsx")
    assert (len(reading.table.columns), reading.rows) == (16_384, 1)


def test_one_cell_far_out_is_refused_before_it_is_opened(read_bytes: Read) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "a", 1
    with pytest.raises(InputError) as caught:
        read_bytes(saved(book), name="a.xlsx")
    assert caught.value.code == "input.sheet-too-large"


ODS = (
    '<?xml version="1.0"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
    "<office:spreadsheet>"
    '<table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body>'
    "</office:document-content>"
)
TEXT_CELL = (
    '<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'
)


def ods(rows: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", ODS.format(rows=rows))
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
            "</manifest:manifest>",
        )
    return target.getvalue()


def test_an_ods_sheet(read_bytes: Read) -> None:
    head = TEXT_CELL.format(text="姓名", more="") + TEXT_CELL.format(text="額", more="")
    cell = '<table:table-cell office:value-type="float" office:value="3.5"/>'
    rest = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    rows = f"<table:table-row>{head}</table:table-row><table:table-row>{TEXT_CELL.format(text='王', more='')}{cell}</table:table-row>{rest}"

    reading = read_bytes(ods(rows), name="a.ods")

    assert reading.table.arrow().to_pydict() == {"姓名": ["王"], "額": [3.5]}


REPEATED_CELL = TEXT_CELL.format(text="x", more=' table:number-columns-repeated="16384"')
ODS_BOMBS = [
    f'<table:table-row table:number-rows-repeated="1048576">{REPEATED_CELL}</table:table-row>',
    (
        '<table:table-row><table:table-cell office:value-type="string">'
        '<text:p><text:s text:c="4000000000"/></text:p></table:table-cell></table:table-row>'
    ),
]


@pytest.mark.parametrize("rows", ODS_BOMBS)
def test_an_ods_bomb_is_refused_before_it_is_opened(read_bytes: Read, rows: str) -> None:
    with pytest.raises(InputError) as caught:
        read_bytes(ods(rows), name="a.ods")
    assert caught.value.code == "input.sheet-too-large"


def test_an_old_workbook(read_bytes: Read) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("x")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for column, (name, value) in enumerate({"姓名": "王", "日": date(2024, 5, 6), "額": 3}.items()):
        sheet.write(0, column, name)
        sheet.write(1, column, value, *([day] if isinstance(value, date) else []))

    reading = read_bytes(saved(book), name="a.xls")

    assert reading.table.arrow().to_pydict() == {
        "姓名": ["王"],
        "日": [date(2024, 5, 6)],
        "額": [3],
    }


def test_what_is_no_workbook(read_bytes: Read) -> None:
    book = bytearray(workbook(["a"], [1]))
    torn = book[: len(book) // 2]
    document = io.BytesIO()
    with zipfile.ZipFile(document, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    for content, code in (
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 2000, "input.damaged-archive"),
        (bytes(torn), "input.damaged-archive"),
        (document.getvalue(), "input.not-a-table"),
    ):
        with pytest.raises(InputError) as caught:
            read_bytes(content, name="a.xlsx")
        assert caught.value.code == code


def test_a_workbook_within_an_archive(read_bytes: Read, tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("報表.xlsx", workbook(["a"], [1]))

    assert read_bytes(target.getvalue(), name="a.zip").table.arrow().to_pydict() == {"a": [1]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "out.parquet"]


VALUE = st.none() | st.integers(-(10**14), 10**14) | st.booleans() | st.text("ab甲 ", max_size=4)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(VALUE, VALUE), min_size=1, max_size=6))
def test_what_openpyxl_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("excel")
    (folder / "a.xlsx").write_bytes(workbook(["x", "y"], *map(list, rows)))
    expected = [tuple(_shown(value) for value in row) for row in rows if any(map(_shown, row))]
    if not expected:
        return

    reading = read(folder / "a.xlsx", into=folder / "out.parquet")

    table = reading.table.arrow()
    # A column without a value below its name is still a column.
    found = [tuple(_shown(row.get(name)) for name in ("x", "y")) for row in table.to_pylist()]
    assert found == expected


def _shown(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value).strip() or None
