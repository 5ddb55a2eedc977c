"""What is known of a subject's arrivals: which parts were read, and so need not be read again.

The report stands beside the table as ``{subject}.arrivals``. It names parts by the SHA-256 of what
was read and holds no value: a cursor's highest value lies in the table itself, here only its digest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.digest import canonical_json, sha256
from anping.core.text import Text
from anping.workspace.step import Inputs

if TYPE_CHECKING:
    from anping.engine.reading import Part, Reading


@dataclass(frozen=True, slots=True)
class ArrivedPart:
    """One file or one answer of a database: its bytes, and its rows of the table."""

    name: str
    sha256: str
    bytes: int
    rows: int
    first_row: int
    refused_rows: int = 0
    etag: str | None = None

    @classmethod
    def of(cls, part: Part, *, etag: str | None = None) -> ArrivedPart:
        """Return a part of a reading."""
        return cls(
            part.name, part.sha256, part.bytes, part.rows, part.first_row, part.refused_rows, etag
        )


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The parts of a table in the order of their rows, and how they were read.

    ``how`` is the digest of every parameter that decides what reading gives; parts read otherwise
    are read again. ``table`` is the SHA-256 of the table that these parts made: the report speaks of
    no other. ``since`` is the cursor column, ``cursor`` the digest of its highest value.
    """

    how: str
    table: str
    parts: tuple[ArrivedPart, ...]
    since: str | None = None
    cursor: str | None = None

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(part.rows for part in self.parts)

    @property
    def refused_rows(self) -> int:
        """All refused rows."""
        return sum(part.refused_rows for part in self.parts)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "how": self.how,
            "table": self.table,
            "rows": self.rows,
            "refusedRows": self.refused_rows,
            "parts": [asdict(part) for part in self.parts],
            "since": self.since,
            "cursor": self.cursor,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Arrivals:
        """Read what :meth:`as_json` gives."""
        parts = tuple(ArrivedPart(**part) for part in value["parts"])
        return cls(value["how"], value["table"], parts, value["since"], value["cursor"])


@dataclass(frozen=True, slots=True)
class Plan:
    """What of the earlier table stays, which files are to be read, and what a person is told."""

    kept: tuple[ArrivedPart, ...]
    new: tuple[Path, ...]
    notes: tuple[Text, ...] = field(default=())
    vanished: int = 0

    @property
    def nothing_new(self) -> bool:
        """Whether the earlier table is already what the source holds."""
        return not self.new and not self.vanished


def earlier_arrivals(inputs: Inputs, how: str) -> Arrivals | None:
    """Return what was read before in the same way, if the table it made is there, too."""
    if "arrivals" not in inputs or "earlier" not in inputs:
        return None
    found = Arrivals.from_json(json.loads(inputs["arrivals"].path.read_bytes()))
    same_table = inputs["earlier"].asset.digest == found.table
    return found if found.how == how and same_table else None


def how_read(given: Any, **more: Any) -> str:
    """Return the digest of all parameters but those that only name files."""
    plain = given.model_dump(mode="json", exclude={"path", "quarantine", "contract"})
    return sha256(canonical_json({**plain, **more}))


def planned(earlier: Arrivals, files: Sequence[tuple[Path, str, str]]) -> Plan:
    """Match files (path, name, SHA-256) with the parts read before, by digest.

    A file whose name is known and whose digest is not has changed and is read whole; what is no
    longer there takes its rows with it.
    """
    left = list(earlier.parts)
    kept: list[ArrivedPart] = []
    new: list[tuple[Path, str]] = []
    for path, name, digest in files:
        same = next((part for part in left if part.sha256 == digest), None)
        if same is None:
            new.append((path, name))
        else:
            left.remove(same)
            kept.append(replace(same, name=name))
    kept.sort(key=lambda part: part.first_row)
    names = {name for _, name in new}
    changed = sum(part.name in names for part in left)
    gone = sum(part.rows for part in left)
    notes = []
    if kept:
        notes.append(_kept(kept, len(new) - changed, changed))
        if left:
            notes.append(_removed(len(left) - changed, gone))
    return Plan(tuple(kept), tuple(path for path, _ in new), tuple(notes), len(left))


def restacked(
    kept: Sequence[ArrivedPart], reading: Reading | None, etags: Mapping[str, str | None]
) -> tuple[ArrivedPart, ...]:
    """Return the parts in their new order: those kept, then those just read."""
    fresh = [] if reading is None else [
        ArrivedPart.of(part, etag=etags.get(part.sha256)) for part in reading.parts
    ]  # fmt: skip
    found: list[ArrivedPart] = []
    first = 0
    for part in [*kept, *fresh]:
        found.append(replace(part, first_row=first))
        first += part.rows
    return tuple(found)


def _kept(kept: Sequence[ArrivedPart], new: int, changed: int) -> Text:
    rows = sum(part.rows for part in kept)
    return Text(
        f"沿用 {len(kept):,} 個未變更的部分（{rows:,} 列），新讀 {new:,} 個，變更後重讀 {changed:,} 個。",
        f"{len(kept):,} unchanged parts kept ({rows:,} rows), {new:,} new ones read, "
        f"{changed:,} changed ones read again.",
    )


def _removed(vanished: int, rows: int) -> Text:
    return Text(
        f"來源裡已消失 {vanished:,} 個部分；消失或變更的部分先前的 {rows:,} 列不再保留。",
        f"{vanished:,} parts are gone from the source; the {rows:,} earlier rows of parts that are "
        "gone or changed were removed.",
    )
