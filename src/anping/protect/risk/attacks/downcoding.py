"""Downcoding: undoing a generalisation by what its rule tells of those who were not split.

A *minimal* hierarchical recoding splits a class as long as it can. So of a class that was left
generalised a reader learns that every split failed: its rows do not all lie under one finer value; and
where it holds twice the smallest class or more, no finer value holds a class's worth of them. From the
marginals alone the likeliest composition is one that this may exclude; the attacker takes the likeliest
that it allows (after Cohen 2022, USENIX Security, "Attacks on Deidentification's Defenses", section 4).
The control guesses by the same marginals without the rule; with people outside the table it is the
rule's guess judged on those of them who would stand in the class: what is right of them, too, is no leak
about who is in it. A release that stops at random breaks the rule now and then, and each time the
attacker is misled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.grouping import order_of
from anping.protect.risk.attacks.cells import Floats
from anping.protect.risk.attacks.names import DOWNCODING
from anping.protect.risk.attacks.outcome import ONE_ATTACK, OUTSIDERS, Attack, Share, outcome
from anping.protect.risk.attacks.scene import Attacked, AttackOptions
from anping.protect.risk.attacks.strangers_met import StrangersMet, strangers_met
from anping.protect.risk.classes import Grouped, group_rows
from anping.protect.risk.people import Codes, Codes32

_TITLE = Text("概化值還原一層而猜對的儲存格", "Generalised cells guessed right one level finer")
_MARGINS = Text("對照組：只依邊際分布猜", "control: guessed by the marginals alone")
_GUESS = Text("猜測：只依邊際分布", "a guess: by the marginals alone")
#: So many times the targets classes are looked at, in many of which the rule changes no guess.
_LOOKED_AT = 200
#: So many times the targets people held out are looked at: not every class has one.
_STRANGERS = 10
_KNOWS = Text(
    "攻擊者有公開的概化階層與母體邊際分布，並知道分割規則；只在規則會改變猜測之處出手。",
    "The attacker has the published hierarchies and the marginals of the population, knows the rule "
    "of splitting, and guesses only where the rule changes the guess.",
)


@dataclass(frozen=True)
class _Finer:
    """A generalised value's finer values: their marginals (j,), and each leaf's place, -1 outside."""

    shares: NDArray[np.float64]
    place_of_leaf: Codes

    @property
    def values(self) -> int:
        """How many of the finer values anybody has."""
        return int((self.shares > 0).sum())


@dataclass(frozen=True)
class _Column:
    """One quasi-identifier: what each released value splits into (None: nothing), the raw leaves."""

    name: str
    of_class: Codes32
    finer: tuple[_Finer | None, ...]
    raw_leaves: Codes32


def downcode(
    scene: Attacked,
    quasi_identifiers: Sequence[str],
    *,
    smallest: int | None = None,
    grouped: Grouped | None = None,
    options: AttackOptions | None = None,
    subject: str = "",
) -> tuple[Measure, ...]:
    """Attack the generalised cells of the columns that have a hierarchy in ``scene.compatible``.

    One trial is one class in one column: the share of its cells that are right when the finer values
    are guessed as a composition, as rows of a class are alike. ``smallest`` is the k that was
    published, by default the size of the smallest class; ``grouped`` are the released rows grouped by
    the columns, if they are known. Gives ``risk.downcoding.success``,
    ``.control`` and ``.excess`` over n trials; none where the rule tells nothing. With people outside
    the table also ``.baseline``, the marginals; the trials are then those where somebody of them is met.
    Raises SchemaError for a column the release lacks.
    """
    settings = options or AttackOptions()
    names = [name for name in scene.shared(quasi_identifiers) if name in scene.compatible.paths]
    if not names or not scene.released.rows:
        return ()
    classes = grouped or group_rows(scene.released, list(quasi_identifiers))
    sizes = np.bincount(classes.of_row, minlength=classes.count)
    k = int(sizes.min()) if smallest is None else smallest
    columns = [_column(scene, classes, name) for name in names]
    generator = np.random.default_rng([settings.seed, 5])
    met = strangers_met(scene, classes, limit=_STRANGERS * settings.targets, generator=generator)
    method = f"likeliest composition that a minimal recoding with k = {k} allows"
    attack = Attack(
        DOWNCODING,
        _TITLE,
        method if met is None else f"{method}, as many of each side as there are held out",
        _MARGINS if met is None else OUTSIDERS,
        settings.seed,
        (_KNOWS, ONE_ATTACK),
        subject,
        baseline=_GUESS,
    )
    n, right = 0, np.zeros(3)
    for trial in _trials(
        scene, classes, columns, k=k, limit=_LOOKED_AT * settings.targets, generator=generator
    ):
        found = trial.right() if met is None else trial.right_of(met, generator)
        if found is not None:
            n += 1
            right += found
        if n == settings.targets:
            break
    success, margins, control = (Share(float(hits), n) for hits in right)
    if met is None:
        return outcome(attack, success, control=margins)
    return outcome(attack, success, control=control, baseline=margins)


def most_likely(shares: NDArray[np.float64], rows: int, most: int) -> Codes:
    """Return the likeliest composition of ``rows`` draws, no value drawn more than ``most`` times.

    Adding to the value with the largest share per count so far, one by one, maximises the multinomial
    probability, whose logarithm is concave in every count.
    """
    found = np.zeros(shares.size, np.int64)
    for _ in range(rows):
        found[np.where(found < most, shares / (found + 1), -1.0).argmax()] += 1
    return found


def limit_of(rows: int, *, k: int, values: int) -> int | None:
    """Return how many rows of an unsplit class one finer value holds at most; None: nothing follows."""
    if rows < 2 * k:
        return rows - 1
    return k - 1 if values * (k - 1) >= rows else None


@dataclass(frozen=True)
class _Trial:
    """One class in one column: its rows under each finer value, and the two guesses of that.

    ``group`` is the class, ``name`` the column and ``finer`` what its value splits into.
    """

    group: int
    column: _Column
    finer: _Finer
    truth: Codes
    by_rule: Codes
    by_margin: Codes

    def right(self) -> Floats:
        """Return the share of cells guessed right by the rule and by the marginals; the third is 0."""
        return np.array([*_overlaps(self.truth, self.by_rule, self.by_margin), 0.0])

    def right_of(self, met: StrangersMet, generator: np.random.Generator) -> Floats | None:
        """Return the same for as many cells as there are people held out, and the rule's on theirs.

        Compositions of unequal size are not guessed equally well, so all are thinned to one size.
        None where nobody held out would stand in the class.
        """
        leaves = met.leaves[self.column.name][met.of_group(self.group)]
        places = self.finer.place_of_leaf[leaves[leaves >= 0]]
        theirs = np.bincount(places[places >= 0], minlength=self.truth.size)
        count = int(min(theirs.sum(), self.truth.sum()))
        if not count:
            return None
        mine, others, rule, margin = (
            generator.multivariate_hypergeometric(each, count)
            for each in (self.truth, theirs, self.by_rule, self.by_margin)
        )
        return np.array([*_overlaps(mine, rule, margin), *_overlaps(others, rule)])


def _overlaps(truth: Codes, *guesses: Codes) -> list[float]:
    return [float(np.minimum(guess, truth).sum() / truth.sum()) for guess in guesses]


def _trials(
    scene: Attacked,
    grouped: Grouped,
    columns: Sequence[_Column],
    *,
    k: int,
    limit: int,
    generator: np.random.Generator,
) -> Iterator[_Trial]:
    """Yield classes and columns in which the rule changes the guess, in a random order.

    At most ``limit`` of them are looked at.
    """
    order = order_of(grouped.of_row)
    starts = np.searchsorted(grouped.of_row[order], np.arange(grouped.count + 1))
    telling = np.stack([_telling(column, np.diff(starts), k) for column in columns], axis=1).ravel()
    mixed = generator.permutation(telling.size)
    for trial in mixed[telling[mixed]][:limit]:
        column, each = columns[trial % len(columns)], int(trial // len(columns))
        finer = column.finer[column.of_class[each]]
        rows = order[starts[each] : starts[each + 1]]
        most = finer and limit_of(rows.size, k=k, values=finer.values)
        if not finer or not most:
            continue
        by_margin = most_likely(finer.shares, rows.size, rows.size)
        if by_margin.max() <= most:
            continue
        by_rule = most_likely(finer.shares, rows.size, most)
        places = finer.place_of_leaf[column.raw_leaves[scene.raw_row[rows]]]
        truth = np.bincount(places[places >= 0], minlength=finer.shares.size)
        if truth.sum():
            yield _Trial(each, column, finer, truth, by_rule, by_margin)


def _telling(column: _Column, sizes: Codes, k: int) -> NDArray[np.bool_]:
    """Return of which classes something follows: :func:`limit_of` for all of them at once."""
    values = np.array([0 if finer is None else finer.values for finer in column.finer], np.int64)
    here = values[column.of_class]
    small = (sizes < 2 * k) & (sizes > 1)
    large = (sizes >= 2 * k) & (k > 1) & (here * (k - 1) >= sizes)
    return np.asarray((here > 0) & (small | large), np.bool_)


def _column(scene: Attacked, grouped: Grouped, name: str) -> _Column:
    codes, leaves = scene.compatible.leaf_codes(scene.raw, name)
    counts = np.bincount(codes, minlength=len(leaves))
    values = [trimmed_text(value) for value in grouped.columns[name].values.to_pylist()]
    paths = [scene.compatible.paths[name].get(leaf, ()) for leaf in leaves]
    holders: dict[str, set[int]] = {}
    for leaf, path in enumerate(paths):
        for value in path:
            holders.setdefault(value, set()).add(leaf)
    finer = tuple(_finer(value, paths, counts, holders) for value in values)
    return _Column(name, grouped.columns[name].codes, finer, codes)


def _finer(
    value: str, paths: Sequence[tuple[str, ...]], counts: Codes, holders: Mapping[str, set[int]]
) -> _Finer | None:
    """Return what a value splits into, taken one level finer than the lowest level it stands on.

    None for a leaf, and for an interval that was cut anywhere: no hierarchy tells what is below it.
    """
    below = {}
    for leaf in holders.get(value, ()):
        level = paths[leaf].index(value)
        if level:
            below[leaf] = paths[leaf][level - 1]
    parts = set(below.values())
    if len(parts) < 2 or any(not holders[part] <= below.keys() for part in parts):
        return None
    places = {part: place for place, part in enumerate(sorted(parts))}
    place_of_leaf = np.full(len(paths), -1, np.int64)
    place_of_leaf[list(below)] = [places[part] for part in below.values()]
    inside = place_of_leaf >= 0
    shares = np.bincount(place_of_leaf[inside], counts[inside], minlength=len(places))
    return _Finer(shares / shares.sum(), place_of_leaf)
