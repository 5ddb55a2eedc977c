"""The privacy model: what every equivalence class of the released table must satisfy.

k and l are its best-known parts; any other criterion of :mod:`anping.protect.deid.criteria` can
stand beside them. k counts distinct people where the table has a person column, rows where it has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.deid.criteria.anonymity import KAnonymity, KMap, no_population
from anping.protect.deid.criteria.classes import Criterion, ReleaseCriterion
from anping.protect.deid.criteria.diversity import (
    DistinctDiversity,
    EntropyDiversity,
    RecursiveDiversity,
)
from anping.protect.deid.criteria.presence import Presence

#: What full-domain search makes least: see :mod:`anping.protect.deid.goals`.
GoalName = Literal["loss", "precision", "entropy", "discernibility", "class_size"]
#: How the goal ``loss`` puts the columns' losses together.
AggregateName = Literal["mean", "geometric", "max", "rank"]
LKind = Literal["distinct", "entropy", "recursive"]
RecodingName = Literal["hierarchical", "numeric"]
#: What a missing quasi-identifier is: a value of its own, or one that stands for any other.
MissingName = Literal["own-value", "wildcard"]


@dataclass(frozen=True, slots=True)
class PrivacyModel:
    """At least ``k`` people in each class, ``l``-diversity of each ``sensitive`` column, and more.

    ``l_kind`` and ``c``: see :mod:`anping.protect.deid.criteria.diversity`; ``l`` None asks for no
    diversity. ``criteria`` must hold as well. ``population`` is a table of which the protected one
    is a part, with the same quasi-identifiers, for the criteria that look at it. ``missing``
    "wildcard" lets k count whoever may be meant: see :mod:`anping.protect.deid.wildcards`. Raises
    ParameterError for numbers that mean nothing.
    """

    k: int
    l: int | None = None  # noqa: E741 - the field's own letter
    l_kind: LKind = "distinct"
    sensitive: tuple[str, ...] = ()
    c: float | None = None
    criteria: tuple[Criterion | ReleaseCriterion, ...] = ()
    population: Table | None = field(default=None, repr=False, compare=False)
    missing: MissingName = "own-value"

    def __post_init__(self) -> None:
        if self.k < 1:
            raise _parameter("deid.k", Text("k 至少要是 1。", "k must be at least 1."))
        if self.l is not None and self.l < 1:
            raise _parameter("deid.l", Text("l 至少要是 1。", "l must be at least 1."))
        if self.l is not None and not self.sensitive:
            raise _parameter(
                "deid.l-without-sensitive",
                Text(
                    "要求 l-多樣性，卻沒有指明敏感欄位。",
                    "l-diversity is asked for, but no sensitive column is named.",
                ),
            )
        if self.l_kind not in ("distinct", "entropy", "recursive"):
            raise _parameter(
                "deid.l-kind",
                Text(
                    "l 的種類要是 distinct、entropy 或 recursive。",
                    "l_kind is distinct, entropy or recursive.",
                ),
            )
        if (self.l_kind == "recursive") != (self.c is not None):
            raise _parameter(
                "deid.c",
                Text(
                    "recursive 才需要、也一定要有 c。", "c belongs to recursive l, which needs it."
                ),
            )

        if self.population is None and any(
            isinstance(each, (KMap, Presence)) for each in self.criteria
        ):
            raise no_population()

    @property
    def diversified(self) -> tuple[str, ...]:
        """The sensitive columns that the model constrains: none when ``l`` is None or 1."""
        return self.sensitive if self.l is not None and self.l > 1 else ()

    @property
    def class_criteria(self) -> tuple[Criterion, ...]:
        """Everything that each class must satisfy: k first, then l, then the others."""
        given = (each for each in self.criteria if not isinstance(each, ReleaseCriterion))
        return (KAnonymity(self.k), *map(self._diversity, self.diversified), *given)

    @property
    def release_criteria(self) -> tuple[ReleaseCriterion, ...]:
        """Everything that the release as a whole must satisfy."""
        return tuple(each for each in self.criteria if isinstance(each, ReleaseCriterion))

    @property
    def columns(self) -> tuple[str, ...]:
        """The sensitive columns that any criterion looks at, each once."""
        looked_at = (each.column for each in self.class_criteria)
        return tuple(dict.fromkeys(name for name in looked_at if name is not None))

    @property
    def compared(self) -> tuple[str, ...]:
        """The sensitive columns of all criteria but distinct and entropy l, each once."""
        given = [each.column for each in self.criteria if not isinstance(each, ReleaseCriterion)]
        given += self.diversified if self.l_kind == "recursive" else ()
        return tuple(dict.fromkeys(name for name in given if name is not None))

    @property
    def union_closed(self) -> bool:
        """Whether a union of classes that pass always passes."""
        return all(each.union_closed for each in self.class_criteria)

    def _diversity(self, column: str) -> Criterion:
        least = self.l or 1
        if self.l_kind == "distinct":
            return DistinctDiversity(column, least)
        if self.l_kind == "entropy":
            return EntropyDiversity(column, least)
        return RecursiveDiversity(column, least, self.c or 0)


@dataclass(frozen=True, slots=True)
class Options:
    """How to look for the transformation.

    ``suppression_limit`` is the largest share of rows (0 to 1) that may stay suppressed in the end.
    All rows are recoded locally: least is lost, and there is no single code book per column. With
    ``full_domain`` one level is searched for each column first, and ``local_recoding`` is left what
    that would suppress; without local recoding there is always a search. ``weights`` gives columns unequal parts
    in the loss (1 by default). ``stop_probability`` is the chance that local recoding leaves a
    group coarser than it could be (see :mod:`anping.protect.deid.recoding`). ``seed`` None draws
    from the operating system. ``max_evaluations`` and ``max_seconds`` bound the search; when one
    stops it, the best solution so far is returned and marked as not proven optimal. ``goal`` and
    ``aggregate`` say what the search makes least. ``recoding`` "numeric" lets local recoding cut the
    columns ``ordered`` (None: all whose leaves are numbers or dates) anywhere, not only where their
    hierarchies do. ``fast`` True or False insists on the compiled
    kernel or on NumPy, which answer alike; None takes the kernel where it is there and pays.
    """

    suppression_limit: float = 0.05
    local_recoding: bool = True
    full_domain: bool | None = None
    weights: Mapping[str, float] | None = None
    seed: int | None = None
    stop_probability: float = 0.1
    max_evaluations: int | None = None
    max_seconds: float | None = None
    goal: GoalName = "loss"
    aggregate: AggregateName = "mean"
    fast: bool | None = None
    recoding: RecodingName = "hierarchical"
    ordered: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.full_domain is None:
            object.__setattr__(self, "full_domain", not self.local_recoding)
        for name, share in (
            ("suppression_limit", self.suppression_limit),
            ("stop_probability", self.stop_probability),
        ):
            if not 0 <= share <= 1:
                raise _parameter(
                    f"deid.{name.replace('_', '-')}",
                    Text(f"{name} 要在 0 和 1 之間。", f"{name} must lie between 0 and 1."),
                )
        if not (self.full_domain or self.local_recoding):
            raise _parameter(
                "deid.no-transformation",
                Text(
                    "全域概化與局部重新編碼至少要選一個。",
                    "Choose full-domain generalisation, local recoding, or both.",
                ),
            )
        weights = (self.weights or {}).values()
        if any(not isfinite(weight) or weight < 0 for weight in weights):
            raise _parameter(
                "deid.weights",
                Text("權重要是非負的數。", "Weights must be finite and not negative."),
            )


def _parameter(code: str, what: Text) -> ParameterError:
    return ParameterError(
        code, what, hint=Text("修改計畫中的這個數值。", "Change this value in the plan.")
    )
