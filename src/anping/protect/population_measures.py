"""How the released classes stand in the population that the privacy model looks at."""

from __future__ import annotations

from collections.abc import Iterator

from anping.core.measure import Measure
from anping.core.text import Text
from anping.protect.deid.check import ClassCheck
from anping.protect.deid.fit import Fitted
from anping.protect.deid.model import PrivacyModel

_PRESENCE = {
    "low": Text(
        "類別的母體成員在表中的最低比例", "Least share of a class's population in the table"
    ),
    "high": Text(
        "類別的母體成員在表中的最高比例", "Largest share of a class's population in the table"
    ),
}


def population_measures(
    result: Fitted, checked: ClassCheck, model: PrivacyModel | None
) -> Iterator[Measure]:
    """Yield how the released classes stand in the population, where the model looks at one."""
    if model is None or model.population is None or checked.fewest is None:
        return
    n = model.population.rows
    counts = (
        ("deid.population.rows", n, Text("母體的列數", "Rows of the population")),
        (
            "deid.population.outside",
            result.outside or 0,
            Text(
                "母體裡找不到的人數（應為 0）",
                "People whom the population does not have (should be 0)",
            ),
        ),
        (
            "deid.population.smallest",
            checked.fewest,
            Text(
                "釋出的類別在母體中最少有幾列", "Fewest rows of a released class in the population"
            ),
        ),
    )
    for name, value, title in counts:
        yield Measure(name, float(value), "rows", n, title, method="count")
    for end, share in zip(("low", "high"), checked.presence or (), strict=False):
        yield Measure(
            f"deid.presence.{end}",
            share,
            "share",
            n,
            _PRESENCE[end],
            method="released people of a class over its rows in the population (Nergiz et al. 2007)",
        )
