"""Columns whose values are too many to list get the same figures as those that are listed."""

from __future__ import annotations

import dataclasses
import random
from datetime import date, timedelta
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anping.core.columns import Role
from anping.core.measure import find
from anping.engine.table import Table
from anping.know.consistency import consistency
from anping.know.discover import table_values as looking
from anping.know.discover.columns import find_columns
from anping.know.discover.table_values import table_values
from anping.know.masked import masked_examples
from anping.know.profile import ColumnProfile, profile
from anping.know.quality import measure_quality
from anping.know.scan import scan
from know.conftest import national_id

ROWS = 3_000


@pytest.fixture
def register(tmp_path: Path) -> Table:
    """A register on disk whose columns are mostly distinct, and not all neatly written."""
    draw = random.Random(5)
    born = [date(1930, 1, 1) + timedelta(days=draw.randrange(30_000)) for _ in range(ROWS)]
    ids = [national_id(f"A{1 + n % 2}{n:07d}") for n in range(ROWS)]
    mails = [f"user{n}@mail.example" for n in range(ROWS)]
    body: dict[str, Any] = {
        "c1": [i[:9] + "x" if n % 50 == 0 else i for n, i in enumerate(ids)],
        "sex": ["男" if n % 2 == 0 else "女" for n in range(ROWS)],
        "mail": [("Ｎ/A", None, f" {mail} ", mail)[min(n % 20, 3)] for n, mail in enumerate(mails)],
        "born": [day.strftime("%Y/%m/%d") if n % 3 else f"{day}" for n, day in enumerate(born)],
        "joined": [day + timedelta(days=9_000) for day in born],
        "age": [2025 - day.year + (n % 100 == 0) * 9 for n, day in enumerate(born)],
        "address": [
            f"{('106', '100')[n % 2]}臺北市{('大安區', '中正區')[n % 3 % 2]}和平路{n}號"
            for n in range(ROWS)
        ],
        "amount": [None if n % 9 == 0 else draw.gauss(50, 9) for n in range(ROWS)],
        "written": [f"{draw.randrange(10**6):,}" for _ in range(ROWS)],
    }
    table = pa.table(body)
    table = table.set_column(
        7, "amount", pa.array([float("nan") if n % 77 == 5 else v for n, v in enumerate(body["amount"])])
    )  # fmt: skip
    path = tmp_path / "register.parquet"
    pq.write_table(table, path, row_group_size=700)
    return Table.open(path)


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but a handful of values is few."""
    monkeypatch.setattr(looking, "FEW_VALUES", 50)


def test_whole_columns_are_counted_exactly(register: Table, many: None) -> None:
    del many
    found = {column.name: column for column in table_values(register, sample=500)}
    known = {column.name: column for column in table_values(register, sample=None)}
    for name, column in found.items():
        assert (column.rows, column.filled, column.distinct) == (
            known[name].rows,
            known[name].filled,
            known[name].distinct,
        ), name
    assert found["sex"].every == known["sex"].counts
    assert found["mail"].every is None
    assert found["mail"].n < 500


def test_a_table_larger_than_the_limit_is_scanned_alike(
    register: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = table_values(register)
    findings = find_columns(register, values=values)
    listed = {c.column: c for c in profile(register, findings=findings, values=values).columns}
    measured = measure_quality(register, findings, values=values)
    monkeypatch.setattr(looking, "FEW_VALUES", 50)
    values = table_values(register, sample=10**6)
    assert find_columns(register, values=values) == findings
    assert measure_quality(register, findings, values=values) == measured
    for column in profile(register, findings=findings, values=values).columns:
        _assert_alike(column, listed[column.column])


def _assert_alike(one: ColumnProfile, other: ColumnProfile) -> None:
    plain = dataclasses.replace(one, numeric=None, histogram=None)
    assert plain == dataclasses.replace(other, numeric=None, histogram=None)
    assert (one.numeric is None) == (other.numeric is None)
    if one.numeric is not None and other.numeric is not None:
        assert one.numeric.n == other.numeric.n
        assert one.numeric.quantiles == pytest.approx(other.numeric.quantiles)
        assert one.numeric.mean == pytest.approx(other.numeric.mean)
        assert one.numeric.standard_deviation == pytest.approx(other.numeric.standard_deviation)
    if one.histogram is not None and other.histogram is not None:
        assert one.histogram.counts == other.histogram.counts


def test_what_is_sampled_says_so(register: Table, many: None) -> None:
    del many
    values = table_values(register, sample=500)
    findings = find_columns(register, values=values)
    described = profile(register, findings=findings, values=values)
    written, amount = described.column("written"), described.column("amount")
    assert written is not None
    assert amount is not None
    assert written.numeric is not None
    assert amount.numeric is not None
    assert (written.n, written.numeric.n) == (ROWS, 500)
    assert amount.numeric.n == amount.n
    assert {finding.column: finding.n for finding in findings}["c1"] == 500


def test_figures_of_the_register(register: Table, many: None) -> None:
    del many
    known = scan(register)
    kinds = {finding.column: finding.semantic_type for finding in known.findings}
    assert (kinds["c1"], kinds["born"], kinds["mail"]) == (
        "TW_NATIONAL_ID",
        "DATE_OF_BIRTH",
        "EMAIL",
    )
    valid = find(known.measures, "quality.validity", "c1")
    assert valid is not None
    assert valid.value == pytest.approx(0.98)
    assert valid.n == ROWS
    ages = find(known.measures, "quality.consistency", "age × born")
    assert ages is not None
    assert ages.value == pytest.approx(0.99)
    assert ages.n == ROWS
    forms = find(known.measures, "quality.consistency", "born")
    assert forms is not None
    assert forms.value == pytest.approx(2 / 3)


def test_numbers_have_the_quantiles_and_counts_of_numpy(register: Table) -> None:
    numbers = np.array(
        [v for v in register.column("amount").to_pylist() if v is not None and not isnan(v)]
    )
    found = profile(register).column("amount")
    assert found is not None
    assert found.numeric is not None
    assert found.numeric.quantiles == pytest.approx(
        np.quantile(numbers, [0.05, 0.25, 0.5, 0.75, 0.95])
    )
    assert found.numeric.standard_deviation == pytest.approx(numbers.std())
    assert found.n == len(numbers)


def test_masked_examples_come_from_sampled_rows(register: Table) -> None:
    finding = next(f for f in find_columns(register) if f.column == "c1")
    assert finding.role is Role.DIRECT_IDENTIFIER
    assert len(masked_examples(register, "c1", finding)) == 3


@pytest.mark.parametrize(
    "cells",
    [
        ["0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "-0044-03-15"],
        [
            "民國前5年1月1日",
            "民國1年1月1日",
            "民國0年1月1日",
            "民國999年12月31日",
            "民國9999年1月1日",
        ],
        ["1911/12/31", "00/01/01", "000/00/00", "99/99/99", "0/0/0"],
        ["99999999", "00000000", "19000229", "1000101", "0000000"],
        ["²年1月1日", "٣٤/٠١/٠١", "１９９０年１月１日", "西元0000年1月1日", "1.2.3.4"],
    ],
)
@pytest.mark.parametrize("few", [2, 50_000])
def test_dates_beyond_the_calendar_are_scanned(
    cells: list[str], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "FEW_VALUES", few)
    body = {"born": cells * 30, "age": [str(n % 90) for n in range(150)], "day": cells * 30}
    body["age"][:3] = ["²", "9" * 400, "1e5"]
    table = Table.of(pa.table(body))
    known = scan(table)
    assert len(known.findings) == 3
    typed = [
        dataclasses.replace(finding, semantic_type=kind)
        for finding, kind in zip(known.findings, ("DATE_OF_BIRTH", "AGE", "DATE"), strict=True)
    ]
    assert all(
        check.agree <= check.compared for check in consistency(table, typed, table_values(table))
    )
    assert measure_quality(table, typed)


@pytest.mark.parametrize("few", [2, 50_000])
def test_typed_dates_beyond_the_calendar_are_scanned(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "FEW_VALUES", few)
    days = [-800_000, -719_529, -719_162, 0, 2_932_896, 2_932_897, 10_000_000, None]
    table = Table.of(
        pa.table(
            {
                "born": pa.array(days * 5, pa.date32()),
                "at": pa.array([d and d * 86_400 for d in days] * 5, pa.timestamp("s")),
                "zone": pa.array([d and d * 86_400 for d in days] * 5, pa.timestamp("s", "UTC")),
            }
        )
    )
    known = scan(table)
    assert [(f.n, f.distinct) for f in known.findings] == [(35, 7)] * 3


def test_dotted_words_are_no_versions() -> None:
    cells = [f"{20 + 2 * n}.{n}.0.1" for n in range(90)] + ["a.b.c.d", "::1", "1..2.3"] * 3
    found = find_columns(Table.of(pa.table({"host": cells})))
    assert found[0].semantic_type == "IP_ADDRESS"
