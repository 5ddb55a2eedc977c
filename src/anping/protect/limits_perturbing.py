"""What values that were swapped, averaged, randomised or sampled do not show."""

from __future__ import annotations

from collections.abc import Iterator

from anping.core.text import Text
from anping.protect.entries_perturbing import (
    Anatomize,
    LocalSuppression,
    Microaggregate,
    Noise,
    Pram,
    RankSwap,
)
from anping.protect.plan import Plan

_OF_KIND = (
    (
        LocalSuppression,
        Text(
            "區域抑制只看群組中的欄位（{columns}）；空格本身說明這個組合原本罕見。",
            "Local suppression looks at the columns of its groups only ({columns}); an empty cell tells"
            " that the combination was rare.",
        ),
    ),
    (
        Microaggregate,
        Text(
            "微聚合後的平均值仍接近原值（{columns}）：知道約略數值的人可能找到某人所在的組；組內變異不再看得到，"
            "變異數與相關會有偏差。",
            "A mean is still near the true values ({columns}): whoever knows a number roughly may find a"
            " person's group; what varies within groups is gone, which biases variances and correlations.",
        ),
    ),
    (
        Pram,
        Text(
            "PRAM 後的單一值可能是假的，也可能是真的（{columns}）；一欄的次數可以校正，與其他欄位的關聯會變弱。",
            "After PRAM any single value may be true or not ({columns}); counts of one column can be"
            " corrected, associations with other columns become weaker.",
        ),
    ),
    (
        RankSwap,
        Text(
            "名次交換保留整欄的值（{columns}），極端值仍會出現，只是不在原來的列；交換範圍小時仍接近原值。",
            "Rank swapping keeps the values of the whole column ({columns}): extreme ones are still there,"
            " in other rows; within a narrow range a value stays near the true one.",
        ),
    ),
    (
        Noise,
        Text(
            "雜訊以每個儲存格為單位（{columns}）：同一人有多格時 ε 要相加；沒有界限的雜訊不給任何保證。",
            "Noise is for each cell ({columns}): where a person has several cells their epsilon adds up;"
            " noise without bounds promises nothing.",
        ),
    ),
    (
        Anatomize,
        Text(
            "解剖化原樣釋出其他欄位，因此看得出誰在表中；同一人有多列時，各組的交集可能洩漏他的值（{columns}）。",
            "Anatomization releases the other columns as they are, so who is in the table can be seen; where"
            " a person has several rows, what their groups share may tell the value ({columns}).",
        ),
    ),
)
_SAMPLE = Text(
    "抽樣只保護不知道誰在樣本裡的人的猜測；知道某人在樣本中的人，面對的風險與沒有抽樣時一樣。",
    "Sampling protects only against those who do not know who is in the sample; whoever knows that a"
    " person is faces the same risk as without it.",
)


def limits_of_perturbing(plan: Plan) -> Iterator[Text]:
    """Yield what the perturbing techniques of a plan do not protect from, or cost."""
    for kind, text in _OF_KIND:
        columns = plan.named(kind)
        if columns:
            yield text.fill(columns=", ".join(columns))
    if plan.sample is not None:
        yield _SAMPLE
