"""A scorecard: a model whose every answer is a sum of whole points, one number for each column.

It is an additive model like any other (:mod:`anping.learn.model`) in a model file like any other; its
account names the points of each bin. The points are the model: the probability follows from the sum.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import InputError
from anping.core.text import Text
from anping.engine.prediction import Prediction, Signature
from anping.learn.additive import Bins
from anping.learn.model import Model
from anping.learn.scorecard_points import Characteristic, Scale

Places = NDArray[np.int64]
Points = NDArray[np.int64]
Against = Literal["best", "average"]
ACCOUNT = "scorecard"


@dataclass(frozen=True)
class AdverseReason:
    """Why an applicant has fewer points: the column, the bin they are in, and the points lost."""

    column: str
    attribute: Text
    points: int
    lost: float

    @property
    def text(self) -> Text:
        """The reason in words."""
        lost = f"{self.lost:.0f}"
        return Text(
            f"「{self.column}」為「{self.attribute.zh}」，少 {lost} 分",
            f"“{self.column}” is “{self.attribute.en}”: {lost} points fewer",
        )


@dataclass(frozen=True, eq=False)
class Scorecard:
    """A model with points: it answers through the same door as any other model."""

    model: Model
    scale: Scale
    base: int
    event: str
    characteristics: tuple[Characteristic, ...]

    @property
    def signature(self) -> Signature:
        """What it reads and what it answers."""
        return self.model.signature

    def predict(self, rows: pa.Table) -> Prediction:
        """Return the probabilities of both classes, exactly those of the points."""
        return self.model.predict(rows)

    def places(self, rows: pa.Table) -> Places:
        """Return (n, characteristics): the attribute that each row has."""
        matrix = self.model.encoder.matrix(rows)
        terms = () if self.model.additive is None else self.model.additive.terms
        found = np.empty((rows.num_rows, len(self.characteristics)), dtype=np.int64)
        for at, (term, one) in enumerate(zip(terms, self.characteristics, strict=True)):
            assert isinstance(term, Bins)
            found[:, at] = np.array(one.of_bin)[term.axes[0].places(matrix)]
        return found

    def points(self, rows: pa.Table) -> Points:
        """Return (n, characteristics): the points of each row for each characteristic."""
        return self.points_at(self.places(rows))

    def points_at(self, places: Places) -> Points:
        """Return (n, characteristics): the points of attributes."""
        found = np.empty(places.shape, dtype=np.int64)
        for at, one in enumerate(self.characteristics):
            found[:, at] = np.array([each.points for each in one.attributes])[places[:, at]]
        return found

    def scores(self, rows: pa.Table) -> Points:
        """Return (n,): the score of each row, the base points included."""
        found: Points = self.base + self.points(rows).sum(axis=1)
        return found

    def reasons(
        self,
        rows: pa.Table,
        *,
        most: int = 4,
        against: Against = "best",
        never: Collection[str] = (),
    ) -> tuple[tuple[AdverseReason, ...], ...]:
        """Return, for each row, what cost it most points, most first.

        Points are lost ``against`` the best attribute or the average of the training rows. ``never``
        names columns that are no reason that may be given: protected attributes.
        """
        places = self.places(rows)
        told = [at for at, one in enumerate(self.characteristics) if one.column not in never]
        aim = np.array(
            [one.best if against == "best" else one.average for one in self.characteristics]
        )
        lost = aim - self.points_at(places)
        return tuple(
            self._reasons(places[row], lost[row], told, most) for row in range(len(places))
        )

    def _reasons(
        self, places: Places, lost: NDArray[np.float64], told: list[int], most: int
    ) -> tuple[AdverseReason, ...]:
        ranked = sorted((at for at in told if lost[at] >= 0.5), key=lambda at: -lost[at])
        found = []
        for at in ranked[:most]:
            one = self.characteristics[at]
            attribute = one.attributes[places[at]]
            found.append(
                AdverseReason(one.column, attribute.title, attribute.points, float(lost[at]))
            )
        return tuple(found)

    def table(self) -> list[dict[str, Any]]:
        """Return the points table as plain values, one entry for each characteristic."""
        return [one.as_json() for one in self.characteristics]


def account_of(
    scale: Scale, base: int, event: str, characteristics: tuple[Characteristic, ...]
) -> dict[str, Any]:
    """Return what a model's account tells of its points."""
    return {
        "scale": scale.as_json(),
        "base": base,
        "event": event,
        "characteristics": [one.as_json() for one in characteristics],
    }


def scorecard_of(model: Model) -> Scorecard:
    """Return the scorecard that a model is. Raises InputError (``model.no-scorecard``)."""
    told = model.account.get(ACCOUNT)
    if not isinstance(told, dict):
        raise InputError(
            "model.no-scorecard",
            Text("這個模型不是評分卡。", "This model is no scorecard."),
            hint=Text("請選 anping learn scorecard 產生的模型。",
                      "Choose a model that anping learn scorecard made."),
        )  # fmt: skip
    return Scorecard(
        model,
        Scale(**told["scale"]),
        told["base"],
        told["event"],
        tuple(Characteristic.from_json(each) for each in told["characteristics"]),
    )
