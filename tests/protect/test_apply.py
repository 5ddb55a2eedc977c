from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from anping.core.columns import ColumnFinding
from anping.core.dates import parse
from anping.core.errors import (
    AnpingError,
    InfeasibleError,
    InputError,
    KeyStoreError,
    ParameterError,
    PlanError,
)
from anping.core.measure import find
from anping.engine.table import Table
from anping.protect import (
    PROFILES,
    KeyRing,
    Plan,
    Protected,
    Settings,
    parse_plan,
    propose,
    protect,
    reidentify,
)
from anping.protect.deid.loss import information_loss_of_release
from anping.protect.text.redact import nothing_found

KEYS = KeyRing({"person": b"p" * 32, "date-shift": b"d" * 32})


@pytest.fixture(scope="module")
def plan(customers: pa.Table, findings: tuple[ColumnFinding, ...]) -> Plan:
    plan = propose(findings, Table.of(customers), profile=PROFILES["restricted"], target="違約")
    assert plan.model is not None
    # So small a table is proposed one level for each column; most tests are of local recoding.
    assert plan.model.full_domain
    return plan.model_copy(update={"model": plan.model.model_copy(update={"full_domain": False})})


@pytest.fixture(scope="module")
def protected(customers: pa.Table, plan: Plan) -> Protected:
    return protect(Table.of(customers), plan, keys=KEYS, find_spans=nothing_found)


def _raw_of(protected: Protected, raw: pa.Table) -> pa.Table:
    return raw.take(protected.links.column("raw_row"))


def test_every_class_has_k_people_and_l_values(
    protected: Protected, customers: pa.Table, plan: Plan
) -> None:
    people: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    values: dict[tuple[Any, ...], set[Any]] = defaultdict(set)
    raw = _raw_of(protected, customers)
    for row, person in zip(
        protected.table.to_pylist(), raw.column("身分證字號").to_pylist(), strict=True
    ):
        key = tuple(row[name] for name in protected.quasi_identifiers)
        people[key].add(person)
        values[key].add(row["等級"])
    assert min(map(len, people.values())) >= 5
    assert min(map(len, values.values())) >= 2
    assert protected.quasi_identifiers == plan.quasi_identifiers
    assert protected.sensitive == ("等級",)


def test_no_direct_identifier_is_anywhere_in_the_output(
    protected: Protected, customers: pa.Table
) -> None:
    cells = " ".join(str(value) for row in protected.table.to_pylist() for value in row.values())
    squeezed = cells.replace(" ", "").replace("-", "").replace("臺", "台").upper()
    for column in ("姓名", "身分證字號", "手機", "通訊地址"):
        assert column not in protected.table.column_names or column in ("身分證字號", "通訊地址")
        for value in customers.column(column).unique().to_pylist():
            assert value.replace("-", "").replace("臺", "台") not in squeezed
    for value in customers.column("手機").to_pylist():
        assert value.replace("-", "")[1:] not in squeezed
    for value in customers.column("出生日期").to_pylist():
        assert value not in cells


def test_links_lead_back_to_the_right_rows(protected: Protected, customers: pa.Table) -> None:
    raw = _raw_of(protected, customers)
    assert protected.links.column("protected_row").to_pylist() == list(range(len(raw)))
    assert raw.column("等級").equals(protected.table.column("等級"))
    assert raw.column("違約").equals(protected.table.column("違約"))
    order = protected.links.column("raw_row").to_pylist()
    assert order != sorted(order)
    assert len(set(order)) == len(order)


def test_pseudonyms_follow_people_and_dates_keep_their_intervals(
    protected: Protected, customers: pa.Table
) -> None:
    raw = _raw_of(protected, customers)
    token_of: dict[str, set[str]] = defaultdict(set)
    shift_of: dict[str, set[int]] = defaultdict(set)
    for before, after in zip(raw.to_pylist(), protected.table.to_pylist(), strict=True):
        token_of[before["身分證字號"]].add(after["身分證字號"])
        one, other = parse(before["申請日期"]), parse(after["申請日期"])
        assert one is not None
        assert other is not None
        assert one.form == other.form
        shift_of[before["身分證字號"]].add((other.day - one.day).days)
    assert all(len(tokens) == 1 for tokens in token_of.values())
    assert len({token for tokens in token_of.values() for token in tokens}) == len(token_of)
    assert all(len(shifts) == 1 and 0 not in shifts for shifts in shift_of.values())


