"""Identifiers broken over two lines: found in the text with such line breaks taken out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from anping.core.span import Span

#: A line break between two ASCII letters, digits or number separators.
_BREAK = re.compile(r"([0-9A-Za-z-])([ \t]*(?:\r\n|\r|\n)[ \t]*)([0-9-])")


def find_wrapped(folded: str, find: Callable[[str], list[Span]]) -> list[Span]:
    """Return the spans that ``find`` sees only when line breaks inside numbers are taken out.

    A joined match counts only when its checksum or its label speaks for it: two numbers on two
    lines are otherwise two numbers. Offsets are those of ``folded``.
    """
    if "\n" not in folded and "\r" not in folded:
        return []
    origin: list[int] = []
    joins: list[int] = []
    position = 0
    while (match := _BREAK.search(folded, position)) is not None:
        origin.extend(range(position, match.start(2)))
        joins.append(len(origin))
        position = match.end(2)
    if not joins:
        return []
    origin.extend(range(position, len(folded)))
    return [
        replace(
            span,
            start=origin[span.start],
            end=origin[span.end - 1] + 1,
            evidence=(*span.evidence, "line-break"),
        )
        for span in find("".join(folded[place] for place in origin))
        if any(span.start < join < span.end for join in joins) and _supported(span)
    ]


def _supported(span: Span) -> bool:
    return any(code == "checksum" or code.startswith("context:") for code in span.evidence)
