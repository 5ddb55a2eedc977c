"""Criteria and goals in plain Python, straight from their definitions: the oracle of both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import exp, floor, inf, log, log2

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from anping.engine.table import Table
from anping.protect.deid.criteria.anonymity import EstimatedKMap, KMap
from anping.protect.deid.criteria.classes import Criterion, ReleaseCriterion
from anping.protect.deid.criteria.closeness import (
    Closeness,
    EqualGround,
    HierarchicalGround,
    OrderedGround,
)
from anping.protect.deid.criteria.diversity import RecursiveDiversity
from anping.protect.deid.criteria.likeness import BetaLikeness, DeltaDisclosure, LimitedFrequency
from anping.protect.deid.criteria.presence import Presence
from anping.protect.deid.criteria.release import AverageRisk, PopulationUniqueness
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.model import Options, PrivacyModel
from protect.deid.lattice_cases import binary_hierarchy

Row = Mapping[str, str]
VALUES = ("u", "v", "w", "x")
TREE = {"u": ("u", "a", "*"), "v": ("v", "a", "*"), "w": ("w", "b", "*"), "x": ("x", "b", "*")}
NEAR = 1e-9


def uniqueness(sizes: np.ndarray, counts: np.ndarray, population: int) -> float:  # type: ignore[type-arg]
    """A plain stand-in for an estimator: sample uniques that stay unique at a fixed rate."""
    people = float((sizes * counts).sum())
    unique = float(counts[sizes == 1].sum())
    return unique / max(1.0, people) * people / max(people, population)


@dataclass(frozen=True)
class Problem:
    rows: tuple[Row, ...]
    population: tuple[Row, ...]
    hierarchies: dict[str, Hierarchy]
    model: PrivacyModel
    person: str | None
    options: Options


def criteria(column: str) -> list[Criterion | ReleaseCriterion]:
    """One of each kind, with thresholds that small tables reach now and then."""
    values = pa.array(VALUES)
    return [
        EstimatedKMap(5, 0.3, 0.2),
        RecursiveDiversity(column, 2, 1.3),
        RecursiveDiversity(column, 3, 2.6),
        Closeness(column, 0.31, EqualGround()),
        Closeness(column, 0.23, OrderedGround.of(values)),
        Closeness(column, 0.27, HierarchicalGround.of(values, TREE)),
        LimitedFrequency(column, 0.55),
        BetaLikeness(column, 0.7),
        BetaLikeness(column, 1.7, enhanced=True),
        DeltaDisclosure(column, 0.9),
        DeltaDisclosure(column, 0.9, "ignored"),
        AverageRisk(0.37),
        PopulationUniqueness(0.11, 40, uniqueness),
        KMap(3),
        Presence(0.0, 0.6),
        Presence(0.2, 0.75),
    ]


def with_missing(hierarchy: Hierarchy) -> Hierarchy:
    """The same with a missing value, which stays by itself until the top."""
    top = next(iter(hierarchy.paths.values()))[-1]
    blank = ("",) * hierarchy.height + (top,)
    return Hierarchy(hierarchy.column, {**hierarchy.paths, "": blank})


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    heights = draw(st.lists(st.integers(1, 2), min_size=1, max_size=3))
    hierarchies = {f"q{i}": binary_hierarchy(f"q{i}", height) for i, height in enumerate(heights)}
    gaps = draw(st.booleans())
    if gaps:
        hierarchies = {name: with_missing(each) for name, each in hierarchies.items()}
    size = draw(st.integers(3, 22))
    rows = tuple(_rows(draw, hierarchies, size))
    person = draw(st.sampled_from([None, None, "p"]))
    chosen = draw(st.lists(st.sampled_from(range(16)), min_size=0, max_size=3, unique=True))
    sensitive = draw(st.sampled_from(["s", "t"]))
    picked = tuple(criteria(sensitive)[place] for place in chosen)
    more: tuple[Row, ...] = ()
    if any(isinstance(each, (KMap, Presence)) for each in picked):
        more = tuple(_rows(draw, hierarchies, draw(st.integers(0, 15))))
    everybody = rows + more
    population = Table.of(pa.Table.from_pylist([*map(dict, everybody)])) if more else None
    if any(isinstance(each, (KMap, Presence)) for each in picked) and population is None:
        population = Table.of(pa.Table.from_pylist([*map(dict, rows)]))
    l_kind = draw(st.sampled_from([None, None, "distinct", "entropy"]))
    missing = draw(st.sampled_from(["own-value", "wildcard"])) if gaps else "own-value"
    model = PrivacyModel(
        draw(st.integers(1, 3)),
        None if l_kind is None else 2,
        l_kind or "distinct",  # type: ignore[arg-type]
        () if l_kind is None else (sensitive,),
        criteria=picked,
        population=population,
        missing=missing,  # type: ignore[arg-type]
    )
    return Problem(rows, everybody, hierarchies, model, person, draw(_options(list(hierarchies))))


@st.composite
def _options(draw: st.DrawFn, columns: list[str]) -> Options:
    goal = draw(
        st.sampled_from(["loss", "loss", "precision", "entropy", "discernibility", "class_size"])
    )
    aggregate = draw(st.sampled_from(["mean", "geometric", "max", "rank"]))
    weights: dict[str, float] | None = None
    if draw(st.booleans()):
        weights = {name: draw(st.sampled_from([0.0, 1.0, 2.5])) for name in columns}
        weights = weights if any(weights.values()) else None
    return Options(
        draw(st.sampled_from([0.0, 0.1, 0.34, 1.0])),
        local_recoding=False,
        full_domain=True,
        weights=weights,
        goal=goal,  # type: ignore[arg-type]
        aggregate=aggregate if goal == "loss" else "mean",  # type: ignore[arg-type]
    )


def _rows(draw: st.DrawFn, hierarchies: Mapping[str, Hierarchy], size: int) -> Iterable[Row]:
    for _ in range(size):
        row = {name: draw(st.sampled_from(each.leaves)) for name, each in hierarchies.items()}
        row |= {name: draw(st.sampled_from(VALUES)) for name in ("s", "t")}
        yield row | {"p": draw(st.sampled_from([f"p{i}" for i in range(size)]))}


def passes(  # noqa: PLR0911 - one definition after the other
    criterion: object, members: Sequence[Row], others: int, whole: Sequence[Row]
) -> bool:
    """Whether a class of the table, with ``others`` rows of the population, passes."""
    size = len(members)
    if isinstance(criterion, KMap):
        return others >= criterion.k
    name = criterion.column  # type: ignore[attr-defined]
    here = {value: count / size for value, count in Counter(row[name] for row in members).items()}
    all_rows = Counter(row[name] for row in whole)
    there = {value: count / len(whole) for value, count in all_rows.items()}
    if isinstance(criterion, RecursiveDiversity):
        counts = sorted((share * size for share in here.values()), reverse=True)
        return round(counts[0]) < criterion.c * round(sum(counts[criterion.l - 1 :]))
    if isinstance(criterion, Closeness):
        return distance(criterion.ground, here, there) <= criterion.t + NEAR
    if isinstance(criterion, LimitedFrequency):
        return max(here.values()) <= criterion.alpha + NEAR
    if isinstance(criterion, BetaLikeness):
        for value, share in here.items():
            most = criterion.beta
            if criterion.enhanced:
                most = min(most, -log(there[value]))
            if share > there[value] * (1 + most) + NEAR:
                return False
        return True
    assert isinstance(criterion, DeltaDisclosure)
    if criterion.absent == "fails" and set(here) != set(there):
        return False
    return all(
        exp(-criterion.delta) < share / there[value] < exp(criterion.delta)
        for value, share in here.items()
    )


def distance(ground: object, here: Mapping[str, float], there: Mapping[str, float]) -> float:
    extra = {value: here.get(value, 0.0) - there.get(value, 0.0) for value in VALUES}
    if isinstance(ground, EqualGround):
        return sum(map(abs, extra.values())) / 2
    if isinstance(ground, OrderedGround):
        run, total = 0.0, 0.0
        for value, _ in pairwise(VALUES):
            run += extra[value]
            total += abs(run)
        return total / (len(VALUES) - 1)
    # Two levels: within a pair of leaves at half the price, the rest across the root.
    cost, across = 0.0, 0.0
    for one, other in (("u", "v"), ("w", "x")):
        moved = min(
            max(extra[one], 0) + max(extra[other], 0), max(-extra[one], 0) + max(-extra[other], 0)
        )
        cost += moved / 2
        across += max(extra[one] + extra[other], 0.0)
    return cost + across


@dataclass(frozen=True)
class Priced:
    score: tuple[float, ...]
    suppressed: int
    allowed: bool


def price(problem: Problem, node: Sequence[int]) -> Priced:
    """What one node costs, from the definitions."""
    classes = _classes(problem, problem.rows, node)
    population = _classes(problem, problem.population, node)
    fine = {
        key
        for key, members in classes.items()
        if _class_passes(problem, members, len(population[key]))
    }
    many = {key for key in fine if _people(problem, classes[key]) >= problem.model.k}
    if problem.model.missing == "wildcard":
        kept = {key for key in fine if any(_covers(one, key) for one in many)}
    else:
        kept = many
    gone = set(classes) - kept
    gone |= _release_suppresses(
        problem, {key: each for key, each in classes.items() if key not in gone}
    )
    total = len(problem.rows)
    suppressed = sum(len(classes[key]) for key in gone)
    barred = any(
        isinstance(each, Presence) and each.least > NEAR and set(population) - set(classes)
        for each in problem.model.criteria
    )
    allowed = suppressed <= floor(problem.options.suppression_limit * total + NEAR)
    return Priced(
        _score(problem, classes, gone, node),
        suppressed,
        allowed and suppressed < total and not barred,
    )


def _covers(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether each value of the first is the second's, or missing."""
    return all(mine in ("", theirs) for mine, theirs in zip(one, other, strict=True))