def test_measures_say_what_happened(protected: Protected, customers: pa.Table) -> None:
    def value(name: str, subject: str = "") -> float:
        measure = find(protected.measures, name, subject)
        assert measure is not None
        return measure.value

    released, suppressed = value("deid.rows.released"), value("deid.rows.suppressed")
    assert released == protected.table.num_rows
    assert released + suppressed == value("deid.rows.raw") == customers.num_rows
    assert value("deid.people.raw") == len(customers.column("身分證字號").unique())
    assert value("deid.rows.recoded") == released
    assert 0 <= value("deid.rows.left_coarser") <= released
    assert value("deid.information_loss.minimal") <= value("deid.information_loss")
    assert value("deid.redacted", "PHONE") > 0
    assert value("deid.redacted", "PERSON_NAME") > 0
    assert value("deid.dates.unreadable", "申請日期") == 0
    left = [measure for measure in protected.measures if measure.name == "deid.identifiers_left"]
    assert left
    assert all(measure.value == 0 for measure in left)
    assert len({measure.key for measure in protected.measures}) == len(protected.measures)


def test_the_information_loss_can_be_computed_again_from_what_is_released(
    protected: Protected,
) -> None:
    measure = find(protected.measures, "deid.information_loss")
    suppressed = find(protected.measures, "deid.rows.suppressed")
    assert measure is not None
    assert measure.replay is not None
    assert suppressed is not None
    again = information_loss_of_release(
        protected.table, protected.coverage, suppressed_rows=int(suppressed.value)
    )
    assert again == pytest.approx(measure.value, abs=measure.replay.tolerance)


def test_operations_name_every_column(protected: Protected, customers: pa.Table) -> None:
    assert [each.column for each in protected.operations] == customers.column_names
    shown = {each.column: each for each in protected.operations}
    assert shown["等級"].technique == "none"
    assert not shown["等級"].masking
    assert shown["姓名"].masking
    assert "low" in shown["年收入"].what.en
    assert all(limit.zh and limit.en for limit in protected.limits)


def test_every_released_value_lies_on_the_path_of_its_own_leaf(
    protected: Protected, customers: pa.Table
) -> None:
    assert protected.leaves.num_rows == customers.num_rows
    own = protected.leaves.take(protected.links.column("raw_row"))
    for name in protected.quasi_identifiers:
        released = protected.table.column(name).to_pylist()
        for value, leaf in zip(released, own.column(name).to_pylist(), strict=True):
            assert value in protected.paths[name][leaf]


def test_a_result_never_prints_its_rows(protected: Protected, customers: pa.Table) -> None:
    shown = repr(protected)
    assert customers.column("申請日期")[0].as_py() not in shown
    assert "甲" not in shown


def test_a_seed_repeats_a_run(customers: pa.Table, plan: Plan) -> None:
    once, again = (
        protect(
            Table.of(customers),
            plan,
            keys=KEYS,
            find_spans=nothing_found,
            settings=Settings(seed=7),
        )
        for _ in range(2)
    )
    assert once.table.equals(again.table)
    assert once.links.equals(again.links)
    assert once.measures == again.measures


def test_a_parquet_file_gives_the_same_as_memory(
    customers: pa.Table, plan: Plan, tmp_path: Path
) -> None:
    import pyarrow.parquet as pq

    pq.write_table(customers, tmp_path / "t.parquet")
    tables = (Table.of(customers), Table.open(tmp_path / "t.parquet"))
    settings = Settings(seed=1)
    one, other = (
        protect(table, plan, keys=KEYS, find_spans=nothing_found, settings=settings)
        for table in tables
    )
    assert one.table.equals(other.table)


def _refused(error: type[AnpingError], code: str, table: pa.Table, text: str, **given: Any) -> Any:
    with pytest.raises(error) as caught:
        protect(Table.of(table), parse_plan(text), **given)
    assert caught.value.code == code
    return caught.value


