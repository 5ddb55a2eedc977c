"""How a cell is read as a number, a date or a category, in the raw table and in the protected one.

A generalised cell stands for the leaves that it covers, each as likely as the others: whoever holds
the protected table and its hierarchies knows no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from anping.core.cells import trimmed_text


@dataclass(frozen=True)
class Reading:
    """What the protection did to the columns it generalised.

    ``paths`` maps column → leaf → the leaf's value on every level; ``leaf_of`` maps column → the
    function that turns a raw cell into its leaf. Both are empty for columns never generalised.
    """

    paths: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    leaf_of: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)

    def leaf(self, column: str, cell: Any) -> str:
        """Return the leaf of a raw cell."""
        return self.leaf_of.get(column, trimmed_text)(cell)

    def with_leaves(self, raw: pa.Table, leaves: pa.Table) -> Reading:
        """Return a reading that knows the leaves of these raw rows: columns of both, row by row."""
        known = {
            column: dict(
                zip(raw.column(column).to_pylist(), leaves.column(column).to_pylist(), strict=True)
            )
            for column in leaves.column_names
        }
        functions = {column: _looked_up(leaf_of) for column, leaf_of in known.items()}
        return Reading(self.paths, {**self.leaf_of, **functions})

    def widths(self, column: str) -> list[int]:
        """Return the number of different values on each level of a column's hierarchy.

        What stands behind the level with a single value are intervals that were cut anywhere; they
        are no level.
        """
        paths = self.paths[column].values()
        found: list[int] = []
        for level in range(min(map(len, paths), default=0)):
            found.append(len({path[level] for path in paths}))
            if found[-1] == 1:
                break
        return found

    def covered(self, column: str) -> dict[str, tuple[str, ...]]:
        """Return, for each value on any level of a column, the leaves that it covers."""
        found: dict[str, dict[str, None]] = {}
        for leaf, path in self.paths.get(column, {}).items():
            for value in path:
                found.setdefault(value, {})[leaf] = None
        return {value: tuple(leaves) for value, leaves in found.items()}


def _looked_up(known: Mapping[Any, str]) -> Callable[[Any], str]:
    return lambda cell: known.get(cell, "")
