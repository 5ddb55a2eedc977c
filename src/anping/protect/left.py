"""Which released texts still hold a direct identifier that the raw table knows.

The released texts are few beside the identifiers of millions of people. So the identifiers are
sieved by the texts first: whatever form an identifier is written in, the form ends as the
identifier does, so one whose end stands in no text cannot stand in any. What is left makes a small
dictionary, and that decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.cells import cell_text
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.aggregate import distinct_count, frequencies
from anping.engine.stream import mapped, rows_at
from anping.engine.table import Table
from anping.protect.fit_plan import Fit
from anping.protect.known import dictionary_from, identifying
from anping.protect.pseudonym.normal import holds, is_plain
from anping.protect.text.folding import SEPARATORS, squeezed_text
from anping.protect.text.forms import SHORTEST_HAN, SHORTEST_MIXED, TITLES
from anping.protect.transform.rows import plain

#: Of more different texts than this in a column, a seeded sample is looked at.
MOST_TEXTS = 100_000
_SEED = 20_260_101
_METHOD = "count"
_SIEVED = pa.schema([pa.field("value", pa.string())])
# Full-width characters and Chinese section numbers fold in ways that Arrow does not know.
_UNUSUAL = r"[\x{FF01}-\x{FF5E}]|[一二三四五六七八九]段$"
_EXTENSION = "(?s)(?:#|分機|EXT).*"
_SEPARATOR = "[" + "".join(f"\\x{{{ord(mark):x}}}" for mark in sorted(SEPARATORS)) + "]"


@dataclass(frozen=True)
class _Shown:
    """One released column: its distinct texts that are looked at, and the rows of each."""

    name: str
    texts: tuple[str, ...]
    rows: tuple[int, ...]
    method: str


@dataclass(frozen=True)
class Suspects:
    """The ``values`` of which a form may stand in one of the ``texts``."""

    texts: frozenset[str]
    values: tuple[str, ...]


def early_suspects(table: Table, fit: Fit) -> Suspects:
    """Return the suspects of the generalised columns' texts: known before a row is written."""
    released = {} if fit.fitted is None else fit.fitted.released
    texts = frozenset(text for counts in released.values() for text in counts)
    return Suspects(texts, tuple(suspects(table, identifying(fit.plan), sorted(texts))))


def left_measures(
    table: Table,
    fit: Fit,
    released: Table,
    columns: Sequence[str],
    *,
    early: Callable[[], Suspects] | None = None,
) -> Iterator[Measure]:
    """Yield, per released text column, the cells in which a known identifier still stands.

    ``columns`` are those to look at: pseudonyms and masked values are left out by the caller. Of
    more than :data:`MOST_TEXTS` different texts a sample is looked at; ``n`` counts its cells.
    ``early`` gives the suspects of some texts; if these are all there are, no other is looked for.
    """
    shown = [_shown(fit, released, name) for name in columns]
    texts = list(dict.fromkeys(text for column in shown for text in column.texts))
    known = dictionary_from(_suspects(table, fit, texts, early))
    holding = {text for text in texts if known.find(text)}
    for column in shown:
        pairs = list(zip(column.texts, column.rows, strict=True))
        yield Measure(
            "deid.identifiers_left",
            float(sum(rows for text, rows in pairs if text in holding)),
            "cells",
            sum(column.rows),
            Text(
                "仍含本表已知直接識別項的儲存格數",
                "Cells that still hold a known direct identifier",
            ),
            subject=column.name,
            method=column.method,
        )


def _suspects(
    table: Table, fit: Fit, texts: Sequence[str], early: Callable[[], Suspects] | None
) -> Sequence[str]:
    if early is not None:
        found = early()
        if found.texts.issuperset(texts):
            return found.values
    return suspects(table, identifying(fit.plan), texts)


