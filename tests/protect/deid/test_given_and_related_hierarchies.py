"""Trees that a person gives, and categories merged by what they occur with."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import PlanError
from anping.engine.table import Table
from anping.protect import Settings, dump_plan, parse_plan, protect
from anping.protect.deid.hierarchies.related import related
from anping.protect.deid.hierarchies.trees import from_tree_file, nested
from anping.protect.deid.hierarchy import MISSING, TOP
from anping.protect.plan_previews import preview_hierarchies

OFFICE = {"office": ["clerk", "accountant"], "works": {"machines": ["driver"], "hands": ["cook"]}}


def test_leaves_may_lie_at_different_depths() -> None:
    hierarchy = nested("job", ["clerk", None], OFFICE)
    assert hierarchy.paths["driver"] == ("driver", "machines", "works", "*")
    assert hierarchy.paths["clerk"] == ("clerk", "clerk", "office", "*")
    assert hierarchy.paths[MISSING] == ("", "", "", "*")
    assert hierarchy.given


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        ({"a": ["x"], "b": ["x"]}, "doubled"),
        ({"a": ["x", ""]}, "blank"),
        ({" ": ["x"]}, "blank"),
        ({"a": {"b": {"a": ["x"]}}}, "cycle"),
        ({"a": {"g": ["x"]}, "b": {"g": ["y"]}}, "two-parents"),
        ({"a": ["a", "x"]}, "ambiguous"),
        ({"a": []}, "empty"),
    ],
)
def test_a_broken_tree_is_refused(tree: dict[str, object], code: str) -> None:
    with pytest.raises(PlanError) as caught:
        nested("job", [], tree)
    assert caught.value.code == f"deid.hierarchy-{code}"
    assert caught.value.where.column == "job"


def test_a_tree_in_a_file(tmp_path: Path) -> None:
    values = ["clerk", "cook", None]
    expected = nested("job", values, OFFICE)
    texts = {
        "tree.yaml": "office: [clerk, accountant]\nworks:\n  machines: [driver]\n  hands: [cook]\n",
        "tree.json": '{"office": ["clerk", "accountant"], "works": {"machines": ["driver"], "hands": ["cook"]}}',
        "tree.csv": "clerk;office\naccountant;office\ndriver;machines\ncook;hands\nmachines;works\n"
        "hands;works\nworks;all\noffice;all\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
        assert from_tree_file("job", values, tmp_path / name) == expected
    (tmp_path / "numbers.yaml").write_text("low: [001, no]\nhigh: [1e3]\n", "utf-8")
    assert from_tree_file("q", ["001"], tmp_path / "numbers.yaml").leaves == ("001", "no", "1e3")


@pytest.mark.parametrize(
    ("name", "text", "code", "row"),
    [
        ("t.yaml", "", "empty", None),
        ("t.yaml", "- a\n", "unreadable", 1),
        ("t.yaml", "a: [x\n", "unreadable", 2),
        ("t.yaml", "a: &b [x]\n", "unreadable", 1),
        ("t.yaml", "a:\nb: [x]\n", "blank", 1),
        ("t.yaml", "a: [x]\nb:\n  - [y]\n", "unreadable", 3),
        ("t.yaml", "a: [x]\nb: [y, x]\n", "doubled", 2),
        ("t.yaml", "a:\n  g: [x]\nb:\n  g: [y]\n", "two-parents", 4),
        ("t.json", '{"a": ["x"]', "unreadable", 1),
        ("t.csv", "", "empty", None),
        ("t.csv", "a,b,c\n", "ragged", 1),
        ("t.csv", "a,g\n,g\n", "blank", 2),
        ("t.csv", "a,b\nb,a\n", "cycle", 1),
        ("t.csv", "x,a\na,b\nb,a\n", "cycle", 2),
        ("t.csv", "a,g\nb,h\n", "two-roots", 2),
        ("t.csv", "a,g\nb,h\ng,\nh,\n", "two-roots", 2),
        ("t.csv", "a,g\na,g\n", "doubled", 2),
        ("t.csv", "a,g\na,h\n", "two-parents", 2),
    ],
)
def test_a_fault_of_a_tree_s_file_is_told_with_its_row(
    name: str, text: str, code: str, *, row: int | None, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(PlanError) as caught:
        from_tree_file("job", [], tmp_path / name)
    assert caught.value.code == f"deid.hierarchy-{code}"
    assert (caught.value.where.file, caught.value.where.row) == (name, row)
    with pytest.raises(PlanError, match="unreadable"):
        from_tree_file("job", [], tmp_path / "absent.yaml")


def test_a_value_that_a_tree_lacks_is_counted(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("a: [x]\n", "utf-8")
    with pytest.raises(PlanError, match="incomplete") as caught:
        from_tree_file("job", ["x", "secret"], tmp_path / "t.yaml")
    assert caught.value.where.file == "t.yaml"
    assert "secret" not in str(caught.value)


def test_values_that_occur_with_the_same_are_merged_first() -> None:
    chance = {"nurse": 0.1, "doctor": 0.1, "driver": 0.6, "cook": 0.6, "judge": 0.95}
    values, partners, counts = [], [], []
    for value, share in chance.items():
        values += [value, value]
        partners += ["yes", "no"]
        counts += [round(1000 * share), round(1000 * (1 - share))]
    hierarchy = related("job", values, partners, counts=counts, steps=3)
    paths = hierarchy.paths
    merged = {name for name in hierarchy.values_at(hierarchy.height - 2) if " | " in name}
    assert merged == {"doctor | nurse", "cook | driver"}
    assert paths["judge"][-1] == TOP
    reordered = related("job", values[::-1], partners[::-1], counts=counts[::-1], steps=3)
    assert reordered == hierarchy


def test_a_group_names_no_rare_value_and_says_how_many_it_has() -> None:
    values = ["a"] * 50 + ["b"] * 40 + [f"rare{n}" for n in range(6)]
    hierarchy = related("q", values, ["x"] * 96, steps=2)
    shown = {name for level in range(1, hierarchy.height) for name in hierarchy.values_at(level)}
    groups = {name for name in shown if name not in hierarchy.leaves}
    assert groups
    assert not any("rare" in name for name in groups)


def test_numbers_beside_a_category_are_cut_into_parts() -> None:
    draw = np.random.default_rng(3)
    kind = draw.integers(0, 6, 3_000)
    income = draw.normal(100 * (kind % 2), 5)
    names = np.array(list("abcdef"))[kind]
    hierarchy = related("q", names.tolist(), income.tolist(), steps=2)
    members = Counter(hierarchy.paths[leaf][-2] for leaf in hierarchy.leaves)
    halves = {frozenset(n for n in "abcdef" if hierarchy.paths[n][-2] == g) for g in members}
    assert halves == {frozenset("ace"), frozenset("bdf")}


@given(
    st.lists(
        st.tuples(st.none() | st.text("abc |+'", max_size=3), st.sampled_from([None, "x", "y", 3])),
        max_size=40,
    ),
    st.integers(1, 5),
)
def test_merged_categories_are_complete_and_nested(
    pairs: list[tuple[str | None, str | int | None]], steps: int
) -> None:
    values = [value for value, _ in pairs]
    hierarchy = related("q", values, [partner for _, partner in pairs], steps=steps)
    hierarchy.require(hierarchy.leaf_of(value) for value in values)
    assert hierarchy.values_at(hierarchy.height) == (TOP,)
    assert hierarchy.height <= steps + 1


def test_too_many_values_are_refused() -> None:
    with pytest.raises(PlanError, match="too-many-categories"):
        related("q", range(1_001), ["x"] * 1_001)


PLAN = """
plan: 1
model: {k: 3}
columns:
  job: {do: generalise, hierarchy: {kind: related, by: 007, levels: 2}}
  diagnosis: {do: generalise, hierarchy: {kind: icd10, start: category}}
  post: {do: generalise, hierarchy: {kind: postal_code, start: full}}
  code: {do: generalise, hierarchy: {kind: occupation, language: en}}
  school: {do: generalise, hierarchy: {kind: tree, tree: {low: [001], high: {mid: [no], top: [c]}}}}
  007: {do: keep}
