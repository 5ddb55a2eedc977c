from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest

from anping.core.errors import (
    AnpingError,
    InfeasibleError,
    ParameterError,
    PlanError,
    SchemaError,
)
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.deid.anonymize import anonymize, require_hierarchies
from anping.protect.deid.check import check_classes
from anping.protect.deid.hierarchies.ages import ages
from anping.protect.deid.hierarchies.categories import all_or_nothing
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.loss import information_loss_of_release
from anping.protect.deid.model import Options, PrivacyModel
from protect.deid.lattice_cases import binary_hierarchy


def hierarchies_of(table: Table) -> dict[str, Hierarchy]:
    return {
        "age": ages("age", table.column("age").to_pylist()),
        "area": all_or_nothing("area", table.column("area").to_pylist()),
    }


def refusal(table: Table, **changes: object) -> AnpingError:
    arguments = {"model": PrivacyModel(3)} | changes
    hierarchies = arguments.pop("hierarchies", None)
    if hierarchies is None:
        hierarchies = hierarchies_of(table)
    with pytest.raises(AnpingError) as caught:
        anonymize(table, hierarchies, **arguments)  # type: ignore[arg-type]
    return caught.value


def test_k_above_the_number_of_people(people: Table) -> None:
    error = refusal(people, model=PrivacyModel(41), person="person")
    assert isinstance(error, InfeasibleError)
    assert error.code == "deid.k-too-large"
    assert "40" in error.hint.en


def test_an_empty_table() -> None:
    table = Table.of(pa.table({"q": pa.array([], pa.string())}))
    error = refusal(table, hierarchies={"q": binary_hierarchy("q", 1)}, model=PrivacyModel(2))
    assert isinstance(error, InfeasibleError)


def test_l_above_the_number_of_values(people: Table) -> None:
    error = refusal(people, model=PrivacyModel(2, 6, sensitive=("disease",)))
    assert isinstance(error, InfeasibleError)
    assert error.where.column == "disease"


def test_an_entropy_that_no_class_can_have() -> None:
    table = Table.of(pa.table({"q": ["0", "1"] * 20, "s": ["a"] * 39 + ["b"]}))
    model = PrivacyModel(2, 2, "entropy", ("s",))
    error = refusal(table, hierarchies={"q": binary_hierarchy("q", 1)}, model=model)
    assert error.code == "deid.l-out-of-reach"


def test_infeasible_names_the_columns_that_cause_it() -> None:
    leaves = [format(i, "04b") for i in range(16)]
    table = Table.of(pa.table({"a": leaves, "b": ["00"] * 16, "c": leaves[::-1]}))
    hierarchies = {
        "a": binary_hierarchy("a", 4, to_top=False),
        "b": binary_hierarchy("b", 2),
        "c": Hierarchy("c", {leaf: (leaf,) for leaf in leaves}),
    }
    error = refusal(table, hierarchies=hierarchies, model=PrivacyModel(2))
    assert error.code == "deid.infeasible"
    assert error.where.column == "c"
    assert "(c)" in error.what.en
    assert "100%" in error.what.en


def test_a_quasi_identifier_without_hierarchy(people: Table) -> None:
    with pytest.raises(PlanError, match="no-hierarchy") as caught:
        require_hierarchies(["age", "area"], {"age": hierarchies_of(people)["age"]})
    assert caught.value.where.column == "area"
    assert refusal(people, hierarchies={}).code == "deid.no-quasi-identifiers"


def test_missing_columns(people: Table) -> None:
    one = refusal(people, hierarchies={"arae": hierarchies_of(people)["area"]})
    assert isinstance(one, SchemaError)
    assert "area" in one.hint.en
    assert isinstance(refusal(people, person="nobody"), SchemaError)
    assert isinstance(refusal(people, model=PrivacyModel(2, 2, sensitive=("x",))), SchemaError)


def test_a_column_with_two_roles(people: Table) -> None:
    assert refusal(people, model=PrivacyModel(2, 2, sensitive=("age",))).code == "deid.two-roles"
    assert refusal(people, person="age").code == "deid.two-roles"


