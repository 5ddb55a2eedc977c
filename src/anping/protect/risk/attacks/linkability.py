"""Linkability: two sources that know different columns of a person meet in the released table.

One attacker knows half of the columns of a target, another the other half; each finds the released
records nearest to what it knows. If a record is among both, the release joined the two sources. The
control leaves the target's own released rows out; the guess joins the halves of two different people
(the idea of Giomi et al. 2023, PoPETs 2023(2):312, section 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anping.core.measure import Measure
from anping.core.text import Text
from anping.protect.risk.attacks.names import LINKABILITY
from anping.protect.risk.attacks.nearness import (
    Crowd,
    Nearest,
    axes_of,
    crowd_of,
    most_own,
    nearest,
)
from anping.protect.risk.attacks.outcome import (
    LEFT_OUT,
    ONE_ATTACK,
    OUTSIDERS,
    Attack,
    Share,
    outcome,
)
from anping.protect.risk.attacks.scene import (
    Attacked,
    AttackOptions,
    exchanged,
    sample_targets,
)
from anping.protect.risk.people import Codes

_TITLE = Text(
    "經由釋出表連結同一人的兩個來源", "Two sources about one person joined by the release"
)
_GUESS = Text("猜測：把不同人的兩半相連", "a guess: halves of different people joined")
_HALVES = Text(
    "兩個攻擊者各知道目標一半的欄位，且完全正確。",
    "Two attackers each know one half of the target's columns, exactly.",
)


def join_sources(
    scene: Attacked,
    columns: Sequence[str],
    *,
    halves: tuple[Sequence[str], Sequence[str]] | None = None,
    options: AttackOptions | None = None,
    subject: str = "",
) -> tuple[Measure, ...]:
    """Attack by joining what two sources know; ``halves`` says which columns each of them knows.

    By default the columns are dealt at random. Gives ``risk.linkability.success``, ``.control``,
    ``.baseline`` and ``.excess``: shares of the targets, n. Fewer than two columns that both tables
    have, or no released row: no measure. Raises SchemaError for a column the release lacks.
    """
    settings = options or AttackOptions()
    generator = np.random.default_rng([settings.seed, 2])
    known = scene.shared(columns)
    sides = halves or _dealt(known, generator)
    if not (sides[0] and sides[1]) or not scene.released.rows:
        return ()
    crowds = (crowd_of(scene, sides[0], generator), crowd_of(scene, sides[1], generator))
    limit = settings.within(
        sum(crowd.count * len(side) for crowd, side in zip(crowds, sides, strict=True))
    )
    targets = sample_targets(scene.people, limit, generator)
    find = _Find(sides, crowds, settings.neighbours, generator)
    one, other = find.nearest(scene, targets)
    met = _meeting(*_first(one, other, settings.neighbours))
    swapped = exchanged(targets.size, generator)
    first = _first(one, other, settings.neighbours)
    chance = _meeting(first[0], first[1][swapped]) if targets.size > 1 else 0
    away = scene.outside()
    if away is None:
        own = scene.own_rows(targets)
        alone = [each.without(own, settings.neighbours).rows for each in (one, other)]
        control = Share(_meeting(alone[0], alone[1]), targets.size)
    else:
        strangers = sample_targets(away.people, limit, generator)
        theirs = find.nearest(away, strangers)
        control = Share(_meeting(*_first(*theirs, settings.neighbours)), strangers.size)
    attack = Attack(
        LINKABILITY,
        _TITLE,
        f"{settings.neighbours} nearest by {len(sides[0])} and by {len(sides[1])} columns",
        LEFT_OUT if away is None else OUTSIDERS,
        settings.seed,
        (_HALVES, ONE_ATTACK),
        subject,
        baseline=_GUESS,
    )
    success, guess = (Share(hits, targets.size) for hits in (met, chance))
    return outcome(attack, success, control=control, baseline=guess)


def _dealt(
    columns: Sequence[str], generator: np.random.Generator
) -> tuple[Sequence[str], Sequence[str]]:
    order = [columns[place] for place in generator.permutation(len(columns))]
    middle = len(order) // 2
    return order[:middle], order[middle:]


@dataclass(frozen=True)
class _Find:
    """What either source knows, and the released rows as it tells them apart."""

    sides: tuple[Sequence[str], Sequence[str]]
    crowds: tuple[Crowd, Crowd]
    neighbours: int
    generator: np.random.Generator

    def nearest(self, scene: Attacked, targets: Codes) -> tuple[Nearest, Nearest]:
        """Return what either finds: as many rows as are left after the target's own are gone."""
        count = self.neighbours + most_own(scene.own_rows(targets))
        one, other = (
            nearest(
                axes_of(scene, side, targets),
                crowd,
                targets=targets.size,
                count=count,
                generator=self.generator,
            )
            for side, crowd in zip(self.sides, self.crowds, strict=True)
        )
        return one, other


def _first(one: Nearest, other: Nearest, count: int) -> tuple[Codes, Codes]:
    return one.rows[:, :count], other.rows[:, :count]


def _meeting(one: Codes, other: Codes) -> int:
    """Return for how many targets both sources found one released row, the same."""
    same = (one[:, :, None] == other[:, None, :]) & (one[:, :, None] >= 0)
    return int(same.any(axis=(1, 2)).sum())