AGES = pa.table({"age": [30, 31, 32, 60], "id": ["a1", "a2", "a3", "a3"]})
AGE_PLAN = """\
plan: 1
privacy_unit: id
model: {k: 3, suppression_limit: 0.25}
columns:
  age: {do: generalise, hierarchy: {kind: age}}
  id: {do: pseudonym, method: aes-siv}
"""


def test_k_larger_than_the_people_is_infeasible() -> None:
    error = _refused(
        InfeasibleError,
        "protect.k-larger-than-table",
        AGES,
        AGE_PLAN.replace("k: 3", "k: 4"),
        keys=KEYS,
    )
    assert "3" in error.what.en


def test_k_counts_people_and_not_rows() -> None:
    nothing_suppressed = parse_plan(AGE_PLAN.replace("0.25", "0"))
    result = protect(Table.of(AGES), nothing_suppressed, keys=KEYS)
    assert result.table.num_rows == 4
    assert set(result.table.column("age").to_pylist()) == {"*"}
    tokens = result.table.column("id").to_pylist()
    raw = AGES.take(result.links.column("raw_row")).column("id").to_pylist()
    assert reidentify(tokens, KEYS, key="person") == [value.upper() for value in raw]


def test_rows_without_a_person_count_as_one_person() -> None:
    nobody = pa.table({"age": [30] * 4, "id": pa.nulls(4, pa.string())})
    _refused(InfeasibleError, "protect.k-larger-than-table", nobody, AGE_PLAN, keys=KEYS)


def test_a_lost_key_and_a_missing_detector_leave_nothing() -> None:
    _refused(KeyStoreError, "key.missing", AGES, AGE_PLAN)
    text = "plan: 1\ncolumns: {note: {do: redact}}"
    _refused(ParameterError, "protect.no-detector", pa.table({"note": ["x"]}), text)


def test_an_empty_table_is_refused() -> None:
    _refused(InputError, "input.empty", AGES.slice(0, 0), AGE_PLAN, keys=KEYS)


def test_an_unnamed_column_is_never_kept() -> None:
    more = AGES.append_column("extra", pa.array([1, 2, 3, 4]))
    _refused(PlanError, "plan.unnamed-column", more, AGE_PLAN, keys=KEYS)


CSV_PLAN = AGE_PLAN.replace("{kind: age}", "{kind: csv, file: ages.csv}").replace(
    "{k: 3", "{full_domain: true, k: 3"
)


def test_a_hierarchy_file_is_used_and_checked(tmp_path: Path) -> None:
    settings = Settings(hierarchies_folder=tmp_path)
    _refused(PlanError, "plan.hierarchy-missing", AGES, CSV_PLAN, keys=KEYS, settings=settings)
    (tmp_path / "ages.csv").write_text("30;young;*\n31;young;*\n32;young;*\n")
    _refused(PlanError, "deid.hierarchy-incomplete", AGES, CSV_PLAN, keys=KEYS, settings=settings)
    (tmp_path / "ages.csv").write_text("30;young;*\n31;young;*\n32;young;*\n60;old;*\n")
    table = AGES.set_column(1, "id", pa.array(["a1", "a2", "a3", "a4"]))
    result = protect(Table.of(table), parse_plan(CSV_PLAN), keys=KEYS, settings=settings)
    assert result.table.column("age").to_pylist() == ["young"] * 3
    assert result.coverage["age"]["young"] == pytest.approx(2 / 3)
    outside = CSV_PLAN.replace("ages.csv", "../ages.csv")
    _refused(PlanError, "plan.hierarchy-path", AGES, outside, keys=KEYS, settings=settings)


def test_missing_quasi_identifiers_are_a_category_of_their_own() -> None:
    table = pa.table({"job": ["a", "a", None, None]})
    text = """\
plan: 1
model: {k: 2}
columns: {job: {do: generalise, hierarchy: {kind: category}}}
"""
    result = protect(Table.of(table), parse_plan(text))
    assert sorted(result.table.column("job").to_pylist()) == ["", "", "a", "a"]


