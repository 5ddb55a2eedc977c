"""Model files of tables: the parts of a model in the container of :mod:`anping.learn.archive`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from anping.engine.prediction import Signature
from anping.learn.additive import Additive
from anping.learn.archive import altered, read_archive, write_archive
from anping.learn.conformal import Conformal
from anping.learn.encoder import Encoder
from anping.learn.forest import Forest
from anping.learn.link import Link
from anping.learn.model import Model
from anping.learn.parts import arrays_of, part_of

MEDIA_TYPE = "application/vnd.anping.model+zip"
Array = NDArray[Any]


def write_model(model: Model, path: Path) -> None:
    """Write a model to a file, whole or not at all."""
    arrays: dict[str, Array] = {}
    parts = {}
    for name, part in (("forest", model.forest), ("additive", model.additive)):
        if part is not None:
            parts[name], own = arrays_of(part)
            arrays |= {f"{name}/{key}": array for key, array in own.items()}
    told = {
        "signature": model.signature.as_json(),
        "encoder": model.encoder.as_json(),
        "link": model.link.as_json(),
        "conformal": model.conformal.as_json(),
        "account": model.account,
        "parts": parts,
    }
    write_archive(path, told, arrays, kind="tabular")


def read_model(path: Path) -> Model:
    """Return the model of a file.

    Raises InputError as :func:`anping.learn.archive.read_archive` does.
    """
    told, arrays = read_archive(path, kind="tabular")
    try:
        return _model(told, arrays)
    except (KeyError, ValueError, TypeError, IndexError) as problem:
        raise altered(path) from problem


def _model(told: dict[str, Any], arrays: Mapping[str, Array]) -> Model:
    found = {name: part_of(each, own_of(arrays, name)) for name, each in told["parts"].items()}
    forest, additive = found.get("forest"), found.get("additive")
    if not isinstance(forest, Forest | None) or not isinstance(additive, Additive | None):
        raise TypeError
    return Model(
        Signature.from_json(told["signature"]),
        Encoder.from_json(told["encoder"]),
        forest,
        additive,
        Link.from_json(told["link"]),
        Conformal.from_json(told["conformal"]),
        told["account"],
    )


def own_of(arrays: Mapping[str, Array], name: str) -> dict[str, Array]:
    """Return the arrays of one part, by their names within it."""
    return {
        key.removeprefix(f"{name}/"): array
        for key, array in arrays.items()
        if key.startswith(f"{name}/")
    }
