"""A data contract is read into rules, and the rules find exactly what breaks them."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import AnpingError, InputError, SchemaError
from anping.engine.table import Table
from anping.know.contract import Contract, read_contract
from anping.know.contract_check import (
    broken_notes,
    contract_measures,
    keep_contract,
    measure_whole,
    require_whole,
)


def written(
    properties: list[dict[str, Any]], quality: list[dict[str, Any]] | None = None, **more: Any
) -> Contract:
    body = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "x", "version": "1.0.0",
        "status": "active",
        "schema": [{"name": "visits", "properties": properties, "quality": quality or []}],
        **more,
    }  # fmt: skip
    return read_contract(yaml.safe_dump(body, allow_unicode=True).encode())


def breaking(column: str, values: pa.Array, tmp_path: Path, **rules: Any) -> list[int]:
    """Return the places of the values that break a property's rules."""
    contract = written([{"name": column, **rules}])
    # A row that keeps every contract, so that one is left.
    table = Table.of(pa.table({column: pa.concat_arrays([values, pa.nulls(1, values.type)])}))
    kept = keep_contract(table, contract, into=tmp_path / "o.parquet", quarantine=tmp_path / "q")
    assert kept.rows + len(kept.broken) == table.rows
    return [int(at) for at in kept.broken]


OPTIONS = "logicalTypeOptions"


@pytest.mark.parametrize(
    ("values", "rules", "expected"),
    [
        (pa.array(["a", "ab", "王小明", "abcd"]), {OPTIONS: {"minLength": 2, "maxLength": 3}}, [0, 3]),
        (pa.array(["A12", "a12", "xA12"]), {OPTIONS: {"pattern": "^[A-Z]\\d+$"}}, [1, 2]),
        (pa.array([1, 5, 10]), {OPTIONS: {"minimum": 2, "maximum": 9}}, [0, 2]),
        (pa.array([1, 5, 10]), {OPTIONS: {"exclusiveMinimum": 1, "exclusiveMaximum": 10}}, [0, 2]),
        (pa.array([1, 5]), {OPTIONS: {"minimum": 1, "exclusiveMinimum": True}}, [0]),
        (pa.array([1, 5]), {OPTIONS: {"minimum": 1, "exclusiveMinimum": False}}, []),
        (pa.array([0.5, 0.75, 0.3]), {OPTIONS: {"multipleOf": 0.25}}, [2]),
        (pa.array(["2", "x", "7"]), {OPTIONS: {"maximum": 5}}, [0, 1, 2]),
        (pa.array([date(2024, 1, 1), date(2020, 1, 1)]), {OPTIONS: {"minimum": "2023-01-01"}}, [1]),
        (
            pa.array([datetime(2024, 1, 1), datetime(2020, 1, 1)], pa.timestamp("us")),  # noqa: DTZ001
            {OPTIONS: {"minimum": "2023-01-01T00:00:00Z"}},
            [1],
        ),
        (pa.array(["a@b.tw", "a@b", "@b.tw"]), {OPTIONS: {"format": "email"}}, [1, 2]),
        (pa.array(["10.0.0.1", "256.1.1.1", "1.2.3"]), {OPTIONS: {"format": "ipv4"}}, [1, 2]),
        (pa.array(["x", "y", "z"]), {"enum": ["x", "y"]}, [2]),
        (pa.array([1, 2, 3]), {"enum": [{"value": 1}, {"value": 2}]}, [2]),
        (pa.array(["1", "1.5", "x"]), {"logicalType": "integer"}, [1, 2]),
        (pa.array([1.0, 1.5]), {"logicalType": "integer"}, [1]),
        (pa.array(["1", "1.5", "x"]), {"logicalType": "number"}, [2]),
        (pa.array(["true", "yes"]), {"logicalType": "boolean"}, [1]),
        (pa.array(["2024-02-29", "2023-02-29", "113/01/01"]), {"logicalType": "date"}, [1, 2]),
        (
            pa.array(["2024-01-01 10:00", "2024-01-01T10:00:00Z", "2024-01-01"]),
            {"logicalType": "timestamp"},
            [2],
        ),
        (pa.array(["23:59:59", "25:00"]), {"logicalType": "time"}, [1]),
        (pa.array(["x"]), {"logicalType": "string"}, []),
        (
            pa.array(["pounds", "kg", "g"]),
            {"quality": [{"metric": "invalidValues", "arguments": {"validValues": ["pounds", "kg"]}, "mustBe": 0}]},
            [2],
        ),
        (
            pa.array(["x", "N/A", ""]),
            {"quality": [{"metric": "missingValues", "arguments": {"missingValues": ["", "N/A"]}, "mustBe": 0}]},
            [1, 2],
        ),
        (
            pa.array(["x", "q"]),
            {"quality": [{"type": "library", "rule": "validValues", "validValues": ["x"]}]},
            [1],
        ),
    ],
)  # fmt: skip
def test_what_breaks_a_rule(
    tmp_path: Path, values: pa.Array, rules: dict[str, Any], expected: list[int]
) -> None:
    assert breaking("c", values, tmp_path, **rules) == expected


