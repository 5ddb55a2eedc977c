"""Proposes the labels of a raw table: internal, with every category that its columns hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from anping.core.columns import ColumnFinding, Role
from anping.core.labels import Labels, Tier
from anping.know.discover.taxonomy import SemanticType, taxonomy

#: A type found inside at least this share of a free-text column's cells labels the table.
_INSIDE = 0.01
PERSONAL = "personal"


def propose_labels(
    findings: Sequence[ColumnFinding], types: Mapping[str, SemanticType] | None = None
) -> Labels:
    """Return labels for the raw table: tier ``internal`` and its data categories.

    Categories are those of the columns and of what free texts contain, plus ``personal`` when any
    column identifies or describes a person. A raw table never starts below ``internal``. ``types``
    are those that findings can name: the taxonomy, unless there are more.
    """
    types = taxonomy() if types is None else types
    categories = {category for finding in findings for category in finding.categories}
    for finding in findings:
        for code in finding.evidence:
            if code.startswith("contains:"):
                name, share = code.removeprefix("contains:").split("=")
                known = types.get(name)
                if float(share) >= _INSIDE and known is not None and known.role is not Role.NONE:
                    categories.update(known.categories)
                    categories.add(PERSONAL)
    if any(finding.role not in {Role.NONE, Role.FREE_TEXT} for finding in findings):
        categories.add(PERSONAL)
    return Labels(tier=Tier.INTERNAL, categories=frozenset(categories))
