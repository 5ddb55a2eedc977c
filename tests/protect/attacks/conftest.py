"""A made table of people nobody is, and the scene of an attack on a release made of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from anping.protect.risk.attacks.scene import Attacked
from anping.protect.risk.compatible import Compatible

AGES = {str(age): (str(age), f"{age // 10 * 10}-", "*") for age in range(20, 60)}
ZONES = {
    f"{county}{town}": (f"{county}{town}", county, "*") for county in "ABC" for town in range(4)
}
PATHS = {"age": AGES, "zone": ZONES}

MakePeople = Callable[..., pa.Table]
MakeScene = Callable[..., Attacked]


@pytest.fixture(scope="session")
def people() -> MakePeople:
    """Return a maker of people: age, zone, illness, income, weight."""

    def made(n: int, seed: int = 1) -> pa.Table:
        generator = np.random.default_rng(seed)
        return pa.table(
            {
                "age": generator.integers(20, 60, n),
                "zone": generator.choice(list(ZONES), n),
                "sick": generator.choice(["yes", "no"], n, p=[0.3, 0.7]),
                "income": np.round(generator.lognormal(10, 1, n)),
                "weight": generator.normal(65, 12, n),
            }
        )

    return made


@pytest.fixture(scope="session")
def scene() -> MakeScene:
    """Return a maker of scenes: a raw table, generalised to two levels, changed, and shuffled."""

    def made(raw: pa.Table, levels: tuple[int, int] = (0, 0), **given: Any) -> Attacked:
        changed = given.pop("changed", {})
        order = np.random.default_rng(9).permutation(raw.num_rows)
        shown = raw
        for (name, paths), level in zip(PATHS.items(), levels, strict=True):
            cells = [paths[str(cell)][level] for cell in shown.column(name).to_pylist()]
            shown = shown.set_column(shown.column_names.index(name), name, pa.array(cells))
        for name, cells in changed.items():
            shown = shown.set_column(shown.column_names.index(name), name, pa.array(cells))
        links = pa.table({"protected_row": np.arange(order.size), "raw_row": order})
        shuffled = shown.take(pa.array(order))
        return Attacked.of(raw, shuffled, links=links, compatible=Compatible(PATHS), **given)

    return made
