"""Column lineage as values: which column came from which, what was done on the way, and whether it hides.

The words are those of OpenLineage's column lineage facet 1-2-0: *direct* (values come from there) or
*indirect* (they only influenced it), a subtype, and *masking* where the value that was there can no
longer be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from anping.core.text import Text

FlowKind = Literal["DIRECT", "INDIRECT"]
Subtype = Literal[
    "IDENTITY", "TRANSFORMATION", "AGGREGATION",
    "JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL",
]  # fmt: skip

_NO_WORDS = Text("", "")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A column of a dataset (``customers@1``, or a file's name), or with None the whole of it."""

    dataset: str
    column: str | None = None

    def __str__(self) -> str:
        return self.dataset if self.column is None else f"{self.dataset}:{self.column}"


@dataclass(frozen=True, slots=True)
class Flow:
    """One step of a column's way: ``into`` depends on ``source``.

    ``technique`` is an ISO/IEC 20889 name, empty where values were kept. ``into`` without a column
    says that which rows there are depends on ``source``.
    """

    into: Place
    source: Place
    kind: FlowKind = "DIRECT"
    subtype: Subtype = "IDENTITY"
    masking: bool = False
    technique: str = ""
    what: Text = _NO_WORDS


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a step took or gave: ``name`` is ``customers@1``, ``port`` what the step calls it."""

    name: str
    port: str
    kind: str
    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a performed step's statement says, for the step to tell its columns' lineage.

    ``read`` gives the JSON of a dataset by its name, or None where it cannot be read.
    """

    inputs: tuple[Dataset, ...]
    outputs: tuple[Dataset, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    read: Callable[[str], Any] = lambda _: None

    def taken(self, port: str) -> tuple[Dataset, ...]:
        """Return the inputs of a port: several files can come from outside."""
        return tuple(one for one in self.inputs if one.port == port)

    def given(self, port: str) -> Dataset | None:
        """Return the output of a port, or None."""
        return next((one for one in self.outputs if one.port == port), None)


#: Tells the flows of a performed step.
Teller = Callable[[Told], tuple[Flow, ...]]
