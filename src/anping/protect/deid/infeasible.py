"""Why nothing works: the error that names the columns, and says what to change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anping.core.errors import InfeasibleError, Where
from anping.core.text import Text
from anping.protect.deid.encoding import Codes, Floats
from anping.protect.deid.model import PrivacyModel
from anping.protect.deid.tuples import Encoded, totals

_NAMED = 3


def require_reachable(encoded: Encoded, model: PrivacyModel) -> None:
    """Raise InfeasibleError where even one class of all rows would fail the model.

    Entropy is left to the search: parts of the table can satisfy it where the whole does not.
    """
    people = encoded.people()
    if people < model.k:
        raise InfeasibleError(
            "deid.k-too-large",
            Text(
                f"k = {model.k}，但資料只有 {people} 人。",
                f"k is {model.k}, but the table has only {people} people.",
            ),
            hint=Text(f"k 最多可設為 {people}。", f"k can be at most {people}."),
        )
    for column, attribute in zip(model.diversified, encoded.tuples.attributes, strict=True):
        found = int(np.unique(attribute.value).size)
        if model.l is not None and found < model.l:
            raise InfeasibleError(
                "deid.l-too-large",
                Text(
                    f"l = {model.l}，但敏感欄位只有 {found} 種值。",
                    f"l is {model.l}, but the sensitive column has only {found} distinct values.",
                ),
                where=Where(column=column),
                hint=Text(f"l 最多可設為 {found}。", f"l can be at most {found}."),
            )


def nothing_fits(encoded: Encoded, model: PrivacyModel, *, limit: float) -> InfeasibleError:
    """Return the error for a lattice without an allowed node, naming the columns that split most."""
    names, unique = _culprits(encoded, model.k)
    listed_zh, listed_en = "、".join(names), ", ".join(names)
    if not names:
        return _too_uneven(model)
    return InfeasibleError(
        "deid.infeasible",
        Text(
            f"即使全部概化到最高層，仍無法在最多隱藏 {limit:.1%} 的列之內達到要求；"
            f"在最高層，這 {len(names)} 個欄位（{listed_zh}）就讓 {unique:.0%} 的列落在人數不足的類別。",
            f"Even with every column at its highest level the model is not met within {limit:.1%} "
            f"suppressed rows; at that level these {len(names)} columns ({listed_en}) alone put "
            f"{unique:.0%} of the rows in classes that are too small.",
        ),
        where=Where(column=names[0]),
        hint=Text(
            "替這些欄位的階層加上最高層 *，或把欄位刪除，或放寬隱藏比例。",
            "Give the hierarchies of these columns a top level *, drop a column, or allow more suppression.",
        ),
    )


def _too_uneven(model: PrivacyModel) -> InfeasibleError:
    listed = ", ".join(model.diversified)
    return InfeasibleError(
        "deid.l-out-of-reach",
        Text(
            f"在允許的隱藏比例內，找不到任何概化能讓敏感欄位（{listed}）達到 l = {model.l}（{model.l_kind}）。",
            f"Within the allowed suppression no generalisation was found in which the sensitive "
            f"columns ({listed}) reach l = {model.l} ({model.l_kind}).",
        ),
        hint=Text(
            "降低 l，或改用 distinct，或合併過於集中的敏感值。",
            "Lower l, use distinct, or regroup the sensitive values that dominate.",
        ),
    )


def _culprits(encoded: Encoded, k: int) -> tuple[Sequence[str], float]:
    """Return up to three columns that, at their top levels, isolate the most rows, and the share."""
    tops = {
        ladder.column: ladder.codes[-1][encoded.leaves(column)]
        for column, ladder in enumerate(encoded.ladders)
        if ladder.sizes[-1] > 1
    }
    chosen: list[str] = []
    rows = encoded.tuples.rows
    keys, worst = np.zeros(rows.size, np.int64), 0.0
    while tops and len(chosen) < _NAMED:
        shares = {name: _isolated(_joined(keys, codes), rows, k) for name, codes in tops.items()}
        name = max(shares, key=lambda name: shares[name])
        if chosen and shares[name] <= worst:
            break
        keys, worst = _joined(keys, tops.pop(name)), shares[name]
        chosen.append(name)
    return chosen, worst


def _joined(keys: Codes, codes: Codes) -> Codes:
    pairs = keys * (int(codes.max(initial=0)) + 1) + codes
    return np.asarray(np.unique(pairs, return_inverse=True)[1], np.int64)


def _isolated(keys: Codes, rows: Floats, k: int) -> float:
    sizes = totals(keys, rows, int(keys.max(initial=-1)) + 1)
    return float(sizes[sizes < k].sum() / max(1.0, float(sizes.sum())))
