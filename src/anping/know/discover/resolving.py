"""Of findings that overlap, the surer stay, then the longer, then the earlier."""

from __future__ import annotations

from dataclasses import replace

from anping.core.span import Span

#: Pieces of names less sure than this are let go.
SURE = 0.5


def resolve(spans: list[Span], *, keep_rest: bool = False) -> tuple[Span, ...]:
    """Return the spans that do not overlap: the surer first, then the longer, then the earlier.

    With ``keep_rest`` what a losing span covers alone stays, as pieces, so that redaction leaves
    nothing open that any rule would have hidden; pieces of unlikely names are let go.
    """
    if len(spans) < 2:
        return tuple(spans)
    taken: list[Span] = []
    occupied: set[int] = set()
    for span in sorted(spans, key=_rank):
        places = range(span.start, span.end)
        if occupied.isdisjoint(places):
            taken.append(span)
        elif keep_rest and (span.type != "PERSON_NAME" or span.score >= SURE):
            taken += _pieces(span, occupied)
        else:
            continue
        occupied.update(places)
    return tuple(sorted(taken))


def _rank(span: Span) -> tuple[float, int, int, str, tuple[str, ...]]:
    return (-span.score, span.start - span.end, span.start, span.type, span.evidence)


def _pieces(span: Span, occupied: set[int]) -> list[Span]:
    """Return the parts of a span that are not occupied."""
    pieces: list[Span] = []
    start: int | None = None
    for place in range(span.start, span.end + 1):
        free = place < span.end and place not in occupied
        if free and start is None:
            start = place
        elif not free and start is not None:
            pieces.append(replace(span, start=start, end=place, evidence=(*span.evidence, "rest")))
            start = None
    return pieces
