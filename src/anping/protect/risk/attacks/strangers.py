"""Linkage and attribute inference against people held out: what a release tells of who is not in it.

The attack is that of :mod:`anping.protect.risk.linkage`. About a person who is not in the table it can
say something all the same, since people are alike, and that is no leak about a person (Giomi et al. 2023,
PoPETs 2023(2):312, section 3: control records are not used to make what is attacked). What is guessed
of a stranger can be right. No record is a stranger's own; so what likeness explains of linking is how
often a stranger is linked to a *double*: a person of the raw table, one drawn at random, who is exactly
like him on the quasi-identifiers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.grouping import order_of
from anping.protect.risk.attacks.names import STRANGER_INFERENCE, STRANGER_LINKAGE
from anping.protect.risk.attacks.outcome import ONE_ATTACK, OUTSIDERS, Attack, Share, outcome
from anping.protect.risk.attacks.scene import Attacked, AttackOptions, sample_targets
from anping.protect.risk.candidates import Candidates, released_groups, search
from anping.protect.risk.classes import Grouped, combine, group_rows
from anping.protect.risk.inference import KNOWS, Scene, guesses_from, infer_right, secret_of
from anping.protect.risk.inference import right_among as right
from anping.protect.risk.linkage import hits_and_chance
from anping.protect.risk.people import Codes

_LINKED = Text("連結到本人紀錄的目標", "Targets linked to their own record")
_DOUBLE = Text(
    "對照組：不在原始表中的人連結到與他完全相同的人的紀錄",
    "control: people who are not in the raw table, linked to the record of somebody exactly like them",
)
_EXCHANGED = Text("猜測：取別的目標的候選紀錄", "a guess: another target's candidates claimed")
_COMMONEST = Text("猜測：一律猜最常見值", "a guess: always the commonest value")


@dataclass(frozen=True)
class _Sides:
    """The targets in the raw table and the strangers outside, and what each may be in the release."""

    members: Codes
    strangers: Codes
    of_members: Candidates
    of_strangers: Candidates


def link_strangers(
    scene: Attacked,
    quasi_identifiers: Sequence[str],
    *,
    sensitive: Sequence[str] = (),
    grouped: Grouped | None = None,
    options: AttackOptions | None = None,
    subject: str = "",
) -> tuple[Measure, ...]:
    """Attack people of the raw table, and people outside it (``scene.control``) as the control.

    Gives ``risk.linkage.held_out`` and, for each ``sensitive`` column as subject,
    ``risk.inference.held_out``, each with ``.success``, ``.control``, ``.baseline`` and ``.excess``;
    nothing without people outside. ``grouped`` are the released rows grouped by the
    quasi-identifiers, if they are known. Raises SchemaError for a column the release lacks.
    """
    settings, away = options or AttackOptions(), scene.outside()
    names = scene.shared(quasi_identifiers)
    if away is None or not scene.released.rows:
        return ()
    generator = np.random.default_rng([settings.seed, 12])
    sides = _sides(scene, away, names, grouped, settings=settings, generator=generator)
    played = Scene(sides.members, sides.of_members, scene.raw_row, scene.people.codes)
    hits, chance = hits_and_chance(played, generator)
    doubles = _doubles(scene, away, names, strangers=sides.strangers, generator=generator)
    claimed = sides.of_strangers.claimed(
        sides.of_strangers.groups, sides.of_strangers.drawn(generator)
    )
    met = (scene.person[claimed] == doubles) & (claimed >= 0) & (doubles >= 0)
    n, others = sides.members.size, sides.strangers.size
    attack = Attack(
        STRANGER_LINKAGE,
        _LINKED,
        "most specific compatible record, at random",
        _DOUBLE,
        settings.seed,
        (KNOWS, ONE_ATTACK),
        subject,
        baseline=_EXCHANGED,
    )
    linked = outcome(
        attack, Share(hits, n), control=Share(int(met.sum()), others), baseline=Share(chance, n)
    )
    return (*linked, *_inferred(scene, away, sides, played, sensitive=sensitive, settings=settings))


def _sides(
    scene: Attacked,
    away: Attacked,
    names: Sequence[str],
    grouped: Grouped | None,
    *,
    settings: AttackOptions,
    generator: np.random.Generator,
) -> _Sides:
    members = sample_targets(scene.people, settings.targets, generator)
    strangers = sample_targets(away.people, settings.targets, generator)
    known, mine, theirs = {}, [], []
    for name in names:
        counts, leaves = scene.compatible.leaves_met(scene.raw, name, members)
        others = away.compatible.leaves_at(away.raw, name, strangers)
        # What nobody of the raw table has weighs nothing, but may be looked for.
        known[name] = {**dict.fromkeys(others, 0), **counts}
        mine.append(leaves)
        theirs.append(others)
    groups = released_groups(grouped or group_rows(scene.released, names), known, scene.compatible)
    found = [
        search(groups, list(zip(*leaves, strict=True)) or [()] * rows.size)
        for leaves, rows in ((mine, members), (theirs, strangers))
    ]
    return _Sides(members, strangers, *found)


def _doubles(
    scene: Attacked,
    away: Attacked,
    names: Sequence[str],
    *,
    strangers: Codes,
    generator: np.random.Generator,
) -> Codes:
    """Return, per stranger, a random person of the raw table with the same leaves, -1 for none."""
    parts = []
    for name in names:
        codes, leaves = scene.compatible.leaf_codes(scene.raw, name)
        place = {leaf: at for at, leaf in enumerate(leaves)}
        others = away.compatible.leaves_at(away.raw, name, strangers)
        theirs = [place.get(leaf, len(leaves)) for leaf in others]
        parts.append(np.concatenate([codes.astype(np.int64), np.array(theirs, np.int64)]))
    rows = scene.raw.rows
    of_row, count = combine(parts, rows + strangers.size)
    order = order_of(of_row[:rows])
    starts = np.searchsorted(of_row[:rows][order], np.arange(count + 1))
    wanted = of_row[rows:]
    alike = starts[wanted + 1] - starts[wanted]
    drawn = starts[wanted] + (generator.random(strangers.size) * alike).astype(np.int64)
    found = scene.people.codes[order[np.minimum(drawn, rows - 1)]].astype(np.int64)
    return np.where(alike > 0, found, -1)


def _inferred(
    scene: Attacked,
    away: Attacked,
    sides: _Sides,
    played: Scene,
    *,
    sensitive: Sequence[str],
    settings: AttackOptions,
) -> Iterator[Measure]:
    """Yield how often the sensitive values of either side are guessed right."""
    n, others = sides.members.size, sides.strangers.size
    for name in scene.shared(sensitive):
        secret = secret_of(
            scene.raw, scene.released, name, targets=sides.members, compatible=scene.compatible
        )
        hits, chance, overall = infer_right(played, secret)
        guesses = guesses_from(sides.of_strangers, secret, overall)
        theirs = secret.right_of(away.raw, sides.strangers, away.compatible)
        attack = Attack(
            STRANGER_INFERENCE,
            Text(f"推論攻擊猜對「{name}」", f"Guessed right: “{name}”"),
            "commonest value of the most specific compatible records",
            OUTSIDERS,
            settings.seed,
            (KNOWS, ONE_ATTACK),
            name,
            baseline=_COMMONEST,
        )
        yield from outcome(
            attack,
            Share(hits, n),
            control=Share(right(guesses, theirs), others),
            baseline=Share(chance, n),
        )
