"""Folders of documents as corpora: taken in, looked through, and redacted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.digest import canonical_json, sha256
from anping.core.errors import ParameterError
from anping.core.labels import join
from anping.core.measure import Measure, without_small_counts
from anping.core.text import Text, counted
from anping.steps.compose.entities import detection_of, model_sources
from anping.workspace.step import Context, Inputs, Outcome, Port, Produced

if TYPE_CHECKING:
    from anping.engine.documents.corpus import CorpusReading
    from anping.engine.documents.document import Document

#: Notes on the screen name this many files; the report names all.
_NAMED = 10
_TABLES_ONLY = ("table", "query", "since", "contract", "quarantine", "sheet", "delimiter")
_REMEMBERED = frozenset({"earlier", "arrivals"})
_JSON = "application/json"
#: The page about a corpus that a scan gives; a table's scan gives none.
SCAN_PAGE = Port("page", "report", "{subject}.scan-page", optional=True)


def documents_taken_in(context: Context, given: Any) -> Outcome:
    """Read a folder of documents into a corpus; files that cannot be read are listed."""
    from anping.engine.documents.corpus import MEDIA_TYPE, read_corpus_folder
    from anping.engine.documents.document import Limits
    from anping.engine.source import kind_of
    from anping.steps.compose.reading import labels_of

    asked = [name for name in _TABLES_ONLY if getattr(given, name, None)]
    if asked or kind_of(str(given.path)) != "local":
        raise _for_tables_only(asked)
    path, report = context.path("corpus.parquet"), context.path("documents.json")
    reading = read_corpus_folder(
        Path(given.path),
        into=path,
        limits=Limits(file_bytes=given.max_megabytes << 20),
        progress=context.progress,
    )
    report.write_bytes(canonical_json(_report(reading)))
    labels = labels_of(given)
    outputs = (
        Produced("corpus", path, MEDIA_TYPE, labels, rows=reading.documents, confidential=True),
        Produced("documents", report, _JSON, labels, confidential=True),
    )
    said = [[one.name, one.code] for one in reading.refused]
    digest = sha256(canonical_json([reading.source_sha256, said]))
    return Outcome(
        outputs,
        _reading_measures(reading),
        notes=_reading_notes(reading),
        sources=((Path(given.path).name, digest),),
        unused=_REMEMBERED,
    )


def _for_tables_only(asked: list[str]) -> ParameterError:
    names = ", ".join(asked) or "path"
    return ParameterError(
        "parameter.documents",
        Text(
            f"文件集只從這台機器的檔案與資料夾收進；不適用：{names}。",
            f"Documents come from files and folders of this machine; not for documents: {names}.",
        ),
        hint=Text(
            "拿掉這些參數，或不加 --kind documents。", "Leave these out, or --kind documents."
        ),
    )


def _report(reading: CorpusReading) -> dict[str, Any]:
    return {
        "format": "anping.documents/1",
        "documents": reading.documents,
        "characters": reading.characters,
        "bytes": reading.bytes,
        "formats": dict(reading.formats),
        "encodings": dict(reading.encodings),
        "refused": [
            {
                "document": one.name,
                "code": one.code,
                "reason": one.reason.as_json(),
                "hint": one.hint.as_json(),
            }
            for one in reading.refused
        ],
        "notes": [{"document": name, "note": note.as_json()} for name, note in reading.notes],
    }


def _reading_measures(reading: CorpusReading) -> tuple[Measure, ...]:
    n = reading.documents + len(reading.refused)
    counts = (
        ("intake.documents.accepted", reading.documents, Text("收進的文件數", "Documents taken in")),
        ("intake.documents.refused", len(reading.refused), Text("拒收的檔案數", "Files refused")),
        ("intake.documents.partly", len({name for name, _ in reading.notes}),
         Text("有部分內容未讀的文件數", "Documents of which something was not read")),
    )  # fmt: skip
    return tuple(
        Measure(name, float(count), "documents", n, title, method="count")
        for name, count, title in counts
    )


def _reading_notes(reading: CorpusReading) -> tuple[Text, ...]:
    kinds = ", ".join(f"{name} {count:,}" for name, count in reading.formats.items())
    told = [
        Text(
            f"{reading.documents:,} 份文件（{kinds}），{reading.characters:,} 字，拒收 {len(reading.refused):,} 個檔案",
            f"{counted(reading.documents, 'document')} ({kinds}), "
            f"{counted(reading.characters, 'character')}, "
            f"{counted(len(reading.refused), 'file')} refused",
        )
    ]
    told += [
        Text(f"拒收 {one.name}：{one.reason.zh}", f"Refused {one.name}: {one.reason.en}")
        for one in reading.refused[:_NAMED]
    ]
    return tuple(told)


def documents_scanned(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Look through a corpus; the report and its page name documents and show masked examples."""
    from anping.engine.documents.corpus import read_corpus
    from anping.know.documents.scan import scan_documents
    from anping.share.documents_page import documents_page

    corpus, detection = inputs["table"], detection_of(given)
    found = scan_documents(
        read_corpus(corpus.path),
        find_spans=detection.scanner().find,
        types=detection.rules.known,
        rate=detection.ratings,
        total=corpus.asset.rows,
        progress=context.progress,
    )
    report = found.as_json()
    path, page = context.path("scan.json"), context.path("scan.html")
    path.write_bytes(canonical_json(report))
    page.write_text(documents_page(context.subject, report), "utf-8")
    labels = join(corpus.asset.labels, found.labels)
    outputs = (
        Produced("scan", path, _JSON, labels, confidential=True),
        Produced("page", page, "text/html", labels, confidential=True),
    )
    notes = [
        Text(
            f"{Text(**title).zh}：{count:,} 處", f"{Text(**title).en}: {counted(count, 'mention')}"
        )
        for (kind, count), title in zip(
            report["counts"].items(), report["titles"].values(), strict=True
        )
    ]
    more = Text(
        f"哪裡有什麼：anping show {context.subject}.scan-page > page.html",
        f"What is where: anping show {context.subject}.scan-page > page.html",
    )
    return Outcome(
        outputs,
        without_small_counts(found.measures),
        notes=(*notes, more),
        sources=model_sources(detection),
        unused=frozenset({"earlier"}),
    )


