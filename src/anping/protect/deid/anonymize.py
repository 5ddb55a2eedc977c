"""The door: a table in, a table out in which every equivalence class satisfies the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa


@dataclass(frozen=True)
class Anonymized:
    """The released rows and what it cost.

    ``table`` has the input's columns in the input's order: quasi-identifiers are texts (a missing
    value is ``""``), all others untouched; suppressed rows are gone and the rest keep their order.
    ``kept`` are the input row indices of the released rows. ``levels`` is the full-domain optimum;
    ``recoded_rows`` were brought back by local recoding and are generalised differently.
    ``loss`` (0 to 1) is ARX's Loss of the released table with suppressed rows counted as lost
    entirely; ``loss_full_domain`` is that of the full-domain optimum alone. ``coverage`` gives each
    released value the share of its domain that it hides (0 a leaf, 1 everything): with it an
    outsider recomputes ``loss``. ``paths`` gives each leaf its value on every level.
    """

    table: pa.Table
    kept: npt.NDArray[np.int64]
    levels: Mapping[str, int]
    recoded_rows: int
    suppressed_rows: int
    loss: float
    loss_full_domain: float
    optimal: bool
    nodes_evaluated: int
    coverage: Mapping[str, Mapping[str, float]]
    paths: Mapping[str, Mapping[str, tuple[str, ...]]]
