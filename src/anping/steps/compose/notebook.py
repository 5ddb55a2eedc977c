"""The points of a frontier that are done, kept line by line, so that an interruption loses none."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from anping.core.digest import canonical_json
from anping.core.frontier import Point


@dataclass(frozen=True)
class Notebook:
    """Points by the key of their work; new ones are appended to the file ``path``, if there is one.

    It holds measures and plans, no row of the table.
    """

    path: Path | None = None
    points: dict[str, Point] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path | None, *, known: Iterable[Point] = ()) -> Notebook:
        """Return what the file holds, and the points ``known`` from elsewhere.

        A line that an interruption tore is passed over.
        """
        points = {point.key: point for point in known}
        if path is not None and path.exists():
            for line in path.read_bytes().splitlines():
                point = _read(line)
                points |= {} if point is None else {point.key: point}
        return cls(path, points)

    def note(self, point: Point) -> None:
        """Remember a point, at once and for good."""
        self.points[point.key] = point
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as into:
            # A torn line before this one must not swallow it.
            into.write(b"\n" + canonical_json(point.as_json()) + b"\n")
            into.flush()
            os.fsync(into.fileno())

    def find(self, key: str) -> Point | None:
        """Return the point of the same work, or None."""
        return self.points.get(key)

    def close(self) -> None:
        """Remove the file: what it held stands elsewhere now."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _read(line: bytes) -> Point | None:
    try:
        value = json.loads(line)
        return Point.from_json(dict(value)) if isinstance(value, Mapping) else None
    except (ValueError, KeyError, TypeError):
        return None
