from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import ParameterError, SchemaError
from anping.core.measure import Measure, find
from anping.judge.held_out import HeldOut, hold_out
from anping.judge.reading import Reading
from anping.judge.utility import UtilityOptions


def table(rows: int = 900, seed: int = 1) -> pa.Table:
    draw = np.random.default_rng(seed)
    x, y = draw.integers(0, 10, rows), draw.integers(0, 5, rows)
    yes = draw.random(rows) < 1 / (1 + np.exp(5 - x.astype(float)))
    return pa.table(
        {
            "person": [f"p{row // 2}" for row in range(rows)],
            "x": x,
            "y": y,
            "answer": ["yes" if each else "no" for each in yes],
        }
    )


def held(raw: pa.Table, **settings: Any) -> HeldOut:
    options = UtilityOptions(person="person", seed=3, draws=50, **settings)
    return hold_out(raw, target="answer", options=options)


def value(measures: tuple[Measure, ...], name: str, subject: str = "") -> float:
    found = find(measures, name, subject)
    assert found is not None
    return found.value


def test_nobody_is_learnt_from_and_tested_on() -> None:
    raw = table()
    found = held(raw)
    seen = set(found.learnt_from.column("person").to_pylist())
    everybody = set(raw.column("person").to_pylist())
    assert 0.2 < len(everybody - seen) / len(everybody) < 0.4
    assert found.learnt_from.rows == 2 * len(seen)


def test_a_protection_that_changes_nothing_loses_nothing() -> None:
    found = held(table())
    measures = found.measure(found.learnt_from)
    assert value(measures, "utility.auc.lost") == 0.0
    assert any("before protection" in text.en for text in measures[0].assumptions)


def test_a_protection_that_blurs_everything_loses_what_there_was() -> None:
    found = held(table())
    blurred = found.learnt_from.arrow().set_column(1, "x", pa.array(["*"] * found.learnt_from.rows))
    paths = {"x": {str(each): (str(each), "*") for each in range(10)}}
    measures = found.measure(blurred, reading=Reading(paths))
    assert value(measures, "utility.auc", "raw") > 0.8
    assert value(measures, "utility.auc", "protected") < 0.65


def test_suppressed_rows_are_missing_from_the_lessons_only() -> None:
    found = held(table())
    all_of_it = found.measure(found.learnt_from)
    half = found.measure(found.learnt_from.arrow().slice(0, 300))
    assert value(half, "utility.auc", "raw") == value(all_of_it, "utility.auc", "raw")
    assert {m.n for m in half} == {m.n for m in all_of_it}


def test_the_same_seed_holds_out_the_same_people_of_a_large_table() -> None:
    raw = table(4000)
    one, other = (held(raw, rows=1000) for _ in range(2))
    assert one.learnt_from.arrow() == other.learnt_from.arrow()
    assert one.places.size <= 1000
    assert "of 4,000 rows" in one.measure(one.learnt_from)[0].method


def test_a_missing_target_and_a_wrong_share_are_told() -> None:
    with pytest.raises(SchemaError):
        hold_out(table(), target="nothing", options=UtilityOptions())
    wrong = hold_out(table(), target="answer", options=UtilityOptions(test_share=1.0))
    with pytest.raises(ParameterError) as caught:
        wrong.measure(wrong.raw)
    assert caught.value.code == "utility.test-share"
