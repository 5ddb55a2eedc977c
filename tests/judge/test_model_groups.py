"""Results by group against fairlearn's; small groups that no difference gives away; bounds that hold."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray

from anping.core.errors import ParameterError, SchemaError
from anping.judge.group_section import examine_groups
from anping.judge.groups import crossed, intersections, partition_by
from anping.judge.metrics import scoring_of
from anping.judge.outcomes import Outcomes, outcomes_of
from anping.judge.resampling import Resampling
from anping.judge.subgroups import DIFFERENCE, RATIO, Frame, Least, between, frame_of, hidden_of
from anping.judge.suppression import Cells, determined, hidden_groups
from judged_models import people

Flags = NDArray[np.bool_]
_LEAST = Least(10, 5)


def _frame(column: str, rows: int = 1200, *, draws: int = 200) -> tuple[Outcomes, pa.Table, Frame]:
    predictor, table = people(rows)
    outcomes, _ = outcomes_of(predictor, table)
    partition = partition_by(table, column)
    hidden = hidden_of(outcomes, partition, _LEAST)
    scoring = scoring_of(outcomes, threshold=0.5)
    frame = frame_of(
        outcomes, partition, scoring, Resampling(outcomes.n, draws=draws), hidden=hidden
    )
    return outcomes, table, frame


def test_groups_are_measured_as_fairlearn_does() -> None:
    fairlearn = pytest.importorskip("fairlearn.metrics")
    oracle = pytest.importorskip("sklearn.metrics")
    outcomes, table, frame = _frame("area")
    decided = outcomes.scores >= 0.5
    metrics = {
        "accuracy": oracle.accuracy_score,
        "recall": oracle.recall_score,
        "selection_rate": fairlearn.selection_rate,
        "false_positive_rate": fairlearn.false_positive_rate,
        "false_negative_rate": fairlearn.false_negative_rate,
    }
    expected = fairlearn.MetricFrame(
        metrics=metrics,
        y_true=outcomes.positive,
        y_pred=decided,
        sensitive_features=table.column("area").to_pylist(),
    )
    for group, label in enumerate(frame.partition.labels):
        for name in metrics:
            found = frame.metrics[group][name].value
            assert found == pytest.approx(expected.by_group[name][label.en], abs=1e-12)
    for name in metrics:
        largest = between(frame, name, kind=DIFFERENCE, level=0.95)
        least = between(frame, name, kind=RATIO, level=0.95)
        assert largest is not None
        assert least is not None
        assert largest.value == pytest.approx(expected.difference()[name], abs=1e-12)
        assert least.value == pytest.approx(expected.ratio()[name], abs=1e-12)
        for one in (largest, least):
            assert one.interval is not None
            assert one.interval.low <= one.value <= one.interval.high


def test_bounds_of_the_largest_difference_hold_where_there_is_none() -> None:
    kept = 0
    for seed in range(25):
        draw = np.random.default_rng(seed)
        table = pa.table({"group": draw.integers(0, 6, 600).astype(str)})
        truth = (draw.random(600) < 0.4).astype(float)
        said = np.clip(truth * 0.3 + draw.random(600) * 0.7, 0, 1)
        outcomes = Outcomes("binary", ("no", "yes"), truth, np.column_stack((1 - said, said)))
        partition = partition_by(table, "group")
        frame = frame_of(
            outcomes,
            partition,
            scoring_of(outcomes, threshold=0.5),
            Resampling(600, draws=200, seed=seed),
            hidden=np.zeros(6, np.bool_),
        )
        found = between(frame, "accuracy", kind=DIFFERENCE, level=0.95)
        assert found is not None
        assert found.interval is not None
        kept += found.interval.low == 0
    # The groups are alike: 24 of 25 are expected to say so.
    assert kept >= 21


def test_a_group_without_errors_is_not_certain() -> None:
    draw = np.random.default_rng(3)
    truth = (draw.random(400) < 0.5).astype(float)
    said = np.where(np.arange(400) < 20, truth, np.clip(truth * 0.4 + draw.random(400) * 0.6, 0, 1))
    outcomes = Outcomes("binary", ("no", "yes"), truth, np.column_stack((1 - said, said)))
    table = pa.table({"group": np.where(np.arange(400) < 20, "small", "large")})
    partition = partition_by(table, "group")
    frame = frame_of(
        outcomes, partition, scoring_of(outcomes, threshold=0.5), Resampling(400, draws=200),
        hidden=np.zeros(2, np.bool_),
    )  # fmt: skip
    found = between(frame, "accuracy", kind=DIFFERENCE, level=0.95)
    assert found is not None
    assert found.interval is not None
    assert found.interval.high - found.interval.low > 0.15


def _cross(sizes: NDArray[np.int64]) -> Cells:
    rows, columns = sizes.shape
    lines = [np.ones(sizes.size, np.bool_)]
    for axis, count in ((0, rows), (1, columns)):
        for place in range(count):
            mask = np.zeros(sizes.shape, np.bool_)
            mask[place if axis == 0 else slice(None), place if axis == 1 else slice(None)] = True
            lines.append(mask.reshape(-1))
    return Cells(sizes.reshape(-1, 1), np.array(lines), np.array([10]))


@given(
    some.lists(some.integers(0, 40), min_size=4, max_size=16),
    some.sampled_from([2, 3, 4]),
)
@settings(max_examples=120, deadline=None)
def test_no_small_group_follows_from_what_is_shown(cells: list[int], columns: int) -> None:
    rows = len(cells) // columns
    if rows < 2:
        return
    sizes = np.array(cells[: rows * columns]).reshape(rows, columns)
    table = _cross(sizes)
    hidden = hidden_groups(table)
    counts = table.counts[:, 0]
    secret = (counts > 0) & (counts < 10)
    assert (hidden | ~secret).all()
    if not secret.any():
        assert not hidden.any()
        return
    if hidden[counts > 0].all():
        return
    places = np.flatnonzero(hidden)
    for place, group in enumerate(places):
        if secret[group]:
            assert not determined(table.sums[:, hidden], place)
    for line in table.sums:
        inside = line & hidden
        assert not (inside & secret).any() or counts[inside].sum() >= 10


@given(some.lists(some.integers(0, 30), min_size=2, max_size=8))
@settings(max_examples=60, deadline=None)
def test_by_one_column_the_whole_gives_no_small_group_away(sizes: list[int]) -> None:
    counts = np.array(sizes)
    hidden = hidden_groups(
        Cells(counts[:, None], np.ones((1, counts.size), np.bool_), np.array([10]))
    )
    left = counts[hidden].sum()
    assert left == 0 or left >= 10 or hidden[counts > 0].all()
    assert hidden.sum() != 1 or hidden[counts > 0].all()


def test_what_sums_tell_is_found_by_brute_force() -> None:
    sums = np.array([[True, True, False], [False, True, True], [True, True, True]])
    assert [determined(sums, place) for place in range(3)] == [True, True, True]
    square = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]], dtype=np.bool_)
    assert not any(determined(square, place) for place in range(4))


def test_groups_with_too_few_of_a_class_and_their_like_are_hidden() -> None:
    truth = np.r_[np.zeros(30), np.ones(30), np.zeros(40), np.tile([0.0, 1.0], 50)]
    said = np.full(truth.size, 0.5)
    outcomes = Outcomes("binary", ("no", "yes"), truth, np.column_stack((1 - said, said)))
    names = np.array(["even"] * 60 + ["all no"] * 40 + ["large"] * 100)
    partition = partition_by(pa.table({"g": names}), "g")
    hidden = hidden_of(outcomes, partition, _LEAST)
    by_name = dict(zip([label.en for label in partition.labels], hidden.tolist(), strict=True))
    assert by_name == {"all no": True, "even": True, "large": False}


def test_people_are_counted_not_their_rows() -> None:
    truth = np.tile([0.0, 1.0], 100)
    said = np.full(200, 0.5)
    outcomes = Outcomes(
        "binary", ("no", "yes"), truth, np.column_stack((1 - said, said)), np.arange(200) // 40
    )
    partition = partition_by(pa.table({"g": ["a"] * 80 + ["b"] * 120}), "g")
    assert hidden_of(outcomes, partition, _LEAST).all()


def test_columns_are_cut_named_and_crossed() -> None:
    _, table = people(300)
    ages = partition_by(table, "age:30,50")
    assert [label.en for label in ages.labels] == ["< 30", "30 – < 50", "≥ 50"]
    assert ages.sizes.sum() == 300
    assert len(partition_by(table, "age").labels) == 4
    sexes, areas = partition_by(table, "sex"), partition_by(table, "area")
    both = crossed([sexes, areas])
    assert both.name == "sex × area"
    assert len(both.labels) == 6
    assert both.subject(0) == "sex=F × area=east"
    for sex, area in product(range(2), range(3)):
        rows = (sexes.codes == sex) & (areas.codes == area)
        assert np.unique(both.codes[rows]).size == 1
    assert [one.name for one in intersections([sexes, areas, ages])] == [
        "sex × area", "sex × age", "area × age", "sex × area × age",
    ]  # fmt: skip


def test_missing_values_are_a_group_and_many_values_are_put_together() -> None:
    names: list[Any] = [f"v{number % 20:02d}" for number in range(190)] + [None] * 10
    found = partition_by(pa.table({"g": names}), "g")
    assert [label.en for label in found.labels][-2:] == ["(other)", "(missing)"]
    assert len(found.labels) == 14


@pytest.mark.parametrize(
    ("asked", "error", "code"),
    [
        ("nothing", SchemaError, "schema.missing-column"),
        ("sex:1,2", ParameterError, "judge.cuts"),
        ("age:young", ParameterError, "judge.cuts"),
        ("one", ParameterError, "judge.one-group"),
    ],
)
def test_wrong_groups_are_refused(asked: str, error: type[Exception], code: str) -> None:
    _, table = people(50)
    table = table.append_column("one", [["same"] * 50])
    with pytest.raises(error, match=code.replace(".", r"\.")):
        partition_by(table, asked)


def test_hidden_groups_have_no_number_in_the_section() -> None:
    predictor, table = people(1200)
    cells = [
        "rare" if place < 6 else cell for place, cell in enumerate(table.column("area").to_pylist())
    ]
    table = table.set_column(table.column_names.index("area"), "area", [cells])
    outcomes, _ = outcomes_of(predictor, table)
    found = examine_groups(
        outcomes,
        [partition_by(table, "sex"), partition_by(table, "area")],
        scoring_of(outcomes, threshold=0.5),
        Resampling(outcomes.n, draws=100),
        least=_LEAST,
        seed=1,
    )
    assert not any("rare" in measure.subject for measure in found.section.measures)
    assert any("not shown" in note.en for note in found.section.notes)
    grid = next(grid for grid in found.section.grids if grid.title.en == "By area")
    suppressed = [row.label.en for row in grid.rows if row.cells[0] is None]
    assert "rare" in suppressed
    assert len(suppressed) >= 2
