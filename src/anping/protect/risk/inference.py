"""Attribute inference: what the released records of a target's class say about a sensitive value.

The control leaves the target's own records out of the released table, so that only what others tell
about the target remains (Giomi et al. 2023, PoPETs 2023(2):312: learning about the population is
not a leak about a person).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.risk.attacks.cells import numbers_of
from anping.protect.risk.attacks.outcome import ONE_ATTACK
from anping.protect.risk.candidates import Candidates
from anping.protect.risk.classes import column_codes
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.people import Codes, Codes32
from anping.stats.intervals import newcombe, wilson

REPLAY = Replay("risk.linkage", ("raw",), 1e-9)
KNOWS = Text(
    "攻擊者知道目標在資料集中，並正確知道其全部準識別欄位。",
    "The attacker knows that the target is in the data set and knows all quasi-identifiers exactly.",
)
_MANY = 20
_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")


@dataclass(frozen=True)
class Scene:
    """What an attack plays on.

    ``targets`` (t,) are raw rows, ascending; ``candidates`` are the released rows that most likely
    are theirs; ``raw_row`` (m,) is each released row's raw row; ``person`` (n,) numbers the person
    of each raw row, from 0.
    """

    targets: Codes
    candidates: Candidates
    raw_row: Codes
    person: Codes | Codes32


@dataclass(frozen=True)
class Secret:
    """A sensitive column: the released cells' codes (m,) and, per target, the right codes.

    Numbers are parted by ``edges``; of anything else ``values`` are the released texts by code.
    """

    column: str
    released: Codes32
    right: list[Codes]
    codes: int
    edges: NDArray[np.float64] | None = None
    values: tuple[str, ...] = ()

    @property
    def tenths(self) -> bool:
        """Whether a number is guessed to its tenth."""
        return self.edges is not None

    def right_of(self, table: Table, rows: Codes, compatible: Compatible) -> list[Codes]:
        """Return the right codes of some rows of another table with this column."""
        if self.edges is None:
            leaves = compatible.leaves_at(table, self.column, rows)
            return compatible.allowed(self.column, leaves, self.values)
        numbers = numbers_of(table, self.column)
        known = np.full(rows.size, np.nan) if numbers is None else numbers[rows]
        return list(_bins(known, self.edges)[:, None])


def secret_of(
    raw: Table, released: Table, column: str, *, targets: Codes, compatible: Compatible
) -> Secret:
    """Return what can be guessed of ``column`` and which guesses are right for the targets.

    Numbers with more than 20 distinct values are guessed to their tenth of the raw distribution.
    """
    tenths = _tenths(raw, released, column, targets)
    if tenths is not None:
        return tenths
    seen = column_codes(released, column)
    values = tuple(trimmed_text(value) for value in seen.values.to_pylist())
    secret = Secret(column, seen.codes, [], len(values), values=values)
    return replace(secret, right=secret.right_of(raw, targets, compatible))


def _tenths(raw: Table, released: Table, column: str, targets: Codes) -> Secret | None:
    """Return a secret of tenths, or None where the column is not one of many numbers."""
    numbers = numbers_of(raw, column)
    if numbers is None:
        return None
    wanted = numbers[targets]
    present = np.sort(numbers[~np.isnan(numbers)])
    del numbers
    if np.count_nonzero(np.diff(present)) < _MANY:
        return None
    edges = np.unique(np.quantile(present, np.arange(1, 10) / 10))
    seen = numbers_of(released, column)
    if seen is None:
        return None
    right = list(_bins(wanted, edges)[:, None])
    return Secret(column, _bins(seen, edges).astype(np.int32), right, edges.size + 2, edges)


def infer(scene: Scene, secret: Secret, *, seed: int) -> tuple[Measure, ...]:
    """Guess the commonest value among each target's best records; return how often it is right."""
    if not secret.released.size:
        return ()
    overall = np.bincount(secret.released, minlength=secret.codes)
    with_own, without_own = _guesses(scene, secret, overall)
    n = scene.targets.size
    hits = right_among(with_own, secret.right)
    control = right_among(without_own, secret.right)
    baseline = right_among(np.full(n, overall.argmax()), secret.right)
    other = max(control, baseline)
    rows: tuple[tuple[str, float, Any, Text], ...] = (
        ("success", hits / n, wilson(hits, n), _title("推論攻擊猜對", "Guessed right", secret)),
        (
            "control",
            control / n,
            wilson(control, n),
            _title(
                "對照組（釋出表不含本人）猜對", "Control without own record: guessed right", secret
            ),
        ),
        (
            "baseline",
            baseline / n,
            wilson(baseline, n),
            _title("一律猜最常見值而猜對", "Baseline, always the commonest: right", secret),
        ),
        (
            "excess",
            (hits - other) / n,
            newcombe(hits, n, other, n),
            _title("推論攻擊超出對照組", "Inference above the better control", secret),
        ),
    )
    return tuple(
        Measure(
            name=f"risk.inference.{name}",
            value=value,
            unit="share",
            n=n,
            title=title,
            subject=secret.column,
            interval=interval,
            method="commonest value of the most specific compatible records",
            seed=seed,
            assumptions=(KNOWS, ONE_ATTACK),
            replay=REPLAY,
        )
        for name, value, interval, title in rows
    )


