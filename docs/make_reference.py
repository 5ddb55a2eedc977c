"""Write the reference pages from the code: ``python -m docs.make_reference``.

``--check`` writes nothing and exits with 1 if a page differs from what the code says.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from docs.pages import cli, columns, errors, policy, python_names, steps

FOLDER = Path(__file__).parent / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli.render,
    "steps.md": steps.render,
    "errors.md": errors.render,
    "python.md": python_names.render,
    "columns.md": columns.render,
    "policy.md": policy.render,
}


def drifted() -> tuple[str, ...]:
    """Return the pages that differ from what the code says."""
    return tuple(name for name, render in PAGES.items() if _written(name) != render())


def _written(name: str) -> str:
    path = FOLDER / name
    return path.read_text("utf-8") if path.exists() else ""


def main() -> int:
    """Write the pages, or only compare them; return the exit code."""
    if "--check" in sys.argv[1:]:
        for name in (found := drifted()):
            sys.stderr.write(f"docs/reference/{name} differs from the code: run make reference\n")
        return 1 if found else 0
    FOLDER.mkdir(exist_ok=True)
    for name, render in PAGES.items():
        (FOLDER / name).write_text(render(), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
