from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import InputError, PlanError
from anping.engine.table import Table
from anping.protect import Plan, dump_plan, parse_plan, read_plan
from anping.protect.plan_file import plan_from

EXAMPLE = """\
plan: 1
table: customers
privacy_unit: 身分證字號        # person
model: {k: 5, l: 2, l_kind: distinct, sensitive: [級距], suppression_limit: 0.05}
columns:
  姓名: {do: drop}
  身分證字號: {do: pseudonym, method: hmac, key: person}
  手機: {do: mask, keep_last: 3}
  申請日期: {do: date_shift, max_days: 60}
  年收入: {do: top_bottom, low: null, high: 3000000}
  級距: {do: keep}
  年齡: [{do: round, to: 2}, {do: generalise, hierarchy: {kind: age}}]
  客服備註: {do: redact}
"""


def _error(text: str, code: str) -> PlanError:
    with pytest.raises(PlanError) as caught:
        parse_plan(text, file="plan.yaml")
    assert caught.value.code == code
    assert caught.value.what.zh
    assert caught.value.what.en
    assert caught.value.hint.zh
    assert caught.value.where.file == "plan.yaml"
    return caught.value


def test_the_example_of_the_documentation_is_read() -> None:
    plan = parse_plan(EXAMPLE)
    assert plan.privacy_unit == "身分證字號"
    assert plan.quasi_identifiers == ("年齡",)
    assert plan.sensitive == ("級距",)
    assert plan.key_names == ("person", "date-shift")
    assert plan.model is not None
    assert (plan.model.k, plan.model.l) == (5, 2)


def test_dump_is_stable_and_inverted_by_parse() -> None:
    plan = parse_plan(EXAMPLE)
    written = dump_plan(plan)
    assert parse_plan(written) == plan
    assert dump_plan(parse_plan(written)) == written


_name = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200)
_why = st.none() | st.fixed_dictionaries({"zh": _name, "en": _name})
_number = st.floats(-1e12, 1e12, allow_nan=False) | st.integers(-(10**9), 10**9)
_hierarchy: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"kind": st.just("age"), "top": st.integers(20, 120)}),
    st.fixed_dictionaries({"kind": st.just("number"), "bins": st.integers(2, 99)}),
    st.fixed_dictionaries({"kind": st.just("date"), "start": st.sampled_from(["day", "year"])}),
    st.fixed_dictionaries({"kind": st.just("csv"), "file": _name}),
    st.fixed_dictionaries(
        {
            "kind": st.just("category"),
            "groups": st.dictionaries(
                _name, st.lists(_name, max_size=3).map(tuple), min_size=1, max_size=3
            ),
        }
    ),
)
_last: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"do": st.just("mask"), "keep_last": st.integers(0, 9), "why": _why}),
    st.fixed_dictionaries({"do": st.just("top_bottom"), "high": _number}),
    st.fixed_dictionaries({"do": st.just("pseudonym"), "method": st.just("aes-siv")}),
    st.fixed_dictionaries({"do": st.just("generalise"), "hierarchy": _hierarchy, "why": _why}),
)
_entries = st.one_of(
    st.fixed_dictionaries({"do": st.just("keep"), "why": _why}),
    st.fixed_dictionaries({"do": st.just("drop"), "identifies": st.booleans()}),
    _last,
    _last.map(lambda last: [{"do": "round", "to": 0.5}, last]),
)


@given(st.dictionaries(_name, _entries, min_size=1, max_size=6), _name)
def test_any_plan_comes_back_from_its_yaml(columns: dict[str, Any], table: str) -> None:
    generalised = [
        name
        for name, entry in columns.items()
        if (entry[-1] if isinstance(entry, list) else entry)["do"] == "generalise"
    ]
    model = {"k": 4, "suppression_limit": 0.25} if generalised else None
    plan = plan_from({"table": table, "columns": columns, "model": model})
    assert parse_plan(dump_plan(plan)) == plan


@given(st.text(max_size=300) | st.binary(max_size=200))
def test_any_other_text_is_refused_with_a_plan_error(content: str | bytes) -> None:
    with pytest.raises(PlanError):
        parse_plan(content)


def test_column_names_stay_as_they_are_written() -> None:
    plan = parse_plan("plan: 1\nprivacy_unit: 007\ncolumns: {007: {do: drop}, no: {do: keep}}")
    assert list(plan.columns) == ["007", "no"]
    assert plan.privacy_unit == "007"


