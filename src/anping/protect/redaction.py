"""Redaction of free text as a transform of batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.protect.known import OwnForms
from anping.protect.text.dictionary import IdentifierDictionary
from anping.protect.text.operators import TAG, Operator
from anping.protect.text.redact import FindSpans, Tally, redact
from anping.protect.transform.rows import Rows


@dataclass(frozen=True)
class Redaction:
    """Replaces what names a person in the texts of one column."""

    find_spans: FindSpans
    known: IdentifierDictionary
    own: OwnForms
    operator: Operator = TAG

    @property
    def needs(self) -> Sequence[str]:
        """The columns that the rows' own forms come from."""
        return (*self.own.weak, *self.own.days)

    def kind(self, given: pa.DataType) -> pa.DataType:
        """Return the type of texts."""
        del given
        return pa.string()

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the redacted texts."""
        return self.tallied(cells, rows)[0]

    def tallied(self, cells: pa.Array, rows: Rows) -> tuple[pa.Array, Tally]:
        """Return the redacted texts, and what was replaced."""
        forms = rows.once(self.own, lambda: self.own(rows))
        found = redact(
            cells.to_pylist(),
            find_spans=self.find_spans,
            known=self.known,
            own_forms=forms,
            operator=self.operator,
        )
        return pa.array(found.texts, pa.string()), Tally.of(found)


def no_detector(column: str) -> ParameterError:
    """Return the error for a plan that redacts where no detector is given."""
    return ParameterError(
        "protect.no-detector",
        Text(
            "要遮蔽自由文字，卻沒有給偵測器。",
            "Text is to be redacted, but no detector is given.",
        ),
        where=Where(column=column),
        hint=Text(
            "傳入 find_spans（例如 know 的 find_spans）。",
            "Pass find_spans, for example the one of the discovery room.",
        ),
    )
