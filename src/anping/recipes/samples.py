"""The samples by name, each with a pipeline that walks the whole chain on it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from anping.core.errors import ParameterError
from anping.core.files import write
from anping.core.text import Text
from anping.recipes.finance.credit.sample import write_credit
from anping.recipes.finance.sample import write_bank
from anping.recipes.health.sample import write_hospital

_KINDS: dict[str, tuple[Callable[..., Any], str]] = {
    "bank": (write_bank, "anping.recipes.finance"),
    "credit": (write_credit, "anping.recipes.finance.credit"),
    "hospital": (write_hospital, "anping.recipes.health"),
}
PIPELINE = "pipeline.yaml"
#: Further pipelines on a sample.
_ALSO = {"bank": ("learning.yaml",)}


def write_sample(
    kind: str, folder: Path, *, people: int = 2000, seed: int = 20260101
) -> tuple[Path, ...]:
    """Write a sample and its pipeline into a new folder and return the files, sorted.

    Raises ParameterError for an unknown kind, InputError if the folder exists.
    """
    if kind not in _KINDS:
        raise ParameterError(
            "sample.unknown",
            Text(f"沒有範例「{kind}」。", f"There is no sample “{kind}”."),
            hint=Text(f"可用的有：{'、'.join(_KINDS)}", f"Available: {', '.join(_KINDS)}"),
        )
    make, package = _KINDS[kind]
    make(folder, people=people, seed=seed)
    for name in (PIPELINE, *_ALSO.get(kind, ())):
        write(folder / name, resources.files(package).joinpath(name).read_bytes())
    return tuple(sorted(path for path in folder.rglob("*") if path.is_file()))
