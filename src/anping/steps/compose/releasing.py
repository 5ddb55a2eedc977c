"""The release gate seen from the workspace: which facts and measures a decision rests on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.labels import Tier
from anping.core.measure import Measure
from anping.core.verdict import Verdict
from anping.steps.compose.assets import Protection, findings_of, protection_of
from anping.steps.compose.linking import of_table
from anping.steps.compose.shipped import named, own_file
from anping.workspace.step import Record, Request

if TYPE_CHECKING:
    from anping.share.licence import Licence

#: Steps whose measures are about one protected table, named by their port ``protected``.
_ABOUT_PROTECTED = ("protect.risk", "judge.utility")
_LINKED = "protect.linked"
#: Steps that make a protected table.
_MAKING_IT = ("protect.deid", _LINKED)
_NOTHING_DONE = "none"


def measures_about(history: Iterable[Record], protected: str) -> tuple[Measure, ...]:
    """Return the measures that speak of the table ``protected`` (``name@version``) or its making.

    A risk that was measured on another version of the table says nothing about this one.
    """
    found: dict[str, Measure] = {}
    for record in history:
        predicate = record["predicate"]
        step = predicate["step"]["id"]
        about = {
            m["name"] for m in predicate["materials"] if m["annotations"]["port"] == "protected"
        }
        made = {subject["name"] for subject in record["subject"]}
        if step in _ABOUT_PROTECTED and protected not in about:
            continue
        if step in _MAKING_IT and protected not in made:
            continue
        stated = tuple(Measure.from_json(value) for value in predicate["measurements"])
        if step == _LINKED:
            stated = tuple(of_table(stated, protected.partition(".")[0]))
        for measure in stated:
            found[f"{step}:{measure.key}"] = measure
    return tuple(found.values())


def maker(history: Iterable[Record], reference: str) -> str:
    """Return the agent who made an asset, or nothing."""
    for record in history:
        if reference in {subject["name"] for subject in record["subject"]}:
            agent: str = record["predicate"]["agent"]["id"]
            return agent
    return ""


def treated(protection: Protection) -> dict[str, str]:
    """Return the technique of each column that was changed."""
    return {
        operation["column"]: operation["technique"]
        for operation in protection.operations
        if operation["technique"] != _NOTHING_DONE
    }


def licence_files(given: Any) -> tuple[Path, ...]:
    """Return the licence file, unless a shipped licence (or nothing that exists) is named."""
    from anping.share.licence import licence_names

    return tuple(path for path in own_file(given.licence, licence_names()) if path.is_file())


def licence_of(given: Path) -> Licence:
    """Return the licence that a release names. Raises ParameterError."""
    from anping.share.licence import licence_names, read_licence

    return read_licence(named(given, licence_names()))


def adaptable(names: Iterable[str]) -> frozenset[str]:
    """Return the shipped licences among ``names`` under which adapted data may get other terms."""
    from anping.share.licence import licence_names, read_licence

    shipped = set(licence_names())
    return frozenset(name for name in names if name in shipped and read_licence(name).adaptable)


def release_gate(request: Request) -> Verdict:
    """Decide a release under the policy among the inputs."""
    from anping.govern.gates import decide_release
    from anping.govern.policy import parse_policy
    from anping.govern.request import ReleaseRequest

    given: Any = request.parameters
    inputs = request.inputs
    protected = inputs["protected"].asset
    licence = licence_of(given.licence)
    asked = ReleaseRequest(
        tier=Tier(given.tier),
        today=request.moment.date(),
        labels=protected.labels,
        measures=measures_about(request.history, protected.reference),
        findings=findings_of(inputs),
        columns=tuple(field.name for field in protected.schema),
        agent=request.agent,
        licence=licence.id,
        treated=treated(protection_of(inputs)),
        purposes=frozenset(given.purposes),
        licence_redistribution=licence.redistribution,
        adaptable_licences=adaptable(protected.labels.licences),
        licence_purposes=None if licence.purposes is None else frozenset(licence.purposes),
        producer=maker(request.history, protected.reference),
        approver=given.approver or "",
        recipient=given.recipient or "",
    )
    policy = parse_policy(inputs["policy"].path.read_bytes())
    return decide_release(asked, policy)
