"""Format-preserving pseudonyms as a transform of batches, and what a column needs to take them."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import PlanError, Where
from anping.core.text import Text
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.protect.pseudonym.formatted import FormatCipher
from anping.protect.pseudonym.normal import Normalisation, normal_texts
from anping.protect.transform.columns import Columns
from anping.protect.transform.rows import Rows

_UNFIT = pa.schema([pa.field("unfit", pa.int64())])


@dataclass(frozen=True)
class FormatPseudonyms:
    """Pseudonyms in the format of the values, which the holder of the derived key can turn back."""

    cipher: FormatCipher
    normalisation: Normalisation

    @property
    def needs(self) -> tuple[str, ...]:
        """No other column."""
        return ()

    def kind(self, given: pa.DataType) -> pa.DataType:
        """Return the type of texts."""
        del given
        return pa.string()

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the pseudonyms."""
        del rows
        coded = normal_texts(cells, self.normalisation).dictionary_encode()
        made = self.cipher(coded.dictionary.to_pylist())
        return pa.array(made, pa.string()).take(coded.indices)


@dataclass(frozen=True)
class _Unfit:
    """Counts the cells of a batch that FF1 cannot take."""

    before: Columns
    name: str
    step: FormatPseudonyms

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        cells = self.before.cells(self.name, self.before.rows(batch))
        counts = pc.value_counts(normal_texts(cells, self.step.normalisation))
        found = sum(
            count
            for text, count in zip(*(each.to_pylist() for each in counts.flatten()), strict=True)
            if text is not None and not self.step.cipher.fits(text)
        )
        return pa.record_batch({"unfit": pa.array([found], pa.int64())})


def check_format(table: Table, before: Columns, name: str, step: FormatPseudonyms) -> None:
    """Raise PlanError, with their number, if cells of a column have no format that FF1 takes.

    ``before`` holds the column's transforms up to this one.
    """
    alone = before.only([name])
    counts = mapped(
        table,
        _Unfit(alone, name, step),
        columns=alone.needed,
        schema=_UNFIT,
        numbered=alone.numbers,
    )
    unfit = sum(batch.column(0)[0].as_py() for batch in counts)
    if unfit:
        raise PlanError(
            "plan.ff1-format",
            Text(
                f"有 {unfit:,} 個儲存格的格式不能用 FF1：有其他字元，或同格式的值不到一百萬個。",
                f"FF1 cannot take the format of {unfit:,} cells: they have other characters, or"
                " fewer than a million values have their format.",
            ),
            where=Where(column=name),
            hint=Text(
                "改用 method: aes-siv 或 hmac，或給 alphabet。",
                "Use method: aes-siv or hmac, or give an alphabet.",
            ),
        )
