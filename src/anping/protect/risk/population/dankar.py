"""Dankar's decision rule: which model to believe at which sampling fraction.

Source: Dankar, El Emam, Neisa & Roffey 2012, BMC Medical Informatics and Decision Making 12:66:
Pitman's formula up to a sampling fraction of a tenth, beyond it the lower of the slide negative
binomial and Zayatz's estimator, as the rule is implemented in ARX 3.9.
"""

from __future__ import annotations

from anping.protect.risk.population.pitman import pitman
from anping.protect.risk.population.sizes import ClassSizes
from anping.protect.risk.population.slide import slide_negative_binomial
from anping.protect.risk.population.zayatz import zayatz

#: Up to this sampling fraction the rule trusts Pitman's formula.
FRACTION = 0.1


def dankar(sample: ClassSizes, population: int) -> float | None:
    """Return the share of the population that is unique by the rule.

    Where the model that the rule names does not fit, Zayatz's estimate stands in.
    """
    if sample.members <= FRACTION * population:
        found = pitman(sample, population)
        return zayatz(sample, population) if found is None else found
    rough = zayatz(sample, population)
    slide = slide_negative_binomial(sample, population)
    return rough if slide is None or rough is None else min(slide, rough)