def _shown(fit: Fit, released: Table, name: str) -> _Shown:
    if fit.fitted is not None and name in fit.fitted.released:
        counts = fit.fitted.released[name]
        return _Shown(name, tuple(counts), tuple(counts.values()), _METHOD)
    method = _METHOD
    if released.distributed and distinct_count(released, name) > MOST_TEXTS:
        # So many texts do not come here: a sample of rows does.
        draw = np.random.default_rng(_SEED)
        places = np.sort(draw.choice(released.rows, MOST_TEXTS, replace=False))
        method = f"count in {MOST_TEXTS:,} of {released.rows:,} rows, drawn by seed"
        released = Table.of(rows_at(released, places, columns=[name]))
    found = frequencies(released, [name])
    found = found.filter(pc.is_valid(found.column(0)))
    if found.num_rows > MOST_TEXTS:
        draw = np.random.default_rng(_SEED)
        chosen = np.sort(draw.choice(found.num_rows, MOST_TEXTS, replace=False))
        method = f"count in {MOST_TEXTS:,} of {found.num_rows:,} different texts, drawn by seed"
        found = found.take(pa.array(chosen))
    texts, rows = (column.to_pylist() for column in found.columns)
    return _Shown(name, tuple(texts), tuple(rows), method)


def suspects(table: Table, columns: Sequence[str], texts: Sequence[str]) -> list[str]:
    """Return the distinct values of ``columns`` of which a form may stand in one of the ``texts``."""
    if not texts or not columns:
        return []
    sieve = Sieve.of(texts)
    found: dict[str, None] = {}
    for name in columns:
        for batch in mapped(table, sieve, columns=[name], schema=_SIEVED):
            found.update(dict.fromkeys(batch.column(0).to_pylist()))
    return list(found)


@dataclass(frozen=True)
class Sieve:
    """Keeps the values of a batch of one column whose end, or surname, stands in a text.

    ``short`` and ``long`` are all runs of two and of five characters of the texts, squeezed;
    ``heads`` the one and two characters before a title (王 of 王先生).
    """

    short: pa.Array
    long: pa.Array
    heads: pa.Array

    @classmethod
    def of(cls, texts: Sequence[str]) -> Sieve:
        """Return the sieve that the texts make."""
        squeezed = {squeezed_text(cell_text(text)) for text in texts}
        heads = {
            text[max(0, at - length) : at]
            for text in squeezed
            for title in TITLES
            for at in _places(text, title)
            for length in (1, 2)
        }
        return cls(
            _sorted(_runs(squeezed, SHORTEST_HAN)),
            _sorted(_runs(squeezed, SHORTEST_MIXED)),
            _sorted(heads),
        )

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the distinct values that may stand in a text."""
        cells = plain(batch.column(0))
        if not pa.types.is_string(cells.type):
            cells = _as_texts(cells)
        values = pc.drop_null(cells)
        if is_plain(values) and not holds(values, b"EXT"):
            bare, kept = values, self._ends(values, SHORTEST_MIXED)
        else:
            values = pc.unique(values)
            folded = pc.replace_substring(pc.ascii_upper(values), "台", "臺")
            bare = pc.replace_substring_regex(folded, _EXTENSION, "")
            bare = pc.replace_substring_regex(bare, _SEPARATOR, "")
            ascii_only = pc.string_is_ascii(bare)
            far, near = self._ends(bare, SHORTEST_MIXED), self._ends(bare, SHORTEST_HAN)
            kept = pc.if_else(ascii_only, far, near)
            kept = pc.or_(kept, pc.match_substring_regex(bare, _UNUSUAL))
        if len(self.heads):
            for length in (1, 2):
                head = pc.utf8_slice_codeunits(bare, 0, length)
                kept = pc.or_(kept, pc.is_in(head, value_set=self.heads))
        return pa.RecordBatch.from_arrays([pc.unique(values.filter(kept))], schema=_SIEVED)

    def _ends(self, texts: pa.Array, length: int) -> pa.Array:
        """Return whether the last ``length`` characters of each text stand in a released text."""
        runs = self.long if length == SHORTEST_MIXED else self.short
        return pc.is_in(pc.utf8_slice_codeunits(texts, -length, None), value_set=runs)


def _runs(texts: set[str], length: int) -> set[str]:
    return {text[at : at + length] for text in texts for at in range(len(text) - length + 1)}


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _sorted(texts: set[str]) -> pa.Array:
    return pa.array(sorted(texts), pa.string())


def _as_texts(cells: pa.Array) -> pa.Array:
    """Return cells that are no texts as texts, in the spelling of :func:`core.cells.cell_text`."""
    if pa.types.is_integer(cells.type):
        return cells.cast(pa.string())
    return pa.array(
        [None if cell is None else cell_text(cell) for cell in cells.to_pylist()], pa.string()
    )