def best(problem: Problem) -> tuple[float, ...]:
    """The least score of all nodes that are allowed; infinite if there is none."""
    found: tuple[float, ...] = (inf,)
    for node in product(*(range(h.height + 1) for h in problem.hierarchies.values())):
        priced = price(problem, node)
        if priced.allowed and lower(priced.score, found):
            found = priced.score
    return found


def lower(one: Sequence[float], other: Sequence[float]) -> bool:
    for left, right in zip(one, other, strict=False):
        if abs(left - right) > NEAR * max(1.0, abs(right)) or right == inf:
            return left < right
    return False


def _classes(
    problem: Problem, rows: Sequence[Row], node: Sequence[int]
) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        places = zip(problem.hierarchies.items(), node, strict=True)
        found[tuple(h.paths[row[q]][level] for (q, h), level in places)].append(row)
    return found


def _people(problem: Problem, members: Sequence[Row]) -> int:
    if problem.person is None:
        return len(members)
    return len({row[problem.person] for row in members})


def _class_passes(  # noqa: C901 - one definition after the other
    problem: Problem, members: Sequence[Row], others: int
) -> bool:
    model = problem.model
    for name in model.diversified:
        shares = [n / len(members) for n in Counter(row[name] for row in members).values()]
        if model.l_kind == "distinct" and len(shares) < 2:
            return False
        if model.l_kind == "entropy" and -sum(p * log(p) for p in shares) < log(2) - NEAR:
            return False
    for criterion in model.criteria:
        if isinstance(criterion, ReleaseCriterion):
            continue
        if isinstance(criterion, Presence):
            share = _people(problem, members) / others
            if not criterion.least - NEAR <= share <= criterion.most + NEAR:
                return False
        elif isinstance(criterion, EstimatedKMap):
            if _people(problem, members) < criterion.least:
                return False
        elif not passes(criterion, members, others, problem.rows):
            return False
    return True


