"""Plain predictors and tables for the tests of judging: what they say follows from a column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.engine.prediction import Feature, Prediction, Signature, Task
from anping.judge import model_sections as sections

#: What is examined without asking the model about rows of one's own making.
OWN = (
    sections.accuracy,
    sections.calibration,
    sections.thresholds,
    sections.coverage,
    sections.groups,
    sections.fairness,
    sections.proxies,
)


@dataclass(frozen=True)
class Reads:
    """Answers what stands in columns: ``said`` for a number, ``p0``, ``p1`` ... for classes."""

    task: Task
    classes: tuple[str, ...] = ()
    reach: float = 1.0

    @property
    def signature(self) -> Signature:
        features = (
            Feature("income", "number", low=0.0, high=100.0),
            Feature("job", "category", ("clerk", "driver", "nurse")),
        )
        return Signature("target", self.task, self.classes, features)

    def predict(self, rows: pa.Table, *, coverage: float | None = None) -> Prediction:
        if self.task == "number":
            values = rows.column("said").to_numpy()
            if coverage is None:
                return Prediction(values)
            return Prediction(
                values, low=values - self.reach, high=values + self.reach, coverage=coverage
            )
        chances = np.column_stack(
            [rows.column(f"p{c}").to_numpy() for c in range(len(self.classes))]
        )
        if coverage is None:
            return Prediction(chances)
        return Prediction(chances, sets=chances >= 1 - coverage, coverage=coverage)


def people(rows: int = 1200, *, seed: int = 1, task: Task = "binary") -> tuple[Reads, pa.Table]:
    """Return a predictor and rows: sex, area and age, two inputs, and a target with some error."""
    draw = np.random.default_rng(seed)
    sex = draw.choice(["F", "M"], rows, p=[0.45, 0.55])
    area = draw.choice(["north", "south", "east"], rows, p=[0.6, 0.35, 0.05])
    income = np.round(draw.normal(50, 12, rows) + 8 * (sex == "M"), 1)
    common = {
        "sex": sex,
        "area": area,
        "age": draw.integers(18, 80, rows),
        "person": np.arange(rows) // 2,
        "income": income,
        "job": draw.choice(["clerk", "driver", "nurse"], rows),
    }
    score = (income - 52) / 12
    if task == "number":
        truth = income * 2 + draw.normal(0, 5, rows) + 3 * (sex == "F")
        return Reads("number", reach=9.0), pa.table(
            {**common, "target": truth, "said": income * 2 + draw.normal(0, 1, rows)}
        )
    if task == "classes":
        return _classes(draw, score, common)
    true = 1 / (1 + np.exp(-(score - 0.8)))
    target = np.where(draw.random(rows) < true, "yes", "no")
    said = 1 / (1 + np.exp(-(1.3 * score - 0.8 + 0.3 * (area == "south"))))
    return Reads("binary", ("no", "yes")), pa.table(
        {**common, "target": target, "p0": 1 - said, "p1": said}
    )


def _classes(
    draw: np.random.Generator, score: NDArray[np.float64], common: dict[str, object]
) -> tuple[Reads, pa.Table]:
    raw = np.exp(np.column_stack((-score, np.zeros(score.size), score)))
    chances = raw / raw.sum(axis=1)[:, None]
    names = np.array(["a", "b", "c"])
    picked = (draw.random(score.size)[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    columns = {f"p{c}": chances[:, c] for c in range(3)}
    return Reads("classes", ("a", "b", "c")), pa.table(
        {**common, "target": names[np.minimum(picked, 2)], **columns}
    )
