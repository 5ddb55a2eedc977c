"""Makes ``names_census.yaml``: first and last names of the 1990 census of the United States.

Source: U.S. Census Bureau, "Frequently Occurring Surnames from Census 1990" and its lists of female
and male first names (a work of the United States government, in the public domain), as packed in the
PyPI package ``names`` 0.3.0 (MIT licence). Words that are commoner as words than as names are left
out.

::

    pip install names==0.3.0
    python -m training.names.prepare_census
"""

from __future__ import annotations

from importlib import import_module, resources
from pathlib import Path
from typing import Final

from training.names.sentences import HERE

_DATA = Path(import_module("anping.know.discover.data").__path__[0])
#: So many of the first names and of the last names; the first few of each are the common ones.
_FIRST, _LAST, _COMMON_FIRST, _COMMON_LAST = 2200, 14000, 500, 1000
_SHORTEST: Final = 3
_HEADER = """\
# First and last names: U.S. Census Bureau, 1990 (public domain), as packed in PyPI names 0.3.0 (MIT).
# Made by `python -m training.names.prepare_census`; words that are commoner as words are left out.
"""


def main() -> None:
    """Write the file into the package."""
    words = set((HERE / "words_en.txt").read_text("utf-8").split())
    first = _ranked("dist.female.first", "dist.male.first", leave_out=words)[:_FIRST]
    last = _ranked("dist.all.last", leave_out=words)[:_LAST]
    body = "".join(
        f"{key}: {' '.join(names)}\n"
        for key, names in (
            ("first_common", first[:_COMMON_FIRST]),
            ("first", first[_COMMON_FIRST:]),
            ("last_common", last[:_COMMON_LAST]),
            ("last", last[_COMMON_LAST:]),
        )
    )
    (_DATA / "names_census.yaml").write_text(_HEADER + body, "utf-8")


def _ranked(*files: str, leave_out: set[str]) -> list[str]:
    shares: dict[str, float] = {}
    for file in files:
        for line in resources.files("names").joinpath(file).read_text("utf-8").splitlines():
            name, share, *_ = line.split()
            shares[name] = max(shares.get(name, 0.0), float(share))
    ranked = sorted(shares, key=lambda name: (-shares[name], name))
    return [
        f"'{name.title()}'" if name.lower() in {"yes", "no", "on", "true", "null"} else name.title()
        for name in ranked
        if len(name) >= _SHORTEST and name.lower() not in leave_out
    ]


if __name__ == "__main__":
    main()
