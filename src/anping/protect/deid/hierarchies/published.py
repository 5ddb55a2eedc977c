"""Published classifications as they lie in ``data``, each with its source."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def published(name: str) -> Any:
    """Return the plain values of ``data/NAME.json``."""
    data = resources.files("anping.protect.deid.hierarchies").joinpath("data", f"{name}.json")
    return json.loads(data.read_text("utf-8"))