"""


@pytest.fixture
def table() -> Table:
    rows = range(240)
    return Table.of(
        pa.table(
            {
                "job": [["nurse", "doctor", "driver", "cook"][row % 4] for row in rows],
                "diagnosis": [["E11.9", "e1165", "I10", "J44.9", None][row % 5] for row in rows],
                "post": [["10617", "106445", "30041"][row % 3] for row in rows],
                "code": [[2511, 2512, 110][row % 3] for row in rows],
                "school": [["001", "no", "c"][row % 3] for row in rows],
                "007": [row % 2 for row in rows],
            }
        )
    )


def test_a_plan_with_every_new_kind(table: Table) -> None:
    plan = parse_plan(PLAN)
    assert parse_plan(dump_plan(plan)) == plan
    made = protect(table, plan, settings=Settings(seed=1))
    classes = Counter(tuple(row.values()) for row in made.table.drop(["007"]).to_pylist())
    assert min(classes.values()) >= 3
    for name in plan.quasi_identifiers:
        known = {value for path in made.paths[name].values() for value in path}
        assert set(made.table.column(name).to_pylist()) <= known
    told = {done.column: done.what for done in made.operations}
    assert "ICD-10" in told["diagnosis"].zh
    seen = preview_hierarchies(table, plan)
    assert seen["school"].levels[2].examples == ("low", "high")
    assert not any(level.examples for level in seen["job"].levels)
    assert [level.values for level in seen["diagnosis"].levels] == [4, 1]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("by: 007", "by: job", "plan.related-alone"),
        ("by: 007", "by: nobody", "schema.missing-column"),
        ("kind: icd10, start: category", "kind: occupation", "plan.hierarchy-kind"),
        ("kind: icd10, start: category", "kind: age", "plan.hierarchy-kind"),
        ("low: [001]", "low: [002]", "deid.hierarchy-incomplete"),
        ("low: [001]", "low: [001, c]", "deid.hierarchy-doubled"),
        ("low: [001]", "low: 001", "plan.tree"),
        ("kind: tree, ", "kind: tree, file: x.yaml, ", "plan.tree"),
        ("kind: tree, tree: {low: [001], high: {mid: [no], top: [c]}}", "kind: tree, file: x.yaml", "plan.hierarchy-missing"),
        ("kind: tree, tree: {low: [001], high: {mid: [no], top: [c]}}", "kind: tree, file: ../x.csv", "plan.hierarchy-path"),
    ],
)  # fmt: skip
def test_a_plan_whose_hierarchy_does_not_fit(table: Table, old: str, new: str, code: str) -> None:
    from anping.core.errors import AnpingError

    assert old in PLAN
    with pytest.raises(AnpingError) as caught:
        protect(table, parse_plan(PLAN.replace(old, new, 1)))
    assert caught.value.code == code
    assert caught.value.what.zh
    assert caught.value.hint.zh
