from itertools import product
from math import factorial, prod

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.measure import Measure
from anping.engine.table import Table
from anping.protect.deid.anonymize import anonymize
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.risk.attacks.downcoding import downcode, limit_of, most_likely
from anping.protect.risk.attacks.scene import Attacked
from anping.protect.risk.classes import group_rows
from anping.protect.risk.compatible import Compatible

SHAPES = {s: (s, "*") for s in "xyz"}


@given(st.lists(st.floats(0.05, 1), min_size=2, max_size=3), st.integers(1, 6), st.integers(1, 6))
def test_the_likeliest_composition_is_the_likeliest(
    weights: list[float], rows: int, most: int
) -> None:
    shares = np.array(weights) / sum(weights)
    most = max(most, -(-rows // shares.size))

    def likelihood(counts: tuple[int, ...]) -> float:
        terms = zip(shares, counts, strict=True)
        return float(prod(share**n / factorial(n) for share, n in terms))

    possible = [c for c in product(range(most + 1), repeat=shares.size) if sum(c) == rows]
    found = most_likely(shares, rows, most)
    assert found.sum() == rows
    assert likelihood(tuple(found)) >= max(map(likelihood, possible)) * (1 - 1e-9)


def test_what_an_unsplit_class_tells() -> None:
    assert limit_of(5, k=5, values=2) == 4
    assert limit_of(9, k=5, values=2) == 8
    assert limit_of(10, k=5, values=3) == 4
    # Two values of fewer than five each cannot fill ten rows: the class was left for another reason.
    assert limit_of(10, k=5, values=2) is None


NAMES = [f"c{number}" for number in range(10)]


def minimal(k: int) -> tuple[pa.Table, pa.Table]:
    """Return ten skewed columns, and their minimal recoding with the raw row of each row."""
    generator = np.random.default_rng(3)
    cells = {name: generator.choice(list("xyz"), 1500, p=[0.8, 0.1, 0.1]) for name in NAMES}
    raw = pa.table(cells)
    found = anonymize(
        Table.of(raw),
        {name: Hierarchy(name, SHAPES) for name in NAMES},
        model=PrivacyModel(k),
        options=Options(full_domain=False, seed=1, stop_probability=0.0),
    )
    return raw, found.table.append_column("raw_row", pa.array(found.kept))


def coarsened(release: pa.Table, share: float) -> pa.Table:
    """Return the release with a share of its cells that are not generalised so, class by class."""
    grouped = group_rows(Table.of(release), NAMES)
    generator = np.random.default_rng(4)
    for name in NAMES:
        chosen = generator.random(grouped.count) < share
        cells = np.where(chosen[grouped.of_row], "*", release[name].to_numpy())
        release = release.set_column(release.column_names.index(name), name, pa.array(cells))
    return release


def attacked(raw: pa.Table, release: pa.Table, k: int) -> dict[str, Measure]:
    links = pa.table({"protected_row": np.arange(release.num_rows), "raw_row": release["raw_row"]})
    compatible = Compatible(dict.fromkeys(NAMES, SHAPES))
    played = Attacked.of(raw, release.drop(["raw_row"]), links=links, compatible=compatible)
    return {m.name.removeprefix("risk.downcoding."): m for m in downcode(played, NAMES, smallest=k)}


@pytest.mark.parametrize("k", [2, 4])
def test_a_minimal_recoding_is_undone_and_a_coarser_one_less(k: int) -> None:
    raw, release = minimal(k)
    found = attacked(raw, release, k)
    assert found["success"].n > 100
    excess = found["excess"].interval
    assert excess is not None
    assert excess.low > 0
    assert found == attacked(raw, release, k)
    # Where classes are left coarser than they had to be, the rule misleads.
    coarser = attacked(raw, coarsened(release, 0.3), k)
    assert coarser["excess"].value < found["excess"].value - 0.05


def test_nothing_generalised_is_nothing_to_undo() -> None:
    raw = pa.table({"shape": list("xyzzy")})
    links = pa.table({"protected_row": range(5), "raw_row": range(5)})
    for compatible in (Compatible(), Compatible({"shape": SHAPES})):
        assert downcode(Attacked.of(raw, raw, links=links, compatible=compatible), ["shape"]) == ()


def test_an_interval_that_was_cut_anywhere_has_nothing_below_it() -> None:
    paths = {n: (n, "*", *(["1-2"] if n in "12" else ["2-3"] * (n in "23"))) for n in "123"}
    raw = pa.table({"shape": list("1122333")})
    links = pa.table({"protected_row": range(7), "raw_row": range(7)})
    shown = pa.table({"shape": ["1-2"] * 4 + ["2-3"] * 3})
    played = Attacked.of(raw, shown, links=links, compatible=Compatible({"shape": paths}))
    assert downcode(played, ["shape"]) == ()
    level = {n: (n, "" if n == "" else "a", "*") for n in ("", "1")}
    blank = pa.table({"shape": ["", "", "1", "1"]})
    links = links.slice(0, 4)
    played = Attacked.of(blank, blank, links=links, compatible=Compatible({"shape": level}))
    assert downcode(played, ["shape"]) == ()
