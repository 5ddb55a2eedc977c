from itertools import product
from math import factorial, prod

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from anping.core.measure import Measure
from anping.engine.table import Table
from anping.protect.deid.anonymize import anonymize
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.risk.attacks.downcoding import downcode, limit_of, most_likely
from anping.protect.risk.attacks.scene import Attacked
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


def attacked(stop: float, k: int, seed: int = 3) -> dict[str, Measure]:
    """Return how the attack goes on ten skewed columns, recoded with that stop probability."""
    generator = np.random.default_rng(seed)
    names = [f"c{number}" for number in range(10)]
    paths = dict.fromkeys(names, SHAPES)
    raw = pa.table({name: generator.choice(list("xyz"), 1500, p=[0.8, 0.1, 0.1]) for name in names})
    found = anonymize(
        Table.of(raw),
        {name: Hierarchy(name, each) for name, each in paths.items()},
        model=PrivacyModel(k),
        options=Options(full_domain=False, seed=1, stop_probability=stop),
    )
    links = pa.table({"protected_row": np.arange(found.kept.size), "raw_row": found.kept})
    played = Attacked.of(raw, found.table, links=links, compatible=Compatible(paths))
    measures = downcode(played, list(paths), smallest=k)
    return {m.name.removeprefix("risk.downcoding."): m for m in measures}


def test_a_minimal_recoding_is_undone_and_a_random_one_less() -> None:
    minimal, random = attacked(0.0, 2), attacked(0.5, 2)
    excess = minimal["excess"].interval
    assert excess is not None
    assert excess.low > 0.05
    gained = [each["success"].value - each["control"].value for each in (minimal, random)]
    assert gained[0] > gained[1] + 0.1
    assert minimal["success"].n > 100
    assert minimal == attacked(0.0, 2)


def test_nothing_generalised_is_nothing_to_undo() -> None:
    raw = pa.table({"shape": list("xyzzy")})
    links = pa.table({"protected_row": range(5), "raw_row": range(5)})
    for compatible in (Compatible(), Compatible({"shape": SHAPES})):
        assert downcode(Attacked.of(raw, raw, links=links, compatible=compatible), ["shape"]) == ()
