"""What judging a model takes and gives; nothing heavy is loaded to know it."""

from __future__ import annotations

from typing import Any

from anping.workspace.parameters import check_subject
from anping.workspace.step import Port

_MODEL = (
    Port("model", "model", "{subject}.model"),
    Port("learning", "report", "{subject}.learning"),
)
_CONSENT = Port("consent", "report", "{subject}.consent", optional=True)
_RAW = (
    Port("raw", "table", "{subject}", optional=True),
    Port("links", "table", "{subject}.links", optional=True),
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
    if given is None or (given.table is None and not given.protected):
        return (*_MODEL, Port("table", "table", "{subject}"), _CONSENT), _GIVES
    if given.table is None:
        table = Port("table", "table", "{subject}.protected")
        return (*_MODEL, table, _CONSENT, *_RAW), _GIVES
    check_subject(given.table.removesuffix(".protected"))
    return (*_MODEL, Port("table", "table", given.table)), _GIVES
