"""Identifiers with a line break or blanks inside: found in the text with those taken out.

So are labels: where character recognition set every character apart (``身 分 證 字 號``), a value behind
them has a label only when the blanks are gone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from anping.core.span import Span
from anping.know.discover.wrapped import wrapped_at

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
_PIECES = 3


@dataclass(frozen=True, slots=True)
class Made:
    """A text without some of its breaks and blanks, and how its places go back to the text's.

    ``joins`` are where pieces meet, ``moved`` how far each piece stood from where it is now. With
    ``labels`` a match counts without a join inside: its label may have had one. ``code`` says in the
    evidence what was taken out.
    """

    text: str
    joins: list[int]
    moved: list[int]
    code: str
    labels: bool = False

    @classmethod
    def of(
        cls, folded: str, cuts: list[tuple[int, int]], code: str, *, labels: bool = False
    ) -> Made:
        """Return the text without the cuts (start, end), which are in order."""
        pieces: list[str] = []
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
        return cls("".join(pieces), joins, moved, code, labels)

    def counted(self, spans: Iterable[Span]) -> list[Span]:
        """Return those matches in this text that count, at their places in the text it is made of."""
        joins, moved = self.joins, self.moved
        found: list[Span] = []
        for span in spans:
            kind = "" if not _holds(span, joins) else _marked(span, self.text)
            if _counts(span, self.code, kind=kind, labels=self.labels):
                ending = self.code == "wrapped" and span.type in _ENDING
                found.append(
                    replace(
                        span,
                        start=span.start + moved[bisect_right(joins, span.start)],
                        end=span.end + moved[bisect_right(joins, span.end - 1)],
                        score=round(span.score * _BROKEN, 4) if ending else span.score,
                        evidence=(*span.evidence, self.code),
                    )
                )
        return found


def find_joined(
    folded: str, find: Callable[[str], list[Span]], names: Callable[[str], list[Span]]
) -> list[Span]:
    """Return the spans that ``find`` sees only when breaks inside numbers are taken out.

    A joined match counts only when its checksum or its label speaks for it: two numbers on two
    lines are otherwise two numbers. Offsets are those of ``folded``. ``names`` finds names and firms; it
    is asked only where every character stands apart.
    """
    found: list[Span] = []
    for one in made(folded):
        found += one.counted(find(one.text) + (names(one.text) if one.labels else []))
    return found


def made(
    folded: str,
    *,
    broken: bool = True,
    wrapped: Sequence[int] | None = None,
    spaced: bool = True,
) -> list[Made]:
    """Return what a text is without its breaks and blanks; nothing for most texts.

    Who knows that nothing is ``broken`` over lines or ``spaced`` out says so, and where alone lines
    may be ``wrapped`` (see :func:`wrapped.wrapped_lines`).
    """
    texts: list[Made] = []
    lines = (broken or wrapped is None or len(wrapped) > 0) and ("\n" in folded or "\r" in folded)
    if broken and lines:
        cuts = [match.span(1) for match in _BREAK.finditer(folded)]
        texts += [Made.of(folded, cuts, "line-break")] if cuts else []
    if lines:
        cuts = list(wrapped_at(folded, wrapped))
        texts += [Made.of(folded, cuts, "wrapped")] if cuts else []
    # Four pieces need three blanks.
    if not spaced or folded.count(" ") < _PIECES:
        return texts
    cuts = [
        (match.start() + blank.start(), match.start() + blank.end())
        for match in _SPACED.finditer(folded)
        for blank in _BLANK.finditer(match.group())
    ]
    texts += [Made.of(folded, cuts, "spaced")] if cuts else []
    if _APART.search(folded):
        more = {*cuts, *(match.span(1) for match in _BETWEEN.finditer(folded))}
        texts.append(Made.of(folded, sorted(more), "spaced", labels=True))
    return texts


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
