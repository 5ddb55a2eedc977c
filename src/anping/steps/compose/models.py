"""Model assets opened as predictors: by whoever scores with them, examines, explains or serves them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.asset import Asset
from anping.core.errors import InputError, ParameterError, Where
from anping.core.text import Text
from anping.workspace import catalogue
from anping.workspace.database import reading
from anping.workspace.step import Inputs
from anping.workspace.workspace import Workspace

if TYPE_CHECKING:
    from anping.learn.model import Model

_ENDING, _REPORT = ".model", ".learning"


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A model asset, what it answers with, and the report that its learning left (None if gone)."""

    asset: Asset
    model: Model
    learning: dict[str, Any] | None


def open_model(workspace: Workspace, named: str) -> OpenedModel:
    """Open ``customers``, ``customers.model`` or ``customers.model@2``, its digest checked.

    Raises WorkspaceError where there is no such asset or its content is torn, ParameterError
    (``model.wrong-kind``) where it is no model, and InputError for a file that was altered
    (``model.altered``), is of another version (``model.other-version``) or no model of a table.
    """
    asset = workspace.need(_reference(named))
    if asset.kind != "model":
        raise _no_model(asset)
    model = model_at(workspace.path(asset))
    return OpenedModel(asset, model, _learning(workspace, asset))


def model_of(inputs: Inputs, port: str = "model") -> Model:
    """Return the model among a step's inputs, as :func:`open_model` does."""
    return model_at(inputs[port].path)


def model_at(path: Path) -> Model:
    """Return the model of a table in a file: data alone, nothing in it can run."""
    from anping.learn.model_file import read_model

    return read_model(path)


def learning_of(inputs: Inputs, port: str = "learning") -> dict[str, Any] | None:
    """Return the learning report among the inputs, or None where it is of another model."""
    if port not in inputs:
        return None
    body: dict[str, Any] = json.loads(inputs[port].path.read_bytes())
    return body if body.get("model") == inputs["model"].asset.digest else None


def need_learning(inputs: Inputs) -> dict[str, Any]:
    """Return what :func:`learning_of` finds. Raises InputError (``model.other-learning``)."""
    found = learning_of(inputs)
    if found is not None:
        return found
    model = inputs["model"].asset.reference
    raise InputError(
        "model.other-learning",
        Text(
            f"學習報告不是 {model} 的報告。",
            f"The learning report is not the one of {model}.",
        ),
        where=Where(file=inputs["learning"].asset.reference if "learning" in inputs else None),
        hint=Text(
            "以 --input learning=名稱@版本 指定同一次學習的報告。",
            "Name the report of the same learning with --input learning=NAME@VERSION.",
        ),
    )


def _reference(named: str) -> str:
    name, _, version = named.partition("@")
    whole = name if name.endswith(_ENDING) else f"{name}{_ENDING}"
    return f"{whole}@{version}" if version else whole


def _learning(workspace: Workspace, model: Asset) -> dict[str, Any] | None:
    """Return the report that the statement which made the model gave beside it."""
    with reading(workspace.database) as connection:
        made = catalogue.made_by(connection, catalogue.maker(connection, model))
    for asset in made:
        if asset.name.endswith(_REPORT):
            body: dict[str, Any] = json.loads(workspace.path(asset).read_bytes())
            return body
    return None


def _no_model(asset: Asset) -> ParameterError:
    return ParameterError(
        "model.wrong-kind",
        Text(
            f"{asset.reference} 是 {asset.kind}，不是模型。",
            f"{asset.reference} is a {asset.kind}, not a model.",
        ),
        hint=Text(
            "執行 anping assets 查看模型的名稱。", "anping assets shows the names of the models."
        ),
    )
