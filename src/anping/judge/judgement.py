"""A model judged: examined on rows that it has not seen, every number with its n and interval.

::

    judgement = judge_model(model, held_out_rows, Judging(groups=("sex",)))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.prediction import Predictor, Signature
from anping.engine.table import Table
from anping.judge.judging import MOST_GROUPS, Examination, Examined, Judging, Trainer
from anping.judge.model_sections import EXAMINATIONS
from anping.judge.outcomes import outcomes_of
from anping.judge.section import Decision, Section

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Learnt:
    """What a model came from: the rows with the target, and how to learn another by a seed."""

    rows: pa.Table | None = None
    trainer: Trainer | None = None


@dataclass(frozen=True, eq=False)
class Judgement:
    """What was found: the sections in the order of the report, and what was done otherwise than asked.

    ``used`` (n,) are the numbers of the given rows that were examined.
    """

    signature: Signature
    asked: Judging
    sections: tuple[Section, ...]
    deviations: tuple[Text, ...]
    used: Rows

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """Every measure of the report, each key once."""
        found = {measure.key: measure for part in self.sections for measure in part.measures}
        return tuple(found.values())

    @cached_property
    def told(self) -> tuple[Measure, ...]:
        """The measures that enter the evidence: all but those of single bins and thresholds."""
        found = {measure.key: measure for part in self.sections for measure in part.told}
        return tuple(found.values())

    @cached_property
    def limits(self) -> tuple[Text, ...]:
        """What the report does not show."""
        return tuple(dict.fromkeys(limit for part in self.sections for limit in part.limits))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Every decision by a rule."""
        return tuple(decision for part in self.sections for decision in part.decisions)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "format": "anping-judgement-1",
            "target": self.signature.target,
            "task": self.signature.task,
            "classes": list(self.signature.classes),
            "rows": int(self.used.size),
            "sections": [part.as_json() for part in self.sections],
            "deviations": [text.as_json() for text in self.deviations],
            "limits": [text.as_json() for text in self.limits],
        }


def judge_model(
    predictor: Predictor,
    table: Table | pa.Table,
    asked: Judging | None = None,
    *,
    examinations: Sequence[Examination] | None = None,
    learnt: Learnt | None = None,
    progress: Progress = silent,
) -> Judgement:
    """Examine a model on rows that it has not seen, of all columns it reads, its target and groups.

    ``examinations`` None are all those of :mod:`anping.judge.model_sections`. ``learnt`` gives what the
    model came from, without which stability and membership are not examined. Raises SchemaError for a
    missing column, ParameterError for too few rows (``judge.too-few``), a column with one group
    (``judge.one-group``), too many group columns (``judge.many-groups``) or a wrong setting.
    """
    asked = asked or Judging()
    _check(asked)
    rows = table.arrow() if isinstance(table, Table) else table
    examined, used, deviations = _examined(predictor, rows, asked, learnt or Learnt())
    # A wrong column is told even where no examination asked for would look at it.
    _ = examined.frames
    chosen = EXAMINATIONS if examinations is None else tuple(examinations)
    sections = []
    for place, examine in enumerate(chosen):
        progress(Text("檢驗模型", "Examining the model"), place, len(chosen))
        section = examine(examined)
        if section is not None:
            sections.append(section)
    return Judgement(predictor.signature, asked, tuple(sections), deviations, used)


def _examined(
    predictor: Predictor, rows: pa.Table, asked: Judging, learnt: Learnt
) -> tuple[Examined, Rows, tuple[Text, ...]]:
    deviations = []
    drawn = np.arange(rows.num_rows)
    if rows.num_rows > asked.rows:
        generator = np.random.default_rng(asked.seed)
        drawn = np.sort(generator.choice(rows.num_rows, asked.rows, replace=False))
        deviations.append(
            Text(
                f"列數太多，隨機抽出 {asked.rows:,} 列（共 {rows.num_rows:,} 列）。",
                f"{asked.rows:,} rows drawn at random from {rows.num_rows:,}.",
            )
        )
        rows = rows.take(pa.array(drawn))
    outcomes, known = outcomes_of(predictor, rows, person=asked.person)
    left = rows.num_rows - known.size
    if left:
        unknown = _small(left, asked.least.rows)
        deviations.append(
            Text(
                f"目標缺值或不是模型所知類別的列未用：{unknown.zh}。",
                f"Rows whose target is missing or unknown to the model were left out: {unknown.en}.",
            )
        )
    examined = Examined(
        predictor, rows.take(pa.array(known)), outcomes, asked,
        training=learnt.rows, trainer=learnt.trainer,
    )  # fmt: skip
    return examined, drawn[known], tuple(deviations)


def _small(count: int, least: int) -> Text:
    if count < least:
        return Text(f"少於 {least} 列", f"fewer than {least}")
    return Text(f"{count:,} 列", f"{count:,}")


def _check(asked: Judging) -> None:
    if len(asked.groups) > MOST_GROUPS:
        raise ParameterError(
            "judge.many-groups",
            Text(
                f"至多依 {MOST_GROUPS} 欄分組。",
                f"Results are told by at most {MOST_GROUPS} columns.",
            ),
            hint=Text("請分次檢驗。", "Judge it several times."),
        )
    threshold = 0.5 if asked.threshold is None else asked.threshold
    if not (0 < threshold < 1 and 0 < asked.coverage < 1 and asked.draws >= 100):
        raise ParameterError(
            "judge.settings",
            Text(
                "門檻與涵蓋率要在 0 與 1 之間，重抽至少 100 次。",
                "A threshold and a coverage lie between 0 and 1, and there are at least 100 resamples.",
            ),
            hint=Text("請更正後再試。", "Correct it and try again."),
        )
