from collections.abc import Sequence
from datetime import date
from math import isnan, nan

import numpy as np
import pyarrow as pa
import pytest

from anping.core.cells import trimmed_text
from anping.engine.natures import as_day, as_number, nature_of
from anping.judge.features import encode_column
from anping.judge.reading import Reading

AGES = {
    "20": ("20", "20-29", "*"),
    "25": ("25", "20-29", "*"),
    "30": ("30", "30-39", "*"),
    "": ("", "", "*"),
}


def chunked(cells: Sequence[object]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells)])


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,200", 1200),
        ("[20, 40)", 30),
        ("20-29", 24.5),
        ("90+", 90),
        ("-3.5", -3.5),
        ("<0.25", 0.25),
        (7, 7),
        (True, 1),
        ("*", nan),
        (None, nan),
        ("inf", nan),
        ("w17", nan),
        ("[1e+06, 3e+06)", 2e6),
    ],
)
def test_cells_are_read_as_numbers(cell: object, number: float) -> None:
    value = as_number(cell)
    assert value == number or (isnan(value) and isnan(number))


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (date(1985, 3, 14), date(1985, 3, 14)),
        ("民國74年3月14日", date(1985, 3, 14)),
        ("74/03/14", date(1985, 3, 14)),
        ("1985-03", date(1985, 3, 15)),
        ("1985-Q1", date(1985, 2, 15)),
        ("1985", date(1985, 7, 2)),
        ("1980-1989", date(1984, 12, 31)),
    ],
)
def test_cells_are_read_as_days(cell: object, day: date) -> None:
    assert abs(as_day(cell) - day.toordinal()) <= 1


def test_what_is_no_date_is_unknown() -> None:
    assert all(isnan(as_day(cell)) for cell in ("*", "", None, "2024-13", "x"))
    assert trimmed_text(3.0) == "3"
    assert trimmed_text(nan) == ""


def test_the_nature_of_a_column() -> None:
    assert nature_of(chunked([1, 2])) == "number"
    assert nature_of(chunked(["1", "2,000", None])) == "number"
    assert nature_of(chunked([date(2024, 1, 1)])) == "date"
    assert nature_of(chunked(["113/01/02", "民國99年1月1日"])) == "date"
    assert nature_of(chunked(["A", "1"])) == "category"
    assert nature_of(chunked([True, False])) == "category"
    assert nature_of(pa.chunked_array([pa.nulls(2)])) == "category"


def test_a_generalised_number_is_the_mean_of_its_leaves() -> None:
    feature = encode_column(
        "age",
        chunked([20, 25, 30, None]),
        chunked(["20-29", "*", "30", ""]),
        reading=Reading({"age": AGES}),
    )
    assert feature is not None
    assert feature.raw[:3, 0].tolist() == [20, 25, 30]
    assert np.isnan(feature.raw[3, 0])
    assert feature.released.expected()[:3, 0].tolist() == [22.5, 25, 30]
    assert np.isnan(feature.released.expected()[3, 0])


def test_a_generalised_category_is_spread_over_its_leaves() -> None:
    zones = {"A1": ("A1", "A", "*"), "A2": ("A2", "A", "*"), "B1": ("B1", "B", "*")}
    feature = encode_column(
        "zone",
        chunked(["A1 road", "B1 lane"]),
        chunked(["A", "*"]),
        reading=Reading({"zone": zones}, {"zone": lambda cell: str(cell)[:2]}),
    )
    assert feature is not None
    assert feature.raw.tolist() == [[1, 0, 0], [0, 0, 1]]
    assert np.allclose(feature.released.expected(), [[0.5, 0.5, 0.0], [1 / 3, 1 / 3, 1 / 3]])


def test_drawn_leaves_are_those_that_the_cell_covers() -> None:
    feature = encode_column(
        "age",
        chunked([20, 25, 30]),
        chunked(["20-29"] * 400 + ["30"] * 5),
        reading=Reading({"age": AGES}),
    )
    assert feature is not None
    assert not feature.released.certain
    drawn = feature.released.drawn(np.random.default_rng(1))[:, 0]
    assert set(drawn[:400].tolist()) == {20, 25}
    assert 150 < (drawn[:400] == 20).sum() < 250
    assert set(drawn[400:].tolist()) == {30}


def test_a_wide_domain_is_read_on_a_coarser_level() -> None:
    towns = {f"{c}{t}": (f"{c}{t}", c, "*") for c in "ABC" for t in range(50)}
    feature = encode_column(
        "zone", chunked(["A7", "C1"]), chunked(["A", "*"]), reading=Reading({"zone": towns})
    )
    assert feature is not None
    assert feature.raw.tolist() == [[1, 0, 0], [0, 0, 1]]
    assert np.allclose(feature.released.expected(), [[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])


def test_free_text_is_left_out_and_a_dropped_column_is_unknown() -> None:
    texts = chunked([f"note about {chr(0x4E00 + at)}" for at in range(300)])
    assert encode_column("note", texts, texts, reading=Reading()) is None
    nulls = pa.chunked_array([pa.nulls(2, pa.string())])
    feature = encode_column("job", chunked(["a", "b", "a"]), nulls, reading=Reading())
    assert feature is not None
    assert feature.raw.tolist() == [[1, 0], [0, 1], [1, 0]]
    assert feature.released.expected().tolist() == [[0, 0], [0, 0]]
