"""A decision's reasons in words: which cells moved the answer, by how much, and how usual they are.

The words say what the model reckons with, never why the world is so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.text import Text
from anping.engine.natures import as_day, as_number
from anping.engine.prediction import Contributions, Feature, Signature
from anping.judge.needs import need_as_many
from anping.judge.reference import Common, Reference

Floats = NDArray[np.float64]
Way = Literal["all", "raising", "lowering"]
#: A cell is told to be low or high outside the middle half, very low or high in the outer twentieths.
_OUTER, _MIDDLE = 0.05, 0.25
#: What moves a chance by less is not a reason.
_LEAST_POINTS = 0.05


@dataclass(frozen=True)
class Reason:
    """One column's part in one answer. It holds a person's cell: it is for that person.

    ``effect`` is by how much the answer would differ without what the column added: percentage
    points of a chance, or the target's unit. ``added`` is the contribution before the link.
    """

    column: str
    cell: str
    effect: float
    added: float
    text: Text

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "column": self.column,
            "cell": self.cell,
            "effect": self.effect,
            "added": self.added,
            "text": self.text.as_json(),
        }


@dataclass(frozen=True)
class Wording:
    """How reasons are put: ``titles`` of columns, at most ``most`` reasons, of which ``way``.

    ``of`` is the class whose chance is explained; "" is the second of two, or the likeliest of
    several. ``outcome`` is what that class is called; ``unit`` is the unit of a number that is predicted.
    """

    titles: Mapping[str, Text] = field(default_factory=dict)
    most: int = 4
    way: Way = "all"
    of: str = ""
    outcome: Text | None = None
    unit: Text | None = None


def reasons_of(
    contributions: Contributions,
    rows: pa.Table,
    *,
    signature: Signature,
    reference: Reference | None = None,
    wording: Wording | None = None,
) -> tuple[tuple[Reason, ...], ...]:
    """Return the reasons of each row's answer, the strongest first.

    Without a ``reference`` nothing is said of how usual a cell is. Columns that move a chance by less
    than 0.05 points are no reasons, so there may be none. Raises ParameterError where the contributions
    are not those of as many rows (``judge.rows``).
    """
    need_as_many(len(contributions.values), rows.num_rows)
    words = wording or Wording()
    chosen = _classes(contributions, signature, words)
    cells = [rows.column(feature.name).to_pylist() for feature in signature.features]
    found = []
    for row, place in enumerate(chosen):
        effects = _effects(contributions, signature, row, int(place))
        added = contributions.values[row, :, _output(signature, int(place))].copy()
        if signature.task == "binary" and place == 0:
            added = -added
        strongest = np.argsort(-np.abs(effects), kind="stable")
        reasons = []
        for at in strongest:
            effect = float(effects[at])
            if not _worth(signature, effect) or not _asked(words.way, effect):
                continue
            feature = signature.features[at]
            held = reference.columns.get(feature.name) if reference is not None else None
            text = _text((feature, cells[at][row], held), effect, (signature, int(place)), words)
            reasons.append(
                Reason(
                    feature.name,
                    written(feature, cells[at][row]).en,
                    effect,
                    float(added[at]),
                    text,
                )
            )
            if len(reasons) == words.most:
                break
        found.append(tuple(reasons))
    return tuple(found)


def _worth(signature: Signature, effect: float) -> bool:
    return effect != 0 if signature.task == "number" else abs(effect) >= _LEAST_POINTS


def _asked(way: Way, effect: float) -> bool:
    return way == "all" or (effect > 0) == (way == "raising")


def _output(signature: Signature, place: int) -> int:
    return place if signature.task == "classes" else 0


def _classes(
    contributions: Contributions, signature: Signature, words: Wording
) -> NDArray[np.int64]:
    """Return (n,): the class that is explained for each row; 0 for a number."""
    n = len(contributions.values)
    if signature.task == "number":
        return np.zeros(n, dtype=np.int64)
    if words.of:
        return np.full(n, signature.classes.index(words.of), dtype=np.int64)
    if signature.task == "binary":
        return np.ones(n, dtype=np.int64)
    likeliest: NDArray[np.int64] = contributions.sums.argmax(axis=1)
    return likeliest


def _effects(contributions: Contributions, signature: Signature, row: int, place: int) -> Floats:
    """Return (f,): by how much the answer would differ without what each column added."""
    values = contributions.values[row]
    sums = contributions.base + values.sum(axis=0)
    without = sums - values
    if signature.task == "number":
        numbers: Floats = values[:, 0]
        return numbers
    if signature.task == "binary":
        sign = 1.0 if place == 1 else -1.0
        points: Floats = np.multiply(100 * sign, _chance(sums) - _chance(without[:, 0]))
        return points
    shares: Floats = 100.0 * (_shares(sums[None])[:, place] - _shares(without)[:, place])
    return shares


def _chance(sums: Floats) -> Floats:
    found: Floats = 0.5 * (1 + np.tanh(sums / 2))
    return found


def _shares(sums: Floats) -> Floats:
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    found: Floats = powers / powers.sum(axis=1, keepdims=True)
    return found


def written(feature: Feature, cell: Any) -> Text:
    """Return a cell as it is written for a person."""
    if feature.nature == "category":
        text = trimmed_text(cell)
        return Text(f"「{text}」", f"“{text}”") if text else _MISSING
    number = as_number(cell) if feature.nature == "number" else as_day(cell)
    if not isfinite(number):
        return _MISSING
    if feature.nature == "date":
        day = date.fromordinal(int(number)).isoformat()
        return Text(day, day)
    plain = f"{number:,.0f}" if number == int(number) else f"{number:,.4g}"
    return Text(plain, plain)


_MISSING = Text("沒有填", "not given")


def _place(feature: Feature, cell: Any, held: Common | None) -> Text | None:
    """Return how usual a cell is, None where that cannot be told."""
    if held is None:
        return None
    if feature.nature == "category":
        share = held.share_of.get(trimmed_text(cell))
        if share is None:
            return Text("少見", "which is rare")
        return Text(f"佔 {100 * share:.0f}%", f"as {100 * share:.0f} % are")
    number = as_number(cell) if feature.nature == "number" else as_day(cell)
    rank = held.rank(number)
    early, late = ("早", "晚") if feature.nature == "date" else ("低", "高")
    low, high = ("earlier", "later") if feature.nature == "date" else ("lower", "higher")
    level = int(np.searchsorted((_OUTER, _MIDDLE), rank)) - int(
        np.searchsorted((_OUTER, _MIDDLE), 1 - rank)
    )
    many = Text("幾乎所有", "nearly all") if abs(level) == 2 else Text("多數", "most")
    if level == 0:
        return Text("屬於常見的範圍", "in the usual range")
    return (
        Text(f"比{many.zh}資料{early}", f"{low} than {many.en}")
        if level < 0
        else Text(f"比{many.zh}資料{late}", f"{high} than {many.en}")
    )


def _text(
    cell: tuple[Feature, Any, Common | None],
    effect: float,
    said: tuple[Signature, int],
    words: Wording,
) -> Text:
    feature, value, held = cell
    title = words.titles.get(feature.name, Text(feature.name, feature.name))
    shown = written(feature, value)
    place = None if shown is _MISSING else _place(feature, value, held)
    about = Text(f"（{place.zh}）", f", {place.en}") if place is not None else Text("", "")
    amount, moved = _moved(effect, said, words)
    way = Text("提高", "raises") if effect > 0 else Text("降低", "lowers")
    return Text(
        f"{title.zh} {shown.zh}{about.zh}：讓{moved.zh}{way.zh} {amount.zh}",
        f"{title.en} is {shown.en}{about.en}: it {way.en} {moved.en} by {amount.en}",
    )


def _moved(effect: float, said: tuple[Signature, int], words: Wording) -> tuple[Text, Text]:
    """Return the amount, and what it moves."""
    signature, place = said
    size = abs(effect)
    if signature.task == "number":
        plain = f"{size:,.4g}"
        unit = words.unit or Text("", "")
        amount = Text(f"{plain} {unit.zh}".strip(), f"{plain} {unit.en}".strip())
        return amount, Text(f"預測的{signature.target}", f"the predicted {signature.target}")
    plain = f"{size:.0f}" if size >= 0.95 else f"{size:.2f}".rstrip("0")
    amount = Text(f"{plain} 個百分點", f"{plain} points" if plain != "1" else "1 point")
    name = signature.classes[place]
    outcome = words.outcome or Text(f"「{name}」", f"“{name}”")
    return amount, Text(f"{outcome.zh}的機率", f"the chance of {outcome.en}")
