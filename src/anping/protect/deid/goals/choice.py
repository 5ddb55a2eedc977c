"""The goal that options name, for one table."""

from __future__ import annotations

from anping.protect.deid.goals.aggregates import AggregateLoss
from anping.protect.deid.goals.entropy import EntropyLoss
from anping.protect.deid.goals.protocol import Goal
from anping.protect.deid.goals.separable import SeparableLoss
from anping.protect.deid.goals.sizes import AverageClassSize, Discernibility
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.deid.tuples import Encoded


def goal_of(encoded: Encoded, model: PrivacyModel, options: Options) -> Goal:
    """Return what the search shall make least."""
    if options.goal == "loss":
        if options.aggregate == "mean":
            return SeparableLoss.of(encoded)
        return AggregateLoss.of(encoded, options.aggregate)
    if options.goal == "precision":
        return SeparableLoss.precision(encoded)
    if options.goal == "entropy":
        return EntropyLoss.of(encoded)
    if options.goal == "discernibility":
        return Discernibility(encoded.rows, model.k)
    return AverageClassSize(encoded.rows, model.k)
