"""The entries of a plan's model beside k and l: what else every class, or the release, must satisfy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from anping.core.errors import PlanError, Where
from anping.core.text import Text
from anping.protect.entry import Entry


class Closeness(Entry):
    """t-closeness: a class's distribution of ``column`` is near the whole table's.

    ``distance`` is what moving a share from one value to another costs: the same everywhere
    (``equal``); by places in the ``order`` (or in the natural order of the values); or by the
    ``tree``, a hierarchy file in ARX's form beside the plan.
    """

    kind: Literal["t-closeness"]
    column: str
    t: float = Field(ge=0, le=1)
    distance: Literal["equal", "ordered", "tree"] = "equal"
    order: tuple[str, ...] | None = Field(default=None, min_length=1)
    tree: str | None = None


class Frequency(Entry):
    """(alpha, k): no value of ``column`` has more than the share ``alpha`` of a class."""

    kind: Literal["alpha"]
    column: str
    alpha: float = Field(gt=0, le=1)


class Likeness(Entry):
    """beta-likeness: no value of ``column`` becomes more likely by more than ``beta`` times."""

    kind: Literal["beta-likeness"]
    column: str
    beta: float = Field(gt=0)
    enhanced: bool = False


class Disclosure(Entry):
    """delta-disclosure privacy: each value's share in a class is near its share in the table."""

    kind: Literal["delta-disclosure"]
    column: str
    delta: float = Field(gt=0)
    absent: Literal["fails", "ignored"] = "fails"


class Map(Entry):
    """k-map: a class has ``k`` people in the population.

    Without ``population`` they are counted in the population's table, which is handed over beside
    the plan. With the ``population``'s size only, they are estimated: quite surely at least ``k``.
    """

    kind: Literal["k-map"]
    k: int = Field(ge=2)
    population: int | None = Field(default=None, ge=1)
    significance: float = Field(default=0.05, gt=0, lt=1)


class Presence(Entry):
    """delta-presence: of a class's people in the population, the share in the table is bounded.

    Nobody can say of a person of the population, surer than ``most`` and less sure than ``least``,
    that he is in the table. The population's table is handed over beside the plan. With local
    recoding a person's class is that of the code book that was found, which holds for everybody.
    """

    kind: Literal["delta-presence"]
    least: float = Field(default=0, ge=0, le=1)
    most: float = Field(ge=0, le=1)


class Average(Entry):
    """The marketer's risk, classes over people, is at most ``most``."""

    kind: Literal["average-risk"]
    most: float = Field(gt=0, le=1)


class Uniqueness(Entry):
    """At most the share ``most`` of a ``population`` of that size stands alone, by Dankar's rule."""

    kind: Literal["population-uniqueness"]
    most: float = Field(ge=0, le=1)
    population: int = Field(ge=1)


CriterionSpec = Annotated[
    Closeness | Frequency | Likeness | Disclosure | Map | Presence | Average | Uniqueness,
    Field(discriminator="kind"),
]


def needs_population(criteria: Iterable[CriterionSpec]) -> bool:
    """Return whether criteria look at the population's table."""
    return any(
        isinstance(each, Presence) or (isinstance(each, Map) and each.population is None)
        for each in criteria
    )


def columns_of(criteria: Iterable[CriterionSpec]) -> tuple[str, ...]:
    """Return the sensitive columns that criteria look at, each once."""
    plain = (Map, Presence, Average, Uniqueness)
    found = (each.column for each in criteria if not isinstance(each, plain))
    return tuple(dict.fromkeys(found))


def check_criteria(criteria: Iterable[CriterionSpec]) -> None:
    """Raise PlanError for settings of a distance, or bounds, that do not belong together."""
    for each in criteria:
        if isinstance(each, Presence) and each.least > each.most:
            raise PlanError(
                "plan.presence",
                Text(
                    "delta-presence 的 least 不能大於 most。",
                    "The least of delta-presence is not above its most.",
                ),
                hint=Text("修改 model.criteria。", "Change model.criteria."),
            )
        if not isinstance(each, Closeness):
            continue
        needs_tree, has_order = each.distance == "tree", each.order is not None
        if needs_tree != (each.tree is not None) or (has_order and each.distance != "ordered"):
            raise PlanError(
                "plan.distance",
                Text(
                    "distance: tree 需要 tree 檔，order 只屬於 distance: ordered。",
                    "distance: tree needs a tree file; order belongs to distance: ordered.",
                ),
                where=Where(column=each.column),
                hint=Text("修改 model.criteria。", "Change model.criteria."),
            )
