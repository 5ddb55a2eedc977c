from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from anping.core.errors import InfeasibleError
from anping.engine.table import Table
from anping.protect.deid.anonymize import Anonymized, anonymize
from anping.protect.deid.check import check_classes
from anping.protect.deid.criteria.release import AverageRisk
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.loss import granularity, information_loss_of_release
from anping.protect.deid.model import Options, PrivacyModel
from protect.deid.lattice_cases import Case, binary_hierarchy, cases, passes


@settings(max_examples=200, deadline=None)
@given(case=cases())
def test_every_class_of_every_release_satisfies_the_model(case: Case) -> None:
    try:
        plain = anonymize(
            case.table,
            case.hierarchies,
            model=case.model,
            person=case.person,
            options=Options(case.limit, local_recoding=False),
        )
    except InfeasibleError:
        return
    recoded = anonymize(
        case.table,
        case.hierarchies,
        model=case.model,
        person=case.person,
        options=Options(case.limit, full_domain=True, seed=4, stop_probability=0.3),
    )
    assert recoded.loss <= plain.loss + 1e-12
    assert recoded.suppressed_rows <= case.limit * case.table.rows + 1e-9
    assert recoded.loss_full_domain <= plain.loss + 1e-12
    for release in (plain, recoded, *_recoded_alone(case)):
        rows = release.table.to_pylist()
        classes: dict[tuple[str, ...], list[dict[str, str]]] = {}
        for row in rows:
            classes.setdefault(tuple(row[q] for q in case.hierarchies), []).append(row)
        assert all(passes(members, case) for members in classes.values())
        assert check_classes(
            release.table, list(case.hierarchies), model=case.model, person=case.person
        ).holds
        _assert_faithful(case, release.table, release.kept)
        outside = information_loss_of_release(
            release.table, release.coverage, suppressed_rows=release.suppressed_rows
        )
        assert outside == pytest.approx(release.loss, abs=1e-12)


def _recoded_alone(case: Case) -> list[Anonymized]:
    try:
        options = Options(case.limit, seed=5, full_domain=False)
        return [
            anonymize(
                case.table,
                case.hierarchies,
                model=case.model,
                person=case.person,
                options=options,
            )
        ]
    except InfeasibleError:
        # Top down starts from the whole table, which can fail where a part of it passes.
        assert case.model.l_kind == "entropy" or case.hierarchies["q0"].height < len(
            case.hierarchies["q0"].leaves[0]
        )
        return []


def _assert_faithful(case: Case, released: pa.Table, kept: np.ndarray) -> None:  # type: ignore[type-arg]
    """Rows keep their order; every released value lies on its leaf's path; the rest is untouched."""
    assert kept.tolist() == sorted(set(kept.tolist()))
    raw = case.table.arrow().take(pa.array(kept)).to_pylist()
    for before, after in zip(raw, released.to_pylist(), strict=True):
        for name, value in after.items():
            if name in case.hierarchies:
                assert value in case.hierarchies[name].paths[before[name]]
            else:
                assert value == before[name]


def test_recoding_brings_back_rows_and_lowers_the_loss(
    adult: Table, adult_hierarchies: dict[str, Hierarchy]
) -> None:
    plain = anonymize(
        adult, adult_hierarchies, model=PrivacyModel(5), options=Options(local_recoding=False)
    )
    free = anonymize(
        adult, adult_hierarchies, model=PrivacyModel(5), options=Options(1.0, local_recoding=False)
    )
    release = anonymize(
        adult,
        adult_hierarchies,
        model=PrivacyModel(5),
        options=Options(full_domain=True, seed=1),
    )
    assert plain.suppressed_rows == 1383
    assert release.suppressed_rows == 0
    assert release.recoded_rows == free.suppressed_rows == 2584
    assert release.loss < free.loss < plain.loss
    found = check_classes(release.table, list(adult_hierarchies), model=PrivacyModel(5))
    assert found.smallest >= 5
    assert found.classes > 500
    kept = granularity(release.table, adult_hierarchies, adult.rows)
    assert granularity(plain.table, adult_hierarchies, adult.rows) < kept < 1


def test_stopping_early_costs_loss_and_never_safety(
    adult: Table, adult_hierarchies: dict[str, Hierarchy]
) -> None:
    losses = []
    for probability in (0.0, 0.5, 1.0):
        options = Options(0.1, seed=1, stop_probability=probability)
        release = anonymize(adult, adult_hierarchies, model=PrivacyModel(5), options=options)
        assert check_classes(release.table, list(adult_hierarchies), model=PrivacyModel(5)).holds
        losses.append(release.loss)
    assert losses == sorted(losses)
    assert losses[0] < losses[2]


def test_local_recoding_alone_loses_far_less(
    adult: Table, adult_hierarchies: dict[str, Hierarchy]
) -> None:
    release = anonymize(adult, adult_hierarchies, model=PrivacyModel(5), options=Options(seed=1))
    assert release.recoded_rows == adult.rows
    assert check_classes(release.table, list(adult_hierarchies), model=PrivacyModel(5)).holds
    assert release.loss < 0.065
    assert not release.optimal


