"""The decision rule: a limit with a guard band as wide as the measure is uncertain.

ISO/IEC 17025:2017, 7.8.6, asks that a statement of conformity names its rule; by ILAC-G8:09/2019 a
guard band of the expanded uncertainty lets pass, or fail, only what is so with that confidence.
"""

from __future__ import annotations

from anping.core.measure import Interval
from anping.judge.section import Outcome


def decided(interval: Interval | None, limit: float, *, least: bool) -> Outcome:
    """Return whether a measure keeps its limit: ``least`` says that it must not be lower.

    Pass and fail need the whole interval on one side; undecided otherwise, and without an interval.
    """
    if interval is None:
        return "undecided"
    if least:
        if interval.low >= limit:
            return "pass"
        return "fail" if interval.high < limit else "undecided"
    if interval.high <= limit:
        return "pass"
    return "fail" if interval.low > limit else "undecided"
