"""Identifiers with a line break or blanks inside: found in the text with those taken out.

So are labels: where character recognition set every character apart (``身 分 證 字 號``), a value behind
them has a label only when the blanks are gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from anping.core.span import Span

#: A line break between two ASCII letters, digits or number separators.
_BREAK = re.compile(r"[0-9A-Za-z-]([ \t]*(?:\r\n|\r|\n)[ \t]*)(?=[0-9-])")
#: Letters and digits one by one or in pairs with a blank between, as character recognition writes
#: them: at least five pieces, so that ordinary words and numbers stay what they are.
_SPACED = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-Za-z(+]{1,2}(?: [0-9A-Za-z(@.:/)+-]{1,2}){4,40}(?![0-9A-Za-z])"
)
#: Chinese characters one by one: six of them show it, then every such blank of the text is one.
_APART = re.compile("[\u3400-\u9fff](?: [\u3400-\u9fff]){5}")
_BETWEEN = re.compile("(?<=[\u3400-\u9fff])( )(?=[\u3400-\u9fff])")
_BLANK = re.compile("( )")


def find_joined(
    folded: str, find: Callable[[str], list[Span]], *, broken: bool = True, spaced: bool = True
) -> list[Span]:
    """Return the spans that ``find`` sees only when breaks inside numbers are taken out.

    A joined match counts only when its checksum or its label speaks for it: two numbers on two
    lines are otherwise two numbers. Offsets are those of ``folded``. Who knows that nothing is
    ``broken`` over lines or ``spaced`` out says so.
    """
    found: list[Span] = []
    if broken and ("\n" in folded or "\r" in folded):
        cuts = [match.span(1) for match in _BREAK.finditer(folded)]
        found += _without(folded, cuts, "line-break", find)
    if not spaced:
        return found
    cuts = [
        (match.start() + blank.start(), match.start() + blank.end())
        for match in _SPACED.finditer(folded)
        for blank in _BLANK.finditer(match.group())
    ]
    found += _without(folded, cuts, "spaced", find)
    if _APART.search(folded):
        more = {*cuts, *(match.span(1) for match in _BETWEEN.finditer(folded))}
        found += _without(folded, sorted(more), "spaced", find, labels=True)
    return found


def _without(
    folded: str,
    cuts: list[tuple[int, int]],
    code: str,
    find: Callable[[str], list[Span]],
    *,
    labels: bool = False,
) -> list[Span]:
    """Return what is found without the cuts: with one inside, or (``labels``) in its label."""
    if not cuts:
        return []
    pieces: list[str] = []
    origin: list[int] = []
    joins: list[int] = []
    position = 0
    for start, end in cuts:
        pieces.append(folded[position:start])
        origin.extend(range(position, start))
        joins.append(len(origin))
        position = end
    pieces.append(folded[position:])
    origin.extend(range(position, len(folded)))
    return [
        replace(
            span,
            start=origin[span.start],
            end=origin[span.end - 1] + 1,
            evidence=(*span.evidence, code),
        )
        for span in find("".join(pieces))
        if (_supported(span) and (labels or _holds(span, joins)))
        or (labels and span.type == "ADDRESS_FULL" and _holds(span, joins))
    ]


def _holds(span: Span, joins: list[int]) -> bool:
    return any(span.start < join < span.end for join in joins)


def _supported(span: Span) -> bool:
    return any(code == "checksum" or code.startswith("context:") for code in span.evidence)
