"""What would teach nothing, or tell the target itself, is found before anything is learnt."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import ParameterError
from anping.learn.examination import Examination, examine
from anping.learn.target import target_of


def _table(rows: int = 600) -> pa.Table:
    draw = np.random.default_rng(1)
    good = draw.normal(size=rows)
    late = (good + draw.normal(size=rows) > 0).astype(int)
    asked = [date(2024, 1, 1) + timedelta(days=int(day)) for day in draw.integers(0, 300, rows)]
    return pa.table(
        {
            "good": good,
            "number": np.arange(rows) + 70_000,
            "code": [f"K{value:06d}" for value in draw.permutation(rows)],
            "notes": [f"{'a long remark about a person ' * 3}{at}" for at in range(rows)],
            "same": ["x"] * rows,
            "empty": pa.array([None] * rows, pa.string()),
            "copy": np.where(late == 1, "yes", "no"),
            "rescaled": late * 3.5 + draw.normal(0, 0.01, rows),
            "closed_on": [day if flag else None for day, flag in zip(asked, late, strict=True)],
            "asked_on": asked,
            "answered_on": [day + timedelta(days=9) for day in asked],
            "late": late,
        }
    )


def _seen(table: pa.Table, **given: object) -> Examination:
    return examine(table, target_of("late", table.column("late")), **given)  # type: ignore[arg-type]


def test_every_planted_fault_is_found_with_its_reason() -> None:
    seen = _seen(_table(), when="asked_on")
    assert {left.column: left.reason for left in seen.left_out} == {
        "number": "identifier",
        "code": "identifier",
        "notes": "free-text",
        "same": "constant",
        "empty": "empty",
        "copy": "target-copy",
        "rescaled": "target-copy",
        "closed_on": "after-the-event",
        "answered_on": "after-the-event",
    }
    assert seen.columns == ("good", "asked_on")


def test_numbers_that_no_square_can_hold_are_left_out_and_refused_as_a_target() -> None:
    table = _table()
    huge = np.where(np.arange(table.num_rows) % 2 == 0, 1e300, 1.0)
    seen = _seen(table.append_column("huge", pa.array(huge)), keep=("huge",))
    assert "huge" in {left.column for left in seen.left_out if left.reason == "huge"}
    with pytest.raises(ParameterError) as problem:
        target_of("t", pa.chunked_array([np.linspace(1, 2e300, 30)]))
    assert problem.value.code == "learn.huge-number"


def test_a_column_may_be_kept_by_name() -> None:
    assert "copy" in _seen(_table(), keep=("copy",)).columns


def test_ordinary_columns_are_not_suspected() -> None:
    draw = np.random.default_rng(2)
    table = pa.table(
        {
            "wide": [f"w{value}" for value in draw.integers(0, 280, 600)],
            "amount": draw.lognormal(size=600),
            "whole": draw.integers(0, 10**9, 600),
            "late": draw.integers(0, 2, 600),
        }
    )
    seen = _seen(table)
    assert seen.columns == ("wide", "amount", "whole")
    assert not seen.left_out
    assert not seen.warnings


def test_too_little_is_said_in_plain_words() -> None:
    draw = np.random.default_rng(3)
    table = pa.table(
        {**{f"c{at}": draw.normal(size=90) for at in range(12)}, "late": [1] * 8 + [0] * 82}
    )
    said = [warning.en for warning in _seen(table).warnings]
    assert len(said) == 3
    assert "90 rows" in said[0]
    assert "8 rows" in said[1]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["a"] * 50, "learn.one-class"),
        ([None] * 50, "learn.one-class"),
        ([f"c{at}" for at in range(50)], "learn.many-classes"),
        (["a"] * 48 + ["b"] * 2, "learn.rare-class"),
    ],
)
def test_targets_that_cannot_be_learnt(cells: list[str | None], code: str) -> None:
    with pytest.raises(ParameterError) as problem:
        target_of("t", pa.chunked_array([pa.array(cells, pa.string())]))
    assert problem.value.code == code
    assert problem.value.where.column == "t"


def test_texts_are_no_numbers() -> None:
    with pytest.raises(ParameterError) as problem:
        target_of("t", pa.chunked_array([["a", "b"] * 30]), task="number")
    assert problem.value.code == "learn.no-number"


def test_classes_are_ordered_and_numbers_told() -> None:
    few = target_of("t", pa.chunked_array([[10, 2, 10, 2, 2] * 5]))
    assert (few.task, few.classes) == ("binary", ("2", "10"))
    many = target_of("t", pa.chunked_array([list(range(40))]))
    assert (many.task, many.classes) == ("number", ())
