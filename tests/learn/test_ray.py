"""Two workers of a real Ray learn the model that one process learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import InputError
from anping.learn.design import Design
from anping.learn.folds import folds_of
from anping.learn.model_file import write_model
from anping.learn.ray_hands import ray_hands
from anping.learn.search import Effort
from anping.learn.tabular import Learning, learn_tabular

pytest.importorskip("ray")
pytest.importorskip("lightgbm")
pytest.importorskip("catboost")
pytest.importorskip("sklearn")


@pytest.fixture
def address() -> str:
    return "local"


def _rows(rows: int = 400) -> pa.Table:
    draw = np.random.default_rng(3)
    income, job = draw.lognormal(3, 0.5, rows), draw.choice(["nurse", "driver", "clerk"], rows)
    late = -0.05 * income + (job == "driver") + draw.normal(0, 1, rows) > -1
    return pa.table({"income": income, "job": job, "late": np.where(late, "yes", "no")})


def test_the_same_model_as_alone(address: str, tmp_path: Path) -> None:
    asked = Learning(held_out=0.0, folds=3, effort=Effort(1000, trials=5))
    alone = learn_tabular(_rows(), "late", asked)
    together = learn_tabular(_rows(), "late", asked, ray=address)
    for name, learned in (("alone", alone), ("together", together)):
        write_model(learned.model, tmp_path / name)
    assert (tmp_path / "alone").read_bytes() == (tmp_path / "together").read_bytes()


def test_a_cluster_that_is_not_there_is_told() -> None:
    design = Design(np.zeros((9, 1)), np.arange(9.0), "number", 0, {}, (0,), 1)
    folds = folds_of(design.target, count=3, seed=1)
    with (
        pytest.raises(InputError) as problem,
        ray_hands("127.0.0.1:1", design, folds),
    ):
        pass
    assert problem.value.code == "ray.unreachable"
