"""Finished parts of a search, kept in files so that an interruption loses none of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anping.core.digest import canonical_json, sha256
from anping.core.files import aside
from anping.learn.design import Config, Part
from anping.learn.parts import arrays_of, part_of


@dataclass(frozen=True)
class Notebook:
    """The folder ``path``, if there is one; ``key`` names the data and the folds."""

    path: Path | None
    key: str

    def note(self, config: Config, fold: int, part: Part, work: float) -> None:
        """Keep a part, whole or not at all."""
        if self.path is None:
            return
        told, arrays = arrays_of(part)
        self.path.mkdir(parents=True, exist_ok=True)
        head = np.frombuffer(canonical_json({"part": told, "work": work}), dtype=np.uint8)
        with aside(self._file(config, fold)) as into, into.open("wb") as stream:
            np.savez_compressed(stream, **{**arrays, "/": head})

    def find(self, config: Config, fold: int) -> tuple[Part, float] | None:
        """Return the part of the same work and what it cost, or None."""
        path = None if self.path is None else self._file(config, fold)
        if path is None or not path.exists():
            return None
        try:
            with np.load(path, allow_pickle=False) as held:
                arrays = {name: held[name] for name in held.files}
            told = json.loads(arrays.pop("/").tobytes())
            return part_of(told["part"], arrays), float(told["work"])
        except (OSError, ValueError, KeyError, TypeError, EOFError):
            return None

    def _file(self, config: Config, fold: int) -> Path:
        name = sha256(canonical_json([self.key, config.as_json(), fold]))[:32]
        assert self.path is not None
        return self.path / f"{name}.npz"
