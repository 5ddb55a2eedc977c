"""What the risk step measures beyond classes: the population where its size is known, and SUDA."""

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.engine.table import Table
from anping.protect.risk.classes import equivalence_classes
from anping.steps.compose.populating import Sampling, measured_beyond
from anping.steps.risk import RISK, RiskParameters


def table(rows: int = 400, columns: int = 3) -> pa.Table:
    draw = np.random.default_rng(1)
    return pa.table({f"c{at}": draw.integers(0, 9, rows) for at in range(columns)})


def measured(made: pa.Table, **given: object) -> tuple[Measure, ...]:
    sampling = Sampling.of({"threshold": 0.2, "seed": 1, **given})
    classes = equivalence_classes(made, made.column_names)
    return measured_beyond(
        Table.of(made), made.column_names, classes, sampling=sampling, subject="after"
    )


def test_without_a_population_only_what_can_be_counted() -> None:
    names = {measure.name for measure in measured(table())}
    assert {"risk.suda.special", "risk.suda.few", "risk.suda.contribution"} <= names
    assert not any(name.startswith("risk.population") or "dis" in name for name in names)


@pytest.mark.parametrize("given", [{"population": 8000}, {"sampling_fraction": 0.05}])
def test_with_a_population_all_models_and_their_range(given: dict[str, object]) -> None:
    found = {measure.name: measure for measure in measured(table(), **given)}
    low, high = (found[f"risk.population_uniqueness.{end}"] for end in ("low", "high"))
    assert 0 < low.value <= high.value <= 1
    assert found["risk.sampling_fraction"].value == pytest.approx(0.05)
    assert "risk.suda.dis" in found
    assert all(m.subject in {"after", "c0", "c1", "c2"} for m in found.values())
    assert all(m.replay is not None and m.replay.needs == ("protected",) for m in found.values())


def test_a_population_below_the_table_is_refused() -> None:
    with pytest.raises(ParameterError) as caught:
        measured(table(), population=10)
    assert caught.value.code == "risk.population-small"


def test_too_many_columns_leave_suda_out() -> None:
    assert measured(table(20, 60)) == ()


def test_the_step_takes_the_population() -> None:
    given = RiskParameters.model_validate({"population": 23_000_000})
    assert Sampling.of(given.model_dump()).population == 23_000_000
    assert RISK.parameters is RiskParameters
