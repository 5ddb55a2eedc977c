"""Attribute inference: what the released records of a target's class say about a sensitive value.

The control leaves the target's own records out of the released table, so that only what others tell
about the target remains (Giomi et al. 2023, PoPETs 2023(2):312: learning about the population is
not a leak about a person).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.risk.classes import Codes, encode
from anping.protect.risk.compatible import Compatible
from anping.stats.intervals import newcombe, wilson

REPLAY = Replay("risk.linkage", ("raw",), 1e-9)
KNOWS = Text(
    "攻擊者知道目標在資料集中，並正確知道其全部準識別欄位。",
    "The attacker knows that the target is in the data set and knows all quasi-identifiers exactly.",
)
ONE_ATTACK = Text(
    "這是一種攻擊的結果；其他攻擊或其他背景知識可能做得更好。",
    "This is the result of one attack; another attack or other knowledge may do better.",
)
_MANY = 20


@dataclass(frozen=True)
class Scene:
    """What an attack plays on.

    ``targets`` (t,) are raw rows; ``best`` holds, per target, the released rows that most likely are
    theirs, in ascending order; ``raw_row`` (m,) is each released row's raw row; ``person`` (n,)
    numbers the person of each raw row.
    """

    targets: Codes
    best: tuple[Codes, ...]
    raw_row: Codes
    person: Codes


@dataclass(frozen=True)
class Secret:
    """A sensitive column: the released cells' codes (m,) and, per target, the right codes."""

    column: str
    released: Codes
    right: list[Codes]
    codes: int
    tenths: bool


def secret_of(
    raw: Table, released: Table, column: str, *, targets: Codes, compatible: Compatible
) -> Secret:
    """Return what can be guessed of ``column`` and which guesses are right for the targets.

    Numbers with more than 20 distinct values are guessed to their tenth of the raw distribution.
    """
    truth, seen = raw.column(column), released.column(column)
    numbers, seen_numbers = _numbers(truth), _numbers(seen)
    if numbers is not None and seen_numbers is not None:
        present = numbers[~np.isnan(numbers)]
        if np.unique(present).size > _MANY:
            edges = np.unique(np.quantile(present, np.arange(1, 10) / 10))
            right = list(_bins(numbers, edges)[targets][:, None])
            return Secret(column, _bins(seen_numbers, edges), right, edges.size + 2, tenths=True)
    codes, values = encode(seen)
    leaves = compatible.leaves(column, truth.take(pa.array(targets)).to_pylist())
    right = compatible.allowed(
        column, leaves, [trimmed_text(value) for value in values.to_pylist()]
    )
    return Secret(column, codes, right, len(values), tenths=False)


def infer(scene: Scene, secret: Secret, *, seed: int) -> tuple[Measure, ...]:
    """Guess the commonest value among each target's best records; return how often it is right."""
    if not secret.released.size:
        return ()
    overall = np.bincount(secret.released, minlength=secret.codes)
    with_own, without_own = _guesses(scene, secret, overall)
    n = scene.targets.size
    hits = _right(secret, with_own)
    control = _right(secret, without_own)
    baseline = _right(secret, np.full(n, overall.argmax()))
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


def _right(secret: Secret, guesses: Codes) -> int:
    return sum(bool(np.isin(g, codes)) for g, codes in zip(guesses, secret.right, strict=True))


def _title(zh: str, en: str, secret: Secret) -> Text:
    tenth_zh, tenth_en = ("（十分位）", " (to its tenth)") if secret.tenths else ("", "")
    return Text(f"{zh}「{secret.column}」{tenth_zh}", f"{en}: “{secret.column}”{tenth_en}")


def _guesses(scene: Scene, secret: Secret, overall: Codes) -> tuple[Codes, Codes]:
    """Return, per target, the guess with and without the target's own released records."""
    own_rows = _released_rows_of_targets(scene)
    counted: dict[int, Codes] = {}
    with_own, without_own = [], []
    # Ties go to the value that is commoner in the whole table, so the weight is below one record.
    favour = overall / (overall.sum() + 1)
    for rows, own in zip(scene.best, own_rows, strict=True):
        counts = counted.get(id(rows))
        if counts is None:
            counts = np.bincount(secret.released[rows], minlength=overall.size)
            counted[id(rows)] = counts
        inside = own[np.isin(own, rows, assume_unique=True)]
        others = counts - np.bincount(secret.released[inside], minlength=overall.size)
        with_own.append(int((counts + favour).argmax()))
        without_own.append(int((others + favour).argmax()))
    return np.array(with_own), np.array(without_own)


def _released_rows_of_targets(scene: Scene) -> list[Codes]:
    whose = scene.person[scene.raw_row]
    order = np.argsort(whose, kind="stable")
    people = scene.person[scene.targets]
    starts = np.searchsorted(whose[order], people, side="left")
    ends = np.searchsorted(whose[order], people, side="right")
    return [np.sort(order[low:high]) for low, high in zip(starts, ends, strict=True)]


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64] | None:
    """Return the cells as numbers, missing as NaN, or None if they are not numbers."""
    if pa.types.is_boolean(column.type) or pa.types.is_temporal(column.type):
        return None
    try:
        cells = pc.cast(column, pa.float64()).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    values: NDArray[np.float64] = np.asarray(cells.to_numpy(zero_copy_only=False), dtype=float)
    return values


def _bins(values: NDArray[np.float64], edges: NDArray[np.float64]) -> Codes:
    """Return the tenth of each value; missing values are a bin of their own."""
    bins = np.searchsorted(edges, values, side="right").astype(np.int64)
    bins[np.isnan(values)] = edges.size + 1
    return bins
