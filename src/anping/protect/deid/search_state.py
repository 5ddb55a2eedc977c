"""What the search in Python and the compiled one share: how far it may go, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from anping.core.text import Text
from anping.protect.deid.encoding import Node

SEARCHING = Text("尋找損失最小的概化方式", "Searching for the generalisation that loses least")
#: So many nodes are ruled out from below before the search goes on from above.
FROM_BELOW = 5


@dataclass(frozen=True, slots=True)
class Budget:
    """``allowed`` rows may be suppressed; ``spent`` is asked, with the evaluations so far, when to stop.

    It is asked again before the evaluations are ``most``.
    """

    allowed: int
    spent: Callable[[int], bool]
    most: int | None = None


class Outcome(NamedTuple):
    """The best node, if any is allowed; whether it is proven best; and how many were evaluated."""

    node: Node | None
    proven: bool
    evaluated: int
