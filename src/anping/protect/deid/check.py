"""An independent check: group the released texts again and count, sharing no code with the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import pyarrow as pa
import pyarrow.compute as pc

from anping.engine.table import Table
from anping.protect.deid.model import PrivacyModel

_ROWS, _PERSON = "_rows", "_person"


@dataclass(frozen=True, slots=True)
class ClassCheck:
    """What the classes of a released table are like.

    ``smallest`` is the fewest people in a class (rows, without a person column); ``least_diverse``
    the smallest l reached (number of values, or e to the power of the entropy), None without
    l-diversity; ``violations`` counts classes that fail the model.
    """

    classes: int
    smallest: int
    least_diverse: float | None
    violations: int

    @property
    def holds(self) -> bool:
        """Whether every class satisfies the model."""
        return self.violations == 0


def check_classes(
    released: pa.Table,
    quasi_identifiers: Sequence[str],
    *,
    model: PrivacyModel,
    person: str | None = None,
) -> ClassCheck:
    """Count people and sensitive values in every class of ``released``; a null equals a null.

    Raises SchemaError for a missing column.
    """
    Table.of(released).require([*quasi_identifiers, *model.diversified])
    if not released.num_rows:
        return ClassCheck(0, 0, None, 0)
    keys = [f"q{place}" for place in range(len(quasi_identifiers))]
    columns = {
        key: released.column(name) for key, name in zip(keys, quasi_identifiers, strict=True)
    }
    columns[_PERSON] = _people(released, person)
    base = pa.table(columns)
    people = base.group_by(keys).aggregate(
        [(_PERSON, "count_distinct", pc.CountOptions(mode="all"))]
    )
    sizes = people.column(f"{_PERSON}_count_distinct").to_pylist()
    classes = list(zip(*(people.column(key).to_pylist() for key in keys), strict=True))
    failing = {key for key, size in zip(classes, sizes, strict=True) if size < model.k}
    least: float | None = None
    for name in model.diversified:
        diversity = _diversity(base, keys, values=released.column(name), kind=model.l_kind)
        least = min(diversity.values()) if least is None else min(least, *diversity.values())
        wanted = (model.l or 1) - 1e-6
        failing |= {key for key, reached in diversity.items() if reached < wanted}
    return ClassCheck(len(classes), min(sizes), least, len(failing))


def _people(released: pa.Table, person: str | None) -> pa.ChunkedArray | pa.Array:
    if person is None:
        return pa.array(range(released.num_rows))
    Table.of(released).require([person])
    return released.column(person)


def _diversity(
    base: pa.Table, keys: Sequence[str], *, values: pa.ChunkedArray, kind: str
) -> dict[tuple[object, ...], float]:
    """Return each class's distinct values, or the exponential of their entropy."""
    table = base.append_column("s", values).append_column(_ROWS, pa.array([1] * base.num_rows))
    counted = table.group_by([*keys, "s"]).aggregate([(_ROWS, "sum")])
    found: dict[tuple[object, ...], list[int]] = {}
    classes = zip(*(counted.column(key).to_pylist() for key in keys), strict=True)
    for key, rows in zip(classes, counted.column(f"{_ROWS}_sum").to_pylist(), strict=True):
        found.setdefault(key, []).append(rows)
    if kind == "distinct":
        return {key: float(len(rows)) for key, rows in found.items()}
    return {key: exp(_entropy(rows)) for key, rows in found.items()}


def _entropy(rows: Sequence[int]) -> float:
    total = sum(rows)
    return -sum(count / total * log(count / total) for count in rows)
