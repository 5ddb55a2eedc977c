"""Linkage of people with several rows: the attacker knows the quasi-identifiers of all of them.

k-anonymity in people makes each row hide among k people; it does not say that the same k people stand
behind every row. An attacker who knows all rows of a target takes, for each, the released records that
are compatible with it, and claims the released person whose records fit best over all rows together.
Where a pseudonym joins the released rows of a person, its records speak together; where none was
released every record stands alone. (A person's own trace as identifier: de Montjoye et al. 2013,
Scientific Reports 3:1376.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.core.measure import Measure
from anping.core.text import Text
from anping.protect.risk.attacks.cells import Floats
from anping.protect.risk.attacks.names import PERSON_LINKAGE
from anping.protect.risk.attacks.outcome import ONE_ATTACK, Attack, Share, outcome
from anping.protect.risk.attacks.released_people import MOST_ROWS, ReleasedPeople
from anping.protect.risk.attacks.scene import Attacked, AttackOptions, exchanged
from anping.protect.risk.classes import Grouped
from anping.protect.risk.people import Codes, people_of

_TITLE = Text("知道全部列時連結到本人的目標", "People linked by all their rows together")
_CONTROL = Text("對照組：取別人的候選", "control: another person's candidates claimed")
_GUESS = Text("猜測：隨機指一人", "a guess: any released person")
_KNOWS = Text(
    "攻擊者完全正確地知道目標每一列的準識別欄位，並知道目標在資料集中。",
    "The attacker knows the quasi-identifiers of every row of the target exactly, and that the target "
    "is in the data set.",
)
_TIE = 1e-9


def link_people(
    scene: Attacked,
    quasi_identifiers: tuple[str, ...],
    *,
    pseudonym: str | None = None,
    grouped: Grouped | None = None,
    options: AttackOptions | None = None,
) -> tuple[Measure, ...]:
    """Attack people who have several raw rows, with all of them.

    ``pseudonym`` is the released column that joins a person's rows, if one was released. Gives
    ``risk.linkage.person.success``, ``.control``, ``.baseline`` and ``.excess``: shares of the people
    attacked, n, at most ``options.targets``. Nobody with several rows: no measure. Raises SchemaError
    for a column that is not there.
    """
    settings = options or AttackOptions()
    several = np.flatnonzero(np.bincount(scene.people.codes) > 1)
    if not several.size or not scene.released.rows:
        return ()
    generator = np.random.default_rng([settings.seed, 6])
    stage = _stage(scene, quasi_identifiers, pseudonym, grouped)
    limit = settings.within(stage.released.held.size)
    targets = np.sort(generator.permutation(several)[:limit])
    claims = _claims(scene, quasi_identifiers, stage, targets=targets, generator=generator)
    n, truth = targets.size, np.append(stage.truth, -1)
    swapped = claims[exchanged(n, generator)] if n > 1 else np.full(n, -1)
    hits, chance = (int((truth[each] == targets).sum()) for each in (claims, swapped))
    guess = float(np.isin(stage.truth, targets).sum()) / stage.truth.size
    together = "by pseudonym" if pseudonym is not None else "each alone"
    attack = Attack(
        PERSON_LINKAGE,
        _TITLE,
        f"best fit over at most {MOST_ROWS} rows, {together}",
        _CONTROL,
        settings.seed,
        (_KNOWS, ONE_ATTACK),
        baseline=_GUESS,
    )
    return outcome(attack, Share(hits, n), control=Share(chance, n), baseline=Share(guess, n))


@dataclass(frozen=True)
class _Stage:
    """The released people, and which raw person each one is."""

    released: ReleasedPeople
    truth: Codes


def _stage(
    scene: Attacked, names: tuple[str, ...], pseudonym: str | None, grouped: Grouped | None
) -> _Stage:
    shown = people_of(pseudonym, scene.released)
    who = np.arange(scene.released.rows) if shown is None else shown.codes.astype(np.int64)
    count = int(who.max()) + 1
    truth = np.full(count, -1, np.int64)
    truth[who] = scene.person
    return _Stage(ReleasedPeople.of(scene, names, who, count=count, grouped=grouped), truth)


def _claims(
    scene: Attacked,
    names: tuple[str, ...],
    stage: _Stage,
    *,
    targets: Codes,
    generator: np.random.Generator,
) -> Codes:
    """Return, per person, the released person claimed, -1 for none."""
    order = np.argsort(scene.people.codes, kind="stable")
    starts = np.searchsorted(scene.people.codes[order], np.arange(scene.people.count + 1))
    rows = [order[starts[each] : starts[each + 1]][:MOST_ROWS] for each in targets]
    known = np.unique(np.concatenate(rows))
    leaves = [scene.compatible.leaves_at(scene.raw, name, known) for name in names]
    tuples = list(zip(*leaves, strict=True)) or [()] * known.size
    met: dict[tuple[str, ...], tuple[Codes, Floats]] = {}
    claims = np.full(targets.size, -1, np.int64)
    for place, mine in enumerate(rows):
        fits = np.zeros(stage.truth.size)
        for at in np.searchsorted(known, mine):
            leaf = tuples[at]
            if leaf not in met:
                met[leaf] = stage.released.fitting(leaf)
            people, weights = met[leaf]
            fits[people] += weights
        if fits.max() > 0:
            best = np.flatnonzero(fits >= fits.max() - _TIE)
            claims[place] = generator.choice(best)
    return claims
