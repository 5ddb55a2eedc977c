"""Sums over groups of series that hold exactly, after every series was forecast by itself.

Sources: Wickramasuriya, Athanasopoulos & Hyndman 2019 (least trace of the errors' covariance);
Schäfer & Strimmer 2005 (shrinkage of a covariance towards its diagonal).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.learn.series.panel import Panel

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
TOTAL = "Σ"
#: More nodes than these are summed from below: their covariance is not laid out.
_MOST_NODES = 3000


@dataclass(frozen=True, eq=False)
class Sums:
    """a sums over b series: ``members`` (a, b) says what is in each sum; sums come first in a panel.

    ``gain`` (b, a) says how a series is moved by what its sums say otherwise; None: from below.
    """

    names: tuple[str, ...]
    members: Flags
    gain: Floats | None = None

    @property
    def count(self) -> int:
        """How many sums there are."""
        return len(self.names)

    def reconciled(self, said: Floats) -> Floats:
        """Return (…, a + b, h) whose sums hold, of forecasts (…, a + b, h)."""
        above, below = said[..., : self.count, :], said[..., self.count :, :]
        if self.gain is not None:
            below = below + self.gain @ (above - self.summed(below))
        return np.concatenate([self.summed(below), below], axis=-2)

    def summed(self, below: Floats) -> Floats:
        """Return (…, a, h): the sums of series (…, b, h), added in their order."""
        parts = [below[..., members, :].sum(axis=-2) for members in self.members]
        return np.stack(parts, axis=-2)


def sums_of(names: Sequence[tuple[str, ...]]) -> Sums:
    """Return the sums of series whose groups' values, the coarsest first, are ``names``.

    There is the total, and a sum for each value of the first group, of the first two, and so on;
    sums over one series alone are left out.
    """
    members = [np.ones(len(names), dtype=np.bool_)]
    labels = [TOTAL]
    depth = len(names[0]) if names else 0
    for level in range(1, depth + 1):
        heads = [name[:level] for name in names]
        for head in sorted(set(heads)):
            inside = np.array([each == head for each in heads])
            if inside.sum() > 1 and not any((inside == other).all() for other in members):
                members.append(inside)
                labels.append(f"{TOTAL} {' / '.join(head)}")
    return Sums(tuple(labels), np.stack(members))


def with_sums(panel: Panel, sums: Sums) -> Panel:
    """Return the panel with the sums before its series; a series is 0 before it begins.

    Raises ParameterError (``series.hierarchy-ends``) where series do not end together.
    """
    if np.ptp(panel.last):
        raise _apart(int((panel.last < panel.last.max()).sum()))
    below = np.nan_to_num(panel.values)
    observed = panel.observed | np.isnan(panel.values)
    start = np.array([panel.start[inside].min() for inside in sums.members])
    values = sums.summed(below)
    values[np.arange(panel.steps)[None, :] < start[:, None]] = np.nan
    seen = np.stack([observed[inside].all(axis=0) for inside in sums.members])
    seen &= ~np.isnan(values)
    count = sums.count
    return replace(
        panel,
        names=(*sums.names, *panel.names),
        values=np.concatenate([values, panel.values]),
        observed=np.concatenate([seen, panel.observed]),
        start=np.concatenate([start, panel.start]),
        last=np.concatenate([np.full(count, panel.last[0]), panel.last]),
        known=np.concatenate([_known(panel, sums), panel.known]),
        groups=np.concatenate([np.full((count, panel.groups.shape[1]), np.nan), panel.groups]),
    )


def _known(panel: Panel, sums: Sums) -> Floats:
    """Return (a, t + h, c): the mean of numbers known ahead over each sum's series; no categories."""
    found = np.full((sums.count, *panel.known.shape[1:]), np.nan)
    for place, codes in enumerate(panel.covariates.known_codes):
        if not codes:
            for row, inside in enumerate(sums.members):
                found[row, :, place] = panel.known[inside, :, place].mean(axis=0)
    return found


def fitted(sums: Sums, errors: Floats) -> Sums:
    """Return the sums with the gain of least trace, from errors (s, a + b) of forecasts so far.

    With too few errors, or too many nodes, the sums stay those from below.
    """
    errors = errors[~np.isnan(errors).any(axis=1)]
    if len(errors) < 4 or errors.shape[1] > _MOST_NODES:
        return replace(sums, gain=None)
    covariance = shrunk(errors)
    count = sums.count
    inside = sums.members.astype(np.float64)
    # U' = [I, -C]: what must be 0 where sums hold.
    held = np.concatenate([np.eye(count), -inside], axis=1)
    moved = covariance @ held.T
    gain = np.linalg.lstsq((held @ moved).T, -moved[count:].T, rcond=None)[0].T
    return replace(sums, gain=gain)


def shrunk(errors: Floats) -> Floats:
    """Return the covariance (n, n) of errors (s, n), drawn towards its diagonal as far as s is small."""
    count = len(errors)
    spread = np.sqrt((errors**2).mean(axis=0))
    spread[spread == 0] = max(float(spread.max()), 1e-12) * 1e-6
    scaled = errors / spread
    related = scaled.T @ scaled / count
    uncertain = ((scaled**2).T @ scaled**2 / count - related**2) * count**2 / (count - 1) ** 3
    np.fill_diagonal(uncertain, 0.0)
    off = related**2
    np.fill_diagonal(off, 0.0)
    share = 1.0 if not off.sum() else float(np.clip(uncertain.sum() / off.sum(), 0, 1))
    kept = (1 - share) * related
    np.fill_diagonal(kept, 1.0)
    whole: Floats = kept * spread[:, None] * spread[None, :]
    return whole


def _apart(early: int) -> ParameterError:
    return ParameterError(
        "series.hierarchy-ends",
        Text(
            f"加總的序列要同時結束；有 {early} 條較早結束。",
            f"Series that are summed end together; {early} of them end earlier.",
        ),
        hint=Text(
            "補上缺少的列（例如 0），或先移除這些序列。",
            "Add the missing rows (0, for example), or leave these series out.",
        ),
    )
