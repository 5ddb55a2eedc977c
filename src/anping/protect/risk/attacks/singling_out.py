"""Singling out: predicates read off the release that hold for exactly one person of the raw table.

Univariate predicates are the rarest released values of every column. Multivariate ones follow one
released row: columns in a random order, until no other released row has all those values. Chance
isolates, too: a predicate that a share w of people satisfy isolates one of N with chance
N w (1 - w)^(N - 1), which is 1/e at most (Cohen & Nissim 2020, PNAS 117:8344), so the baseline is
that chance for each predicate. The control asks the same predicates of people other than the one they
were read from. The idea of guesses against a control and a baseline: Giomi et al. 2023, PoPETs
2023(2):312.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from anping.core.measure import Measure
from anping.core.text import Text
from anping.protect.risk.attacks.names import MULTIVARIATE, UNIVARIATE
from anping.protect.risk.attacks.outcome import (
    LEFT_OUT,
    ONE_ATTACK,
    OUTSIDERS,
    Attack,
    Share,
    outcome,
)
from anping.protect.risk.attacks.predicates import Coded, Predicate, coded, satisfied, weight
from anping.protect.risk.attacks.scene import Attacked, AttackOptions
from anping.protect.risk.people import Codes32

_BASELINE = Text(
    "猜測：各欄獨立時同樣條件恰好對到一人的機會，至多 1/e",
    "a guess: the chance that such a predicate isolates, were columns independent; 1/e at most",
)
_SEES = Text(
    "攻擊者只看釋出表；條件由釋出的值寫成，數值取最接近的釋出值。",
    "The attacker sees the release only; predicates are made of released values, numbers hold for "
    "what lies nearest to them.",
)
_WORDS = {
    UNIVARIATE: Text(
        "單一欄位條件恰好指認一人", "Predicates on one column that isolate one person"
    ),
    MULTIVARIATE: Text(
        "多欄位條件恰好指認一人", "Predicates on several columns that isolate one person"
    ),
}

_Make = Callable[[Sequence[Coded], int, np.random.Generator], Iterable[Predicate]]


def single_out(
    scene: Attacked,
    columns: Sequence[str],
    *,
    options: AttackOptions | None = None,
    subject: str = "",
) -> tuple[Measure, ...]:
    """Attack with predicates on ``columns`` (those of them that both tables have).

    Gives ``risk.singling_out.univariate`` and ``.multivariate``, each with ``.success``, ``.control``,
    ``.baseline`` and ``.excess``: shares of the predicates tried, n. A predicate succeeds when all raw
    rows that satisfy it are one person's. With people outside the table as control, their share w of
    satisfied rows gives the chance that the predicate would isolate one of as many such people. No
    columns or no released row: no measure. Raises SchemaError for a column the release lacks.
    """
    settings = options or AttackOptions()
    known = coded(scene, columns)
    if not known or not scene.released.rows:
        return ()
    away = scene.outside()
    outside = coded(away, columns) if away is not None else None
    measures: tuple[Measure, ...] = ()
    kinds: tuple[tuple[str, _Make], ...] = (
        (UNIVARIATE, _univariate),
        (MULTIVARIATE, _multivariate),
    )
    for number, (name, make) in enumerate(kinds):
        if name == MULTIVARIATE and len(known) < 2:
            continue
        generator = np.random.default_rng([settings.seed, number])
        limit = settings.within(scene.raw.rows * len(known) if name == MULTIVARIATE else 1)
        tried = tuple(make(known, limit, generator))
        attack = Attack(
            name,
            _WORDS[name],
            f"predicates on {len(known)} columns",
            LEFT_OUT if outside is None else OUTSIDERS,
            settings.seed,
            (_SEES, ONE_ATTACK),
            subject,
            baseline=_BASELINE,
        )
        success, control, baseline = _tried(scene, known, tried, outside=outside)
        measures += outcome(attack, success, control=control, baseline=baseline)
    return measures


def _tried(
    scene: Attacked,
    known: Sequence[Coded],
    tried: Sequence[Predicate],
    *,
    outside: Sequence[Coded] | None,
) -> tuple[Share, Share, Share]:
    """Return how many predicates isolate, how many others would, and how many a guess would."""
    n, people = len(tried), scene.people.count
    hits, control, baseline = 0, 0.0, 0.0
    for predicate in tried:
        held = scene.people.codes[satisfied(predicate, known)]
        hits += _alone(held)
        baseline += isolating(weight(predicate, known), people)
        if outside is None:
            control += _alone(held[held != scene.person[predicate.row]])
        else:
            share = satisfied(predicate, outside).size / outside[0].raw.size
            control += isolating(share, people)
    return Share(hits, n), Share(control, n), Share(baseline, n)


def isolating(share: float, people: int) -> float:
    """Return the chance that a predicate of this weight holds for exactly one of so many people."""
    return float(people * share * (1 - share) ** (people - 1))


def _alone(people: Codes32) -> bool:
    return bool(people.size and (people == people[0]).all())


def _univariate(
    known: Sequence[Coded], limit: int, generator: np.random.Generator
) -> Iterable[Predicate]:
    """Yield values that one released row has; of a column without any, its rarest value."""
    found: list[tuple[int, int]] = []
    for at, column in enumerate(known):
        count = column.frequency
        met = np.flatnonzero(count > 0)
        found += [(at, int(value)) for value in met[count[met] == count[met].min()]]
    alone = [each for each in found if known[each[0]].frequency[each[1]] == 1]
    chosen = alone or [next(each for each in found if each[0] == at) for at in range(len(known))]
    for place in generator.permutation(len(chosen))[:limit]:
        at, value = chosen[place]
        row = generator.choice(known[at].released_rows(value))
        yield Predicate((at,), (value,), int(row))


def _multivariate(
    known: Sequence[Coded], limit: int, generator: np.random.Generator
) -> Iterable[Predicate]:
    """Yield, for random released rows, values in a random order until no other row has them."""
    rows = known[0].released.size
    for row in generator.permutation(rows)[:limit]:
        order = generator.permutation(len(known))
        like = known[order[0]].released_rows(int(known[order[0]].released[row]))
        taken = 1
        while taken < order.size and (like.size > 1 or taken < 2):
            codes = known[order[taken]].released
            like = like[codes[like] == codes[row]]
            taken += 1
        chosen = tuple(int(at) for at in order[:taken])
        yield Predicate(chosen, tuple(int(known[at].released[row]) for at in chosen), int(row))
