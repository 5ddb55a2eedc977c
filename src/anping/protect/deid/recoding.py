"""Local recoding: rows that suppression would lose are generalised on their own, top down.

All rows start in one group with every column at its top level. A group is split on the column that
wins back the most loss per bit of distinction it spends (hierarchical top-down specialisation, after
Fung, Wang and Yu 2005, ICDE, with the gain counted in ARX's Loss). Children that satisfy the model
become groups of their own; the others stay where they are, and borrow people from the largest
child, or take in the smallest, until they satisfy it too. So every group satisfies the model at
every moment, and rows are placed whenever all of them together can be.

Why it may stop early: a *minimal* hierarchical generalisation tells a reader that every finer one
failed, and from that follow facts about people that the classes alone do not show (downcoding;
Cohen 2022, USENIX Security, "Attacks on Deidentification's Defenses"). So a group of fewer than
``4 k`` people, that could still be split, is left as it is with ``stop_probability``; and who is
borrowed is random. This weakens that inference. It does not remove it: with probability 0 the
result is minimal, and only attack tests show what a release really gives away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf, log

import numpy as np

from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.protect.deid.chance import Chance, pick
from anping.protect.deid.encoding import Codes, Encoded, Node
from anping.protect.deid.evaluation import ENTROPY_TOLERANCE
from anping.protect.deid.model import PrivacyModel

#: Groups of this many times k people are large enough to be split without a draw.
_SURE = 4
_RECODING = Text("局部重新編碼", "Recoding locally")


@dataclass(frozen=True)
class _Group:
    """Rows that share the node's value in every column."""

    rows: Codes
    node: Node


@dataclass(frozen=True)
class _Split:
    """One possible split: how much loss per bit it wins, the column, each row's child."""

    merit: float
    column: int
    child_of: Codes


@dataclass(frozen=True)
class Recoder:
    """The rules of one recoding: the table, the model, and how eager it is to stop."""

    encoded: Encoded
    model: PrivacyModel
    uniform: Chance
    stop_probability: float

    def recode(self, rows: Codes, *, progress: Progress = silent) -> Iterator[tuple[Codes, Node]]:
        """Yield groups of ``rows`` and their nodes; every group satisfies the model.

        ``rows`` are row indices. Rows that fail the model together at the top are in no group.
        """
        whole = self._at_the_top(rows)
        waiting = [_Group(part, self.encoded.top) for part in whole if self._holds(part)]
        done = 0
        while waiting:
            group = waiting.pop()
            parts = None if self._stops(group) else self._divide(group)
            if parts is not None:
                waiting.extend(parts)
                continue
            done += int(group.rows.size)
            progress(_RECODING, done, int(rows.size))
            yield group.rows, group.node

    def _at_the_top(self, rows: Codes) -> list[Codes]:
        """Return the classes of the top node: one, unless a hierarchy ends below ``*``."""
        parts = [rows]
        for ladder, leaves in zip(self.encoded.ladders, self.encoded.leaves, strict=True):
            tops = ladder.codes[-1]
            parts = [part for whole in parts for part in _split(whole, tops[leaves[whole]])]
        return parts

    def _stops(self, group: _Group) -> bool:
        if self.stop_probability == 0 or self._people(group.rows).size >= _SURE * self.model.k:
            return False
        return bool(self.uniform(1)[0] < self.stop_probability)

    def _people(self, rows: Codes) -> Codes:
        person = self.encoded.person
        return rows if person is None else np.unique(person[rows])

    def _holds(self, rows: Codes) -> bool:
        """Return whether the rows, as one class, satisfy the model."""
        if self._people(rows).size < max(1, self.model.k):
            return False
        if self.model.l is None:
            return True
        for values in self.encoded.sensitive:
            counts = np.unique(values[rows], return_counts=True)[1]
            if counts.size < self.model.l:
                return False
            share = counts / rows.size
            entropy = -float(share @ np.log(share))
            if self.model.l_kind == "entropy" and entropy < log(self.model.l) - ENTROPY_TOLERANCE:
                return False
        return True

    def _divide(self, group: _Group) -> list[_Group] | None:
        """Return the parts of the best split that is possible, or None."""
        options = [
            option
            for column, level in enumerate(group.node)
            if level > 0 and (option := self._weigh(group, column)) is not None
        ]
        for option in sorted(options, key=lambda option: (-option.merit, option.column)):
            parts = self._carry_out(group, option)
            if parts is not None:
                return parts
        return None

    def _weigh(self, group: _Group, column: int) -> _Split | None:
        """Return what splitting on ``column`` promises, judged by class sizes alone."""
        ladder, level = self.encoded.ladders[column], group.node[column]
        leaves = self.encoded.leaves[column][group.rows]
        _, child_of, counts = np.unique(
            ladder.codes[level - 1][leaves], return_inverse=True, return_counts=True
        )
        large = counts >= self.model.k
        if not large.any():
            return None
        saved = ladder.cost[level][leaves] - ladder.cost[level - 1][leaves]
        gain = float(saved[large[child_of]].sum())
        parts = np.append(counts[large], counts[~large].sum())
        parts = parts[parts > 0]
        spent = float(parts.sum() * np.log2(parts.sum()) - parts @ np.log2(parts))
        return _Split(gain / spent if spent > 0 else inf, column, child_of)

    def _carry_out(self, group: _Group, split: _Split) -> list[_Group] | None:
        children = _split(group.rows, split.child_of)
        good = sorted((rows for rows in children if self._holds(rows)), key=len, reverse=True)
        kept = {id(rows) for rows in good}
        rest = np.concatenate([group.rows[:0], *(c for c in children if id(c) not in kept)])
        while good and rest.size and not self._holds(rest):
            moved = self._borrow(good[0], rest)
            if moved is not None:
                good[0], rest = moved
            else:
                rest = np.concatenate([rest, good.pop()])
        if not good:
            return None
        level = group.node[split.column] - 1
        below = (*group.node[: split.column], level, *group.node[split.column + 1 :])
        parts = [_Group(rows, below) for rows in good]
        return [*parts, replace(group, rows=rest)] if rest.size else parts

    def _borrow(self, giver: Codes, taker: Codes) -> tuple[Codes, Codes] | None:
        """Move just enough random people from ``giver`` to ``taker``, if both then hold."""
        has = self._people(taker)
        missing = self.model.k - int(has.size)
        free = np.setdiff1d(self._people(giver), has)
        if missing <= 0 or free.size < missing:
            return None
        chosen = pick(free, missing, self.uniform)
        person = self.encoded.person
        moves = np.isin(giver if person is None else person[giver], chosen)
        left, grown = giver[~moves], np.concatenate([taker, giver[moves]])
        return (left, grown) if self._holds(left) and self._holds(grown) else None


def _split(rows: Codes, part_of: Codes) -> list[Codes]:
    """Return the rows of each part, in the order of the parts' numbers."""
    order = np.argsort(part_of, kind="stable")
    ends = np.flatnonzero(np.diff(part_of[order])) + 1
    return np.split(rows[order], ends)
