"""The findings of many texts, as columns; spans are made when they are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from anping.core.span import Span
from anping.know.discover.scoring import Verdict

Column = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Findings:
    """One row per finding, in order of text and place: shape (findings,) each.

    ``document`` is the text's number, ``start`` and ``end`` its code points, ``verdict`` the number
    of one of ``verdicts``: type, score and evidence. ``texts`` is how many texts were scanned.
    """

    texts: int
    document: Column
    start: Column
    end: Column
    verdict: Column
    verdicts: tuple[Verdict, ...]

    def __len__(self) -> int:
        return len(self.document)

    @cached_property
    def _begins(self) -> Column:
        return np.searchsorted(self.document, np.arange(self.texts + 1))

    def of(self, document: int) -> tuple[Span, ...]:
        """Return the findings of one text as spans, in order."""
        rows = slice(*self._begins[document : document + 2].tolist())
        return tuple(
            Span(start, end, *self.verdicts[verdict])
            for start, end, verdict in zip(
                self.start[rows].tolist(), self.end[rows].tolist(), self.verdict[rows].tolist(),
                strict=True,
            )
        )  # fmt: skip

    def __iter__(self) -> Iterator[tuple[Span, ...]]:
        return (self.of(document) for document in range(self.texts))

    @cached_property
    def types(self) -> npt.NDArray[np.str_]:
        """The type of each finding."""
        kinds = np.array([verdict.type for verdict in self.verdicts] or [""])
        return kinds[self.verdict]

    @cached_property
    def scores(self) -> npt.NDArray[np.float64]:
        """The score of each finding."""
        return np.array([verdict.score for verdict in self.verdicts] or [0.0])[self.verdict]

    def counts(self) -> Counter[str]:
        """Return how many findings there are of each type."""
        numbers = np.bincount(self.verdict, minlength=len(self.verdicts)).tolist()
        found: Counter[str] = Counter()
        for verdict, n in zip(self.verdicts, numbers, strict=True):
            found[verdict.type] += n
        return +found
