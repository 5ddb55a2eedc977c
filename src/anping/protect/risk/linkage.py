"""A linkage attack that really runs: raw quasi-identifiers against the released table.

The attacker knows the raw quasi-identifier values of a target who is in the data set, finds the
released records those values are compatible with, claims one of the most specific at random, and
guesses the target's sensitive values from all of them. Each attack has a control, in the manner of
Giomi et al. 2023, PoPETs 2023(2):312 (a success that chance or the population explains is no leak).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.links import raw_rows
from anping.engine.table import Table
from anping.protect.risk.attacks.outcome import ONE_ATTACK
from anping.protect.risk.attacks.scene import (
    everybody,
    exchanged,
    nothing_to_attack,
    sample_targets,
)
from anping.protect.risk.candidates import released_groups, search
from anping.protect.risk.classes import Grouped, as_table, group_rows
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.inference import KNOWS, REPLAY, Scene, infer, secret_of
from anping.protect.risk.people import Codes, Person
from anping.stats.intervals import newcombe, wilson

_SUPPRESSED = Text(
    "被抑制的目標仍算在內，並算作未連結。", "Suppressed targets count, as not linked."
)


_SUCCESS = Text("連結攻擊成功的目標", "Targets linked to their own record")
_CONTROL = Text("對照組：互換準識別值後仍成功的目標", "Control: linked with exchanged values")
_EXCESS = Text("連結攻擊超出對照組的成功率", "Linkage success above the control")
_CLAIMED = Text("攻擊者能提出候選紀錄的目標", "Targets with a compatible released record")


@dataclass(frozen=True, slots=True)
class LinkageOptions:
    """How many are attacked, and what is known of the tables beforehand.

    ``targets`` people are sampled at most; ``person`` says which raw rows are one person.
    """

    seed: int = 0
    targets: int = 2000
    person: Person | None = None
    sensitive: tuple[str, ...] = ()
    released: Grouped | None = None


def link(
    raw: Table | pa.Table,
    protected: Table | pa.Table,
    *,
    links: Table | pa.Table,
    quasi_identifiers: Sequence[str],
    compatible: Compatible,
    options: LinkageOptions | None = None,
) -> tuple[Measure, ...]:
    """Attack ``protected`` with the quasi-identifiers of people in ``raw``; return how it went.

    ``links`` has the columns ``protected_row`` and ``raw_row`` (the owner's truth). Gives
    ``risk.linkage.success``, ``.control`` (the same attack with the quasi-identifiers of the targets
    exchanged) and ``.excess``; and for each sensitive column ``risk.inference.success``,
    ``.control`` (the target's own records left out of the released table), ``.baseline`` (always the
    commonest value) and ``.excess`` over the better of the two. A numeric column with more than 20
    values is guessed to its tenth of the distribution.

    Raises SchemaError for a missing column, ParameterError (``links.incomplete``) for links that do not
    name every released row once, (``risk.no-rows``) for an empty raw table.
    """
    settings = options or LinkageOptions()
    source, released = as_table(raw), as_table(protected)
    source.require([*quasi_identifiers, *settings.sensitive])
    released.require([*quasi_identifiers, *settings.sensitive])
    _check_rows(source, settings)
    raw_row = raw_rows(links, protected=released.rows, raw=source.rows)
    people = everybody(settings.person, source)
    who = people.codes
    generator = np.random.default_rng(settings.seed)
    targets = sample_targets(people, settings.targets, generator)
    met = [compatible.leaves_met(source, name, targets) for name in quasi_identifiers]
    known = {name: counts for name, (counts, _) in zip(quasi_identifiers, met, strict=True)}
    leaves = [found for _, found in met]
    grouped = settings.released or group_rows(released, quasi_identifiers)
    groups = released_groups(grouped, known, compatible)
    candidates = search(groups, list(zip(*leaves, strict=True)) or [()] * targets.size)
    scene = Scene(targets, candidates, raw_row, who)
    measures = _linkage(scene, generator, settings)
    for name in settings.sensitive:
        secret = secret_of(source, released, name, targets=targets, compatible=compatible)
        measures += infer(scene, secret, seed=settings.seed)
    return measures


def _check_rows(source: Table, settings: LinkageOptions) -> None:
    if source.rows and settings.targets > 0:
        return
    raise nothing_to_attack()


def own_claimed(scene: Scene, groups: Sequence[tuple[int, ...]], places: Codes) -> int:
    """Return for how many targets the record at its place among those of its groups is its own."""
    rows = scene.candidates.claimed(groups, places)
    some = np.flatnonzero(rows >= 0)
    claimed = scene.person[scene.raw_row[rows[some]]]
    return int((claimed == scene.person[scene.targets[some]]).sum())


def hits_and_chance(scene: Scene, generator: np.random.Generator) -> tuple[int, int]:
    """Return how many targets are linked, and how many with their candidates exchanged."""
    candidates = scene.candidates
    hits = own_claimed(scene, candidates.groups, candidates.drawn(generator))
    if len(candidates.groups) < 2:
        return hits, 0
    of_other = exchanged(len(candidates.groups), generator)
    others = replace(
        candidates,
        groups=tuple(candidates.groups[other] for other in of_other),
        sizes=candidates.sizes[of_other],
    )
    return hits, own_claimed(scene, others.groups, others.drawn(generator))


def _linkage(
    scene: Scene, generator: np.random.Generator, settings: LinkageOptions
) -> tuple[Measure, ...]:
    hits, chance = hits_and_chance(scene, generator)
    n = scene.targets.size
    claims = int((scene.candidates.sizes > 0).sum())
    rows = (
        ("success", hits / n, wilson(hits, n), _SUCCESS),
        ("control", chance / n, wilson(chance, n), _CONTROL),
        ("excess", (hits - chance) / n, newcombe(hits, n, chance, n), _EXCESS),
        ("claimed", claims / n, wilson(claims, n), _CLAIMED),
    )
    return tuple(
        Measure(
            name=f"risk.linkage.{name}",
            value=value,
            unit="share",
            n=n,
            title=title,
            interval=interval,
            method="most specific compatible record, at random",
            seed=settings.seed,
            assumptions=(KNOWS, ONE_ATTACK, _SUPPRESSED),
            replay=REPLAY,
        )
        for name, value, interval, title in rows
    )
