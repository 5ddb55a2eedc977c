"""Names, organisations and places of the second corpus: other characters than the samples' lists."""

from __future__ import annotations

from typing import Final

import numpy as np

from anping.core.taiwan import names
from anping.recipes.sample.draw import Weighted, chance, pick
from anping.recipes.sample.people import chinese_name

#: Characters of given names that lists of common given names mostly lack; some are not in Big5, some
#: only in its extensions (碁恒嫺), some variants (峯堃喆).
_GIVEN: Final = tuple(
    "翊甯芃睿霈昀郁暐喬彤沛恩禾語橙安樂寧澄曦澤宸宥叡詠捷墨軒岑瑀珞瑄綺霖熙煒燁庭匡毅勳展紘鈞鎧鑫"
    "碁恒嫺峯堃喆珮玟瑈筠蓁葳薇蕎藍妮娜嬡媺婕妘姵采芮苡茉荷莘菲萱菀善慈惠敏靜雯雲霏朗晏晟晴暄"
)
_RARE_SURNAMES: Final = tuple("闕卓鄞閻湛粘蔣龎瞿巫昌危戚冷邸慕阮鍾涂官幸全單祁蒲鄒宣桑")
_COMPOUND: Final = ("歐陽", "張簡", "范姜", "司馬", "上官", "諸葛", "翁林", "陳黃", "王林")
_INDIGENOUS: Final = (
    "瓦歷斯·諾幹", "谷辣斯‧尤達卡", "伊誕·巴瓦瓦隆", "比黛·拉厚", "撒韵‧武荖", "達悟·夏曼", "娜荷·布妮",
)  # fmt: skip
_WEST_GIVEN: Final = (
    "Kevin", "Grace", "Oliver", "Sophia", "Hannah", "Lucas", "Naomi", "Priya", "Rahul", "Fatima",
    "Diego", "Ingrid", "Chloe", "Marcus", "Peter", "Irene", "Vivian", "Jason", "Amanda", "Victor",
)  # fmt: skip
_WEST_SURNAMES: Final = (
    "O'Connor", "Whitfield", "Kowalski", "Fernandez", "Gupta", "Al-Farsi", "Schneider", "Rossi",
    "Nakamura", "Park", "Sullivan", "Bennett", "Tsai", "Hsu", "Chuang", "Liao", "Peng", "Yeh",
)  # fmt: skip
_ROMAN_SURNAMES: Final = (
    "Chen", "Lin", "Hsu", "Tsai", "Liao", "Yeh", "Chiu", "Kuo", "Hsieh", "Tseng", "Chou", "Su",
)  # fmt: skip
_ROMAN: Final = (
    "Wei", "Ting", "Yu", "Hsuan", "Chia", "Hui", "Shu", "Fen", "Kuan", "Hung", "Jui", "Min", "Pei",
    "Shan", "Tzu", "Yun", "Cheng", "Han", "Zhi", "Ming",
)  # fmt: skip
_SOUTH_EAST: Final = (
    "Nguyen Thi Hoa", "Tran Van Duc", "Le Thi Mai", "Pham Quoc Bao", "Siti Nurhaliza", "Budi Santoso",
    "Sri Wahyuni", "Maria Clara Santos", "Jose Reyes Cruz", "Somchai Jaidee",
)  # fmt: skip
_FIRM: Final = (
    "大晟",
    "宏圖",
    "永豫",
    "信邑",
    "凱鴻",
    "德閎",
    "群曜",
    "立穎",
    "東禾",
    "林記",
    "黃氏",
    "陳昌",
)
_TRADE: Final = (
    "營造",
    "水電工程",
    "冷凍空調",
    "會計",
    "運通",
    "印刷",
    "農產",
    "保全",
    "儀器",
    "文教",
)
_KIND: Final = ("股份有限公司", "有限公司", "企業社", "工程行")
_PLACES: Final = (
    "中正公園", "林森北路口", "王爺廟", "高中側門", "江子翠站", "石牌捷運站", "黃金海岸", "馬場町",
    "成功大學", "孔廟", "湯圍溝", "何厝", "程氏古厝", "方圓廣場", "白沙屯", "金城武樹", "汪洋碼頭",
)  # fmt: skip


def chinese(rng: np.random.Generator) -> str:
    """Return a Chinese name; two in five have a given name that common lists lack."""
    kind = rng.random()
    if kind < 0.6:
        return chinese_name("F" if chance(0.5, rng) else "M", rng)[1]
    surname = Weighted.of(names().surnames).one(rng)
    if kind > 0.94:
        surname = pick(_COMPOUND, rng)
    elif kind > 0.88:
        surname = pick(_RARE_SURNAMES, rng)
    given = pick(_GIVEN, rng)
    return surname + given + (pick(_GIVEN, rng) if chance(0.85, rng) else "")


def english(rng: np.random.Generator) -> str:
    """Return a name in Latin letters: western, romanised in several orders, or South-East Asian."""
    kind = rng.random()
    if kind < 0.45:
        return f"{pick(_WEST_GIVEN, rng)} {pick(_WEST_SURNAMES, rng)}"
    if kind > 0.88:
        return pick(_SOUTH_EAST, rng)
    first, second, surname = pick(_ROMAN, rng), pick(_ROMAN, rng), pick(_ROMAN_SURNAMES, rng)
    return pick(
        (
            f"{first}-{second} {surname}",
            f"{surname}, {first}-{second}",
            f"{surname} {first}-{second.lower()}",
            f"{surname.upper()} {first.upper()}-{second.upper()}",
            f"{pick(_WEST_GIVEN, rng)} {surname}",
        ),
        rng,
    )


def indigenous(rng: np.random.Generator) -> str:
    """Return an indigenous name in Chinese characters."""
    return pick(_INDIGENOUS, rng)


def titled(rng: np.random.Generator) -> str:
    """Return a surname with a title."""
    surname = Weighted.of(names().surnames).one(rng)
    return surname + pick(("先生", "小姐", "太太", "老師"), rng)


def organisation(rng: np.random.Generator) -> str:
    """Return an invented company, many with a surname inside."""
    return pick(_FIRM, rng) + pick(_TRADE, rng) + pick(_KIND, rng)


def place(rng: np.random.Generator) -> str:
    """Return a place whose name begins as a personal name does, or holds one."""
    return pick(_PLACES, rng)
