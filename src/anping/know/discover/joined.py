"""Identifiers with a line break or blanks inside: found in the text with those taken out.

So are labels: where character recognition set every character apart (``身 分 證 字 號``), a value behind
them has a label only when the blanks are gone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace

from anping.core.span import Span
from anping.know.discover.wrapped import WRAPPED

#: A line break between two ASCII letters, digits or number separators.
_BREAK = re.compile(r"[0-9A-Za-z-]([ \t]*(?:\r\n|\r|\n)[ \t]*)(?=[0-9-])")
#: Types whose form alone speaks for them over a line's end; but for addresses, which go on and on,
#: what is whole on one line goes before.
_FORMS = frozenset({"EMAIL", "URL", "MAC_ADDRESS", "CRYPTO_ADDRESS", "DATE", "ADDRESS_FULL"})
_ENDING, _BROKEN = _FORMS - {"ADDRESS_FULL"}, 0.9
#: A telephone number with marks (+886-912..., (02)...), as a type of its own.
_NUMBER_MARKED, _MARKS = "PHONE/marked", frozenset("-+(")
#: Types that need neither label nor checksum where every character stands apart.
_SET_APART = frozenset({"ADDRESS_FULL", "PERSON_NAME", "ORGANISATION"})
#: Letters and digits one by one or in pairs with a blank between, as character recognition writes
#: them: at least four pieces, so that ordinary words and numbers stay what they are. A short word
#: before them is none of them.
_SPACED = re.compile(
    r"(?<![0-9A-Za-z])(?!(?:[a-z]{2}|ID|Id|No|NO) )[0-9A-Za-z(+]{1,2}"
    r"(?: [0-9A-Za-z(@.:/)+-]{1,2}){3,40}(?![0-9A-Za-z])"
)
#: Chinese characters one by one: six of them show it, then every such blank of the text is one.
_APART = re.compile("[\u3400-\u9fff](?: [\u3400-\u9fff]){5}")
_BETWEEN = re.compile("(?<=[\u3400-\u9fff])( )(?=[\u3400-\u9fff])")
_BLANK = re.compile("( )")


def find_joined(
    folded: str,
    find: Callable[[str], list[Span]],
    names: Callable[[str], list[Span]],
    *,
    broken: bool = True,
    wrapped: bool = True,
    spaced: bool = True,
) -> list[Span]:
    """Return the spans that ``find`` sees only when breaks inside numbers are taken out.

    A joined match counts only when its checksum or its label speaks for it: two numbers on two
    lines are otherwise two numbers. Offsets are those of ``folded``. Who knows that nothing is
    ``broken`` or ``wrapped`` over lines or ``spaced`` out says so. ``names`` finds names and firms; it
    is asked only where every character stands apart.
    """
    found: list[Span] = []
    lines = "\n" in folded or "\r" in folded
    if broken and lines:
        cuts = [match.span(1) for match in _BREAK.finditer(folded)]
        found += _without(folded, cuts, "line-break", find)
    if wrapped and lines:
        cuts = [match.span(1) for match in WRAPPED.finditer(folded)]
        found += _without(folded, cuts, "wrapped", find)
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
        found += _without(
            folded, sorted(more), "spaced", lambda text: find(text) + names(text), labels=True
        )
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
    # Where pieces begin without the cuts, and how far from there they stood.
    joins: list[int] = []
    moved = [0]
    position = length = 0
    for start, end in cuts:
        pieces.append(folded[position:start])
        length += start - position
        joins.append(length)
        moved.append(end - length)
        position = end
    pieces.append(folded[position:])
    found: list[Span] = []
    joined = "".join(pieces)
    for span in find(joined):
        kind = "" if not _holds(span, joins) else _marked(span, joined)
        if _counts(span, code, kind=kind, labels=labels):
            found.append(
                replace(
                    span,
                    start=span.start + moved[bisect_right(joins, span.start)],
                    end=span.end + moved[bisect_right(joins, span.end - 1)],
                    score=round(span.score * _BROKEN, 4)
                    if code == "wrapped" and span.type in _ENDING
                    else span.score,
                    evidence=(*span.evidence, code),
                )
            )
    return found


def _counts(span: Span, code: str, *, kind: str, labels: bool) -> bool:
    """Return whether a joined match counts: by checksum or label, or by its form.

    ``kind`` is the type of a match with a break inside, and empty for others.
    """
    if _supported(span):
        return labels or bool(kind)
    if kind == _NUMBER_MARKED:
        return True
    return (code == "wrapped" and kind in _FORMS) or (labels and kind in _SET_APART)


def _marked(span: Span, joined: str) -> str:
    """Return a match's type; a telephone number is told from digits in a row by its marks."""
    if span.type != "PHONE" or _MARKS.isdisjoint(joined[span.start : span.end]):
        return span.type
    return _NUMBER_MARKED


def _holds(span: Span, joins: list[int]) -> bool:
    number = bisect_right(joins, span.start)
    return number < len(joins) and joins[number] < span.end


def _supported(span: Span) -> bool:
    return any(code == "checksum" or code.startswith("context:") for code in span.evidence)
