"""A span is a piece of a text that names something: where it is, what it is, how sure we are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters ``start`` to ``end`` (code points, end excluded) of one text.

    ``score`` is between 0 and 1; ``evidence`` lists what the score was built from
    (``checksum``, ``context:電話``, ``pattern``). The text itself is never kept.
    """

    start: int
    end: int
    type: str
    score: float = 1.0
    evidence: tuple[str, ...] = ()
