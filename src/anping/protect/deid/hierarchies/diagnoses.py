"""Diagnoses in ICD-10: code, category, block, chapter.

``cm`` is ICD-10-CM, which Taiwan's National Health Insurance has used since 2016; ``who`` is the
World Health Organization's own edition. They share categories and differ in some blocks.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal, get_args

from anping.core.cells import trimmed_text
from anping.core.errors import ParameterError, Where
from anping.core.text import Language, Text
from anping.protect.deid.hierarchies.published import published
from anping.protect.deid.hierarchy import MISSING, Hierarchy, levels, merging

Edition = Literal["cm", "who"]
Depth = Literal["code", "category", "block"]
_DEPTHS: tuple[Depth, ...] = get_args(Depth)

# A category, then up to four more places with or without the dot; ICD-10's dagger and asterisk
# marks and a name after the code are left out.
_CODE = re.compile(r"([A-Z][0-9][0-9A-Z])(?:\.?([0-9A-Z]{1,4}))?(?!\.?[0-9A-Za-z])")
_FOLD = {ord("．"): "."} | {0xFF01 + n: 0x21 + n for n in range(94)}


def icd10(
    column: str,
    values: Iterable[Any],
    *,
    edition: Edition = "cm",
    start: Depth = "code",
    language: Language = "zh",
) -> Hierarchy:
    """Return code (``E11.9``), category (``E11.-``), block (``E08-E13``), chapter, ``*``.

    Dots, case, full width, ``†``, ``*`` and ``+`` at the end, and a name after the code do not matter. A code
    with its seventh character stays whole on level 0. A category without a fourth place (``E11``)
    is a code too; where the plan starts at the category it stands for all of them. Leaves are the observed codes, cut to
    ``start``. A category that the edition does not list stands for its own block; what is no code
    of any chapter is missing. A level that would merge nothing observed is left out. Chapters are named in ``language``. Raises ParameterError for another
    edition or start. Sources: see ``data/icd10.json``.
    """
    if edition not in get_args(Edition) or start not in _DEPTHS:
        raise ParameterError(
            "deid.icd10",
            Text("ICD-10 階層的設定不能用。", "These settings of an ICD-10 hierarchy are unknown."),
            where=Where(column=column),
            hint=Text(
                "edition：cm 或 who；start：code、category 或 block。",
                "edition: cm or who; start: code, category or block.",
            ),
        )
    book = _book(edition)
    prepare = partial(_leaf, edition=edition, start=start)
    found = sorted({prepare(value) for value in set(values)} or {MISSING})
    block = {leaf: leaf if start == "block" else book.block(leaf[:3]) for leaf in found if leaf}
    steps: list[Callable[[str], str]] = [
        lambda leaf: f"{leaf[:3]}.-",
        block.__getitem__,
        lambda leaf: book.chapter(leaf[:3], language),
    ]
    return levels(column, found, merging(found, steps[_DEPTHS.index(start) :]), prepare)


@dataclass(frozen=True)
class _Book:
    """An edition's chapters and blocks, each a range of categories in the order of their text."""

    chapters: tuple[tuple[str, str], ...]
    blocks: tuple[tuple[str, str], ...]
    also: dict[str, str]

    def block(self, category: str) -> str:
        """Return the block of a category, or one of its own where no block holds it."""
        if category in self.also:
            return self.also[category]
        at = _holding(self.blocks, category)
        return f"{category}-{category}" if at is None else "-".join(self.blocks[at])

    def number(self, category: str) -> int | None:
        """Return the number of a category's chapter, from 1.

        A category of another edition belongs to the chapter that has its letter alone.
        """
        numbered = list(enumerate(self.chapters, 1))
        for number, (first, last) in numbered:
            if first <= category <= last:
                return number
        lettered = [n for n, (first, last) in numbered if first[0] <= category[0] <= last[0]]
        return lettered[0] if len(lettered) == 1 else None

    def chapter(self, category: str, language: Language) -> str:
        """Return the name of a category's chapter, with its range."""
        number = self.number(category) or 0
        title = Text(**published("icd10")["titles"][number - 1]).to(language)
        span = "-".join(self.chapters[number - 1])
        head = f"第{number}章" if language == "zh" else f"Chapter {number}:"
        return f"{head} {title} ({span})"


@cache
def _book(edition: Edition) -> _Book:
    body = published("icd10")[edition]
    chapters, blocks = (
        tuple((span[:3], span[-3:]) for span in body[key]) for key in ("chapters", "blocks")
    )
    return _Book(chapters, blocks, body["also"])


def _holding(spans: tuple[tuple[str, str], ...], category: str) -> int | None:
    at = bisect_right(spans, (category, "~")) - 1
    return at if at >= 0 and spans[at][0] <= category <= spans[at][1] else None


def _leaf(value: Any, *, edition: Edition, start: Depth) -> str:
    """Return a cell's leaf: its code in the one spelling, cut to ``start``."""
    text = trimmed_text(value).translate(_FOLD).upper()
    if start == "block" and _is_block(text, edition):
        return text
    match = _CODE.match(text)
    if match is None or _book(edition).number(match[1]) is None:
        return MISSING
    category, rest = match[1], match[2]
    if start == "block":
        return _book(edition).block(category)
    return category if start == "category" or not rest else f"{category}.{rest}"


def _is_block(text: str, edition: Edition) -> bool:
    first, _, last = text.partition("-")
    if (first, last) in _book(edition).blocks:
        return True
    return first == last and _CODE.fullmatch(first) is not None and len(first) == 3
