"""Compiled walks through trees, where numba (the extra ``fast``) is there and there is much to do."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import MissingExtraError
from anping.core.text import Text

Floats = NDArray[np.float64]
#: Loading compiled code takes a CPU second: less work (rows times trees) does not win that back.
_WORTH_LOADING = 5_000_000


#: A forest's arrays as the kernel takes them: those of nodes, of sets of categories, and of trees.
Arrays = tuple[tuple[NDArray[Any], ...], tuple[NDArray[Any], ...], tuple[NDArray[Any], ...]]


def compiled_sums(arrays: Arrays, matrix: Floats, into: Floats, *, fast: bool | None) -> bool:
    """Add a forest's answers to ``into`` in compiled code, and say whether that was done.

    Raises MissingExtraError where ``fast`` True is asked for in vain.
    """
    if not compiling(len(matrix) * arrays[2][0].size, fast=fast):
        return False
    from anping.learn.kernel import add_sums

    add_sums(*arrays, (matrix, into))
    return True


def compiling(work: int, *, fast: bool | None) -> bool:
    """Say whether compiled code does the work: where it is asked for, or pays."""
    loaded = "numba" in sys.modules
    there = loaded or find_spec("numba") is not None
    if fast and not there:
        raise MissingExtraError.of(
            "fast", needed_for=Text("編譯過的樹模型計算", "Compiled walks through trees")
        )
    wanted = loaded or work >= _WORTH_LOADING if fast is None else fast
    return there and wanted
