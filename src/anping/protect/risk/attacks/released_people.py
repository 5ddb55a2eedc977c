"""Which released people may stand behind a raw row, and how well each fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.protect.risk.attacks.cells import Floats
from anping.protect.risk.attacks.scene import Attacked
from anping.protect.risk.candidates import ReleasedGroups, released_groups
from anping.protect.risk.classes import Grouped, group_rows
from anping.protect.risk.people import Codes

#: So many rows of a person are known at most; more add little and cost as much each.
MOST_ROWS = 20


@dataclass(frozen=True)
class ReleasedPeople:
    """The released groups, and whom each group holds: pairs ascending by group."""

    groups: ReleasedGroups
    starts: Codes
    held: Codes

    @classmethod
    def of(
        cls,
        scene: Attacked,
        names: tuple[str, ...],
        who: Codes,
        *,
        count: int,
        grouped: Grouped | None = None,
    ) -> ReleasedPeople:
        """Return the people of a release; ``who`` (rows,) numbers them from 0 to ``count``."""
        found = grouped or group_rows(scene.released, names)
        known = {name: scene.compatible.leaf_counts(scene.raw, name) for name in names}
        groups = released_groups(found, known, scene.compatible)
        pairs = np.unique(found.of_row.astype(np.int64) * count + who)
        starts = np.searchsorted(pairs // count, np.arange(found.count + 1))
        return cls(groups, starts, pairs % count)

    def fitting(self, leaves: tuple[str, ...]) -> tuple[Codes, Floats]:
        """Return the people that may stand behind a row, and how much each fits: above 0."""
        groups = self.groups.compatible(leaves)
        if not groups.size:
            return groups, np.empty(0)
        sizes = self.starts[groups + 1] - self.starts[groups]
        within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        people = self.held[np.repeat(self.starts[groups], sizes) + within]
        # One row can only be one record: the most specific of a person's counts. Even where all agree
        # on everything, agreement is worth more than none.
        weights = np.repeat(self.groups.specificity[groups], sizes) + 1.0
        ordered = np.lexsort((weights, people))
        people, weights = people[ordered], weights[ordered]
        last = np.append(people[1:] != people[:-1], True)
        return people[last], weights[last]
