from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pytest

from anping.engine.table import Table
from anping.protect.deid.hierarchy import Hierarchy

SHARED = Path(__file__).parents[3].parent / "shared"
ADULT_COLUMNS = (
    "sex",
    "age",
    "race",
    "marital-status",
    "education",
    "native-country",
    "workclass",
    "occupation",
    "salary-class",
)


@pytest.fixture(scope="session")
def adult() -> Table:
    file = SHARED / "data" / "adult_arx" / "adult.csv"
    if not file.exists():
        pytest.skip("the shared Adult table is not here")
    return Table.of(pc.read_csv(file, parse_options=pc.ParseOptions(delimiter=";")))


@pytest.fixture(scope="session")
def adult_hierarchies() -> dict[str, Hierarchy]:
    folder = SHARED / "data" / "adult_arx" / "hierarchies"
    if not folder.exists():
        pytest.skip("the shared Adult hierarchies are not here")
    return {
        column: Hierarchy.from_csv(column, folder / f"adult_hierarchy_{column}.csv")
        for column in ADULT_COLUMNS
    }


@pytest.fixture
def people() -> Table:
    """A small table: 60 rows, 40 people, two quasi-identifiers, one sensitive column."""
    return Table.of(
        pa.table(
            {
                "person": [f"p{row % 40}" for row in range(60)],
                "age": [20 + (row * 7) % 40 for row in range(60)],
                "area": ["ABCD"[row % 4] for row in range(60)],
                "disease": ["uvwxy"[row % 5] for row in range(60)],
                "note": [f"n{row}" for row in range(60)],
            }
        )
    )
