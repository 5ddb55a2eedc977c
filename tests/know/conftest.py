from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from anping.engine.table import Table

SHARED = Path(__file__).parents[2].parent / "shared"


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the shared data folder is not beside the repository")
    return SHARED


@pytest.fixture
def people() -> Table:
    """Forty customers with planted identifiers, one broken ID and one missing e-mail."""
    count = 40
    ids = [national_id(f"A{1 + n % 2}{n:07d}") for n in range(count)]
    ids[3] = ids[3][:9] + str((int(ids[3][9]) + 1) % 10)
    body: dict[str, list[Any]] = {
        "c1": ids,
        "姓名": [
            f"{'陳林黃張李'[n % 5]}{'志雅家淑'[n % 4]}{'豪婷銘芬'[n % 4]}" for n in range(count)
        ],
        "mail": [None if n == 0 else f"user{n}@mail.example" for n in range(count)],
        "性別": ["男" if n % 2 == 0 else "女" for n in range(count)],
        "city": [("臺北市", "臺中市", "高雄市", "臺南市")[n % 4] for n in range(count)],
        "salary": [30_000 + 1_000 * (n % 20) for n in range(count)],
        "note": [
            f"客戶來電 0912-345-{n:03d} 表示要更改地址，請於三日內回覆，謝謝。"
            for n in range(count)
        ],
    }
    return Table.of(pa.table(body))


def national_id(body: str) -> str:
    """Complete a letter, a sex digit and seven digits with the checksum, by the digit-string rule."""
    order = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
    digits = str(10 + order.index(body[0])) + body[1:]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return body + str(-total % 10)
