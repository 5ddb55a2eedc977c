"""One YAML file for the plans of linked tables, and key columns said apart from plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from anping.core.errors import InputError, PlanError
from anping.protect import dump_plan, parse_plan
from anping.protect.linked import keyed, parse_linked_plan, read_linked_plan
from anping.protect.plan_entries import Drop, Pseudonym

TEXT = """# the tables of a clinic
linked: 1
k: 7
missing: own
tables:
  病人:
    privacy_unit: id
    model: {k: 5}
    columns:
      id: {do: pseudonym}
      age: {do: generalise, hierarchy: {kind: age}}
  visits: {privacy_unit: person, columns: {person: {do: pseudonym}, day: {do: date_shift}}}
"""
PATIENTS = """privacy_unit: id
model: {k: 5}
columns:
  id: {do: pseudonym}
  age: {do: generalise, hierarchy: {kind: age}}
"""


def test_the_file_gives_each_table_its_own_plan(tmp_path: Path) -> None:
    path = tmp_path / "linked.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    found = read_linked_plan(path)
    assert (found.k, found.missing) == (7, "own")
    assert list(found.plans) == ["病人", "visits"]
    assert dump_plan(found.plans["病人"]) == dump_plan(parse_plan(PATIENTS))
    assert found.plans["visits"].privacy_unit == "person"


def test_what_the_file_does_not_say_is_left_open() -> None:
    found = parse_linked_plan("linked: 1\ntables: {a: {columns: {x: {do: keep}}}}\n")
    assert (found.k, found.missing) == (None, None)


def test_a_fault_in_a_plan_is_told_with_its_line_in_the_file() -> None:
    wrong = TEXT.replace("{kind: age}", "{kind: agee}")
    with pytest.raises(PlanError) as caught:
        parse_linked_plan(wrong, file="linked.yaml")
    assert caught.value.code == "plan.unknown-hierarchy"
    assert (caught.value.where.file, caught.value.where.row) == ("linked.yaml", 11)
    assert caught.value.where.column == "age"


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("", 1),
        ("- a\n", 1),
        ("linked: 2\ntables: {}\n", 1),
        ("linked: 1\n", 1),
        ("linked: 1\ntables: []\n", 2),
        ("linked: 1\ntables: {}\nwhat: 1\n", 3),
        ("linked: 1\nk: 1\ntables: {}\n", 2),
        ("linked: 1\nk: ３\ntables: {}\n", 2),
        ("linked: 1\nmissing: keep\ntables: {}\n", 2),
        ("linked: 1\ntables: {a: &x {}, b: *x}\n", 2),
        ("linked: 1\nlinked: 1\ntables: {}\n", 2),
        ("linked: 1\ntables: {a: {}, a: {}}\n", 2),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_line(text: str, row: int) -> None:
    with pytest.raises(PlanError) as caught:
        parse_linked_plan(text, file="linked.yaml")
    assert (caught.value.code, caught.value.where.row) == ("linked.plan-file", row)


def test_a_file_that_cannot_be_read_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "big5").write_bytes("表".encode("big5"))
    for name in ("big5", "absent"):
        with pytest.raises(InputError):
            read_linked_plan(tmp_path / name)


def test_a_key_column_that_a_plan_drops_becomes_the_pseudonym_of_the_others() -> None:
    plans = {
        "a": parse_plan(
            "columns: {name: {do: pseudonym, key: other}, number: {do: drop}}\nprivacy_unit: name\n"
        ),
        "b": parse_plan(
            "columns: {number: {do: pseudonym, normalise: exact}}\nprivacy_unit: number\n"
        ),
    }
    found = keyed(plans, {"a": "number"})
    assert found["a"].privacy_unit == "number"
    assert found["a"].columns["number"] == found["b"].columns["number"]
    assert found["a"].columns["name"] == plans["a"].columns["name"]
    assert found["b"] is plans["b"]
    alone = keyed({"a": plans["a"]}, {"a": "number"})["a"].columns["number"]
    assert alone == (Pseudonym(),)
    assert plans["a"].columns["number"] == (Drop(),)
    with pytest.raises(PlanError, match="unknown column"):
        keyed(plans, {"b": "absent"})