def test_a_value_outside_its_hierarchy_is_counted_and_not_shown(people: Table) -> None:
    hierarchies = hierarchies_of(people) | {"area": all_or_nothing("area", ["A", "B", "C"])}
    error = refusal(people, hierarchies=hierarchies)
    assert error.code == "deid.hierarchy-incomplete"
    assert "1 distinct" in error.what.en


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda: PrivacyModel(0), "deid.k"),
        (lambda: PrivacyModel(2, 0, sensitive=("s",)), "deid.l"),
        (lambda: PrivacyModel(2, 2), "deid.l-without-sensitive"),
        (lambda: PrivacyModel(2, 2, "other", ("s",)), "deid.l-kind"),  # type: ignore[arg-type]
        (lambda: Options(1.5), "deid.suppression-limit"),
        (lambda: Options(float("nan")), "deid.suppression-limit"),
        (lambda: Options(stop_probability=-1), "deid.stop-probability"),
        (lambda: Options(local_recoding=False, full_domain=False), "deid.no-transformation"),
        (lambda: Options(weights={"a": -1.0}), "deid.weights"),
    ],
)
def test_numbers_that_mean_nothing(build: Callable[[], object], code: str) -> None:
    with pytest.raises(ParameterError) as caught:
        build()
    assert caught.value.code == code


def test_weights_must_name_quasi_identifiers(people: Table) -> None:
    assert refusal(people, options=Options(weights={"note": 1.0})).code == "deid.weights"
    nothing = Options(weights={"age": 0.0, "area": 0.0})
    assert refusal(people, options=nothing).code == "deid.weights"


def test_an_interrupt_leaves_the_table_as_it_was(people: Table) -> None:
    before = people.arrow()

    def interrupt(what: Text, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        anonymize(people, hierarchies_of(people), model=PrivacyModel(3), progress=interrupt)
    assert people.arrow() == before


def test_other_columns_and_types_are_untouched(people: Table) -> None:
    release = anonymize(
        people, hierarchies_of(people), model=PrivacyModel(3), person="person", options=Options(0)
    )
    assert release.table.column_names == list(people.columns)
    assert release.table.schema.field("age").type == pa.string()
    assert release.table.column("note").equals(people.column("note"))
    assert release.paths["age"]["20"] == ("20", "20-24", "20-29", "20-39", "*")


def test_missing_values_are_a_category_of_their_own() -> None:
    table = Table.of(pa.table({"area": ["A"] * 4 + [None] * 4}))
    hierarchies = {"area": all_or_nothing("area", table.column("area").to_pylist())}
    release = anonymize(table, hierarchies, model=PrivacyModel(4), options=Options(0))
    assert release.table.column("area").to_pylist() == ["A"] * 4 + [""] * 4
    assert release.loss == 0


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([["a", None], [], ["b", "b"]]),
        pa.array(["a", None, "b", "b"]).dictionary_encode(),
        pa.array([1, None, 2, 2]),
        pa.array([1.5, float("nan"), 2.0, 2.0]),
        pa.array([True, None, False, False]),
        pa.array([date(2020, 1, 1), None, date(2021, 1, 1), date(2021, 1, 1)]),
    ],
    ids=["chunks", "dictionary", "integers", "floats", "booleans", "dates"],
)
def test_a_quasi_identifier_can_be_of_any_type(column: pa.Array) -> None:
    table = Table.of(pa.table({"q": column}))
    hierarchies = {"q": all_or_nothing("q", column.to_pylist())}
    release = anonymize(table, hierarchies, model=PrivacyModel(2), options=Options(0.5, seed=1))
    released = release.table.column("q").to_pylist()
    assert released[:2] == ["*", "*"]
    assert released[2] == released[3] != "*"
    assert release.loss == 0.5


def test_a_cell_that_someone_suppressed_before_is_missing() -> None:
    hierarchy = all_or_nothing("q", ["*", "a", None])
    assert hierarchy.leaves == ("", "a")


def test_the_outside_loss_needs_every_value_covered() -> None:
    released = pa.table({"q": ["*", "x"]})
    with pytest.raises(ParameterError, match="no-coverage"):
        information_loss_of_release(released, {"q": {"*": 1.0}}, suppressed_rows=0)
    with pytest.raises(SchemaError):
        information_loss_of_release(released, {"r": {"*": 1.0}}, suppressed_rows=0)
    covered = {"q": {"*": 1.0, "x": 0.0}}
    assert information_loss_of_release(released, covered, suppressed_rows=2) == 0.75
    assert information_loss_of_release(released.slice(0, 0), covered, suppressed_rows=0) == 0


def test_the_check_sees_what_is_wrong() -> None:
    released = pa.table({"q": ["a", "a", "b"], "s": ["x", "x", "y"], "p": ["1", "1", "2"]})
    found = check_classes(released, ["q"], model=PrivacyModel(2, 2, sensitive=("s",)))
    assert (found.classes, found.smallest, found.least_diverse) == (2, 1, 1.0)
    assert found.violations == 2
    by_person = check_classes(released, ["q"], model=PrivacyModel(2), person="p")
    assert by_person.violations == 2
    assert check_classes(released.slice(0, 0), ["q"], model=PrivacyModel(2)).holds
