"""A JSON file holds one list of objects, or one object with such a list in it; both are streamed.

``[{…}, {…}]``, ``{"records": [{…}, {…}], "total": 2}``, objects one after the other over several
lines, or one single object. Which it is, is found out; where two lists of objects could be meant
the reader asks.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine import refusals as refusal
from anping.engine.encodings import visible
from anping.engine.intake import Intake, Taken
from anping.engine.jsonlines import ObjectRows, Objects, Reshape
from anping.engine.jsontext import Brackets, BracketScan, ElementScan, Positions
from anping.engine.refusals import Refusals

_BLOCK = 4 << 20
_TAIL = 1_000
_MOST_LISTS = 1_000
_LISTED = 20
_KEY_BEFORE = re.compile(rb'"((?:[^"\\]|\\.){1,200})"\s*:\s*\Z', re.DOTALL)


Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RecordList:
    """A list of objects within a JSON object: its key, its place among the values, its length."""

    key: str
    ordinal: int
    records: int


class Outline:
    """The shape of a JSON text: how many values it has, and which lists its one object holds."""

    def __init__(self) -> None:
        self.roots = 0
        self.list_root = False
        self._keys: dict[int, str] = {}
        self._counts: Counter[int] = Counter()
        self._seen = -1
        self._tail = b""

    @property
    def lists(self) -> list[RecordList]:
        """The lists of objects directly within the object."""
        counts = self._counts
        return [RecordList(key, n, counts[n]) for n, key in self._keys.items() if n in counts]

    def see(self, piece: Brackets) -> None:
        """Look at one piece of the text."""
        opening = piece.steps > 0
        roots = piece.places[opening & (piece.depths == 1)]
        if len(roots) and not self.roots:
            self.list_root = piece.text[int(roots[0])] == ord("[")
        self.roots += len(roots)
        second = opening & (piece.depths == 2)
        ordinals = self._seen + np.cumsum(second)
        if self.roots <= 1 and not self.list_root:
            self._see_lists(piece, second, ordinals)
            third = piece.places[opening & (piece.depths == 3)]
            objects = np.frombuffer(piece.text, np.uint8)[third] == ord("{")
            self._counts.update(ordinals[opening & (piece.depths == 3)][objects].tolist())
        self._seen = int(ordinals[-1]) if len(ordinals) else self._seen
        self._tail = (self._tail + piece.text)[-_TAIL:]

    def _see_lists(self, piece: Brackets, second: Flags, ordinals: Positions) -> None:
        for place, ordinal in zip(
            piece.places[second].tolist(), ordinals[second].tolist(), strict=True
        ):
            if len(self._keys) < _MOST_LISTS and piece.text[place] == ord("["):
                before = (self._tail + piece.text[max(0, place - _TAIL) : place])[-_TAIL:]
                key = _KEY_BEFORE.search(before)
                self._keys[ordinal] = "" if key is None else _unescaped(key[1])


def _unescaped(key: bytes) -> str:
    try:
        return str(json.loads(b'"' + key + b'"'))
    except ValueError:
        return key.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Listing:
    """Where the records of a JSON file lie, as :class:`ElementScan` is told."""

    depth: int
    ordinal: int = 0
    key: str | None = None


def read_json(intake: Intake) -> Taken:
    """Read a JSON file; raise InputError if it is torn or if several lists could be meant."""
    where = _listing(intake)
    notes = () if where.key is None else (_taken_from(where.key),)
    return read_listed(intake, where, notes=notes)


def read_listed(
    intake: Intake,
    where: Listing,
    *,
    reshape: Reshape | None = None,
    notes: tuple[Text, ...] = (),
) -> Taken:
    """Read the objects of one list as rows."""
    decoded = intake.decoded()
    reader = ObjectRows(intake, decoded.encoding, reshape)
    chunks = intake.told(decoded, decoded)
    rows = reader.take(
        objects_of(chunks, where, refusals=intake.refusals, file=intake.content.name)
    )
    return Taken(
        rows,
        reader.columns,
        decoded.sha256,
        decoded.encoding,
        newline=decoded.newline,
        notes=notes,
        sparse=True,
    )


def objects_of(
    chunks: Iterable[bytes], where: Listing, *, refusals: Refusals, file: str
) -> Iterator[Objects]:
    """Yield the objects of a text in blocks; what is none is refused, torn JSON is an error."""
    scan = BracketScan()
    block: Objects = []
    size = 0
    try:
        for found in ElementScan(where.depth, where.ordinal).read(scan.read(chunks)):
            text = found.text.decode(
                "utf-8", "surrogatepass" if found.kind == "object" else "replace"
            )
            if found.kind == "object":
                block.append((found.line, text))
                size += len(text)
            if found.kind != "object" or size >= _BLOCK:
                # What comes before is refused before.
                yield block
                block, size = [], 0
            if found.kind != "object":
                _refuse(found.kind, found.line, text, refusals)
    except ValueError as error:
        raise torn(file) from error
    if not scan.finished:
        raise torn(file)
    yield block


def _refuse(kind: str, line: int, text: str, refusals: Refusals) -> None:
    why = refusal.too_long(line) if kind == "endless" else refusal.not_an_object(line)
    refusals.add(why, visible(text))


def outline(chunks: Iterable[bytes], *, file: str) -> Outline:
    """Look through a JSON text for its lists of objects; raise InputError if it is torn."""
    found = Outline()
    scan = BracketScan()
    try:
        for piece in scan.read(chunks):
            found.see(piece)
    except ValueError as error:
        raise torn(file) from error
    if not scan.finished:
        raise torn(file)
    return found


def _listing(intake: Intake) -> Listing:
    if intake.seen.head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
        return Listing(1)
    shape = outline(intake.decoded(), file=intake.content.name)
    if shape.list_root:
        return Listing(1)
    asked = intake.options.records
    if asked is not None:
        named = [one for one in shape.lists if one.key == asked]
        if len(named) == 1:
            return Listing(2, named[0].ordinal, asked)
        raise _which_records(intake.content.name, shape.lists)
    if shape.roots != 1 or not shape.lists:
        return Listing(0)
    if len(shape.lists) > 1:
        raise _which_records(intake.content.name, shape.lists)
    return Listing(2, shape.lists[0].ordinal, shape.lists[0].key)


def _taken_from(key: str) -> Text:
    return Text(
        f"讀取的是「{key}」這個清單，檔案裡的其他內容不讀。",
        f"The records are those of the list “{key}”; what else the file holds is passed over.",
    )


def _which_records(file: str, lists: list[RecordList]) -> InputError:
    listed = [f"{one.key} ({one.records:,})" for one in lists[:_LISTED]]
    return InputError(
        "input.which-records",
        Text(
            "JSON 檔裡的資料清單不只一個，或沒有這個名稱。",
            "The JSON file holds several lists of records, or none of that name.",
        ),
        where=Where(file=file),
        hint=Text(
            f"請以 records 指定其中一個：{'、'.join(listed)}",
            f"Name one of them as records: {', '.join(listed)}",
        ),
    )


def torn(file: str) -> InputError:
    """Return the error for JSON whose brackets do not close."""
    return InputError(
        "input.torn-json",
        Text("JSON 不完整：括號沒有成對。", "The JSON is torn: its brackets do not match."),
        where=Where(file=file),
        hint=Text("請重新匯出或重新下載這個檔案。", "Export or download the file again."),
    )
