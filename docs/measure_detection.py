"""Score the detector on notes whose wording it was not developed on: the guide's figures.

``python -m docs.measure_detection``. Surnames with a title count neither way. *Covered* is the
share of true spans whose every character the high-recall mode would hide; *hidden for nothing* is
the share of other characters that it hides as well.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from anping.core.measure import Measure
from anping.core.span import Span
from anping.judge.detection import score_spans
from anping.know.discover.text import find_spans
from anping.recipes.sample.cells import Cell
from anping.recipes.sample.held_out import held_out_notes
from anping.stats.intervals import wilson
from docs.pages.markdown import code, table

NOTES = 2000


def main() -> None:
    """Write both tables to standard output."""
    notes = held_out_notes(NOTES)
    truth = [_spans(note, partial=False) for note in notes]
    sys.stdout.write(f"{NOTES} notes, seed as shipped.\n\n")
    sys.stdout.write(_scan_table(notes, truth) + "\n" + _redaction_table(notes, truth))


def _spans(note: Cell, *, partial: bool) -> tuple[Span, ...]:
    return tuple(
        Span(mark.start, mark.end, mark.type) for mark in note.marks if mark.partial is partial
    )


def _scan_table(notes: Sequence[Cell], truth: Sequence[Sequence[Span]]) -> str:
    types = {span.type for spans in truth for span in spans}
    found = []
    for note in notes:
        aside = _spans(note, partial=True)
        got = [span for span in find_spans(note.text) if span.type in types]
        found.append([span for span in got if not any(_touch(span, other) for other in aside)])
    measures = {(m.name, m.subject): m for m in score_spans(truth, found)}
    subjects = sorted({subject for _, subject in measures}, key=lambda name: (name == "all", name))
    rows = [
        (code(subject), *(_shown(measures.get((f"detection.{of}", subject))) for of in ("recall", "precision")))
        for subject in subjects
    ]  # fmt: skip
    return table(("type", "recall", "precision"), rows)


def _touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _shown(measure: Measure | None) -> str:
    if measure is None or measure.interval is None:
        return ""
    return f"{_share(measure.value)} ({_share(measure.interval.low)} to {_share(measure.interval.high)}, n={measure.n:,})"


def _share(value: float) -> str:
    return f"{value:.3f}"


def _redaction_table(notes: Sequence[Cell], truth: Sequence[Sequence[Span]]) -> str:
    all_of, covered = Counter[str](), Counter[str]()
    beside = hidden = 0
    for note, spans in zip(notes, truth, strict=True):
        gone = _characters(find_spans(note.text, recall=True))
        true = _characters((*spans, *_spans(note, partial=True)))
        beside += len(note.text) - len(true)
        hidden += len(gone - true)
        for span in spans:
            for name in (span.type, "all"):
                all_of[name] += 1
                covered[name] += set(range(span.start, span.end)) <= gone
    rows = []
    for name in sorted(all_of, key=lambda each: (each == "all", each)):
        interval = wilson(covered[name], all_of[name])
        low, high = _share(interval.low), _share(interval.high)
        rows.append(
            (
                code(name),
                f"{_share(covered[name] / all_of[name])} ({low} to {high}, n={all_of[name]:,})",
            )
        )
    rows.append(
        ("other characters hidden for nothing", f"{_share(hidden / beside)} (n={beside:,})")
    )
    return table(("type", "covered by redaction"), rows)


def _characters(spans: Iterable[Span]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


if __name__ == "__main__":
    main()
