"""Where local recoding's randomness comes from: the operating system, or a seed for a rerun."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np

from anping.protect.deid.encoding import Floats

#: Returns that many independent uniform numbers in [0, 1).
Chance = Callable[[int], Floats]


def chance(seed: int | None) -> Chance:
    """Return uniform numbers from the operating system, or from a seeded PCG64 generator.

    A seed makes a run repeatable, and lets whoever knows it repeat the choices too: keep it as
    secret as the raw table.
    """
    return _from_system if seed is None else np.random.default_rng(seed).random


def _from_system(count: int) -> Floats:
    words = np.frombuffer(os.urandom(8 * count), np.uint64)
    return np.asarray((words >> np.uint64(11)) * 2.0**-53, np.float64)
