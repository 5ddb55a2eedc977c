"""What the protected table is still good for: distances of distributions, and a model's quality."""

from __future__ import annotations

from typing import Any

from anping.core.columns import Role
from anping.core.measure import Measure
from anping.engine.table import Table
from anping.judge.distances import measure_distances
from anping.judge.reading import Reading
from anping.judge.utility import UtilityOptions, measure_utility
from anping.steps.compose.assets import findings_of, paths_of, protection_of, telling_columns
from anping.workspace.step import Inputs

#: No model reads them, and no distribution of theirs means anything.
UNUSABLE = (Role.DIRECT_IDENTIFIER, Role.FREE_TEXT)


def compared(given: Any, inputs: Inputs) -> tuple[Measure, ...]:
    """Return the measures of the protected table's utility; of a model only with a target."""
    found = protection_of(inputs)
    left_out = {f.column for f in findings_of(inputs) if f.role in UNUSABLE}
    raw, protected = (Table.open(inputs[port].path) for port in ("table", "protected"))
    links = Table.open(inputs["links"].path)
    options = UtilityOptions(
        exclude=tuple(sorted(left_out - {given.target})),
        person=found.privacy_unit,
        rows=given.rows,
        leaf_table=Table.open(inputs["leaves"].path),
        seed=given.seed,
        reading=Reading(paths_of(inputs)),
    )
    telling = [c for c in telling_columns(found, protected.columns) if c not in left_out]
    distances = measure_distances(raw, protected, links=links, columns=telling, options=options)
    if given.target is None:
        return distances
    model = measure_utility(raw, protected, links=links, target=given.target, options=options)
    return (*model, *distances)
