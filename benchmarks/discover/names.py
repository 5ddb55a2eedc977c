"""How well names of people are found, precisely and for redaction, and how fast."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from anping.core.measure import find
from anping.core.span import Span
from anping.judge.detection import score_spans
from anping.know.discover.fold import fold
from anping.know.discover.names import find_names, find_names_in
from anping.know.discover.text import find_spans
from anping.recipes.sample.held_out import held_out_notes
from benchmarks import report
from benchmarks.discover.second_corpus import second_corpus
from benchmarks.discovery import HELD_OUT, documents, hidden, overlaps

_KIND = "PERSON_NAME"
_SECOND = 1500
_REPEATS, _FEW, _CHUNK = 3, 600, 1_000_000
_SURE, _WIDE = 0.5, 0.15
_TITLE = "Names of people: what is found, and how fast"
_HOW = (
    "How to read it: same place and type counts as found, to the character. The recogniser was "
    "trained on made sentences and public statistics only (`training/names`). Held-out notes: "
    "**out of sample**; their names come from the public statistics that it knows too. Second corpus: "
    "the half that rules may be tuned on, so **in-sample** for the word lists. Labelled documents: "
    "development data. In high-recall mode the share that some finding covers whole."
)
Row = tuple[str, Sequence[str], Sequence[Sequence[Span]], Sequence[Sequence[Span]]]


def main() -> None:
    """Measure and publish."""
    folder = report.shared("peers", "pii")
    laws = report.shared("data", "laws", "laws_zh.jsonl.gz")
    blocks = [report.machine(), _HOW, _quality(folder)]
    if laws is not None:
        blocks.append(_statutes(laws))
    if folder is not None:
        blocks.append(_speed([document.text for document in documents(folder)]))
    report.publish("discover-names", _TITLE, *blocks)


def _quality(folder: Path | None) -> str:
    rows = [_row(*sample) for sample in _samples(folder)]
    header = ("texts", "n texts", "n names", "recall", "precision", "hidden in high-recall mode")
    return report.table(header, rows)


def _samples(folder: Path | None) -> Iterable[Row]:
    notes = held_out_notes(HELD_OUT)
    yield (
        "held-out notes",
        [note.text for note in notes],
        [[Span(m.start, m.end, m.type) for m in note.marks if not m.partial] for note in notes],
        [[Span(m.start, m.end, m.type) for m in note.marks if m.partial] for note in notes],
    )
    second = list(second_corpus("tune", _SECOND))
    for language in ("zh", "en", "mixed"):
        chosen = [text for text in second if text.language == language]
        yield (
            f"second corpus, {language}",
            [text.text for text in chosen],
            [text.true for text in chosen],
            [text.ignored for text in chosen],
        )
    peers = [] if folder is None else documents(folder)
    for language in ("zh", "en") if peers else ():
        here = [document for document in peers if document.language == language]
        yield (
            f"labelled documents, {language}",
            [document.text for document in here],
            [document.true for document in here],
            [document.ignored for document in here],
        )


def _row(
    title: str,
    texts: Sequence[str],
    true: Sequence[Sequence[Span]],
    ignored: Sequence[Sequence[Span]],
) -> tuple[object, ...]:
    wanted = [tuple(span for span in spans if span.type == _KIND) for spans in true]
    found = [
        tuple(s for s in find_spans(text) if s.type == _KIND and not overlaps(s, aside))
        for text, aside in zip(texts, ignored, strict=True)
    ]
    scores = score_spans(wanted, found, rule="strict")
    wide = [find_spans(text, recall=True) for text in texts]
    return (
        title,
        f"{len(texts):,}",
        f"{sum(map(len, wanted)):,}",
        report.measured(find(scores, "detection.strict.recall", _KIND)),
        report.measured(find(scores, "detection.strict.precision", _KIND)),
        hidden(wanted, wide),
    )


def _statutes(file: Path) -> str:
    """Return how often a name is found in the statutes that training did not count."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        texts = [fold(json.loads(line)["text"]) for line in islice(lines, 0, None, 2)]
    size = _size(texts)
    counts = [
        sum(span.score >= least for text in texts for span in find_names(text, recall=recall))
        for recall, least in ((False, _SURE), (True, _WIDE))
    ]
    return (
        f"In {size:.1f} MB of statutes (every second one, of which training counted nothing), which "
        f"name hardly anybody, {counts[0] / size:.1f} names per MB are found, and "
        f"{counts[1] / size:.0f} in high-recall mode: nearly all of them false."
    )


def _speed(texts: list[str]) -> str:
    folded = [fold(text) for text in texts]
    rows = []
    parts, few = _chunks(folded), folded[:_FEW]
    for title, recall in (("precise", False), ("high recall", True)):
        many = _best(partial(_each, find_names_in, parts, recall=recall))
        one = _best(partial(_each, find_names, few, recall=recall))
        rows.append((title, f"{_size(folded) / many:.1f}", f"{_size(few) / one:.1f}"))
    return (
        f"### Speed on the labelled documents, {_size(folded):.1f} MB, names alone\n\n"
        "MB of UTF-8 per CPU second of one process and one thread, the best of three.\n\n"
        + report.table(("mode", "many at once, MB/s", "one by one, MB/s"), rows)
    )


def _each(find: Callable[..., object], texts: Sequence[str], *, recall: bool) -> None:
    for text in texts:
        find(text, recall=recall)


def _chunks(texts: list[str]) -> list[str]:
    """Return the texts joined as the scanner joins them, a million characters at a time."""
    joined: list[str] = []
    part: list[str] = []
    size = 0
    for text in texts:
        part.append(text)
        size += len(text)
        if size >= _CHUNK:
            joined.append("\0".join(part))
            part, size = [], 0
    return [*joined, "\0".join(part)]


def _best(call: Callable[[], object]) -> float:
    return min(report.timed(call)[1].cpu for _ in range(_REPEATS))


def _size(texts: Iterable[str]) -> float:
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6


if __name__ == "__main__":
    main()
