"""A JSON file holds one list of objects, or one object with such a list in it; both are streamed.

``[{…}, {…}]``, ``{"records": [{…}, {…}], "total": 2}``, objects one after the other over several
lines, or one single object. Which it is, is found out; where two lists of objects could be meant
the reader asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine import refusals as refusal
from anping.engine.encodings import Decoded, visible
from anping.engine.intake import Intake, Taken
from anping.engine.jsonlines import ObjectRows, Objects, Reshape
from anping.engine.jsontext import BracketScan, ElementScan
from anping.engine.refusals import Refusals

_BLOCK = 4 << 20
_MOST_LISTS = 1_000
_LISTED = 20
_KEY_BEFORE = re.compile(rb'"((?:[^"\\]|\\.){1,200})"\s*:\s*\Z', re.DOTALL)


@dataclass(frozen=True, slots=True)
class RecordList:
    """A list of objects within a JSON object: its key, its place among the values, its length."""

    key: str
    ordinal: int
    records: int


@dataclass
class Outline:
    """The shape of a JSON file: how many values it has, and which lists its first object holds."""

    roots: int = 0
    list_root: bool = False
    lists: list[RecordList] = field(default_factory=list)


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
    rows = reader.take(objects_of(intake, decoded, where))
    return Taken(
        rows,
        reader.columns,
        decoded.sha256,
        decoded.encoding,
        newline=decoded.newline,
        notes=notes,
        sparse=True,
    )


def objects_of(intake: Intake, decoded: Decoded, where: Listing) -> Iterator[Objects]:
    """Yield the objects in blocks; what is none is refused."""
    scan = BracketScan()
    block: Objects = []
    size = 0
    try:
        pieces = scan.read(intake.told(decoded, decoded))
        for found in ElementScan(where.depth, where.ordinal).read(pieces):
            text = found.text.decode(
                "utf-8", "surrogatepass" if found.kind == "object" else "replace"
            )
            if found.kind == "object":
                block.append((found.line, text))
                size += len(text)
            else:
                _refuse(found.kind, found.line, text, intake.refusals)
            if size >= _BLOCK:
                yield block
                block, size = [], 0
    except ValueError as error:
        raise torn(intake.content.name) from error
    if not scan.finished:
        raise torn(intake.content.name)
    yield block


def _refuse(kind: str, line: int, text: str, refusals: Refusals) -> None:
    why = refusal.too_long(line) if kind == "endless" else refusal.not_an_object(line)
    refusals.add(why, visible(text))


def outline(intake: Intake) -> Outline:
    """Look through a JSON file for its lists of objects."""
    found = Outline()
    scan = BracketScan()
    keys: dict[int, str] = {}
    counts: dict[int, int] = {}
    seen, tail = -1, b""
    try:
        for piece in scan.read(intake.decoded()):
            opening = piece.steps > 0
            roots = piece.places[opening & (piece.depths == 1)]
            if len(roots) and not found.roots:
                found.list_root = piece.text[int(roots[0])] == ord("[")
            second = opening & (piece.depths == 2)
            ordinals = seen + np.cumsum(second)
            if found.roots + len(roots) <= 1:
                for place, ordinal in zip(piece.places[second], ordinals[second], strict=True):
                    if len(keys) < _MOST_LISTS and piece.text[place] == ord("["):
                        before = (tail + piece.text[max(0, place - 1_000) : place])[-1_000:]
                        key = _KEY_BEFORE.search(before)
                        keys[int(ordinal)] = (
                            "" if key is None else key[1].decode("utf-8", "replace")
                        )
                third = opening & (piece.depths == 3)
                third[third] = np.frombuffer(piece.text, np.uint8)[piece.places[third]] == ord("{")
                for ordinal, count in zip(
                    *np.unique(ordinals[third], return_counts=True), strict=True
                ):
                    counts[int(ordinal)] = counts.get(int(ordinal), 0) + int(count)
            found.roots += len(roots)
            seen = int(ordinals[-1]) if len(ordinals) else seen
            tail = (tail + piece.text)[-1_000:]
    except ValueError as error:
        raise torn(intake.content.name) from error
    if not scan.finished:
        raise torn(intake.content.name)
    found.lists = [RecordList(keys[n], n, counts[n]) for n in keys if n in counts]
    return found


def _listing(intake: Intake) -> Listing:
    if intake.seen.head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"["):
        return Listing(1)
    shape = outline(intake)
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
