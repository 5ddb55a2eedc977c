"""A model says on a cluster what it says here, of every row and in the same order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from anping.engine.table import Table
from anping.learn.scoring import Scoring, scored, write_scored
from anping.learn.search import Effort
from anping.learn.tabular import Learning, learn_tabular

pytest.importorskip("lightgbm")
pytest.importorskip("catboost")
pytest.importorskip("sklearn")


def _people(rows: int = 20_000) -> pa.Table:
    draw = np.random.default_rng(4)
    income, job = draw.lognormal(3, 0.5, rows), draw.choice(["nurse", "driver", "clerk"], rows)
    late = -0.05 * income + (job == "driver") + draw.normal(0, 1, rows) > -1
    empty = draw.random(rows) < 0.05
    return pa.table(
        {
            "number": np.arange(rows),
            "income": pa.array(np.where(empty, np.nan, income), from_pandas=True),
            "job": job,
            "late": np.where(late, "yes", "no"),
        }
    )


def test_a_table_on_a_cluster_is_scored_where_it_lies(
    both: Callable[[pa.Table], tuple[Table, Table]], tmp_path: Path
) -> None:
    people = _people()
    asked = Learning(exclude=("number",), effort=Effort(1000, trials=2))
    model = learn_tabular(people.slice(0, 600), "late", asked).model
    here, there = both(people)
    scoring = Scoring(model, coverage=0.9, carry=("number",))
    alone, together = scored(here, scoring), scored(there, scoring)
    assert together.distributed
    assert together.arrow().equals(alone.arrow())
    written = [
        write_scored(table, scoring, tmp_path / name)
        for table, name in ((here, "alone.parquet"), (there, "together"))
    ]
    assert written[0].arrow().equals(written[1].arrow())
    said = model.predict(people, coverage=0.9).values
    assert (alone.arrow().column("probability:yes").to_numpy() == said[:, 1]).all()
