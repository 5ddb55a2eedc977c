"""What a release rests on: only what is about the very table that is released, and its own plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from anping.core.errors import WorkspaceError
from anping.core.text import Text
from anping.workspace.step import Context, Inputs, Record

#: Reports and tables that an earlier protection of the same subject may have left behind.
_MAY_BE_STALE = ("utility", "values")


def current(context: Context, inputs: Inputs) -> tuple[Context, Inputs, frozenset[str]]:
    """Return the context and the inputs without what is about another version, and those ports.

    A utility that was measured of an earlier protection says nothing about this one; were it an
    input, its whole ancestry would be evidence for tables that the dossier does not hold. Raises
    WorkspaceError where the plan is not the one that the table was protected by.
    """
    protected = inputs["protected"].asset.reference
    _check_plan(context.history, inputs, protected)
    stale = frozenset(
        port
        for port in _MAY_BE_STALE
        if port in inputs
        and not _is_about(context.history, inputs[port].asset.reference, protected)
    )
    if not stale:
        return context, inputs, stale
    left = {port: given for port, given in inputs.items() if port not in stale}
    return narrowed(context, left), left, stale


def narrowed(context: Context, inputs: Inputs) -> Context:
    """Return the context with no more history than leads to these inputs."""
    kept = ancestry(context.history, (given.asset.reference for given in inputs.values()))
    history = tuple(context.history[place] for place in kept)
    places = tuple(context.places[place] for place in kept)
    return replace(context, history=history, places=places)


def _is_about(history: Iterable[Record], reference: str, protected: str) -> bool:
    """Return whether what made ``reference`` looked at, or made, the table ``protected``."""
    return any(
        protected in _materials(record) | _subjects(record)
        for record in history
        if reference in _subjects(record)
    )


def ancestry(history: Sequence[Record], references: Iterable[str]) -> list[int]:
    """Return the places of the records that lead to ``references``, in their order."""
    wanted = set(references)
    kept: list[int] = []
    # A record comes after whatever it rests on.
    for place in reversed(range(len(history))):
        if _subjects(history[place]) & wanted:
            wanted |= _materials(history[place])
            kept.append(place)
    return kept[::-1]


def _check_plan(history: Iterable[Record], inputs: Inputs, protected: str) -> None:
    plan = inputs["plan"].asset
    for record in history:
        # A step that protects several tables makes their plans agree, and gives those too.
        if protected not in _subjects(record) or plan.reference in _subjects(record):
            continue
        port = plan_port(record, protected)
        for material in record["predicate"]["materials"]:
            digest = material["digest"].get("sha256")
            if material["annotations"]["port"] == port and digest not in (None, plan.digest):
                raise _other_plan(plan.reference, material["name"])


def plan_port(record: Record, protected: str) -> str:
    """Return the port of the plan by which a record made a table, of several made together its own."""
    ports = {made["name"]: made["annotations"]["port"] for made in record["subject"]}
    return "plan" + str(ports[protected]).removeprefix("protected")


def _subjects(record: Record) -> set[str]:
    return {subject["name"] for subject in record["subject"]}


def _materials(record: Record) -> set[str]:
    return {material["name"] for material in record["predicate"]["materials"]}


def _other_plan(newest: str, used: str) -> WorkspaceError:
    return WorkspaceError(
        "release.other-plan",
        Text(
            f"這張表是依 {used} 保護的，最新的計畫 {newest} 卻已不同。",
            f"The table was protected by {used}, but the newest plan is another: {newest}.",
        ),
        hint=Text(
            f"再執行 anping protect，或以 --input plan={used} 釋出。",
            f"Run anping protect again, or release with --input plan={used}.",
        ),
    )
