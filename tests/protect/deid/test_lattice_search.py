from __future__ import annotations

from math import inf

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from anping.core.errors import InfeasibleError
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.deid.anonymize import anonymize
from anping.protect.deid.check import check_classes
from anping.protect.deid.evaluation import Evaluator
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.deid.tuples import class_keys
from protect.deid.lattice_cases import Case, binary_hierarchy, brute_force, cases, encoded, price


def solve(case: Case) -> float:
    options = Options(case.limit, local_recoding=False)
    try:
        solution = anonymize(
            case.table, case.hierarchies, model=case.model, person=case.person, options=options
        )
    except InfeasibleError:
        return inf
    assert solution.optimal
    loss, suppressed = price(case, list(solution.levels.values()))
    assert solution.loss == pytest.approx(loss, abs=1e-12)
    assert solution.loss_full_domain == pytest.approx(loss, abs=1e-12)
    assert solution.suppressed_rows == suppressed
    return solution.loss


@settings(max_examples=250, deadline=None)
@given(case=cases())
def test_the_search_finds_what_looking_at_every_node_finds(case: Case) -> None:
    best = brute_force(case)
    found = solve(case)
    assert found == best or found == pytest.approx(best, abs=1e-11)


@settings(max_examples=100, deadline=None)
@given(case=cases(kinds=("entropy",)))
def test_entropy_diversity_with_suppression_is_optimal_too(case: Case) -> None:
    best = brute_force(case)
    found = solve(case)
    assert found == best or found == pytest.approx(best, abs=1e-11)


def many_rows(**more: list[object]) -> tuple[Table, dict[str, Hierarchy]]:
    generator = np.random.default_rng(7)
    hierarchies = {f"q{i}": binary_hierarchy(f"q{i}", 4) for i in range(3)}
    columns = {
        name: generator.choice(hierarchy.leaves, 6000).tolist()
        for name, hierarchy in hierarchies.items()
    }
    columns["s"] = generator.choice(list("abcdefgh"), 6000).tolist()
    columns["p"] = generator.integers(0, 4500, 6000).tolist()
    return Table.of(pa.table(columns | more)), hierarchies


@pytest.mark.parametrize("model", [PrivacyModel(5), PrivacyModel(5, 4, "entropy", ("s",))])
@pytest.mark.parametrize("person", [None, "p"])
@pytest.mark.parametrize("fast", [False, True])
def test_an_evaluation_from_a_roll_up_equals_one_from_the_rows(
    model: PrivacyModel, person: str | None, *, fast: bool
) -> None:
    if fast:
        pytest.importorskip("numba")
    table, hierarchies = many_rows()
    whole, _ = encoded(table, hierarchies, model, person)
    warm = Evaluator(whole, model, fast=fast)
    generator = np.random.default_rng(8)
    for node in map(tuple, generator.integers(0, 5, (80, 3)).tolist()):
        found, fresh = warm.evaluate(node), warm.whole(node)
        assert found.suppressed == fresh.suppressed
        assert found.least_suppressed == fresh.least_suppressed
        assert found.priced.score == pytest.approx(fresh.priced.score)
        assert found.priced.below == pytest.approx(fresh.priced.below)
        assert found.suppressed == int(whole.tuples.rows[warm.failing(node)].sum())


@pytest.mark.parametrize("k", [2, 5, 40])
@pytest.mark.parametrize("limit", [0.0, 0.05, 1.0])
def test_compiled_code_and_numpy_answer_alike(k: int, limit: float) -> None:
    pytest.importorskip("numba")
    table, hierarchies = many_rows()
    model = PrivacyModel(k)
    answers = [
        anonymize(
            table,
            hierarchies,
            model=model,
            options=Options(limit, local_recoding=False, full_domain=True, fast=fast),
        )
        for fast in (False, True)
    ]
    assert answers[0].table == answers[1].table
    assert answers[0].loss == answers[1].loss
    assert answers[0].nodes_evaluated == answers[1].nodes_evaluated


def test_keys_beyond_64_bits_keep_classes_apart() -> None:
    generator = np.random.default_rng(3)
    hierarchies = {f"q{i}": binary_hierarchy(f"q{i}", 9) for i in range(12)}
    base = np.column_stack([generator.permutation(512) for _ in range(12)])
    # Rows that differ in the first column only: an overflowing key would drop just that column.
    twins = base.copy()
    twins[:, 0] = (twins[:, 0] + 2) % 512
    both = np.vstack([base, twins])
    picked = np.vstack([both, both[generator.integers(0, 1024, 1500)]])
    columns = {name: [format(v, "09b") for v in picked[:, i]] for i, name in enumerate(hierarchies)}
    table = Table.of(pa.table(columns))
    model = PrivacyModel(2)
    whole, tuple_of = encoded(table, hierarchies, model)
    assert {ladder.sizes[0] for ladder in whole.ladders} == {512}
    tuples = whole.tuples
    distinct, inverse = np.unique(picked, axis=0, return_inverse=True)
    assert tuples.size == len(distinct)
    assert len(set(zip(tuple_of.tolist(), inverse.tolist(), strict=True))) == len(distinct)
    keys, _ = class_keys(tuples, whole.ladders, (1,) * 12)
    assert np.unique(keys).size == len(np.unique(picked >> 1, axis=0))
    lost = Evaluator(whole, model).evaluate((0,) * 12)
    assert lost.suppressed == int((np.bincount(inverse) == 1).sum())


