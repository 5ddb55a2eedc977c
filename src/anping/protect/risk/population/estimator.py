"""A population model as a function of a histogram, for a search that must keep uniqueness down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from anping.protect.risk.population.estimate import MODELS
from anping.protect.risk.population.sizes import ClassSizes, Counts

ModelName = Literal["highest", "zayatz", "pitman", "slide_negative_binomial", "dankar"]


@dataclass(frozen=True, slots=True)
class Estimator:
    """Called with class sizes, how many classes have each, and the population: the share unique.

    ``model`` names one model, or takes the ``highest`` of those that fit. Equal ones are equal, and
    it can be sent to another process.
    """

    model: ModelName = "highest"

    def __call__(self, sizes: Counts, classes: Counts, population: int) -> float | None:
        """Return the share (0 to 1), or None where the model does not fit.

        ``sizes`` (s,) are different and ascending, ``classes`` (s,) their numbers.
        """
        filled = classes > 0
        sample = ClassSizes(sizes[filled], classes[filled])
        if not sample.count:
            return 0.0
        # A sample is never larger than what it was drawn from.
        population = max(population, sample.members)
        chosen = MODELS.values() if self.model == "highest" else (MODELS[self.model],)
        shares = [share for model in chosen if (share := model(sample, population)) is not None]
        return max(shares) if shares else None
