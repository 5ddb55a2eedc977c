"""A proposed contract is one that the table keeps, and that the check of arrivals takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.columns import ColumnFinding, Role
from anping.core.errors import ParameterError
from anping.engine.table import Table
from anping.know.contract import read_contract
from anping.know.contract_check import keep_contract, measure_whole
from anping.know.contract_patterns import pattern_of
from anping.know.contract_propose import propose_contract
from anping.know.contract_rules import broken
from anping.know.shapes import shape
from anping.know.summarising import summarise
from know.table_versions import FINDINGS, columns_of, faulty, history, table_of

HISTORY = 4


@pytest.fixture(scope="module")
def proposed() -> bytes:
    newest = table_of(columns_of(HISTORY))
    return propose_contract("visits", history(HISTORY), table=newest, findings=FINDINGS).yaml()


def test_every_version_keeps_the_contract(proposed: bytes, tmp_path: Path) -> None:
    contract = read_contract(proposed, candidates=("visits",))
    assert contract.unchecked == ()
    assert {(rule.name, rule.column) for rule in contract.row_rules} >= {
        ("required", "number"), ("pattern", "number"), ("minimum", "amount"), ("maximum", "amount"),
        ("enum", "grade"), ("format", "email"), ("minimum", "seen"), ("logicalType", "seen"),
    }  # fmt: skip
    assert ("unique", ("number",)) in {(rule.name, rule.columns) for rule in contract.whole_rules}
    # Dates move on, so they have no last day; what is sensitive is not listed.
    assert ("maximum", "seen") not in {(rule.name, rule.column) for rule in contract.row_rules}
    assert ("enum", "illness") not in {(rule.name, rule.column) for rule in contract.row_rules}
    for version in range(1, HISTORY + 2):
        table = table_of(columns_of(version))
        kept = keep_contract(table, contract, into=tmp_path / f"{version}.parquet")
        assert kept.rows == table.rows
        assert all(found.holds for found in measure_whole(table, contract))


def test_the_contract_says_what_it_was_learned_from_and_that_it_is_a_proposal(
    proposed: bytes,
) -> None:
    body = yaml.safe_load(proposed)
    assert body["status"] == "proposed"
    column = body["schema"][0]["properties"][0]
    learned = {entry["property"]: entry["value"] for entry in column["customProperties"]}
    assert learned["learned.versions"] == HISTORY
    assert learned["learned.cells"] == HISTORY * 1200
    assert body["slaProperties"][0]["property"] == "frequency"
    written = proposed.decode()
    columns = columns_of(HISTORY)
    for name in ("number", "illness", "email", "memo"):
        assert not [value for value in set(columns[name]) if value and value in written], name


@pytest.mark.parametrize("fault", ["completeness-all", "values", "format", "range", "unique"])
def test_a_fault_breaks_the_contract(fault: str, proposed: bytes, tmp_path: Path) -> None:
    contract = read_contract(proposed)
    if fault == "completeness-all":
        columns = columns_of(6)
        table = table_of({**columns, "amount": [None, *columns["amount"][1:]]})
    else:
        table = faulty(fault)
    kept = keep_contract(table, contract, into=tmp_path / "o", quarantine=tmp_path / "q")
    whole = [found for found in measure_whole(table, contract) if not found.holds]
    assert len(kept.broken) or whole


def test_what_the_newest_version_breaks_is_left_out_and_named() -> None:
    made = history(3)
    changed = {**columns_of(3), "grade": ["戊"] * 1200}
    found = propose_contract("visits", made, table=table_of(changed), findings=FINDINGS)
    assert found.left_out == ("grade.enum",)
    assert "enum" not in found.yaml().decode().replace("enumeration", "")


def test_what_no_file_can_hold_is_left_out() -> None:
    table = table_of({"a\x00": [1] * 40, "b": ["x\x00", "y"] * 20})
    found = propose_contract("t", [summarise(table)], table=table)
    assert found.left_out == ("'a\\x00'",)
    assert "enum" not in found.yaml().decode()


def test_without_history_there_is_no_contract() -> None:
    with pytest.raises(ParameterError) as error:
        propose_contract("visits", [], table=table_of(columns_of(1)))
    assert error.value.code == "contract.no-history"
    assert "anping quality visits" in error.value.hint.en


cells = st.one_of(
    st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9)), min_size=20, max_size=60),
    st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=20, max_size=60),
    st.lists(
        st.one_of(st.none(), st.sampled_from(["甲", "B ", "ｃ", "0", ""])), min_size=20, max_size=60
    ),
    st.lists(st.text(alphabet="A1-字 ", min_size=1, max_size=4), min_size=20, max_size=60),
    st.lists(st.dates(), min_size=20, max_size=60),
    st.lists(st.booleans(), min_size=20, max_size=60),
)


@given(cells, st.sampled_from(list(Role)))
@settings(max_examples=150, deadline=None)
def test_any_table_keeps_the_contract_that_is_proposed_from_it(
    values: list[object], role: Role
) -> None:
    table = Table.of(pa.table({"x": values}))
    finding = ColumnFinding("x", "CODE", role, 1.0, 1.0, 1)
    summary = summarise(table, [finding])
    contract = read_contract(propose_contract("t", [summary], table=table).yaml())
    for batch in table.batches():
        for rule in contract.row_rules:
            assert not np.any(broken(rule, batch.column("x"))), rule
    assert all(found.holds for found in measure_whole(table, contract))


@given(st.lists(st.text(alphabet="AZaz019-_./ (", min_size=1, max_size=8), min_size=1, max_size=6))
def test_a_pattern_is_matched_by_what_it_was_made_of(texts: list[str]) -> None:
    pattern = pattern_of(sorted({shape(text) for text in texts}))
    if pattern is not None:
        found = pc.match_substring_regex(pa.array(texts), pattern)
        assert found.to_pylist() == [True] * len(texts)
        assert not pc.match_substring_regex(pa.array(["中文"]), pattern)[0].as_py()


def test_patterns_join_lengths_and_leave_words_alone() -> None:
    assert pattern_of(["A999999999"]) == r"^(?:[A-Za-z]\d{9})$"
    assert pattern_of(["A-9", "A-99", "A-999"]) == r"^(?:[A-Za-z]\-\d{1,3})$"
    assert pattern_of(["字字字"]) is None
    assert pattern_of(["9", "A", "A9", "9A"]) is None
    assert pattern_of([]) is None
