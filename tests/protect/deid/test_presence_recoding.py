"""delta-presence with local recoding, against its definition: every table that could have been released."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anping.core.errors import InfeasibleError
from anping.engine.table import Table
from anping.protect.deid.anonymize import anonymize
from anping.protect.deid.criteria.anonymity import KMap
from anping.protect.deid.criteria.presence import Presence
from anping.protect.deid.everybody import everybody
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.model import Options, PrivacyModel
from protect.deid.lattice_cases import binary_hierarchy

Key = tuple[str, ...]
_NEAR = 1e-9
_BOUNDS = [(0.0, 0.5), (0.0, 0.8), (0.1, 0.75), (0.3, 0.9), (0.25, 0.6)]


def hierarchies() -> dict[str, Hierarchy]:
    return {name: binary_hierarchy(name, 2) for name in ("q0", "q1")}


@st.composite
def towns(draw: st.DrawFn, most: int) -> tuple[list[Key], list[int]]:
    """A population, and which of it are in the table."""
    leaves = [each.leaves for each in hierarchies().values()]
    person = st.tuples(*(st.sampled_from(each) for each in leaves))
    town = draw(st.lists(person, min_size=2, max_size=most))
    there = draw(st.sets(st.sampled_from(range(len(town))), min_size=1, max_size=len(town) - 1))
    return town, sorted(there)


@st.composite
def ways(draw: st.DrawFn) -> Options:
    return Options(
        draw(st.sampled_from([0.0, 0.3])),
        full_domain=draw(st.booleans()),
        seed=draw(st.integers(0, 9)),
        stop_probability=draw(st.sampled_from([0.0, 0.3])),
        recoding=draw(st.sampled_from(["hierarchical", "numeric"])),
    )


def table(rows: list[Key]) -> Table:
    return Table.of(
        pa.table(dict(zip(("q0", "q1"), map(list, zip(*rows, strict=True)), strict=True)))
    )


def release(
    town: list[Key], there: list[int], model: PrivacyModel, options: Options
) -> tuple[list[Key], list[Key | None]] | None:
    """The released classes of the table, and the class that everybody of the town would be in."""
    try:
        made = anonymize(
            table([town[at] for at in there]), hierarchies(), model=model, options=options
        )
    except InfeasibleError:
        return None
    book: list[Key | None] = []
    for person in town:
        shown = everybody(table([person]), made.fitted.generaliser).arrow().to_pylist()
        book.append(tuple(shown[0].values()) if shown else None)
    return [tuple(row.values()) for row in made.table.to_pylist()], book


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(town=towns(most=9), bounds=st.sampled_from(_BOUNDS), k=st.integers(1, 2), options=ways())
def test_nobody_is_surer_that_anyone_is_in_the_table(
    town: tuple[list[Key], list[int]], bounds: tuple[float, float], k: int, options: Options
) -> None:
    people, there = town
    model = PrivacyModel(k, criteria=(Presence(*bounds),), population=table(people))
    found = release(people, there, model, options)
    if found is None:
        return
    shown, book = found
    # Whoever knows the code book: all tables of people not suppressed that give this release.
    able = [at for at, key in enumerate(book) if key is not None]
    wanted = Counter(shown)
    possible = [
        chosen
        for chosen in combinations(able, len(shown))
        if Counter(book[at] for at in chosen) == wanted
    ]
    assert possible
    for at in able:
        sure = sum(at in chosen for chosen in possible) / len(possible)
        assert bounds[0] - _NEAR <= sure <= bounds[1] + _NEAR


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(town=towns(most=40), bounds=st.sampled_from(_BOUNDS), k=st.integers(1, 3),
       others=st.sampled_from([None, 4]), options=ways())  # fmt: skip
def test_every_class_holds_its_share_of_the_population(
    town: tuple[list[Key], list[int]],
    bounds: tuple[float, float],
    k: int,
    *,
    others: int | None,
    options: Options,
) -> None:
    people, there = town
    criteria: tuple[Presence | KMap, ...] = (Presence(*bounds),)
    if others is not None:
        criteria += (KMap(others),)
    model = PrivacyModel(k, criteria=criteria, population=table(people))
    found = release(people, there, model, options)
    if found is None:
        return
    here, whole = Counter(found[0]), Counter(key for key in found[1] if key is not None)
    for key in whole:
        assert bounds[0] - _NEAR <= here[key] / whole[key] <= bounds[1] + _NEAR
    for key, rows in here.items():
        assert rows >= k
        assert whole[key] >= (others or 0)


def test_local_recoding_keeps_more_than_the_search_does() -> None:
    leaves = [each.leaves for each in hierarchies().values()]
    people: list[Key] = [(one, two) for one in leaves[0] for two in leaves[1] for _ in range(6)]
    # One corner is crowded in the table, the rest is thin.
    there = [at for at, key in enumerate(people) if at % 6 < (5 if key == people[0] else 2)]
    model = PrivacyModel(2, criteria=(Presence(0.2, 0.6),), population=table(people))
    rows = table([people[at] for at in there])
    local = anonymize(rows, hierarchies(), model=model, options=Options(0.0, seed=1))
    searched = anonymize(
        rows, hierarchies(), model=model, options=Options(0.0, local_recoding=False)
    )
    assert local.suppressed_rows == searched.suppressed_rows == 0
    assert local.loss < searched.loss
