"""People held out as control: a second protection that never saw them, made only to be attacked.

The release stays as it is. A random part of the people is left out of the raw table, the rest is
protected by the same plan with throw-away keys, and the same attacks run on that second release: on
people who are in it, and on those who never were (the control of Giomi et al. 2023, PoPETs 2023(2):312,
section 3: control records are not used to make what is attacked). Leaving a target's own rows out of a
finished release does not undo what they did to the rows of others; this does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from anping.core.errors import AnpingError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.risk.attacks.downcoding import downcode
from anping.protect.risk.attacks.linkability import join_sources
from anping.protect.risk.attacks.membership import infer_membership
from anping.protect.risk.attacks.scene import Attacked, AttackOptions, everybody
from anping.protect.risk.attacks.singling_out import single_out
from anping.protect.risk.attacks.strangers import link_strangers
from anping.protect.risk.classes import group_rows
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.people import People
from anping.steps.compose.assets import protection_of, telling_columns
from anping.steps.compose.effort import for_rows
from anping.steps.compose.hierarchies import settings_of
from anping.workspace.step import Context, Inputs

if TYPE_CHECKING:
    from anping.protect import Plan

#: What the measures of these attacks are about.
SUBJECT = "held-out"
#: By itself this is done for tables of so many rows; it costs a second protection.
_ROWS = 50_000
_LEAST, _MOST, _WANTED = 0.1, 0.5, 500
_PORTS = frozenset({"table", "plan", "scan", "findings", "hierarchies"})
_NOT_ALONE = Text(
    "這個釋出不是依計畫單獨保護這個表而成（或計畫已變動），所以沒有保留人當對照組。",
    "The release was not made by protecting this table alone by its plan (or the plan has changed), so "
    "no people were held out as control.",
)
_CHANGED = Text(
    "有準識別欄位在概化前先改過值，保留的人無法以相同方式比對，所以沒有保留人當對照組。",
    "A quasi-identifier is changed before it is generalised, so people held out cannot be looked for in "
    "the same way; there is no control of people held out.",
)
_FAILED = Text(
    "少了保留的人就無法依同一計畫保護，所以沒有保留人當對照組。",
    "Without the people held out, the same plan cannot be met; so there is no control of people held out.",
)


@dataclass(frozen=True)
class HeldOutAttacks:
    """How the attacks went, and what is to be told where they were not run though asked for."""

    measures: tuple[Measure, ...] = ()
    told: tuple[Text, ...] = ()


def held_out_attacks(context: Context, given: Any, inputs: Inputs) -> HeldOutAttacks:
    """Attack a second release with people held out as control, where that is asked for or cheap."""
    from anping.protect import read_plan

    rows = inputs["table"].asset.rows or 0
    wanted = given.control == "held-out" or (given.control == "auto" and rows <= _ROWS)
    if not wanted or for_rows(given.attacks, rows) == "linkage":
        return HeldOutAttacks()
    if not _made_by_its_plan(context, inputs):
        return HeldOutAttacks(told=(_NOT_ALONE,))
    plan = read_plan(inputs["plan"].path)
    if any(len(plan.columns[name]) > 1 for name in plan.quasi_identifiers):
        return HeldOutAttacks(told=(_CHANGED,))
    try:
        scene = _second_release(context, given, inputs, plan)
    except AnpingError:
        return HeldOutAttacks(told=(_FAILED,))
    return HeldOutAttacks(tuple(_attacks(scene, given, inputs)))


def _attacks(scene: Attacked, given: Any, inputs: Inputs) -> Iterator[Measure]:
    found, options = protection_of(inputs), AttackOptions(given.seed, given.targets)
    names = found.quasi_identifiers
    yield from single_out(scene, names, options=options, subject=SUBJECT)
    yield from join_sources(scene, names, options=options, subject=SUBJECT)
    grouped = group_rows(scene.released, names)
    sensitive = tuple(name for name in found.sensitive if name in scene.released.columns)
    yield from link_strangers(
        scene, names, sensitive=sensitive, grouped=grouped, options=options, subject=SUBJECT
    )
    yield from downcode(scene, names, grouped=grouped, options=options, subject=SUBJECT)
    if given.attacks == "all":
        every = telling_columns(found, scene.released.columns)
        yield from infer_membership(scene, every, options=options, subject=SUBJECT)


def _made_by_its_plan(context: Context, inputs: Inputs) -> bool:
    """Return whether the release came from this table and this plan, and from nothing else."""
    if "plan" not in inputs:
        return False
    protected = inputs["protected"].asset.reference
    for record in context.history:
        if protected in {made["name"] for made in record["subject"]}:
            taken = {m["annotations"]["port"]: m["name"] for m in record["predicate"]["materials"]}
            same = all(
                taken[port] == inputs[port].asset.reference for port in taken if port in inputs
            )
            alone: bool = record["predicate"]["step"]["id"] == "protect.deid"
            return alone and same and "plan" in taken and taken.keys() <= _PORTS
    return False


def _second_release(context: Context, given: Any, inputs: Inputs, plan: Plan) -> Attacked:
    """Return the scene: a release of most people, and those who are not in it as control."""
    from anping.protect import KeyRing, protect

    raw = Table.open(inputs["table"].path)
    people = everybody(plan.privacy_unit, raw)
    generator = np.random.default_rng([given.seed, 11])
    share = min(_MOST, max(_LEAST, _WANTED / max(1, people.count)))
    order = generator.permutation(people.count)
    away = np.zeros(people.count, np.bool_)
    away[order[: round(share * people.count)]] = True
    outside = away[people.codes]
    inside = Table.of(raw.arrow().filter(pa.array(~outside)))
    keys = {name: sha256(f"{given.seed} {name}".encode()).digest() for name in plan.key_names}
    done = protect(
        inside,
        _without_texts(plan),
        keys=KeyRing(keys),
        settings=replace(settings_of(context, inputs), seed=given.seed),
    )
    leaf_of = {name: each.leaf_of for name, each in done.hierarchies.items()}
    left, codes = np.unique(people.codes[~outside], return_inverse=True)
    return Attacked.of(
        inside,
        done.table,
        links=done.links,
        compatible=Compatible(done.paths, leaf_of, Table.of(done.leaves)),
        person=People(codes.astype(np.int32), people.unnamed[~outside], left.size),
        control=raw.arrow().filter(pa.array(outside)),
    )


def _without_texts(plan: Plan) -> Plan:
    """Return the plan with free text dropped: no attack reads it, and finding people in it is slow."""
    from anping.protect.plan_entries import Drop, Redact

    columns = {
        name: (Drop(),) if any(isinstance(each, Redact) for each in entries) else entries
        for name, entries in plan.columns.items()
    }
    return type(plan).model_validate({**dict(plan), "columns": columns})
