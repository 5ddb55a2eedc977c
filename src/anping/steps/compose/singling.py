"""Tells a planner which columns together single people out and are not planned for."""

from __future__ import annotations

import json
from collections.abc import Iterable

from anping.core.text import Text
from anping.workspace.step import Inputs

#: More notes than this are not read.
_NOTES = 3


def open_sets(inputs: Inputs, covered: Iterable[str]) -> tuple[Text, ...]:
    """Return a note for each set of columns of the scan that the covered columns leave standing.

    ``covered`` are the columns that the plan generalises, drops or replaces.
    """
    from anping.know.scan import Scan

    given = inputs.get("findings") or inputs["scan"]
    scan = Scan.from_json(json.loads(given.path.read_bytes()))
    held = set(covered)
    standing = [one for one in scan.sets if not held.intersection(one.columns)]
    return tuple(_note(one.columns, one.share) for one in standing[:_NOTES])


def _note(columns: tuple[str, ...], share: float) -> Text:
    names, change = " × ".join(columns), f"{columns[0]}=quasi_identifier"
    return Text(
        f"{names} 不經處理即可指認 {share:.1%} 的列。若他人可能知道這些值：anping confirm --change {change}",
        f"{names} single out {share:.1%} of the rows as they are. If others may know these values: "
        f"anping confirm --change {change}",
    )
