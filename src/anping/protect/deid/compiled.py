"""Whether the compiled kernel is used: where it is asked for, or where it is there and pays."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from anping.core.errors import MissingExtraError
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.protect.deid.kernel import CompiledEngine

#: Loading numba and its compiled code takes some CPU second: tables below this many tuples do not
#: win that back, unless somebody has loaded it already.
_WORTH_LOADING = 150_000
#: Compiled counts have 31 bits: more rows are NumPy's.
_MOST_ROWS = 2**31
_NEEDED_FOR = Text("編譯過的計數核心", "The compiled kernel")


def use_compiled(size: int, *, rows: int, fast: bool | None) -> bool:
    """Return whether work on ``size`` tuples of ``rows`` rows goes to compiled code.

    ``fast`` None lets the size decide. Raises MissingExtraError where True is asked for in vain.
    """
    if rows >= _MOST_ROWS:
        return False
    if fast is None:
        return "numba" in sys.modules or (size >= _WORTH_LOADING and find_spec("numba") is not None)
    if fast and find_spec("numba") is None:
        raise MissingExtraError.of("fast", needed_for=_NEEDED_FOR)
    return fast


def compiled_engine(size: int) -> CompiledEngine:
    """Return what counts up to ``size`` tuples in compiled code."""
    from anping.protect.deid.kernel import CompiledEngine

    return CompiledEngine(size)