def test_missing_values_break_what_is_required(tmp_path: Path) -> None:
    table = Table.of(pa.table({"a": [1.0, None, float("nan")], "b": ["x", None, "y"]}))
    for rules in ({"required": True}, {"quality": [{"metric": "nullValues", "mustBe": 0}]}):
        contract = written([{"name": "a", **rules}])
        kept = keep_contract(table, contract, into=tmp_path / "o", quarantine=tmp_path / "q")
        assert kept.broken.tolist() == [1, 2]


def test_broken_rows_go_aside_and_no_value_is_told(tmp_path: Path) -> None:
    contract = written(
        [
            {"name": "name", "logicalTypeOptions": {"maxLength": 3}},
            {"name": "age", "required": True},
        ]
    )
    table = Table.of(pa.table({"name": ["ok", "秘密的名字", "x"], "age": [1, 2, None]}))
    aside = tmp_path / "q.jsonl"
    kept = keep_contract(
        table, contract, into=tmp_path / "o.parquet", quarantine=aside,
        locate=lambda row: ("a.csv", row + 1),
    )  # fmt: skip
    assert kept.by_rule == {"name.maxLength": 1, "age.required": 1}
    assert aside.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in aside.read_text("utf-8").splitlines()]
    assert [(x["file"], x["row"], x["column"], x["code"]) for x in lines] == [
        ("a.csv", 2, "name", "contract.maxLength"), ("a.csv", 3, "age", "contract.required"),
    ]  # fmt: skip
    assert json.loads(lines[0]["raw"]) == {"name": "秘密的名字", "age": 2}
    assert "秘密" not in json.dumps([x["reason"] for x in lines], ensure_ascii=False)
    with pytest.raises(InputError) as caught:
        keep_contract(table, contract, into=tmp_path / "none.parquet")
    assert caught.value.code == "input.contract-broken"
    assert (caught.value.where.row, caught.value.where.column) == (2, "name")
    assert "秘密" not in str(caught.value)
    assert "name.maxLength × 1" in str(caught.value)
    assert not (tmp_path / "none.parquet").exists()


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(SchemaError):
        keep_contract(Table.of(pa.table({"b": [1]})), written([{"name": "a"}]), into=tmp_path / "o")


