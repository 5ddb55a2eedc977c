"""A small made table of Taiwanese customers: nobody in it exists."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

from anping.core.columns import ColumnFinding, Role

_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_TYPES: dict[str, tuple[str, Role]] = {
    "姓名": ("PERSON_NAME", Role.DIRECT_IDENTIFIER),
    "身分證字號": ("TW_NATIONAL_ID", Role.DIRECT_IDENTIFIER),
    "手機": ("PHONE", Role.DIRECT_IDENTIFIER),
    "性別": ("GENDER", Role.QUASI_IDENTIFIER),
    "出生日期": ("DATE_OF_BIRTH", Role.QUASI_IDENTIFIER),
    "通訊地址": ("ADDRESS_FULL", Role.DIRECT_IDENTIFIER),
    "職業": ("OCCUPATION", Role.QUASI_IDENTIFIER),
    "年收入": ("INCOME", Role.SENSITIVE),
    "等級": ("CREDIT_RATING", Role.SENSITIVE),
    "申請日期": ("DATE", Role.NONE),
    "客服備註": ("FREE_TEXT", Role.FREE_TEXT),
    "違約": ("CREDIT_DEFAULT", Role.SENSITIVE),
}


def _national_id(draw: random.Random) -> str:
    letter = draw.choice(_LETTERS)
    value = _LETTERS.index(letter) + 10
    digits = [draw.choice([1, 2]), *(draw.randrange(10) for _ in range(7))]
    weights = range(8, 0, -1)
    total = value // 10 + value % 10 * 9 + sum(d * w for d, w in zip(digits, weights, strict=True))
    return letter + "".join(map(str, digits)) + str(-total % 10)


def _person(draw: random.Random) -> dict[str, Any]:
    name = draw.choice("陳林黃張李王吳劉蔡楊") + "".join(draw.sample("志明淑芬家豪怡君俊傑雅婷", 2))
    district = draw.choice(["臺北市大安區", "臺北市信義區", "新北市板橋區", "高雄市左營區"])
    phone = f"09{draw.randrange(10**8):08d}"
    return {
        "姓名": name,
        "身分證字號": _national_id(draw),
        "手機": f"{phone[:4]}-{phone[4:7]}-{phone[7:]}",
        "性別": draw.choice(["男", "女"]),
        "出生日期": f"民國{draw.randrange(40, 95)}年{draw.randrange(1, 13)}月{draw.randrange(1, 29)}日",
        "通訊地址": f"{district}中山路{draw.randrange(1, 400)}號{draw.randrange(2, 9)}樓",
        "職業": draw.choice(["工程師", "教師", "服務業", "醫師", None]),
        "年收入": draw.randrange(300_000, 3_000_000),
        "等級": draw.choice("甲乙丙"),
    }


def _note(person: dict[str, Any], draw: random.Random) -> str | None:
    plain = person["手機"].replace("-", "")
    return draw.choice(
        [
            None,
            "無特別事項",
            f"{person['姓名'][1:]}先生來電，電話{plain}",
            f"{person['姓名'][0]} {person['姓名'][1]} {person['姓名'][2]}本人到場，證號{person['身分證字號'].lower()}",
            f"寄送至{person['通訊地址'].replace('臺', '台')}，{person['出生日期']}生",
            f"聯絡+886 {plain[1:4]} {plain[4:]}",
        ]
    )


@pytest.fixture(scope="session")
def customers() -> pa.Table:
    """400 rows of 340 people: some stand twice."""
    draw = random.Random(20261121)
    people = [_person(draw) for _ in range(340)]
    rows = []
    for person in [*people, *draw.choices(people, k=60)]:
        day = f"2024-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
        rows.append(
            {**person, "申請日期": day, "客服備註": _note(person, draw), "違約": draw.randrange(2)}
        )
    return pa.Table.from_pylist(rows)


@pytest.fixture(scope="session")
def findings(customers: pa.Table) -> tuple[ColumnFinding, ...]:
    """What a scan of ``customers`` finds."""
    return tuple(
        ColumnFinding(column, kind, role, 1.0, 1.0, customers.num_rows)
        for column, (kind, role) in _TYPES.items()
    )
