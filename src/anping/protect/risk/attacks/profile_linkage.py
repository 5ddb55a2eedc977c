"""Linkage by joined profiles: the attacker knows a person in several tables that are released.

Pseudonyms that are the same in all tables join a person's released rows. An attacker who knows the
quasi-identifiers of all rows of a target in every table, and which tables the target is in, claims the
released person whose records in all tables fit best together; one with records in a table that the
target is not in cannot be it. k in each table says nothing of this, k over the joined profiles does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.codes import hashes
from anping.engine.table import Table
from anping.protect.pseudonym.normal import Normalisation, normal_texts
from anping.protect.risk.attacks.names import PROFILE_LINKAGE
from anping.protect.risk.attacks.outcome import ONE_ATTACK, Attack, Share, outcome
from anping.protect.risk.attacks.released_people import MOST_ROWS, ReleasedPeople
from anping.protect.risk.attacks.scene import Attacked, AttackOptions, exchanged
from anping.protect.risk.people import Codes
from anping.protect.transform.rows import plain

_TITLE = Text(
    "知道各表全部列時連結到本人的目標", "People linked by all their rows in all tables together"
)
_CONTROL = Text("對照組：取別人的候選", "control: another person's candidates claimed")
_GUESS = Text("猜測：隨機指一人", "a guess: any released person")
_KNOWS = Text(
    "攻擊者完全正確地知道目標在每個表中每一列的準識別欄位，並知道目標在哪些表中。",
    "The attacker knows the quasi-identifiers of every row of the target in every table exactly, and "
    "which tables the target is in.",
)
_TIE = 1e-9


@dataclass(frozen=True)
class LinkedTable:
    """One of the released tables: its scene, and what names people in it, raw and released.

    ``column`` is the raw column, read in its normal form; ``pseudonym`` the released one.
    """

    scene: Attacked
    quasi_identifiers: tuple[str, ...]
    column: str
    pseudonym: str
    normalisation: Normalisation = "identifier"


@dataclass(frozen=True)
class _Known:
    """What the attacker knows of one table: each person's rows, and what was released of it."""

    table: LinkedTable
    released: ReleasedPeople
    order: Codes
    starts: Codes

    def tuples(self, targets: Codes) -> list[list[tuple[str, ...]]]:
        """Return the leaves of the known rows of each target."""
        rows = [self.order[self.starts[one] : self.starts[one + 1]][:MOST_ROWS] for one in targets]
        known = np.unique(np.concatenate(rows))
        scene, names = self.table.scene, self.table.quasi_identifiers
        leaves = [scene.compatible.leaves_at(scene.raw, name, known) for name in names]
        found = list(zip(*leaves, strict=True)) or [()] * known.size
        return [[found[at] for at in np.searchsorted(known, mine)] for mine in rows]


@dataclass(frozen=True)
class _Stage:
    """All tables: whom the attacker knows in which of them, and who is released in which.

    ``inside`` (raw people,) and ``shown`` (released people,) are bits, one for each table; ``truth``
    (released people,) is the raw person that each one is.
    """

    known: Sequence[_Known]
    inside: Codes
    shown: Codes
    truth: Codes


def link_profiles(
    tables: Mapping[str, LinkedTable], *, options: AttackOptions | None = None
) -> tuple[Measure, ...]:
    """Attack people who are in two or more raw tables, with all their rows in all of them.

    Gives ``risk.linkage.profile.success``, ``.control``, ``.baseline`` and ``.excess``: shares of the
    people attacked, n, at most ``options.targets``. Nobody in several tables: no measure. Raises
    SchemaError for a column that is not there.
    """
    settings = options or AttackOptions()
    stage = _stage(list(tables.values()))
    several = np.flatnonzero(np.bitwise_count(stage.inside) > 1)
    if not several.size or not stage.truth.size:
        return ()
    generator = np.random.default_rng([settings.seed, 7])
    limit = settings.within(stage.truth.size * len(tables))
    targets = np.sort(generator.permutation(several)[:limit])
    claims = _claims(stage, targets, generator)
    n, truth = targets.size, np.append(stage.truth, -1)
    swapped = claims[exchanged(n, generator)] if n > 1 else np.full(n, -1)
    hits, chance = (int((truth[each] == targets).sum()) for each in (claims, swapped))
    guess = float(np.isin(stage.truth, targets).sum()) / stage.truth.size
    attack = Attack(
        PROFILE_LINKAGE,
        _TITLE,
        f"best fit over at most {MOST_ROWS} rows in each of {len(tables)} tables, by pseudonym",
        _CONTROL,
        settings.seed,
        (_KNOWS, ONE_ATTACK),
        baseline=_GUESS,
    )
    return outcome(attack, Share(hits, n), control=Share(chance, n), baseline=Share(guess, n))


def _stage(tables: Sequence[LinkedTable]) -> _Stage:
    raw, people = _numbered(
        [_hashed(each.scene.raw, each.column, each.normalisation) for each in tables]
    )
    shown, count = _numbered(
        [_hashed(each.scene.released, each.pseudonym, "exact") for each in tables]
    )
    inside, there = np.zeros(people, np.int64), np.zeros(count, np.int64)
    truth = np.full(count, -1, np.int64)
    known = []
    for place, (table, mine, who) in enumerate(zip(tables, raw, shown, strict=True)):
        inside[mine] |= 1 << place
        there[who] |= 1 << place
        truth[who] = mine[table.scene.raw_row]
        released = ReleasedPeople.of(table.scene, table.quasi_identifiers, who, count=count)
        order = np.argsort(mine, kind="stable")
        starts = np.searchsorted(mine[order], np.arange(people + 1))
        known.append(_Known(table, released, order, starts))
    return _Stage(known, inside, there, truth)


def _hashed(table: Table, column: str, normalisation: Normalisation) -> Codes:
    table.require([column])
    texts = (
        normal_texts(plain(batch.column(0)), normalisation) for batch in table.batches([column])
    )
    return np.concatenate([np.empty(0, np.int64), *map(hashes, texts)])


def _numbered(tables: Sequence[Codes]) -> tuple[list[Codes], int]:
    """Return numbers from 0 for the people of all tables; who is not named has one of their own."""
    known = np.unique(np.concatenate(tables))
    known = known[known != 0]
    following, found = known.size, []
    for own in tables:
        numbers = np.searchsorted(known, own)
        nobody = np.flatnonzero(own == 0)
        numbers[nobody] = following + np.arange(nobody.size)
        following += nobody.size
        found.append(np.asarray(numbers, np.int64))
    return found, following


def _claims(stage: _Stage, targets: Codes, generator: np.random.Generator) -> Codes:
    """Return, per target, the released person claimed, -1 for none."""
    tuples = [each.tuples(targets) for each in stage.known]
    met: dict[tuple[int, tuple[str, ...]], tuple[Codes, npt.NDArray[np.float64]]] = {}
    claims = np.full(targets.size, -1, np.int64)
    for place, target in enumerate(targets):
        fits = np.zeros(stage.truth.size)
        for at, one in enumerate(stage.known):
            for leaf in tuples[at][place]:
                if (at, leaf) not in met:
                    met[at, leaf] = one.released.fitting(leaf)
                people, weights = met[at, leaf]
                fits[people] += weights
        fits[(stage.shown & ~stage.inside[target]) != 0] = 0
        if fits.max() > 0:
            best = np.flatnonzero(fits >= fits.max() - _TIE)
            claims[place] = generator.choice(best)
    return claims
