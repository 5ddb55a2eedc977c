"""The distribution of equivalence class sizes, before and after, as one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anping.core.text import Text
from anping.share.charts.chart import Axis, Chart, Series, same
from anping.share.charts.scale import written

#: A band of sizes: ``{"low": 5, "high": 9, "people": 120 or None}``; ``high`` None has no end.
Band = Mapping[str, Any]


def class_size_figure(before: Sequence[Band], after: Sequence[Band]) -> Chart | None:
    """Return the share of people by the size of their equivalence class, or None without bands.

    A band whose count is None is one that was suppressed because few people stand in it; it is
    drawn as a dash. The bands of ``before`` and ``after`` must be the same.
    """
    labels = [_label(band) for band in before]
    if not labels or labels != [_label(band) for band in after]:
        return None
    shares = (_shares(before), _shares(after))
    used = [i for i in range(len(labels)) if any(one[i] != 0.0 for one in shares)]
    kept = range(min(used, default=0), max(used, default=0) + 1)
    return Chart(
        id="class-sizes",
        kind="histogram",
        title=Text("每個人與多少人分不出來", "How many people each person hides among"),
        description=_described([band["low"] for band in before], shares),
        category=Axis(Text("等價類的大小（人）", "People in the equivalence class")),
        value=Axis(
            Text("人的比例（—：人數太少，不公布）", "Share of people (—: too few to tell)"),
            "percent",
        ),
        categories=tuple(same(labels[i]) for i in kept),
        series=(
            Series(Text("保護前", "before"), tuple(shares[0][i] for i in kept)),
            Series(Text("保護後", "after"), tuple(shares[1][i] for i in kept)),
        ),
    )


def _label(band: Band) -> str:
    low, high = band["low"], band["high"]
    if high is None:
        return f"{low}+"
    return str(low) if low == high else f"{low}–{high}"


def _shares(bands: Sequence[Band]) -> list[float | None]:
    total = sum(band["people"] or 0 for band in bands) or 1
    return [None if band["people"] is None else band["people"] / total for band in bands]


def _described(
    lows: Sequence[int], shares: tuple[Sequence[float | None], Sequence[float | None]]
) -> Text:
    before, after = (
        written(
            sum(share or 0.0 for low, share in zip(lows, one, strict=True) if low < 5), "percent"
        )
        for one in shares
    )
    return Text(
        f"等價類大小的分布。在少於 5 人的等價類中的人，保護前約占 {before}，保護後約占 {after}。",
        f"Sizes of equivalence classes. About {before} of the people stood in classes of "
        f"fewer than 5 before, {after} after.",
    )
