"""What was fitted on tuples, as a function of batches: each row's texts, or that it is suppressed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.engine.codes import combine
from anping.protect.deid.counting import TupleIndex
from anping.protect.deid.encoding import Codes, Ladder
from anping.protect.deid.leaves import LeafMap, packed_groups
from anping.protect.deid.loss import Levels
from anping.protect.deid.tuples import Bools, Groups


@dataclass(frozen=True)
class Words:
    """A column's texts on all levels: ``texts[codes[level, leaf]]`` is what is released."""

    texts: pa.Array
    codes: npt.NDArray[np.int32]

    @classmethod
    def of(cls, ladder: Ladder) -> Words:
        """Return the texts of a column's levels."""
        starts = np.cumsum([0, *ladder.sizes[:-1]])
        codes = [start + each for start, each in zip(starts, ladder.codes, strict=True)]
        texts = [text for names in ladder.names for text in names]
        return cls(pa.array(texts, pa.string()), np.stack(codes).astype(np.int32))


@dataclass(frozen=True)
class Generaliser:
    """Generalises rows by their tuples: ``node_of`` gives each tuple its row of ``nodes``, or -1.

    It holds what the fit found and no row, and treats every row alike wherever it stands.
    """

    maps: Mapping[str, LeafMap]
    groups: Groups
    index: TupleIndex
    node_of: npt.NDArray[np.int32]
    nodes: Levels
    words: tuple[Words, ...]

    @classmethod
    def of(
        cls,
        maps: Mapping[str, LeafMap],
        groups: Groups,
        index: TupleIndex,
        *,
        ladders: Sequence[Ladder],
        levels: Levels,
        placed: Bools,
    ) -> Generaliser:
        """Return the function of tuples whose ``levels`` were found; those not ``placed`` go."""
        found = combine([levels[:, place].astype(np.int32) for place in range(levels.shape[1])])
        node_of = np.where(placed, found.classes, -1).astype(np.int32)
        words = tuple(Words.of(ladder) for ladder in ladders)
        return cls(maps, groups, index, node_of, found.codes.astype(levels.dtype), words)

    @property
    def columns(self) -> tuple[str, ...]:
        """The generalised columns."""
        return tuple(self.maps)

    def leaves(self, cells: Mapping[str, pa.Array]) -> tuple[Codes, ...]:
        """Return the leaf of every cell, by column."""
        return tuple(to_leaf(cells[name]) for name, to_leaf in self.maps.items())

    def nodes_of(self, leaves: Sequence[Codes]) -> Codes:
        """Return the row of :attr:`nodes` of every row, -1 where it is suppressed."""
        sizes = [len(each.observed) for each in self.maps.values()]
        found = self.index.find(packed_groups(leaves, sizes, self.groups))
        return self.node_of[found].astype(np.int64)

    def texts(self, leaves: Sequence[Codes], nodes: Codes) -> dict[str, pa.Array]:
        """Return the released texts of rows that are not suppressed."""
        found = {}
        for place, name in enumerate(self.maps):
            words = self.words[place]
            codes = words.codes[self.nodes[nodes, place], leaves[place]]
            found[name] = words.texts.take(pa.array(codes))
        return found

    def leaf_texts(self, leaves: Sequence[Codes]) -> dict[str, pa.Array]:
        """Return the leaves themselves, as texts."""
        found = {}
        for (name, to_leaf), codes in zip(self.maps.items(), leaves, strict=True):
            found[name] = pa.array(to_leaf.observed, pa.string()).take(pa.array(codes))
        return found
