"""How much of what identifies people is found: labelled documents, tables, samples, statutes."""

from __future__ import annotations

import csv
import gzip
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from anping.core.columns import ColumnFinding, Role
from anping.core.measure import Measure, find
from anping.core.span import Span
from anping.engine.table import Table
from anping.judge.detection import score_columns, score_spans
from anping.know.discover.columns import find_columns
from anping.know.discover.text import find_spans
from anping.recipes.sample.held_out import held_out_notes
from anping.recipes.samples import PIPELINE, write_sample
from anping.stats.intervals import wilson
from anping.steps.catalogue import step
from anping.steps.compose.detecting import NOTHING
from anping.workspace.pipeline import Loaded, read_pipeline, run_pipeline
from anping.workspace.workspace import Workspace
from benchmarks import report

HELD_OUT = 3000
PEOPLE = 2000
#: Found by us, not marked in the peers' answer key: counts neither way.
UNMARKED = {"ORGANISATION", "DATE"}
#: The peers' words for our types.
THEIRS = {
    "PERSON": "PERSON_NAME",
    "ADDRESS": "ADDRESS_FULL",
    "TW_ID": "TW_NATIONAL_ID",
    "TW_ARC": "TW_RESIDENT_ID",
    "TW_NHI": "TW_NHI_CARD",
    "TW_CDC": "TW_CITIZEN_CERTIFICATE",
    "TW_UBN": "TW_BUSINESS_ID",
    "TW_PLATE": "VEHICLE_PLATE",
    "TW_CARRIER": "EINVOICE_CARRIER",
    "MRN": "MEDICAL_RECORD_NO",
    "BANK_ACCT": "BANK_ACCOUNT",
    "IBAN": "BANK_ACCOUNT",
    "IP": "IP_ADDRESS",
    "MAC": "MAC_ADDRESS",
    "DOB": "DATE_OF_BIRTH",
    "CITY": "ADDRESS_PART",
    "ZIP": "ADDRESS_PART",
    "SALARY": "INCOME",
    "MARITAL": "MARITAL_STATUS",
    "BLOOD": "BLOOD_TYPE",
    "CRIMINAL": "CRIMINAL_RECORD",
}
#: Our types for columns in which the peers see nothing personal.
PLAIN = (*NOTHING, "RECORD_ID", "ORGANISATION")


@dataclass(frozen=True)
class Document:
    """A text, its language, its true spans, and places that count neither way."""

    text: str
    language: str
    true: tuple[Span, ...]
    ignored: tuple[Span, ...]


