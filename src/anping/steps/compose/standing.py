"""How people would stand in a release that was only tried: their classes, and one attack."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.frontier.trial import Shown, Trial
from anping.protect.risk.classes import EquivalenceClasses, Grouped, group_rows, sized
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.linkage import LinkageOptions, link
from anping.protect.risk.people import People
from anping.protect.risk.reidentification import measure_classes

_TOLD = ("risk.prosecutor.max", "risk.marketer", "risk.class_size.min")


def standing(
    released: pa.Table, quasi_identifiers: Sequence[str], people: People | None
) -> tuple[Grouped, tuple[Measure, ...]]:
    """Return the rows' classes, and the highest and the average risk of those released."""
    grouped = group_rows(Table.of(released), quasi_identifiers)
    classes = sized(grouped.of_row, grouped.count, people)
    found = tuple(each for each in measure_classes(classes) if each.name in _TOLD)
    return grouped, (found[0], _average(classes), *found[1:])


def _average(classes: EquivalenceClasses) -> Measure:
    sizes = classes.size_of_unit
    return Measure(
        "risk.prosecutor.average",
        float((1 / sizes).mean()),
        "probability",
        sizes.size,
        Text("檢察官風險（平均）", "Prosecutor risk (average)"),
        method="mean over people of 1 / the smallest equivalence class that they stand in",
    )


def attacked(
    raw: Table,
    shown: Shown,
    *,
    links: pa.Table,
    grouped: Grouped,
    found: Trial,
    options: tuple[int, int, People | None],
) -> tuple[Measure, ...]:
    """Return how many of the targets were linked; ``options`` are seed, targets and the people."""
    seed, targets, people = options
    paths = {} if found.fit.fitted is None else found.fit.fitted.paths
    measures = link(
        raw,
        shown.table,
        links=links,
        quasi_identifiers=found.fit.plan.quasi_identifiers,
        compatible=Compatible(paths, leaf_table=Table.of(shown.leaves)),
        options=LinkageOptions(seed, targets, people, (), grouped),
    )
    return tuple(each for each in measures if each.name == "risk.linkage.success")
