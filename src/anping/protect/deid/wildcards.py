"""A missing value that may stand for any other: who could be meant by a released row.

With ``missing: wildcard`` a class is large enough when some class of k people *covers* it: it has
the same value in every quasi-identifier, or a missing one. Whoever looks for a person finds those
k people too, as long as he does not know whose values are missing. The covering class must itself be
released, so it satisfies whatever else the model asks for; all else is asked of every class by
itself. A class with a missing value is
itself covered only by classes in which that value is missing as well: its true value, which an
attacker may know, need not be anybody else's (the reading that stays safe under maximum knowledge;
sdcMicro's frequencies let a missing value match both ways, ARX's privacy models make it a value of
its own). Covering is transitive and stays when values are generalised, so a class that nothing
covers has no part that anything covers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anping.protect.deid.encoding import Codes, Ladder, Node
from anping.protect.deid.hierarchy import MISSING
from anping.protect.deid.tuples import Bools, Tuples, leaves_of


def covered(texts: pa.Table, strong: Bools) -> Bools:
    """Return which classes a ``strong`` one covers, itself among them.

    ``texts`` has the classes' quasi-identifiers, one row for each; empty text is missing.
    """
    codes, missing = [], []
    for column in texts.columns:
        cells = pc.fill_null(column.cast(pa.string()), MISSING).combine_chunks()
        codes.append(cells.dictionary_encode().indices.to_numpy().astype(np.int64))
        missing.append(pc.equal(cells, MISSING).to_numpy(zero_copy_only=False))
    return _covered(np.stack(codes, axis=1), np.stack(missing, axis=1), strong)


def coverage(
    tuples: Tuples, ladders: tuple[Ladder, ...], node: Node, *, keys: Codes, size: int
) -> Callable[[Bools], Bools]:
    """Return what tells which of the ``size`` classes of a ``node`` any of some classes covers.

    ``keys`` gives each tuple its class.
    """
    member = np.full(size, -1, np.int64)
    member[keys] = np.arange(keys.size)
    there = np.flatnonzero(member >= 0)
    codes, missing = [], []
    for column, (ladder, level) in enumerate(zip(ladders, node, strict=True)):
        leaves = leaves_of(tuples, ladders, column)[member[there]]
        code = ladder.codes[level][leaves]
        codes.append(code)
        missing.append(np.array([name == MISSING for name in ladder.names[level]])[code])
    own, empty = np.stack(codes, axis=1), np.stack(missing, axis=1)

    def of(strong: Bools) -> Bools:
        found = np.zeros(size, np.bool_)
        found[there] = _covered(own, empty, strong[there])
        return found

    return of


def _covered(codes: Codes, missing: Bools, strong: Bools) -> Bools:
    """Return the same from each class's codes and missing cells, both (classes, columns)."""
    found = strong.copy()
    for pattern in np.unique(missing[strong], axis=0):
        if not pattern.any():
            continue
        those = strong & (missing == pattern).all(axis=1)
        rest = np.flatnonzero(~pattern)
        if not rest.size:
            return np.ones_like(found)
        numbers = np.unique(codes[:, rest], axis=0, return_inverse=True)[1].reshape(-1)
        hit = np.zeros(int(numbers.max(initial=-1)) + 1, np.bool_)
        hit[numbers[those]] = True
        found |= hit[numbers]
    return found