@pytest.mark.parametrize(
    ("old", "new", "code", "row"),
    [
        ("do: mask", "do: maks", "plan.unknown-transform", 8),
        ("kind: age", "kind: ages", "plan.unknown-hierarchy", 12),
        (", hierarchy: {kind: age}", "", "plan.no-hierarchy", 12),
        ("keep_last: 3", "keep_last: -3", "plan.value", 8),
        ("keep_last: 3", "keep_lst: 3", "plan.unknown-setting", 8),
        ("to: 2", "to: many", "plan.value", 12),
        ("k: 5", "k: 1", "plan.value", 4),
        ("k: 5, ", "", "plan.missing-setting", 4),
        ("l: 2, ", "", "plan.l-without-sensitive", None),
        ("[級距]", "[級別]", "plan.unknown-column", None),
        ("privacy_unit: 身分證字號", "privacy_unit: 證號", "plan.unknown-column", None),
        ("privacy_unit: 身分證字號", "", "plan.date-shift-needs-person", 9),
        ("privacy_unit: 身分證字號", "privacy_unit: 年齡", "plan.person-generalised", 12),
        ("  姓名: {do: drop}", "  手機: {do: drop}", "plan.doubled", 8),
        ("{do: redact}", "[]", "plan.empty-entry", 13),
        ("{do: redact}", "[{do: redact}, {do: keep}]", "plan.order", 13),
        ("級距: {do: keep}", "級距: {do: drop}", "plan.sensitive-not-released", 11),
        ("low: null", "low: 3000000", "plan.bounds", None),
        ("model: {", "modle: {", "plan.unknown-setting", 4),
        ("plan: 1", "plan: 2", "plan.value", 1),
        ("columns:", "columns: [", "plan.yaml", None),
        ("{do: redact}", "&a {do: redact}", "plan.yaml", 13),
        ("{do: redact}", "!!python/object:os.system {}", "plan.yaml", 13),
    ],
)
def test_a_wrong_plan_names_the_mistake_and_its_line(
    old: str, new: str, code: str, row: int | None
) -> None:
    assert old in EXAMPLE
    error = _error(EXAMPLE.replace(old, new, 1), code)
    if row is not None:
        assert error.where.row == row


def test_generalising_needs_a_model_and_a_model_generalises() -> None:
    _error(EXAMPLE.replace("model: {", "# {"), "plan.no-model")
    _error(
        "plan: 1\nmodel: {k: 3}\ncolumns: {a: {do: keep}}", "plan.model-without-quasi-identifiers"
    )


def test_an_unknown_transform_is_answered_with_the_nearest_one() -> None:
    error = _error(EXAMPLE.replace("do: redact", "do: redcat"), "plan.unknown-transform")
    assert "redact" in error.hint.en


def test_encoding_and_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes(EXAMPLE.encode("utf-8-sig"))
    assert read_plan(path) == parse_plan(EXAMPLE)
    path.write_bytes(EXAMPLE.encode("big5"))
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    assert caught.value.code == "plan.encoding"
    with pytest.raises(InputError):
        read_plan(tmp_path / "none.yaml")


def _table(**changes: pa.Array) -> Table:
    cells: dict[str, Any] = {
        "姓名": ["王小明"],
        "身分證字號": ["A123456789"],
        "手機": ["0912345678"],
        "申請日期": ["2024-01-02"],
        "年收入": [100],
        "級距": ["甲"],
        "年齡": [30],
        "客服備註": ["無"],
    }
    return Table.of(pa.table(cells | changes))


def _check(plan: Plan, table: Table) -> PlanError:
    with pytest.raises(PlanError) as caught:
        plan.check(table)
    return caught.value


def test_check_accepts_a_fitting_table() -> None:
    parse_plan(EXAMPLE).check(_table())


def test_check_refuses_a_column_that_no_entry_names() -> None:
    error = _check(parse_plan(EXAMPLE), _table(電郵=pa.array(["x@y.tw"])))
    assert error.code == "plan.unnamed-column"
    assert error.where.column == "電郵"


def test_check_refuses_an_entry_for_no_column_and_suggests() -> None:
    error = _check(parse_plan(EXAMPLE.replace("姓名:", "姓名們:")), _table())
    assert error.code == "plan.unknown-column"
    assert "姓名" in error.hint.zh


@pytest.mark.parametrize("column", ["年收入", "年齡"])
def test_check_refuses_numbers_that_are_texts(column: str) -> None:
    error = _check(parse_plan(EXAMPLE), _table(**{column: pa.array(["x"])}))
    assert error.code == "plan.type"
    assert error.where.column == column
    assert "x" not in error.what.en.replace(f"{error.where.column}", "").split()


def test_check_looks_through_dictionary_encoding() -> None:
    parse_plan(EXAMPLE).check(_table(客服備註=pa.array(["無"]).dictionary_encode()))
