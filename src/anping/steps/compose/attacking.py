"""The attacks of the risk step beside linkage and inference: which run, and on which columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from anping.core.measure import Measure
from anping.engine.table import Table
from anping.protect.risk.attacks.distance_linkage import link_by_distance
from anping.protect.risk.attacks.downcoding import downcode
from anping.protect.risk.attacks.linkability import join_sources
from anping.protect.risk.attacks.membership import infer_membership
from anping.protect.risk.attacks.person_linkage import link_people
from anping.protect.risk.attacks.scene import Attacked, AttackOptions
from anping.protect.risk.attacks.singling_out import single_out
from anping.protect.risk.classes import Grouped
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.people import People
from anping.steps.compose.assets import paths_of, protection_of, telling_columns
from anping.steps.compose.effort import for_rows, targets_for
from anping.workspace.step import Inputs


def more_attacks(
    given: Any, inputs: Inputs, before: People | None, grouped: Grouped
) -> tuple[Measure, ...]:
    """Return how the attacks went that ``given.attacks`` asks for; ``grouped`` is the release."""
    effort = for_rows(given.attacks, grouped.of_row.size)
    if effort == "linkage":
        return ()
    return tuple(_attacks(given, inputs, before, grouped))


def _attacks(
    given: Any, inputs: Inputs, before: People | None, grouped: Grouped
) -> Iterator[Measure]:
    found = protection_of(inputs)
    released = Table.open(inputs["protected"].path)
    scene = Attacked.of(
        Table.open(inputs["table"].path),
        released,
        links=Table.open(inputs["links"].path),
        compatible=Compatible(paths_of(inputs), leaf_table=Table.open(inputs["leaves"].path)),
        person=before,
    )
    targets = targets_for(given.attacks, grouped.of_row.size, given.targets)
    options = AttackOptions(given.seed, targets)
    # Whoever knows all rows of a person compares each with all who stand in its classes.
    alone = options if targets == given.targets else replace(options, work=options.work // 4)
    names = found.quasi_identifiers
    yield from single_out(scene, names, options=options)
    yield from join_sources(scene, names, options=options)
    yield from link_people(scene, names, pseudonym=found.person, grouped=grouped, options=alone)
    yield from downcode(scene, names, grouped=grouped, options=options)
    if given.attacks == "all":
        every = telling_columns(found, released.columns)
        yield from single_out(scene, every, options=options, subject="all")
        yield from link_by_distance(scene, every, options=options)
        yield from infer_membership(scene, every, options=options)
