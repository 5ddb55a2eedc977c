"""pycanon (Apache-2.0) counts k and l its own way."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from anping.core.measure import find
from anping.protect.risk.reidentification import measure_diversity, measure_risk

pandas = pytest.importorskip("pandas")
anonymity = pytest.importorskip("pycanon.anonymity")

ADULT = Path(__file__).parents[2].parent / "shared" / "data" / "adult_arx" / "adult.csv"


@pytest.mark.parametrize("seed", range(5))
def test_k_and_l_agree_with_pycanon(seed: int) -> None:
    generator = np.random.default_rng(seed)
    n = 400
    columns = {
        "a": generator.integers(0, 3, n),
        "b": generator.choice(["x", "y", "z"], n),
        "s": generator.choice(["p", "q", "r", "t"], n, p=[0.5, 0.3, 0.1, 0.1]),
    }
    table = pa.table(columns)
    frame = pandas.DataFrame(columns)
    smallest = find(measure_risk(table, ["a", "b"]), "risk.class_size.min")
    (diversity,) = measure_diversity(table, ["a", "b"], ["s"])
    assert smallest is not None
    assert smallest.value == anonymity.k_anonymity(frame, ["a", "b"])
    assert diversity.value == anonymity.l_diversity(frame, ["a", "b"], ["s"])


def test_the_adult_table_is_as_known() -> None:
    if not ADULT.exists():
        pytest.skip("the shared Adult table is not beside the repository")
    from pyarrow import csv

    table = csv.read_csv(ADULT, parse_options=csv.ParseOptions(delimiter=";"))
    classes = find(measure_risk(table, table.column_names), "risk.classes")
    assert classes is not None
    # 19,502 distinct tuples of the nine columns of 30,162 people, as ARX counts them.
    assert (classes.value, classes.n) == (19_502, 30_162)