def test_a_budget_ends_the_search_with_a_valid_solution_that_claims_nothing() -> None:
    generator = np.random.default_rng(5)
    hierarchies = {f"q{i}": binary_hierarchy(f"q{i}", 3) for i in range(4)}
    columns = {name: generator.choice(h.leaves, 300).tolist() for name, h in hierarchies.items()}
    table = Table.of(pa.table(columns))
    free = anonymize(
        table, hierarchies, model=PrivacyModel(3), options=Options(seed=1, full_domain=True)
    )
    cut = anonymize(
        table,
        hierarchies,
        model=PrivacyModel(3),
        options=Options(seed=1, full_domain=True, max_evaluations=3),
    )
    assert free.optimal
    assert not cut.optimal
    assert cut.loss_full_domain >= free.loss_full_domain
    timed = anonymize(
        table,
        hierarchies,
        model=PrivacyModel(3),
        options=Options(seed=1, full_domain=True, max_seconds=0.0),
    )
    assert not timed.optimal


def test_the_same_input_gives_the_same_levels_and_progress_is_told() -> None:
    generator = np.random.default_rng(11)
    hierarchies = {f"q{i}": binary_hierarchy(f"q{i}", 3) for i in range(3)}
    columns = {name: generator.choice(h.leaves, 200).tolist() for name, h in hierarchies.items()}
    table = Table.of(pa.table(columns))
    told: list[int] = []

    def tell(what: Text, done: int, total: int | None) -> None:
        told.append(done)

    one = anonymize(
        table,
        hierarchies,
        model=PrivacyModel(4),
        options=Options(seed=2, full_domain=True),
        progress=tell,
    )
    two = anonymize(
        table, hierarchies, model=PrivacyModel(4), options=Options(seed=2, full_domain=True)
    )
    assert one.levels == two.levels
    assert one.table == two.table
    assert told


def test_weights_change_what_is_kept() -> None:
    generator = np.random.default_rng(13)
    hierarchies = {f"q{i}": binary_hierarchy(f"q{i}", 4) for i in range(2)}
    columns = {name: generator.choice(h.leaves, 200).tolist() for name, h in hierarchies.items()}
    table = Table.of(pa.table(columns))
    for precious, other in (("q0", "q1"), ("q1", "q0")):
        options = Options(0, local_recoding=False, weights={precious: 10.0, other: 0.1})
        solution = anonymize(table, hierarchies, model=PrivacyModel(5), options=options)
        assert solution.levels[precious] < solution.levels[other]


def test_a_lattice_too_large_to_prove_still_gives_a_valid_solution() -> None:
    generator = np.random.default_rng(19)
    hierarchies = {f"q{i}": binary_hierarchy(f"q{i}", 4) for i in range(12)}
    columns = {name: generator.choice(h.leaves, 80).tolist() for name, h in hierarchies.items()}
    table = Table.of(pa.table(columns))
    solution = anonymize(
        table, hierarchies, model=PrivacyModel(3), options=Options(0.1, seed=1, full_domain=True)
    )
    assert not solution.optimal
    assert solution.loss < 1
    assert check_classes(solution.table, list(hierarchies), model=PrivacyModel(3)).holds


def test_a_lattice_of_millions_of_nodes_is_still_proven() -> None:
    generator = np.random.default_rng(23)
    hierarchies = {f"q{i}": binary_hierarchy(f"q{i}", 7) for i in range(7)}
    columns = {name: generator.choice(h.leaves[:6], 60).tolist() for name, h in hierarchies.items()}
    table = Table.of(pa.table(columns))
    options = Options(0.1, local_recoding=False, full_domain=True)
    solution = anonymize(table, hierarchies, model=PrivacyModel(4), options=options)
    assert solution.optimal
    # Six of a hundred and twenty-eight leaves differ in three bits: above level 3 nothing is won.
    assert max(solution.levels.values()) <= 3
    assert check_classes(solution.table, list(hierarchies), model=PrivacyModel(4)).holds


def test_a_column_of_no_weight_costs_nothing_but_its_suppressed_cells_are_gone_too() -> None:
    generator = np.random.default_rng(29)
    hierarchies = {f"q{i}": binary_hierarchy(f"q{i}", 3) for i in range(3)}
    columns = {name: generator.choice(h.leaves, 120).tolist() for name, h in hierarchies.items()}
    table = Table.of(pa.table(columns))
    free = Options(0, local_recoding=False, full_domain=True, weights={"q0": 0.0})
    found = anonymize(table, hierarchies, model=PrivacyModel(4), options=free)
    rest = {name: hierarchies[name] for name in ("q1", "q2")}
    plain = Options(0, local_recoding=False, full_domain=True)
    without = anonymize(table, rest, model=PrivacyModel(4), options=plain)
    assert found.optimal
    # The column that costs nothing is generalised away, and the others are as if it were not there.
    assert found.loss == pytest.approx(without.loss)


def test_a_missing_value_is_a_value_of_its_own() -> None:
    hierarchies = {"q0": Hierarchy("q0", {"a": ("a", "*"), "b": ("b", "*"), "": ("", "*")})}
    cells = ["a"] * 4 + [None] * 3 + ["b"] * 2
    table = Table.of(pa.table({"q0": cells}))
    options = Options(0.3, local_recoding=False, full_domain=True)
    found = anonymize(table, hierarchies, model=PrivacyModel(3), options=options)
    assert found.levels == {"q0": 0}
    assert found.suppressed_rows == 2
    assert found.table.column("q0").to_pylist() == ["a"] * 4 + [""] * 3
