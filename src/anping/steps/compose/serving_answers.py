"""How a model of the workspace answers rows as they come in requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anping.core.asset import Asset
from anping.core.cells import trimmed_text

if TYPE_CHECKING:
    import pyarrow as pa

    from anping.engine.prediction import Prediction, Signature
    from anping.learn.model import Model
    from anping.run.serving.deployment import Served

Row = Mapping[str, Any]


def served_model(asset: Asset, model: Model) -> Served:
    """Return a model as it is served."""
    from anping.run.serving.deployment import Served

    answers = _Answers(model)
    signature = model.signature
    # The first answer prepares what all others use.
    answers([{feature.name: None for feature in signature.features}])
    return Served(
        asset.reference,
        asset.version,
        asset.digest,
        signature,
        answers,
        tuple(model.conformal.levels),
    )


@dataclass(frozen=True, eq=False)
class _Answers:
    model: Model

    def __call__(self, rows: Sequence[Row], *, coverage: float | None = None) -> Prediction:
        return self.model.predict(table_of(rows, self.model.signature), coverage=coverage)


def table_of(rows: Sequence[Row], signature: Signature) -> pa.Table:
    """Return rows of a request as a table: numbers as floats, dates and categories as texts."""
    import pyarrow as pa

    columns = {}
    for feature in signature.features:
        cells = [row[feature.name] for row in rows]
        if feature.nature == "number":
            columns[feature.name] = pa.array(cells, pa.float64(), from_pandas=False)
        else:
            texts = [None if cell is None else trimmed_text(cell) for cell in cells]
            columns[feature.name] = pa.array(texts, pa.string())
    return pa.table(columns)
