"""A frontier as a step: from the workspace's assets to the report and the measures of its front."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from anping.core.digest import canonical_json, sha256
from anping.core.frontier import COSTS, RISKS, Frontier, Point
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect import PROFILES, Means, Plan, propose, read_plan
from anping.protect.frontier.family import Family
from anping.steps.compose.assets import findings_of
from anping.steps.compose.comparing import UNUSABLE
from anping.steps.compose.entities import redactor, scanned_rules
from anping.steps.compose.notebook import Notebook
from anping.steps.compose.populations import settings_of
from anping.steps.compose.trying import Look, frontier
from anping.workspace.step import Context, Inputs, Outcome, Produced

_LIMITS = (
    Text(
        "每一點都以同一個種子試算；照它做的釋出自行抽亂數，數字會有些微不同。",
        "Every point was tried with one seed; a release made from it draws anew, so its numbers "
        "differ a little.",
    ),
    Text(
        "風險只看準識別欄位與一種攻擊；釋出前仍要以 anping risk 量測。",
        "Risk is of the quasi-identifiers and one attack; a release is still measured by anping risk.",
    ),
)
#: Beside the two axes, these are told of the points on the front.
_TOLD = (RISKS["maximum"], RISKS["linkage"])


def tried(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Return the frontier of the table, and nothing of any row."""
    table = Table.open(inputs["table"].path)
    earlier = _earlier(inputs)
    notebook = Notebook.open(context.lasting(f"frontier-{context.subject}.jsonl"), known=earlier)
    unusable = sorted(f.column for f in findings_of(inputs) if f.role in UNUSABLE)
    settings = settings_of(context, inputs)
    folder = settings.hierarchies_folder
    look = Look(
        risk=given.risk,
        cost=given.cost,
        target=given.target,
        targets=given.targets,
        rows=given.rows,
        seed=given.seed,
        unusable=tuple(unusable),
        also={} if given.also is None else {given.also.stem: read_plan(given.also)},
        hierarchies_folder=folder if given.file is None else given.file.parent,
        population=settings.population,
        notebook=notebook,
        identity=_identity(inputs),
    )
    found = frontier(
        table,
        _plan(context, given, inputs, table),
        family=_family(given),
        look=look,
        means=Means(context.keys.secret, redactor(inputs)),
        progress=context.progress,
    )
    path = context.path("frontier.json")
    path.write_bytes(canonical_json(found.as_json()))
    notebook.close()
    used = {point.key for point in found.points} & {point.key for point in earlier}
    return Outcome(
        (Produced("frontier", path, "application/json"),),
        tuple(front_measures(found)),
        limits=_LIMITS,
        notes=(_note(found),),
        unused=frozenset() if used else frozenset({"earlier"}),
    )


def _plan(context: Context, given: Any, inputs: Inputs, table: Table) -> Plan:
    """Return the plan that is varied: an edited one, the subject's, or else a proposed one."""
    if given.file is not None:
        return read_plan(given.file)
    if "plan" in inputs:
        return read_plan(inputs["plan"].path)
    return propose(
        findings_of(inputs), table, profile=PROFILES["restricted"], target=given.target,
        name=context.subject,
    )  # fmt: skip


def _family(given: Any) -> Family:
    return Family(
        tuple(given.k),
        tuple(given.recoding),
        tuple(given.suppression),
        tuple(given.l),
        tuple(given.t),
    )


def _identity(inputs: Inputs) -> str:
    found = [
        inputs[port].asset.digest
        for port in ("table", "hierarchies", "population")
        if port in inputs
    ]
    own = scanned_rules(inputs).own
    return "+".join([*found, sha256(own.encode())] if own else found)


def _earlier(inputs: Inputs) -> tuple[Point, ...]:
    if "earlier" not in inputs:
        return ()
    return Frontier.from_json(json.loads(inputs["earlier"].path.read_bytes())).points


def front_measures(found: Frontier) -> Iterator[Measure]:
    """Yield how many plans were tried, and what the points on the front came to."""
    tried_points = sum(bool(point.measures) for point in found.points)
    titles = (
        ("frontier.points", tried_points, Text("試過而成立的計畫", "Plans tried that can be met")),
        ("frontier.front", len(found.front), Text("前緣上的計畫", "Plans on the front")),
    )
    for name, count, title in titles:
        yield Measure(name, float(count), "plans", len(found.points), title, method="count")
    told = dict.fromkeys((RISKS[found.risk], COSTS[found.cost], *_TOLD))
    for name in found.front:
        point = found.pick(name)
        for measure in filter(None, map(point.measure, told)):
            yield replace(measure, name=f"frontier.{measure.name}", subject=name, replay=None)


def _note(found: Frontier) -> Text:
    impossible = sum(point.why_not is not None for point in found.points)
    return Text(
        f"試了 {len(found.points)} 個計畫（{impossible} 個不成立），前緣有 {len(found.front)} 點。"
        "以 --pick 點名 --into plan.yaml 取出計畫。",
        f"{len(found.points)} plans tried ({impossible} cannot be met), {len(found.front)} on the "
        "front. Take one out with --pick POINT --into plan.yaml.",
    )
