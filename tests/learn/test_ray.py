"""Two workers of a real Ray learn the model that one process learns, and answer as it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import InputError
from anping.learn.model_file import write_model
from anping.learn.ray_cluster import LOCAL, ray_at
from anping.learn.scoring import Scoring, scored_on_ray
from anping.learn.search import Effort
from anping.learn.tabular import Learning, learn_tabular

pytest.importorskip("ray")
pytest.importorskip("lightgbm")
pytest.importorskip("catboost")
pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Start two workers once; whoever asks for the address is given these."""
    with ray_at(LOCAL, workers=2):
        yield LOCAL


def _rows(rows: int = 300) -> pa.Table:
    draw = np.random.default_rng(3)
    income, job = draw.lognormal(3, 0.5, rows), draw.choice(["nurse", "driver", "clerk"], rows)
    late = -0.05 * income + (job == "driver") + draw.normal(0, 1, rows) > -1
    return pa.table({"income": income, "job": job, "late": np.where(late, "yes", "no")})


def test_a_cluster_that_is_not_there_is_told() -> None:
    with pytest.raises(InputError) as problem, ray_at("127.0.0.1:1"):
        pass
    assert problem.value.code == "ray.unreachable"


def test_the_same_model_and_the_same_answers_as_alone(cluster: str, tmp_path: Path) -> None:
    rows, asked = _rows(), Learning(held_out=0.0, folds=2, effort=Effort(1000, trials=5))
    alone = learn_tabular(rows, "late", asked)
    together = learn_tabular(rows, "late", asked, ray=cluster)
    for name, learned in (("alone", alone), ("together", together)):
        write_model(learned.model, tmp_path / name)
    assert (tmp_path / "alone").read_bytes() == (tmp_path / "together").read_bytes()
    scorings = [Scoring(alone.model), Scoring(together.model, coverage=0.9, carry=("job",))]
    batches = rows.to_batches(max_chunksize=70)
    found = list(scored_on_ray(batches, scorings, cluster))
    for place, scoring in enumerate(scorings):
        said = pa.Table.from_batches([each[place] for each in found])
        assert said.equals(pa.Table.from_batches([scoring(batch) for batch in batches]))
