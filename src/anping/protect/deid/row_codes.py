"""What becomes of every row of a table in memory, by its tuple, so that nobody asks for it again.

The fit has coded the rows already. Whoever pours them afterwards needs no cell of the generalised
columns: the number of a row's tuple tells its leaves and its released texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.protect.deid.encoding import Codes, Ladder
from anping.protect.deid.generaliser import Words
from anping.protect.deid.loss import Levels
from anping.protect.deid.tuples import Bools

Places = npt.NDArray[np.int32]
Small = npt.NDArray[np.int16] | npt.NDArray[np.int32]


@dataclass(frozen=True)
class TupleCodes:
    """One generalised column: its texts, and the places of each tuple's leaf and released text."""

    texts: pa.Array
    leaf: Small
    released: Small

    @classmethod
    def of(cls, ladder: Ladder, leaf: Codes, level: Levels) -> TupleCodes:
        """Return the column of tuples with these leaves, each generalised to its level."""
        words = Words.of(ladder)
        few = len(words.texts) <= np.iinfo(np.int16).max
        codes: Small = words.codes.astype(np.int16) if few else words.codes
        return cls(words.texts, codes[0][leaf], codes[level, leaf])

    @property
    def kind(self) -> pa.DataType:
        """The type in which the released texts pass: by their place among all that there are."""
        return pa.dictionary(pa.from_numpy_dtype(self.released.dtype), self.texts.type)


@dataclass(frozen=True)
class RowCodes:
    """The tuple of each row (n,), which tuples are released, and the columns by tuple."""

    tuple_of: Places
    placed: Bools
    columns: tuple[TupleCodes, ...]

    def leaves(self, tuples: Places) -> Iterator[pa.Array]:
        """Yield the leaves of rows with these tuples, as texts, column by column."""
        for column in self.columns:
            yield column.texts.take(pa.array(column.leaf[tuples]))

    def texts(self, tuples: Places) -> Iterator[pa.Array]:
        """Yield the released texts, each of its column's ``kind``, column by column."""
        for column in self.columns:
            codes = pa.array(column.released[tuples])
            yield pa.DictionaryArray.from_arrays(codes, column.texts, safe=False)
