"""Shapes of values become a pattern: runs of digits and letters with the lengths that were met."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

#: Values of more different make-ups than this have no pattern.
_MOST = 3
_CLASSES = {"9": r"\d", "A": "[A-Za-z]"}

Run = tuple[str, int]


def pattern_of(shapes: Sequence[str]) -> str | None:
    """Return the regular expression (RE2) of values of these shapes, or None.

    Shapes that differ only in the lengths of their runs share one; there is none for Chinese words,
    cut-off shapes and values of many make-ups, whose next value would be of yet another one.
    """
    if not shapes or any(letter in shape for shape in shapes for letter in "字·…"):
        return None
    made: dict[tuple[str, ...], list[list[Run]]] = {}
    for shape in shapes:
        runs = [(letter, len(list(run))) for letter, run in groupby(shape)]
        made.setdefault(tuple(letter for letter, _ in runs), []).append(runs)
    if len(made) > _MOST:
        return None
    return f"^(?:{'|'.join(_together(alike) for alike in made.values())})$"


def _together(alike: Sequence[Sequence[Run]]) -> str:
    written = []
    for place, (letter, _) in enumerate(alike[0]):
        lengths = {runs[place][1] for runs in alike}
        part = _CLASSES.get(letter) or re.escape(letter)
        least, most = min(lengths), max(lengths)
        if most == 1:
            written.append(part)
        else:
            written.append(f"{part}{{{least}}}" if least == most else f"{part}{{{least},{most}}}")
    return "".join(written)
