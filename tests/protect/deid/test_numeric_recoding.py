"""Ordered columns cut anywhere: intervals that hold their rows, and never end on one person's value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import fsum
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import InfeasibleError
from anping.engine.table import Table
from anping.protect.deid.anonymize import Anonymized, anonymize
from anping.protect.deid.check import check_classes
from anping.protect.deid.criteria.closeness import Closeness
from anping.protect.deid.hierarchies.ages import ages
from anping.protect.deid.hierarchies.categories import categories
from anping.protect.deid.hierarchies.dates import dates
from anping.protect.deid.hierarchies.numbers import numbers
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.loss import information_loss_of_release
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.deid.scales import roundest, scale_of

COLUMNS = st.sampled_from(["age", "number", "interval", "month", "day"])


def hierarchy_of(kind: str, cells: Sequence[str | None]) -> Hierarchy:
    if kind == "age":
        return ages("q", cells)
    if kind == "number":
        return numbers("q", cells, bins=4)
    if kind == "interval":
        return numbers("q", cells, bins=8, start="interval")
    return dates("q", cells, start="month" if kind == "month" else "day")


def cell_of(kind: str, number: int | None) -> str | None:
    if number is None:
        return None
    if kind in ("month", "day"):
        return str(np.datetime64("1990-01-01") + 37 * number)
    return str(number)


@settings(max_examples=150, deadline=None)
@given(
    kind=COLUMNS,
    rows=st.lists(
        st.tuples(st.one_of(st.none(), st.integers(0, 95)), st.sampled_from("abc")),
        min_size=6,
        max_size=60,
    ),
    k=st.integers(1, 4),
    stop=st.sampled_from([0.0, 0.5]),
)
def test_every_interval_holds_its_rows_and_every_class_its_people(
    kind: str, rows: list[tuple[int | None, str]], k: int, stop: float
) -> None:
    cells = [cell_of(kind, number) for number, _ in rows]
    table = Table.of(pa.table({"q": pa.array(cells, pa.string()), "c": [c for _, c in rows]}))
    hierarchies = {"q": hierarchy_of(kind, cells), "c": categories("c", [c for _, c in rows])}
    model = PrivacyModel(k)
    options = Options(seed=3, recoding="numeric", stop_probability=stop)
    release = anonymize(table, hierarchies, model=model, options=options)
    assert release.suppressed_rows == 0
    assert check_classes(release.table, ["q", "c"], model=model).holds
    raw = table.arrow().to_pylist()
    for before, after in zip(raw, release.table.to_pylist(), strict=True):
        for name in ("q", "c"):
            leaf = hierarchies[name].leaf_of(before[name])
            assert after[name] in release.paths[name][leaf]
            assert 0 <= release.coverage[name][after[name]] <= 1
    again = information_loss_of_release(release.table, release.coverage, suppressed_rows=0)
    assert again == pytest.approx(release.loss, abs=1e-12)
    assert release.loss <= 1 + 1e-12
    same = anonymize(table, hierarchies, model=model, options=options)
    assert same.table == release.table
    _assert_spans(hierarchies["q"], release)


def _assert_spans(hierarchy: Hierarchy, release: Anonymized) -> None:
    """What a released text covers is a run of neighbouring leaves, and its coverage says how many."""
    scale = scale_of(hierarchy)
    if scale is None:
        return
    for text, share in release.coverage["q"].items():
        leaves = [leaf for leaf, path in release.paths["q"].items() if text in path]
        places = sorted(scale.place[leaf] for leaf in leaves)
        assert places == list(range(places[0], places[0] + len(places)))
        assert share == pytest.approx((len(leaves) - 1) / max(1, hierarchy.domain_size - 1))


def test_cutting_anywhere_loses_less(adult: Table, adult_hierarchies: dict[str, Hierarchy]) -> None:
    model = PrivacyModel(5)
    nested = anonymize(adult, adult_hierarchies, model=model, options=Options(seed=1))
    free = anonymize(
        adult, adult_hierarchies, model=model, options=Options(seed=1, recoding="numeric")
    )
    assert free.loss < 0.054 < nested.loss
    assert check_classes(free.table, list(adult_hierarchies), model=model).smallest >= 5
    named = Options(seed=1, recoding="numeric", ordered=("sex",))
    held = anonymize(adult, adult_hierarchies, model=model, options=named)
    assert held.table == nested.table


def test_no_end_of_an_interval_is_a_rare_observed_number() -> None:
    generator = np.random.default_rng(5)
    incomes = np.round(generator.lognormal(10, 1, 400)).astype(int)
    table = Table.of(pa.table({"q": incomes}))
    hierarchies = {"q": numbers("q", incomes.tolist(), bins=8)}
    options = Options(seed=1, recoding="numeric")
    release = anonymize(table, hierarchies, model=PrivacyModel(5), options=options)
    counts = Counter(incomes.tolist())
    shown = Counter(release.table.column("q").to_pylist())
    assert len(shown) > 20
    ends = {float(end) for text in shown for end in text.strip("[)<>=").split(", ") if text != "*"}
    observed = [end for end in ends if counts.get(int(end), 0)]
    # A round number may happen to be somebody's; a number that only one person has, told exactly,
    # would be nearly all of them.
    assert len(observed) < len(ends) / 4


@pytest.mark.parametrize(
    ("low", "high", "between"),
    [(88, 90, 90), (45, 46, 46), (99, 134, 100), (0.12, 0.19, 0.15), (-3, 2, 0), (7, 7, 7)],
)
def test_the_roundest_number_lies_between(low: float, high: float, between: float) -> None:
    found = roundest(low, high)
    assert low < found <= high or low == high == found
    assert len(str(found)) <= len(str(float(between)))


def test_what_a_run_of_leaves_is_called() -> None:
    age = scale_of(ages("q", [20, 35, 92]))
    assert age is not None
    assert age.text(0, 5) == "20-25"
    assert age.text(60, 70) == "80+"
    assert age.text(0, 70) == "*"
    month = scale_of(dates("q", ["2020-01-05", "2020-03-01", "2021-02-01", None], start="month"))
    assert month is not None
    assert month.text(0, 1) == "2020-01/2020-03"
    assert month.text(3, 3) == ""
    number = scale_of(numbers("q", [1003, 1999, 2950, 4100, 8000, 9123], bins=2))
    assert number is not None
    assert number.text(1, 2) == "[1500, 4000)" or number.text(1, 2).startswith("[")
    assert scale_of(categories("q", ["north", "south", "east"])) is None


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(20, 60), st.sampled_from("abc"), st.sampled_from("uvw")),
        min_size=8,
        max_size=60,
    ),
    model=st.sampled_from([
        PrivacyModel(2, criteria=(Closeness("s", 0.3),)),
        PrivacyModel(2, 2, "recursive", ("s",), 2.0),
        PrivacyModel(3, 2, "entropy", ("s",)),
        PrivacyModel(3, 2, "distinct", ("s",)),
    ]),
    recoding=st.sampled_from(["hierarchical", "numeric"]),
)  # fmt: skip
def test_every_criterion_is_held_by_each_split(
    rows: list[tuple[int, str, str]], model: PrivacyModel, recoding: str
) -> None:
    columns: dict[str, list[Any]] = {
        name: [row[at] for row in rows] for at, name in enumerate("qcs")
    }
    table = Table.of(pa.table(columns))
    hierarchies = {"q": ages("q", columns["q"]), "c": categories("c", columns["c"])}
    options = Options(seed=2, recoding=recoding, stop_probability=0.1)  # type: ignore[arg-type]
    try:
        release = anonymize(table, hierarchies, model=model, options=options)
    except InfeasibleError:
        return
    whole = Counter(columns["s"])
    classes: dict[tuple[str, str], list[str]] = {}
    for row in release.table.to_pylist():
        classes.setdefault((row["q"], row["c"]), []).append(row["s"])
    for members in classes.values():
        assert len(members) >= model.k
        counts = Counter(members)
        if model.criteria:
            far = fsum(abs(counts[v] / len(members) - n / len(rows)) for v, n in whole.items()) / 2
            assert far <= 0.3 + 1e-9
        elif model.l_kind == "recursive":
            sizes = sorted(counts.values(), reverse=True)
            assert len(sizes) >= 2
            assert sizes[0] < 2.0 * sum(sizes[1:])
        elif model.l_kind == "entropy":
            shares = np.array(list(counts.values())) / len(members)
            assert -(shares * np.log(shares)).sum() >= np.log(2) - 1e-9
        else:
            assert len(counts) >= 2


@pytest.mark.parametrize("recoding", ["hierarchical", "numeric"])
def test_a_column_of_weight_zero_spends_nothing(recoding: str) -> None:
    generator = np.random.default_rng(3)
    columns = {name: generator.integers(20, 60, 400).tolist() for name in ("q", "r")}
    hierarchies = {name: ages(name, cells) for name, cells in columns.items()}
    options = Options(weights={"r": 0.0}, seed=1, recoding=recoding)  # type: ignore[arg-type]
    table = Table.of(pa.table(columns))
    release = anonymize(table, hierarchies, model=PrivacyModel(5), options=options)
    assert set(release.table.column("r").to_pylist()) == {"*"}
    assert release.loss < 0.1
