"""DuckDB connections: in memory, for one call, with no network and no trace left on disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from anping.engine.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MOST_THREADS = 8
#: What a query may hold before it spills; the rest of the machine belongs to the caller.
_MEMORY = "2GB"


def place(table: Table, column: str) -> str:
    """Return the name under which a column is queried: its place in the table (``c0``, ``c1``).

    SQL compares names without case and gives letters such as a quote a meaning; places are plain.
    """
    return f"c{table.columns.index(column)}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def connected(table: Table) -> Iterator[DuckDBPyConnection]:
    """Yield a connection on which the table is ``source``, its columns named by :func:`place`.

    A Parquet table is scanned in place. What does not fit in memory spills to a private folder
    that is removed afterwards (DuckDB's own default is a folder in the working directory).
    """
    import duckdb

    places = [f"c{index}" for index in range(len(table.columns))]
    with tempfile.TemporaryDirectory(prefix="anping-spill-") as spill:
        connection = duckdb.connect(
            ":memory:",
            config={
                "threads": min(_MOST_THREADS, os.cpu_count() or 1),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "temp_directory": spill,
                "memory_limit": _MEMORY,
            },
        )
        try:
            if isinstance(table.source, pa.Table):
                connection.register("source", table.source.rename_columns(places))
            else:
                # Rows on other machines answer for themselves and never come here.
                assert isinstance(table.source, Path)
                path = _literal(_unglobbed(str(table.source.absolute())))
                connection.execute(
                    f"CREATE VIEW source ({', '.join(places)}) AS SELECT * FROM read_parquet({path})"  # noqa: S608 - the path is a quoted literal
                )
            yield connection
        finally:
            connection.close()


def _unglobbed(path: str) -> str:
    """Return the path with the letters that DuckDB would read as a pattern taken literally."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)
