"""Problems that cannot or should not be solved: a typed error in both languages, nothing written.

What can be done all the same is done by a stated policy: a missing value is a category of its own,
rows without a person count as one, a weight of zero makes a column cost nothing.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from anping.core.errors import AnpingError, InfeasibleError
from anping.engine.table import Table
from anping.protect import KeyRing, Means, Plan, Settings, parse_plan, protect, protect_into
from anping.protect.deid.anonymize import anonymize
from anping.protect.deid.hierarchies.ages import ages
from anping.protect.deid.hierarchies.categories import all_or_nothing
from anping.protect.deid.model import Options, PrivacyModel

KEYS = KeyRing({"person": b"p" * 32})
CATEGORY = "{do: generalise, hierarchy: {kind: category}}"


def refused(table: Table, plan: Plan, folder: Path) -> AnpingError:
    """Return the error of both doors, which is the same; nothing may be left behind."""
    with pytest.raises(AnpingError) as one:
        protect(table, plan, keys=KEYS, settings=Settings(seed=1))
    with pytest.raises(AnpingError) as other:
        protect_into(table, plan, folder / "made", means=Means(KEYS), settings=Settings(seed=1))
    assert list(folder.iterdir()) == []
    assert one.value.as_json() == other.value.as_json()
    error = one.value
    assert error.what.zh
    assert error.what.en
    assert error.hint.zh
    assert error.hint.en
    return error


def plan_of(columns: dict[str, str], model: str = "{k: 3}", unit: str | None = None) -> Plan:
    head = "" if unit is None else f"privacy_unit: {unit}\n"
    body = "".join(f"  {name}: {entry}\n" for name, entry in columns.items())
    return parse_plan(f"plan: 1\n{head}model: {model}\ncolumns:\n{body}")


def columns(**values: list[Any]) -> Table:
    return Table.of(pa.table(values))


UNIQUE = columns(
    a=[f"a{row}" for row in range(40)],
    b=[f"b{row % 20}" for row in range(40)],
    c=[f"c{row // 2}" for row in range(40)],
)


@pytest.mark.parametrize("full_domain", ["true", "false"])
def test_every_column_a_quasi_identifier_and_all_rows_unique(
    tmp_path: Path, full_domain: str
) -> None:
    plan = plan_of(dict.fromkeys("abc", CATEGORY), f"{{k: 30, full_domain: {full_domain}}}")
    error = refused(UNIQUE, plan, tmp_path)
    assert isinstance(error, InfeasibleError)
    assert error.code == "protect.nothing-left"
    assert error.where.column == "a"
    assert "(a) put 100% of the rows" in error.what.en
    assert "a7" not in str(error)


def test_the_same_with_a_column_that_stays_is_released_and_told() -> None:
    table = Table.of(UNIQUE.arrow().append_column("kept", pa.array(list("xy") * 20)))
    plan = plan_of({**dict.fromkeys("abc", CATEGORY), "kept": "{do: keep}"}, "{k: 30}")
    made = protect(table, plan, settings=Settings(seed=1))
    assert made.table.num_rows == 40
    assert any("tell nothing any more" in limit.en for limit in made.limits)


def test_every_column_a_quasi_identifier_with_hierarchies_in_between() -> None:
    table = columns(age=[20 + row % 40 for row in range(200)], sex=list("MF") * 100)
    plan = plan_of({"age": "{do: generalise, hierarchy: {kind: age}}", "sex": CATEGORY}, "{k: 5}")
    made = protect(table, plan, settings=Settings(seed=1))
    assert min(Counter(map(tuple, made.table.to_pylist())).values()) >= 1
    classes = Counter(tuple(row.values()) for row in made.table.to_pylist())
    assert min(classes.values()) >= 5


def test_k_above_the_number_of_rows_and_of_people(tmp_path: Path) -> None:
    plan = plan_of({"a": CATEGORY, "b": "{do: drop}", "c": "{do: keep}"}, "{k: 41}")
    error = refused(UNIQUE, plan, tmp_path)
    assert error.code == "protect.k-larger-than-table"
    assert "40" in error.what.en
    by_person = plan_of(
        {"a": CATEGORY, "b": "{do: pseudonym}", "c": "{do: keep}"}, "{k: 21}", unit="b"
    )
    assert "20" in refused(UNIQUE, by_person, tmp_path).what.en


def test_missing_values_of_a_quasi_identifier_are_a_value_of_their_own(tmp_path: Path) -> None:
    table = columns(
        place=["north"] * 10 + [None] * 4 + [""] * 2 + ["south"] * 10,
        age=[30, None] * 13,
        note=["x"] * 26,
    )
    plan = plan_of(
        {
            "place": CATEGORY,
            "age": "{do: generalise, hierarchy: {kind: age}}",
            "note": "{do: keep}",
        }
    )
    made = protect(table, plan, settings=Settings(seed=1))
    classes = Counter(
        zip(made.table["place"].to_pylist(), made.table["age"].to_pylist(), strict=True)
    )
    assert min(classes.values()) >= 3
    assert sum(count for (place, _), count in classes.items() if place == "") in {0, 6}
    assert any("missing value" in limit.en for limit in made.limits)
    # A column of nothing but missing values is a single value, and no error.
    empty = Table.of(table.arrow().set_column(0, "place", pa.nulls(26, pa.string())))
    assert set(protect(empty, plan, settings=Settings(seed=1)).table["place"].to_pylist()) == {""}


def test_weights_of_zero() -> None:
    table = columns(age=[20 + row % 30 for row in range(90)], sex=list("MMF") * 30)
    hierarchies = {
        "age": ages("age", table.column("age").to_pylist()),
        "sex": all_or_nothing("sex", ["M", "F"]),
    }
    model = PrivacyModel(6)
    free = Options(0, weights={"age": 0.0}, local_recoding=False)
    made = anonymize(table, hierarchies, model=model, options=free)
    assert made.loss == 0
    assert set(made.table.column("sex").to_pylist()) == {"M", "F"}
    with pytest.raises(AnpingError) as caught:
        anonymize(
            table, hierarchies, model=model, options=Options(weights={"age": 0.0, "sex": 0.0})
        )
    assert caught.value.code == "deid.weights"


def test_rows_without_a_person_count_as_one(tmp_path: Path) -> None:
    people = [f"p{row}" if row % 4 else None for row in range(40)]
    table = columns(who=people, area=["A"] * 40, note=["x"] * 40)
    entries = {"who": "{do: pseudonym}", "area": CATEGORY, "note": "{do: keep}"}
    made = protect(table, plan_of(entries, "{k: 31}", unit="who"), keys=KEYS)
    assert made.table.num_rows == 40
    assert any("count as one person" in limit.en for limit in made.limits)
    assert refused(table, plan_of(entries, "{k: 32}", unit="who"), tmp_path).code == (
        "protect.k-larger-than-table"
    )
    nobody = Table.of(table.arrow().set_column(0, "who", pa.nulls(40, pa.string())))
    error = refused(nobody, plan_of(entries, "{k: 2}", unit="who"), tmp_path)
    assert error.code == "protect.k-larger-than-table"
    assert "1 people" in error.what.en or "1 person" in error.what.en


HIERARCHIES = {
    "gap": ("A,north,*\nB,,*\n", "deid.hierarchy-gap", 2),
    "cycle": ("A,B,*\nB,A,*\n", "deid.hierarchy-cycle", 1),
    "two roots": ("A,north,up\nB,south,down\n", "deid.hierarchy-two-roots", 2),
    "ragged": ("A,north,*\nB,*\n", "deid.hierarchy-ragged", 2),
    "split": ("A,n,north,*\nB,n,south,*\n", "deid.hierarchy-two-parents", 2),
    "incomplete": ("A,north,*\n", "deid.hierarchy-incomplete", None),
}


@pytest.mark.parametrize("case", HIERARCHIES)
def test_hierarchies_with_faults(case: str, tmp_path: Path) -> None:
    text, code, row = HIERARCHIES[case]
    beside, out = tmp_path / "plans", tmp_path / "out"
    beside.mkdir()
    out.mkdir()
    (beside / "area.csv").write_text(text, "utf-8")
    table = columns(area=list("AB") * 10, note=["x"] * 20)
    plan = plan_of(
        {"area": "{do: generalise, hierarchy: {kind: csv, file: area.csv}}", "note": "{do: keep}"}
    )
    with pytest.raises(AnpingError) as caught:
        protect_into(table, plan, out / "made", settings=Settings(hierarchies_folder=beside))
    assert caught.value.code == code
    assert caught.value.where.file == "area.csv"
    assert caught.value.where.row == row
    assert list(out.iterdir()) == []
