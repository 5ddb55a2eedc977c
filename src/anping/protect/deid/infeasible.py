"""Why nothing works: the error that names the columns, and says what to change."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from anping.core.errors import InfeasibleError, Where
from anping.core.text import Text
from anping.protect.deid.culprits import Isolating, isolating_columns
from anping.protect.deid.model import PrivacyModel
from anping.protect.deid.tuples import Encoded


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
    for attribute in encoded.tuples.attributes:
        found = int(np.unique(attribute.value).size)
        diversified = attribute.column in model.diversified
        if diversified and model.l is not None and found < model.l:
            raise InfeasibleError(
                "deid.l-too-large",
                Text(
                    f"l = {model.l}，但敏感欄位只有 {found} 種值。",
                    f"l is {model.l}, but the sensitive column has only {found} distinct values.",
                ),
                where=Where(column=attribute.column),
                hint=Text(f"l 最多可設為 {found}。", f"l can be at most {found}."),
            )


def nothing_fits(encoded: Encoded, model: PrivacyModel, *, limit: float) -> InfeasibleError:
    """Return the error for a lattice without an allowed node, naming the columns that split most."""
    found = isolating_columns(encoded, model.k, level="top", over=limit)
    others = (*model.class_criteria[1:], *model.release_criteria)
    if found is None or (others and found.together <= limit):
        return _too_uneven(model) if model.diversified else _out_of_reach(model, others)
    count = len(found.columns)
    listed_zh, listed_en = "、".join(found.columns), ", ".join(found.columns)
    alone = (
        f"these {count} columns ({listed_en}) alone put"
        if count > 1
        else f"this column alone ({listed_en}) puts"
    )
    return InfeasibleError(
        "deid.infeasible",
        Text(
            f"即使全部概化到最高層，仍無法在最多隱藏 {limit:.1%} 的列之內達到要求；"
            f"在最高層，光是這 {count} 個欄位（{listed_zh}）就讓 {found.rows:,} 列中的 "
            f"{_percent(found.share)} 落在不到 {model.k} 人的類別。",
            f"Even with every column at its highest level the model is not met within {limit:.1%} "
            f"suppressed rows; at that level {alone} {_percent(found.share)} of the "
            f"{found.rows:,} rows in classes of fewer than {model.k} people.",
        ),
        where=Where(column=found.columns[0]),
        hint=_changes(found),
    )


def _changes(found: Isolating) -> Text:
    """Return what would help, with the shares that decide between it."""
    return Text(
        "替這些欄位的階層加上最高層 *；或從較粗的一層開始；"
        f"或把它們刪除（其餘欄位還會讓 {_percent(found.without)} 的列人數不足）；"
        f"或把 suppression_limit 提高到至少 {_percent(found.together)}。",
        "Give the hierarchies of these columns a top level *, or start them coarser; or drop them "
        f"(the other columns leave {_percent(found.without)} of the rows in too small classes); "
        f"or raise suppression_limit to at least {_percent(found.together)}.",
    )


def _percent(share: float) -> str:
    """Return a share in whole percent, upwards, so that a limit named is enough."""
    return f"{ceil(share * 100 - 1e-9)}%"


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


_CRITERIA = {
    "KMap": Text("k-map", "k-map"),
    "EstimatedKMap": Text("k-map（估計）", "estimated k-map"),
    "Closeness": Text("t-相近性", "t-closeness"),
    "LimitedFrequency": Text("(α, k)-匿名", "(alpha, k)-anonymity"),
    "BetaLikeness": Text("β-相似性", "beta-likeness"),
    "DeltaDisclosure": Text("δ-揭露隱私", "delta-disclosure privacy"),
    "Presence": Text("δ-存在性", "delta-presence"),
    "AverageRisk": Text("平均風險", "average risk"),
    "PopulationUniqueness": Text("母體唯一性", "population uniqueness"),
}


def _out_of_reach(model: PrivacyModel, others: Sequence[object]) -> InfeasibleError:
    """Return the error for criteria beside k and l that nothing reaches."""
    plain = [type(each).__name__ for each in others]
    names = [_CRITERIA.get(name, Text(name, name)) for name in dict.fromkeys(plain)]
    listed_zh = "".join(f"、{each.zh}" for each in names)
    listed_en = "".join(f", {each.en}" for each in names)
    columns = ", ".join(model.columns)
    return InfeasibleError(
        "deid.criteria-out-of-reach",
        Text(
            f"在允許的隱藏比例內，找不到任何概化能滿足：k = {model.k}{listed_zh}。",
            "Within the allowed suppression no generalisation was found that satisfies all of: "
            f"k = {model.k}{listed_en}.",
        ),
        where=Where(column=columns or None),
        hint=Text(
            "放寬其中一項的門檻，或提高 suppression_limit，或合併過於集中的敏感值。",
            "Relax one of these limits, raise suppression_limit, or regroup the sensitive values "
            "that dominate.",
        ),
    )
