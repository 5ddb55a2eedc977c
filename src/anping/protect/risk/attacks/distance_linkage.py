"""Record linkage by distance: for numbers that were perturbed, and whatever stands beside them.

The attacker knows some columns of a target exactly and claims the nearest released record (the
distance-based record linkage of Domingo-Ferrer & Torra 2001, in: Confidentiality, Disclosure and Data
Access, ch. 6). The control claims the record of another target.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anping.core.measure import Measure
from anping.core.text import Text
from anping.protect.risk.attacks.names import DISTANCE_LINKAGE
from anping.protect.risk.attacks.nearness import axes_of, crowd_of, nearest
from anping.protect.risk.attacks.outcome import ONE_ATTACK, Attack, Share, outcome
from anping.protect.risk.attacks.scene import (
    Attacked,
    AttackOptions,
    exchanged,
    sample_targets,
)

_TITLE = Text("以距離連結到本人紀錄的目標", "Targets linked to their own record by distance")
_CONTROL = Text("對照組：取別的目標的最近紀錄", "control: another target's nearest record claimed")
_GUESS = Text("猜測：隨機指一列", "a guess: any released row")
_KNOWS = Text(
    "攻擊者完全正確地知道目標的這些欄位，並知道目標在資料集中。",
    "The attacker knows these columns of the target exactly, and that the target is in the data set.",
)


def link_by_distance(
    scene: Attacked,
    columns: Sequence[str],
    *,
    options: AttackOptions | None = None,
    subject: str = "",
) -> tuple[Measure, ...]:
    """Attack by claiming the nearest released record on ``columns`` (those that both tables have).

    Gives ``risk.linkage.distance.success``, ``.control``, ``.baseline`` and ``.excess``: shares of the
    targets, n, suppressed ones included. No columns or no released row: no measure. Raises SchemaError
    for a column the release lacks.
    """
    settings = options or AttackOptions()
    generator = np.random.default_rng([settings.seed, 3])
    known = scene.shared(columns)
    if not known or not scene.released.rows:
        return ()
    crowd = crowd_of(scene, known, generator)
    limit = settings.within(crowd.count * len(known))
    targets = sample_targets(scene.people, limit, generator)
    found = nearest(
        axes_of(scene, known, targets),
        crowd,
        targets=targets.size,
        count=1,
        generator=generator,
    )
    claimed, wanted = scene.person[found.rows[:, 0]], scene.people.codes[targets]
    swapped = exchanged(targets.size, generator)
    chance = int((claimed[swapped] == wanted).sum()) if targets.size > 1 else 0
    own = sum(mine.size for mine in scene.own_rows(targets)) / scene.released.rows
    attack = Attack(
        DISTANCE_LINKAGE,
        _TITLE,
        f"nearest released row by {len(known)} columns",
        _CONTROL,
        settings.seed,
        (_KNOWS, ONE_ATTACK),
        subject,
        baseline=_GUESS,
    )
    n = targets.size
    hits = Share(int((claimed == wanted).sum()), n)
    return outcome(attack, hits, control=Share(chance, n), baseline=Share(own, n))
