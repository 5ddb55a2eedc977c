"""The privacy model that a plan's ``model`` describes, for one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import PlanError, Where
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.deid.criteria.anonymity import EstimatedKMap, KMap
from anping.protect.deid.criteria.classes import Criterion, ReleaseCriterion
from anping.protect.deid.criteria.closeness import (
    Closeness,
    EqualGround,
    Ground,
    HierarchicalGround,
    OrderedGround,
)
from anping.protect.deid.criteria.likeness import BetaLikeness, DeltaDisclosure, LimitedFrequency
from anping.protect.deid.criteria.presence import Presence
from anping.protect.deid.criteria.release import AverageRisk, PopulationUniqueness
from anping.protect.deid.hierarchy import Hierarchy, as_leaf
from anping.protect.deid.model import PrivacyModel
from anping.protect.entries_criteria import (
    Average,
    CriterionSpec,
    Disclosure,
    Frequency,
    Likeness,
    Map,
    needs_population,
)
from anping.protect.entries_criteria import Closeness as ClosenessSpec
from anping.protect.entries_criteria import Presence as PresenceSpec
from anping.protect.plan_entries import ModelSpec
from anping.protect.plan_hierarchies import beside
from anping.protect.risk.population.estimator import Estimator


@dataclass(frozen=True)
class Facts:
    """What criteria need to know of a table: its rows, and the distinct values of some columns.

    ``population`` has the quasi-identifiers of the whole population, as the table's are before they
    are generalised.
    """

    rows: int
    values: Mapping[str, pa.Array] = field(default_factory=dict)
    folder: Path | None = None
    population: Table | None = None


def columns_with_a_distance(spec: ModelSpec) -> tuple[str, ...]:
    """Return the columns whose values :class:`Facts` must give."""
    return tuple(
        each.column
        for each in spec.criteria
        if isinstance(each, ClosenessSpec) and each.distance != "equal"
    )


def whole_model_of(spec: ModelSpec, facts: Facts) -> PrivacyModel:
    """Return the privacy model of a plan, all its criteria bound to one table.

    Raises PlanError for an order or a tree that lacks a value, and for a tree file that is missing
    or malformed.
    """
    criteria = tuple(_criterion(each, facts) for each in spec.criteria)
    return PrivacyModel(
        spec.k,
        spec.l,
        spec.l_kind,
        spec.sensitive,
        spec.c,
        criteria,
        population=facts.population if needs_population(spec.criteria) else None,
        missing=spec.missing,
    )


def _criterion(  # noqa: PLR0911 - one for each kind
    spec: CriterionSpec, facts: Facts
) -> Criterion | ReleaseCriterion:
    match spec:
        case ClosenessSpec():
            return Closeness(spec.column, spec.t, _ground(spec, facts))
        case Frequency():
            return LimitedFrequency(spec.column, spec.alpha)
        case Likeness():
            return BetaLikeness(spec.column, spec.beta, spec.enhanced)
        case Disclosure():
            return DeltaDisclosure(spec.column, spec.delta, spec.absent)
        case PresenceSpec():
            return Presence(spec.least, spec.most)
        case Map(population=None):
            return KMap(spec.k)
        case Map():
            fraction = min(1.0, facts.rows / (spec.population or 1))
            return EstimatedKMap(spec.k, fraction, spec.significance)
        case Average():
            return AverageRisk(spec.most)
        case _:
            return PopulationUniqueness(spec.most, spec.population, Estimator("dankar"))


def _ground(spec: ClosenessSpec, facts: Facts) -> Ground:
    if spec.distance == "equal":
        return EqualGround()
    values = facts.values[spec.column]
    if spec.distance == "tree":
        file = spec.tree or ""
        tree = Hierarchy.from_csv(spec.column, beside(spec.column, file, facts.folder))
        tree.require([as_leaf(value) for value in values.to_pylist()], file=file)
        return HierarchicalGround.of(values, tree.paths)
    if spec.order is None:
        return OrderedGround.of(values.take(pc.sort_indices(values)))
    place = {text: number for number, text in enumerate(spec.order)}
    found = [place.get(as_leaf(value)) for value in values.to_pylist()]
    if None in found:
        raise PlanError(
            "plan.order-incomplete",
            Text(
                "t-接近性的順序沒有列出該欄位的所有值。",
                "The order for t-closeness does not name every value of the column.",
            ),
            where=Where(column=spec.column),
            hint=Text("在 order 列出所有值。", "Name every value in order."),
        )
    return OrderedGround.of(values.take(pc.sort_indices(pa.array(found))))