def documents(folder: Path) -> list[Document]:
    """Read the peers' labelled documents."""
    marks: defaultdict[int, list[Span]] = defaultdict(list)
    with gzip.open(folder / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        for mark in map(json.loads, lines):
            kind = THEIRS.get(mark["type"], mark["type"])
            marks[mark["id"]].append(Span(mark["start"], mark["end"], kind))
    with gzip.open(folder / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [
            Document(
                doc["text"],
                doc["lang"],
                tuple(span for span in marks[doc["id"]] if span.type != "IGNORE"),
                tuple(span for span in marks[doc["id"]] if span.type == "IGNORE"),
            )
            for doc in map(json.loads, lines)
        ]


def overlaps(span: Span, others: Iterable[Span]) -> bool:
    """Return whether a span touches one of the others."""
    return any(span.start < other.end and other.start < span.end for other in others)


def countable(found: Sequence[Span], ignored: Sequence[Span]) -> tuple[Span, ...]:
    """Return the found spans that the answer key can judge."""
    return tuple(s for s in found if s.type not in UNMARKED and not overlaps(s, ignored))


def spans_table(truth: list[tuple[Span, ...]], found: list[tuple[Span, ...]]) -> str:
    """Return recall and precision by type, all types last."""
    loose = score_spans(truth, found)
    strict = score_spans(truth, found, rule="strict")
    kinds = sorted({m.subject for m in loose} - {"all"})

    def line(kind: str) -> tuple[object, ...]:
        recall = find(loose, "detection.recall", kind)
        precision = find(loose, "detection.precision", kind)
        return (
            kind,
            _n(recall),
            report.measured(recall),
            report.measured(find(strict, "detection.strict.recall", kind)),
            _n(precision),
            report.measured(precision),
        )

    header = ("type", "n true", "recall", "recall, exact place", "n found", "precision")
    return report.table(header, map(line, (*kinds, "all")))


def _n(measure: Measure | None) -> str:
    return "0" if measure is None else report.number(measure.n)


def overall(truth: list[tuple[Span, ...]], found: list[tuple[Span, ...]]) -> tuple[str, str]:
    """Return recall and precision over all types."""
    scores = score_spans(truth, found)
    return tuple(  # type: ignore[return-value]
        report.measured(find(scores, f"detection.{name}", "all"))
        for name in ("recall", "precision")
    )


def hidden(truth: list[tuple[Span, ...]], found: list[tuple[Span, ...]]) -> str:
    """Return the share of true spans that some found span of any type covers whole."""
    pairs = zip(truth, found, strict=True)
    hits = sum(
        any(f.start <= t.start and t.end <= f.end for f in got) for true, got in pairs for t in true
    )
    n = sum(map(len, truth))
    return f"{report.number(hits / n)} {report.interval(wilson(hits, n))}, n = {n:,}"


def document_blocks(folder: Path) -> tuple[str, ...]:
    """Return the labelled documents' section: by type, by language, for redaction, and speed."""
    docs = documents(folder)
    size = sum(len(doc.text.encode()) for doc in docs) / 1e6
    raw, took = report.timed(lambda: [find_spans(doc.text) for doc in docs])
    wide, took_wide = report.timed(lambda: [find_spans(doc.text, recall=True) for doc in docs])
    truth = [doc.true for doc in docs]
    found = [countable(got, doc.ignored) for got, doc in zip(raw, docs, strict=True)]
    rows = []
    for language in ("zh", "en"):
        here = [at for at, doc in enumerate(docs) if doc.language == language]
        true, got = [truth[at] for at in here], [found[at] for at in here]
        rows.append((language, len(here), sum(map(len, true)), *overall(true, got)))
    return (
        f"### Labelled documents (development data), n = {len(docs):,}",
        (
            "How to read it: **in-sample**: the rules were written with this synthetic corpus at hand, "
            "so this shows that they do what they are meant to, not how they do on other texts; recall "
            "is the share of the true that was found (same type, overlapping by half), precision the "
            "share of the found that is true."
        ),
        spans_table(truth, found),
        report.table(("language", "documents", "n true", "recall", "precision"), rows),
        (
            f"In high-recall mode, which redaction uses, {hidden(truth, list(wide))} of the true spans "
            "are covered whole by some found span. Speed on one core: "
            f"{size / took.cpu:.2f} MB/s of UTF-8, {size / took_wide.cpu:.2f} MB/s in high-recall mode "
            f"({size:.2f} MB)."
        ),
    )


def column_blocks(folder: Path) -> tuple[str, ...]:
    """Return how many columns of the peers' tables get their true type."""
    gold: dict[str, dict[str, str]] = json.loads((folder / "gold.json").read_text("utf-8"))
    per_header: defaultdict[str, dict[str, str]] = defaultdict(dict)
    findings = defaultdict(list)
    wrong = []
    for name, columns in gold.items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            lines = list(csv.DictReader(stream))
        cells = {column: [line[column] for line in lines] for column in columns}
        for finding in find_columns(Table.of(pa.table(cells))):
            kind = "NONE" if finding.semantic_type in PLAIN else finding.semantic_type
            true = THEIRS.get(columns[finding.column], columns[finding.column])
            headers = name.rpartition("_")[2]
            for group in (headers, "all"):
                key = f"{name}.{finding.column}"
                per_header[group][key] = true
                findings[group].append(_typed(key, kind))
            if kind != true:
                wrong.append(f"{true} → {kind}")
    rows = [
        (
            {"zh": "Chinese", "en": "English", "none": "meaningless"}.get(group, "all"),
            *(report.measured(m) for m in score_columns(per_header[group], findings[group],
                                                        nothing=("NONE",))),
            len(per_header[group]),
        )
        for group in ("zh", "en", "none", "all")
    ]  # fmt: skip
    return (
        f"### Columns of {len(gold)} labelled tables (development data)",
        (
            "How to read it: **in-sample**; accuracy over all columns, recall and precision over the "
            "columns that say something about a person, by what their headers are written in."
        ),
        report.table(("headers", "accuracy", "recall", "precision", "n columns"), rows),
        f"Wrong: {'; '.join(sorted(wrong)) or 'none'}.",
    )


def _typed(column: str, kind: str) -> ColumnFinding:
    return ColumnFinding(column, kind, Role.NONE, 1.0, 1.0, 1)


def held_out_blocks() -> tuple[str, ...]:
    """Return recall and precision on notes whose wording the rules were not made for."""
    notes = held_out_notes(HELD_OUT)
    truth = [
        tuple(Span(m.start, m.end, m.type) for m in note.marks if not m.partial) for note in notes
    ]
    partial = [
        tuple(Span(m.start, m.end, m.type) for m in note.marks if m.partial) for note in notes
    ]

    def found(find: Callable[[str], tuple[Span, ...]]) -> list[tuple[Span, ...]]:
        return [
            tuple(s for s in find(n.text) if s.type != "ORGANISATION" and not overlaps(s, part))
            for n, part in zip(notes, partial, strict=True)
        ]

    wide = [find_spans(note.text, recall=True) for note in notes]
    got = found(find_spans)
    return (
        f"### Held-out notes, n = {len(notes):,}",
        (
            "How to read it: **out of sample in wording** (templates that neither sample uses and that "
            "no rule may be tuned on); names, addresses and numbers come from the same generator as the "
            "samples, its names from the public statistics that the detector knows too, and 28 "
            "templates are few, so the intervals, which treat spans as independent, are too narrow; "
            "organisations are not marked, so they do not count."
        ),
        spans_table(truth, got),
        (
            f"In high-recall mode, which redaction uses, {hidden(truth, wide)} of the true spans are "
            f"covered whole; of the names {hidden(_only('PERSON_NAME', truth), wide)}."
        ),
    )


def _only(kind: str, truth: list[tuple[Span, ...]]) -> list[tuple[Span, ...]]:
    return [tuple(span for span in spans if span.type == kind) for spans in truth]


def sample_blocks() -> tuple[str, ...]:
    """Return what the detection step says on both samples."""
    rows = []
    for kind in ("bank", "hospital"):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            write_sample(kind, place / "sample", people=PEOPLE)
            loaded = read_pipeline(place / "sample" / PIPELINE)
            entries = loaded.pipeline.steps
            last = next(n for n, e in enumerate(entries) if e.step == "judge.detection")
            cut = loaded.pipeline.model_copy(update={"steps": entries[: last + 1]})
            workspace = Workspace.create(place / "workspace")
            *_, done = run_pipeline(workspace, Loaded(cut, loaded.folder), step=step)
            measures = done.outcome.measures
        names = ("detection.recall", "detection.precision", "redaction.recall")
        kinds = dict.fromkeys(m.subject for m in measures if m.name == names[0])
        for subject in ("all", *sorted(kinds.keys() - {"all"})):
            recall, precision, covered = (find(measures, name, subject) for name in names)
            rows.append((
                f"{kind}: {subject}", _n(recall), report.measured(recall), _n(precision),
                report.measured(precision), _n(covered), report.measured(covered),
            ))  # fmt: skip
    header = (
        "sample: type", "n true", "recall", "n found", "precision", "n in free text",
        "covered by redaction",
    )  # fmt: skip
    return (
        f"### Both samples, {PEOPLE:,} people each",
        (
            "How to read it: **in-sample**: cell by cell over the whole table, as `anping detection` "
            "says it; whole columns of identifiers make the numbers high, free text is the hard part."
        ),
        report.table(header, rows),
    )


def statute_blocks(file: Path) -> tuple[str, ...]:
    """Return how often something is found in statutes, which name hardly anyone."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    size = sum(len(text.encode()) for text in texts) / 1e6
    found, took = report.timed(lambda: [find_spans(text) for text in texts])
    counts: defaultdict[str, int] = defaultdict(int)
    for span in (span for spans in found for span in spans):
        counts[span.type] += 1
    rows = sorted(counts.items(), key=lambda pair: -pair[1])
    return (
        f"### Statutes of Taiwan: {len(texts):,} texts, {size:.1f} MB",
        (
            "How to read it: **out of sample, real text that nobody here wrote**: acts and regulations "
            "name hardly anyone, so nearly all of these but dates and authorities are false finds; "
            f"read at {size / took.cpu:.2f} MB/s."
        ),
        report.table(
            ("type found", "spans", "per MB"), ((k, f"{n:,}", f"{n / size:.2f}") for k, n in rows)
        ),
    )


def main() -> None:
    blocks: list[str] = [report.machine()]
    peers, laws = report.shared("peers", "pii"), report.shared("data", "laws", "laws_zh.jsonl.gz")
    parts = (
        held_out_blocks,
        None if laws is None else partial(statute_blocks, laws),
        None if peers is None else partial(document_blocks, peers),
        None if peers is None else partial(column_blocks, peers / "tables"),
        sample_blocks,
    )
    for part in parts:
        blocks += (
            ("A labelled or public corpus was not there: left out.",) if part is None else part()
        )
    report.publish("discovery", "Discovery: what is found, and what is found wrongly", *blocks)


if __name__ == "__main__":
    main()
