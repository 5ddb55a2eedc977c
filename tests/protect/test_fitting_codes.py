"""Codes of published classifications are recognised when a hierarchy is proposed."""

from __future__ import annotations

import pyarrow as pa
import pytest

from anping.core.columns import ColumnFinding, Role
from anping.protect.fitting import fitting_hierarchy


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("DIAGNOSIS", ["E11.9", "i10", "J449", "S72.001A"], "icd10"),
        ("DIAGNOSIS", ["糖尿病", "高血壓", "感冒"], "category"),
        ("OCCUPATION", ["2511 系統分析師", "5221", "0110"], "occupation"),
        ("OCCUPATION", [2511, 5221, 9112], "occupation"),
        ("OCCUPATION", ["工程師", "教師"], "category"),
        ("ADDRESS_FULL", ["臺北縣板橋市文化路1號", "高雄縣鳳山市中山路2號"], "address"),
        ("ADDRESS_PART", ["10617", "220", "802"], "postal_code"),
        ("GENDER", ["1111", "2222"], "category"),
    ],
)
def test_the_kind_that_fits(kind: str, values: list[object], expected: str) -> None:
    finding = ColumnFinding("q", kind, Role.QUASI_IDENTIFIER, 1.0, 1.0, len(values))
    assert fitting_hierarchy(finding, pa.chunked_array([values])).kind == expected
