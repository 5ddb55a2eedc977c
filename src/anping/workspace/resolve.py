"""Finding the assets that a step takes, by its ports' patterns or by explicit references."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from anping.core.asset import Asset
from anping.core.errors import ParameterError, WorkspaceError
from anping.core.text import Text
from anping.engine.cores import in_order
from anping.workspace import catalogue
from anping.workspace.database import reading
from anping.workspace.step import Input, Inputs, Port, Step
from anping.workspace.workspace import Workspace, names_in


def resolve(
    workspace: Workspace, step: Step, subject: str, references: Mapping[str, str]
) -> Inputs:
    """Return the step's inputs: the newest asset of each port's name, or the one referred to.

    Raises WorkspaceError naming the missing asset, ParameterError for one of another kind.
    """
    unknown = set(references) - {port.name for port in step.takes}
    if unknown:
        ports = ", ".join(port.name for port in step.takes)
        raise ParameterError(
            "parameter.unknown-port",
            Text(
                f"步驟 {step.id} 沒有輸入「{min(unknown)}」。",
                f"Step {step.id} takes no input “{min(unknown)}”.",
            ),
            hint=Text(f"它的輸入有：{ports}", f"It takes: {ports}"),
        )
    wanted = {port: references.get(port.name, port.asset_name(subject)) for port in step.takes}
    with reading(workspace.database) as connection:
        # What belongs together is seen at one moment, whoever is writing meanwhile.
        assets = {port: catalogue.find(connection, wanted[port]) for port in step.takes}
        past = {
            f"{port.name}@{one.version}": one
            for port, asset in assets.items()
            if port.past and asset is not None
            for one in _before(connection, asset, port.past)
            if workspace.objects.find(one.digest) is not None
        }
    found: dict[str, Asset] = past
    for port, asset in assets.items():
        if port.past:
            continue
        if asset is None:
            if port.optional and port.name not in references:
                continue
            raise _missing(workspace, step, port, wanted[port])
        if asset.kind != port.kind and asset.kind not in port.others:
            raise _wrong_kind(step, port, asset)
        found[port.name] = asset
    # Every path is checked against its digest, which takes a look at the whole content.
    paths = in_order(workspace.path, found.values())
    return {name: Input(found[name], path) for name, path in zip(found, paths, strict=True)}


def _before(connection: sa.Connection, newest: Asset, most: int) -> list[Asset]:
    """Return up to ``most`` versions before one, oldest first, of its own kind."""
    first = max(1, newest.version - most)
    found = [
        catalogue.find(connection, f"{newest.name}@{version}")
        for version in range(first, newest.version)
    ]
    return [one for one in found if one is not None and one.kind == newest.kind]


def _wrong_kind(step: Step, port: Port, asset: Asset) -> ParameterError:
    return ParameterError(
        "parameter.wrong-kind",
        Text(
            f"步驟 {step.id} 的輸入「{port.name}」要的是 {port.kind}，{asset.reference} 卻是 {asset.kind}。",
            f"The input “{port.name}” of step {step.id} takes a {port.kind}, but "
            f"{asset.reference} is a {asset.kind}.",
        ),
        hint=Text(
            "執行 anping assets 查看每項資產的種類。",
            "anping assets shows the kind of every asset.",
        ),
    )


def _missing(workspace: Workspace, step: Step, port: Port, reference: str) -> WorkspaceError:
    listed = names_in(workspace)
    return WorkspaceError(
        "workspace.asset-missing",
        Text(
            f"步驟 {step.id} 需要「{reference}」（{port.name}），但工作區裡沒有。",
            f"Step {step.id} needs “{reference}” ({port.name}), which is not in the workspace.",
        ),
        hint=Text(
            f"先執行產生它的步驟。目前的資產：{listed}",
            f"Run the step that makes it first. Assets here: {listed}",
        ),
    )
