"""Learning a model again, as it was learnt, by other seeds or from other rows: to see what that changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.text import Text
from anping.steps.compose.learning import asked_of

if TYPE_CHECKING:
    from anping.engine.prediction import Predictor
    from anping.judge.judgement import Learnt
    from anping.learn.model import Model

Rows = NDArray[np.int64]

#: One trial of one family ends long before so many nominal seconds.
_SECONDS = 600.0
_FOLDS = 3
_FAMILIES = ("lightgbm", "linear", "boosted-terms")
ONE_TRIAL = Text(
    "重新學習時只用一種設定（權重最大的模型種類），不重做整個搜尋。",
    "Models learnt again are of one setting, of the family that weighs most: the search is not repeated.",
)


def learnt_from(model: Model, learning: dict[str, Any], table: pa.Table, *, rows: Rows) -> Learnt:
    """Return the rows that the model was learnt from, and how another is learnt as it was.

    ``rows`` are those of the table that may be used and were not held out. A model that was not
    searched for (a scorecard) is not learnt again.
    """
    from anping.judge.judgement import Learnt

    training = table.take(pa.array(rows))
    if "trials" not in model.account:
        return Learnt(training, None)
    return Learnt(training, _trainer(model, learning))


def _trainer(model: Model, learning: dict[str, Any]) -> Any:
    from anping.learn.search import Effort
    from anping.learn.tabular import learn_tabular
    from anping.steps.learn_tabular import LearnTabular

    known = LearnTabular.model_fields.keys() & learning["asked"].keys()
    asked = asked_of(LearnTabular(**{name: learning["asked"][name] for name in known}))
    columns = [feature.name for feature in model.signature.features]
    effort = Effort(seconds=_SECONDS, trials=1, only=_family(model.account["trials"]))
    target = model.signature.target
    apart = [name for name in (asked.person, asked.when) if name is not None]

    def learn(rows: pa.Table, seed: int) -> Predictor:
        wanted = [name for name in rows.column_names if name in {*columns, *apart, target}]
        again = replace(
            asked, task=model.signature.task, exclude=(), keep=tuple(columns), held_out=0.0,
            folds=_FOLDS, effort=effort, seed=seed,
        )  # fmt: skip
        return learn_tabular(rows.select(wanted), target, again).model

    return learn


def _family(trials: list[dict[str, Any]]) -> str:
    """Return the family that weighs most among those that can be learnt alone."""
    weights = dict.fromkeys(_FAMILIES, 0.0)
    for trial in trials:
        if trial["family"] in weights:
            weights[trial["family"]] += float(trial["weight"])
    return max(weights, key=lambda name: weights[name])
