"""What monitoring takes and gives, known before anything heavy is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from anping.steps.compose.serving_stages import STAGES
from anping.workspace.step import Port

_GIVES = (
    Port("monitoring", "report", "{subject}.monitoring"),
    Port("data", "report", "{subject}.monitoring-data"),
)


def monitoring_ports(given: Any) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return what is taken and given: the model, the rows held out when it was learnt, rows of today.

    Raises ParameterError for a table's name that cannot be one.
    """
    protected = given is not None and given.protected
    named = "{subject}" if given is None else _checked(given.table)
    takes = (
        Port("model", "model", "{subject}.model"),
        Port("learning", "report", "{subject}.learning"),
        Port("reference", "table", "{subject}.protected" if protected else "{subject}"),
        Port("table", "table", named),
        Port("earlier", "report", "{subject}.monitoring-data", optional=True, remembered=True),
    )
    if given is not None and given.pause:
        return (*takes, STAGES), (*_GIVES, STAGES)
    return takes, _GIVES


def rules_files(given: Any) -> tuple[Path, ...]:
    """Return the user's own file of rules, if one is named."""
    return () if given.rules is None else (Path(given.rules),)


def _checked(table: str) -> str:
    from anping.workspace.parameters import check_subject

    check_subject(table.removesuffix(".protected"))
    return table
