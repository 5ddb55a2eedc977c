"""What an examination was asked of, held against the rows and the model before anything is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.table import missing_column


def need_columns(names: Iterable[str], there: Sequence[str]) -> None:
    """Raise SchemaError (``schema.missing-column``) for the first name that is not there."""
    for name in names:
        if name not in there:
            raise missing_column(name, there)


def need_as_many(given: int, rows: int) -> None:
    """Raise ParameterError (``judge.rows``) unless there is one value for each row."""
    if given != rows:
        raise ParameterError(
            "judge.rows",
            Text(
                f"列數不合：{rows:,} 列資料，卻有 {given:,} 個值。",
                f"There are {rows:,} rows, but values for {given:,}.",
            ),
            hint=Text("請給同樣的列。", "Give those of the same rows."),
        )


def need_rows(rows: int) -> None:
    """Raise ParameterError (``judge.no-rows``) where there are no rows."""
    if not rows:
        raise ParameterError(
            "judge.no-rows",
            Text("沒有任何列。", "There are no rows."),
            hint=Text(
                "請給模型沒看過的真實資料列。", "Give real rows that the model has not seen."
            ),
        )
