"""The files of one table: how each was found at first look, and which rows came from which."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from anping.core.digest import canonical_json, sha256, sha256_file
from anping.core.errors import InputError, SchemaError, Where
from anping.core.text import Text
from anping.engine.archives import content_of
from anping.engine.content import Content
from anping.engine.encodings import Survey, survey
from anping.engine.formats import format_of
from anping.engine.intake import Taken
from anping.engine.reading import Format, Part, Reading, ReadOptions
from anping.engine.refusals import Refusals
from anping.engine.table import Table

_NAMED = 5
_Fact = TypeVar("_Fact")


def names_of(paths: Sequence[Path]) -> tuple[str, ...]:
    """Return what each file is called: its name, or its path from the common folder if doubled."""
    names = [path.name for path in paths]
    if len(set(names)) == len(names):
        return tuple(names)
    common = os.path.commonpath([path.absolute().parent for path in paths])
    return tuple(Path(os.path.relpath(path.absolute(), common)).as_posix() for path in paths)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file as its first look found it; ``sha256`` and ``size`` are of the bytes on disk."""

    content: Content
    name: str
    seen: Survey
    format: Format
    sha256: str
    size: int

    @classmethod
    def open(cls, path: Path, name: str, options: ReadOptions) -> SourceFile:
        """Look at a file; raise InputError if it cannot be a table."""
        content = content_of(path, options)
        seen = survey(content)
        packed = content.opening is not None
        return cls(
            content,
            name,
            seen,
            format_of(content, seen.head, options) if seen.size else "csv",
            sha256_file(path) if packed else seen.sha256,
            path.stat().st_size if packed else seen.size,
        )

    def require_unchanged(self, digest: str) -> None:
        """Raise InputError if what was read is not what was seen."""
        packed = self.content.opening is not None
        if digest != self.seen.sha256 or (packed and sha256_file(self.content.path) != self.sha256):
            raise _changed(self.name)

    def looked_at(self) -> SourceFile:
        """Return the file without its first bytes, which are of no more use."""
        return replace(self, seen=replace(self.seen, head=b""))


@dataclass
class Sheaf:
    """Gathers what the files of one table gave."""

    options: ReadOptions
    files: list[SourceFile] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    notes: dict[Text, None] = field(default_factory=dict)
    rows: int = 0
    bytes: int = 0
    _columns: dict[str, None] = field(default_factory=dict)

    def add(self, file: SourceFile, taken: Taken, *, refused: int) -> None:
        """Add one file; raise SchemaError if it has other columns than those before it."""
        self._require_columns(file.name, taken)
        part = Part(file.name, file.sha256, file.size, taken.rows, self.rows, refused)
        self.notes |= dict.fromkeys(taken.notes)
        if any(part.sha256 == other.sha256 for other in self.parts):
            self.notes[_same(file.name)] = None
        if file.seen.size == 0:
            self.notes[_empty(file.name)] = None
        self.files.append(file.looked_at())
        self.parts.append(part)
        self.taken.append(taken)
        self.rows += taken.rows
        self.bytes += file.size

    def _require_columns(self, file: str, taken: Taken) -> None:
        if taken.columns and self._columns and not (taken.sparse or self.options.union_columns):
            extra = [name for name in taken.columns if name not in self._columns]
            missing = [name for name in self._columns if name not in taken.columns]
            if extra or missing:
                raise _other_columns(file, extra, missing)
        self._columns |= dict.fromkeys(taken.columns)

    @property
    def _typed(self) -> bool:
        return all(file.format == "parquet" for file in self.files)

    def reading(self, table: Table, refusals: Refusals) -> Reading:
        """Return the whole reading."""
        first = self.parts[0]
        several = len(self.parts) > 1
        named = [[part.name, part.sha256] for part in self.parts]
        return Reading(
            table=table,
            source_sha256=sha256(canonical_json(named)) if several else first.sha256,
            source_bytes=self.bytes,
            format=self.files[0].format,
            rows=self.rows,
            encoding=_shared(self.taken, lambda taken: taken.encoding),
            delimiter=_shared(self.taken, lambda taken: taken.delimiter),
            newline=_shared(self.taken, lambda taken: taken.newline),
            refused=refusals.listed,
            refused_rows=refusals.total,
            null_markers=() if self._typed else self.options.null_markers,
            parts=tuple(self.parts),
            notes=tuple(self.notes),
        )


def _shared(taken: Sequence[Taken], fact: Callable[[Taken], _Fact | None]) -> _Fact | None:
    found = {fact(one) for one in taken if one.columns}
    return found.pop() if len(found) == 1 else None


def _same(name: str) -> Text:
    return Text(
        f"檔案 {name} 的內容與另一個檔案完全相同，兩者的列都收進來了。",
        f"The file {name} is the same as another one; the rows of both were taken in.",
    )


def _empty(name: str) -> Text:
    return Text(f"檔案 {name} 是空的。", f"The file {name} is empty.")


def _other_columns(file: str, extra: list[str], missing: list[str]) -> SchemaError:
    zh, en = [], []
    for names, word_zh, word_en in ((extra, "多出", "has besides"), (missing, "缺少", "lacks")):
        if names:
            rest = f" (+{len(names) - _NAMED})" if len(names) > _NAMED else ""
            zh.append(f"{word_zh} {'、'.join(names[:_NAMED])}{rest}")
            en.append(f"{word_en} {', '.join(names[:_NAMED])}{rest}")
    return SchemaError(
        "schema.other-columns",
        Text(
            f"這個檔案的欄位與前面的檔案不同：{'；'.join(zh)}。",
            f"The file has other columns than those before it: it {'; it '.join(en)}.",
        ),
        where=Where(file=file, column=(extra or missing)[0]),
        hint=Text(
            "請統一欄位名稱；若缺少的欄位可視為缺值，請加上 union_columns。",
            "Give the files the same columns; with union_columns a column that a file lacks "
            "is missing in its rows.",
        ),
    )


def _changed(file: str) -> InputError:
    return InputError(
        "input.changed-while-reading",
        Text("讀取期間檔案被改動。", "The file was changed while it was read."),
        where=Where(file=file),
        hint=Text("待寫入完成後再讀一次。", "Read it again when nothing writes to it."),
    )