@pytest.mark.parametrize(
    ("properties", "quality", "broken"),
    [
        ([{"name": "a", "unique": True}], [], ["a.unique"]),
        ([{"name": "c", "unique": True}], [], []),
        ([{"name": "a", "primaryKey": True}, {"name": "b", "primaryKey": True}], [], []),
        ([{"name": "b", "primaryKey": True}], [], ["b.primaryKey"]),
        ([{"name": "d", "primaryKey": True}], [], ["d.nullValues"]),
        ([], [{"metric": "rowCount", "mustBe": 4}], []),
        ([], [{"metric": "rowCount", "mustBeBetween": [5, 9]}], ["rowCount"]),
        ([], [{"metric": "rowCount", "mustBeGreaterOrEqualTo": 5}], ["rowCount"]),
        (
            [],
            [{"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["a", "b"]}}],
            [],
        ),
        ([{"name": "a", "quality": [{"metric": "duplicateValues", "mustBeLessThan": 3}]}], [], []),
        (
            [{"name": "a", "quality": [
                {"metric": "duplicateValues", "mustBeLessThan": 50, "unit": "percent"}]}],
            [],
            ["a.duplicateValues"],
        ),
        ([{"name": "d", "quality": [{"metric": "nullValues", "mustBe": 1}]}], [], []),
        (
            [{"name": "d", "quality": [
                {"metric": "nullValues", "mustBeLessOrEqualTo": 10, "unit": "percent"}]}],
            [],
            ["d.nullValues"],
        ),
    ],
)  # fmt: skip
def test_rules_on_the_whole(
    properties: list[dict[str, Any]], quality: list[dict[str, Any]], broken: list[str]
) -> None:
    table = Table.of(
        pa.table(
            {
                "a": ["x", "x", "x", "y"],
                "b": [1, 2, 3, 3],
                "c": [1, 2, None, None],
                "d": [1, 2, 3, None],
            }
        )
    )
    contract = written(properties, quality)
    findings = measure_whole(table, contract)
    assert [found.rule.subject for found in findings if not found.holds] == broken
    if broken:
        with pytest.raises(InputError) as caught:
            require_whole(findings)
        assert caught.value.code == "input.contract-whole"
    else:
        require_whole(findings)


def test_lengths_keep_joined_keys_apart() -> None:
    table = Table.of(pa.table({"a": ["1:x", "1"], "b": ["y", "x:1:y"]}))
    contract = written(
        [], [{"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["a", "b"]}}]
    )
    assert measure_whole(table, contract)[0].value == 0


def test_lenient_rules_are_told_and_unchecked_ones_named() -> None:
    contract = written(
        [
            {
                "name": "a", "logicalType": "array", "logicalTypeOptions": {"minItems": 1},
                "quality": [
                    {"type": "text", "description": "must be right"},
                    {"type": "sql", "query": "SELECT 1", "mustBe": 1},
                    {"type": "custom", "engine": "soda", "implementation": "x"},
                    {"metric": "freshness", "mustBe": 0},
                    {"metric": "nullValues", "mustBe": 0, "severity": "warning"},
                ],
            }
        ]
    )  # fmt: skip
    assert contract.unchecked == (
        "a.logicalType array", "a.logicalTypeOptions.minItems", "a.quality[0] text",
        "a.quality[1] sql", "a.quality[2] custom", "a.quality[3] library freshness",
    )  # fmt: skip
    findings = measure_whole(Table.of(pa.table({"a": [None, "x"]})), contract)
    require_whole(findings)
    notes = broken_notes(contract, findings)
    assert len(notes) == 2
    assert "cannot be checked" in notes[0].en
    measures = contract_measures(contract, rows=2, broken_rows=0, findings=findings)
    assert {measure.name: measure.value for measure in measures} == {
        "intake.contract.rules": 1.0, "intake.contract.unchecked": 6.0,
        "intake.contract.rows.broken": 0.0, "intake.contract.rules.broken": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[1]", b"kind: DataContract", b"kind: DataContract\napiVersion: v2.0\nschema: []",
        b"kind: DataContract\napiVersion: v3.1.0\nschema: x", b"\xff\xfe", b"a: [",
        b"kind: DataContract\napiVersion: v3.1.0\nschema:\n- name: t\n  properties: [1]",
        b"kind: DataContract\napiVersion: v3.1.0\nschema:\n- name: t\n  quality: 5",
        (b"kind: DataContract\napiVersion: v3.1.0\nschema: [{name: t, properties: "
        b"[{name: a, logicalTypeOptions: {pattern: '('}}]}]"),
        (b"kind: DataContract\napiVersion: v3.1.0\nschema: [{name: t, quality: "
        b"[{metric: rowCount, mustBe: many}]}]"),
        b"kind: DataContract\napiVersion: v3.1.0\nschema: [{name: t, quality: [{metric: rowCount}]}]",
        b"[" * 20_000,
    ],
)  # fmt: skip
def test_what_is_no_contract(content: bytes) -> None:
    with pytest.raises(AnpingError) as caught:
        read_contract(content, file="c.yaml")
    assert caught.value.code == "input.contract-malformed"


def test_the_object_is_chosen_by_name() -> None:
    body = {
        "apiVersion": "v3.1.0", "kind": "DataContract",
        "schema": [{"name": "a", "properties": []}, {"name": "b", "physicalName": "b.csv"}],
    }  # fmt: skip
    content = yaml.safe_dump(body).encode()
    assert read_contract(content, candidates=("none", "b.csv")).name == "b"
    with pytest.raises(AnpingError) as caught:
        read_contract(content, candidates=("none",))
    assert caught.value.code == "parameter.contract-object"
    assert "a, b" in caught.value.hint.en


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.none() | st.integers(-50, 50), min_size=1, max_size=40),
    low=st.integers(-20, 20), high=st.integers(-20, 20),
)  # fmt: skip
def test_limits_agree_with_python(
    tmp_path_factory: pytest.TempPathFactory, values: list[int | None], low: int, high: int
) -> None:
    options = {"minimum": low, "exclusiveMaximum": high}
    expected = [at for at, v in enumerate(values) if v is not None and not (low <= v < high)]
    folder = tmp_path_factory.mktemp("c")
    assert breaking("c", pa.array(values, pa.int64()), folder, **{OPTIONS: options}) == expected


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.text("ab1", max_size=4), min_size=1, max_size=30))
def test_patterns_and_lengths_agree_with_python(
    tmp_path_factory: pytest.TempPathFactory, values: list[str]
) -> None:
    options = {"pattern": "^a+b?$", "minLength": 2}
    expected = [at for at, v in enumerate(values) if len(v) < 2 or not re.search(r"^a+b?\Z", v)]
    folder = tmp_path_factory.mktemp("c")
    assert breaking("c", pa.array(values, pa.string()), folder, **{OPTIONS: options}) == expected


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(st.none() | st.sampled_from("ab:"), st.none() | st.sampled_from("a:1")), max_size=20))  # fmt: skip
def test_duplicates_agree_with_python(rows: list[tuple[str | None, str | None]]) -> None:
    table = Table.of(
        pa.table({n: pa.array([row[at] for row in rows], pa.string()) for at, n in enumerate("xy")})
    )
    contract = written(
        [{"name": "x", "unique": True}],
        [{"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["x", "y"]}}],
    )
    whole = [row for row in rows if None not in row]
    alone = [row[0] for row in rows if row[0] is not None]
    found = [finding.value for finding in measure_whole(table, contract)]
    assert found == [len(alone) - len(set(alone)), len(whole) - len(set(whole))]


def test_places_are_counted_over_batches(tmp_path: Path) -> None:
    values = np.arange(200_000)
    table = Table.of(pa.table({"c": values}))
    contract = written([{"name": "c", OPTIONS: {"maximum": 199_990}}])
    kept = keep_contract(table, contract, into=tmp_path / "o", quarantine=tmp_path / "q")
    assert kept.broken.tolist() == list(range(199_991, 200_000))
    assert kept.rows == 199_991
