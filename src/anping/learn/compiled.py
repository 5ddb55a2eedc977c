"""Compiled walks through trees, where numba (the extra ``fast``) is there and there is much to do."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import MissingExtraError
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.learn.forest import Forest

Floats = NDArray[np.float64]
#: Loading compiled code takes a CPU second: less work (rows times trees) does not win that back.
_WORTH_LOADING = 5_000_000


def compiled_sums(forest: Forest, matrix: Floats, into: Floats, *, fast: bool | None) -> bool:
    """Add the forest's answers to ``into`` in compiled code, and say whether that was done.

    Raises MissingExtraError where ``fast`` True is asked for in vain.
    """
    there = "numba" in sys.modules or find_spec("numba") is not None
    if fast and not there:
        raise MissingExtraError.of(
            "fast", needed_for=Text("編譯過的樹模型計算", "Compiled walks through trees")
        )
    wanted = (
        len(matrix) * forest.trees >= _WORTH_LOADING or "numba" in sys.modules
        if fast is None
        else fast
    )
    if not (there and wanted):
        return False
    from anping.learn.kernel import add_sums

    add_sums(
        (forest.feature, forest.threshold, forest.missing_left, forest.child, forest.value),
        (forest.first_bit, forest.bit_count, forest.bits),
        (forest.roots, forest.output),
        (matrix, into),
    )
    return True