def test_transforms_run_in_order_before_the_model() -> None:
    table = pa.table({"age": [30, 33, 61, 64]})
    text = """\
plan: 1
model: {k: 2}
columns:
  age: [{do: top_bottom, high: 60}, {do: round, to: 10}, {do: generalise, hierarchy: {kind: age}}]
"""
    # By this seed recoding does not stop early.
    result = protect(Table.of(table), parse_plan(text), settings=Settings(seed=1))
    assert sorted(result.table.column("age").to_pylist()) == ["30", "30", "60", "60"]


def test_one_level_for_each_column_loses_no_less(
    customers: pa.Table, findings: tuple[ColumnFinding, ...], protected: Protected
) -> None:
    table = Table.of(customers)
    plan = propose(findings, table, profile=PROFILES["restricted"], full_domain=True)
    settings = Settings(seed=5)
    result = protect(table, plan, keys=KEYS, find_spans=nothing_found, settings=settings)
    names = {measure.name for measure in result.measures}
    searched = {"deid.optimal", "deid.level", "deid.information_loss.full_domain"}
    assert searched < names
    assert not searched & {measure.name for measure in protected.measures}
    one = find(result.measures, "deid.information_loss")
    other = find(protected.measures, "deid.information_loss")
    assert one is not None
    assert other is not None
    assert other.value <= one.value


def test_a_model_needs_a_way_to_be_reached() -> None:
    text = AGE_PLAN.replace("k: 3", "k: 3, full_domain: false, local_recoding: false")
    with pytest.raises(PlanError) as caught:
        parse_plan(text)
    assert caught.value.code == "plan.no-transformation"


def test_identifiers_in_a_kept_column_are_measured_and_said() -> None:
    table = pa.table(
        {"name": ["王小明", "陳大文"], "memo": ["找王小明", "無"], "tags": [["a"], []]}
    )
    text = "plan: 1\ncolumns: {name: {do: drop}, memo: {do: keep}, tags: {do: drop}}"
    result = protect(Table.of(table), parse_plan(text))
    left = find(result.measures, "deid.identifiers_left", "memo")
    assert left is not None
    assert (left.value, left.n) == (1, 2)
    assert any("memo" in limit.en and "still holds" in limit.en for limit in result.limits)


def test_crossed_quantile_bounds_are_refused() -> None:
    text = "plan: 1\ncolumns: {x: {do: top_bottom, low_quantile: 0.1, high_quantile: 0.9}}"
    error = _refused(PlanError, "plan.bounds", pa.table({"x": [0, 0, 0, 0]}), text)
    assert error.where.column == "x"


def test_no_dictionary_or_metadata_carries_values_of_removed_rows() -> None:
    table = pa.table(
        {
            "age": [30, 31, 32, 60],
            "word": pa.array(["x", "x", "x", "secret"]).dictionary_encode(),
        }
    ).replace_schema_metadata({"note": "secret"})
    text = """\
plan: 1
model: {k: 3, suppression_limit: 0.25, local_recoding: false}
columns:
  age: {do: generalise, hierarchy: {kind: age}}
  word: {do: keep}
"""
    result = protect(Table.of(table), parse_plan(text))
    assert result.table.num_rows == 3
    assert result.table.schema.metadata is None
    assert pc.unique(result.table.column("word")).to_pylist() == ["x"]
    assert not pa.types.is_dictionary(result.table.schema.field("word").type)


def test_a_plan_without_quasi_identifiers_changes_columns_only() -> None:
    text = "plan: 1\ncolumns: {age: {do: keep}, id: {do: mask, keep_first: 1}}"
    result = protect(Table.of(AGES), parse_plan(text), settings=Settings(seed=3))
    assert result.table.num_rows == 4
    assert set(result.table.column("id").to_pylist()) == {"a*"}
    assert result.quasi_identifiers == ()


def test_three_lines_are_enough_without_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("plan: 1\ncolumns: {age: {do: keep}, id: {do: drop}}")
    code = (
        "import pyarrow as pa; from anping.engine.table import Table;"
        "from anping.protect import protect, read_plan;"
        "print(protect(Table.of(pa.table({'age': [1], 'id': ['a']})), read_plan('plan.yaml'))"
        ".table.column_names)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['age']"
