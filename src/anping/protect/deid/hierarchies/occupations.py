"""Occupation codes: unit, minor, sub-major and major group.

ISCO-08 and Taiwan's classification (中華民國職業標準分類, 6th revision, made after ISCO-08) write
one digit for each level, so that a coarser group is a prefix.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal, get_args

from anping.core.cells import trimmed_text
from anping.core.errors import ParameterError, Where
from anping.core.text import Language, Text
from anping.protect.deid.hierarchies.published import published
from anping.protect.deid.hierarchy import MISSING, Hierarchy, levels, merging

Group = Literal["unit", "minor", "sub_major", "major"]
_GROUPS: tuple[Group, ...] = get_args(Group)
# The armed forces' unit groups, which lose their leading 0 where a file holds numbers.
_ARMED = {"110": "0110", "210": "0210", "310": "0310"}
_CODE = re.compile(r"([0-9]{1,4})(?![0-9])")
_FOLD = {ord("０") + n: ord("0") + n for n in range(10)}


def occupations(
    column: str,
    values: Iterable[Any],
    *,
    start: Group = "unit",
    language: Language = "zh",
) -> Hierarchy:
    """Return unit group (``2512``), minor (``251x``), sub-major (``25xx``), major group, ``*``.

    A code of fewer digits is known less exactly and stays itself until its own level. A name after
    the code does not matter. A level that would merge nothing observed is left out. The ten major groups are named in ``language`` (``2 專業人員``). What
    does not begin with one to four digits is missing. Raises ParameterError for another ``start``.
    Sources: see ``data/occupations.json``.
    """
    if start not in _GROUPS:
        raise ParameterError(
            "deid.occupation-start",
            Text(
                "職業要從 unit、minor、sub_major 或 major 開始。",
                "This occupation level is unknown.",
            ),
            where=Where(column=column),
            hint=Text(f"可用：{'、'.join(_GROUPS)}", f"Use one of: {', '.join(_GROUPS)}"),
        )
    kept = len(_GROUPS) - _GROUPS.index(start)
    prepare = partial(_leaf, kept=kept, language=language)
    found = sorted({prepare(value) for value in set(values)} or {MISSING})
    steps: list[Callable[[str], str]] = [
        partial(_group, digits=digits, language=language) for digits in range(kept - 1, 0, -1)
    ]
    return levels(column, found, merging(found, steps), prepare)


def _leaf(value: Any, *, kept: int, language: Language) -> str:
    text = trimmed_text(value).translate(_FOLD)
    if isinstance(value, int | float):
        text = _ARMED.get(text, text)
    match = _CODE.match(text)
    return MISSING if match is None else _group(match[1], digits=kept, language=language)


def _group(code: str, *, digits: int, language: Language) -> str:
    """Return the group of so many digits: the rest is ``x``; a shorter code stays as it is."""
    known = code.partition(" ")[0].rstrip("x")
    if digits == 1:
        return _major(known[0], language)
    return known if len(known) < digits else known[:digits] + "x" * (4 - digits)


def _major(digit: str, language: Language) -> str:
    return f"{digit} {Text(**published('occupations')['major'][digit]).to(language)}"
