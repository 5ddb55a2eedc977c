"""How well texts are scanned, on both labelled corpora; also writes the figures that reports show."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import anping.know.discover.measured as packaged
from anping.core.columns import Role
from anping.core.files import write
from anping.core.measure import Interval
from anping.core.ratings import Corpus
from anping.core.span import Span
from anping.core.text import Text
from anping.judge.detection import matched
from anping.know.discover.batch import find_in
from anping.know.discover.taxonomy import taxonomy
from anping.know.discover.text import Scanner
from anping.stats.intervals import wilson
from benchmarks import report
from benchmarks.discover.second_corpus import Half, second_corpus
from benchmarks.discovery import UNMARKED, documents, overlaps

DOCUMENTS = 6000
FILE = Path(packaged.__file__).parent / "data" / "measured.json"
CHECKSUM = ("CREDIT_CARD", "CRYPTO_ADDRESS", "TW_BUSINESS_ID", "TW_DRIVER_LICENSE",
            "TW_NATIONAL_ID", "TW_RESIDENT_ID")  # fmt: skip
NAMES = ("PERSON_NAME", "ORGANISATION")

#: By type, the short name of a figure, and how many of how many.
Counts = dict[str, dict[str, tuple[int, int]]]


@dataclass(frozen=True)
class Sample:
    """Texts, their true spans, places that count neither way, and what each text is."""

    corpus: Corpus
    texts: tuple[str, ...]
    true: tuple[tuple[Span, ...], ...]
    ignored: tuple[tuple[Span, ...], ...]
    kinds: tuple[tuple[str, ...], ...]
    unmarked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Scored:
    """A sample with what was found in it, and which of the true were found and covered."""

    sample: Sample
    found: tuple[tuple[Span, ...], ...]
    hits: tuple[frozenset[Span], ...]
    covered: tuple[frozenset[Span], ...]

    def counts(self, rows: Iterable[int]) -> Counts:
        """Return the counts of some texts by type."""
        counted: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for row in rows:
            hits = self.hits[row]
            for span in self.sample.true[row]:
                for short, good in (
                    ("recall", span in hits),
                    ("covered", span in self.covered[row]),
                ):
                    counted[span.type, short][0] += good
                    counted[span.type, short][1] += 1
            for span in self.found[row]:
                counted[span.type, "precision"][1] += 1
            for span in hits:
                counted[span.type, "precision"][0] += 1
        found: Counts = {}
        for (kind, short), (hit, n) in sorted(counted.items()):
            found.setdefault(kind, {})[short] = (hit, n)
        return found


def first_sample(folder: Path) -> Sample:
    """Return the first corpus: the rules were written with it at hand."""
    docs = documents(folder)
    title = Text("語料一（開發用）", "First corpus (development data)")
    return Sample(
        Corpus("first", title, len(docs), in_sample=True),
        tuple(doc.text for doc in docs),
        tuple(doc.true for doc in docs),
        tuple(doc.ignored for doc in docs),
        tuple((doc.language,) for doc in docs),
        frozenset(UNMARKED),
    )


def second_sample(half: Half) -> Sample:
    """Return one half of the second corpus."""
    docs = second_corpus(half, DOCUMENTS)
    title = (
        Text("語料二（保留的一半）", "Second corpus, held-out half")
        if half == "held_out"
        else Text("語料二（調校用的一半）", "Second corpus, half for tuning")
    )
    return Sample(
        Corpus(f"second-{half.replace('_', '-')}", title, len(docs), in_sample=half == "tune"),
        tuple(doc.text for doc in docs),
        tuple(doc.true for doc in docs),
        tuple(doc.ignored for doc in docs),
        tuple((doc.language, doc.genre, doc.disturbance) for doc in docs),
    )


def scored(sample: Sample) -> Scored:
    """Return the sample with what both modes find in it."""
    precise, wide = (find_in(Scanner(recall=recall), sample.texts) for recall in (False, True))
    found, hits, covered = [], [], []
    for row, true in enumerate(sample.true):
        kept = tuple(
            span
            for span in precise.of(row)
            if span.type not in sample.unmarked and not overlaps(span, sample.ignored[row])
        )
        found.append(kept)
        hits.append(frozenset(matched(true, kept)))
        covered.append(frozenset(span for span in true if _covered(span, wide.of(row))))
    return Scored(sample, tuple(found), tuple(hits), tuple(covered))


def _covered(span: Span, found: Sequence[Span]) -> bool:
    """Return whether findings cover a span without a gap."""
    place = span.start
    for one in found:
        if one.start <= place < one.end:
            place = one.end
    return place >= span.end


def direct_types() -> frozenset[str]:
    """Return the types that name a person alone."""
    return frozenset(
        kind for kind, known in taxonomy().items() if known.role is Role.DIRECT_IDENTIFIER
    )


def block(result: Scored) -> tuple[str, ...]:
    """Return the section on one corpus."""
    sample, every = result.sample, range(len(result.sample.texts))
    counts = result.counts(every)
    about = (
        "**in-sample**: rules were written or mended with these documents at hand"
        if sample.corpus.in_sample
        else "**out of sample**: no rule was mended by these templates; values come from the same "
        "makers as those of the half for tuning, and both halves have one author"
    )
    return (
        f"### {sample.corpus.title.en}, n = {sample.corpus.documents:,} documents",
        (
            f"How to read it: {about}; covered is the share that high-recall mode, which redaction "
            "uses, hides whole."
        ),
        types_table(counts),
        groups_table(counts),
        kinds_table(result),
    )


def types_table(counts: Counts) -> str:
    """Return recall, precision and cover by type."""
    header = ("type", "n true", "recall", "n found", "precision", "covered")
    return report.table(header, (_line(kind, counts[kind]) for kind in sorted(counts)))


def _line(kind: str, counted: dict[str, tuple[int, int]]) -> tuple[str, ...]:
    recall, precision = counted.get("recall", (0, 0)), counted.get("precision", (0, 0))
    return (kind, f"{recall[1]:,}", _share(recall), f"{precision[1]:,}", _share(precision),
            _share(counted.get("covered", (0, 0))))  # fmt: skip


def _share(counted: tuple[int, int]) -> str:
    hits, n = counted
    if not n:
        return "–"
    return f"{report.number(hits / n)} {report.interval(_wilson(hits, n))}"


def _wilson(hits: int, n: int) -> Interval:
    return wilson(hits, n)


def groups_table(counts: Counts) -> str:
    """Return micro-averages over groups of types."""
    direct = direct_types()
    groups: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("types with a checksum", lambda kind: kind in CHECKSUM),
        ("all but names and organisations", lambda kind: kind not in NAMES),
        ("names of people", lambda kind: kind == "PERSON_NAME"),
        ("direct identifiers", lambda kind: kind in direct),
        ("direct identifiers but names", lambda kind: kind in direct and kind not in NAMES),
        ("all", lambda _: True),
    )
    return report.table(
        ("group", "n true", "recall", "n found", "precision", "covered", "micro F1"),
        ((*_line(name, summed(counts, holds)), micro_f1(counts, holds)) for name, holds in groups),
    )


def summed(counts: Counts, holds: Callable[[str], bool]) -> dict[str, tuple[int, int]]:
    """Return the counts of some types together."""
    found = {}
    for short in ("recall", "precision", "covered"):
        pairs = [one.get(short, (0, 0)) for kind, one in counts.items() if holds(kind)]
        found[short] = (sum(hits for hits, _ in pairs), sum(n for _, n in pairs))
    return found


def micro_f1(counts: Counts, holds: Callable[[str], bool]) -> str:
    """Return the harmonic mean of recall and precision over all mentions of some types."""
    together = summed(counts, holds)
    hits, true = together["recall"]
    n = true + together["precision"][1]
    return f"{2 * hits / n:.4f}" if n else "–"


def kinds_table(result: Scored) -> str:
    """Return recall and precision by language, genre and disturbance."""
    rows = []
    for kind in dict.fromkeys(kind for kinds in result.sample.kinds for kind in kinds):
        chosen = [row for row, kinds in enumerate(result.sample.kinds) if kind in kinds]
        counts = result.counts(chosen)
        rows.append((*_line(kind, summed(counts, lambda _: True)),
                     micro_f1(counts, lambda kind: kind not in NAMES)))  # fmt: skip
    header = ("kind of document", "n true", "recall", "n found", "precision", "covered",
              "F1 but names")  # fmt: skip
    return report.table(header, rows)


def packaged_figures(results: Sequence[Scored]) -> bytes:
    """Return the file of figures that ships with the package."""
    body = {
        "format": packaged.FORMAT,
        "written_by": "python -m benchmarks.discover.quality",
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "corpora": [result.sample.corpus.as_json() for result in results],
        "counts": {
            result.sample.corpus.id: result.counts(range(len(result.sample.texts)))
            for result in results
        },
    }
    return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()


def main() -> None:
    peers = report.shared("peers", "pii")
    if peers is None:
        raise SystemExit("The first corpus is not there: nothing was written.")
    results = [scored(first_sample(peers))]
    results += [scored(second_sample(half)) for half in ("tune", "held_out")]
    shipped = [one for one in results if one.sample.corpus.id != "second-tune"]
    blocks = [report.machine(), *(part for one in results for part in block(one))]
    report.publish("discover-quality", "Discovery in texts: two labelled corpora", *blocks)
    write(FILE, packaged_figures(shipped))


if __name__ == "__main__":
    main()
