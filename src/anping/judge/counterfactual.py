"""The nearest changes that a person could make and for which a model would say something else.

Any model is asked, in batches: all single changes, then changes added to the most promising; few
enough combinations are all asked. Sources: Wachter, Mittelstadt & Russell 2018; Ustun, Spangher &
Liu 2019 (actionable recourse).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from math import comb

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.prediction import Predictor, Signature
from anping.judge.actions import Actions, Moves, arrow_cells, likely_actions, moves_of
from anping.judge.asking import numbers, plain, texts_of
from anping.judge.attribution import leading
from anping.judge.nearness import Nearness, nearness_of
from anping.judge.needs import need_columns, need_rows
from anping.judge.reasons import written

Floats = NDArray[np.float64]
States = NDArray[np.int64]
#: So many combinations are all asked; of more, the most promising are followed.
_ALL = 4_000
_FOLLOWED = 8
_TRIED = 40
_COLUMNS = 60


@dataclass(frozen=True)
class Goal:
    """What is to be said instead: the class ``of`` with at least the chance ``threshold``.

    A number is to be ``at_least`` or ``at_most`` something. Of several classes the one is to be the
    likeliest, whatever the threshold.
    """

    of: str = ""
    threshold: float = 0.5
    at_least: float | None = None
    at_most: float | None = None

    def gap(self, signature: Signature, values: Floats) -> Floats:
        """Return (n,): how far answers are from the goal; at least 0 where it is reached."""
        if signature.task == "number":
            low = -np.inf if self.at_least is None else self.at_least
            high = np.inf if self.at_most is None else self.at_most
            found: Floats = np.minimum(values - low, high - values)
            return found
        place = signature.classes.index(self.of)
        if signature.task == "binary":
            above: Floats = values[:, place] - self.threshold
            # A chance of just the threshold is still the second class's.
            return above if place == 1 else np.where(above > 0, above, np.minimum(above, -1e-12))
        others = np.delete(values, place, axis=1).max(axis=1)
        over: Floats = values[:, place] - others
        return over


@dataclass(frozen=True)
class Change:
    """A column's cell as it is and as it would be. It holds a person's cell: it is for that person."""

    column: str
    before: Text
    after: Text


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """Changes with which the model says what was wanted, as it answered when asked again.

    ``cost`` adds up the changes' sizes in units of spread, 1 for a category; ``nearness`` is the
    distance to the nearest real row, and ``plausible`` whether real rows are as far from one another.
    """

    changes: tuple[Change, ...]
    row: pa.Table
    answer: float
    cost: float
    nearness: float
    plausible: bool

    def text(self, goal: Goal) -> Text:
        """Return it in words."""
        zh = "、".join(
            f"{one.column} 從 {one.before.zh} 改為 {one.after.zh}" for one in self.changes
        )
        en = " and ".join(
            f"{one.column} were {one.after.en} instead of {one.before.en}" for one in self.changes
        )
        if not goal.of:
            number = f"{self.answer:,.4g}"
            return Text(
                f"若 {zh}，模型的答案會是 {number}。", f"If {en}, the model would say {number}."
            )
        chance = f"{100 * self.answer:.0f}"
        return Text(
            f"若 {zh}，模型的答案會是「{goal.of}」（機率 {chance}%）。",
            f"If {en}, the model would say “{goal.of}” (chance {chance} %).",
        )


@dataclass(frozen=True, eq=False)
class Searcher:
    """What a search needs beside the row: made once, used for many rows (:func:`searcher_of`)."""

    predictor: Predictor
    moves: tuple[Moves, ...]
    nearness: Nearness
    actions: Actions


def searcher_of(
    predictor: Predictor, rows: pa.Table, *, actions: Actions | None = None, seed: int = 0
) -> Searcher:
    """Return a searcher; real ``rows`` tell which cells exist and how near real rows are.

    Without ``actions`` the columns' names tell what may change (:func:`likely_actions`). Of more than
    60 columns those that add most are changed. Raises SchemaError where ``actions`` name a column that
    neither the rows nor the model have: one misspelt would be changed. Raises ParameterError for no
    rows (``judge.no-rows``).
    """
    signature = predictor.signature
    need_rows(rows.num_rows)
    chosen, rows = actions or likely_actions(signature), plain(rows)
    named = (*chosen.immutable, *chosen.rising, *chosen.falling, *chosen.bounds)
    read = [feature.name for feature in signature.features]
    need_columns(named, list(dict.fromkeys((*rows.column_names, *read))))
    near = nearness_of(rows, signature, seed=seed)
    columns = None
    if len(signature.features) > _COLUMNS:
        columns = leading(predictor, rows, seed=seed)[:_COLUMNS]
    return Searcher(predictor, moves_of(rows, signature, chosen, among=columns), near, chosen)


def counterfactuals(
    searcher: Searcher,
    row: pa.Table,
    goal: Goal,
    *,
    count: int = 3,
    budget: float = np.inf,
) -> tuple[Counterfactual, ...]:
    """Return up to ``count`` nearest changes of one ``row``, plausible ones first.

    There are none if none was found, or if the row is answered as wanted already.
    No two change the same columns. Changes that cost more than ``budget`` are not made. Raises
    ParameterError for a class that the model does not know (``judge.goal``).
    """
    signature = searcher.predictor.signature
    if signature.task != "number" and goal.of not in signature.classes:
        raise _no_class(goal.of, signature)
    asked = _Asked(searcher, plain(row), goal, budget)
    if asked.reached:
        return ()
    found = asked.search()
    chosen: list[tuple[States, Floats]] = []
    columns = set()
    for state in found:
        changed = tuple(np.flatnonzero(state >= 0))
        if changed not in columns:
            columns.add(changed)
            chosen.append(asked.refined(state))
        if len(chosen) == count:
            break
    told = [asked.told(*one) for one in chosen]
    return tuple(
        sorted(
            (one for one in told if one is not None), key=lambda one: (not one.plausible, one.cost)
        )
    )


class _Asked:
    """One row's search. A state (m,) has for each column the number of its move, -1 for none."""

    def __init__(self, searcher: Searcher, row: pa.Table, goal: Goal, budget: float) -> None:
        self.searcher, self.row, self.goal, self.budget = searcher, row, goal, budget
        self.own = [
            float("nan")
            if move.feature.nature == "category"
            else float(numbers(row, move.feature)[0])
            for move in searcher.moves
        ]
        self.texts = [
            str(texts_of(row, move.feature.name)[0]) if move.feature.nature == "category" else ""
            for move in searcher.moves
        ]
        self.costs = [
            move.costs(own, text)
            for move, own, text in zip(searcher.moves, self.own, self.texts, strict=True)
        ]
        self.open = [np.flatnonzero(costs <= budget) for costs in self.costs]

    def rows(self, states: States, cells: Sequence[pa.Array]) -> pa.Table:
        """Return the row as each state changes it; ``cells`` are the columns' moves."""
        found = self.row.take(pa.array(np.zeros(len(states), dtype=np.int64)))
        for at, move in enumerate(self.searcher.moves):
            if (states[:, at] < 0).all():
                continue
            name = move.feature.name
            own = self.row.column(name).combine_chunks()
            if own.type != cells[at].type:
                own = pa.array([self.texts[at]], pa.string()) if cells[at].type == pa.string() else own.cast(cells[at].type)  # fmt: skip
            both = pa.concat_arrays([own, cells[at]])
            place = found.column_names.index(name)
            found = found.set_column(place, name, both.take(pa.array(states[:, at] + 1)))
        return found

    def gaps(self, states: States, cells: Sequence[pa.Array] | None = None) -> Floats:
        """Return how far the answers are from the goal."""
        asked = self.rows(states, cells or self.cells)
        values = self.searcher.predictor.predict(asked).values
        return self.goal.gap(self.searcher.predictor.signature, values)

    @property
    def reached(self) -> bool:
        """Whether the row is answered as wanted without any change."""
        return bool(self.gaps(self._state({})[None])[0] >= 0)

    @cached_property
    def cells(self) -> list[pa.Array]:
        """The columns' moves as cells."""
        return [arrow_cells(move, move.cells or move.places) for move in self.searcher.moves]

    def cost(self, states: States) -> Floats:
        """Return what states cost."""
        total = np.zeros(len(states))
        for at, costs in enumerate(self.costs):
            changed = states[:, at] >= 0
            total[changed] += costs[states[changed, at]]
        return total

    def search(self) -> States:
        """Return the states that reach the goal, the cheapest first."""
        columns = [at for at, moves in enumerate(self.open) if moves.size]
        most = min(self.searcher.actions.most, len(columns))
        if not columns:
            return np.empty((0, len(self.open)), dtype=np.int64)
        widest = max(self.open[at].size for at in columns)
        if sum(comb(len(columns), many) * widest**many for many in range(1, most + 1)) <= _ALL:
            return self._reaching([self._all(columns, most)])
        return self._followed(columns, most)

    def _all(self, columns: list[int], most: int) -> States:
        states = [
            self._state(dict(zip(some, moves, strict=True)))
            for many in range(1, most + 1)
            for some in combinations(columns, many)
            for moves in product(*(self.open[at] for at in some))
        ]
        return np.array(states)

    def _state(self, changes: dict[int, int]) -> States:
        state = np.full(len(self.open), -1, dtype=np.int64)
        for at, move in changes.items():
            state[at] = move
        return state

    def _reaching(self, asked: list[States]) -> States:
        states = np.concatenate(asked)
        states = states[self.cost(states) <= self.budget]
        if not len(states):
            return states
        return self._sorted(states[self.gaps(states) >= 0])

    def _sorted(self, states: States) -> States:
        ordered: States = states[np.argsort(self.cost(states), kind="stable")]
        return ordered

    def _followed(self, columns: list[int], most: int) -> States:
        """Add changes to the most promising states, until the goal is reached and no cheaper way is open."""
        singles = np.array([self._state({at: move}) for at in columns for move in self.open[at]])
        gaps, start = self.gaps(singles), float(self.gaps(self._state({})[None])[0])
        reached = [singles[gaps >= 0]]
        best = self._cheapest(reached)
        tried = singles[self._promising(singles, gaps, start, _TRIED)]
        frontier = singles[self._promising(singles, gaps, start, _FOLLOWED)]
        for _ in range(most - 1):
            grown = self._grown(frontier, tried)
            grown = grown[self.cost(grown) < min(best, self.budget)]
            if not len(grown):
                break
            seen = self.gaps(grown)
            reached.append(grown[seen >= 0])
            best = min(best, self._cheapest(reached))
            short = seen < 0
            if not short.any():
                break
            left, left_gaps = grown[short], seen[short]
            frontier = left[self._promising(left, left_gaps, start, _FOLLOWED)]
        found = np.concatenate(reached)
        return self._sorted(found[self.cost(found) <= self.budget])

    def _cheapest(self, reached: list[States]) -> float:
        return min((float(self.cost(each).min()) for each in reached if len(each)), default=np.inf)

    def _promising(self, states: States, gaps: Floats, start: float, many: int) -> States:
        """Return which states come nearest to the goal, and which come nearer at the least cost."""
        rate = (gaps - start) / np.maximum(self.cost(states), 1e-9)
        half = many // 2
        nearest, cheap = np.argsort(-gaps, kind="stable"), np.argsort(-rate, kind="stable")
        chosen: States = np.unique(np.r_[nearest[: many - half], cheap[:half]])
        return chosen

    def _grown(self, frontier: States, singles: States) -> States:
        """Return each state with each further change in a column that it has not changed."""
        pairs = np.maximum(frontier[:, None, :], -1)
        clash = ((pairs >= 0) & (singles[None] >= 0)).any(axis=2)
        grown: States = np.unique(np.maximum(pairs, singles[None])[~clash], axis=0)
        return grown

    def refined(self, state: States) -> tuple[States, Floats]:
        """Return the state and its numbers made smaller where a smaller change does as well.

        The numbers (m,) stand for the moves of changed columns of numbers, NaN for others.
        """
        numbers_ = np.full(state.size, np.nan)
        for at in np.flatnonzero(state >= 0):
            if self.searcher.moves[at].feature.nature != "category":
                numbers_[at] = self.searcher.moves[at].places[state[at]]
        for at in np.flatnonzero(np.isfinite(numbers_)):
            move, own = self.searcher.moves[at], self.own[at]
            if not np.isfinite(own):
                continue
            low, high = sorted((own, numbers_[at]))
            between = move.finer[(move.finer > low) & (move.finer < high)]
            between = between[np.argsort(np.abs(between - own), kind="stable")]
            if not between.size:
                continue
            trials = np.tile(state, (between.size, 1))
            trials[:, at] = np.arange(between.size)
            gaps = self.gaps(trials, self._with(state, numbers_, at, between))
            good = np.flatnonzero(gaps >= 0)
            if good.size:
                numbers_[at] = between[good[0]]
        return state, numbers_

    def _with(
        self, state: States, numbers_: Floats, trying: int, between: Floats
    ) -> list[pa.Array]:
        """Return the moves' cells with the refined numbers, and those tried in one column."""
        cells = []
        for at, move in enumerate(self.searcher.moves):
            places: Floats | tuple[str, ...] = move.cells or move.places
            if at == trying:
                places = between
            elif np.isfinite(numbers_[at]):
                places = move.places.copy()
                places[state[at]] = numbers_[at]
            cells.append(arrow_cells(move, places))
        return cells

    def told(self, state: States, numbers_: Floats) -> Counterfactual | None:
        """Return the changes in words, after asking the model once more; None if it says otherwise."""
        signature = self.searcher.predictor.signature
        row = self.rows(state[None], self._with(state, numbers_, -1, np.zeros(0)))
        values = self.searcher.predictor.predict(row).values
        if self.goal.gap(signature, values)[0] < 0:
            return None
        cost, changes = 0.0, []
        for at in np.flatnonzero(state >= 0):
            move = self.searcher.moves[at]
            if move.feature.nature == "category":
                cost += float(self.costs[at][state[at]])
            else:
                cost += float(move.cost_of(numbers_[at : at + 1], self.own[at])[0])
            name = move.feature.name
            cells = [table.column(name)[0].as_py() for table in (self.row, row)]
            before, after = (written(move.feature, cell) for cell in cells)
            changes.append(Change(name, before, after))
        answer = values[0] if signature.task == "number" else values[0, signature.classes.index(self.goal.of)]  # fmt: skip
        near = float(self.searcher.nearness.distances(row)[0])
        plausible = near <= self.searcher.nearness.usual
        return Counterfactual(tuple(changes), row, float(answer), cost, near, plausible)


def _no_class(name: str, signature: Signature) -> ParameterError:
    listed = ", ".join(signature.classes)
    return ParameterError(
        "judge.goal",
        Text(f"模型不認得類別「{name}」。", f"The model knows no class “{name}”."),
        hint=Text(f"可用的有：{listed}", f"It knows: {listed}"),
    )
