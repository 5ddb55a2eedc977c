"""How a model of the workspace answers rows as they come in requests, and how it explains itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from anping.core.cells import trimmed_text
from anping.core.errors import ParameterError

if TYPE_CHECKING:
    import pyarrow as pa

    from anping.engine.prediction import Prediction, Signature
    from anping.judge.counterfactual import Searcher
    from anping.judge.reference import Reference
    from anping.learn.model import Model
    from anping.run.serving.deployment import Alternative, Alternatives, Reason, Reasons, Served
    from anping.steps.compose.models import OpenedModel
    from anping.workspace.workspace import Workspace

Row = Mapping[str, Any]
#: So many rows of the table that was learnt from tell what is usual and what exists.
_ROWS = 5_000
_SEED = 20260101


@dataclass(frozen=True, slots=True)
class Explaining:
    """Whether the table that a model was learnt from may be read to explain answers.

    Then reasons say how usual a cell is, and alternatives are offered; ``immutable`` columns are not
    changed in them, beside those whose names say that they cannot be.
    """

    from_table: bool = False
    immutable: tuple[str, ...] = ()


def served_model(workspace: Workspace, opened: OpenedModel, asked: Explaining) -> Served:
    """Return a model as it is served."""
    from anping.run.serving.deployment import Served

    model, signature = opened.model, opened.model.signature
    rows = _rows(workspace, opened) if asked.from_table else None
    # The first answer prepares what all others use.
    model.answer([{feature.name: None for feature in signature.features}])
    return Served(
        opened.asset.reference,
        opened.asset.version,
        opened.asset.digest,
        signature,
        model.answer,
        tuple(model.conformal.levels),
        _reasons(model, rows),
        _alternatives(model, rows, asked),
    )


def _rows(workspace: Workspace, opened: OpenedModel) -> pa.Table | None:
    """Return some rows of the table that was learnt from, None where it is gone."""
    import numpy as np
    import pyarrow as pa

    from anping.engine.table import Table

    asset = workspace.find(str((opened.learning or {}).get("table", "")))
    if asset is None or workspace.objects.find(asset.digest) is None:
        return None
    names = [feature.name for feature in opened.model.signature.features]
    table = Table.open(workspace.path(asset)).arrow(names)
    if table.num_rows <= _ROWS:
        return table
    drawn = np.random.default_rng(_SEED).choice(table.num_rows, _ROWS, replace=False)
    return table.take(pa.array(np.sort(drawn)))


def _reasons(model: Model, rows: pa.Table | None) -> Reasons | None:
    """Return what tells reasons, None for a model that cannot tell what its columns added."""
    from anping.judge.reference import reference_of

    reference = None if rows is None else reference_of(rows, model.signature)
    tell = partial(reasons, model, reference)
    try:
        tell([{feature.name: None for feature in model.signature.features}])
    except ParameterError:
        return None
    return tell


def reasons(
    model: Model, reference: Reference | None, rows: Sequence[Row]
) -> tuple[tuple[Reason, ...], ...]:
    """Return why the model answers each row as it does; the strongest reasons come first.

    Raises ParameterError for a model that cannot tell what its columns added.
    """
    from anping.judge.reasons import reasons_of
    from anping.run.serving.deployment import Reason

    table = table_of(rows, model.signature)
    found = reasons_of(
        model.contributions(table), table, signature=model.signature, reference=reference
    )
    return tuple(tuple(Reason(one.column, one.effect, one.text) for one in each) for each in found)


def _alternatives(model: Model, rows: pa.Table | None, asked: Explaining) -> Alternatives | None:
    """Return what finds alternatives; a number has no other side to come to."""
    if rows is None or model.signature.task == "number":
        return None
    from anping.judge.actions import likely_actions
    from anping.judge.counterfactual import searcher_of

    likely = likely_actions(model.signature)
    actions = replace(likely, immutable=(*likely.immutable, *asked.immutable))
    return partial(alternatives, searcher_of(model, rows, actions=actions, seed=_SEED))


def alternatives(searcher: Searcher, row: Row) -> tuple[Alternative, ...]:
    """Return the nearest rows that a person could come to with which the next likeliest class is said."""
    from anping.judge.counterfactual import Goal, counterfactuals
    from anping.run.serving.deployment import Alternative

    signature = searcher.predictor.signature
    table = table_of([row], signature)
    goal = Goal(of=_other_class(searcher.predictor.predict(table), signature))
    return tuple(
        Alternative(
            {change.column: one.row.column(change.column)[0].as_py() for change in one.changes},
            one.text(goal),
        )
        for one in counterfactuals(searcher, table, goal)
    )


def _other_class(prediction: Prediction, signature: Signature) -> str:
    return signature.classes[int(prediction.values[0].argsort()[-2])]


def table_of(rows: Sequence[Row], signature: Signature) -> pa.Table:
    """Return rows of a request as a table: numbers as floats, dates and categories as texts."""
    import pyarrow as pa

    columns = {}
    for feature in signature.features:
        cells = [row[feature.name] for row in rows]
        if feature.nature == "number":
            columns[feature.name] = pa.array(cells, pa.float64())
        else:
            texts = [None if cell is None else trimmed_text(cell) for cell in cells]
            columns[feature.name] = pa.array(texts, pa.string())
    return pa.table(columns)
