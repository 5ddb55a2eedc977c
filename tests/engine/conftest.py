from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anping.engine.read import read
from anping.engine.reading import Reading, ReadOptions

Read = Callable[..., Reading]


@pytest.fixture
def read_bytes(tmp_path: Path) -> Read:
    """Read a file of the given content; options are those of ReadOptions."""

    def reading(
        content: bytes, *, name: str = "data.csv", quarantine: bool = False, **options: Any
    ) -> Reading:
        source = tmp_path / name
        source.write_bytes(content)
        return read(
            source,
            into=tmp_path / "out.parquet",
            options=ReadOptions(**options),
            quarantine=tmp_path / "bad.jsonl" if quarantine else None,
        )

    return reading


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = Path(__file__).parents[2].parent / "shared"
    if not folder.is_dir():
        pytest.skip("the shared public data is not here")
    return folder
