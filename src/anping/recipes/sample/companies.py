"""Employers: invented companies with business numbers that pass their checksum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from anping.recipes.sample.draw import chance, pick
from anping.recipes.sample.identifiers import business_number

_FIRST: Final = tuple("宏昇鼎冠泰瑞協盛聯佳嘉億凱晟駿展順祥榮豐")
_SECOND: Final = tuple("達碁輝鑫隆暘葳宇揚茂霖騰毅邦程曜鉅旭翊創")
_TRADES: Final = (
    "精密", "電子", "科技", "實業", "工業", "建設", "食品", "紡織", "物流", "資訊", "生技", "國際",
    "塑膠", "機械", "光電", "貿易",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Company:
    """One employer."""

    name: str
    number: str


def draw_companies(count: int, rng: np.random.Generator) -> tuple[Company, ...]:
    """Return ``count`` companies; seven in ten are limited by shares (股份有限公司)."""
    return tuple(
        Company(
            pick(_FIRST, rng)
            + pick(_SECOND, rng)
            + pick(_TRADES, rng)
            + ("股份有限公司" if chance(0.7, rng) else "有限公司"),
            business_number(rng),
        )
        for _ in range(count)
    )
