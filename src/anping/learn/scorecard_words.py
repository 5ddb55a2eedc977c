"""How the bins of a scorecard read, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from anping.core.text import Text
from anping.stats.binning_columns import BinnedColumn

#: So many categories of a bin are named.
_NAMED = 6
_MISSING = Text("沒有值", "missing")
_UNKNOWN = Text("沒見過的值", "never seen before")


def attributes_of(column: BinnedColumn, categories: Sequence[str]) -> tuple[Text, ...]:
    """Return the names of all bins of a column; ``categories`` are the values of its codes."""
    if column.cuts is None:
        ordinary = [
            _group([_category(categories, code) for code in each]) for each in column.groups
        ]
    else:
        ends = [None, *column.cuts.tolist(), None]
        ordinary = [_between(low, high) for low, high in pairwise(ends)]
    beside = [
        Text(f"特殊值 {_number(one)}", f"special value {_number(one)}") for one in column.specials
    ]
    return (*ordinary, *beside, _MISSING, _UNKNOWN)


def _category(categories: Sequence[str], code: int) -> Text:
    if code < len(categories):
        return Text(categories[code], categories[code])
    return Text("其他少見的值", "other rare values")


def _group(names: list[Text]) -> Text:
    shown, more = names[:_NAMED], len(names) - _NAMED
    zh, en = "、".join(one.zh for one in shown), ", ".join(one.en for one in shown)
    if more <= 0:
        return Text(zh, en)
    return Text(f"{zh}等 {len(names)} 種", f"{en} and {more} more")


def _between(low: float | None, high: float | None) -> Text:
    if low is None and high is None:
        return Text("任何值", "any value")
    if low is None:
        assert high is not None
        return Text(f"小於 {_number(high)}", f"below {_number(high)}")
    if high is None:
        return Text(f"{_number(low)} 以上", f"{_number(low)} or more")
    return Text(
        f"{_number(low)} 至未滿 {_number(high)}", f"{_number(low)} to below {_number(high)}"
    )


def _number(value: float) -> str:
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,.6g}"