def documents_redacted(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Redact a corpus into another one, and keep which place became which."""
    from anping.engine.documents.corpus import MEDIA_TYPE, read_corpus, write_documents
    from anping.know.documents.metadata import WithMetadata
    from anping.protect.text.documents import (
        CHANCE,
        FORMAT,
        LIMITS,
        RedactionTally,
        redact_documents,
    )
    from anping.protect.text.operators import operator_of

    corpus, tally = inputs["corpus"], RedactionTally()
    detection = detection_of(given)
    detector = WithMetadata(detection.scanner(recall=given.recall).find)
    operator = operator_of(
        given.operator, context.keys.secret, key=given.key, max_days=given.max_days
    )
    told: list[dict[str, Any]] = []

    def streamed() -> Iterator[Document]:
        for done in redact_documents(
            read_corpus(corpus.path),
            find_spans=detector,
            operator=operator,
            total=corpus.asset.rows,
            progress=context.progress,
        ):
            tally.add(done)
            told.append(done.as_json())
            yield done.document

    path, report = context.path("redacted.parquet"), context.path("redaction.json")
    write_documents(streamed(), path)
    rated = detection.ratings(tally.counts, recall=given.recall)
    report.write_bytes(
        canonical_json({"format": FORMAT, "documents": told, "ratings": rated.as_json()})
    )
    outputs = (
        Produced("redacted", path, MEDIA_TYPE, rows=tally.documents, confidential=True),
        Produced("redaction", report, _JSON, confidential=True),
    )
    limits = (*LIMITS, CHANCE) if given.operator == "surrogate" else LIMITS
    note = Text(
        f"{tally.documents:,} 份文件，{tally.changed:,} 份有遮蔽；再掃描後仍偵測到 {tally.remaining:,} 處。",
        f"{counted(tally.documents, 'document')}, {tally.changed:,} with redactions; still detected in "
        f"the result: {counted(tally.remaining, 'mention')}.",
    )
    return Outcome(
        outputs,
        without_small_counts(tally.measures),
        limits=limits,
        notes=(note, LIMITS[0]),
        sources=model_sources(detection),
    )
