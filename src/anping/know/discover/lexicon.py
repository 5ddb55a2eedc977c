"""Reads the YAML word lists and rules that lie in ``know/discover/data``."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml


@cache
def load(name: str) -> Any:
    """Return the content of ``data/NAME.yaml``; the caller must not change it."""
    text = (
        resources.files("anping.know.discover").joinpath("data", f"{name}.yaml").read_text("utf-8")
    )
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text, Loader=loader)  # noqa: S506 - both loaders are the safe ones
