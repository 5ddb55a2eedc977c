"""ARX's Adult with its hierarchies, and what the search is asked and answers on it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.csv as pc

from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.protect.deid.anonymize import coder_of
from anping.protect.deid.counting import encoded_of
from anping.protect.deid.evaluation import Evaluator
from anping.protect.deid.goals.choice import goal_of
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.leaves import Coder
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.deid.search import Solution, search
from anping.protect.deid.search_state import Budget
from anping.protect.deid.tuples import Encoded

#: The order of ARX's quasi-identifiers; problems on fewer columns take the first ones.
COLUMNS = (
    "sex", "age", "race", "marital-status", "education", "native-country", "workclass",
    "occupation", "salary-class",
)  # fmt: skip


class Adult(NamedTuple):
    """The table with its hierarchies, and where they lie."""

    folder: Path
    table: Table
    hierarchies: dict[str, Hierarchy]

    def first(self, columns: int) -> dict[str, Hierarchy]:
        """Return the hierarchies of the first columns."""
        return {column: self.hierarchies[column] for column in COLUMNS[:columns]}


def adult(folder: Path) -> Adult:
    """Read the table and the hierarchies."""
    delimited = pc.ParseOptions(delimiter=";")
    found = {
        column: Hierarchy.from_csv(column, folder / "hierarchies" / f"adult_hierarchy_{column}.csv")
        for column in COLUMNS
    }
    table = Table.of(pc.read_csv(folder / "adult.csv", parse_options=delimited))
    return Adult(folder, table, found)


def coded(
    table: Table, hierarchies: dict[str, Hierarchy], model: PrivacyModel
) -> tuple[Table, Coder]:
    """Return a table's cells as numbers, and what made them so."""
    coder = coder_of(table, hierarchies, model=model, person=None)
    batches = mapped(table, coder, columns=coder.columns, schema=coder.schema)
    return Table.of(pa.Table.from_batches(batches, coder.schema)), coder


def encoded(table: Table, hierarchies: dict[str, Hierarchy], model: PrivacyModel) -> Encoded:
    """Return a table as the search sees it."""
    return encoded_of(*coded(table, hierarchies, model))[0]


def searched(whole: Encoded, model: PrivacyModel, options: Options) -> tuple[Evaluator, Solution]:
    """Search, without a budget."""
    evaluator = Evaluator(whole, model, goal_of(whole, model, options), fast=options.fast)
    allowed = int(options.suppression_limit * whole.rows + 1e-9)
    found = search(whole, evaluator, Budget(allowed, lambda _: False))
    assert found is not None
    assert found.optimal
    return evaluator, found
