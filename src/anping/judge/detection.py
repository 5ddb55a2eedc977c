"""How well identifiers are found: recall and precision against a known truth.

Two rules for spans: *overlap* (same type, and the found span covers at least half of the longer of
the two: intersection over the longer length ≥ 0.5) and *strict* (same type, same start, same end).
A span is matched at most once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from anping.core.columns import ColumnFinding
from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.core.span import Span
from anping.core.text import Text
from anping.stats.intervals import wilson

Rule = Literal["overlap", "strict"]

ALL = "all"
_HALF = 0.5
_TITLES = {
    "recall": Text("召回率（找到的比例）", "Recall (share of the truth that was found)"),
    "precision": Text("精確率（找對的比例）", "Precision (share of the found that is true)"),
}


def score_spans(
    truth: Sequence[Sequence[Span]], found: Sequence[Sequence[Span]], *, rule: Rule = "overlap"
) -> tuple[Measure, ...]:
    """Return ``detection.recall`` and ``detection.precision`` per type and over all types.

    ``truth`` and ``found`` hold the spans of the same texts, in the same order. ``subject`` is the
    type, or ``all``; with ``rule="strict"`` the names are ``detection.strict.recall`` and
    ``.precision``. n is the number of true (found) spans; a type with n = 0 has no measure. Raises
    ParameterError (``detection.texts``) when the numbers of texts differ.
    """
    if len(truth) != len(found):
        raise ParameterError(
            "detection.texts",
            Text("答案與偵測結果的文件數不同。", "Truth and findings differ in number of texts."),
            hint=Text("請對同一批文件評分。", "Score the same texts."),
        )
    return score_pairs(zip(truth, found, strict=True), rule=rule)


def score_pairs(
    pairs: Iterable[tuple[Sequence[Span], Sequence[Span]]], *, rule: Rule = "overlap"
) -> tuple[Measure, ...]:
    """Return the same from the (true, found) spans of one text after another; none is kept."""
    true_counts: Counter[str] = Counter()
    found_counts: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for expected, got in pairs:
        true_counts.update(span.type for span in expected)
        found_counts.update(span.type for span in got)
        hits.update(span.type for span in matched(expected, got, rule=rule))
    prefix = "detection.strict" if rule == "strict" else "detection"
    return (
        *_rates(f"{prefix}.recall", hits, true_counts, rule),
        *_rates(f"{prefix}.precision", hits, found_counts, rule),
    )


def matched(
    truth: Iterable[Span], found: Iterable[Span], *, rule: Rule = "overlap"
) -> tuple[Span, ...]:
    """Return the true spans of one text that a found span of the same type matches.

    Pairs are made best overlap first, each span in one pair at most.
    """
    by_type: defaultdict[str, list[Span]] = defaultdict(list)
    for span in found:
        by_type[span.type].append(span)
    least = 1.0 if rule == "strict" else _HALF
    pairs = [
        (-share, at, other, span)
        for at, span in enumerate(truth)
        for other, candidate in enumerate(by_type[span.type])
        if (share := _overlap(span, candidate)) >= least
    ]
    taken: set[tuple[str, int]] = set()
    done: dict[int, Span] = {}
    for _, at, other, span in sorted(pairs, key=lambda pair: pair[:3]):
        if at not in done and (span.type, other) not in taken:
            done[at] = span
            taken.add((span.type, other))
    return tuple(done[at] for at in sorted(done))


def _overlap(one: Span, other: Span) -> float:
    shared = min(one.end, other.end) - max(one.start, other.start)
    longer = max(one.end - one.start, other.end - other.start)
    if not longer:
        return float(one.start == other.start)
    return max(0, shared) / longer


def score_columns(
    truth: Mapping[str, str], findings: Sequence[ColumnFinding], *, nothing: Iterable[str] = ()
) -> tuple[Measure, ...]:
    """Return how many columns were given their true semantic type.

    ``truth`` maps each column to its type; types in ``nothing`` say that the column identifies
    nobody. Gives ``detection.columns.accuracy`` (n: columns), and over the columns that do identify
    ``detection.columns.recall`` (n: true ones) and ``.precision`` (n: found ones), right type only.
    Columns that ``findings`` leaves out count as not found.
    """
    empty = frozenset(nothing)
    found = {finding.column: finding.semantic_type for finding in findings}
    right = [column for column, kind in truth.items() if found.get(column) == kind]
    telling = [column for column, kind in truth.items() if kind not in empty]
    claimed = [column for column in truth if column in found and found[column] not in empty]
    hits = sum(truth[column] not in empty for column in right)
    rows = (
        ("accuracy", len(right), len(truth), Text("欄位類型正確的比例", "Columns typed right")),
        ("recall", hits, len(telling), _TITLES["recall"]),
        ("precision", hits, len(claimed), _TITLES["precision"]),
    )
    return tuple(
        _rate(f"detection.columns.{name}", good, n, title) for name, good, n, title in rows if n
    )


def _rates(name: str, hits: Counter[str], counts: Counter[str], rule: Rule) -> Iterable[Measure]:
    title = _TITLES[name.rsplit(".", 1)[1]]
    method = "same type, overlap of at least half" if rule == "overlap" else "same type and place"
    for kind in sorted(counts):
        yield _rate(name, hits[kind], counts[kind], title, subject=kind, method=method)
    if counts:
        total = sum(counts.values())
        yield _rate(name, sum(hits.values()), total, title, subject=ALL, method=method)


def _rate(
    name: str, hits: int, n: int, title: Text, *, subject: str = "", method: str = "same type"
) -> Measure:
    return Measure(
        name=name,
        value=hits / n,
        unit="share",
        n=n,
        title=title,
        subject=subject,
        interval=wilson(hits, n),
        method=method,
    )
