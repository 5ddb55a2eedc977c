"""Many tests at once: p-values adjusted so that chance alone does not make findings.

Sources: Holm 1979, Scand. J. Statist. 6:65 (family-wise error); Benjamini & Hochberg 1995, JRSS B
57:289 (false discovery rate).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text

Probabilities = NDArray[np.float64]


def holm(p_values: ArrayLike) -> Probabilities:
    """Return Holm's adjusted p-values (n,), in the order given.

    Rejecting those of at most α leaves a chance of at most α for any false finding, however the
    tests depend on one another. Raises ParameterError for what is no probability.
    """
    given = _checked(p_values)
    order = np.argsort(given, kind="stable")
    scaled = given[order] * np.arange(given.size, 0, -1)
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(scaled))
    return adjusted


def benjamini_hochberg(p_values: ArrayLike) -> Probabilities:
    """Return Benjamini and Hochberg's adjusted p-values (n,), in the order given.

    Of those of at most α, at most a share α is false on average, if the tests are independent or
    depend on one another positively. Raises ParameterError for what is no probability.
    """
    given = _checked(p_values)
    order = np.argsort(given, kind="stable")
    scaled = given[order] * given.size / np.arange(1, given.size + 1)
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return adjusted


def _checked(p_values: ArrayLike) -> Probabilities:
    given = np.asarray(p_values, np.float64).reshape(-1)
    if not np.all((given >= 0) & (given <= 1)):
        raise ParameterError(
            "stats.p-values",
            Text("p 值必須在 0 與 1 之間。", "A p-value lies between 0 and 1."),
            hint=Text("請檢查輸入的 p 值。", "Check the p-values given."),
        )
    return given
