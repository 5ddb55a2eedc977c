from __future__ import annotations

import pyarrow as pa
import pytest

from anping.core.columns import ColumnFinding
from anping.core.measure import Measure, find
from anping.engine.table import Table
from anping.know.discover.taxonomy import taxonomy
from anping.know.quality import measure_quality
from know.conftest import national_id

Measures = tuple[Measure, ...]
MAN, WOMAN = national_id("A12345678"), national_id("B23456789")


def known(**types: str) -> tuple[ColumnFinding, ...]:
    return tuple(
        ColumnFinding(column, kind, taxonomy()[kind].role, 1.0, 1.0, 1)
        for column, kind in types.items()
    )


@pytest.fixture
def measures() -> Measures:
    table = Table.of(
        pa.table(
            {
                "id": [MAN, WOMAN, "A123456780", MAN, None],
                "sex": ["男", "男", "男", "男", "女"],
                "born": [
                    "民國73年10月18日",
                    "1990-02-01",
                    "1990-02-30",
                    "民國73年10月18日",
                    "1980-01-01",
                ],
                "zip": ["100", "110", "110", "100", "不詳"],
                "address": [
                    "臺北市中正區忠孝東路1號",
                    "臺北市大安區和平路2號",
                    "110臺北市信義區松仁路3號",
                    "臺北市中正區忠孝東路1號",
                    "某處",
                ],
            }
        )
    )
    findings = known(
        id="TW_NATIONAL_ID",
        sex="GENDER",
        born="DATE_OF_BIRTH",
        zip="ADDRESS_PART",
        address="ADDRESS_FULL",
    )
    return measure_quality(table, findings)


def ratio(measures: Measures, name: str, subject: str = "") -> tuple[object, int]:
    found = find(measures, f"quality.{name}", subject)
    assert found is not None
    return pytest.approx(found.value), found.n


def test_completeness(measures: Measures) -> None:
    assert ratio(measures, "completeness", "id") == (4 / 5, 5)
    assert ratio(measures, "completeness", "zip") == (4 / 5, 5)
    assert ratio(measures, "completeness") == (23 / 25, 25)


def test_validity(measures: Measures) -> None:
    assert ratio(measures, "validity", "id") == (3 / 4, 4)
    assert ratio(measures, "validity", "born") == (4 / 5, 5)
    assert ratio(measures, "validity", "address") == (4 / 5, 5)


def test_uniqueness(measures: Measures) -> None:
    assert ratio(measures, "uniqueness") == (4 / 5, 5)
    assert ratio(measures, "uniqueness", "id") == (3 / 4, 4)


def test_consistency(measures: Measures) -> None:
    assert ratio(measures, "consistency", "id × sex") == (2 / 3, 3)
    assert ratio(measures, "consistency", "zip × address") == (3 / 4, 4)
    assert ratio(measures, "consistency", "address") == (1.0, 1)
    assert ratio(measures, "consistency", "born") == (2 / 4, 4)


def test_every_measure_has_a_title_a_unit_and_a_unique_key(measures: Measures) -> None:
    assert len({measure.key for measure in measures}) == len(measures)
    assert all(
        measure.title.zh and measure.title.en and measure.unit == "ratio" for measure in measures
    )
    assert not any(MAN in str(measure.as_json()) for measure in measures)


def test_age_must_agree_with_the_birthday() -> None:
    table = Table.of(
        pa.table(
            {
                "age": [*range(20, 40), 90],
                "born": [f"{2025 - age}-06-01" for age in range(20, 40)] + ["2000-01-01"],
            }
        )
    )
    measures = measure_quality(table, known(age="AGE", born="DATE_OF_BIRTH"))
    assert ratio(measures, "consistency", "age × born") == (20 / 21, 21)


def test_an_empty_table_has_no_measures() -> None:
    table = Table.of(pa.table({"a": pa.array([], pa.string())}))
    assert measure_quality(table, known(a="TEXT")) == ()