def test_what_stopping_early_costs_is_told(
    adult: Table, adult_hierarchies: dict[str, Hierarchy]
) -> None:
    model = PrivacyModel(5)
    eager = Options(seed=1, stop_probability=0.0)
    minimal = anonymize(adult, adult_hierarchies, model=model, options=eager).fitted
    assert minimal.coarser_rows == 0
    assert minimal.loss_minimal == pytest.approx(minimal.loss, abs=1e-12)
    halted = anonymize(adult, adult_hierarchies, model=model, options=Options(seed=1)).fitted
    assert halted.coarser_rows > 0
    assert halted.loss_minimal < halted.loss
    assert halted.loss_minimal == pytest.approx(minimal.loss, abs=1e-3)


def test_without_a_seed_the_choices_differ_and_the_full_domain_part_does_not() -> None:
    generator = np.random.default_rng(17)
    hierarchies = {f"q{i}": binary_hierarchy(f"q{i}", 4) for i in range(3)}
    columns = {name: generator.choice(h.leaves, 900).tolist() for name, h in hierarchies.items()}
    table = Table.of(pa.table(columns))
    options = Options(0.3, full_domain=True, stop_probability=0.5)
    releases = [
        anonymize(table, hierarchies, model=PrivacyModel(4), options=options) for _ in range(4)
    ]
    assert len({str(release.levels) for release in releases}) == 1
    assert releases[0].recoded_rows > 0
    assert any(release.table != releases[0].table for release in releases[1:])


def test_people_with_many_rows_count_once() -> None:
    hierarchies = {"q": binary_hierarchy("q", 2)}
    columns = {"q": ["00"] * 9 + ["11"] * 9, "p": [*"aaaaaaaab", *"cdefghijk"]}
    table = Table.of(pa.table(columns))
    options = Options(0, full_domain=True)
    by_row = anonymize(table, hierarchies, model=PrivacyModel(3), options=options)
    assert by_row.levels == {"q": 0}
    by_person = anonymize(
        table, hierarchies, model=PrivacyModel(3), person="p", options=Options(0, full_domain=True)
    )
    assert by_person.levels == {"q": 2}
    assert check_classes(by_person.table, ["q"], model=PrivacyModel(3), person="p").smallest == 11


def test_unknown_people_count_as_one() -> None:
    hierarchies = {"q": binary_hierarchy("q", 1)}
    table = Table.of(pa.table({"q": ["0"] * 5 + ["1"] * 5, "p": [None] * 5 + [*"abcde"]}))
    release = anonymize(
        table, hierarchies, model=PrivacyModel(2), person="p", options=Options(0, full_domain=True)
    )
    assert release.levels == {"q": 1}


def test_pycanon_agrees_on_k_and_l(adult: Table, adult_hierarchies: dict[str, Hierarchy]) -> None:
    anonymity = pytest.importorskip("pycanon.anonymity")
    columns = list(adult_hierarchies)[:7]
    hierarchies = {column: adult_hierarchies[column] for column in columns}
    model = PrivacyModel(5, 3, "distinct", ("occupation",))
    release = anonymize(adult, hierarchies, model=model, options=Options(seed=3))
    frame = release.table.to_pandas()
    ours = check_classes(release.table, columns, model=model)
    assert anonymity.k_anonymity(frame, columns) == ours.smallest >= 5
    assert anonymity.l_diversity(frame, columns, ["occupation"]) == ours.least_diverse
    sizes = Counter(tuple(row) for row in frame[columns].itertuples(index=False))
    assert len(sizes) == ours.classes


def test_a_criterion_of_the_whole_release_makes_larger_groups(
    adult: Table, adult_hierarchies: dict[str, Hierarchy]
) -> None:
    model = PrivacyModel(3, criteria=(AverageRisk(0.1),))
    release = anonymize(adult, adult_hierarchies, model=model, options=Options(seed=1))
    found = check_classes(release.table, list(adult_hierarchies), model=model)
    assert found.classes <= 0.1 * release.table.num_rows
    assert release.suppressed_rows <= 0.05 * adult.rows


def test_where_the_whole_fails_the_parts_that_pass_are_found() -> None:
    table = Table.of(
        pa.table({"q": ["00"] * 6 + ["11"] * 14, "s": ["u", "v", "w"] * 2 + ["u"] * 14})
    )
    model = PrivacyModel(2, 3, "entropy", ("s",))
    hierarchies = {"q": binary_hierarchy("q", 2)}
    release = anonymize(table, hierarchies, model=model, options=Options(0.7, seed=1))
    assert release.table.column("q").to_pylist() == ["00"] * 6
    with pytest.raises(InfeasibleError):
        anonymize(table, hierarchies, model=model, options=Options(0.6, seed=1))
