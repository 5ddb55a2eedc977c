"""SUDA2 against the documented example, and against looking at every set of columns by hand."""

from collections import Counter
from itertools import combinations
from math import prod

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError, SchemaError
from anping.protect.risk.special_uniques import (
    calibrated,
    data_intrusion_simulation,
    special_uniques,
)

#: Benschop, Machingauta & Welch, Statistical Disclosure Control: A Practice Guide, table 4.5.
GUIDE = (
    ("Urban", "Female", "Secondary incomplete", "Employed", 0),
    ("Urban", "Female", "Secondary incomplete", "Employed", 0),
    ("Urban", "Female", "Primary incomplete", "Non-LF", 6),
    ("Urban", "Male", "Secondary complete", "Employed", 0),
    ("Rural", "Female", "Secondary complete", "Unemployed", 12),
    ("Urban", "Male", "Secondary complete", "Employed", 0),
    ("Urban", "Female", "Primary complete", "Non-LF", 6),
    ("Urban", "Male", "Post-secondary", "Unemployed", 10),
    ("Urban", "Female", "Secondary incomplete", "Non-LF", 0),
    ("Urban", "Female", "Secondary incomplete", "Non-LF", 0),
)

rows_of = st.lists(
    st.tuples(*(st.sampled_from([0, 1, 2, None]) for _ in range(4))), min_size=1, max_size=14
)


def table_of(rows: list[tuple[int | None, ...]]) -> pa.Table:
    return pa.table(
        {name: [row[at] for row in rows] for at, name in enumerate("abcd")},
        schema=pa.schema([(name, pa.int64()) for name in "abcd"]),
    )


def test_the_scores_of_the_practice_guide() -> None:
    names = ("residence", "gender", "education", "labour")
    table = pa.table({name: [row[at] for row in GUIDE] for at, name in enumerate(names)})
    found = special_uniques(table, names, largest=3)
    assert found.scores.tolist() == [row[4] for row in GUIDE]
    assert found.sets[4] == 4
    assert found.smallest[4] == 1
    assert (found.score_of(1), found.score_of(2)) == (6, 2)


@settings(deadline=None)
@given(rows_of, st.integers(1, 4))
def test_every_set_of_columns_by_hand(rows: list[tuple[int | None, ...]], largest: int) -> None:
    found = special_uniques(table_of(rows), "abcd", largest=largest)
    scores, sets = np.zeros(len(rows)), np.zeros(len(rows), int)
    contributions = dict.fromkeys("abcd", 0.0)
    for place, row in enumerate(rows):
        minimal: list[tuple[int, ...]] = []
        for size in range(1, largest + 1):
            for chosen in combinations(range(4), size):
                values = Counter(tuple(other[at] for at in chosen) for other in rows)
                is_alone = values[tuple(row[at] for at in chosen)] == 1
                if is_alone and not any(set(part) <= set(chosen) for part in minimal):
                    minimal.append(chosen)
                    weight = prod(max(1, 4 - i) for i in range(size, largest + 1))
                    scores[place] += weight
                    for at in chosen:
                        contributions["abcd"[at]] += weight
        sets[place] = len(minimal)
    assert found.scores.tolist() == scores.tolist()
    assert found.sets.tolist() == sets.tolist()
    assert found.contributions == contributions


def test_the_chance_that_a_unique_match_is_right() -> None:
    assert data_intrusion_simulation(10, 5, sampling_fraction=1.0) == 1.0
    assert data_intrusion_simulation(0, 5, sampling_fraction=0.1) == 0.0
    assert data_intrusion_simulation(100, 50, sampling_fraction=0.5) == pytest.approx(0.5)


def test_calibrated_scores_average_to_the_measure() -> None:
    rows: list[tuple[int | None, ...]] = [(0, 0, 0, 0), (0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 2, 0)]
    found = special_uniques(table_of(rows), "abcd")
    spread = calibrated(found, 0.2)
    assert spread[:2].tolist() == [0.0, 0.0]
    assert spread[2:].mean() == pytest.approx(0.2)
    nobody = special_uniques(table_of(rows[:2]), "abcd")
    assert calibrated(nobody, 0.2).tolist() == [0.0, 0.0]


def test_what_it_cannot_look_at() -> None:
    table = pa.table({f"c{i}": [1, 2] for i in range(60)})
    with pytest.raises(ParameterError) as caught:
        special_uniques(table, table.column_names, largest=4)
    assert caught.value.code == "risk.suda-sets"
    with pytest.raises(ParameterError, match=r"risk\.suda-size"):
        special_uniques(table, [])
    with pytest.raises(SchemaError):
        special_uniques(table, ["nowhere"])
    with pytest.raises(ParameterError, match=r"risk\.no-rows"):
        special_uniques(table.slice(0, 0), ["c0"])
