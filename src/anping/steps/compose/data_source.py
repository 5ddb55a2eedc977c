"""Where data comes from: the parameters that name a source, and what of it evidence may hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from anping.steps.compose.file_format import FileFormat
from anping.workspace.step import parameter


def _taken(value: Any) -> Any:
    """Return a URL or ``env:NAME`` as text and anything else as a path; a secret is refused."""
    from anping.engine.source import is_elsewhere, local_path, require_no_secret

    if not isinstance(value, str):
        return value
    require_no_secret(value)
    return value if is_elsewhere(value) else local_path(value)


def _recorded(value: Path | str) -> str:
    from anping.engine.source import shown

    return shown(str(value))


#: A path stays a path; a URL is text, and evidence keeps it without what only its reader needs.
Source = Annotated[
    Path | str,
    BeforeValidator(_taken),
    PlainSerializer(_recorded, return_type=str, when_used="json"),
]


class DataSource(FileFormat):
    """A file, a folder, a pattern, a URL or a database, and what must hold of its rows."""

    path: Source = parameter(
        "資料檔、資料夾、檔名樣式、網址，或 env:環境變數名",
        "the data file, a folder, a pattern of files, a URL, or env:VARIABLE",
    )
    table: str | None = parameter("資料庫的資料表", "the table of a database", None)
    query: str | None = parameter("資料庫的 SELECT 查詢", "a SELECT query of a database", None)
    since: str | None = parameter(
        "只收此欄位值更大的新列", "take only rows whose value in this column is greater", None
    )
    contract: Path | None = parameter(
        "資料契約檔（ODCS YAML）", "a data contract (ODCS, YAML) that the rows must keep", None
    )
    quarantine: Path | None = parameter(
        "壞列另存於此並繼續", "keep bad rows aside in this file and go on", None
    )
