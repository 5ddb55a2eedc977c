"""The exact binomial tail: how likely at least so many successes are by chance alone.

Sums run from the mode outwards in ratios of neighbouring terms, so nothing underflows before the
answer itself does. Source: Clopper & Pearson 1934, Biometrika 26:404 (the exact test).
"""

from __future__ import annotations

from math import exp, expm1, inf, lgamma, log, log1p

from anping.core.errors import ParameterError
from anping.core.text import Text

_NEGLIGIBLE = 1e-18


def log_binomial_tail(successes: int, n: int, p: float) -> float:
    """Return ln P(X ≥ ``successes``) for X ~ Binomial(``n``, ``p``); −inf where impossible.

    Raises ParameterError unless 0 ≤ p ≤ 1 and n ≥ 0.
    """
    _check(n, p)
    if successes <= 0:
        return 0.0
    if successes > n or p == 0.0:
        return -inf
    if p == 1.0:
        return 0.0
    if successes > n * p:
        return min(0.0, _log_upper(successes, n, p))
    # At or below the mean the lower tail is the short one: P(X ≥ s) = 1 - P(n-X ≥ n-s+1).
    below = _log_upper(n - successes + 1, n, 1.0 - p)
    return _log_complement(min(0.0, below))


def binomial_tail(successes: int, n: int, p: float) -> float:
    """Return P(X ≥ ``successes``) for X ~ Binomial(``n``, ``p``), between 0 and 1.

    This is the one-sided exact p-value of seeing ``successes`` or more when each of ``n`` trials
    succeeds by chance with probability ``p``. Raises ParameterError unless 0 ≤ p ≤ 1 and n ≥ 0.
    """
    return exp(log_binomial_tail(successes, n, p))


def _check(n: int, p: float) -> None:
    if n < 0 or not 0.0 <= p <= 1.0:
        raise ParameterError(
            "stats.binomial",
            Text(
                "二項檢定的次數不可為負，機率必須在 0 與 1 之間。",
                "A binomial test needs a count of at least 0 and a probability from 0 to 1.",
            ),
            hint=Text("請檢查次數與機率。", "Check the count and the probability."),
        )


def _log_upper(successes: int, n: int, p: float) -> float:
    """Sum the terms from ``successes`` up; right of the mean they fall, so the sum stops early."""
    first = (
        lgamma(n + 1)
        - lgamma(successes + 1)
        - lgamma(n - successes + 1)
        + successes * log(p)
        + (n - successes) * log1p(-p)
    )
    odds = p / (1.0 - p)
    term = total = 1.0
    for count in range(successes, n):
        term *= (n - count) / (count + 1) * odds
        total += term
        if term < total * _NEGLIGIBLE:
            break
    return first + log(total)


def _log_complement(log_probability: float) -> float:
    """Return ln(1 - e^x) without cancellation (Mächler 2012)."""
    if log_probability == 0.0:
        return -inf
    if log_probability > -0.693:
        return log(-expm1(log_probability))
    return log1p(-exp(log_probability))
