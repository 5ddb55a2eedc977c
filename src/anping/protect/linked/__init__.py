"""Several tables about the same people: ``protect_linked`` protects them together, in memory or in files."""

from anping.protect.linked.alone import LinkedOptions
from anping.protect.linked.keys import keyed
from anping.protect.linked.plan_file import LinkedPlan, parse_linked_plan, read_linked_plan
from anping.protect.linked.protect import (
    Linked,
    LinkedFiles,
    protect_linked,
    protect_linked_into,
)

__all__ = [
    "Linked",
    "LinkedFiles",
    "LinkedOptions",
    "LinkedPlan",
    "keyed",
    "parse_linked_plan",
    "protect_linked",
    "protect_linked_into",
    "read_linked_plan",
]
