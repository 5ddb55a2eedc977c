"""Gathers the scans of several tables for one page."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from anping.workspace.step import Inputs, Port

if TYPE_CHECKING:
    from anping.know.scan import Scan

Ports = tuple[Port, ...]


def map_ports(takes: Ports, gives: Ports) -> Callable[[Any], tuple[Ports, Ports]]:
    """Return the ports of a step that also takes the scans of the tables that are named."""

    def ports(given: Any) -> tuple[Ports, Ports]:
        others = () if given is None else given.tables
        scans = tuple(Port(f"scan of {name}", "report", f"{name}.scan") for name in others)
        found = tuple(
            Port(f"findings of {name}", "report", f"{name}.findings", optional=True)
            for name in others
        )
        return (*takes, *scans, *found), gives

    return ports


def scans_of(subject: str, others: Sequence[str], inputs: Inputs) -> dict[str, Scan]:
    """Return the confirmed findings of each table, or else its scan, by the table's name."""
    found = {subject: _read(inputs, "scan", "findings")}
    for name in others:
        found[name] = _read(inputs, f"scan of {name}", f"findings of {name}")
    return found


def _read(inputs: Inputs, scan: str, findings: str) -> Scan:
    from anping.know.scan import Scan

    given = inputs.get(findings) or inputs[scan]
    return Scan.from_json(json.loads(given.path.read_bytes()))
