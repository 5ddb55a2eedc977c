"""How a model of the workspace answers rows as they come in requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from anping.core.asset import Asset
from anping.core.cells import trimmed_text

if TYPE_CHECKING:
    import pyarrow as pa

    from anping.engine.prediction import Signature
    from anping.learn.model import Model
    from anping.run.serving.deployment import Reason, Served

Row = Mapping[str, Any]


def served_model(asset: Asset, model: Model) -> Served:
    """Return a model as it is served."""
    from anping.run.serving.deployment import Served

    signature = model.signature
    # The first answer prepares what all others use.
    model.answer([{feature.name: None for feature in signature.features}])
    return Served(
        asset.reference,
        asset.version,
        asset.digest,
        signature,
        model.answer,
        tuple(model.conformal.levels),
        partial(reasons, model),
    )


def reasons(model: Model, rows: Sequence[Row]) -> tuple[tuple[Reason, ...], ...]:
    """Return why the model answers each row as it does; the strongest reasons come first.

    Raises ParameterError for a model that cannot tell what its columns added.
    """
    from anping.judge.reasons import reasons_of
    from anping.run.serving.deployment import Reason

    table = table_of(rows, model.signature)
    found = reasons_of(model.contributions(table), table, signature=model.signature)
    return tuple(tuple(Reason(one.column, one.effect, one.text) for one in each) for each in found)


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
