"""Where in the release people outside the table would stand, were they in it.

Classes of local recoding overlap: as in linkage, a person is looked for in the most specific classes that
are compatible with him.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from anping.protect.risk.attacks.scene import Attacked
from anping.protect.risk.candidates import released_groups
from anping.protect.risk.classes import Grouped
from anping.protect.risk.people import Codes


@dataclass(frozen=True)
class StrangersMet:
    """People outside the table: their ``leaves`` by column, as places among the raw table's, or -1.

    ``strangers`` are the people of one class after another's, and ``starts`` where each begins.
    """

    leaves: Mapping[str, Codes]
    strangers: Codes
    starts: Codes

    def of_group(self, group: int) -> Codes:
        """Return the people who would stand in a class."""
        found: Codes = self.strangers[self.starts[group] : self.starts[group + 1]]
        return found


def strangers_met(
    scene: Attacked, grouped: Grouped, *, limit: int, generator: np.random.Generator
) -> StrangersMet | None:
    """Return at most ``limit`` people outside the table by class; None where nobody is outside.

    ``grouped`` are the released rows by the quasi-identifiers.
    """
    away = scene.outside()
    if away is None:
        return None
    rows = np.sort(generator.permutation(away.raw.rows)[:limit])
    known, texts, leaves = {}, [], {}
    for name in grouped.columns:
        codes, there = scene.compatible.leaf_codes(scene.raw, name)
        found = away.compatible.leaves_at(away.raw, name, rows)
        counts = np.bincount(codes, minlength=len(there)).tolist()
        known[name] = {**dict.fromkeys(found, 0), **dict(zip(there, counts, strict=True))}
        place = {leaf: at for at, leaf in enumerate(there)}
        leaves[name] = np.array([place.get(leaf, -1) for leaf in found], np.int64)
        texts.append(found)
    groups = released_groups(grouped, known, scene.compatible)
    best: dict[tuple[str, ...], Codes] = {}
    met = []
    for each in zip(*texts, strict=True):
        if each not in best:
            best[each] = groups.best(each)
        met.append(best[each])
    group = np.concatenate([np.zeros(0, np.int64), *met])
    person = np.repeat(np.arange(len(met)), [each.size for each in met])
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(grouped.count + 1))
    return StrangersMet(leaves, person[order], starts)