def _release_suppresses(
    problem: Problem, classes: Mapping[tuple[str, ...], list[Row]]
) -> set[tuple[str, ...]]:
    left = {key: _people(problem, members) for key, members in classes.items()}
    for criterion in problem.model.release_criteria:
        while left:
            sizes = Counter(left.values())
            if isinstance(criterion, AverageRisk):
                good = len(left) <= (criterion.most + NEAR) * sum(left.values())
            else:
                assert isinstance(criterion, PopulationUniqueness)
                ordered = sorted(sizes)
                found = uniqueness(
                    np.array(ordered), np.array([sizes[each] for each in ordered]), 40
                )
                good = found <= criterion.most + NEAR
            if good:
                break
            left = {key: size for key, size in left.items() if size > min(sizes)}
    return set(classes) - set(left)


def _score(  # noqa: PLR0911 - one definition after the other
    problem: Problem,
    classes: Mapping[tuple[str, ...], list[Row]],
    gone: set[tuple[str, ...]],
    node: Sequence[int],
) -> tuple[float, ...]:
    goal, total = problem.options.goal, len(problem.rows)
    kept = [len(each) for key, each in classes.items() if key not in gone]
    if goal == "discernibility":
        return (float(sum(n * n for n in kept) + (total - sum(kept)) * total),)
    if goal == "class_size":
        return (total / max(1, len(kept) + (1 if gone else 0)),)
    weights = [(problem.options.weights or {}).get(name, 1.0) for name in problem.hierarchies]
    parts = [weight / sum(weights) for weight in weights]
    if goal == "entropy":
        return (_bits(problem, classes, gone, node, parts=parts),)
    columns = []
    for place, (hierarchy, level) in enumerate(
        zip(problem.hierarchies.values(), node, strict=True)
    ):
        lost = 0.0
        for key, members in classes.items():
            share = (hierarchy.covered(key[place]) - 1) / (hierarchy.domain_size - 1)
            if goal == "precision":
                share = level / hierarchy.height
            lost += len(members) * (1.0 if key in gone else share)
        columns.append(parts[place] * lost / total)
    if goal == "precision" or problem.options.aggregate == "mean":
        return (sum(columns),)
    scaled = [len(parts) * each for each in columns]
    if problem.options.aggregate == "max":
        return (max(scaled), sum(columns))
    if problem.options.aggregate == "rank":
        return tuple(sorted(scaled, reverse=True))
    return (float(np.prod([1 + each for each in scaled]) ** (1 / len(scaled)) - 1),)


def _bits(
    problem: Problem,
    classes: Mapping[tuple[str, ...], list[Row]],
    gone: set[tuple[str, ...]],
    node: Sequence[int],
    *,
    parts: Sequence[float],
) -> float:
    found = 0.0
    for place, (name, hierarchy) in enumerate(problem.hierarchies.items()):
        leaves = Counter(row[name] for row in problem.rows)
        level = node[place]
        values = Counter(hierarchy.paths[row[name]][level] for row in problem.rows)
        weight = parts[place] * len(parts)
        for row in problem.rows:
            found += weight * log2(values[hierarchy.paths[row[name]][level]] / leaves[row[name]])
        lost = [key[place] for key in gone for _ in classes[key]]
        for count in Counter(lost).values():
            found += weight * count * log2(len(lost) / count)
    return found
