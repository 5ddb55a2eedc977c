"""Noise addition (ISO/IEC 20889), drawn by OpenDP: the optional part ``differential-privacy``.

Each value is its own private query with a known range, so what is guaranteed is *local* differential
privacy of one cell (Duchi, Jordan and Wainwright 2013, FOCS): a person with several cells spends the
sum. OpenDP draws from discrete distributions of exact arithmetic (Canonne, Kamath and Steinke 2020);
noise of ordinary floating point can be undone by its last digits (Mironov 2012, CCS).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from anping.core.errors import MissingExtraError
from anping.core.text import Text

Distribution = Literal["laplace", "gaussian", "geometric"]
Floats = npt.NDArray[np.float64]

_NEEDED = Text("加雜訊（noise）", "Adding noise")


@dataclass(frozen=True, slots=True)
class Mechanism:
    """Noise of one distribution and ``scale`` (of Laplace b, of the Gaussian the deviation)."""

    distribution: Distribution
    scale: float

    def noisy(self, numbers: Sequence[float] | Sequence[int]) -> list[Any]:
        """Return the numbers with noise; for ``geometric`` whole numbers in and out.

        OpenDP draws from the operating system: no seed repeats it. Raises MissingExtraError.
        """
        drawn: list[Any] = _measurement(self.distribution, self.scale)(list(numbers))
        return drawn

    def loss(self, width: float, *, delta: float | None = None) -> float:
        """Return the epsilon of one value whose range is ``width``, as OpenDP's privacy map says.

        The Gaussian's holds at ``delta``. Raises MissingExtraError.
        """
        measurement = _measurement(self.distribution, self.scale)
        if self.distribution == "gaussian":
            assert delta is not None
            fixed = _opendp().c.make_fix_delta(
                _opendp().c.make_zCDP_to_approxDP(measurement), delta
            )
            return float(fixed.map(float(width))[0])
        step = int(np.ceil(width)) if self.distribution == "geometric" else float(width)
        return float(measurement.map(step))

    @classmethod
    def of_epsilon(
        cls,
        distribution: Distribution,
        epsilon: float,
        *,
        width: float,
        delta: float | None = None,
    ) -> Mechanism:
        """Return the smallest noise that gives ``epsilon`` to a value whose range is ``width``."""
        if distribution == "gaussian":
            dp = _opendp()

            def private(scale: float) -> Any:
                approximate = dp.c.make_zCDP_to_approxDP(_measurement("gaussian", scale))
                return dp.c.make_fix_delta(approximate, delta)

            scale = dp.binary_search_param(private, d_in=float(width), d_out=(epsilon, delta))
            return cls(distribution, float(scale))
        step = np.ceil(width) if distribution == "geometric" else width
        return cls(distribution, float(step) / epsilon)


def _measurement(distribution: Distribution, scale: float) -> Any:
    dp = _opendp()
    if distribution == "geometric":
        domain = dp.vector_domain(dp.atom_domain(T=dp.i64))
        return dp.m.make_geometric(domain, dp.l1_distance(T=dp.i64), scale=scale)
    domain = dp.vector_domain(dp.atom_domain(T=dp.f64, nan=False))
    if distribution == "gaussian":
        return dp.m.make_gaussian(domain, dp.l2_distance(T=dp.f64), scale=scale)
    return dp.m.make_laplace(domain, dp.l1_distance(T=dp.f64), scale=scale)


def _opendp() -> Any:
    try:
        import opendp.prelude as dp
    except ImportError as error:
        raise MissingExtraError.of("differential-privacy", needed_for=_NEEDED) from error
    dp.enable_features("contrib")
    return dp
