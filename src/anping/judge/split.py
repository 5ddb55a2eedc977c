"""Who is learnt from and who is tested on: people, not rows, are divided."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.errors import ParameterError
from anping.core.text import Text

Rows = NDArray[np.int64]


def people_numbers(keys: pa.Array | None) -> Rows | None:
    """Return numbers for the people of the raw rows; whoever is not named is seen only once."""
    if keys is None:
        return None
    if pa.types.is_dictionary(keys.type):
        keys = keys.dictionary_decode()
    encoded = keys.dictionary_encode()
    codes: Rows = np.array(encoded.indices.fill_null(len(encoded.dictionary)), dtype=np.int64)
    names = [*map(trimmed_text, encoded.dictionary.to_pylist()), ""]
    missing = np.array([not name for name in names])[codes]
    codes[missing] = len(encoded.dictionary) + np.arange(int(missing.sum()))
    return codes


def split(rows: int, people: Rows | None, *, test_share: float, seed: int) -> tuple[Rows, Rows]:
    """Return training and test rows; all rows of one person fall on the same side.

    ``people`` numbers the person of each row, None where rows stand for people. Raises
    ParameterError (``utility.test-share``) for a share of 0 or 1.
    """
    if not 0 < test_share < 1:
        raise ParameterError(
            "utility.test-share",
            Text("測試比例必須在 0 與 1 之間。", "The test share lies between 0 and 1."),
            hint=Text("例如 0.3。", "For example 0.3."),
        )
    whole = np.arange(rows, dtype=np.int64)
    who = whole if people is None else people
    everybody = np.random.default_rng(seed).permutation(np.unique(who))
    held_out = np.isin(who, everybody[: round(everybody.size * test_share)])
    return whole[~held_out], whole[held_out]
