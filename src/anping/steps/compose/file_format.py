"""How a file is to be read: the parameters that steps which read files have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.workspace.step import Parameters, parameter

if TYPE_CHECKING:
    from anping.engine.reading import ReadOptions


class FileFormat(Parameters):
    """How a file is to be read; what is not given is found out from the file."""

    encoding: str | None = parameter(
        "編碼，預設自動判斷", "its encoding; found out by default", None
    )
    delimiter: str | None = parameter(
        "分隔符號，預設自動判斷", "its delimiter; found out by default", None
    )
    header: bool = parameter("第一列是欄名", "whether the first line holds the names", default=True)
    column_names: list[str] = parameter("沒有欄名時的欄名", "names for a file without any", [])
    types: list[str] = parameter("宣告型別，如 年齡=int64", "declared types such as age=int64", [])
    skip_lines: int = parameter("略過開頭幾列", "lines to skip at the start", 0, ge=0)
    sheet: str | None = parameter(
        "Excel 工作表的名稱或編號", "an Excel sheet, by its name or number", None
    )
    fill_merged: bool = parameter(
        "合併儲存格的值填入每一格", "repeat a merged cell's value in every cell", default=False
    )
    widths: list[str] = parameter(
        "定寬檔的欄位，如 姓名:10", "fixed-width fields such as name:10", []
    )
    width_unit: Literal["characters", "bytes"] = parameter(
        "欄寬的單位：字元或位元組", "what the widths count", "characters"
    )
    member: str | None = parameter("壓縮檔裡的檔名", "the file to read within an archive", None)
    max_expanded_bytes: int | None = parameter(
        "解壓縮後的位元組上限", "the most bytes that a compressed file may expand to", None, ge=1
    )
    records: str | None = parameter(
        "JSON 檔中資料清單的鍵", "the key of the list of records in a JSON file", None
    )
    resource: str | None = parameter(
        "FHIR 資源類型，如 Patient", "a FHIR resource type such as Patient", None
    )
    union_columns: bool = parameter(
        "多個檔案缺少的欄位視為缺值",
        "columns that some of several files lack are missing there",
        default=False,
    )


def read_options(given: Any) -> ReadOptions:
    """Return the read options that parameters of this kind name."""
    from anping.engine.reading import ReadOptions

    fields = [_field(text) for text in given.widths]
    named = tuple(name for name, _ in fields if name)
    return ReadOptions(
        encoding=given.encoding,
        delimiter=given.delimiter,
        header=given.header,
        column_names=tuple(given.column_names) or named or None,
        types=dict(_declared(text) for text in given.types),
        skip_lines=given.skip_lines,
        widths=tuple(width for _, width in fields) or None,
        width_unit=given.width_unit,
        sheet=given.sheet,
        fill_merged=given.fill_merged,
        member=given.member,
        max_expanded_bytes=given.max_expanded_bytes,
        records=given.records,
        resource=given.resource,
        union_columns=given.union_columns,
    )


def _declared(text: str) -> tuple[str, str]:
    column, separator, kind = text.rpartition("=")
    if not separator:
        raise ParameterError(
            "add.types",
            Text("型別宣告要寫成 欄位=型別。", "A declared type is written column=type."),
            hint=Text(
                "型別有 string、integer、real、boolean、date、timestamp。",
                "Types: string, integer, real, boolean, date, timestamp.",
            ),
        )
    return column, kind


def _field(text: str) -> tuple[str, int]:
    name, _, width = text.rpartition(":")
    if not width.isdecimal() or int(width) < 1:
        raise ParameterError(
            "add.widths",
            Text("定寬欄位要寫成 名稱:寬度。", "A fixed-width field is written name:width."),
            hint=Text(
                "例如 --widths 姓名:10 --widths 生日:8；只寫寬度也可以。",
                "For example --widths name:10 --widths birthday:8; a width alone will do.",
            ),
        )
    return name, int(width)
