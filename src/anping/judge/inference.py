"""Whether a model gives away a column of the people it learnt from, beyond what anybody's rows give away.

The attacker knows a person's other columns and outcome, tries each value of the hidden column, and takes
the one that makes the outcome likeliest, weighed by how common it is (Fredrikson et al. 2014). What
succeeds as well for people who were not learnt from is a regularity, not a leak (Yeom et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.prediction import Feature, Predictor, Task
from anping.judge.actions import likely_actions
from anping.judge.asking import cells_of, numbers, sampled_rows, texts_of, with_cells
from anping.judge.section import Grid, GridRow, Section
from anping.stats.intervals import newcombe, wilson

Floats = NDArray[np.float64]
_MOST_VALUES, _MOST_COLUMNS = 8, 3
_FEWEST = 50
#: Stands for a missing number, below all others.
_NONE = float(-np.finfo(np.float64).max)
_METHOD = "attribute inference (Fredrikson et al. 2014)"
_CONTROL = "members less unseen people (Yeom et al. 2018)"


@dataclass(frozen=True, eq=False)
class Guessed:
    """One column: the share guessed right of people learnt from and of others, and the difference."""

    column: str
    members: Measure
    others: Measure
    advantage: Measure


@dataclass(frozen=True, eq=False)
class Inference:
    """What was guessed of each column."""

    guessed: tuple[Guessed, ...]
    limits: tuple[Text, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All numbers."""
        return tuple(
            one for each in self.guessed for one in (each.members, each.others, each.advantage)
        )

    def section(self) -> Section:
        """Return the part of the report."""
        title = Text("猜得出人的某一欄嗎", "Can a person's column be guessed")
        head = (
            Text("欄位", "Column"),
            Text("學過的人猜對", "Right, people learnt from"),
            Text("沒學過的人猜對", "Right, people not learnt from"),
            Text("差", "Difference"),
        )
        rows = tuple(
            GridRow(Text(each.column, each.column), (each.members, each.others, each.advantage))
            for each in self.guessed
        )
        return Section(
            "inference",
            title,
            Text(
                "攻擊者知道一個人的其他欄位與結果，用模型反推隱藏的一欄。沒學過的人也猜得一樣準，就只是規律；差距才是洩漏。",
                "An attacker who knows a person's other columns and outcome works back to a hidden one. What is "
                "guessed as well of people who were not learnt from is a regularity; the difference is a leak.",
            ),
            self.measures,
            (Grid(title, head, rows),),
            limits=self.limits,
        )


def inference(
    predictor: Predictor,
    members: tuple[pa.Table, Floats],
    others: tuple[pa.Table, Floats],
    *,
    seed: int,
    columns: tuple[str, ...] | None = None,
    most: int = 1500,
) -> Inference | None:
    """Return how well hidden columns are guessed of ``members`` (learnt from) and of ``others``.

    Both are rows and their truth (n,), class codes or numbers; at most ``most`` of each are used.
    ``columns`` None are up to three with 2 to 8 values, first those that people are born with. None
    where there is no such column, or fewer than 50 rows of either.
    """
    inside = sampled_rows(*members, most=most, seed=seed)
    outside = sampled_rows(*others, most=most, seed=seed + 1)
    if min(inside[1].size, outside[1].size) < _FEWEST:
        return None
    features = {feature.name: feature for feature in predictor.signature.features}
    named = _columns(predictor, inside[0]) if columns is None else columns
    found = []
    for name in named:
        values = np.unique(_read(inside[0], features[name]))
        prior = np.array([(_read(inside[0], features[name]) == value).mean() for value in values])
        right = [
            _right(predictor, side, features[name], (values, prior)) for side in (inside, outside)
        ]
        found.append(_guessed(name, right[0], right[1], seed=seed))
    return Inference(tuple(found), (_LIMIT,)) if found else None


_LIMIT = Text(
    "攻擊者只用模型的答案與常見程度；知道更多的攻擊者可能猜得更準。",
    "The attacker uses the model's answers and how common values are; who knows more may guess better.",
)


def _columns(predictor: Predictor, rows: pa.Table) -> tuple[str, ...]:
    born = likely_actions(predictor.signature).immutable
    able = [
        feature.name
        for feature in predictor.signature.features
        if feature.nature != "date" and 2 <= np.unique(_read(rows, feature)).size <= _MOST_VALUES
    ]
    return tuple(sorted(able, key=lambda name: name not in born)[:_MOST_COLUMNS])


def _read(rows: pa.Table, feature: Feature) -> NDArray[np.str_] | Floats:
    """Return (n,): categories as texts, numbers with a missing one below all others."""
    if feature.nature == "category":
        return texts_of(rows, feature.name)
    own = numbers(rows, feature)
    return np.where(np.isnan(own), _NONE, own)


def _right(
    predictor: Predictor,
    side: tuple[pa.Table, Floats],
    feature: Feature,
    known: tuple[NDArray[np.generic], Floats],
) -> NDArray[np.bool_]:
    """Return (n,): for whom the likeliest value is the true one."""
    rows, truth = side
    values, prior = known
    kind = rows.schema.field(feature.name).type
    scores = []
    for value, share in zip(values, prior, strict=True):
        if feature.nature == "category":
            text = str(value)
            cells = pa.array([text or None] * rows.num_rows, pa.string())
        else:
            number = float(value)
            held = np.nan if number == _NONE else number
            cells = cells_of(np.full(rows.num_rows, held), feature, kind)
        said = predictor.predict(with_cells(rows, feature.name, cells)).values
        scores.append(_likelihood(predictor.signature.task, said, truth) + np.log(share))
    guess = values[np.argmax(scores, axis=0)]
    right: NDArray[np.bool_] = guess == _read(rows, feature)
    return right


def _likelihood(task: Task, said: Floats, truth: Floats) -> Floats:
    """Return (n,): the log likelihood of the outcome; of a number that of a normal with the error's spread."""
    if task == "number":
        spread = float(np.std(truth - said)) or 1.0
        found: Floats = -0.5 * ((truth - said) / spread) ** 2
        return found
    chance = said[np.arange(truth.size), truth.astype(np.int64)]
    logs: Floats = np.log(np.maximum(chance, 1e-15))
    return logs


def _guessed(
    column: str, members: NDArray[np.bool_], others: NDArray[np.bool_], *, seed: int
) -> Guessed:
    def share(name: str, right: NDArray[np.bool_], title: Text) -> Measure:
        hits = int(right.sum())
        return Measure(
            f"judge.inference.{name}", hits / right.size, "share", right.size, title, column,
            wilson(hits, right.size), _METHOD, seed,
        )  # fmt: skip

    advantage = Measure(
        "judge.inference.advantage", float(members.mean() - others.mean()), "share",
        members.size + others.size,
        Text(f"「{column}」：學過與沒學過的人猜對之差", f"“{column}”: guessed right of people learnt from less others"),
        column, newcombe(int(members.sum()), members.size, int(others.sum()), others.size),
        _CONTROL, seed,
    )  # fmt: skip
    return Guessed(
        column,
        share("members", members, Text(f"「{column}」：學過的人猜對的比例", f"“{column}”: guessed right of people learnt from")),
        share("others", others, Text(f"「{column}」：沒學過的人猜對的比例", f"“{column}”: guessed right of other people")),
        advantage,
    )  # fmt: skip