def infer_right(scene: Scene, secret: Secret) -> tuple[int, int, Codes]:
    """Return how many targets are guessed right, and how many by always the commonest value.

    The third is how many released rows have each value: (codes,).
    """
    overall = np.bincount(secret.released, minlength=secret.codes)
    guesses = guesses_from(scene.candidates, secret, overall)
    always = np.full(scene.targets.size, overall.argmax())
    return right_among(guesses, secret.right), right_among(always, secret.right), overall


def right_among(guesses: Codes, right: Sequence[Codes]) -> int:
    """Return how many guesses are among the right codes."""
    return sum(bool(np.isin(g, codes)) for g, codes in zip(guesses, right, strict=True))


def guesses_from(candidates: Candidates, secret: Secret, overall: Codes) -> Codes:
    """Return, per target, the commonest value among its candidates, who are all others."""
    favour, commonest = overall / (overall.sum() + 1), int(overall.argmax())
    known: dict[tuple[int, ...], int] = {}
    for groups in candidates.groups:
        if groups not in known:
            codes, counts = _counts(candidates, secret, groups)
            best = int((counts + favour[codes]).argmax()) if codes.size else -1
            known[groups] = int(codes[best]) if codes.size else commonest
    return np.array([known[groups] for groups in candidates.groups], np.int64)


def _title(zh: str, en: str, secret: Secret) -> Text:
    tenth_zh, tenth_en = ("（十分位）", " (to its tenth)") if secret.tenths else ("", "")
    return Text(f"{zh}「{secret.column}」{tenth_zh}", f"{en}: “{secret.column}”{tenth_en}")


def _guesses(scene: Scene, secret: Secret, overall: Codes) -> tuple[Codes, Codes]:
    """Return, per target, the guess with and without the target's own released records."""
    # Ties go to the value that is commoner in the whole table, so the weight is below one record.
    favour = overall / (overall.sum() + 1)
    commonest = int(overall.argmax())
    counted: dict[tuple[int, ...], tuple[Codes, Codes]] = {}
    with_own: list[int] = []
    without_own: list[int] = []
    for groups, own in zip(scene.candidates.groups, _own_codes(scene, secret), strict=True):
        if groups not in counted:
            counted[groups] = _counts(scene.candidates, secret, groups)
        codes, counts = counted[groups]
        others = counts.copy()
        np.subtract.at(others, np.searchsorted(codes, own), 1)
        for told, guesses in ((counts, with_own), (others, without_own)):
            if not told.any():
                guesses.append(commonest)
                continue
            # What nobody among the candidates has cannot win: the favour is below one record.
            weights = np.where(told > 0, told + favour[codes], -1.0)
            guesses.append(int(codes[weights.argmax()]))
    return np.array(with_own), np.array(without_own)


def _counts(candidates: Candidates, secret: Secret, groups: tuple[int, ...]) -> tuple[Codes, Codes]:
    """Return the codes that stand in some groups, ascending, and how many rows have each."""
    parts = [candidates.rows[place] for place in candidates.places(groups)]
    held = [secret.released[part] for part in parts]
    codes, counts = np.unique(np.concatenate([secret.released[:0], *held]), return_counts=True)
    return codes.astype(np.int64), counts


def _own_codes(scene: Scene, secret: Secret) -> Iterator[Codes32]:
    """Yield, per target, the codes of the target's own released rows among the candidates."""
    people = scene.person[scene.targets]
    wanted = np.zeros(int(scene.person.max()) + 1, np.bool_)
    wanted[people] = True
    rows = np.flatnonzero(wanted[scene.person[scene.raw_row]])
    whose = scene.person[scene.raw_row[rows]]
    rows = rows[np.argsort(whose, kind="stable")]
    whose = np.sort(whose)
    starts, ends = (np.searchsorted(whose, people, side=side) for side in _SIDES)
    for groups, low, high in zip(scene.candidates.groups, starts, ends, strict=True):
        own = rows[low:high]
        yield secret.released[own[np.isin(scene.candidates.of_row[own], groups)]]


def _bins(values: NDArray[np.float64], edges: NDArray[np.float64]) -> Codes:
    """Return the tenth of each value; missing values are a bin of their own."""
    bins = np.searchsorted(edges, values, side="right").astype(np.int64)
    bins[np.isnan(values)] = edges.size + 1
    return bins
