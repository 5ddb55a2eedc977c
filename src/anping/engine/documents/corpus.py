"""A corpus is a folder of documents as one Parquet file: their texts, and where everything stands.

One row for each document: ``document``, ``format``, ``text``, ``blocks`` (list of start, kind, number,
name), ``sha256``, ``bytes``, ``encoding``. Equal folders give equal bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from anping.core.digest import canonical_json, sha256
from anping.core.errors import AnpingError, InputError, MissingExtraError, Where
from anping.core.files import aside
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.documents.apart import reader
from anping.engine.documents.document import Block, Document, Limits, RefusedDocument
from anping.engine.documents.folder import documents_in

MEDIA_TYPE = "application/vnd.apache.parquet"
SCHEMA = pa.schema([
    pa.field("document", pa.large_string()),
    pa.field("format", pa.string()),
    pa.field("text", pa.large_string()),
    pa.field("blocks", pa.list_(pa.struct([
        pa.field("start", pa.int64()), pa.field("kind", pa.string()),
        pa.field("number", pa.int64()), pa.field("name", pa.large_string()),
    ]))),
    pa.field("sha256", pa.string()),
    pa.field("bytes", pa.int64()),
    pa.field("encoding", pa.string()),
])  # fmt: skip
_GROUP = 16 << 20
_READING = Text("讀取文件", "Reading documents")


@dataclass(frozen=True, slots=True)
class CorpusReading:
    """A folder that was read: what came in, what was refused, and the digest of all of it.

    ``source_sha256`` is the SHA-256 of the canonical JSON ``[[name, sha256], ...]`` of the files that
    were read. ``notes`` say, with their counts, what of them was not.
    """

    documents: int
    characters: int
    bytes: int
    formats: Mapping[str, int]
    encodings: Mapping[str, int]
    refused: tuple[RefusedDocument, ...]
    notes: tuple[tuple[str, Text], ...]
    source_sha256: str


def read_corpus_folder(
    source: Path, *, into: Path, limits: Limits | None = None, progress: Progress = silent
) -> CorpusReading:
    """Read a folder of documents (or one file) into one Parquet file at ``into``.

    A file that cannot be read is listed with the reason, and the rest goes on. Raises InputError if
    not one document can be read.
    """
    found = _Gathered()
    write_documents(
        found.documents(source, limits, progress), into, check=found.require_some(source)
    )
    return found.reading()


class _Gathered:
    """What is counted while documents stream by."""

    def __init__(self) -> None:
        self.refused: list[RefusedDocument] = []
        self.count = self.characters = self.size = 0
        self._formats: Counter[str] = Counter()
        self._encodings: Counter[str] = Counter()
        self._notes: list[tuple[str, Text]] = []
        self._digests: list[list[str]] = []

    def documents(
        self, source: Path, limits: Limits | None, progress: Progress
    ) -> Iterator[Document]:
        files = list(documents_in(source))
        with reader(limits) as opened:
            for number, (path, name, refusal) in enumerate(files):
                progress(_READING, number, len(files))
                if refusal is not None:
                    self.refused.append(RefusedDocument.of(name, refusal))
                    continue
                try:
                    document = opened.read(path, name)
                except (InputError, MissingExtraError) as error:
                    self.refused.append(RefusedDocument.of(name, error))
                    continue
                self._count(document)
                yield document

    def _count(self, document: Document) -> None:
        self.count += 1
        self.characters += len(document.text)
        self.size += document.size
        self._formats[document.format] += 1
        if document.encoding:
            self._encodings[document.encoding] += 1
        self._notes += [(document.name, note) for note in document.notes]
        self._digests.append([document.name, document.sha256])

    def require_some(self, source: Path) -> Any:
        def check() -> None:
            if self.count:
                return
            first = self.refused[0] if self.refused else None
            raise InputError(
                "document.none",
                Text("沒有任何文件可以讀取。", "Not one document can be read."),
                where=Where(file=source.name),
                hint=Text("資料夾是空的。", "The folder is empty.")
                if first is None
                else first.reason,
            )

        return check

    def reading(self) -> CorpusReading:
        return CorpusReading(
            self.count,
            self.characters,
            self.size,
            dict(sorted(self._formats.items())),
            dict(sorted(self._encodings.items())),
            tuple(self.refused),
            tuple(self._notes),
            sha256(canonical_json(self._digests)),
        )


def write_documents(documents: Iterable[Document], into: Path, *, check: Any = None) -> None:
    """Write documents as a corpus, at once or not at all; ``check`` may refuse it at the end."""
    with aside(into) as temporary:
        with pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer:
            held: list[dict[str, Any]] = []
            size = 0
            for document in documents:
                held.append(_row(document))
                size += len(document.text)
                if size >= _GROUP:
                    writer.write_table(pa.Table.from_pylist(held, SCHEMA))
                    held, size = [], 0
            writer.write_table(pa.Table.from_pylist(held, SCHEMA))
        if check is not None:
            check()


def read_corpus(path: Path) -> Iterator[Document]:
    """Yield the documents of a corpus in their order.

    Raises InputError if the file is no corpus.
    """
    try:
        file = pq.ParquetFile(path)
        if not file.schema_arrow.equals(SCHEMA):
            raise _no_corpus(path)
        for batch in file.iter_batches(batch_size=64):
            yield from (_document(row) for row in batch.to_pylist())
    except (pa.ArrowException, OSError) as error:
        raise _no_corpus(path) from error


def _row(document: Document) -> dict[str, Any]:
    blocks = [
        {"start": each.start, "kind": each.kind, "number": each.number, "name": each.name}
        for each in document.blocks
    ]
    return {
        "document": document.name, "format": document.format, "text": document.text,
        "blocks": blocks, "sha256": document.sha256, "bytes": document.size,
        "encoding": document.encoding,
    }  # fmt: skip


def _document(row: Mapping[str, Any]) -> Document:
    return Document(
        row["document"],
        row["format"],
        row["text"],
        tuple(Block(**each) for each in row["blocks"]),
        row["sha256"],
        row["bytes"],
        row["encoding"],
    )


def _no_corpus(path: Path) -> AnpingError:
    return InputError(
        "document.no-corpus",
        Text("這不是文件集。", "This is not a corpus of documents."),
        where=Where(file=path.name),
        hint=Text(
            "先以 anping add 名稱 資料夾 --kind documents 收進。",
            "Take it in first: anping add NAME FOLDER --kind documents.",
        ),
    )
