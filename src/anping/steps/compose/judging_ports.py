"""What judging a model takes and gives; nothing heavy is loaded to know it."""

from __future__ import annotations

from typing import Any

from anping.steps.compose.learning_ports import learning_ports
from anping.workspace.parameters import check_subject
from anping.workspace.step import Port

_MODEL = (
    Port("model", "model", "{subject}.model"),
    Port("learning", "report", "{subject}.learning"),
)
_GIVES = (
    Port("judgement", "report", "{subject}.judgement"),
    Port("page", "report", "{subject}.judgement-page"),
)


def judging_ports(given: Any) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return what is taken and given: the model, its learning report, and the table of the rows.

    The rows held out are of the table that was learnt from; who withdrew is left out, of a protected
    table by way of the raw one and the links. Raises ParameterError for a table's name that cannot be
    one.
    """
    if given is None or given.table is None:
        return (*_MODEL, *learning_ports(given)[0]), _GIVES
    check_subject(given.table.removesuffix(".protected"))
    return (*_MODEL, Port("table", "table", given.table)), _GIVES
